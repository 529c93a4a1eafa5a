"""What the product stands beside: a real clamd with a database of one signature, and a real store that speaks S3."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.made_files import EICAR
from tests.plugins.house import free_port

S3_USER, S3_PASSWORD, BUCKET = "front-door", "a-made-up-secret-key", "files"


class Clamd:
    """Debian's clamd on a socket of its own; it knows the test signature and nothing else, and fetches nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.socket = folder, folder / "clamd.sock"
        signatures = folder / "signatures"
        signatures.mkdir()
        (signatures / "test.ndb").write_text(f"Test.Signature:0:0:{EICAR.hex()}\n")
        self.settings = folder / "clamd.conf"
        self.settings.write_text(
            f"DatabaseDirectory {signatures}\nLocalSocket {self.socket}\nForeground yes\nLogFile {folder / 'clamd.log'}\n"
            "StreamMaxLength 30M\nMaxThreads 2\n"
        )
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"unix:{self.socket}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        program = shutil.which("clamd", path="/usr/sbin:/usr/bin:/usr/local/sbin")
        if program is None:
            pytest.skip("no clamd here: make scanner installs it")
        self.process = subprocess.Popen(
            [program, "--config-file", str(self.settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with socket.socket(socket.AF_UNIX) as line:
                    line.connect(str(self.socket))
                    line.sendall(b"zPING\0")
                    if line.recv(10) == b"PONG\0":
                        return
            except OSError:
                assert self.process.poll() is None, (self.folder / "clamd.log").read_text()
                time.sleep(0.1)
        raise RuntimeError("clamd did not answer")

    def stop(self) -> None:
        """End it; the socket is gone with it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.socket.unlink(missing_ok=True)


class S3:
    """rclone's own S3 server over a folder, on loopback."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        (folder / BUCKET).mkdir()
        self.process: subprocess.Popen[bytes] | None = None

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Return the settings by which the product finds it."""
        return {
            "files_bucket": BUCKET,
            "files_endpoint": f"http://127.0.0.1:{self.port}",
            "files_access_key": S3_USER,
            "files_secret_key": S3_PASSWORD,
            **changes,
        }

    def start(self) -> None:
        """Start it, and wait until it answers."""
        program = Path(sysconfig.get_path("scripts")) / "rclone"
        arguments = ["serve", "s3", "--config", "/dev/null", "--addr", f"127.0.0.1:{self.port}"]
        arguments += ["--auth-key", f"{S3_USER},{S3_PASSWORD}", "--vfs-cache-mode", "off", str(self.folder)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([str(program), *arguments], stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self.process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.1)
        raise RuntimeError("the S3 server did not answer")

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="session")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clamd]:
    """A real scanner, for the whole run."""
    made = Clamd(tmp_path_factory.mktemp("clamd"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """A real S3 store, for the whole run."""
    made = S3(tmp_path_factory.mktemp("s3"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def s3_that_fails(tmp_path: Path) -> Iterator[Callable[[], S3]]:
    """A real S3 store that the test may stop."""
    started: list[S3] = []

    def make() -> S3:
        folder = tmp_path / f"s3-{len(started)}"
        folder.mkdir()
        started.append(S3(folder))
        started[-1].start()
        return started[-1]

    yield make
    for one in started:
        one.stop()
