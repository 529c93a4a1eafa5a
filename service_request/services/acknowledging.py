"""Acknowledge what was received: a reference and what happens next, once (EV-2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.house import House
from infrastructure.identity.attempts import count_attempt
from infrastructure.outbox import owe
from infrastructure.web.say_time import public_moment
from service_request.domain.references import format_reference
from service_request.models import ReferrerKind, ServiceRequest
from service_request.services.kept_letters import keep_letter

A_DAY = timedelta(days=1)
UNPROVEN_A_DAY = 20  # T9: we are not to be used to flood somebody else's mailbox


def owe_acknowledgement(
    session: Session,
    request: ServiceRequest,
    *,
    cause: UUID,
    due_at: datetime,
    now: datetime,
    house: House,
    template: str = "acknowledgement",
    **facts: str,
) -> None:
    """Owe the acknowledgement by the channel used; nothing where it is not safe to write (EV-2, EV-6, EV-10)."""
    referrer = request.referrer
    email = referrer.email  # opened once
    if not email or referrer.safe == "no":
        return
    if referrer.proof is None and not count_attempt(
        session, f"ack:{email.lower()}", tries=UNPROVEN_A_DAY, window=A_DAY, now=now
    ):
        return
    is_professional = referrer.kind is ReferrerKind.PROFESSIONAL
    letter = house.write(
        template if is_professional else f"{template}_public",
        reference=format_reference(request.reference),
        by_when=public_moment(due_at),
        **facts,
    )
    row = owe(session, letter, to=email, cause=cause, about=("request", request.id), now=now)
    keep_letter(session, request, row, template, now=now)
