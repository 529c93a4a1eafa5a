"""A thousand requests on both sides of the wall, every field marked: no mark comes out where it may not (SE-5, EV-6).

`EFFORT=full` makes a thousand; a quick run a hundred. Each mark is a word that nobody else says, and is known by the
request it was typed in, so that a page is held to account for whose words it shows.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from helpdesk.services.handing_over import hand_over
from infrastructure.house import House
from infrastructure.identity.models import Role, TeamKind
from infrastructure.identity.users import User
from service_request.asking.steps import FormContext
from service_request.models import ServiceRequest
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.forms import PlacedStep
from service_request.pathways.social_care.questions_call import CallForm
from service_request.services.drafts import start_draft
from service_request.services.log_call import log_call
from service_request.services.send_form import answers_digest, send_form
from tests.factories import NOW, County, make_county, make_team, make_user
from tests.helpdesk.web.walking import Staff, _forget
from tests.listening import logged
from tests.marking import Marks, fill, fill_page
from tests.plugins.house import Mailbox
from tests.test_secrets_of_people import dump
from tests.wall.inside import keep_file, make_adviser

FULL = os.environ.get("EFFORT") == "full"
REQUESTS, PAGES, TRIED = (1000, 600, 60) if FULL else (100, 80, 4)
CONTEXT = FormContext(today=NOW.date(), areas=(("teasel_vale", "Teasel Vale"), ("aldermoor", "Aldermoor")))
# A word that stands alone: in ciphertext, written in letters and figures, no letters stand between other signs.
MARK = re.compile(r"(?<![\w-])zq[a-z]{4}x(?![\w=-])", re.IGNORECASE | re.ASCII)
OUTSIDE = ("/static/", "/demo")  # the demo desk plays the world outside: the mailboxes of those who asked
LINK = re.compile(r'href="(/[^"#]*)')
WAYS: tuple[tuple[FormKind | None, dict[str, str]], ...] = (
    (FormKind.FULL, {"told": "yes", "birth": "born", "urgency": "routine"}),
    (FormKind.PUBLIC_FAMILY, {"safe": "yes"}),
    (None, {"caller": "parent", "safe": "yes", "urgency": "routine"}),
    (FormKind.FULL, {"told": "risk", "birth": "born", "urgency": "urgent"}),
    (FormKind.PUBLIC_WORRIED, {"safe": "no"}),
    (FormKind.IN_PRINCIPLE, {"told": "in_principle", "urgency": "routine", "area": "aldermoor"}),
    (None, {"caller": "parent", "safe": "", "urgency": "routine"}),
    (FormKind.PUBLIC_CHILD, {}),
)


@dataclass
class Told:
    """What was put in, and all that came out."""

    owner: dict[str, UUID] = field(default_factory=dict)  # the mark, in small letters, and the request it is of
    area: dict[UUID, UUID | None] = field(default_factory=dict)
    inside: set[UUID] = field(default_factory=set)
    shown: dict[str, dict[UUID, str]] = field(default_factory=dict)  # by role: the requests shown, and on which page
    pages: dict[str, int] = field(default_factory=dict)
    headers: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    uncached: list[str] = field(default_factory=list)  # pages of staff that a browser might keep
    mails: list[tuple[str, str]] = field(default_factory=list)  # to whom, and the rest
    log: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    raw: bytes = b""
    left: dict[str, bytes] = field(default_factory=dict)  # files on disk: store, jobs, temporary

    def of(self, text: str) -> set[UUID]:
        """Return the requests whose marks a text says."""
        return {self.owner[mark] for mark in set(MARK.findall(text.casefold())) if mark in self.owner}


_TOLD: dict[str, Told] = {}


@pytest.fixture
def told(
    app: Flask,
    database: Any,
    session: Session,
    house: House,
    mailbox: Mailbox,
    work: Callable[[], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Told:
    """Put it all in once on each database, and look everywhere."""
    if database.name not in _TOLD:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        with time_machine.travel(NOW, tick=False), logged() as log:
            canary = Canary(app, session, house, work)
            canary.put_in()
            canary.look_everywhere()
            told = canary.told
            told.log = log.getvalue()
        told.mails = [(str(m["To"]), f"{_headers(m)} {Mailbox.words(m)}") for m in mailbox.messages]
        told.columns, told.raw = dump(session, database)
        for folder in (tmp_path, house.settings.instance_dir):
            told.left |= {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        _TOLD[database.name] = told
    return _TOLD[database.name]


def _headers(message: Any) -> str:
    return " ".join(f"{name}: {value}" for name, value in message.items() if name != "To")


class Canary:
    """Makes the requests, hands some over, and walks everywhere as everybody."""

    def __init__(self, app: Flask, session: Session, house: House, work: Callable[[], None]) -> None:
        self.app, self.session, self.house, self.work = app, session, house, work
        self.told, self.numbers = Told(), count(1)
        self.county: County = make_county(session)
        self.adviser = make_adviser(session)

    def put_in(self) -> None:
        """Send, log and hand over; every fifth of a family's goes inside the wall."""
        for number, (kind, chosen) in enumerate(islice(cycle(WAYS), REQUESTS)):
            marks = Marks(_numbers=self.numbers)
            request_id = self.call(marks, chosen) if kind is None else self.send(kind, marks, chosen)
            if number % 10 == 0:
                said = marks.text()
                keep_file(self.session, request_id, self.county.officer, self.house, content=f"{said}\n".encode())
            self.told.owner |= dict.fromkeys(MARK.findall(" ".join(marks.said).casefold()), request_id)
            if kind is None:
                hand_over(self.session, request_id=request_id, by=self.county.officer, now=NOW, house=self.house)
                self.told.inside.add(request_id)
        self.work()
        self.session.rollback()
        self.told.area = {row.id: row.area_id for row in self.session.query(ServiceRequest)}

    def send(self, kind: FormKind, marks: Marks, chosen: dict[str, str]) -> UUID:
        """Send a form that is filled in every field."""
        answers = fill(kind, marks, CONTEXT, NOW.date(), **chosen)
        begun = start_draft(self.session, kind=kind, device=None, answers=answers, now=NOW, house=self.house)
        sent = send_form(
            self.session,
            draft_id=begun.id,
            device=begun.device,
            digest=answers_digest(answers),
            as_it_is=True,
            now=NOW,
            house=self.house,
        )
        return sent.request_id

    def call(self, marks: Marks, chosen: dict[str, str]) -> UUID:
        """Write down a call that is filled in every field."""
        page = fill_page(PlacedStep("call", CallForm), marks, CONTEXT, NOW.date(), chosen)
        taken = log_call(self.session, call_id=uuid4(), typed=page, by=self.county.officer, now=NOW, house=self.house)
        return taken.request_id

    # ---------------------------------------------------------------- everywhere, as everybody

    def people(self) -> dict[str, User | None]:
        """Return one person of each role, and nobody in particular."""
        other = make_team(self.session, "Brokerage", TeamKind.BROKERAGE)
        commissioning = make_team(self.session, "Commissioning", TeamKind.COMMISSIONING)
        county = self.county
        return {
            "officer": county.officer,
            "manager": county.manager,
            "manager_aldermoor": county.manager_aldermoor,
            "service_manager": county.service_manager,
            "social_worker": county.social_worker,
            "locality_worker": county.locality_worker,
            "administrator": county.administrator,
            "broker": make_user(self.session, "Bea Lomax", (other, Role.MEMBER)),
            "commissioner": make_user(self.session, "Carl Ennis", (commissioning, Role.COMMISSIONER)),
            "adviser": self.adviser,
            "nobody": None,
        }

    def look_everywhere(self) -> None:
        """Follow every link from the first pages, and try every route on requests of both sides."""
        inside = sorted(self.told.inside)[:TRIED]
        outside = sorted(set(self.told.area) - self.told.inside)[:TRIED]
        for role, user in self.people().items():
            client = self.app.test_client() if user is None else self.signed_in(user)
            self.told.shown[role], self.told.pages[role] = {}, 0
            for address in (*self.routes([*inside, *outside]), "/staff/"):
                self.open(role, client, address)
            self.follow(role, client)

    def signed_in(self, user: User) -> FlaskClient:
        return Staff(self.app).signed_in(self.session, self.house, user).client

    def routes(self, ids: list[UUID]) -> Iterator[str]:
        """Return every address that is opened by GET, those of one request on each of these."""
        for rule in self.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.rule.startswith(OUTSIDE):
                continue
            if not rule.arguments:
                yield rule.rule
            elif len(rule.arguments) == 1:
                name = next(iter(rule.arguments))
                for one in ids:
                    yield rule.rule.replace(f"<uuid:{name}>", str(one)) if f"<uuid:{name}>" in rule.rule else rule.rule

    def follow(self, role: str, client: FlaskClient) -> None:
        """Follow links, the nearest first, up to a number of pages."""
        seen: set[str] = set()
        waiting = ["/staff/" if role != "nobody" else "/"]
        while waiting and len(seen) < PAGES:
            address = waiting.pop(0)
            if address in seen or address.startswith(OUTSIDE):
                continue
            seen.add(address)
            waiting += LINK.findall(self.open(role, client, address).replace("&amp;", "&"))

    def open(self, role: str, client: FlaskClient, address: str) -> str:
        """Open one page, and note whose words it says and what stands around it."""
        _forget()
        answer = client.get(address)
        told, text = self.told, answer.get_data(as_text=False).decode("utf-8", "replace")
        told.pages[role] += 1
        told.headers.append(" ".join(f"{name}: {value}" for name, value in answer.headers))
        told.addresses += [address, *LINK.findall(text)]
        for request_id in told.of(text):
            told.shown[role].setdefault(request_id, address)
            if "no-store" not in answer.headers.get("Cache-Control", ""):
                told.uncached.append(address)
        answer.close()
        return text if answer.status_code == 200 and answer.mimetype == "text/html" else ""


# ---------------------------------------------------------------- what must hold


@pytest.fixture
def whole(told: Told) -> Told:
    """What was told whole; a canary that was not put in proves nothing."""
    assert len(told.area) == REQUESTS and len(told.owner) > 30 * REQUESTS
    assert 0.2 * REQUESTS < len(told.inside) < 0.3 * REQUESTS
    assert all(number > 40 for number in told.pages.values()), told.pages
    return told


@pytest.mark.storage
@pytest.mark.rule("SE-5")
def test_what_is_inside_the_wall_is_shown_to_nobody_outside(whole: Told) -> None:
    outside = {role: shown for role, shown in whole.shown.items() if role != "adviser"}
    assert {role: [page for one, page in shown.items() if one in whole.inside] for role, shown in outside.items()} == {
        role: [] for role in outside
    }
    assert set(whole.shown["adviser"]) <= whole.inside  # nor does SENDIASS see what is outside
    assert len(whole.shown["adviser"]) > 3


@pytest.mark.storage
@pytest.mark.rule("EV-5")
@pytest.mark.threat("T23")
def test_a_page_says_the_words_of_nobody_whom_its_reader_may_not_see(whole: Told, session: Session) -> None:
    for role in ("social_worker", "locality_worker", "administrator", "broker", "commissioner", "nobody"):
        assert whole.shown[role] == {}, role
    areas: dict[str, set[UUID | None]] = {}
    for role in ("manager", "manager_aldermoor"):
        areas[role] = {whole.area[one] for one in whole.shown[role]}
    assert areas["manager"] and areas["manager_aldermoor"]
    assert not areas["manager"] & areas["manager_aldermoor"]
    assert len(whole.shown["officer"]) > 3 and len(whole.shown["service_manager"]) > 3


@pytest.mark.storage
@pytest.mark.rule("EV-6")
@pytest.mark.threat("T26")
@pytest.mark.threat("T27")
def test_no_log_address_header_or_cache_holds_a_mark(whole: Told) -> None:
    assert whole.log.count("\n") > 10
    assert whole.of(whole.log) == set()
    assert whole.of("\n".join(whole.addresses)) == set()
    assert whole.of("\n".join(whole.headers)) == set()
    assert whole.uncached == []


@pytest.mark.storage
@pytest.mark.rule("EV-6")
@pytest.mark.threat("T20")
def test_no_mail_holds_a_mark_but_in_the_address_it_goes_to(whole: Told) -> None:
    assert len(whole.mails) > REQUESTS / 2
    for to, rest in whole.mails:
        assert whole.of(rest) == set(), to
        assert len(whole.of(to)) <= 1


@pytest.mark.storage
@pytest.mark.rule("SE-5")
@pytest.mark.threat("T26")
def test_no_byte_of_the_database_nor_of_a_file_on_disk_holds_a_mark(whole: Told) -> None:
    assert {name for name, text in whole.columns.items() if whole.of(text)} == set()
    assert whole.of(whole.raw.decode("latin-1")) == set()
    assert any("files" in name for name in whole.left), "the store of files is looked into"
    assert {name for name, content in whole.left.items() if whole.of(content.decode("latin-1"))} == set()


def test_a_mark_is_known_by_its_request() -> None:
    told, one = Told(), uuid4()
    told.owner = {"zqaaabx": one}
    assert told.of("zQaAabX, and zqzzzzx") == {one}
