"""What every test may use. Fixtures live in tests/plugins/, one subject a file."""

import os

from hypothesis import settings

pytest_plugins = [
    "tests.plugins.honesty",
    "tests.plugins.house",
    "tests.plugins.carrier",
    "tests.plugins.imap_script",
    "tests.plugins.imap_servers",
    "tests.plugins.outside",
    "tests.plugins.server",
    "tests.plugins.sharing_out",
]

# A gate says the same of the same code twice: it draws the same examples each time. EFFORT=full looks for new ones.
settings.register_profile("quick", derandomize=True, deadline=None)  # a busy machine is no fault of the code
settings.register_profile("full", max_examples=1000, deadline=None)
settings.load_profile("full" if os.environ.get("EFFORT") == "full" else "quick")
