"""Enquiries for tests: one that came by text, with its thread, what was said, and the clock of five working days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction, uuid7
from infrastructure.house import House
from infrastructure.outbox import Letter, MessageState, OutboxMessage
from infrastructure.outbox.owe import owe_text
from infrastructure.trail import ActorKind
from service_request.domain.inbound_text import write_raw
from service_request.models import (
    Arrival,
    Channel,
    Conversation,
    Direction,
    Disposition,
    Enquiry,
    Message,
    Safe,
    ServiceRequest,
    Silenced,
    TaskKind,
)
from service_request.services.tasks import need_task
from tests.enquirers import MOTHER, make_open_enquiry, make_thread
from tests.factories import NOW
from tests.plugins.house import SENDIASS_NUMBER, SOCIAL_CARE_NUMBER

INSIDE = Wall.SENDIASS
STORY = "school won't let my son in, dont know what to do"
FACTS = {
    "age": "9",
    "gender": "male",
    "send": "yes",
    "plan": "yes",
    "place": "Saltby",
    "letter": "exclusion",
    "letter_on": "2026-11-12",
}


@dataclass(frozen=True)
class Texted:
    """An enquiry that came by text, and its thread."""

    id: UUID
    thread_id: UUID


def make_texted(
    session: Session,
    house: House,
    *,
    now: datetime = NOW,
    story: str = STORY,
    number: str = MOTHER,
    channel: Channel = Channel.SMS,
    safe: Safe = Safe.YES,
    silenced: Silenced | None = None,
    facts: dict[str, Any] | None = None,
    **changes: Any,
) -> Texted:
    """Make an enquiry that came by text: its first words, the thread, and the first reply, which left."""
    request_id = make_open_enquiry(
        session,
        house,
        now=now,
        story=story,
        channel=channel,
        facts={"enquirer": "parent", **(FACTS if facts is None else facts)},
        phone=number,
        safe=safe,
        **changes,
    )
    texted = Texted(request_id, make_thread(session, request_id, phone=number, safe=safe, now=now))
    with transaction(session):
        thread = session.get_one(Conversation, texted.thread_id)
        thread.channel, thread.silenced, thread.silenced_at = channel, silenced, now if silenced else None
        _said(session, texted, story, now)
        first = "Westmarch SENDIASS: we have your message and it is private. Child in danger? Call 999."
        _answered(session, texted, first, number, now)
    return texted


def hear(session: Session, texted: Texted, words: str, *, now: datetime, understood: str | None = None) -> None:
    """Let them say something, as the worker stores it; what it does to the enquiry is not done here."""
    with transaction(session):
        _said(session, texted, words, now, understood)
        thread = session.scalars(select(Conversation).where(Conversation.id == texted.thread_id)).one()
        thread.heard_at = now
        enquiry = get_enquiry(session, texted.id)
        enquiry.waits_since = enquiry.waits_since or now


def make_held(
    session: Session,
    words: str = "%%% 0x1f",
    *,
    sender: str | None = MOTHER,
    now: datetime = NOW,
    wall: Wall = INSIDE,
) -> UUID:
    """Keep a text that was held for a person, with its task; to SENDIASS's number unless it stands outside the wall."""
    number = SENDIASS_NUMBER if wall is INSIDE else SOCIAL_CARE_NUMBER
    with transaction(session):
        row = Arrival(
            wall=wall,
            id=uuid7(),
            channel=Channel.SMS,
            endpoint=number,
            external_id=uuid7().hex,
            sender=sender,
            sender_hash=sender,
            raw=write_raw("twilio", [("From", sender or ""), ("To", number), ("Body", words)]),
            received_at=now,
            stored_at=now,
            disposition=Disposition.HELD,
        )
        session.add(row)
        need_task(session, TaskKind.UNREADABLE, cause=f"held:{row.id}", about_id=row.id, now=now, wall=wall)
        return row.id


def send_all(session: Session, *, now: datetime, state: MessageState = MessageState.DELIVERED) -> None:
    """Let everything that waits be sent, as the carrier tells it."""
    with transaction(session):
        for row in session.scalars(select(OutboxMessage).where(OutboxMessage.state == MessageState.WAITING)):
            row.state, row.sent_at, row.next_at = state, now, None


def get_enquiry(session: Session, request_id: UUID) -> Enquiry:
    """Return what is particular to an enquiry, as it is stored."""
    return session.scalars(select(Enquiry).where(Enquiry.wall == INSIDE, Enquiry.request_id == request_id)).one()


def get_row(session: Session, request_id: UUID) -> ServiceRequest:
    """Return the request of an enquiry, as it is stored."""
    session.rollback()
    return session.get_one(ServiceRequest, request_id)


def _said(session: Session, texted: Texted, words: str, now: datetime, understood: str | None = None) -> None:
    session.add(
        Message(
            wall=INSIDE,
            request_id=texted.id,
            conversation_id=texted.thread_id,
            direction=Direction.IN,
            kind="text",
            at=now,
            by_kind=ActorKind.REFERRER,
            body=words,
            understood=understood,
        )
    )


def _answered(session: Session, texted: Texted, words: str, number: str, now: datetime) -> None:
    message_id = uuid7()
    row = owe_text(
        session,
        Letter("reply", "", words, {}, {"subject": [], "text": [(0, len(words))]}),
        channel="sms",
        endpoint=SENDIASS_NUMBER,
        to=number,
        cause=message_id,
        about=("request", texted.id),
        now=now,
        wall=INSIDE,
    )
    row.state, row.sent_at, row.next_at = MessageState.DELIVERED, now, None
    session.flush()
    session.add(
        Message(
            wall=INSIDE,
            id=message_id,
            request_id=texted.id,
            outbox_id=row.id,
            conversation_id=texted.thread_id,
            direction=Direction.OUT,
            kind="reply",
            at=now + timedelta(milliseconds=1),
            by_kind=ActorKind.SYSTEM,
            body=words,
        )
    )
