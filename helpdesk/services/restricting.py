"""Keep a request to few, name who sees it, and bar who is connected with the family (EV-5).

Each act is done by somebody who sees the request by role or by name, never by one who broke the glass, and is recorded
with its reason. A restricted request always keeps a manager who can decide it in time (GL-8).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.decision import said
from helpdesk.domain.folding import FOLDED_IN
from helpdesk.domain.sight_reasons import (
    BothError,
    Connected,
    EndPastError,
    Giving,
    LastDeciderError,
    NoDeciderError,
    Restricting,
    UnknownColleagueError,
)
from helpdesk.services.acting import note
from helpdesk.services.colleagues import Colleague, list_colleagues
from helpdesk.services.deciders import list_deciding_teams
from infrastructure.database import transaction
from infrastructure.identity.models import Role, Team, UserAccount
from infrastructure.identity.users import User
from infrastructure.outbox import MessageState, OutboxMessage
from infrastructure.trail import Stream, record
from service_request.models import Grant, GrantWhy, ServiceRequest, SightBar, TaskKind
from service_request.services.refusals import NotYoursError, StaleEditError
from service_request.services.sight.system import list_folded_into, lock_request, lock_survivor
from service_request.services.sight.viewing import Part
from service_request.services.sight.visible import get_request, lasts
from service_request.services.tasks import need_task

WHY = "Enter why"
NOTED = "sight"  # the kind of the note that holds the reason in words
OF_CLOCKS = ("clock_warning", "clock_escalation")
TO_STAFF = (*OF_CLOCKS, "glass_broken", "assignment", "assignment_reminder", "assignment_withdrawn", "close_asked")


def restrict(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    reason: Restricting,
    words: str,
    keepers: Sequence[UUID],
    connected: UUID | None = None,
    by: User,
    now: datetime,
) -> None:
    """Let only these people see the request from now on; a colleague connected with the family is barred."""
    text = said(words, sentence=WHY)
    with transaction(session):
        request = _lock(session, request_id, by, version)
        people = _known(session, request, [*keepers, *([connected] if connected else [])], now)
        if connected in keepers:
            raise BothError
        barred = _barred_ids(session, request)
        if barred & set(keepers):
            raise BothError
        _check_decider(session, lock_survivor(session, request), [people[one] for one in keepers])
        for one in _and_folded(session, request):
            _keep_to(session, one, keepers, connected, reason, text, by, now)


def _keep_to(
    session: Session,
    request: ServiceRequest,
    keepers: Sequence[UUID],
    connected: UUID | None,
    reason: Restricting,
    text: str,
    by: User,
    now: datetime,
) -> None:
    request.restricted = True
    live = [one for one in _live(session, request) if not _ends_with_restricting(one)]
    kept = {one.user_id for one in live if one.why is GrantWhy.RESTRICTED}
    for grant in _live(session, request):
        if _ends_with_restricting(grant):
            grant.until, grant.ended_by_id = now, by.id
    for user_id in keepers:
        if user_id not in kept:
            session.add(_grant(request, GrantWhy.RESTRICTED, reason, text, by, now, user_id=user_id))
    if connected and connected not in _barred_ids(session, request):
        _bar(session, request, connected, Connected.OWN_FAMILY, by, now)
    if request.assignee_id is not None and request.assignee_id not in {*keepers, *kept}:
        request.assignee_id = None
    staying = {*keepers, *(one.user_id for one in live)}
    others = [one.id for one in list_colleagues(session, wall=request.wall, now=now) if one.id not in staying]
    _unsend(session, request, others, OF_CLOCKS, now)
    _say(session, request, "restrict", text, by, now, reason=reason, people=len(keepers))


def _ends_with_restricting(grant: Grant) -> bool:
    """Tell whether sight ends when a request is kept to few: who broke the glass and still needs it says so again, and
    is heard of again; what folding alone opened to another area is no word of anybody's."""
    return grant.why is GrantWhy.BREAK_GLASS or grant.reason_code == FOLDED_IN


def unrestrict(session: Session, *, request_id: UUID, words: str, by: User, now: datetime) -> None:
    """Let everybody see the request again whose role shows it; who is barred stays barred."""
    text = said(words, sentence=WHY)
    with transaction(session):
        request = _lock(session, request_id, by)
        for one in _and_folded(session, request):
            if not one.restricted:
                continue
            one.restricted = False
            for grant in _live(session, one):
                if grant.why is GrantWhy.RESTRICTED:
                    grant.until, grant.ended_by_id = now, by.id
            _say(session, one, "unrestrict", text, by, now)


def bar(
    session: Session, *, request_id: UUID, user_id: UUID, reason: Connected, words: str, by: User, now: datetime
) -> None:
    """Bar a colleague who is connected with the family, whatever their role; it is open to say so of oneself.

    Raises LastDeciderError, which says who is left, where nobody else could decide it then.
    """
    text = said(words, sentence=WHY)
    with transaction(session):
        request = _lock(session, request_id, by)
        _known(session, request, [user_id], now)
        for one in _and_folded(session, request):
            if user_id in _barred_ids(session, one):
                continue
            if one.folded_into_id is None:  # the one that is decided about
                if one.restricted:
                    _check_keepers(session, one, now, without=user_id)
                _check_somebody_decides(session, one, {user_id}, now)
            _bar(session, one, user_id, reason, by, now)
            _say(session, one, "bar", text, by, now, reason=reason, user=user_id)


def bar_from_both(session: Session, own: ServiceRequest, other: ServiceRequest, by: User, now: datetime) -> None:
    """Bar whoever is barred from one of two locked requests from the other as well, inside the caller's transaction.

    For good: each of them tells of the same child, whose family somebody is connected with. Raises LastDeciderError.
    """
    whole = _and_folded(session, other)
    bars = {one.user_id: one.reason_code for request in (own, *whole) for one in _bars(session, request)}
    _check_somebody_decides(session, lock_survivor(session, other), set(bars), now)
    for request in {one.id: one for one in (own, *whole)}.values():
        for user_id in sorted(bars.keys() - _barred_ids(session, request)):
            _bar(session, request, user_id, bars[user_id], by, now)
            stream = Stream("request", request.id)
            record(session, stream, "bar", by=by.actor, now=now, reason=bars[user_id], user=user_id)


def lift_bar(session: Session, *, request_id: UUID, bar_id: UUID, words: str, by: User, now: datetime) -> None:
    """Let a colleague see the request again as their role shows it; nobody lifts their own bar, since they see none."""
    text = said(words, sentence=WHY)
    with transaction(session):
        request = _lock(session, request_id, by)
        found = next((one for one in _bars(session, request) if one.id == bar_id), None)
        if found is None:
            raise NotYoursError
        found.until = now
        _say(session, request, "lift_bar", text, by, now, user=found.user_id)


def give_sight(
    session: Session,
    *,
    request_id: UUID,
    user_id: UUID | None = None,
    team_id: UUID | None = None,
    parts: Sequence[Part] | None,
    until: datetime | None,
    reason: Giving,
    words: str,
    by: User,
    now: datetime,
) -> UUID:
    """Give a colleague or a team sight of one request: of these parts (None: all of it), to this end."""
    text = said(words, sentence=WHY)
    if until is not None and until <= now:
        raise EndPastError
    with transaction(session):
        request = _lock(session, request_id, by)
        if not request.restricted and not by.holds(Role.MANAGER, Role.SERVICE_MANAGER):
            raise NotYoursError
        if (user_id is None) == (team_id is None):
            raise UnknownColleagueError
        if user_id is not None:
            _known(session, request, [user_id], now)
            if user_id in _barred_ids(session, request):
                raise BothError
        elif session.scalars(select(Team.id).where(Team.id == team_id, Team.wall == request.wall)).first() is None:
            raise UnknownColleagueError
        stays = request.restricted and parts is None and until is None
        why = GrantWhy.RESTRICTED if stays else GrantWhy.SHARE
        grant = _grant(request, why, reason, text, by, now, user_id=user_id, team_id=team_id)
        grant.scope = None if parts is None else [part.value for part in parts]
        grant.until = until
        session.add(grant)
        _say(session, request, "give_sight", text, by, now, reason=reason, grant=grant.id, until=until)
        return grant.id


def end_sight(session: Session, *, request_id: UUID, grant_id: UUID, by: User, now: datetime) -> None:
    """End at once what somebody was given of a request."""
    with transaction(session):
        request = _lock(session, request_id, by)
        grant = next((one for one in _live(session, request) if one.id == grant_id), None)
        if grant is None:
            raise NotYoursError
        if request.restricted and grant.user_id is not None and grant.scope is None:
            _check_keepers(session, request, now, without=grant.user_id)
        grant.until, grant.ended_by_id = now, by.id
        stream = Stream("request", request.id)
        record(session, stream, "end_sight", by=by.actor, now=now, grant=grant.id)


def _lock(session: Session, request_id: UUID, by: User, version: int | None = None) -> ServiceRequest:
    request = get_request(session, request_id, by, lock=True, lasting=True)
    if version is not None and request.version != version:
        raise StaleEditError
    return request


def _and_folded(session: Session, request: ServiceRequest) -> list[ServiceRequest]:
    """Return a locked request, and every one that is one with it by folding, locked: each tells of the same child."""
    last = lock_survivor(session, request)
    theirs = [one for one in (last, *list_folded_into(session, last)) if one.id != request.id]
    return [request, *(lock_request(session, one.id) for one in sorted(theirs, key=lambda row: row.id))]


def _known(session: Session, request: ServiceRequest, ids: Sequence[UUID], now: datetime) -> dict[UUID, Colleague]:
    people = {one.id: one for one in list_colleagues(session, wall=request.wall, now=now)}
    if not set(ids) <= set(people):
        raise UnknownColleagueError
    return people


def _check_decider(session: Session, request: ServiceRequest, keepers: Sequence[Colleague]) -> None:
    teams = list_deciding_teams(session, request.area_id)
    if not any(one.decides(teams) for one in keepers):
        raise NoDeciderError


def _check_keepers(session: Session, request: ServiceRequest, now: datetime, *, without: UUID) -> None:
    people = {one.id: one for one in list_colleagues(session, wall=request.wall, now=now)}
    whole = [one for one in _live(session, request) if one.why is GrantWhy.RESTRICTED]
    staying = {one.user_id for one in whole if one.user_id != without} - _barred_ids(session, request)
    _check_decider(session, request, [people[one] for one in staying if one in people])


def _check_somebody_decides(session: Session, request: ServiceRequest, barring: set[UUID], now: datetime) -> None:
    """Refuse bars that would leave no manager who can decide; where there is none anyway, they take nothing away."""
    teams, barred = list_deciding_teams(session, request.area_id), _barred_ids(session, request)
    people = list_colleagues(session, wall=request.wall, now=now)
    left = [one for one in people if one.decides(teams) and one.id not in barred]
    if left and {one.id for one in left} <= barring:
        raise LastDeciderError([one.name for one in left])


def _live(session: Session, request: ServiceRequest) -> list[Grant]:
    query = select(Grant).where(
        Grant.wall == request.wall, Grant.request_id == request.id, Grant.subject_id.is_(None), lasts(Grant)
    )
    return list(session.scalars(query))


def _bars(session: Session, request: ServiceRequest) -> list[SightBar]:
    query = select(SightBar).where(SightBar.wall == request.wall, SightBar.request_id == request.id, lasts(SightBar))
    return list(session.scalars(query))


def _barred_ids(session: Session, request: ServiceRequest) -> set[UUID]:
    return {one.user_id for one in _bars(session, request)}


def _grant(
    request: ServiceRequest, why: GrantWhy, reason: str, text: str, by: User, now: datetime, **whom: UUID | None
) -> Grant:
    return Grant(
        wall=request.wall,
        request_id=request.id,
        why=why,
        reason_code=reason,
        reason=text,
        by_id=by.id,
        since=now,
        **whom,
    )


def _bar(session: Session, request: ServiceRequest, user_id: UUID, reason: str, by: User, now: datetime) -> None:
    session.add(
        SightBar(wall=request.wall, request_id=request.id, user_id=user_id, since=now, by_id=by.id, reason_code=reason)
    )
    if request.assignee_id == user_id:
        request.assignee_id = None
    _unsend(session, request, [user_id], TO_STAFF, now)


def _unsend(
    session: Session, request: ServiceRequest, user_ids: Sequence[UUID], templates: Sequence[str], now: datetime
) -> None:
    """Keep back what still waits to be sent about a request to who may not see it now; somebody sees to a clock."""
    found = session.scalars(select(UserAccount.email).where(UserAccount.id.in_(user_ids)))
    addresses = {address.lower() for address in found}
    query = select(OutboxMessage).where(
        OutboxMessage.wall == request.wall,
        OutboxMessage.about_kind == "request",
        OutboxMessage.about_id == request.id,
        OutboxMessage.next_at.is_not(None),
        OutboxMessage.template.in_(templates),
    )
    for row in session.scalars(query.with_for_update(of=OutboxMessage)).all():
        if (row.to or "").lower() not in addresses:
            continue
        row.state, row.next_at = MessageState.CANCELLED, None
        if row.template in OF_CLOCKS:
            cause = f"unsent:{row.id}"
            need_task(session, TaskKind.ALERT, cause=cause, request_id=request.id, now=now, wall=request.wall)


def _say(session: Session, request: ServiceRequest, act: str, text: str, by: User, now: datetime, **facts: Any) -> None:
    """Record the act, and keep the reason in words where whoever sees the request reads it."""
    note(session, request, NOTED, text, by=by, now=now)
    record(session, Stream("request", request.id), act, by=by.actor, now=now, **facts)
