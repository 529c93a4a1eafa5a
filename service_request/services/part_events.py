"""What became of the parts of a draft that colleagues were asked for, as the trail keeps it: no address (EV-5)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import digest
from infrastructure.trail import Actor, ActorKind, Stream, record
from service_request.models import Draft, DraftPart, ServiceRequest

ASK, TAKE_BACK, FINISH = "ask_part", "take_back_part", "finish_part"
SENT_WITH = "sent_with_part"


def record_part(session: Session, act: str, draft: Draft, part: DraftPart, *, by: Actor, now: datetime) -> None:
    """Record in the locked draft's trail who was asked for which pages, that it was taken back, or that it is done."""
    record(
        session,
        Stream("draft", draft.id),
        act,
        by=by,
        now=now,
        part=part.id,
        asker=_digest(draft.proven_email),
        colleague=_digest(part.address),
        pages=list(part.steps),
    )


def record_sent_with(session: Session, draft: Draft, request: ServiceRequest, *, by: Actor, now: datetime) -> None:
    """Tell in the trail of a request, which the caller holds, what of its form colleagues were asked for."""
    parts = select(DraftPart).where(DraftPart.wall == draft.wall, DraftPart.draft_id == draft.id)
    for part in session.scalars(parts.order_by(DraftPart.asked_at, DraftPart.id)):
        record(
            session,
            Stream("request", request.id),
            SENT_WITH,
            by=by,
            now=now,
            draft=draft.id,
            part=part.id,
            colleague=_digest(part.address),
            kind=draft.kind,
            pages=list(part.steps),
            asked_at=part.asked_at,
            done_at=part.done_at,
            taken_back_at=part.ended_at,
        )


def holder_of_draft(draft: Draft) -> Actor:
    """Return whoever holds a draft, as the trail names them: the draft is all that is known of them."""
    return Actor(ActorKind.REFERRER, draft.id)


def _digest(address: str | None) -> str | None:
    return digest("part", address.lower()).hex() if address else None
