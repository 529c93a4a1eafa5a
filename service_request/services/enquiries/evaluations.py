"""Three months after the first contact somebody is asked how it went, where that is safe (SE-8)."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from dateutil.relativedelta import relativedelta
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.calendar import LONDON, OfficeCalendar
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.outbox import OutboxMessage, owe, owe_text
from infrastructure.texting.numbers import can_be_answered, endpoints
from infrastructure.trail import SYSTEM, Stream, record
from service_request.models import Channel, Conversation, Enquiry, Evaluation, EvaluationState, ServiceRequest
from service_request.pathways.sendiass.codes import Level
from service_request.services.enquiries.evaluation_answers import wording_of
from service_request.services.enquiries.evaluation_texts import end_unfinished
from service_request.services.sight.evaluated import Reachable, read_reachable
from service_request.services.sight.system import list_folded_into, lock_request, lock_survivor

INSIDE = Wall.SENDIASS
AFTER = relativedelta(months=3)  # SE-8
SENT_AT = time(10, 0)  # by the clock on the wall, on a day that is worked
LETTER, TEXT, TEXT_TO_ANSWER = "evaluation", "evaluation", "evaluation_by_text"
CARRY_A_LINK = frozenset({LETTER, TEXT, TEXT_TO_ANSWER})
ASKED_ALREADY = "asked_already"  # by another enquiry of the same person, one with this by folding
GONE = "…"  # in place of a link that was sent: who reads the outbox cannot follow it back


def plan_evaluation(session: Session, enquiry: Enquiry, request: ServiceRequest, *, now: datetime) -> None:
    """Plan it inside the transaction that notes the first contact; a second time changes nothing (SE-8)."""
    if enquiry.reached_at is None or _is_planned(session, request.id):
        return
    calendar = OfficeCalendar()
    due_on = calendar.add_working_days(calendar.local_day(enquiry.reached_at) + AFTER, 0)
    session.add(
        Evaluation(
            wall=INSIDE,
            request_id=request.id,
            state=EvaluationState.WAITING,
            level=enquiry.level or Level.CONTACT,
            wording="",
            due_on=due_on,
            next_at=datetime.combine(due_on, SENT_AT, LONDON).astimezone(UTC),
        )
    )


def list_due(session: Session, now: datetime, most: int = 50) -> list[UUID]:
    """Return the evaluations that are to go out now, and those that somebody left halfway by text."""
    query = select(Evaluation.id).where(Evaluation.wall == INSIDE, Evaluation.next_at <= now)
    found = list(session.scalars(query.order_by(Evaluation.next_at).limit(most)))
    session.rollback()
    return found


def act_on_evaluation(session: Session, row_id: UUID, *, now: datetime, house: House) -> None:
    """Owe the link by text or mail, only where that is marked safe and nobody opted out; else say why not (SE-8).

    Who asked by two enquiries that are one by folding is asked once: by the first of them that may be.
    """
    of = select(Evaluation).where(Evaluation.wall == INSIDE, Evaluation.id == row_id)
    with transaction(session):
        about = session.scalars(of).one().request_id
        whole = _lock_whole(session, about) if about is not None else []
        row = session.scalars(of.with_for_update(of=Evaluation).execution_options(populate_existing=True)).one()
        if row.next_at is None or row.next_at > now or row.request_id is None:
            return  # another worker was here
        if row.state is not EvaluationState.WAITING:
            end_unfinished(session, row, now=now)
            return
        to = read_reachable(session, row.request_id)
        row.level, row.next_at = to.level, None
        why_not = to.why_not or (ASKED_ALREADY if _was_asked(session, whole, row) else "")
        why_not = why_not or _owe(session, row, to, now, house)
        if why_not:
            row.state, row.why = EvaluationState.NOT_SENT, why_not
        act = "keep_evaluation_back" if why_not else "send_evaluation"
        record(session, Stream("request", row.request_id), act, by=SYSTEM, now=now, why=row.why)


def forget_link(row: OutboxMessage) -> None:
    """Take the secret out of a message that will not be sent again.

    With it, whoever reads the database could tell whose answers those are that were given without a name.
    """
    if row.wall is not INSIDE or row.template not in CARRY_A_LINK:
        return
    link = (row.body.get("facts") or {}).get("link", "")
    text = str(row.body["text"])
    if link:
        facts = {**row.body["facts"], "link": GONE}
        row.body = {**row.body, "text": text.replace(link, GONE), "facts": facts, "own": None}


def _is_planned(session: Session, request_id: UUID) -> bool:
    query = select(Evaluation.id).where(Evaluation.wall == INSIDE, Evaluation.request_id == request_id)
    return session.scalars(query.limit(1)).first() is not None


def _lock_whole(session: Session, request_id: UUID) -> list[UUID]:
    """Return an enquiry and all that are one with it by folding; the one that goes on is locked, for one worker."""
    last = lock_survivor(session, lock_request(session, request_id))
    return [last.id, *(one.id for one in list_folded_into(session, last))]


def _was_asked(session: Session, whole: list[UUID], row: Evaluation) -> bool:
    query = select(Evaluation.id).where(
        Evaluation.wall == INSIDE,
        Evaluation.request_id.in_(whole),
        Evaluation.id != row.id,
        Evaluation.state.in_((EvaluationState.SENT, EvaluationState.ANSWERED, EvaluationState.OPTED_OUT)),
    )
    return session.scalars(query.limit(1)).first() is not None


def _owe(session: Session, row: Evaluation, to: Reachable, now: datetime, house: House) -> str:
    """Owe it by the way they used; return why not where there is none."""
    number = _our_number(house, to.thread)
    phone = to.thread.counterpart if to.thread else to.phone
    by_text = bool(number and phone and can_be_answered(phone))
    if not by_text and not to.email:
        return "no_way"
    token = secrets.token_urlsafe(32)
    days = house.settings.link_days
    row.token, row.wording, row.state = token, wording_of(house).version, EvaluationState.SENT
    row.sent_at, row.ends_at = now, now + timedelta(days=days)
    assert row.request_id is not None
    about = ("request", row.request_id)
    link = house.link("web.evaluation", token=token)
    if to.thread is not None and by_text:
        row.conversation_id = to.thread.id
    if by_text and (to.thread is not None or not to.email):
        text = house.say(TEXT_TO_ANSWER if to.thread is not None else TEXT, link=link)
        owe_text(
            session,
            text,
            channel=Channel.SMS,
            endpoint=number,
            to=phone or "",
            cause=row.id,
            about=about,
            now=now,
            wall=INSIDE,
        )
    else:
        letter = house.write(LETTER, link=link, days=str(days))
        owe(session, letter, to=to.email, cause=row.id, about=about, now=now, wall=INSIDE)
    return ""


def _our_number(house: House, thread: Conversation | None) -> str:
    """Return the number that they wrote to, while it is ours, or another of ours that can send a text."""
    ours = [one.number for one in endpoints(house.settings) if one.wall is INSIDE and one.channel == Channel.SMS]
    if thread is not None:
        return thread.endpoint if thread.endpoint in ours else ""
    return ours[0] if ours else ""
