"""`make run` as a person meets it: killed half way, started again, started twice, stopped."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from demonstration.__main__ import announcement
from demonstration.people import STAFF
from demonstration.places import Places
from demonstration.running import StartRefusedError, refuse_taken_port
from demonstration.smtp import free_port
from tests.plugins.house import ROOT

LONG = 240.0  # how long a busy machine may take for what takes seconds


class Run:
    """A `make run` of our own, in a folder of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.places, self.port, self.folder = Places(folder / "instance"), port, folder
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, name: str = "run", *words: str) -> subprocess.Popen[bytes]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("FRONTDOOR_")}
        environment = {
            **clean,
            "PORT": str(self.port),
            "FRONTDOOR_INSTANCE_DIR": str(self.places.root),
            "FRONTDOOR_DATABASE_URL": "sqlite:////nowhere/of/somebody/else.sqlite",  # as a shell may have it
            "FRONTDOOR_ARGON2_MEMORY_KIB": "8",
        }
        with (self.folder / f"{name}.txt").open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "demonstration", *words], cwd=ROOT, env=environment, stdout=said, stderr=said
            )
        self.processes.append(process)
        return process

    def said(self, name: str = "run") -> str:
        return (self.folder / f"{name}.txt").read_text()

    def answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/demo/sign-ins")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def wait(self, what: str, is_so: object) -> None:
        until = time.monotonic() + LONG
        while not is_so():  # type: ignore[operator]
            assert time.monotonic() < until, f"waited in vain: {what}\n{self.said()}"
            time.sleep(0.05)

    def requests(self) -> set[str]:
        with sqlite3.connect(self.places.database) as connection:
            found = {row[0] for row in connection.execute("SELECT reference FROM service_request")}
        connection.close()
        return found


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    one = Run(tmp_path, free_port())
    yield one
    for process in one.processes:
        if process.poll() is None:
            process.terminate()
            process.wait(LONG)


@pytest.mark.fault
def test_a_start_that_was_killed_is_made_good_and_a_second_one_changes_nothing(run: Run) -> None:
    killed = run.start()
    run.wait("a half-made database", lambda: (run.places.making / "frontdoor.sqlite").exists())
    killed.send_signal(signal.SIGKILL)
    killed.wait(LONG)
    assert not run.places.database.exists()

    first = run.start("first")
    run.wait("the first page", run.answers)
    made = run.requests()
    assert len(made) >= 40
    run.wait("the announcement", lambda: "Stop with Ctrl+C" in run.said("first"))
    for person in STAFF:
        assert person.password in run.said("first")

    rival = run.start("rival")
    assert rival.wait(LONG) == 1
    assert "already runs from this folder" in run.said("rival")
    assert first.poll() is None

    first.terminate()
    assert first.wait(LONG) == 0
    assert not run.answers()
    refuse_taken_port(run.port)

    run.start("second")
    run.wait("the first page again", run.answers)
    assert run.requests() == made
    assert "Making" not in run.said("second")

    assert run.start("trail", "trail", "verify").wait(LONG) == 0, run.said("trail")
    assert "nothing was altered" in run.said("trail")


@pytest.mark.fault
def test_a_command_before_the_first_run_says_what_to_do(run: Run) -> None:
    assert run.start("early", "trail", "verify").wait(LONG) == 1
    assert "There is no demonstration yet. Make it first: make run" in run.said("early")
    assert not run.places.database.exists()


@pytest.mark.fault
def test_nothing_is_left_running_when_it_is_killed(run: Run) -> None:
    run.places.root.mkdir(parents=True)
    sqlite3.connect(run.places.database).close()  # an empty database: migrated, and not seeded
    process = run.start()
    run.wait("the first page", run.answers)
    process.send_signal(signal.SIGKILL)
    process.wait(LONG)
    run.wait("the port to be free", lambda: not run.answers())
    assert run.requests() == set()


def test_a_taken_port_is_named_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartRefusedError, match=f"Port {port} is taken.*make run PORT={port + 1}"):
            refuse_taken_port(port)


@pytest.mark.parametrize("typed", ["eight", "0", "70000", "-1", "80 80"])
def test_a_port_that_is_none_is_refused_in_plain_words(typed: str) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "demonstration"],
        cwd=ROOT, env={**os.environ, "PORT": typed}, capture_output=True, text=True, timeout=LONG, check=False,
    )  # fmt: skip
    assert process.returncode == 2
    assert "Give a number from 1 to 65535" in process.stderr
    assert "Traceback" not in process.stderr


def test_the_announcement_names_everybody_and_every_door() -> None:
    said = announcement("http://127.0.0.1:8000")
    assert all(f"{person.email}" in said and person.password in said and person.does in said for person in STAFF)
    assert all(f"http://127.0.0.1:8000{path}" in said for path in ("/", "/staff/", "/demo"))


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (["frontdoor.sqlite"], "The keys of this demonstration are gone"),
        (["secrets.json", "known-database.json"], "The database of this demonstration is gone"),
    ],
    ids=["keys", "database"],
)
def test_keys_without_their_database_or_the_other_way_round_are_refused_and_nothing_is_made(
    run: Run, there: list[str], words: str
) -> None:
    run.places.root.mkdir(parents=True)
    for name in there:
        (run.places.root / name).write_text("{}")
    for name, command in (("run", []), ("command", ["trail", "verify"])):
        if name == "command" and not run.places.database.exists():
            continue
        assert run.start(name, *command).wait(LONG) == 1
        assert words in run.said(name) and "begin anew: make fresh" in run.said(name)
        assert "Traceback" not in run.said(name)
    left = {path.name for path in run.places.root.iterdir()} - {"run.lock"}
    assert left == set(there)
