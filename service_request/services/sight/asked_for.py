"""What was asked of a referrer, as the desk reads it: by field, in words, how often they were reminded (GL-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from infrastructure.database import Wall
from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from service_request.models import AskedFor, AskedKind, AskedState, FormResponse, ServiceRequest
from service_request.services.refusals import NotYoursError
from service_request.services.sight.viewing import Part
from service_request.services.sight.visible import visible_to

_Ender = aliased(UserAccount)


@dataclass(frozen=True)
class AskedFacts:
    """One asking, open or ended; `ended_by` is empty where the referrer answered."""

    id: UUID
    kind: AskedKind
    subject_id: UUID | None
    fields: tuple[str, ...]
    words: str
    state: AskedState
    asked_at: datetime
    asked_by: str
    chased: int
    next_chase_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    reason: str | None

    @property
    def is_open(self) -> bool:
        return self.state is AskedState.OPEN


def list_asked(session: Session, request_id: UUID, user: User) -> list[AskedFacts]:
    """Return what was asked in a request that this user sees with its notes, the latest first."""
    query = (
        select(AskedFor, UserAccount.name, _Ender.name)
        .join(ServiceRequest, ServiceRequest.id == AskedFor.request_id)
        .outerjoin(UserAccount, UserAccount.id == AskedFor.asked_by_id)
        .outerjoin(_Ender, _Ender.id == AskedFor.ended_by_id)
        .where(visible_to(user, Part.NOTES), AskedFor.wall == ServiceRequest.wall, AskedFor.request_id == request_id)
        .order_by(AskedFor.asked_at.desc(), AskedFor.id.desc())
    )
    return [
        AskedFacts(
            id=row.id,
            kind=row.kind,
            subject_id=row.subject_id,
            fields=tuple(row.fields),
            words=row.words or "",
            state=row.state,
            asked_at=row.asked_at,
            asked_by=by or "",
            chased=row.chased,
            next_chase_at=row.next_chase_at,
            ended_at=row.ended_at,
            ended_by=ended_by or "",
            reason=row.reason_code,
        )
        for row, by, ended_by in session.execute(query)
    ]


def waits_since(
    wall: ColumnElement[Wall] | InstrumentedAttribute[Wall] = ServiceRequest.wall,
    request_id: ColumnElement[UUID] | InstrumentedAttribute[UUID] = ServiceRequest.id,
) -> ScalarSelect[datetime]:
    """Return a column of the query around it: since when its request waits for an answer; None where it does not."""
    return (
        select(func.min(AskedFor.asked_at))
        .where(
            AskedFor.wall == wall,
            AskedFor.request_id == request_id,
            AskedFor.state == AskedState.OPEN,
            AskedFor.kind != AskedKind.WRITTEN_FORM,  # a call waits for nobody: its form may come or not
        )
        .scalar_subquery()
    )


def latest_to_ask(session: Session, request_id: UUID, user: User) -> FormResponse | None:
    """Return the answers that stand last, of which the desk asks more; the whole of them, for somebody who sees it."""
    query = (
        select(FormResponse)
        .join(ServiceRequest, ServiceRequest.id == FormResponse.request_id)
        .where(
            visible_to(user, Part.NOTES), FormResponse.wall == ServiceRequest.wall,
            FormResponse.request_id == request_id,
        )
        .order_by(FormResponse.at.desc(), FormResponse.id.desc())
        .limit(1)
    )  # fmt: skip
    return session.scalars(query).one_or_none()


def get_asked(session: Session, asked_id: UUID, user: User) -> AskedFor:
    """Return one asking of a request that this user sees, or raise NotYoursError."""
    query = (
        select(AskedFor)
        .join(ServiceRequest, ServiceRequest.id == AskedFor.request_id)
        .where(visible_to(user, Part.NOTES), AskedFor.wall == ServiceRequest.wall, AskedFor.id == asked_id)
        .execution_options(populate_existing=True)
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotYoursError
    return row
