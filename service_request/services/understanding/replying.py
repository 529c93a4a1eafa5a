"""What was said is written down as it was said, and what the engine answers is owed once a batch (EV-1, EV-2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import update

from infrastructure.outbox import Letter, OutboxMessage, owe, owe_text
from infrastructure.trail import ActorKind
from service_request.conversation.state import Reply
from service_request.domain.references import format_reference
from service_request.models import (
    ArrivalMedia,
    Direction,
    Disposition,
    Message,
    Safe,
    ServiceRequest,
)
from service_request.services.understanding.conversations import LASTING
from service_request.services.understanding.sides import Moment, Text

TEXT, REPLY = "text", "reply"


def write_down(
    at: Moment,
    request: ServiceRequest,
    texts: Sequence[Text],
    understood: dict[UUID, str | None],
    *,
    opened: bool,
) -> None:
    """Make each text a message of its request, at the time it was sent, so that a late one stands in its place."""
    for number, text in enumerate(texts):
        arrival = text.arrival
        at.session.add(
            Message(
                wall=at.thread.wall,
                request_id=request.id,
                arrival_id=arrival.id,
                conversation_id=at.thread.id,
                direction=Direction.IN,
                kind=TEXT,
                at=arrival.received_at,
                by_kind=ActorKind.REFERRER,
                body=text.said.body,
                understood=understood.get(arrival.id),
            )
        )
        is_first = opened and number == 0
        arrival.disposition = Disposition.REQUEST if is_first else Disposition.MESSAGE
        arrival.request_id, arrival.conversation_id = request.id, at.thread.id
    ids = [text.arrival.id for text in texts if text.said.media]
    if ids:  # the worker may fetch them now: it knows whose they are
        of_texts = (ArrivalMedia.wall == at.thread.wall, ArrivalMedia.arrival_id.in_(ids))
        at.session.execute(update(ArrivalMedia).where(*of_texts).values(request_id=request.id))
    at.session.flush()


def may_answer(at: Moment) -> bool:
    """Tell whether anything may go there: not where it is unsafe or they left, and danger changes nothing of that.

    Who reads the phone with them may be the danger: EV-2 stands before EV-10, and a person is alerted instead.
    """
    thread = at.thread
    if at.mail is not None and not at.mail.may_be_answered:
        return False
    return thread.safe is not Safe.NO and thread.opted_out_at is None and thread.silenced not in LASTING


def owe_reply(at: Moment, request: ServiceRequest, reply: Reply, cause: UUID) -> None:
    """Owe one text or mail for a batch, from the number or mailbox they wrote to, and keep it as a message (EV-2)."""
    row = _owe_mail(at, request, reply, cause) if at.mail is not None else _owe_text(at, request, reply, cause)
    at.session.flush()
    at.session.add(
        Message(
            wall=at.thread.wall,
            request_id=request.id,
            conversation_id=at.thread.id,
            outbox_id=row.id,
            direction=Direction.OUT,
            kind=REPLY,
            at=at.now,
            by_kind=ActorKind.SYSTEM,
            body=reply.text,
        )
    )


def _owe_text(at: Moment, request: ServiceRequest, reply: Reply, cause: UUID) -> OutboxMessage:
    letter = Letter(f"engine_{REPLY}", "", reply.text, {}, {"subject": [], "text": list(reply.own)})
    return owe_text(
        at.session,
        letter,
        channel=at.thread.channel,
        endpoint=at.thread.endpoint,
        to=at.thread.counterpart or "",
        cause=cause,
        about=("request", request.id),
        now=at.now,
        wall=at.thread.wall,
    )


def _owe_mail(at: Moment, request: ServiceRequest, reply: Reply, cause: UUID) -> OutboxMessage:
    """Owe the reply as a letter; what is ours of the reply is ours in the letter too: the guard reads the rest.

    Each says 999 once: in their language where the reply says it (EV-10).
    """
    assert at.mail is not None
    template = "engine_mail_first" if "999" in reply.text else "engine_mail"
    letter = at.house.write(template, reference=format_reference(request.reference), words=reply.text)
    begins, own = letter.text.find(reply.text), dict(letter.own or {})
    if begins >= 0:
        own["text"] = sorted([*own.get("text", []), *((begins + one, begins + other) for one, other in reply.own)])
    return owe(
        at.session,
        replace(letter, own=own),
        to=at.thread.counterpart or "",
        cause=cause,
        about=("request", request.id),
        now=at.now,
        wall=at.thread.wall,
        thread=at.mail.thread,
    )
