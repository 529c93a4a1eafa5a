"""What every test may use. Fixtures live in tests/plugins/, one subject a file."""

import os

from hypothesis import HealthCheck, settings

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
# A busy machine is no fault of the code: neither what takes long there nor what is drawn slowly.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", PATIENT, derandomize=True)
settings.register_profile("full", PATIENT, max_examples=1000)
settings.load_profile("full" if os.environ.get("EFFORT") == "full" else "quick")
