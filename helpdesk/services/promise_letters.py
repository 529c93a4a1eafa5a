"""The letter that tells of a promise: one to each who hears of it, on the request's side of the wall (EV-7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from infrastructure.house import House
from infrastructure.outbox import owe
from infrastructure.web.say_time import public_moment
from service_request.domain.references import format_reference
from service_request.models import Clock, ServiceRequest

ON_DUTY, IN_LINE = "R", "L"  # why somebody hears: by the rota, or since the line comes to them


def write_promise(
    session: Session,
    template: str,
    to: Sequence[str],
    clock: Clock,
    request: ServiceRequest,
    *,
    now: datetime,
    house: House,
    **facts: str,
) -> int:
    """Owe each address the letter with the reference and the time of a promise; return how many are told by it."""
    letter = house.write(
        template, reference=format_reference(request.reference), by_when=public_moment(clock.due_at), **facts
    )
    for address in to:
        owe(session, letter, to=address, cause=clock.id, about=("request", request.id), now=now, wall=request.wall)
    return len(to)
