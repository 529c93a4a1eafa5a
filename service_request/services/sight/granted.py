"""What a grant lets a team see: its subject, and of the rest only what serves the work (EV-5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from service_request.domain.consent import Told
from service_request.models import Area, Consent, FormResponse, Grant, ServiceRequest, Subject
from service_request.services.refusals import NotYoursError
from service_request.services.sight.parts import (
    ConsentFacts,
    ResponseFacts,
    SubjectFacts,
    consent_facts,
    response_facts,
    subject_facts,
)
from service_request.services.sight.visible import barred, lasts, live_grants


@dataclass(frozen=True)
class Glimpse:
    """A line of a team's list; once sight has ended only the reference is left."""

    request_id: UUID
    reference: str
    label: str | None


@dataclass(frozen=True)
class Granted:
    """One subject as a team that was given it sees the request."""

    request_id: UUID
    reference: str
    received_at: datetime
    kind: str
    told: Told
    area: str | None
    area_code: str | None
    subject: SubjectFacts


def list_glimpses(session: Session, user: User, assignment_ids: Iterable[UUID]) -> dict[UUID, Glimpse]:
    """Return the reference of each assignment of the user's teams, and the child's label while sight lasts."""
    query = (
        select(Grant, ServiceRequest.reference, Subject, lasts(Grant))
        .join(ServiceRequest, (ServiceRequest.wall == Grant.wall) & (ServiceRequest.id == Grant.request_id))
        .join(Subject, (Subject.wall == Grant.wall) & (Subject.id == Grant.subject_id))
        .where(
            Grant.wall == user.wall,
            Grant.team_id.in_(user.teams()),
            Grant.request_id.not_in(barred(user)),
            Grant.assignment_id.in_(list(assignment_ids)),
        )
    )
    found: dict[UUID, Glimpse] = {}
    for grant, reference, subject, is_live in session.execute(query):
        if grant.assignment_id is not None:
            label = subject.label if is_live else None
            found[grant.assignment_id] = Glimpse(grant.request_id, reference, label)
    return found


def get_granted(session: Session, assignment_id: UUID, user: User) -> Granted:
    """Return what the live grant of an assignment shows, or raise NotYoursError."""
    query = (
        select(ServiceRequest, Subject, Area.name, Area.code)
        .select_from(Grant)
        .join(ServiceRequest, (ServiceRequest.wall == Grant.wall) & (ServiceRequest.id == Grant.request_id))
        .join(Subject, (Subject.wall == Grant.wall) & (Subject.id == Grant.subject_id))
        .outerjoin(Area, Area.id == ServiceRequest.area_id)
        .where(live_grants(user), Grant.assignment_id == assignment_id)
        .options(joinedload(Subject.person))
    )
    found = session.execute(query).first()
    if found is None:
        raise NotYoursError
    request, subject, area, area_code = found
    return Granted(
        request_id=request.id,
        reference=request.reference,
        received_at=request.received_at,
        kind=request.kind,
        told=request.told,
        area=area,
        area_code=area_code,
        subject=subject_facts(subject),
    )


def find_granted_consent(session: Session, assignment_id: UUID, user: User) -> ConsentFacts | None:
    """Return the latest answer about telling and agreement for the granted child, or for all children."""
    query = (
        select(Consent, UserAccount.name, Grant.subject_id)
        .select_from(Grant)
        .join(Consent, (Consent.request_id == Grant.request_id) & (Consent.wall == Grant.wall))
        .outerjoin(UserAccount, UserAccount.id == Consent.by_id)
        .where(live_grants(user), Grant.assignment_id == assignment_id)
        .order_by(Consent.at.desc(), Consent.id.desc())
    )
    for row, by, subject_id in session.execute(query):
        if row.subject_id in (None, subject_id):
            return consent_facts(row, by)
    return None


def find_granted_response(session: Session, assignment_id: UUID, user: User) -> ResponseFacts | None:
    """Return the latest answers, of them only the steps that the grant's scope names."""
    query = (
        select(FormResponse, Grant.scope)
        .select_from(Grant)
        .join(FormResponse, (FormResponse.request_id == Grant.request_id) & (FormResponse.wall == Grant.wall))
        .where(live_grants(user), Grant.assignment_id == assignment_id)
        .order_by(FormResponse.at.desc(), FormResponse.id.desc())
        .limit(1)
    )
    found = session.execute(query).first()
    if found is None:
        return None
    row, scope = found
    facts = response_facts(row)
    if scope is None:
        return facts
    return replace(facts, answers={key: page for key, page in facts.answers.items() if key.split(".")[0] in scope})
