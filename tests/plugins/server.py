"""The product as processes of their own: web servers and workers, started, watched and killed by their id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infrastructure.settings import Settings
from tests.plugins.house import KEYS, ROOT, Mailbox, Postgresql, Sqlite, free_port, settings_for


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment by which a process reads these very settings."""
    said = {
        f"FRONTDOOR_{name.upper()}": str(value)
        for name, value in settings.model_dump().items()
        if value is not None and not hasattr(value, "get_secret_value")
    }
    secret = {"secret_key": "s" * 48, "hash_key": "h" * 48, "sendiass_hash_key": "w" * 48, **KEYS}
    secret["mailboxes"] = settings.mailboxes.get_secret_value()
    said.update({f"FRONTDOOR_{name.upper()}": value for name, value in secret.items()})
    return {**os.environ, **said, "FLASK_APP": "app:create_app()"}


class Process:
    """One process of the product."""

    def __init__(self, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as out:
            self.popen = subprocess.Popen(
                arguments, cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True
            )

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL to it and its children."""
        if self.popen.poll() is None:
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
        self.popen.wait()


class Installation:
    """A database of its own, and the processes that serve it."""

    def __init__(self, url: str, folder: Path, smtp_port: int) -> None:
        self.url, self.folder, self.smtp_port = url, folder, smtp_port
        self.port = free_port()
        self.processes: list[Process] = []

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def settings(self, **changes: Any) -> Settings:
        """Return the settings of every process of this installation, with changes for one."""
        return settings_for(self.url, self.folder, self.smtp_port, public_url=self.address, **changes)

    def web(self, *, workers: int = 2, **changes: Any) -> Process:
        """Start gunicorn as it is documented, and wait for its first page."""
        arguments = [
            sys.executable, "-m", "gunicorn", "-c", "infrastructure/web/serving.py", "-b", f"127.0.0.1:{self.port}",
            "-w", str(workers), "--log-level", "error", "app:create_app()",
        ]  # fmt: skip
        process = self._start(arguments, changes)
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.address}/", timeout=5).close()
                return process
            except urllib.error.HTTPError:
                return process
            except OSError:
                if process.popen.poll() is not None:
                    break
                time.sleep(0.1)
        raise RuntimeError(f"the web server did not start:\n{process.log.read_text()}")

    def worker(self, **changes: Any) -> Process:
        """Start the worker as a process of its own."""
        return self._start([sys.executable, "-m", "flask", "worker"], changes)

    def _start(self, arguments: list[str], changes: dict[str, Any]) -> Process:
        log = self.folder / f"process{len(self.processes)}.log"
        process = Process(arguments, environment_of(self.settings(**changes)), log)
        self.processes.append(process)
        return process

    def logs(self) -> str:
        """Return all that every process has written."""
        return "\n".join(process.log.read_text() for process in self.processes)


@pytest.fixture
def installation(
    database: Sqlite | Postgresql, tmp_path: Path, smtp: tuple[Mailbox, int], mailbox: Mailbox, carrier: Any
) -> Iterator[Installation]:
    """A fresh installation; whatever it started is stopped by its own id."""
    made = Installation(database.fresh("installation"), tmp_path, smtp[1])
    yield made
    for process in made.processes:
        process.stop()


@pytest.fixture
def inside(installation: Installation) -> Callable[[], Any]:
    """Return a function that opens the installation's database from the test, as its own application would."""
    from app import create_app

    return lambda: create_app(installation.settings(failpoint="")).app_context()
