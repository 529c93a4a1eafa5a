"""Run the demonstration: its mail server here, its making and its web server as processes of their own."""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import socket
import subprocess  # nosec B404: it starts our own children
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType

from demonstration.carrier.server import Carrier, start_carrier
from demonstration.imap import MailServer, MailStore
from demonstration.places import ANCHORS, CARRIER, DATABASE, MAIL, MAILBOXES, Places
from demonstration.smtp import MailKeeper, free_port, start_mail_server
from demonstration.westmarch import SETTINGS, mailboxes
from infrastructure.database.key_check import MARKER
from infrastructure.mailboxes import read_mailboxes
from infrastructure.settings import SECRETS_FILE, secrets_of

ROOT = Path(__file__).resolve().parent.parent
NOBODY = 9  # a command sends nothing: what it owes, the worker of the running demonstration sends
LONGEST_START, LONGEST_STOP = 60.0, 10.0


class StartRefusedError(Exception):
    """The demonstration cannot start; the words say what to do."""


class Demonstration:
    """What one `make run` starts, and stops again."""

    def __init__(self, root: Path, port: int) -> None:
        self.places, self.port = Places(root), port
        self.smtp_port = self.carrier_port = NOBODY
        self.mailboxes, self.imap_port, self.imap_password = mailboxes(), NOBODY, ""
        self.stopping = threading.Event()
        self.child: subprocess.Popen[bytes] | None = None
        self.told = 0

    @property
    def address(self) -> str:
        """Return where people reach it."""
        return f"http://127.0.0.1:{self.port}"

    def listen_to_signals(self) -> None:
        """Stop what is under way when we are told to, and pass it on."""

        def stop(number: int, frame: FrameType | None) -> None:
            self.stopping.set()
            self._tell_child()

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, stop)

    def run(self, announce: str) -> int:
        """Make it if there is none, serve it until told to stop, and leave nothing running; return the exit code."""
        self.places.root.mkdir(parents=True, exist_ok=True)
        refuse_torn(self.places)
        with (self.places.root / "run.lock").open("a+") as lock:
            self._be_the_only_one(lock.fileno())
            refuse_taken_port(self.port)
            imap = self._start_imap()
            keeper = MailKeeper(self.places.mail, imap.store)
            mail_server = start_mail_server(keeper)
            carrier = self._start_carrier()
            self.smtp_port, self.carrier_port = mail_server.port, carrier.port
            try:
                self._prepare(keeper, carrier)
                if self.stopping.is_set():
                    return 0
                return self._serve(announce)
            finally:
                self._end_child()
                mail_server.stop()
                imap.stop()
                carrier.stop()

    def command(self, words: list[str]) -> int:
        """Run one of the product's own commands on this demonstration, running or not; return its exit code."""
        if not self.places.database.exists():
            raise StartRefusedError("There is no demonstration yet. Make it first: make run")
        refuse_torn(self.places)
        environment = self._environment(self.places.root)
        return subprocess.run(  # nosec B603: our own commands, typed by whoever started us
            [sys.executable, "-m", "flask", "--app", "app", *words], cwd=ROOT, env=environment, check=False
        ).returncode

    def _be_the_only_one(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StartRefusedError(
                "The demonstration already runs from this folder. Use that one, or stop it first with Ctrl+C."
            ) from None

    def _start_imap(self) -> MailServer:
        """Start the server of our mailboxes, with a password for this run alone."""
        for tries_left in (2, 1, 0):
            port = free_port()
            self.imap_port, self.imap_password = port, secrets.token_urlsafe(24)
            boxes = read_mailboxes(mailboxes(port, self.imap_password))
            try:
                return MailServer(MailStore(self.places.root / MAILBOXES, boxes), port)
            except OSError:  # somebody took the port in between
                if not tries_left:
                    raise
        raise AssertionError("unreachable")

    def _start_carrier(self) -> Carrier:
        return start_carrier(
            self.places.root / CARRIER,
            account_sid=SETTINGS["twilio_account_sid"],
            token=secrets_of(self.places.root)["twilio_auth_token"],
            public_url=self.address,
        )

    def _prepare(self, keeper: MailKeeper, carrier: Carrier) -> None:
        if not self.places.begin():
            self._finish_child("migrate", self._environment(self.places.root))
            return
        with carrier.account.changing():
            carrier.account.clear()  # what it had was of a demonstration that is gone
        print(
            "Making the demonstration: a county, its teams, fifty requests. It takes about 20 seconds.",
            flush=True,
        )
        keeper.folder = self.places.making / MAIL
        self._finish_child("make", self._environment(self.places.making))
        keeper.folder = self.places.mail
        if not self.stopping.is_set():
            self.places.finish()

    def _finish_child(self, command: str, environment: dict[str, str]) -> None:
        child = self._start([sys.executable, "-m", "flask", "--app", "app", "demonstration", command], environment)
        code = child.wait()
        if code and not self.stopping.is_set():
            raise StartRefusedError(f"The demonstration could not be made ready: its {command} ended with code {code}.")

    def _serve(self, announce: str) -> int:
        self.mailboxes = mailboxes(self.imap_port, self.imap_password)  # from now on they are read
        environment = self._environment(self.places.root)
        conf = str(ROOT / "demonstration" / "gunicorn_conf.py")
        child = self._start(
            [sys.executable, "-m", "gunicorn", "--no-control-socket", "-c", conf, "app:create_app()"], environment
        )
        if self._answers():
            print(announce, flush=True)
        while not self.stopping.wait(0.2):
            if child.poll() is not None:
                raise StartRefusedError(f"The web server ended by itself, with code {child.returncode}.")
        return 0

    def _answers(self) -> bool:
        """Wait for the first page; False when the web server ended or we were told to stop before it came."""
        until = time.monotonic() + LONGEST_START
        while time.monotonic() < until and not self.stopping.is_set():
            if self.child is None or self.child.poll() is not None:
                return False
            connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/")
                connection.getresponse()
                return True
            except (OSError, HTTPException):
                time.sleep(0.1)
            finally:
                connection.close()
        return not self.stopping.is_set()

    def _start(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        self.child = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)  # nosec B603
        if self.stopping.is_set():  # told to stop before there was anybody to tell
            self._tell_child()
        return self.child

    def _tell_child(self) -> None:
        """Ask the child to stop, once: a second asking would make it hurry, or begin again."""
        if self.child is not None and self.child.poll() is None and self.told != self.child.pid:
            self.told = self.child.pid
            self.child.terminate()

    def _end_child(self) -> None:
        self._tell_child()
        if self.child is None or self.child.poll() is not None:
            return
        try:
            self.child.wait(LONGEST_STOP)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def _environment(self, folder: Path) -> dict[str, str]:
        """Return what the children read. All that reaches outside is ours, whatever stands in the caller's shell."""
        folder = folder.resolve()
        ours = {
            **SETTINGS,
            **secrets_of(self.places.root),
            "demonstration": "true",
            "public_url": self.address,
            "database_url": f"sqlite:///{folder / DATABASE}",
            "jobs_url": str(folder / "jobs.sqlite"),
            "instance_dir": str(folder),
            "anchor_file": str(folder / ANCHORS),
            "mailboxes": self.mailboxes,
            "smtp_host": "127.0.0.1",
            "smtp_port": str(self.smtp_port),
            "smtp_user": "",
            "smtp_password": "",  # nosec B105
            "smtp_starttls": "false",
            "twilio_api_base": f"http://127.0.0.1:{self.carrier_port}",
            "worker_in_web": "true",
            "trusted_proxies": "0",
        }
        names = {f"FRONTDOOR_{name.upper()}": value for name, value in ours.items()}
        return {"FRONTDOOR_LOG_LEVEL": "WARNING", **os.environ, **names, "PORT": str(self.port)}


def refuse_torn(places: Places) -> None:
    """Raise StartRefusedError where the database is there without its keys, or the keys without their database."""
    has_keys = (places.root / SECRETS_FILE).exists()
    has_database = (
        places.database.exists() and places.database.stat().st_size > 0
    )  # an empty file holds nothing to read
    if has_database and not has_keys:
        raise StartRefusedError(
            f"The keys of this demonstration are gone: {places.root / SECRETS_FILE} is not there, and without it "
            f"nobody can read {places.database}. Put the file back. Or forget this demonstration and begin anew: make "
            "fresh"
        )
    if (places.root / MARKER).exists() and not has_database and not places.made.exists():
        raise StartRefusedError(
            f"The database of this demonstration is gone: {places.database} was there when it last ran. Put the file "
            "back. Or forget this demonstration and begin anew: make fresh"
        )


def refuse_taken_port(port: int) -> None:
    """Raise StartRefusedError, saying what to do, when somebody else listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise StartRefusedError(
                f"Port {port} is taken by another program. Stop that one, or choose another: make run PORT={port + 1}"
            ) from None
