from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction
from infrastructure.files import NotTypesetError, Typeset
from infrastructure.house import House
from infrastructure.trail import Event, verify
from service_request.domain.consent import Told
from service_request.domain.states import RequestState
from service_request.models import (
    Audience,
    Channel,
    File,
    FileState,
    FormResponse,
    Outcome,
    OutcomeState,
    Referrer,
    ReferrerKind,
    ServiceRequest,
    Task,
    TaskKind,
)
from service_request.pathways.social_care.forms import FORM_VERSION, FormKind
from service_request.pathways.social_care.outcome import Done, with_action
from service_request.services import returned_form
from service_request.services.returned_content import ReturnedForm
from service_request.services.returned_form import content_of, list_wanted, make_returned_form
from service_request.services.sight.system_files import find_form_to_return
from tests.reading_pdf import opened, plain, words_of

pytestmark = pytest.mark.storage

SENT = datetime(2026, 11, 16, 16, 5, tzinfo=UTC)
DECIDED = datetime(2026, 11, 17, 14, 31, tzinfo=UTC)
NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

ANSWERS = {
    "told": {"told": ["yes"]},
    "child.1.who": {"name": ["Callum Hartley"], "birth": ["born"], "birth_on": ["14", "3", "2017"], "sex": ["M"]},
    "child.2.who": {"name": ["محمد O’Brien"], "birth": ["unborn"]},
    "concerns": {"narrative": ["He came without a coat.\n\n*Twice* #this week."]},
}
BODY: dict[str, Any] = {
    "h1": "Both children: accepted as referrals",
    "lead": "An initial assessment will be done.",
    "rows": [
        {"number": 1, "label": "Callum Hartley, 9", "decision": "Accepted as a re-referral", "action": "Assessed."},
        {"number": 2, "label": "Unborn, due 9 Jan", "decision": "Accepted as a referral", "action": "Assessed."},
    ],
    "why": "Both children may be in need.",
    "decided_at": DECIDED.isoformat(),
    "decided_by": "Helen Prosser",
    "decided_by_title": "Referral and assessment manager, Teasel Vale",
    "is_corrected": False,
    "next": [],
    "actions": [[SENT.isoformat(), "Your request was received."], [DECIDED.isoformat(), "Decided and passed on."]],
    "actions_plain": [],
}


def make_outcome(session: Session, *, kind: FormKind = FormKind.FULL, **changes: Any) -> UUID:
    """Store a decided request of a professional, and its outcome as the desk owes it."""
    with transaction(session):
        referrer = Referrer(wall=Wall.OPEN, kind=ReferrerKind.PROFESSIONAL, safe="yes")
        session.add(referrer)
        session.flush()
        request = ServiceRequest(
            wall=Wall.OPEN,
            reference="K7RM4TXC",
            pathway="social_care",
            kind=kind,
            form_version=FORM_VERSION,
            channel=Channel.WEB,
            received_at=SENT,
            state=RequestState.DECIDED,
            urgency="routine",
            area_reason="default",
            referrer_id=referrer.id,
            authority="local",
            told=Told.YES,
            worries=[],
            headline={"children": [], "initials": "C.H.", "asked_by": []},
            missing=[],
        )
        session.add(request)
        session.flush()
        add_answers(session, request.id, ANSWERS, kind=kind, at=SENT)
        values: dict[str, Any] = {
            "wall": Wall.OPEN,
            "request_id": request.id,
            "audience": Audience.PROFESSIONAL,
            "body": BODY,
            "state": OutcomeState.OWED,
            "owed_at": DECIDED,
            "pdf_wanted_at": DECIDED,
        }
        outcome = Outcome(**{**values, **changes})
        session.add(outcome)
        return outcome.id


def add_answers(session: Session, request_id: UUID, answers: Any, *, kind: str = FormKind.FULL, at: datetime) -> None:
    row = FormResponse(
        wall=Wall.OPEN, request_id=request_id, kind=kind, form_version=FORM_VERSION, by_kind="referrer", at=at
    )
    row.answers = answers
    session.add(row)


def outcome_of(session: Session, outcome_id: UUID) -> Outcome:
    session.rollback()
    return session.get_one(Outcome, outcome_id, populate_existing=True)


def files(session: Session) -> list[File]:
    session.rollback()
    return list(session.scalars(select(File).order_by(File.made_at, File.id)))


def acts(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(select(Event.act).order_by(Event.seq)))


def tasks(session: Session) -> list[Task]:
    session.rollback()
    return list(session.scalars(select(Task)))


def words_returned(session: Session, outcome_id: UUID) -> str:
    return words_of(session.get_one(File, outcome_of(session, outcome_id).file_id).content or b"")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Let the typesetter fail, or work again."""
    works = returned_form.typeset

    def fails(content: ReturnedForm) -> Typeset:
        raise NotTypesetError("returned_form.typ")

    return lambda is_broken: monkeypatch.setattr(returned_form, "typeset", fails if is_broken else works)


@pytest.mark.rule("GL-14")
def test_the_form_returned_says_the_decision_the_actions_and_every_answer(session: Session, house: House) -> None:
    outcome_id = make_outcome(session)
    form = find_form_to_return(session, outcome_id)
    assert form is not None
    make_returned_form(session, outcome_id, now=NOW, house=house)
    words = words_returned(session, outcome_id)
    assert words.startswith("Westmarch County Council Request K7RM-4TXC Received at 4:05pm on Monday 16 November 2026")
    said = [BODY["h1"], BODY["lead"], BODY["why"], "Callum Hartley, 9 Accepted as a re-referral Assessed."]
    said += ["Helen Prosser, Referral and assessment manager, Teasel Vale, at 2:31pm on Tuesday 17 November 2026"]
    said += ["16 November 2026, 4:05pm Your request was received.", "17 November 2026, 2:31pm Decided and passed on."]
    said += [
        "It names both children.",
        "14 March 2017",
        "He came without a coat. *Twice* #this week.",
        "O’Brien",
        "محمد",
    ]
    for part in said:
        assert part in words
    content = content_of(form, areas=(), settings=house.settings, now=NOW)
    rows = [row for section in content.sections for row in section.rows]
    assert len(rows) > 10
    for row in rows:
        if "محمد" not in f"{row.label} {row.value}":
            assert plain(f"{row.label} {row.value or row.tag}") in words


def test_the_file_is_kept_sealed_with_its_digest_size_and_pages(session: Session, house: House) -> None:
    outcome_id = make_outcome(session)
    make_returned_form(session, outcome_id, now=NOW, house=house)
    (file,) = files(session)
    outcome = outcome_of(session, outcome_id)
    assert (outcome.file_id, outcome.pdf_wanted_at) == (file.id, None)
    assert (file.owner_kind, file.owner_id, file.state, file.wall) == (
        "outcome",
        outcome_id,
        FileState.CLEAN,
        Wall.OPEN,
    )
    assert file.name == "request-K7RM-4TXC.pdf"
    assert file.content is not None
    assert (file.sha256, file.size) == (sha256(file.content).hexdigest(), len(file.content))
    assert file.pages == len(opened(file.content).pages)
    raw = session.execute(text("SELECT name_sealed, content_sealed FROM file")).one()
    assert b"%PDF" not in bytes(raw.content_sealed)
    assert b"K7RM" not in bytes(raw.name_sealed)


@pytest.mark.rule("EV-5")
def test_making_it_is_in_the_trail_by_id_and_digest_alone(session: Session, house: House) -> None:
    outcome_id = make_outcome(session)
    make_returned_form(session, outcome_id, now=NOW, house=house)
    (event,) = session.scalars(select(Event))
    (file,) = files(session)
    assert event.act == "form_returned_made"
    assert event.facts == {
        "outcome": str(outcome_id),
        "file": str(file.id),
        "replaces": None,
        "sha256": file.sha256,
        "pages": file.pages,
    }


def test_only_what_is_due_is_wanted_the_longest_waiting_first(session: Session, house: House) -> None:
    assert list_wanted(session, NOW) == []
    outcome_id = make_outcome(session, pdf_wanted_at=NOW)
    assert list_wanted(session, NOW - MINUTE) == []
    assert list_wanted(session, NOW) == [outcome_id]
    make_returned_form(session, outcome_id, now=NOW - MINUTE, house=house)
    assert files(session) == []
    make_returned_form(session, outcome_id, now=NOW, house=house)
    assert list_wanted(session, NOW) == []


def test_asked_for_twice_it_is_made_once(session: Session, house: House) -> None:
    outcome_id = make_outcome(session)
    make_returned_form(session, outcome_id, now=NOW, house=house)
    make_returned_form(session, outcome_id, now=NOW + MINUTE, house=house)
    assert len(files(session)) == 1
    assert acts(session) == ["form_returned_made"]


def test_two_workers_at_once_keep_one_file(session: Session, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome_id = make_outcome(session)
    works = returned_form.typeset

    def while_the_other_makes_it(content: ReturnedForm) -> Typeset:
        monkeypatch.setattr(returned_form, "typeset", works)
        make_returned_form(session, outcome_id, now=NOW, house=house)
        return works(content)

    monkeypatch.setattr(returned_form, "typeset", while_the_other_makes_it)
    make_returned_form(session, outcome_id, now=NOW, house=house)
    assert len(files(session)) == 1


@pytest.mark.rule("GL-14")
def test_what_was_done_later_makes_the_form_anew(session: Session, house: House) -> None:
    outcome_id = make_outcome(session)
    make_returned_form(session, outcome_id, now=NOW, house=house)
    first = outcome_of(session, outcome_id).file_id
    with transaction(session):
        outcome = session.get_one(Outcome, outcome_id)
        outcome.body = with_action(outcome.body or {}, Done(NOW + MINUTE, "The team took it on."))
        outcome.pdf_wanted_at = NOW + MINUTE
    make_returned_form(session, outcome_id, now=NOW + 2 * MINUTE, house=house)
    assert outcome_of(session, outcome_id).file_id != first
    assert "The team took it on." in words_returned(session, outcome_id)
    assert len(files(session)) == 2
    assert [event.facts["replaces"] for event in session.scalars(select(Event).order_by(Event.seq))] == [
        None,
        str(first),
    ]


def test_what_was_recorded_while_it_was_set_leaves_it_wanted(
    session: Session, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome_id = make_outcome(session)
    works = returned_form.typeset

    def while_more_is_done(content: ReturnedForm) -> Typeset:
        with transaction(session):
            session.get_one(Outcome, outcome_id).pdf_wanted_at = NOW
        return works(content)

    monkeypatch.setattr(returned_form, "typeset", while_more_is_done)
    make_returned_form(session, outcome_id, now=NOW, house=house)
    assert files(session) == []
    assert list_wanted(session, NOW) == [outcome_id]


def test_it_is_set_with_no_transaction_held(session: Session, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome_id = make_outcome(session)
    works = returned_form.typeset

    def looks(content: ReturnedForm) -> Typeset:
        assert not session.in_transaction()
        return works(content)

    monkeypatch.setattr(returned_form, "typeset", looks)
    make_returned_form(session, outcome_id, now=NOW, house=house)
    assert len(files(session)) == 1


@pytest.mark.rule("EV-1")
def test_a_failure_is_tried_again_after_1_5_and_30_minutes_and_then_a_person_knows(
    session: Session, house: House, broken: Callable[[bool], None]
) -> None:
    outcome_id = make_outcome(session)
    broken(True)
    now = NOW
    for minutes, known in ((1, 0), (5, 0), (30, 1), (30, 1)):
        make_returned_form(session, outcome_id, now=now, house=house)
        assert outcome_of(session, outcome_id).pdf_wanted_at == now + minutes * MINUTE
        assert len(tasks(session)) == known
        now += minutes * MINUTE
    (task,) = tasks(session)
    assert (task.kind, task.about_id) == (TaskKind.PDF_FAILED, outcome_id)
    assert acts(session) == ["form_returned_failed"] * 4


def test_once_it_works_again_the_task_is_done_and_failures_count_anew(
    session: Session, house: House, broken: Callable[[bool], None]
) -> None:
    outcome_id = make_outcome(session)
    broken(True)
    for hours in range(3):
        make_returned_form(session, outcome_id, now=NOW + timedelta(hours=hours), house=house)
    broken(False)
    later = NOW + timedelta(hours=4)
    make_returned_form(session, outcome_id, now=later, house=house)
    assert outcome_of(session, outcome_id).file_id is not None
    assert [task.done_at for task in tasks(session)] == [later]
    with transaction(session):
        session.get_one(Outcome, outcome_id).pdf_wanted_at = later
    broken(True)
    make_returned_form(session, outcome_id, now=later, house=house)
    assert outcome_of(session, outcome_id).pdf_wanted_at == later + MINUTE
    assert len(tasks(session)) == 1


def test_a_form_of_a_version_that_is_not_known_is_a_failure_that_quotes_nothing(session: Session, house: House) -> None:
    outcome_id = make_outcome(session, pdf_wanted_at=NOW)
    with transaction(session):
        request_id = session.get_one(Outcome, outcome_id).request_id
        row = FormResponse(
            wall=Wall.OPEN, request_id=request_id, kind="full", form_version="1999-01", by_kind="referrer", at=NOW
        )
        row.answers = ANSWERS
        session.add(row)
    make_returned_form(session, outcome_id, now=NOW, house=house)
    (event,) = session.scalars(select(Event))
    assert event.facts == {"outcome": str(outcome_id), "failures": 1, "error": "FormVersionUnknownError"}


def test_the_latest_answers_are_returned(session: Session, house: House) -> None:
    outcome_id = make_outcome(session, kind=FormKind.CALL)
    with transaction(session):
        request_id = session.get_one(Outcome, outcome_id).request_id
        add_answers(session, request_id, {**ANSWERS, "concerns": {"narrative": ["The written form."]}}, at=NOW)
    make_returned_form(session, outcome_id, now=NOW, house=house)
    words = words_returned(session, outcome_id)
    assert "The written form." in words
    assert "without a coat" not in words


@pytest.mark.rule("GL-6")
def test_a_form_without_names_is_kept_with_notes_and_says_its_area_in_words(session: Session, house: House) -> None:
    outcome_id = make_outcome(session, kind=FormKind.IN_PRINCIPLE)
    form = find_form_to_return(session, outcome_id)
    assert form is not None
    content = content_of(
        replace(form, answers={"child.1.band": {"age_band": ["5_9"]}}), areas=(), settings=house.settings, now=NOW
    )
    assert not content.names_children
    assert content.note.startswith("Keep it with your own notes")


@pytest.mark.rule("EV-8")
def test_of_what_was_erased_no_form_is_made(session: Session, house: House) -> None:
    outcome_id = make_outcome(session)
    with transaction(session):
        session.get_one(Outcome, outcome_id).body = None
    make_returned_form(session, outcome_id, now=NOW, house=house)
    assert files(session) == []
    assert outcome_of(session, outcome_id).pdf_wanted_at is None
    assert acts(session) == ["form_returned_dropped"]


def test_a_decision_that_replaces_an_earlier_one_says_so(session: Session, house: House) -> None:
    outcome_id = make_outcome(session, body={**BODY, "is_corrected": True})
    make_returned_form(session, outcome_id, now=NOW, house=house)
    assert (
        "An initial assessment will be done. Corrected outcome: this decision replaces the earlier one."
        in words_returned(session, outcome_id)
    )


def test_the_trail_verifies_after_failing_and_making(
    session: Session, house: House, broken: Callable[[bool], None]
) -> None:
    outcome_id = make_outcome(session)
    broken(True)
    make_returned_form(session, outcome_id, now=NOW, house=house)
    broken(False)
    make_returned_form(session, outcome_id, now=NOW + MINUTE, house=house)
    assert acts(session) == ["form_returned_failed", "form_returned_made"]
    assert list(verify(session)) == []
