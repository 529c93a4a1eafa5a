"""How far the help goes: a level is begun, and only rises, each with its outcome in the person's own words (SE-4)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.domain.decision import said
from helpdesk.domain.enquiry_refusals import LevelNotHigherError, OutcomeMissingError
from helpdesk.services.enquiries.acting import INSIDE, lock_enquiry, move
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.domain.typed import REASON_MAX
from service_request.models import Enquiry, LevelRise
from service_request.pathways.sendiass.codes import LEVELS, Level
from service_request.pathways.sendiass.rules import EnquiryAct


def begin(session: Session, enquiry: Enquiry, *, by: User, now: datetime) -> None:
    """Give an enquiry its first level, in the transaction of the act that takes it; one that has a level keeps it."""
    if enquiry.level is None:
        _write(session, enquiry, Level.CONTACT, by=by, now=now)


def rise(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    level: Level,
    reason: str,
    outcome: str = "",
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Raise the level, with why, and what came of the level before in the person's own words (SE-4).

    Raises LevelNotHigherError, OutcomeMissingError, StaleEditError, TransitionRefusedError.
    """
    why = said(reason, sentence="Enter why the level rises", most=REASON_MAX)
    with transaction(session):
        mine = {"reason": why, "outcome": outcome}
        request, enquiry = lock_enquiry(session, request_id, by, version=version, mine=mine)
        if level not in levels_above(enquiry.level):
            raise LevelNotHigherError
        if enquiry.level is not None and not outcome.strip():
            raise OutcomeMissingError
        words = said(outcome, most=REASON_MAX) if outcome.strip() else None
        was = enquiry.level
        move(session, request, EnquiryAct.RISE, by=by.actor, now=now, level=level, was=was)
        _write(session, enquiry, level, reason=why, outcome=words, by=by, now=now)


def levels_above(level: Level | None) -> tuple[Level, ...]:
    """Return the levels that can still be reached."""
    return LEVELS if level is None else LEVELS[LEVELS.index(level) + 1 :]


def list_rises(session: Session, request_id: UUID) -> list[LevelRise]:
    """Return the levels of an enquiry that the caller has seen or locked, the first one first."""
    query = select(LevelRise).where(LevelRise.wall == INSIDE, LevelRise.request_id == request_id)
    return list(session.scalars(query.order_by(LevelRise.number)))


def _write(
    session: Session,
    enquiry: Enquiry,
    level: Level,
    *,
    reason: str | None = None,
    outcome: str | None = None,
    by: User,
    now: datetime,
) -> None:
    last = select(func.max(LevelRise.number)).where(
        LevelRise.wall == INSIDE, LevelRise.request_id == enquiry.request_id
    )
    session.add(
        LevelRise(
            wall=INSIDE,
            request_id=enquiry.request_id,
            number=(session.scalars(last).one() or 0) + 1,
            level=level,
            reason=reason,
            outcome=outcome,
            at=now,
            by_id=by.id,
        )
    )
    enquiry.level = level
