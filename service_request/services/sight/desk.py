"""What the desk reads of one request: each part in one query, with what the user may see first in the filter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from infrastructure.database import Wall
from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from infrastructure.trail import AccessLog
from service_request.domain.consent import Told
from service_request.domain.states import RequestState
from service_request.models import (
    Area,
    AskedFor,
    Channel,
    Clock,
    ClockEnd,
    ClockKind,
    File,
    Grant,
    GrantWhy,
    LinkKind,
    Referrer,
    ReferrerKind,
    RequestLink,
    ServiceRequest,
    Similarity,
    SimilarityState,
    Task,
    TaskKind,
)
from service_request.services.refusals import NotYoursError
from service_request.services.sight.asked_for import waits_since
from service_request.services.sight.viewing import Part
from service_request.services.sight.visible import (
    THE_REQUEST,
    alike,
    barred,
    given_for,
    hidden_from,
    lasts,
    put_together,
    shows,
    visible_to,
)


@dataclass(frozen=True)
class ClockFacts:
    """A promise of a request, and how it was worked out."""

    id: UUID
    kind: ClockKind
    started_at: datetime
    due_at: datetime
    warn_at: datetime
    warned_at: datetime | None
    escalated_at: datetime | None
    ended_at: datetime | None
    end: ClockEnd | None
    working: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReferrerFacts:
    """Who asked, how to reach them, and why the form may go back to them or may not (GL-14)."""

    kind: ReferrerKind
    name: str | None
    role: str | None
    agency: str | None
    email: str | None
    phone: str | None
    relationship_code: str | None
    safe: str
    proof: str | None
    proven_at: datetime | None
    is_agency_open: bool  # they chose a known agency, and nobody has rung it yet

    @property
    def is_professional(self) -> bool:
        """Tell whether the form may go back to them once their address is proven."""
        return self.kind is ReferrerKind.PROFESSIONAL


@dataclass(frozen=True)
class RequestFacts:
    """A request as its page shows it, without what hangs on it."""

    id: UUID
    wall: Wall
    version: int
    reference: str
    kind: str
    form_version: str
    channel: Channel
    received_at: datetime
    state: RequestState
    urgency: str
    area_id: UUID | None
    area: str | None
    area_code: str | None
    area_reason: str
    holder_id: UUID | None
    holder: str | None
    passed_by: str | None
    passed_at: datetime | None
    told: Told
    worries: tuple[str, ...]
    names_found: int
    children: tuple[str, ...]
    asked_by: tuple[str, ...]
    missing: tuple[str, ...]
    open_case: str | None
    open_case_at: datetime | None
    open_case_by: str | None
    set_aside_reason: str | None
    next_due_at: datetime | None
    decided_at: datetime | None
    closed_at: datetime | None
    referrer: ReferrerFacts
    clocks: tuple[ClockFacts, ...]
    hints_open: int
    hints: int
    looked: int
    hints_closed: int  # that a child may have been seen before in a request that this user may not open: no fact of it
    restricted: bool
    glass_until: datetime | None  # until when this user has it open in an emergency
    has_files: bool
    folded_into_id: UUID | None
    has_folded: bool  # another request was folded into this one
    after_id: UUID | None  # the request that had ended when this came, until somebody says what it is
    has_news: bool  # something came that nobody has read yet
    wants_back: bool  # the referrer asked to take it back, and nobody answered yet
    has_asked: bool  # whether the referrer was ever asked anything
    waits_since: datetime | None  # since when it waits for an answer of the referrer

    @property
    def decision_clock(self) -> ClockFacts | None:
        """Return the clock of the decision, running or ended; the latest where there were several."""
        return next((clock for clock in reversed(self.clocks) if clock.kind is ClockKind.DECISION), None)


_Holder = aliased(UserAccount)
_Passer = aliased(UserAccount)
_Checker = aliased(UserAccount)
_Folded = aliased(ServiceRequest)


def read_request(session: Session, request_id: UUID, user: User) -> RequestFacts:
    """Return the request with its referrer, clocks and counts, in one query; raise NotYoursError.

    Names and contact points are opened only for somebody who sees that part of it.
    """
    rows = session.execute(_request_query(alike(user)), given_for(user, the_request=request_id)).all()
    if not rows:
        raise NotYoursError
    row, _, area, area_code, holder, passer, checker, hints_open, hints_all, looked_by, closed_hints, glass, *opens = (
        rows[0]
    )
    headline = (row.headline or {}) if opens[0] else {}
    return RequestFacts(
        id=row.id,
        wall=row.wall,
        version=row.version,
        reference=row.reference,
        kind=row.kind,
        form_version=row.form_version,
        channel=row.channel,
        received_at=row.received_at,
        state=row.state,
        urgency=row.urgency,
        area_id=row.area_id,
        area=area,
        area_code=area_code,
        area_reason=row.area_reason,
        holder_id=row.assignee_id,
        holder=holder,
        passed_by=passer,
        passed_at=row.passed_at,
        told=row.told,
        worries=tuple(row.worries),
        names_found=row.names_found,
        children=tuple(headline.get("children", ())),
        asked_by=tuple(part for part in headline.get("asked_by", ()) if part),
        missing=tuple(row.missing),
        open_case=row.open_case_check,
        open_case_at=row.open_case_checked_at,
        open_case_by=checker,
        set_aside_reason=row.set_aside_reason,
        next_due_at=row.next_due_at,
        decided_at=row.decided_at,
        closed_at=row.closed_at,
        referrer=referrer_facts(row.referrer, opens=bool(opens[1])),
        clocks=tuple(clock_facts(found[1]) for found in rows if found[1] is not None),
        hints_open=hints_open,
        hints=hints_all,
        looked=looked_by,
        hints_closed=closed_hints,
        restricted=row.restricted,
        glass_until=glass,
        has_files=bool(opens[2]),
        folded_into_id=row.folded_into_id,
        has_folded=bool(opens[3]),
        after_id=opens[4],
        has_news=bool(opens[5]),
        wants_back=bool(opens[6]),
        has_asked=bool(opens[7]),
        waits_since=opens[8],
    )


@put_together
def _request_query(user: User) -> Select[*tuple[Any, ...]]:
    hints = _count_hints().where(Similarity.earlier_request_id.not_in(hidden_from(user)))
    closed = _count_hints().where(
        Similarity.state != SimilarityState.SET_ASIDE,
        Similarity.earlier_request_id.in_(hidden_from(user)),
        Similarity.earlier_request_id.not_in(barred(user)),
    )
    has_files = select(File.id).where(
        File.wall == ServiceRequest.wall, File.owner_kind == "request", File.owner_id == ServiceRequest.id
    )
    asked = select(AskedFor.id).where(AskedFor.wall == ServiceRequest.wall, AskedFor.request_id == ServiceRequest.id)
    folded = select(_Folded.id).where(_Folded.wall == ServiceRequest.wall, _Folded.folded_into_id == ServiceRequest.id)
    news = select(Task.id).where(
        Task.wall == ServiceRequest.wall,
        Task.request_id == ServiceRequest.id,
        Task.kind == TaskKind.NEW_INFORMATION,
        Task.done_at.is_(None),
    )
    after = (
        select(RequestLink.to_id)
        .where(
            RequestLink.wall == ServiceRequest.wall,
            RequestLink.from_id == ServiceRequest.id,
            RequestLink.kind == LinkKind.AFTER_CLOSED,
            RequestLink.by_id.is_(None),
        )
        .limit(1)
        .scalar_subquery()
    )
    wants_back = select(Task.id).where(
        Task.wall == ServiceRequest.wall,
        Task.request_id == ServiceRequest.id,
        Task.kind == TaskKind.WITHDRAW_ASKED,
        Task.done_at.is_(None),
    )
    looked = (
        select(func.count(func.distinct(AccessLog.actor_id)))
        .where(AccessLog.wall == ServiceRequest.wall, AccessLog.request_id == ServiceRequest.id)
        .scalar_subquery()
    )
    return (
        select(
            ServiceRequest,
            Clock,
            Area.name,
            Area.code,
            _Holder.name,
            _Passer.name,
            _Checker.name,
            hints.where(Similarity.state == SimilarityState.OPEN).scalar_subquery(),
            hints.scalar_subquery(),
            looked,
            closed.scalar_subquery(),
            _glass_of(user),
            shows(user, Part.IDENTITY),
            shows(user, Part.REFERRER),
            has_files.exists(),
            folded.exists(),
            after,
            news.exists(),
            wants_back.exists(),
            asked.exists(),
            waits_since(),
        )
        .where(visible_to(user), ServiceRequest.id == THE_REQUEST)
        .outerjoin(Clock, (Clock.wall == ServiceRequest.wall) & (Clock.request_id == ServiceRequest.id))
        .outerjoin(Area, Area.id == ServiceRequest.area_id)
        .outerjoin(_Holder, _Holder.id == ServiceRequest.assignee_id)
        .outerjoin(_Passer, _Passer.id == ServiceRequest.passed_by_id)
        .outerjoin(_Checker, _Checker.id == ServiceRequest.open_case_checked_by_id)
        .options(joinedload(ServiceRequest.referrer))
        .order_by(Clock.ended_at.is_(None), Clock.started_at, Clock.ended_at, Clock.id)  # what runs stands last
    )


def _glass_of(user: User) -> ScalarSelect[datetime | None]:
    query = select(Grant.until).where(
        Grant.wall == user.wall,
        Grant.user_id == user.id,
        Grant.request_id == ServiceRequest.id,
        Grant.why == GrantWhy.BREAK_GLASS,
        lasts(Grant),
    )
    return query.order_by(Grant.until.desc()).limit(1).scalar_subquery()


def _count_hints() -> Select[int]:
    return select(func.count()).where(
        Similarity.wall == ServiceRequest.wall, Similarity.request_id == ServiceRequest.id
    )


def referrer_facts(row: Referrer, *, opens: bool) -> ReferrerFacts:
    """Return who asked; names and contact points only for somebody who sees them."""
    return ReferrerFacts(
        kind=row.kind,
        name=row.name if opens else None,
        role=row.role if opens else None,
        agency=row.agency_name if opens else None,
        email=row.email if opens else None,
        phone=row.phone if opens else None,
        relationship_code=row.relationship_code,
        safe=row.safe,
        proof=row.proof,
        proven_at=row.proven_at,
        is_agency_open=row.agency_id is not None and row.agency_proof is None and row.agency_confirmed_at is None,
    )


def clock_facts(row: Clock) -> ClockFacts:
    """Return a clock as pages show it."""
    return ClockFacts(
        id=row.id,
        kind=row.kind,
        started_at=row.started_at,
        due_at=row.due_at,
        warn_at=row.warn_at,
        warned_at=row.warned_at,
        escalated_at=row.escalated_at,
        ended_at=row.ended_at,
        end=row.end,
        working=tuple((str(line[0]), str(line[1])) for line in row.working),
    )
