"""The parts of one request: its children, what the family was told, and the answers as sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from service_request.domain.consent import Agrees, Told
from service_request.models import Consent, FormResponse, ServiceRequest, Subject
from service_request.services.sight.viewing import STEPS, Part, within
from service_request.services.sight.visible import THE_REQUEST, alike, given_for, put_together, shows, visible_to


@dataclass(frozen=True)
class SubjectFacts:
    """One child, as the decision is taken about them."""

    id: UUID
    number: int
    person_id: UUID | None
    label: str
    name: str | None
    is_anonymous: bool
    facts: dict[str, Any]

    @property
    def birth_on(self) -> date | None:
        """Return the birth date, where it was given."""
        return date.fromisoformat(self.facts["birth_on"]) if self.facts.get("birth_on") else None

    @property
    def expected_on(self) -> date | None:
        """Return the expected date of birth of a child who is not born yet."""
        return date.fromisoformat(self.facts["expected_on"]) if self.facts.get("expected_on") else None


@dataclass(frozen=True)
class ConsentFacts:
    """One record of told, agreement and lawful basis; `subject_id` None: for every child (GL-4)."""

    subject_id: UUID | None
    told: Told
    extra_code: str | None
    who_told: str | None
    told_by: str | None
    told_on: date | None
    reason: str | None
    agrees: Agrees
    agrees_who: str | None
    lawful_basis: str | None
    at: datetime
    by_kind: str
    by: str | None


@dataclass(frozen=True)
class ResponseFacts:
    """The answers of one sending, with the version of the form that asked."""

    kind: str
    form_version: str
    answers: dict[str, dict[str, list[str]]]
    at: datetime
    by_kind: str
    note: str = ""  # what was said beside them: why something was changed


def list_subjects(session: Session, request_id: UUID, user: User) -> list[SubjectFacts]:
    """Return the children of a request in their order."""
    found = session.scalars(_subjects_query(alike(user)), given_for(user, the_request=request_id))
    return [subject_facts(row) for row in found]


@put_together
def _subjects_query(user: User) -> Select[Subject]:
    return (
        select(Subject)
        .join(ServiceRequest, ServiceRequest.id == Subject.request_id)
        .where(visible_to(user, Part.IDENTITY), Subject.wall == ServiceRequest.wall, Subject.request_id == THE_REQUEST)
        .options(joinedload(Subject.person))
        .order_by(Subject.number)
    )


def subject_facts(row: Subject) -> SubjectFacts:
    """Open what is sealed of a subject and its person."""
    person = row.person
    return SubjectFacts(
        id=row.id,
        number=row.number,
        person_id=row.person_id,
        label=row.label or f"Child {row.number}",
        name=person.name if person else None,
        is_anonymous=row.is_anonymous,
        facts=(person.facts if person else None) or {},
    )


def list_consents(session: Session, request_id: UUID, user: User) -> list[ConsentFacts]:
    """Return every record of consent, the latest first: a later one undoes nothing (GL-4)."""
    found = session.execute(_consents_query(alike(user)), given_for(user, the_request=request_id))
    return [consent_facts(row, by) for row, by in found]


@put_together
def _consents_query(user: User) -> Select[Consent, str]:
    return (
        select(Consent, UserAccount.name)
        .join(ServiceRequest, ServiceRequest.id == Consent.request_id)
        .outerjoin(UserAccount, UserAccount.id == Consent.by_id)
        .where(visible_to(user, Part.CONSENT), Consent.wall == ServiceRequest.wall, Consent.request_id == THE_REQUEST)
        .order_by(Consent.at.desc(), Consent.id.desc())
    )


def consent_facts(row: Consent, by: str | None) -> ConsentFacts:
    """Open what is sealed of a record of consent."""
    return ConsentFacts(
        subject_id=row.subject_id,
        told=row.told,
        extra_code=row.extra_code,
        who_told=row.who_told,
        told_by=row.told_by,
        told_on=row.told_on,
        reason=row.reason,
        agrees=row.agrees,
        agrees_who=row.agrees_who,
        lawful_basis=row.lawful_basis,
        at=row.at,
        by_kind=row.by_kind,
        by=by,
    )


def list_responses(session: Session, request_id: UUID, user: User) -> list[ResponseFacts]:
    """Return the forms of a request, the latest first: a written form after a call is a new one (GL-1).

    Of each, only the steps that tell what this user sees of the request.
    """
    found = session.execute(_responses_query(alike(user)), given_for(user, the_request=request_id))
    return [_in_parts(row, shown) for row, *shown in found]


@put_together
def _responses_query(user: User) -> Select[*tuple[Any, ...]]:
    return (
        select(FormResponse, *(shows(user, part) for part in STEPS))
        .join(ServiceRequest, ServiceRequest.id == FormResponse.request_id)
        .where(visible_to(user), FormResponse.wall == ServiceRequest.wall, FormResponse.request_id == THE_REQUEST)
        .order_by(FormResponse.at.desc(), FormResponse.id.desc())
    )


def _in_parts(row: FormResponse, shown: Sequence[bool]) -> ResponseFacts:
    facts = response_facts(row)
    if all(shown):
        return facts
    parts = frozenset(part for part, is_shown in zip(STEPS, shown, strict=True) if is_shown)
    return replace(facts, answers=within(facts.answers, parts), note="")


def response_facts(row: FormResponse) -> ResponseFacts:
    """Open the answers of one sending."""
    return ResponseFacts(row.kind, row.form_version, row.answers or {}, row.at, row.by_kind, row.note or "")
