"""Promises that come due with nobody signed in: warned before, escalated after, to people by name (EV-7, GL-8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models import Assignment
from helpdesk.services.assigning import list_addresses, tell_team
from helpdesk.services.assignments import lapse
from helpdesk.services.deciders import list_deciding_teams
from helpdesk.services.enquiries import watching
from helpdesk.services.on_duty import list_on_duty
from helpdesk.services.promise_letters import IN_LINE, ON_DUTY, write_promise
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.models import Role, Team
from infrastructure.identity.users import list_holders
from infrastructure.trail import SYSTEM, Stream, record
from infrastructure.web.say_time import public_moment
from service_request.models import Clock, ClockKind, ServiceRequest, TaskKind
from service_request.services.breaches import ask_why
from service_request.services.clocks import lock_due_clock, look_again, mark_escalated, mark_warned
from service_request.services.sight.hearing import hears_of, list_assignee, list_keepers
from service_request.services.tasks import need_task

# A letter's facts hold no word that a school or a street may have too: the outgoing guard would keep the letter back.
PROMISES = {ClockKind.DECISION: "D", ClockKind.ACKNOWLEDGE: "A", ClockKind.WRITTEN_FORM: "W", ClockKind.ANSWER: "R"}


def act_on_clock(session: Session, clock_id: UUID, *, now: datetime, house: House) -> None:
    """Warn or escalate what one due clock calls for; one that ended, or that another worker saw to, is left alone.

    The clock itself runs on: only the act it waits for ends it. At any hour goes what concerns the 24 hours; any other
    reminder waits until the office is open.
    """
    with transaction(session):
        due = lock_due_clock(session, clock_id, now)
        if due is None:
            return
        clock, request = due
        ask_why(session, clock, request, now)
        wakes = clock.kind is ClockKind.DECISION or house.calendar.is_open(now)
        if clock.warned_at is None:
            if not wakes and now < clock.escalate_at:
                look_again(clock, min(house.calendar.in_office_hours(now), clock.escalate_at))
                return
            if (
                wakes or clock.kind in watching.PROMISES
            ):  # else the reminder is too late, and nobody is there to read it
                _warn(session, clock, request, now, house)
            mark_warned(clock, now)
        if now >= clock.escalate_at:
            _escalate(session, clock, request, now, house, wakes=wakes)


def _warn(session: Session, clock: Clock, request: ServiceRequest, now: datetime, house: House) -> None:
    if clock.kind is ClockKind.ACKNOWLEDGE:
        told = _remind_team(session, clock, request, now, house)
    elif clock.kind in watching.PROMISES:
        told = watching.warn_inside(session, clock, request, now=now, house=house)
        if not told:
            _alert(session, clock, request, now)
    elif clock.kind is ClockKind.DECISION:
        told = _warn_deciders(session, clock, request, now, house)
        if not told:
            _alert(session, clock, request, now)
    else:  # what a referrer owes: the officer who holds the request hears of it, if there is one
        told = _write_to(session, "clock_warning", list_assignee(session, request), clock, request, now, house)
    _record(session, "warn_clock", clock, request, told, now)


def _warn_deciders(session: Session, clock: Clock, request: ServiceRequest, now: datetime, house: House) -> int:
    """Warn the managers who may decide, and whoever is on duty while the office is closed or no manager is left."""
    managers = list_managers(session, request, now)
    is_closed = not house.calendar.is_open(now)
    on_duty = list_on_duty(session, request, now) if is_closed or not managers else []
    told = _write_to(session, "clock_warning", managers, clock, request, now, house)
    others = [one for one in on_duty if one not in managers]
    told += _write_to(session, "clock_warning", others, clock, request, now, house, told_as=ON_DUTY)
    if not told:
        to = list_next_in_line(session, request, now)
        told = _write_to(session, "clock_warning", to, clock, request, now, house)
    return told


def _escalate(
    session: Session, clock: Clock, request: ServiceRequest, now: datetime, house: House, *, wakes: bool
) -> None:
    """Do what is done once when the time has run out, then tell the next in the chain whose turn it is."""
    is_first = clock.escalated_at is None
    mark_escalated(clock, now)
    if clock.kind in (ClockKind.WRITTEN_FORM, ClockKind.ANSWER):
        if is_first:
            need_task(
                session,
                TaskKind.CHASE,
                cause=f"{clock.kind}:{clock.id}",
                request_id=request.id,
                about_id=clock.id,
                now=now,
                wall=request.wall,
            )
            _record(session, "escalate_clock", clock, request, 0, now)
        return
    if is_first and clock.kind is ClockKind.ACKNOWLEDGE and not lapse(session, request, clock.owner_id, now=now):
        return
    if not wakes and clock.kind not in watching.PROMISES:
        look_again(clock, house.calendar.in_office_hours(now))
        return
    _go_up(session, clock, request, now, house)


def _go_up(session: Session, clock: Clock, request: ServiceRequest, now: datetime, house: House) -> None:
    """Tell each rung of the chain whose minute has come; one with nobody to tell goes to the next at once."""
    chain: Sequence[Rung] = watching.CHAIN if clock.kind in watching.PROMISES else CHAIN
    after = house.settings.escalation_minutes
    was, told, is_passed_on = clock.level, 0, False
    while clock.level < len(chain) and (is_passed_on or now >= _minute_of(clock, after)):
        heard = chain[clock.level](session, clock, request, now, house)
        told, is_passed_on = told + heard, not heard
        clock.level += 1
    if was == 0 and clock.level == len(chain) and not told:
        _alert(session, clock, request, now)
    if clock.level > was:
        _record(session, "escalate_clock", clock, request, told, now)
    look_again(clock, _next_look(clock, len(chain), after, now))


def _next_look(clock: Clock, rungs: int, after: Sequence[int], now: datetime) -> datetime | None:
    """Return when the next rung is told, or when a date that the law sets is missed; None: nothing is left to do."""
    coming = [clock.due_at] if clock.due_at > now else []
    if clock.level < rungs:
        coming.append(_minute_of(clock, after))
    return min(coming, default=None)


def _minute_of(clock: Clock, after: Sequence[int]) -> datetime:
    """Return when the rung that a clock has come to is told; the last figure holds for all that follow."""
    return clock.escalate_at + timedelta(minutes=after[min(clock.level, len(after) - 1)])


def _tell_on_duty(session: Session, clock: Clock, request: ServiceRequest, now: datetime, house: House) -> int:
    to = list_on_duty(session, request, now)
    return _write_to(session, "clock_escalation", to, clock, request, now, house, told_as=ON_DUTY)


def _tell_next_in_line(session: Session, clock: Clock, request: ServiceRequest, now: datetime, house: House) -> int:
    return _write_to(session, "clock_escalation", list_next_in_line(session, request, now), clock, request, now, house)


Rung = Callable[[Session, Clock, ServiceRequest, datetime, House], int]
# Who hears that the time has run out, one after the other; the managers who may decide were warned before.
CHAIN: tuple[Rung, ...] = (_tell_on_duty, _tell_next_in_line)


def list_managers(session: Session, request: ServiceRequest, now: datetime) -> list[str]:
    """Return the addresses of those who may decide this request: the area's managers, or the default area's."""
    if request.wall is not Wall.OPEN:
        return []
    teams = list_deciding_teams(session, request.area_id)
    only = hears_of(request)
    return [one.email for one in list_holders(session, role=Role.MANAGER, teams=teams, now=now, only=only)]


def list_service_managers(session: Session, request: ServiceRequest, now: datetime) -> list[str]:
    """Return the addresses of the next in the chain who may hear of this request, on its side of the wall."""
    teams, only = list(session.scalars(select(Team.id).where(Team.wall == request.wall))), hears_of(request)
    return [one.email for one in list_holders(session, role=Role.SERVICE_MANAGER, teams=teams, now=now, only=only)]


def list_next_in_line(session: Session, request: ServiceRequest, now: datetime) -> list[str]:
    """Return the service managers; where none of them may hear of the request, whoever keeps sight of it (EV-5)."""
    return list_service_managers(session, request, now) or list_keepers(session, request)


def _remind_team(session: Session, clock: Clock, request: ServiceRequest, now: datetime, house: House) -> int:
    assignment = session.get_one(Assignment, clock.owner_id)
    to = list_addresses(session, assignment.team_id, request=request, now=now)
    if not to:  # nobody by name: the mailbox that was told of it is told again
        return int(
            tell_team(
                session,
                request,
                assignment,
                "assignment_reminder",
                by_when=public_moment(clock.due_at),
                cause=clock.id,
                now=now,
                house=house,
            )
        )
    link = house.link("desk.assignment", assignment_id=assignment.id)
    return write_promise(session, "assignment_reminder", to, clock, request, now=now, house=house, link=link)


def _write_to(
    session: Session,
    template: str,
    to: list[str],
    clock: Clock,
    request: ServiceRequest,
    now: datetime,
    house: House,
    *,
    told_as: str = IN_LINE,
) -> int:
    return write_promise(
        session,
        template,
        to,
        clock,
        request,
        now=now,
        house=house,
        initials=(request.headline or {}).get("initials") or "",
        promise=PROMISES[clock.kind],
        told_as=told_as,
        link=house.link("desk.request_page", request_id=request.id),
    )


def _alert(session: Session, clock: Clock, request: ServiceRequest, now: datetime) -> None:
    cause = f"clock:{clock.id}"
    need_task(
        session, TaskKind.ALERT, cause=cause, request_id=request.id, about_id=clock.id, now=now, wall=request.wall
    )


def _record(session: Session, act: str, clock: Clock, request: ServiceRequest, told: int, now: datetime) -> None:
    record(
        session,
        Stream("request", request.id),
        act,
        by=SYSTEM,
        now=now,
        clock=clock.id,
        kind=clock.kind,
        due_at=clock.due_at,
        told=told,
    )
