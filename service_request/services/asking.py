"""Ask the referrer: one mail with a link and no word of the matter, chased on schedule, then up at the desk (GL-3)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction, uuid7
from infrastructure.house import House
from infrastructure.identity.links import make_link
from infrastructure.identity.models import LinkPurpose
from infrastructure.outbox import owe
from infrastructure.settings import split
from infrastructure.trail import SYSTEM, Actor, ActorKind, Stream, record
from service_request.domain.clocks import answer_due, chases
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.models import (
    AskedFor,
    AskedKind,
    AskedState,
    Clock,
    ClockEnd,
    ClockKind,
    ReferrerKind,
    Safe,
    ServiceRequest,
    TaskKind,
)
from service_request.pathways.social_care.rules import LIFECYCLE, RequestAct
from service_request.services.clocks import end_clock, is_running, run_again, show_next_due, start_clock
from service_request.services.kept_letters import keep_letter
from service_request.services.sight.system import lock_request
from service_request.services.tasks import finish_about, need_task

ASKED, AGAIN, FORM_AGAIN = "asked", "asked_again", "form_wished_again"
ABOUT = "asked"  # what a link to an answer is about
OURS = frozenset({TaskKind.CALL_BACK, TaskKind.CHASE})
AFTER_DECISION = (AskedKind.AGREEMENT, AskedKind.CAF)  # no manager waits for the answer
AT_WORK = (ReferrerKind.PROFESSIONAL, ReferrerKind.STAFF)


def may_write_to(request: ServiceRequest) -> bool:
    """Tell whether a referrer may be asked by mail: at their work, or where they said that it is safe (EV-2)."""
    referrer = request.referrer
    if not referrer.email or referrer.safe == Safe.NO:
        return False
    return referrer.kind in AT_WORK or referrer.safe == Safe.YES


def owe_asking(
    session: Session,
    request: ServiceRequest,
    *,
    kind: AskedKind,
    fields: Sequence[str],
    words: str | None,
    subject_id: UUID | None = None,
    by: Actor,
    now: datetime,
    house: House,
) -> AskedFor:
    """Ask for fields of the form ("step/field") and in words, in the caller's transaction, which holds the request.

    One mail: reference and link (EV-6); the words are read behind link and code. Where nobody may write to the
    referrer, somebody is to ring them instead (EV-2). It is chased, then comes up at the desk (GL-17).
    """
    asked = _begin(session, request, kind, fields, words, subject_id, by=by, now=now, house=house)
    due = answer_due(now, house.calendar, days_of(house))
    start_clock(session, owner=(ABOUT, asked.id), request=request, kind=ClockKind.ANSWER, due=due, now=now)
    if may_write_to(request):
        _write(session, request, asked, ASKED, now=now, house=house)
    else:
        asked.next_chase_at = None
        cause = f"ask:{asked.id}"
        need_task(session, TaskKind.CALL_BACK, cause=cause, request_id=request.id, about_id=asked.id, now=now)
    return asked


def owe_form_chases(
    session: Session, request: ServiceRequest, *, by: Actor, now: datetime, house: House
) -> AskedFor | None:
    """Chase the written form whose link was just sent, as anything else that was asked; None where it is chased."""
    if list_open(session, request, {AskedKind.WRITTEN_FORM}):
        return None
    return _begin(session, request, AskedKind.WRITTEN_FORM, (), None, None, by=by, now=now, house=house)


def _begin(
    session: Session,
    request: ServiceRequest,
    kind: AskedKind,
    fields: Sequence[str],
    words: str | None,
    subject_id: UUID | None,
    *,
    by: Actor,
    now: datetime,
    house: House,
) -> AskedFor:
    moments = chases(now, house.calendar, days_of(house)).chase_at
    asked = AskedFor(
        wall=request.wall,
        id=uuid7(),
        request_id=request.id,
        kind=kind,
        subject_id=subject_id,
        fields=list(fields),
        words=words or None,
        state=AskedState.OPEN,
        asked_at=now,
        asked_by_id=by.id,
        chased=0,
        next_chase_at=moments[0] if moments else None,
    )
    session.add(asked)
    session.flush()
    _record(session, "owe_asking", asked, by=by, now=now, fields=list(fields))
    return asked


def end_asked(
    session: Session,
    request: ServiceRequest,
    *,
    kinds: Collection[AskedKind] | None = None,
    state: AskedState,
    by: Actor,
    now: datetime,
    reason: str | None = None,
) -> list[AskedFor]:
    """End what is asked and open, in the caller's transaction: nothing more is chased, and its tasks are done.

    Its link goes on to take an answer: what somebody tells us is never turned away (EV-1).
    """
    ended = list_open(session, request, kinds)
    for asked in ended:
        end_one(session, asked, state=state, by=by, now=now, reason=reason)
    return ended


def end_one(
    session: Session, asked: AskedFor, *, state: AskedState, by: Actor, now: datetime, reason: str | None = None
) -> None:
    """End one asking inside the caller's transaction."""
    asked.state, asked.ended_at, asked.next_chase_at = state, now, None
    asked.ended_by_id, asked.reason_code = (by.id if by.kind is ActorKind.USER else None), reason
    end = ClockEnd.MET if state is AskedState.ANSWERED else ClockEnd.WITHDRAWN
    if asked.kind is not AskedKind.WRITTEN_FORM:  # its promise is the form's own clock
        end_clock(session, (ABOUT, asked.id), ClockKind.ANSWER, end, now)
    finish_about(session, about_id=asked.id, kinds=OURS, by=by, now=now)
    _finish_chase_of_clock(session, asked, by, now)
    _record(session, "end_asked", asked, by=by, now=now, state=state, reason=reason)


def resume_asked(session: Session, request: ServiceRequest, *, ended_at: datetime, by: Actor, now: datetime) -> None:
    """Let what was withdrawn with its request at `ended_at` be asked again, with the schedule that it had (EV-7)."""
    query = select(AskedFor).where(
        AskedFor.wall == request.wall,
        AskedFor.request_id == request.id,
        AskedFor.state == AskedState.WITHDRAWN,
        AskedFor.ended_at == ended_at,
    )
    for asked in session.scalars(query).all():
        asked.state, asked.ended_at, asked.ended_by_id, asked.reason_code = AskedState.OPEN, None, None, None
        asked.next_chase_at = now if may_write_to(request) else None
        if asked.kind is not AskedKind.WRITTEN_FORM and not is_running(session, (ABOUT, asked.id), ClockKind.ANSWER):
            run_again(session, (ABOUT, asked.id), ClockKind.ANSWER)
        _record(session, "resume_asked", asked, by=by, now=now)
    if request.state is RequestState.AWAITING_INFORMATION and not list_open(session, request, {AskedKind.DETAILS}):
        was, request.state = request.state, LIFECYCLE.next_state(request.state, RequestAct.ANSWER)  # it came meanwhile
        record(session, Stream("request", request.id), RequestAct.ANSWER, by=by, now=now, moved=(was, request.state))
    show_next_due(session, request)


def rung(session: Session, request: ServiceRequest, *, by: Actor, now: datetime) -> None:
    """Note in the caller's transaction that a referrer to whom nobody may write was reached by phone (EV-2).

    Whether that answered what was asked, the officer says.
    """
    for asked in list_open(session, request):
        finish_about(session, about_id=asked.id, kinds=frozenset({TaskKind.CALL_BACK}), by=by, now=now)


def last_ended_at(session: Session, request: ServiceRequest) -> datetime | None:
    """Return when a request's own promise last stopped: what was asked and ended at that moment ended with it."""
    return session.scalars(
        select(func.max(Clock.ended_at)).where(
            Clock.wall == request.wall,
            Clock.request_id == request.id,
            Clock.owner_kind == "request",
            Clock.end.in_([ClockEnd.WITHDRAWN, ClockEnd.FOLDED]),
        )
    ).one()


def list_open(session: Session, request: ServiceRequest, kinds: Collection[AskedKind] | None = None) -> list[AskedFor]:
    """Return what is asked of the referrer of a request and neither answered nor given up, the oldest first."""
    query = select(AskedFor).where(
        AskedFor.wall == request.wall, AskedFor.request_id == request.id, AskedFor.state == AskedState.OPEN
    )
    if kinds is not None:
        query = query.where(AskedFor.kind.in_(kinds))
    return list(session.scalars(query.order_by(AskedFor.asked_at, AskedFor.id)))


def list_to_chase(session: Session, now: datetime) -> list[UUID]:
    """Return what has to be chased now, the longest due first, for the worker."""
    found = list(
        session.scalars(
            select(AskedFor.id)
            .where(AskedFor.wall == Wall.OPEN, AskedFor.next_chase_at <= now)
            .order_by(AskedFor.next_chase_at)
            .limit(50)
        )
    )
    session.rollback()
    return found


def chase(session: Session, asked_id: UUID, *, now: datetime, house: House) -> None:
    """Remind the referrer of one thing that was asked, once for each time in the schedule, in office hours (GL-17).

    With the mail, the next time is written in the same transaction: two workers, or one that dies, remind once. After
    the last one nothing more is sent: its clock brings it up at the desk.
    """
    with transaction(session):
        request_id = session.scalars(
            select(AskedFor.request_id).where(AskedFor.wall == Wall.OPEN, AskedFor.id == asked_id)
        ).one_or_none()
        if request_id is None:
            return
        request = lock_request(session, request_id)
        asked = find_asked(session, asked_id)
        if asked is None or asked.state is not AskedState.OPEN or asked.next_chase_at is None:
            return
        if asked.next_chase_at > now:
            return
        opens_at = house.calendar.in_office_hours(now)
        if opens_at > now:
            asked.next_chase_at = opens_at
            return
        if not may_write_to(request):  # they said so since: somebody rings
            asked.next_chase_at = None
            cause = f"ask:{asked.id}"
            need_task(session, TaskKind.CALL_BACK, cause=cause, request_id=request.id, about_id=asked.id, now=now)
            return
        asked.chased += 1
        asked.next_chase_at = _next_after(asked, now, house)
        again = FORM_AGAIN if asked.kind is AskedKind.WRITTEN_FORM else AGAIN
        _write(session, request, asked, again, now=now, house=house)
        _record(session, "chase", asked, by=SYSTEM, now=now, times=asked.chased)


def find_asked(session: Session, asked_id: UUID, *, wall: Wall = Wall.OPEN) -> AskedFor | None:
    """Return one asking as it stands now; the caller holds its request's lock."""
    query = select(AskedFor).where(AskedFor.wall == wall, AskedFor.id == asked_id)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _next_after(asked: AskedFor, now: datetime, house: House) -> datetime | None:
    """Return when the next reminder goes; those that nobody was there to send are made up for by one (GL-17)."""
    moments = chases(asked.asked_at, house.calendar, days_of(house)).chase_at
    return next((at for at in moments[asked.chased :] if at > now), None)


def days_of(house: House) -> list[int]:
    """Return after how many working days a referrer is reminded, by settings (GL-17)."""
    return sorted(int(day) for day in split(house.settings.chase_days))


def _write(
    session: Session, request: ServiceRequest, asked: AskedFor, template: str, *, now: datetime, house: House
) -> None:
    """Owe the mail with a link of its own: the earlier ones go on to open the same."""
    address = request.referrer.email or ""
    is_form = asked.kind is AskedKind.WRITTEN_FORM
    said = {"decided": "yes" if asked.kind in AFTER_DECISION else ""} if template == ASKED else {}
    link = make_link(
        session,
        LinkPurpose.COMPLETE if is_form else LinkPurpose.ANSWER,
        about=("request", request.id) if is_form else (ABOUT, asked.id),
        address=address,
        now=now,
        days=house.settings.link_days,
    )
    letter = house.write(
        template,
        reference=format_reference(request.reference),
        link=house.link("web.complete" if is_form else "web.answer", token=link.token),
        days=str(house.settings.link_days),
        **said,
    )
    row = owe(session, letter, to=address, cause=link.id, about=("request", request.id), now=now)
    session.flush()
    asked.link_id = link.id
    keep_letter(session, request, row, template, now=now)


def _finish_chase_of_clock(session: Session, asked: AskedFor, by: Actor, now: datetime) -> None:
    """The desk's own task to chase is about the clock that brought it up."""
    kind = ClockKind.WRITTEN_FORM if asked.kind is AskedKind.WRITTEN_FORM else ClockKind.ANSWER
    owner = ("request", asked.request_id) if asked.kind is AskedKind.WRITTEN_FORM else (ABOUT, asked.id)
    clocks = select(Clock.id).where(
        Clock.wall == asked.wall, Clock.owner_kind == owner[0], Clock.owner_id == owner[1], Clock.kind == kind
    )
    for clock_id in session.scalars(clocks).all():
        finish_about(session, about_id=clock_id, kinds=frozenset({TaskKind.CHASE}), by=by, now=now)


def _record(session: Session, act: str, asked: AskedFor, *, by: Actor, now: datetime, **facts: Any) -> None:
    record(
        session,
        Stream("request", asked.request_id),
        act,
        by=by,
        now=now,
        asked=asked.id,
        kind=asked.kind,
        **facts,
    )
