"""The same questions by text, one numbered question at a time (SE-8).

Who says so at the end leaves no name: then the answers become a row that belongs to nobody, and the texts that held
them lose their words. That somebody answered by text is known from the texts of ours that asked; what they said is not.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.house import House
from infrastructure.outbox import OutboxMessage, owe_text
from service_request.models import (
    Arrival,
    Conversation,
    Disposition,
    Evaluation,
    EvaluationState,
    Safe,
)
from service_request.pathways.sendiass.evaluation import Asked
from service_request.services.enquiries.evaluation_answers import keep_named, nameless, questions_for
from service_request.services.sight.evaluated import find_arrival
from service_request.services.sight.spoken import find_last_written

INSIDE = Wall.SENDIASS
BEGIN = frozenset({"go", "go on", "ok go", "yes go"})
SKIP = frozenset({"skip", "pass", "next"})
ASKS = ("evaluation_by_text", "evaluation_question", "evaluation_name")  # what a number or GO answers
NAME = "name"  # the last question: whether their name may stand with the answers
UNDER_WAY = "under_way"  # in `answers` while it lasts: the question that is open, and the texts that answered


def hear(session: Session, thread: Conversation, arrival: Arrival, body: str, *, now: datetime, house: House) -> bool:
    """Take a text that answers the open question of an evaluation, and owe the next one; False: it is something else.

    In the caller's transaction, which holds the thread's lock. Anything but a number, SKIP or GO is somebody's own
    words and is not taken: it goes on to a person (EV-1). While the engine asks on its own account, numbers are its.
    """
    if thread.safe is Safe.NO or thread.opted_out_at or (thread.request_id is not None and thread.silenced is None):
        return False
    row = _find(session, thread, now)
    if row is None or _answers_a_person(session, row, thread, arrival):
        return False
    said = re.sub(r"[\W_]+", " ", body.casefold()).strip()
    questions = {one.code: one for one in questions_for(row, house)}
    codes = [*questions, NAME]
    answers: dict[str, Any] = dict(row.answers or {})
    under_way: dict[str, Any] | None = answers.get(UNDER_WAY)
    if under_way is None:
        if said not in BEGIN:
            return False
        at, texts = codes[0], []
        row.next_at = row.ends_at  # whoever stops halfway is counted then, without a name
    else:
        code, texts = str(under_way["open"]), list(under_way["texts"])
        if code == NAME:
            if said not in ("1", "2", *SKIP):
                return False
            _end(session, row, answers, [*texts, str(arrival.id)], with_name=said == "1", now=now)
            _take(arrival, thread)
            _say(session, row, thread, arrival, "evaluation_thanks", now, house)
            return True
        chosen = _chosen(questions[code], said) if code in questions else None
        if chosen is None and said not in SKIP:
            return False
        if chosen is not None:
            answers[code] = chosen
        at = codes[codes.index(code) + 1] if code in codes else NAME
    row.answers = {**answers, UNDER_WAY: {"open": at, "texts": [*texts, str(arrival.id)]}}
    _take(arrival, thread)
    if at == NAME:
        _say(session, row, thread, arrival, "evaluation_name", now, house)
    else:
        asked = questions[at]
        place = f"{codes.index(at) + 1} of {len(questions)}"
        _say(session, row, thread, arrival, "evaluation_question", now, house, place=place, question=asked.say_text,
             options=_numbered(asked))  # fmt: skip
    return True


def stop(session: Session, thread: Conversation, *, now: datetime) -> None:
    """Ask no more in this thread, since they left by the carrier's word or their own; in the caller's transaction."""
    for row in session.scalars(
        select(Evaluation).where(
            Evaluation.wall == INSIDE,
            Evaluation.conversation_id == thread.id,
            Evaluation.state == EvaluationState.SENT,
        )
    ):
        row.state, row.next_at, row.answers = EvaluationState.OPTED_OUT, None, None


def end_unfinished(session: Session, row: Evaluation, *, now: datetime) -> None:
    """Count without a name what somebody said by text who never came to the end, in the caller's transaction."""
    answers = dict(row.answers or {})
    _end(session, row, answers, answers.get(UNDER_WAY, {}).get("texts", []), with_name=False, now=now)


def _find(session: Session, thread: Conversation, now: datetime) -> Evaluation | None:
    query = select(Evaluation).where(
        Evaluation.wall == INSIDE,
        Evaluation.conversation_id == thread.id,
        Evaluation.state == EvaluationState.SENT,
        Evaluation.ends_at > now,
    )
    return session.scalars(query.order_by(Evaluation.sent_at.desc()).limit(1).with_for_update()).one_or_none()


def _answers_a_person(session: Session, row: Evaluation, thread: Conversation, arrival: Arrival) -> bool:
    """Tell whether somebody of ours wrote there since we last asked: "2" and "go on" are for them then (EV-1)."""
    wrote_at = find_last_written(session, thread.id, before=arrival.received_at)
    if wrote_at is None:
        return False
    asked = select(func.max(OutboxMessage.owed_at)).where(
        OutboxMessage.wall == INSIDE,
        OutboxMessage.about_kind == "request",
        OutboxMessage.about_id == row.request_id,
        OutboxMessage.template.in_(ASKS),
    )
    asked_at = session.scalars(asked).one()
    return asked_at is None or wrote_at >= asked_at


def _numbered(asked: Asked) -> str:
    return ", ".join(f"{number} {label}" for number, (_, label) in enumerate(asked.scale, start=1))


def _chosen(asked: Asked, said: str) -> str | None:
    """Return the answer that a number stands for, or None."""
    return next((code for number, (code, _) in enumerate(asked.scale, start=1) if said == str(number)), None)


def _take(arrival: Arrival, thread: Conversation) -> None:
    arrival.disposition, arrival.reason, arrival.conversation_id = Disposition.MESSAGE, "evaluation", thread.id


def _end(
    session: Session, row: Evaluation, answers: dict[str, Any], texts: list[str], *, with_name: bool, now: datetime
) -> None:
    """Keep the answers with the enquiry, or give them to nobody and take the words out of the texts."""
    told = {code: value for code, value in answers.items() if code != UNDER_WAY}
    if with_name:
        keep_named(session, row, told, now=now)
        return
    if told:
        session.add(nameless(row.wording, told, now=now))
    row.state, row.is_anonymous, row.answers, row.next_at = EvaluationState.ANSWERED, True, None, None
    for one in texts:
        arrival = find_arrival(session, UUID(one))
        if arrival is not None:
            arrival.raw = None


def _say(
    session: Session,
    row: Evaluation,
    thread: Conversation,
    arrival: Arrival,
    template: str,
    now: datetime,
    house: House,
    **facts: str,
) -> None:
    assert row.request_id is not None
    owe_text(
        session,
        house.say(template, **facts),
        channel=thread.channel,
        endpoint=thread.endpoint,
        to=thread.counterpart or "",
        cause=arrival.id,
        about=("request", row.request_id),
        now=now,
        wall=INSIDE,
    )
