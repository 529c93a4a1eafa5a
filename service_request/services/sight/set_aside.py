"""What was set aside, counted: never whose it was (GL-8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, literal, select, union_all
from sqlalchemy.orm import Session

from infrastructure.identity.users import User
from service_request.domain.states import RequestState
from service_request.models import Arrival, Disposition, ServiceRequest
from service_request.services.sight.visible import visible_to

MOST = 20_000  # rows of a few weeks: far more than an authority gets


@dataclass(frozen=True)
class SetAside:
    """One thing that is set aside: why, and when it reached us."""

    reason: str
    received_at: datetime


def list_set_aside(session: Session, user: User, *, since: datetime) -> list[SetAside]:
    """Return what came since and is set aside now: requests, what was held, and machine mail filed by itself."""
    requests = select(ServiceRequest.set_aside_reason.label("reason"), ServiceRequest.received_at).where(
        visible_to(user), ServiceRequest.state == RequestState.SET_ASIDE, ServiceRequest.received_at >= since
    )
    held = select(Arrival.reason, Arrival.received_at).where(
        Arrival.wall == user.wall,
        Arrival.disposition == Disposition.NOT_A_REQUEST,
        Arrival.received_at >= since,
    )
    machines = select(literal("machine_mail"), Arrival.received_at).where(
        Arrival.wall == user.wall, Arrival.disposition == Disposition.MACHINE, Arrival.received_at >= since
    )
    both: CompoundSelect[*tuple[Any, ...]] = union_all(requests, held, machines).limit(MOST)
    return [SetAside(reason or "other", at) for reason, at in session.execute(both)]
