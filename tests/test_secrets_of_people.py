"""What people typed stays where it was typed: marked words through every form, to the outcome (EV-6, T20, T26).

Each form is filled in every field with words that nobody else says, sent over HTTP, decided, worked on and told. Then
all that came out is searched for them: mails, logs, addresses, error pages, and every column of every table.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from flask import Flask, Response, request, request_finished
from sqlalchemy import MetaData, inspect, select
from sqlalchemy.orm import Session

from helpdesk.models import Assignment
from infrastructure.database import db
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.asking.steps import FormContext
from service_request.models import Outcome, OutcomeState, ServiceRequest, Similarity, SimilarityState, Subject
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.forms import PlacedStep
from service_request.pathways.social_care.questions_call import CallForm
from tests.factories import NOW, County, make_county
from tests.helpdesk.web.walking import Staff
from tests.listening import logged
from tests.marking import Marks, fill, fill_page
from tests.plugins.house import Mailbox
from tests.saying_why import say_why
from tests.service_request.channels.web.walking import Draft, Person

TODAY = NOW.date()
CONTEXT = FormContext(today=TODAY, areas=(("teasel_vale", "Teasel Vale"), ("aldermoor", "Aldermoor")))
FORMS: tuple[tuple[FormKind, dict[str, str]], ...] = (
    (FormKind.FULL, {"told": "yes", "birth": "born", "urgency": "routine"}),
    (FormKind.FULL, {"told": "risk", "birth": "born", "urgency": "urgent"}),
    (FormKind.IN_PRINCIPLE, {"told": "in_principle", "urgency": "routine"}),
    (FormKind.PUBLIC_FAMILY, {"safe": "yes"}),
    (FormKind.PUBLIC_CHILD, {}),
    (FormKind.PUBLIC_WORRIED, {"safe": "no"}),
)
CALLS: tuple[dict[str, str], ...] = ({"caller": "school"}, {"caller": "neighbour", "safe": ""})
IS_ERROR_PAGE = ("If you ring about this page", "Error number")
LINKS = re.compile(r'(?:href|action|src|formaction)="([^"]*)"')


@dataclass
class Trace:
    """All that came out of the front door in one story."""

    marks: Marks = field(default_factory=Marks)
    mails: list[Any] = field(default_factory=list)
    log: str = ""
    addresses: list[str] = field(default_factory=list)
    file_names: list[str] = field(default_factory=list)
    error_pages: dict[int, str] = field(default_factory=dict)
    given_back: set[str] = field(default_factory=set)  # what was typed where a fault of ours came between
    columns: dict[str, str] = field(default_factory=dict)
    raw: bytes = b""
    requests: int = 0


_TOLD: dict[str, Trace] = {}


@pytest.fixture
def trace(
    app: Flask, database: Any, session: Session, house: House, mailbox: Mailbox, work: Callable[[], None]
) -> Trace:
    """Tell the story once on each database; what came out is kept as text."""
    if database.name not in _TOLD:
        with time_machine.travel(NOW, tick=False), logged() as log, _answers(app) as answers:
            trace = Story(app, session, house, mailbox, work).tell()
            trace.log = log.getvalue()
            trace.addresses, trace.file_names, trace.error_pages = answers.addresses, answers.names, answers.errors
        trace.columns, trace.raw = dump(session, database)
        _TOLD[database.name] = trace
    return _TOLD[database.name]


# ---------------------------------------------------------------- what is watched


class _answers:  # noqa: N801
    """Every answer: where it leads, what it links to, how a file is called, and error pages whole."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.addresses: list[str] = []
        self.names: list[str] = []
        self.errors: dict[int, str] = {}

    def __enter__(self) -> _answers:
        request_finished.connect(self._note, self.app)
        return self

    def __exit__(self, *_: object) -> None:
        request_finished.disconnect(self._note, self.app)

    def _note(self, sender: Flask, response: Response, **_: Any) -> None:
        self.addresses += [request.url, response.headers.get("Location", "")]
        self.names += [value for name, value in response.headers if name != "Set-Cookie"]
        if response.mimetype == "text/html":
            page = response.get_data(as_text=True)
            self.addresses += [link for link in LINKS.findall(page) if not link.startswith(("tel:", "mailto:"))]
            if any(words in page for words in IS_ERROR_PAGE):
                self.errors[response.status_code] = self.errors.get(response.status_code, "") + page


def dump(session: Session, database: Any) -> tuple[dict[str, str], bytes]:
    """Return the text of every column of every table, and the bytes of the file where there is one."""
    session.rollback()
    tables = MetaData()
    tables.reflect(bind=db.engine)
    columns = {}
    with db.engine.connect() as connection:
        for table in tables.sorted_tables:
            for column in table.columns:
                values = connection.execute(select(column)).scalars()
                columns[f"{table.name}.{column.name}"] = "\n".join(_as_text(value) for value in values)
    assert set(inspect(db.engine).get_table_names()) == set(tables.tables)
    raw = b""
    if database.name == "sqlite":
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        raw = (database.folder / "test.sqlite").read_bytes()
    return columns, raw


def _as_text(value: Any) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)


# ---------------------------------------------------------------- the story


class Story:
    """Everybody fills in everything, the desk does what it does, and the outcome is told."""

    def __init__(self, app: Flask, session: Session, house: House, mailbox: Mailbox, work: Callable[[], None]) -> None:
        self.app, self.session, self.house, self.mailbox, self.work = app, session, house, mailbox, work
        self.trace = Trace()
        self.county: County = make_county(session)

    @property
    def marks(self) -> Marks:
        return self.trace.marks

    def tell(self) -> Trace:
        """Tell it from the first page to the last, then break things."""
        for kind, chosen in FORMS:
            self.fill_and_send(kind, chosen)
        for chosen in CALLS:
            self.take_call(chosen)
        self.work()
        self.answer_hints()
        say_why(self, self.all(select(ServiceRequest.id).order_by(ServiceRequest.received_at))[0])
        for request_id in self.all(select(ServiceRequest.id)):
            self.decide(request_id)
        self.work()
        for assignment_id in self.all(select(Assignment.id)):
            self.work_on(assignment_id)
        self.tell_by_phone()
        self.work()
        self.read_outcomes()
        self.break_things()
        self.trace.mails = list(self.mailbox.messages)
        self.trace.requests = len(self.all(select(ServiceRequest.id)))
        return self.trace

    def all(self, query: Any) -> list[Any]:
        self.session.rollback()
        found = list(self.session.scalars(query))
        self.session.rollback()
        return found

    def staff(self, user: User) -> Staff:
        db.session.remove()  # as at the end of a request: this context outlives them all
        return Staff(self.app).signed_in(db.session(), self.house, user)

    def fill_and_send(self, kind: FormKind, chosen: dict[str, str]) -> None:
        """Fill in a form on its pages, prove the address where one can, and send it."""
        person = Person(self.app.test_client())
        if kind in (FormKind.FULL, FormKind.IN_PRINCIPLE):
            draft = person.begin(names=kind is FormKind.FULL)
        else:
            draft = person.begin_short(kind.value)
        answers = fill(kind, self.marks, CONTEXT, TODAY, **chosen)
        draft.fill({key: page for key, page in answers.items() if key != "told" or kind is FormKind.FULL})
        if kind is FormKind.FULL and chosen["told"] == "yes":
            self.prove(person, draft, answers["you"]["email"][0])
        for page in ("", "children", "adults", "check", "later", "remove/child/1"):
            draft.open(page)
        if kind is FormKind.IN_PRINCIPLE:
            assert "marked" in draft.send().request.path
            draft.send(as_it_is="yes")
        else:
            draft.send()
        assert person.address.endswith("/sent"), (kind, person.words[:2000])

    def prove(self, person: Person, draft: Draft, address: str) -> None:
        person.post(draft.url("email"), {"email": address})
        self.work()
        person.post(draft.url("code"), {"code": self.code_for(address)})
        assert not person.errors()

    def code_for(self, address: str) -> str:
        texts = [Mailbox.words(message) for message in self.mailbox.to(address)]
        return [found[1] for text in texts if (found := re.search(r"Your code is (\d{6})", text))][-1]

    def take_call(self, chosen: dict[str, str]) -> None:
        """Write down a call with every field filled."""
        placed = PlacedStep("call", CallForm)
        page = fill_page(placed, self.marks, CONTEXT, TODAY, chosen)
        officer = self.staff(self.county.officer)
        taken = officer.post("/staff/take-call", call_id=str(uuid4()), **page)
        assert officer.follow(taken).status == 200

    def answer_hints(self) -> None:
        officer = self.staff(self.county.officer)
        query = select(Similarity).where(Similarity.state == SimilarityState.OPEN)
        pairs = [(row.request_id, row.id) for row in self.all(query)]
        for request_id, hint_id in pairs:
            officer.follow(officer.post(f"/staff/requests/{request_id}/hints/{hint_id}", same="no"))

    def decide(self, request_id: UUID) -> None:
        """Do all that the desk can do with a request, and decide it, by an override where the record asks for one."""
        officer, manager, base = (
            self.staff(self.county.officer),
            self.manager_of(request_id),
            f"/staff/requests/{request_id}",
        )
        said = self.marks.text
        for reader, path in (
            (officer, ""),
            (officer, "?show=notes"),
            (self.staff(self.county.service_manager), "/looks"),
        ):
            assert reader.get(base + path).status == 200
        officer.follow(officer.post(f"{base}/claim"))
        officer.follow(officer.post(f"{base}/note", words=said()))
        officer.follow(officer.post(f"{base}/call", reached="yes", words=said()))
        officer.follow(
            officer.post(
                f"{base}/consent",
                told="risk",
                reason=said(),
                told_by=self.marks.name(),
                agrees="yes",
                agrees_who="young_person",
            )
        )
        officer.follow(officer.post(f"{base}/pass"))
        manager.follow(manager.post(f"{base}/return", reason=said()))
        officer.follow(officer.post(f"{base}/pass"))
        record = {"information": said(), "analysis": said(), "reason": said()}
        manager.follow(manager.post(f"{base}/decide", act="draft", **record))
        names = bool(self.all(select(Subject.id).where(Subject.request_id == request_id, ~Subject.is_anonymous)))
        choice = "referral-initial_assessment" if names else "contact-criteria"
        page = manager.post(f"{base}/decide", same=choice, basis="public_task", override_reason=said(), **record)
        assert page.status == 302, page.words[:3000]
        assert manager.get(base).status == 200

    def manager_of(self, request_id: UUID) -> Staff:
        area = self.all(select(ServiceRequest.area_id).where(ServiceRequest.id == request_id))[0]
        return self.staff(self.county.manager_aldermoor if area == self.county.aldermoor else self.county.manager)

    def work_on(self, assignment_id: UUID) -> None:
        """Take on what was sent, and say what was done."""
        team = self.all(select(Assignment.team_id).where(Assignment.id == assignment_id))[0]
        worker = self.staff(self.county.locality_worker if team == self.county.locality else self.county.social_worker)
        base = f"/staff/assignments/{assignment_id}"
        for path in (base, "/staff/sent-to-us", "/staff/sent-to-us/done"):
            assert worker.get(path).status == 200
        worker.follow(worker.post(f"{base}/acknowledge"))
        worker.follow(worker.post(f"{base}/finish", **{"done-words": self.marks.text()}))

    def tell_by_phone(self) -> None:
        """Ring whoever may not be written to."""
        officer = self.staff(self.county.officer)
        self.work()
        query = select(Outcome).where(Outcome.state == OutcomeState.OWED, Outcome.outbox_id.is_(None))
        for request_id, outcome_id in [(row.request_id, row.id) for row in self.all(query)]:
            base = f"/staff/requests/{request_id}/outcomes/{outcome_id}"
            officer.get(base)
            officer.follow(officer.post(base, act="told", **{"told-words": self.marks.text()}))

    def read_outcomes(self) -> None:
        """Open every outcome by its link and code, and take the form back where it is given."""
        for message in list(self.mailbox.messages):
            found = re.search(r"http://localhost(/outcome/\S+)", Mailbox.words(message))
            if not found:
                continue
            person = Person(self.app.test_client())
            person.open(found[1])
            person.post(found[1])
            self.work()
            person.post(f"{found[1]}/code", {"code": self.code_for(str(message["To"]))})
            assert person.response is not None and person.response.status_code == 200
            person.open(f"{found[1]}/form")

    def break_things(self) -> None:
        """Post marked words where they are refused, are too long, or meet a fault of ours."""
        person, words, secret = Person(self.app.test_client()), self.marks.text(), self.marks.text()
        draft = person.begin()
        person.post(draft.url("delete"), {"name": words}, token=False)
        person.post("/privacy", {"name": words})
        person.post("/nothing-is-here", {"name": words})
        too_long = "x" * (self.house.settings.max_body_bytes + 1)
        person.post(draft.url("step/you"), {"name": words, "role": too_long})
        self.app.config["PROPAGATE_EXCEPTIONS"] = False
        real = self.app.view_functions["web.save_step"]

        def fails(**_: Any) -> None:
            raise RuntimeError(f"could not save {secret}")

        fails.guard, fails.keeps_words = real.guard, True  # type: ignore[attr-defined]
        self.app.view_functions["web.save_step"] = fails  # type: ignore[assignment]
        typed = self.marks.text()
        self.trace.given_back = {word.casefold() for word in typed.split()}
        try:
            person.post(draft.url("step/you"), {"name": typed})
        finally:
            self.app.view_functions["web.save_step"] = real


# ---------------------------------------------------------------- what must hold


@pytest.fixture
def marks(trace: Trace) -> Iterator[Marks]:
    """The marks of the story; a story that was not told whole proves nothing."""
    assert trace.requests == len(FORMS) + len(CALLS)
    assert len(trace.marks.said) > 500
    return trace.marks  # type: ignore[return-value]


@pytest.mark.storage
@pytest.mark.rule("EV-6")
@pytest.mark.threat("T20")
def test_no_mail_says_what_somebody_typed(trace: Trace, marks: Marks) -> None:
    assert len(trace.mails) > 25
    for message in trace.mails:
        headers = {name: str(value) for name, value in message.items()}
        said = headers.pop("To")
        assert marks.found_in(said) == [] or said.strip("<>") in marks.addresses
        assert marks.found_in(f"{headers} {Mailbox.words(message)}") == [], message["Subject"]


@pytest.mark.storage
@pytest.mark.rule("EV-6")
@pytest.mark.threat("T26")
def test_no_log_line_says_what_somebody_typed(trace: Trace, marks: Marks) -> None:
    assert trace.log.count("\n") > 30
    assert '"failed"' in trace.log and "RuntimeError" in trace.log
    assert marks.found_in(trace.log) == []


@pytest.mark.storage
@pytest.mark.rule("EV-6")
@pytest.mark.threat("T27")
def test_no_address_header_or_file_name_says_what_somebody_typed(trace: Trace, marks: Marks) -> None:
    assert len(trace.addresses) > 1000
    assert marks.found_in("\n".join(trace.addresses)) == []
    assert any("attachment" in name for name in trace.file_names)
    assert marks.found_in("\n".join(trace.file_names)) == []


@pytest.mark.storage
@pytest.mark.rule("EV-6")
@pytest.mark.threat("T26")
def test_no_error_page_says_what_somebody_typed(trace: Trace, marks: Marks) -> None:
    assert {400, 404, 405, 413, 500} <= set(trace.error_pages)
    found = {status: set(marks.found_in(page)) for status, page in trace.error_pages.items()}
    assert found.pop(500) <= trace.given_back  # a fault of ours gives the words back to the one who typed them (W13)
    assert found == {status: set() for status in found}


@pytest.mark.storage
@pytest.mark.rule("EV-6")
def test_no_column_of_any_table_holds_in_clear_what_somebody_typed(trace: Trace, marks: Marks) -> None:
    assert len(trace.columns) > 250
    sealed = {name: marks.written_in(text) for name, text in trace.columns.items() if name.endswith("_sealed")}
    clear = {name: marks.found_in(text) for name, text in trace.columns.items() if name not in sealed}
    assert {name: found[:3] for name, found in {**sealed, **clear}.items() if found} == {}
    assert marks.written_in(trace.raw.decode("latin-1")) == []


TRAIL = ("event", "access_log", "seal", "anchor")
A_CODE = re.compile(
    r"[a-z][a-z0-9_.]{0,63}"  # a code
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}( [a-z][a-z_]{0,40}-[a-z_]{1,40})?"  # an id, with a child's two codes
    r"|[0-9a-f]{16,64}"  # a digest
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9:.+]+)?"  # a time of ours
)


def _said_in(facts: Any) -> Iterator[str]:
    if isinstance(facts, dict):
        yield from facts
        facts = list(facts.values())
    for one in facts if isinstance(facts, list) else [facts]:
        if isinstance(one, dict | list):
            yield from _said_in(one)
        elif isinstance(one, str):
            yield one


@pytest.mark.storage
@pytest.mark.rule("EV-8")
@pytest.mark.rule("EV-5")
def test_the_trail_holds_ids_codes_and_digests_and_no_word_that_somebody_typed(
    trace: Trace, marks: Marks, session: Session
) -> None:
    """After a whole walk with marked values: every byte of acts, looks and seals; and each fact has a code's shape."""
    columns = {name: text for name, text in trace.columns.items() if name.split(".")[0] in TRAIL}
    assert len(columns) > 35
    assert columns["seal.rows"].strip() and columns["access_log.ids"].strip()
    assert {name: marks.found_in(text) for name, text in columns.items() if marks.found_in(text)} == {}
    facts = columns["event.facts"].split("\n")
    assert len(facts) > 50
    said = {one for line in facts for one in _said_in(ast.literal_eval(line))}
    assert len(said) > 30
    assert {one for one in said if not A_CODE.fullmatch(one)} == set()


@pytest.mark.storage
@pytest.mark.rule("SE-5")
def test_all_that_is_sealed_looks_like_ciphertext(trace: Trace, marks: Marks) -> None:
    sealed = {name: text for name, text in trace.columns.items() if name.endswith("_sealed")}
    assert len(sealed) > 20
    for name, text in sealed.items():
        values = [value for value in text.split("\n") if value not in ("None", "")]
        assert all(value.startswith("gAAAA") for value in values), name


def test_a_mark_is_found_however_it_is_written() -> None:
    marks = Marks()
    word, phone, day = marks.word(), marks.phone(), marks.day(TODAY)
    assert marks.found_in(f"a {word.upper()}'s") == [word.casefold()]
    assert marks.found_in("+44" + phone.replace(" ", "")[1:])
    assert marks.found_in("-".join([day[2], day[1].zfill(2), day[0].zfill(2)]))
    assert marks.found_in("nothing of anybody, on 17 November 2026") == []
