"""Web processes are copies of one that has loaded everything: what a copy must not share is not there."""

from __future__ import annotations

import os
import signal
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plugins.server import Installation


def children(process: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def open_in(process: int) -> list[str]:
    """Return what a process has open."""
    return [str(one.readlink()) for one in Path(f"/proc/{process}/fd").iterdir() if one.is_symlink()]


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.storage
@pytest.mark.fault
def test_a_web_process_begins_with_no_connection_and_no_thread_of_another_and_one_that_dies_is_replaced(
    installation: Installation,
) -> None:
    main = installation.web(workers=2).popen.pid
    until(lambda: len(children(main)) == 2)
    assert len(list(Path(f"/proc/{main}/task").iterdir())) == 1
    held = open_in(main)
    assert len({one for one in held if one.startswith("socket:")}) == 1, held  # the one it listens on
    assert not [one for one in held if one.endswith((".sqlite", ".sqlite-wal", ".sqlite-shm"))], held
    first = children(main)[0]
    os.kill(first, signal.SIGKILL)
    until(lambda: len(children(main)) == 2 and first not in children(main))
    for _ in range(8):
        assert urllib.request.urlopen(f"{installation.address}/", timeout=10).status == 200
