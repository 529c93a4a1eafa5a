"""The year that the demonstration tells: every stage is there, it holds together, and it says nothing it may not."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import policy
from email.parser import BytesParser
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from stdnum.gb import nhs

from demonstration.people import STAFF
from demonstration.places import MAIL
from helpdesk.domain.assignments import AssignmentState
from helpdesk.models import Assignment, Decision, DecisionLine, DutyTurn, Referral
from infrastructure.database import Wall
from infrastructure.identity.models import UserAccount
from infrastructure.identity.signing_in import sign_in
from infrastructure.identity.tries import Browser
from infrastructure.outbox import MessageState, OutboxMessage
from infrastructure.trail import Event, verify
from service_request.domain.consent import Told
from service_request.domain.mail.types import MailKind
from service_request.domain.standing import ReferralKind
from service_request.domain.states import RequestState
from service_request.models import (
    Arrival,
    AskedFor,
    AskedState,
    Channel,
    Clock,
    ClockBreach,
    ClockKind,
    Conversation,
    Direction,
    Disposition,
    Draft,
    Enquiry,
    Evaluation,
    EvaluationState,
    File,
    FileState,
    FormResponse,
    Mail,
    Message,
    Outcome,
    OutcomeState,
    Person,
    Referrer,
    Safe,
    ServiceRequest,
    Similarity,
    SimilarityState,
    Task,
    TaskKind,
)
from service_request.pathways.sendiass.codes import Level
from service_request.pathways.sendiass.rules import STATE_LABELS as ENQUIRY_STATES
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.rules import LINE_CHOICES, STATE_LABELS
from tests.demonstration.conftest import Westmarch
from tests.wall.joined import crossing

ONE = {RequestState.AWAITING_INFORMATION, RequestState.FOLDED}  # one of them is enough to be shown
WORD = re.compile(r"[^\W\d_]{3,}")
DRAWN = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{12,}\b")
PHONE = re.compile(r"\b0\d[\d ]{8,}\d\b")
ADDRESS = re.compile(r"[\w.+-]+@([\w.-]+\w)")


def counted(session: Session, column: Any, wall: Wall | None = None) -> Counter[Any]:
    query = select(column, func.count()).group_by(column)
    if wall is not None:
        query = query.where(column.class_.wall == wall)
    return Counter({row[0]: row[1] for row in session.execute(query)})


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, str):
        yield value


@pytest.mark.rule("SE-5")
def test_twelve_enquiries_stand_inside_and_nothing_joins_them_to_the_rest(session: Session) -> None:
    inside = session.scalars(select(ServiceRequest).where(ServiceRequest.wall == Wall.SENDIASS)).all()
    assert len(inside) == 12
    assert crossing(session) == {}


@pytest.mark.parametrize("state", sorted(ENQUIRY_STATES))
def test_enquiries_stand_at_every_stage(session: Session, state: RequestState) -> None:
    assert counted(session, ServiceRequest.state, Wall.SENDIASS)[state] >= 1


def test_enquiries_came_by_every_way_and_their_texts_went_both_ways(session: Session) -> None:
    came = counted(session, ServiceRequest.channel, Wall.SENDIASS)
    every_way = {Channel.SMS, Channel.WHATSAPP, Channel.WEB, Channel.PHONE, Channel.IN_PERSON, Channel.EMAIL}
    assert set(came) == every_way
    assert counted(session, Arrival.disposition, Wall.SENDIASS)[Disposition.HELD] == 0
    texts_out = session.scalars(select(OutboxMessage.state).where(OutboxMessage.channel != "email")).all()
    assert len(texts_out) > 20
    assert set(texts_out) == {MessageState.DELIVERED}


@pytest.mark.rule("GL-7")
@pytest.mark.rule("SE-1")
def test_a_practice_and_a_mother_wrote_by_mail_and_a_machine_that_is_filed(session: Session) -> None:
    mails = session.scalars(select(Mail)).all()
    assert Counter((one.wall, one.kind) for one in mails) == {
        (Wall.OPEN, MailKind.PERSON): 1, (Wall.SENDIASS, MailKind.PERSON): 1, (Wall.OPEN, MailKind.AUTO_REPLY): 1,
    }  # fmt: skip
    by_mail = select(ServiceRequest).where(ServiceRequest.channel == Channel.EMAIL, ServiceRequest.wall == Wall.OPEN)
    (contact,) = session.scalars(by_mail)
    assert contact.told == "not_established"
    assert [one.request_id is None for one in mails if one.kind is MailKind.AUTO_REPLY] == [True]


@pytest.mark.rule("SE-3")
def test_one_has_a_letter_with_a_date_one_is_due_today_and_one_is_in_danger(
    westmarch: Westmarch, session: Session
) -> None:
    rows = session.scalars(select(ServiceRequest).where(ServiceRequest.wall == Wall.SENDIASS)).all()
    enquiries = {row.request_id: row for row in session.scalars(select(Enquiry))}
    dated = [row for row in enquiries.values() if row.deadline_on]
    (boy,) = [row for row in dated if row.facts["age"] == "9"]
    assert boy.facts["letter"] == "exclusion"
    assert boy.reached_at is not None and boy.level == Level.ONE
    calendar = westmarch.app.extensions["house"].calendar
    today = calendar.add_working_days(calendar.local_day(westmarch.now), 0)
    clocks = select(Clock.due_at).where(Clock.kind == ClockKind.FIRST_CONTACT, Clock.ended_at.is_(None))
    assert today in {calendar.local_day(due) for due in session.scalars(clocks)}
    assert [row.channel for row in rows if row.urgency == "danger"] == [Channel.SMS]
    assert [enquiries[row.id].language for row in rows if row.channel == Channel.WHATSAPP] == ["pl"]


@pytest.mark.rule("SE-5")
def test_one_concern_was_shared_and_stands_outside_as_a_contact_of_its_own(session: Session) -> None:
    assert counted(session, ServiceRequest.channel, Wall.OPEN)[Channel.SHARE] == 1
    assert counted(session, Event.act)["share"] == 1


@pytest.mark.rule("SE-4")
@pytest.mark.rule("SE-8")
def test_one_was_finished_in_her_own_words_and_three_months_later_she_said_how_it_went(session: Session) -> None:
    (done,) = [row for row in session.scalars(select(Enquiry)) if row.outcome]
    assert done.level == Level.TWO
    (told,) = session.scalars(select(Evaluation).where(Evaluation.state == EvaluationState.ANSWERED))
    assert (told.request_id, told.is_anonymous) == (done.request_id, False)
    assert told.answers is not None and len(told.answers) >= 6


@pytest.mark.rule("EV-2")
def test_to_the_phone_that_another_reads_nothing_was_sent_after_she_said_so(session: Session) -> None:
    (unsafe,) = session.scalars(select(Conversation).where(Conversation.safe == Safe.NO))
    sent = session.scalars(select(Message).where(Message.conversation_id == unsafe.id).order_by(Message.at)).all()
    assert [message.direction for message in sent] == [Direction.IN, Direction.OUT, Direction.IN]


@pytest.mark.rule("EV-5")
def test_the_trail_of_the_demonstration_verifies(session: Session) -> None:
    assert not list(verify(session))
    assert counted(session, Event.stream_kind)["request"] > 300


def test_it_has_forty_requests_or_more_and_all_are_of_the_past(westmarch: Westmarch, session: Session) -> None:
    received = session.scalars(select(ServiceRequest.received_at)).all()
    assert len(received) >= 40
    assert max(received) <= westmarch.now
    assert min(received) < westmarch.now - timedelta(days=365)
    assert session.scalars(select(func.max(Event.at))).one() <= westmarch.now + timedelta(minutes=2)


def test_some_requests_have_files_all_looked_into_and_the_photo_served_without_its_place(session: Session) -> None:
    files = session.scalars(select(File).where(File.owner_kind == "request")).all()
    assert len({file.owner_id for file in files}) >= 2
    assert {file.state for file in files} == {FileState.CLEAN}
    assert [file.kind for file in files if file.served_store_key] == ["png"]


@pytest.mark.parametrize("state", sorted(STATE_LABELS))
def test_requests_stand_at_every_stage(session: Session, state: RequestState) -> None:
    assert counted(session, ServiceRequest.state, Wall.OPEN)[state] >= (1 if state in ONE else 2)


@pytest.mark.rule("GL-3")
@pytest.mark.rule("GL-8")
@pytest.mark.rule("EV-7")
def test_one_was_asked_and_answered_one_waits_two_are_one_and_two_are_wanted_back(session: Session) -> None:
    asked = counted(session, AskedFor.state)
    assert asked[AskedState.OPEN] >= 1
    assert asked[AskedState.ANSWERED] >= 1
    assert max(session.scalars(select(AskedFor.chased))) == 2
    outside = (ServiceRequest.wall == Wall.OPEN, ServiceRequest.state == RequestState.FOLDED)
    (folded,) = session.scalars(select(ServiceRequest).where(*outside))
    survivor = session.get_one(ServiceRequest, folded.folded_into_id)
    assert survivor.state is RequestState.AWAITING_DECISION
    acts = counted(session, Event.act)
    assert (acts["ask_withdraw"], acts["withdraw"], acts["take_in"]) == (2, 1, 1)
    (late,) = session.scalars(select(ClockBreach))
    assert late.words and session.get_one(Clock, late.clock_id).kind is ClockKind.DECISION


@pytest.mark.rule("EV-7")
def test_somebody_is_on_duty_now_and_next_week(westmarch: Westmarch, session: Session) -> None:
    turns = session.scalars(select(DutyTurn).order_by(DutyTurn.since)).all()
    assert len(turns) == 3
    assert all(
        any(one.since <= at < one.until for one in turns) for at in (westmarch.now, westmarch.now + timedelta(7))
    )


@pytest.mark.parametrize("kind", list(FormKind))
def test_every_form_was_used(session: Session, kind: FormKind) -> None:
    assert counted(session, FormResponse.kind)[kind] >= 1


@pytest.mark.parametrize("choice", LINE_CHOICES, ids=lambda choice: choice.code)
def test_every_decision_was_taken(session: Session, choice: Any) -> None:
    taken = {(row.standing, row.action, row.contact_reason) for row in session.scalars(select(DecisionLine))}
    assert (choice.standing, choice.action, choice.contact_reason) in taken


@pytest.mark.parametrize("state", list(AssignmentState))
def test_teams_have_got_to_every_point(session: Session, state: AssignmentState) -> None:
    assert counted(session, Assignment.state)[state] >= 1


@pytest.mark.parametrize("told", [Told.YES, Told.RISK, Told.IN_PRINCIPLE, Told.NOT_ESTABLISHED, Told.OVERRIDE], ids=str)
def test_families_were_told_in_every_way(session: Session, told: Told) -> None:
    assert counted(session, ServiceRequest.told)[told] >= 1


def test_outcomes_were_sent_failed_and_could_not_be_delivered(session: Session) -> None:
    found = counted(session, Outcome.state)
    assert found[OutcomeState.SENT] > 20
    assert found[OutcomeState.FAILED] >= 1
    assert found[OutcomeState.NOT_DELIVERABLE] >= 2
    assert counted(session, Outcome.reason)["logged_call"] >= 1


def test_one_is_late_one_is_warned_and_one_call_waits_for_its_form(westmarch: Westmarch, session: Session) -> None:
    open_clocks = session.scalars(select(Clock).where(Clock.ended_at.is_(None))).all()
    decisions = [clock for clock in open_clocks if clock.kind is ClockKind.DECISION]
    late = [clock for clock in decisions if clock.due_at < westmarch.now]
    assert len(late) == 1
    assert late[0].escalated_at is not None
    assert any(clock.warned_at is not None and clock.due_at > westmarch.now for clock in decisions)
    assert any(clock.kind is ClockKind.WRITTEN_FORM and clock.due_at > westmarch.now for clock in open_clocks)


def test_a_decision_was_replaced_a_re_referral_confirmed_and_a_request_restored(session: Session) -> None:
    assert counted(session, Decision.supersedes_id.is_(None))[False] == 1
    assert counted(session, Referral.kind)[ReferralKind.RE_REFERRAL] == 1
    assert counted(session, Event.act)["restore"] == 1
    assert counted(session, Similarity.state)[SimilarityState.CONFIRMED] >= 1
    assert counted(session, Event.act)["complete"] == 1


@pytest.mark.rule("EV-4")
def test_the_two_brothers_wait_with_two_hints_to_answer(session: Session) -> None:
    open_hints = select(Similarity.request_id, func.count()).where(Similarity.state == SimilarityState.OPEN)
    counts = {row[0]: row[1] for row in session.execute(open_hints.group_by(Similarity.request_id))}
    hartleys = [
        row
        for row in session.scalars(select(ServiceRequest).where(ServiceRequest.wall == Wall.OPEN))
        if row.headline["children"][:1] and row.headline["children"][0].startswith("Callum Hartley")
    ]
    assert [counts.get(row.id) for row in hartleys] == [2]


@pytest.mark.parametrize(
    "kind",
    [
        TaskKind.DELIVERY_FAILED, TaskKind.HANDED_BACK, TaskKind.NOT_ACKNOWLEDGED, TaskKind.ASK_AGREEMENT,
        TaskKind.CHASE, TaskKind.NEW_INFORMATION, TaskKind.WITHDRAW_ASKED,
    ],
)  # fmt: skip
def test_the_desk_has_tasks_of_every_kind_to_do(session: Session, kind: TaskKind) -> None:
    todo = session.scalars(select(Task.kind).where(Task.done_at.is_(None))).all()
    assert kind in todo


def test_nothing_went_wrong_while_it_was_made(westmarch: Westmarch, session: Session) -> None:
    kinds = counted(session, Task.kind)
    alerts = session.scalars(select(Task.cause).where(Task.kind == TaskKind.ALERT)).all()
    assert {cause.split(":")[0] for cause in alerts} == {"mail_late"}  # the full mailbox at Larkfield, and nothing else
    assert not kinds[TaskKind.PDF_FAILED]
    assert not kinds[TaskKind.NO_DESTINATION]
    assert counted(session, OutboxMessage.state)[MessageState.HELD] == 0
    assert '"level": "error"' not in westmarch.log
    assert session.scalars(select(func.count()).select_from(File)).one() > 20
    assert session.scalars(select(Draft).where(Draft.sent_request_id.is_(None))).one().answers["told"]


def test_every_mail_that_was_sent_arrived(westmarch: Westmarch, session: Session) -> None:
    arrived = {message_id_of(path.read_bytes()) for path in (westmarch.folder / MAIL).glob("*.eml")}
    is_mail = OutboxMessage.channel == "email"
    sent = select(OutboxMessage.message_id).where(is_mail, OutboxMessage.state == MessageState.SENT)
    assert arrived == set(session.scalars(sent))
    assert len(arrived) > 100


def message_id_of(content: bytes) -> str:
    return str(BytesParser(policy=policy.default).parsebytes(content)["Message-ID"])


@pytest.mark.rule("EV-6")
def test_no_name_of_the_county_is_in_a_mail_a_subject_a_file_name_or_the_log(
    westmarch: Westmarch, session: Session
) -> None:
    persons = session.scalars(select(Person)).all()
    names = {word.casefold() for person in persons for word in WORD.findall(person.name or "")} - {"baby", "test"}
    births = {str(person.facts["birth_on"]) for person in persons if (person.facts or {}).get("birth_on")}
    assert len(names) > 80
    assert len(births) > 30
    places = [("log", westmarch.log), *(("file", file.name or "") for file in session.scalars(select(File)))]
    for path in (westmarch.folder / MAIL).glob("*.eml"):
        mail = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
        body = mail.get_body(("plain",))
        assert body is not None
        places.append((str(mail["Subject"]), f"{mail['Subject']}\n{re.sub('https?://[^ ]+', '', body.get_content())}"))
    for place, said in places:
        said = DRAWN.sub("", said)  # references and ids are drawn by chance: 3AMY-TQR3 and 7ade-… name nobody
        assert not names & {word.casefold() for word in WORD.findall(said)}, place
        assert not [birth for birth in births if birth in said], place
    for path in (westmarch.folder / MAIL).iterdir():
        assert re.fullmatch(r"[0-9a-f]{40}\.eml", path.name)


def test_every_person_number_and_address_is_made_up(session: Session) -> None:
    said = [text for row in session.scalars(select(FormResponse)) for text in texts(row.answers)]
    said += [text for row in session.scalars(select(Referrer)) for text in (row.email or "", row.phone or "")]
    numbers = {"".join(match.split()) for text in said for match in PHONE.findall(text)}
    assert numbers
    assert all(re.fullmatch(r"07700900\d{3}|01632960\d{3}", number) for number in numbers)
    assert {domain.rpartition(".")[2] for text in said for domain in ADDRESS.findall(text)} == {"example"}
    health = [one for person in session.scalars(select(Person)) if (one := (person.facts or {}).get("nhs_number"))]
    assert health
    assert all(nhs.is_valid(one) and nhs.compact(one).startswith("999") for one in health)


def test_everybody_can_sign_in_with_what_is_printed(westmarch: Westmarch, session: Session) -> None:
    settings = westmarch.app.extensions["house"].settings
    assert session.scalars(select(func.count()).select_from(UserAccount)).one() == len(STAFF) >= 12
    for person in STAFF:
        entry = {"email": person.email, "password": person.password, "browser": Browser("test")}
        assert sign_in(session, **entry, settings=settings, now=westmarch.now).token


# A working afternoon, a Saturday night, the Monday after Christmas with its bank holiday, the night the clocks go on.
MOMENTS = [
    datetime(2026, 12, 26, 23, 40, tzinfo=UTC),
    datetime(2026, 12, 28, 7, 5, tzinfo=UTC),
    datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
    datetime(2028, 2, 29, 14, 0, tzinfo=UTC),
]


@pytest.mark.slow
@pytest.mark.parametrize("now", MOMENTS if os.environ.get("EFFORT") == "full" else MOMENTS[:1], ids=str)
def test_the_year_can_be_told_up_to_any_moment(remake: Callable[[datetime], Westmarch], now: datetime) -> None:
    from infrastructure.database import db

    remake(now)
    session = db.session()
    assert not list(verify(session))
    assert set(counted(session, ServiceRequest.state, Wall.OPEN)) == set(STATE_LABELS)
    assert set(counted(session, ServiceRequest.state, Wall.SENDIASS)) == set(ENQUIRY_STATES)
    assert set(counted(session, Assignment.state)) == set(AssignmentState)
