"""A worker that dies at any point while a mailbox is read, and a pipe that is cut: no mail is lost, and none kept twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from infrastructure.database import Wall, db
from infrastructure.house import House
from infrastructure.mailboxes import Mailbox
from infrastructure.settings import Settings
from service_request.channels.email import intake
from service_request.models import Arrival, MailLook
from tests.faults.test_nothing_is_lost import close
from tests.infrastructure.inbox.test_imap import mail
from tests.plugins.house import ROOT
from tests.plugins.imap_script import ImapScript
from tests.plugins.server import Installation, environment_of

pytestmark = pytest.mark.fault
Inside = Callable[[], AbstractContextManager[Any]]
POINTS = ["mail_fetched", "before_keep_commit", "after_keep_commit", "before_look_commit", "after_look_commit", ""]
# One start of the product, and a child of it for each point; between them the leases of the dead are over.
FETCH = (
    f"POINTS = {POINTS!r}"
    + """
import os
from app import create_app
from infrastructure.database import db, utc_now
from infrastructure.database.transaction import arm
from infrastructure.settings import read_settings
from service_request.models import MailLook

app = create_app(read_settings())

def fetch(point):
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(MailLook.__table__.update().values(lease_until=None, next_at=utc_now()))
        arm(f"{point}:exit9" if point else "")
        job = app.extensions["worker"].jobs["fetch_mail"]
        for row_id in job.list_due(db.session(), utc_now()):
            job.run(db.session(), row_id)

for point in POINTS:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            fetch(point)
            code = 0
        finally:
            os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
)
HELP = Mailbox(address="help@westmarch.example", pathway="desk")
ADVICE = Mailbox(address="advice@westmarch-sendiass.example", pathway="sendiass")
WORDS = mail("Tadhg Corrigan hits me")
AS_DOCUMENTED = "flask intake email --mailbox help@westmarch.example || exit 75"


def setting_of(*boxes: Mailbox) -> str:
    return json.dumps([box.model_dump(mode="json") | {"password": box.password.get_secret_value()} for box in boxes])


def run(arguments: list[str], settings: Settings, given: bytes = b"", **changes: str) -> tuple[int, str]:
    """Run a process of the product to its end; return its exit code and what it said."""
    environment = environment_of(settings) | changes
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(arguments, cwd=ROOT, env=environment, input=given, capture_output=True, timeout=60)
    return done.returncode, (done.stdout + done.stderr).decode()


def kept(inside: Inside) -> list[bytes]:
    with inside():
        found = [row.raw or b"" for row in db.session.scalars(select(Arrival))]
        close()
    return sorted(found)


@pytest.mark.storage
@pytest.mark.rule("EV-1")
@pytest.mark.rule("EV-3")
@pytest.mark.threat("F29")
def test_a_worker_that_dies_at_any_point_of_a_fetch_loses_no_mail_and_keeps_none_twice(
    installation: Installation, inside: Inside, imap: ImapScript
) -> None:
    raws = [mail("a"), mail("b", 5_000), mail("c")]
    for raw in raws:
        imap.put(raw)
    settings = installation.settings(mailboxes=setting_of(imap.box(done_folder="Done")))
    code, said = run([sys.executable, "-c", FETCH], settings)
    assert (code, said.split()) == (0, ["-9"] * 5 + ["0"]), said
    assert kept(inside) == sorted(raws)
    assert (imap.raws(), imap.raws("Done")) == ([], raws)
    with inside():
        row = db.session.scalars(select(MailLook)).one()
        assert (row.last_uid, row.error, row.fence) == (3, None, len(POINTS))
        close()


@pytest.mark.rule("EV-1")
@pytest.mark.rule("EV-3")
@pytest.mark.threat("F29")
def test_a_pipe_that_dies_is_tried_again_and_its_mail_kept_once(installation: Installation, inside: Inside) -> None:
    command = [sys.executable, "-m", "flask", "intake", "email"]
    codes = []
    for point in ("before_keep_commit:exit9", "after_keep_commit:exit9", ""):
        settings = installation.settings(mailboxes=setting_of(HELP), failpoint=point)
        codes.append(run(command, settings, WORDS))
    assert codes == [(-9, ""), (-9, ""), (0, "")]
    assert kept(inside) == [WORDS]


@pytest.fixture
def pipe(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Hand a mail to the command, with these mailboxes; return its exit code and all that it said."""

    def hand(raw: bytes, *arguments: str, boxes: tuple[Mailbox, ...] = (HELP,)) -> tuple[int, str]:
        house: House = app.extensions["house"]
        settings = house.settings.model_copy(update={"mailboxes": SecretStr(setting_of(*boxes))})
        monkeypatch.setitem(app.extensions, "house", replace(house, settings=settings))
        done = app.test_cli_runner().invoke(args=["intake", "email", *arguments], input=raw)
        return done.exit_code, done.output

    return hand


def test_a_mail_by_a_pipe_stands_in_the_mailbox_that_was_named(
    pipe: Callable[..., tuple[int, str]], session: Session
) -> None:
    assert pipe(WORDS) == (0, "")  # with one mailbox it needs no name
    assert pipe(WORDS, "--mailbox", "Advice@westmarch-sendiass.example", boxes=(HELP, ADVICE)) == (0, "")
    found = session.execute(select(Arrival.endpoint, Arrival.wall).order_by(Arrival.id)).all()
    assert [tuple(row) for row in found] == [(HELP.address, Wall.OPEN), (ADVICE.address, Wall.SENDIASS)]


@pytest.mark.rule("EV-1")
@pytest.mark.rule("SE-5")
def test_what_is_not_kept_is_asked_for_again_and_no_word_of_it_is_said(
    pipe: Callable[..., tuple[int, str]], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise OperationalError("INSERT", {"raw": WORDS}, RuntimeError(WORDS.decode()))

    said = [
        pipe(WORDS, boxes=(HELP, ADVICE)),  # whose it is decides the wall: nobody guesses
        pipe(WORDS, "--mailbox", "other@westmarch.example"),
        pipe(WORDS, boxes=()),
        pipe(b""),
        pipe(b"\r\n"),
    ]
    monkeypatch.setattr(intake, "LARGEST_MAIL", 20)
    said.append(pipe(WORDS))
    monkeypatch.undo()
    monkeypatch.setattr(intake, "keep_mail", away)
    said.append(pipe(WORDS))
    assert [code for code, _ in said] == [75] * len(said)
    assert not [words for _, words in said if "Corrigan" in words or "INSERT" in words or "Traceback" in words]
    assert session.scalars(select(Arrival)).all() == []


@pytest.mark.rule("EV-1")
@pytest.mark.parametrize(
    "changes",
    [
        {"FRONTDOOR_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/nothing"},
        {"FRONTDOOR_SECRET_KEY": ""},  # it does not even start
    ],
)
def test_a_product_that_cannot_start_asks_for_the_mail_again(
    installation: Installation, changes: dict[str, str]
) -> None:
    settings = installation.settings(mailboxes=setting_of(HELP))
    code, said = run(["sh", "-c", AS_DOCUMENTED], settings, WORDS, **changes)
    assert (code, "Corrigan" in said) == (75, False), said


def test_the_line_for_a_mail_server_is_the_one_that_is_documented() -> None:
    assert (
        AS_DOCUMENTED.replace("help@westmarch.example", "help@council.example")
        in (ROOT / "docs" / "operating.md").read_text()
    )
