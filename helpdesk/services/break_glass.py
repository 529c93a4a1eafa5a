"""Open at once a request that is not theirs to see: with a reason, for some hours, and with everybody told (EV-5)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.decision import said
from helpdesk.domain.sight_reasons import Emergency, NotFoundToOpenError
from helpdesk.services.acting import note
from helpdesk.services.deciders import list_deciding_teams
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.attempts import TooManyAttemptsError, count_attempt
from infrastructure.identity.models import Role, UserAccount
from infrastructure.identity.users import Recipient, User, list_holders
from infrastructure.outbox import owe
from infrastructure.trail import Access, Stream, log_access, record
from service_request.domain.references import format_reference, parse_reference
from service_request.models import Grant, GrantWhy, ServiceRequest, TaskKind
from service_request.services.sight.glass import find_to_open, get_review, is_seen_by, list_broken
from service_request.services.sight.hearing import list_keepers, not_barred
from service_request.services.tasks import need_task

TRIES, WINDOW = 5, timedelta(hours=1)


def break_glass(
    session: Session, *, typed: str, reason: Emergency, words: str, by: User, now: datetime, house: House
) -> UUID:
    """Give sight of one request for some hours; the look is logged with its reason, and people are told at once.

    Unknown, behind the wall and barred get one answer, NotFoundToOpenError, and leave one line in the trail of the one
    who tried; every try is counted, and too many raise TooManyAttemptsError.
    """
    text = said(words, sentence="Enter why you must open it now")
    reason = Emergency(reason)
    request_id = None
    with transaction(session):
        within = count_attempt(session, f"glass:{by.id}", tries=TRIES, window=WINDOW, now=now)
        reference = parse_reference(typed)
        request = find_to_open(session, reference, by) if within and reference else None
        if request is not None:
            request_id = request.id
            if is_seen_by(session, request.id, by):
                return request.id
            _open(session, request, reason, text, by, now, house)
        elif within:
            _note_refusal(session, reason, by, now)
    if not within:
        raise TooManyAttemptsError
    if request_id is None:
        raise NotFoundToOpenError
    log_access(
        session,
        Access.BREAK_GLASS,
        by=by.actor,
        now=now,
        request_id=request_id,
        wall=by.wall,
        reason_code=reason,
    )
    return request_id


def end_glass(session: Session, *, request_id: UUID, by: User, now: datetime) -> None:
    """End one's own emergency sight at once; a second press changes nothing."""
    with transaction(session):
        for grant in list_broken(session, request_id, by):
            grant.until, grant.ended_by_id = now, by.id
            record(session, Stream("request", request_id), "end_glass", by=by.actor, now=now, grant=grant.id)


def review_glass(session: Session, *, task_id: UUID, was_right: bool, by: User, now: datetime) -> None:
    """Record whether it was right to open it; where it was not, what is left of that sight ends at once."""
    with transaction(session):
        task, grant, _ = get_review(session, task_id, by, lock=True)
        task.done_at, task.done_by_id = now, by.id
        if not was_right and (grant.until is None or grant.until > now):
            grant.until, grant.ended_by_id = now, by.id
        stream = Stream("request", grant.request_id)
        verdict = "right" if was_right else "not_right"
        record(session, stream, "review_glass", by=by.actor, now=now, grant=grant.id, verdict=verdict)


def _note_refusal(session: Session, reason: Emergency, by: User, now: datetime) -> None:
    """Record that somebody tried and nothing was opened: not what was typed, which may be of the other side."""
    session.scalars(select(UserAccount.id).where(UserAccount.id == by.id).with_for_update()).one()
    record(session, Stream("user", by.id), "break_glass_refused", by=by.actor, now=now, reason=reason)


def _open(
    session: Session, request: ServiceRequest, reason: Emergency, text: str, by: User, now: datetime, house: House
) -> None:
    until = now + timedelta(hours=house.settings.break_glass_hours)
    grant = Grant(
        wall=request.wall,
        request_id=request.id,
        user_id=by.id,
        why=GrantWhy.BREAK_GLASS,
        reason_code=reason,
        reason=text,
        by_id=by.id,
        since=now,
        until=until,
    )
    session.add(grant)
    note(session, request, "glass", text, by=by, now=now)
    stream = Stream("request", request.id)
    record(session, stream, "break_glass", by=by.actor, now=now, grant=grant.id, reason=reason, until=until)
    cause = f"glass_broken:{grant.id}"
    kind = TaskKind.GLASS_BROKEN
    need_task(session, kind, cause=cause, request_id=request.id, about_id=grant.id, now=now, wall=request.wall)
    _tell(session, request, grant, by, now, house)


def _tell(session: Session, request: ServiceRequest, grant: Grant, by: User, now: datetime, house: House) -> None:
    """Owe a mail that says the reference and no more: to those who hold the request, and to the service managers."""
    letter = house.write(
        "glass_broken",
        reference=format_reference(request.reference),
        link=house.link("desk.tasks", kind=TaskKind.GLASS_BROKEN.value),
    )
    for address in _told(session, request, by, now):
        owe(session, letter, to=address, cause=grant.id, about=("request", request.id), now=now, wall=request.wall)


def _told(session: Session, request: ServiceRequest, by: User, now: datetime) -> list[str]:
    only = not_barred(request)
    found: list[Recipient] = []
    if not request.restricted:
        teams = list_deciding_teams(session, request.area_id)
        found += list_holders(session, role=Role.MANAGER, teams=teams, now=now, only=only)
        officers = list_holders(session, role=Role.OFFICER, now=now, only=only) if request.assignee_id else []
        found += [one for one in officers if one.user_id == request.assignee_id]
    found += list_holders(session, role=Role.SERVICE_MANAGER, now=now, only=only, wall=request.wall)
    addresses = [one.email for one in found if one.user_id != by.id] + list_keepers(session, request)
    return [one for one in dict.fromkeys(addresses) if one != by.email]
