"""What the council's own numbers took and nothing could make sense of: a person says what it is (EV-1)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from helpdesk.domain.refusals import DeskOnlyError
from helpdesk.services.acting import is_of_desk
from helpdesk.services.enquiries.held import WAITS, words_of
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.trail import Stream, record
from service_request.domain.inbound_text import InboundText
from service_request.models import Arrival, Disposition, ReasonKind
from service_request.services.reasons import check_reason
from service_request.services.refusals import NotYoursError
from service_request.services.sight.held_arrivals import get_held_arrival
from service_request.services.sight.kept import BY_TEXT
from service_request.services.tasks import finish_about


def open_held_text(session: Session, *, arrival_id: UUID, by: User, now: datetime, house: House) -> UUID:
    """Make a request of what was held, or a message of the one open in its thread; its promise runs from receipt.

    Raises NotYoursError when somebody did so before.
    """
    from service_request.services.understanding.held import open_by_hand  # all that reads texts: no other page does

    _check(by)
    with transaction(session):
        arrival = get_held_arrival(session, arrival_id, by, lock=True)
        if not can_be_opened(arrival):
            raise NotYoursError
        said = InboundText(words_of(arrival), None, 0, None, None, ())
        request = open_by_hand(session, arrival, said, now=now, house=house)
        _done(session, arrival, by, now)
        record(session, Stream("request", request.id), "open_held", by=by.actor, now=now, arrival=arrival.id)
        return request.id


def set_aside_held_text(
    session: Session, *, arrival_id: UUID, reason: str, by: User, now: datetime, house: House
) -> None:
    """Keep what was held and make no request of it, with a reason that is counted (GL-8)."""
    _check(by)
    with transaction(session):
        arrival = get_held_arrival(session, arrival_id, by, lock=True)
        check_reason(session, ReasonKind.SET_ASIDE, reason)
        arrival.disposition, arrival.reason = Disposition.NOT_A_REQUEST, reason
        _done(session, arrival, by, now)
        record(session, Stream("arrival", arrival.id), "set_aside_held", by=by.actor, now=now, reason=reason)


def can_be_opened(arrival: Arrival) -> bool:
    """Tell whether it is a text of somebody: a call that nobody took is rung back, and what has no sender is logged."""
    return arrival.channel in BY_TEXT and bool(arrival.sender)


def _check(by: User) -> None:
    if by.wall is not Wall.OPEN or not is_of_desk(by):
        raise DeskOnlyError


def _done(session: Session, arrival: Arrival, by: User, now: datetime) -> None:
    finish_about(session, about_id=arrival.id, kinds=WAITS, by=by.actor, now=now)
    session.flush()
