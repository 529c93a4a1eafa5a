"""Promises to enquirers that come due: told to people of SENDIASS by name, and to nobody outside (EV-7, SE-3, SE-5)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from helpdesk.services.on_duty import list_on_duty
from helpdesk.services.promise_letters import IN_LINE, ON_DUTY, write_promise
from infrastructure.house import House
from infrastructure.identity.models import Role, TeamKind
from infrastructure.identity.users import list_holders
from service_request.models import Clock, ClockKind, ServiceRequest
from service_request.services.sight.hearing import hears_of, list_assignee, list_keepers

# As in watch.py: a letter's facts hold no word that somebody's story may have too.
PROMISES = {ClockKind.FIRST_CONTACT: "F", ClockKind.STATUTORY: "S"}


def warn_inside(session: Session, clock: Clock, request: ServiceRequest, *, now: datetime, house: House) -> int:
    """Warn the adviser who holds it, or every adviser while nobody does; return how many were told."""
    to = list_assignee(session, request) or list_advisers(session, request, now)
    return _write(session, "enquiry_due", to, clock, request, now, house)


def _tell_on_duty(session: Session, clock: Clock, request: ServiceRequest, now: datetime, house: House) -> int:
    to = list_on_duty(session, request, now)
    return _write(session, "enquiry_late", to, clock, request, now, house, told_as=ON_DUTY)


def _tell_next_in_line(session: Session, clock: Clock, request: ServiceRequest, now: datetime, house: House) -> int:
    """Tell the managers of SENDIASS; without one, every adviser."""
    to = list_leaders(session, request, now) or list_advisers(session, request, now)
    return _write(session, "enquiry_late", to, clock, request, now, house)


CHAIN = (_tell_on_duty, _tell_next_in_line)  # as in watch.py, and nobody of it stands outside


def list_advisers(session: Session, request: ServiceRequest, now: datetime) -> list[str]:
    """Return the addresses of the advisers who may hear of an enquiry; of a restricted one, of whoever keeps it."""
    return _holding(session, (Role.MEMBER,), request, now) or list_keepers(session, request)


def list_leaders(session: Session, request: ServiceRequest, now: datetime) -> list[str]:
    """Return the addresses of those who answer for SENDIASS's work."""
    return _holding(session, (Role.MANAGER, Role.SERVICE_MANAGER), request, now)


def _holding(session: Session, roles: tuple[Role, ...], request: ServiceRequest, now: datetime) -> list[str]:
    only = hears_of(request)
    found = [
        one.email
        for role in roles
        for one in list_holders(session, role=role, kind=TeamKind.SENDIASS, wall=request.wall, now=now, only=only)
    ]
    return list(dict.fromkeys(found))


def _write(
    session: Session,
    template: str,
    to: list[str],
    clock: Clock,
    request: ServiceRequest,
    now: datetime,
    house: House,
    told_as: str = "",
) -> int:
    why = {"told_as": told_as or IN_LINE} if template == "enquiry_late" else {}
    link = house.link("desk.enquiry", request_id=request.id)
    return write_promise(
        session, template, to, clock, request, now=now, house=house, promise=PROMISES[clock.kind], link=link, **why
    )
