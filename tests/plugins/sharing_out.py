"""How a run is shared out among processes: what is told once stays together, and what takes longest begins first."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

# None of these may be what a run ends with, while the other processes have nothing left to do.
FIRST = (
    "tests/browser/test_every_page_is_accessible.py",
    "tests/demonstration",
    "tests/faults/",
    "tests/infrastructure/test_keys.py",
    "tests/infrastructure/inbox/",
    "tests/lifecycle/",
    "tests/test_canary.py",
    "tests/browser/",
    "tests/architecture/test_matrix.py",
    "tests/wall/",
    "tests/architecture/test_headers.py",
    "tests/architecture/test_routes.py",
    "tests/test_secrets_of_people.py",
    "tests/test_hostile_text.py",
)
TOLD_ONCE = ("tests/demonstration",)  # one year of Westmarch for all of its files
ALONE = ("tests/faults/",)  # each test has an installation of its own, and mostly waits for it


def unit_of(test: str) -> str:
    """Name what a test is given out with: its file, as a rule, whose fixtures are then made once."""
    file = test.split("::", 1)[0]
    if file.startswith(ALONE):
        return test
    return next((folder for folder in TOLD_ONCE if file.startswith(folder)), file)


def place_of(unit: str) -> int:
    """Tell how early a unit begins; all that is not named keeps the order it was shuffled into."""
    return next((place for place, start in enumerate(FIRST) if unit.startswith(start)), len(FIRST))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Look for no garbage among the tests while they are found: they stay to the end, and so does what they import."""
    gc.disable()
    found = yield
    gc.freeze()
    gc.enable()
    return found


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put what takes longest first where processes share a run."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: place_of(unit_of(item.nodeid)))


class LongestFirst(LoadFileScheduling):
    """Gives out whole units in the order in which they stand."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LongestFirst | None:
    """Share out by units where files are to stay whole."""
    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # by how many tests a unit holds, which says little of how long it takes
    return LongestFirst(config, log)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Run one process more than there are cores: many tests wait for a process, a lease or a server of theirs."""
    return (os.cpu_count() or 1) + 1
