"""Say that a task is done: not while what it is about is open, which would be seen by nobody then (GL-3, GL-14)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import WITH_DESK
from helpdesk.domain.matters import Matter, MatterOpenError
from helpdesk.models import Assignment, DecisionLine, Referral
from infrastructure.database import Wall, transaction
from infrastructure.identity.users import User
from infrastructure.outbox import OutboxMessage
from service_request.domain.states import RequestState
from service_request.models import (
    Arrival,
    AskedFor,
    AskedKind,
    AskedState,
    Clock,
    ClockKind,
    Consent,
    Disposition,
    Mail,
    MailLook,
    Outcome,
    ServiceRequest,
    Task,
    TaskKind,
)
from service_request.services.asking import AGAIN, ASKED, FORM_AGAIN
from service_request.services.outcomes import OWED
from service_request.services.refusals import NotYoursError
from service_request.services.sight.system import lock_request
from service_request.services.tasks import doable_by, is_answered_elsewhere, mark_done

OVER = (RequestState.CLOSED, RequestState.SET_ASIDE)


def finish_task(session: Session, *, task_id: UUID, is_noted: bool = False, by: User, now: datetime) -> None:
    """Mark a task as done by someone of the desk or of its team; a second press changes nothing.

    Raises MatterOpenError while what it is about is open. `is_noted`: said on the page of the request, beside what else
    news of an ended one may be.
    """
    with transaction(session):
        request_id = session.scalars(
            select(Task.request_id).where(Task.wall == by.wall, Task.id == task_id)
        ).one_or_none()
        if request_id is not None:
            lock_request(session, request_id)
        task = session.scalars(
            select(Task).where(doable_by(by), Task.id == task_id).with_for_update(of=Task)
        ).one_or_none()
        if task is None or is_answered_elsewhere(task):
            raise NotYoursError
        if task.done_at is not None:
            return
        matter = list_matters(session, [task], wall=by.wall).get(task.id)
        if matter is not None and not (is_noted and matter is Matter.LATE_NEWS):
            raise MatterOpenError(matter)
        mark_done(session, task, by.actor, now)


class Listed(Protocol):
    """A task, or a row of a list of them."""

    @property
    def id(self) -> UUID: ...

    @property
    def kind(self) -> TaskKind: ...


def list_matters(session: Session, tasks: Iterable[Listed], *, wall: Wall) -> dict[UUID, Matter]:
    """Return what is still open behind each of these tasks; one that only waits to be done, or is done, has nothing."""
    of_kind: dict[TaskKind, list[UUID]] = {}
    for task in tasks:
        of_kind.setdefault(task.kind, []).append(task.id)
    found: dict[UUID, Matter] = {}
    for kind, ids in of_kind.items():
        for matter, behind in MATTERS.get(kind, ()):
            to_do = and_(Task.wall == wall, Task.kind == kind, Task.done_at.is_(None))  # by the index of these
            query = behind().where(to_do, Task.id.in_(ids))
            found.update(dict.fromkeys(session.scalars(query), matter))
    return found


def _asked() -> Select[UUID]:
    """Select the tasks whose question is put to the referrer still, by itself, by its clock or by the child's line."""
    of_request = and_(AskedFor.wall == Task.wall, AskedFor.request_id == Task.request_id)
    by_clock = or_(
        AskedFor.id == Clock.owner_id,
        and_(Clock.kind == ClockKind.WRITTEN_FORM, AskedFor.kind == AskedKind.WRITTEN_FORM),
    )
    return (
        select(Task.id)
        .outerjoin(Clock, and_(Clock.wall == Task.wall, Clock.id == Task.about_id))
        .join(AskedFor, and_(of_request, or_(AskedFor.id == Task.about_id, by_clock)))
        .where(AskedFor.state == AskedState.OPEN)
    )


def _asked_about_child(kind: AskedKind) -> Callable[[], Select[UUID]]:
    def select_them() -> Select[UUID]:
        return (
            select(Task.id)
            .join(DecisionLine, and_(DecisionLine.wall == Task.wall, DecisionLine.id == Task.about_id))
            .join(
                AskedFor,
                and_(
                    AskedFor.wall == Task.wall,
                    AskedFor.request_id == Task.request_id,
                    AskedFor.subject_id == DecisionLine.subject_id,
                ),
            )
            .where(AskedFor.kind == kind, AskedFor.state == AskedState.OPEN)
        )

    return select_them


def _link_not_delivered() -> Select[UUID]:
    """Select the mails that did not arrive and hold the link to what is asked still."""
    of_request = and_(AskedFor.wall == Task.wall, AskedFor.request_id == Task.request_id)
    return (
        select(Task.id)
        .join(OutboxMessage, and_(OutboxMessage.wall == Task.wall, OutboxMessage.id == Task.about_id))
        .join(AskedFor, of_request)
        .where(OutboxMessage.template.in_((ASKED, AGAIN, FORM_AGAIN)), AskedFor.state == AskedState.OPEN)
    )


def _owed() -> Select[UUID]:
    """Select the tasks about an outcome that nobody was told yet (GL-14)."""
    about = or_(Outcome.id == Task.about_id, Outcome.outbox_id == Task.about_id)
    of_request = and_(Outcome.wall == Task.wall, Outcome.request_id == Task.request_id)
    return select(Task.id).join(Outcome, and_(of_request, about)).where(Outcome.state.in_(OWED))


def _with_nobody() -> Select[UUID]:
    return (
        select(Task.id)
        .join(Assignment, and_(Assignment.wall == Task.wall, Assignment.id == Task.about_id))
        .where(Assignment.state.in_(list(WITH_DESK)))
    )


def _referral_open() -> Select[UUID]:
    line = and_(Referral.wall == Task.wall, Referral.decision_line_id == Assignment.decision_line_id)
    return (
        select(Task.id)
        .join(Assignment, and_(Assignment.wall == Task.wall, Assignment.id == Task.about_id))
        .join(Referral, line)
        .where(Referral.closed_on.is_(None), Referral.withdrawn_at.is_(None))
    )


def _nothing_heard() -> Select[UUID]:
    """Select the tasks to ask a family of whom nothing was recorded since, and that was not given up (GL-12)."""
    of_request = and_(Consent.wall == Task.wall, Consent.request_id == Task.request_id)
    given_up = exists().where(
        AskedFor.wall == Task.wall,
        AskedFor.request_id == Task.request_id,
        AskedFor.subject_id == DecisionLine.subject_id,
        AskedFor.kind == AskedKind.AGREEMENT,
        AskedFor.state != AskedState.OPEN,
        AskedFor.asked_at >= Task.made_at,
    )
    return (
        select(Task.id)
        .join(DecisionLine, and_(DecisionLine.wall == Task.wall, DecisionLine.id == Task.about_id))
        .join(ServiceRequest, and_(ServiceRequest.wall == Task.wall, ServiceRequest.id == Task.request_id))
        .where(
            DecisionLine.current,
            ServiceRequest.state.not_in(OVER),
            ~exists().where(of_request, Consent.at > Task.made_at),
            ~given_up,
        )
    )


def _came_after_the_end() -> Select[UUID]:
    """Select what came outside after the end; an enquiry that has ended is opened again by its own page."""
    return (
        select(Task.id)
        .join(ServiceRequest, and_(ServiceRequest.wall == Task.wall, ServiceRequest.id == Task.request_id))
        .where(Task.wall == Wall.OPEN, ServiceRequest.state.in_(OVER))
    )


def _held() -> Select[UUID]:
    """Select what came, and nobody has said what it is (EV-1)."""
    held = and_(Arrival.wall == Task.wall, Arrival.id == Task.about_id, Arrival.disposition == Disposition.HELD)
    return select(Task.id).join(Arrival, held)


def _not_said_where_it_belongs() -> Select[UUID]:
    asked = and_(Mail.wall == Task.wall, Mail.id == Task.about_id)
    return select(Task.id).join(Mail, asked).where(Mail.possible_id.is_not(None), Mail.possible_answer.is_(None))


def _not_read() -> Select[UUID]:
    look = and_(MailLook.wall == Task.wall, MailLook.id == Task.about_id)
    return select(Task.id).join(MailLook, look).where(MailLook.failing_since.is_not(None))


Behind = tuple[Matter, Callable[[], Select[UUID]]]
MATTERS: dict[TaskKind, tuple[Behind, ...]] = {
    TaskKind.CHASE: ((Matter.ASKED, _asked), (Matter.REFERRAL, _referral_open)),
    TaskKind.CALL_BACK: ((Matter.ASKED, _asked), (Matter.OUTCOME, _owed)),
    TaskKind.DELIVERY_FAILED: ((Matter.OUTCOME, _owed), (Matter.ASKED, _link_not_delivered)),
    TaskKind.HANDED_BACK: ((Matter.WITH_NOBODY, _with_nobody),),
    TaskKind.NOT_ACKNOWLEDGED: ((Matter.WITH_NOBODY, _with_nobody),),
    TaskKind.ASK_AGREEMENT: (
        (Matter.AGREEMENT, _nothing_heard),
        (Matter.ASKED, _asked_about_child(AskedKind.AGREEMENT)),
    ),
    TaskKind.ASK_CAF: ((Matter.ASKED, _asked_about_child(AskedKind.CAF)),),
    TaskKind.NEW_INFORMATION: ((Matter.LATE_NEWS, _came_after_the_end),),
    TaskKind.UNREADABLE: ((Matter.HELD, _held),),
    TaskKind.UNROUTED: ((Matter.HELD, _held),),
    TaskKind.POSSIBLE_MATCH: ((Matter.BELONGS, _not_said_where_it_belongs),),
    TaskKind.MAIL_DELAYED: ((Matter.NOT_READ, _not_read),),
}
