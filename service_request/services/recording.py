"""Write what a form or a call said: referrer, people, subjects, consent. All inside the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.database.storing import store_new
from infrastructure.trail import Actor
from service_request.domain.consent import Agrees, Told
from service_request.domain.danger import speak_of_danger
from service_request.domain.facts import AdultFacts, ChildFacts, ConsentFacts, ReferrerFacts, RequestFacts
from service_request.domain.people import age_or_due, initials
from service_request.models import (
    Agency,
    AgencyDomain,
    Consent,
    FormResponse,
    Person,
    Referrer,
    ReferrerKind,
    Relationship,
    ServiceRequest,
    Subject,
)
from service_request.pathways.social_care import codes, forms
from service_request.pathways.social_care.forms import Answers, FormKind

NOT_ON_RECORD = ("number", "name")


class AgencyOfDomain(NamedTuple):
    """The agency that a mail domain is of: what it is called, and of which kind it is."""

    name: str
    kind: str


_OWNER_OF_DOMAIN = (
    select(Agency.name, Agency.kind)
    .join(AgencyDomain, AgencyDomain.agency_id == Agency.id)
    .where(AgencyDomain.domain == bindparam("domain"))
)


def find_agency(session: Session, email: str | None) -> AgencyOfDomain | None:
    """Return the known agency whose domain this address is of (GL-14)."""
    domain = (email or "").rpartition("@")[2].strip().lower()
    if not domain:
        return None
    row = session.connection().execute(_OWNER_OF_DOMAIN, {"domain": domain}).one_or_none()
    return AgencyOfDomain(*row) if row is not None else None


_KNOWN = (
    select(Agency.id, Agency.source_code, AgencyDomain.id.is_not(None).label("is_proven"))
    .outerjoin(AgencyDomain, (AgencyDomain.agency_id == Agency.id) & (AgencyDomain.domain == bindparam("domain")))
    .where(or_(AgencyDomain.id.is_not(None), func.lower(Agency.name) == bindparam("name")))
)


class KnownAgency(NamedTuple):
    """An agency that the authority knows, and whether the mail domain proves it or a name was chosen."""

    id: UUID
    source_code: str | None
    is_proven: bool


def find_known_agency(session: Session, email: str, name: str) -> KnownAgency | None:
    """Return the agency that the mail domain proves or, where it proves none, the one chosen by name."""
    domain, chosen = email.rpartition("@")[2].strip().lower(), name.strip().lower()
    rows = session.connection().execute(_KNOWN, {"domain": domain, "name": chosen})
    known = [KnownAgency(*row) for row in rows if (domain if row.is_proven else chosen)]
    return max(known, key=lambda one: one.is_proven, default=None)


def record_referrer(
    session: Session, facts: ReferrerFacts, *, proven_email: str | None, proven_at: datetime | None, now: datetime
) -> Referrer:
    """Write who asked, and by what their address is proven: a code, or the domain of a known agency (GL-14)."""
    row = Referrer(wall=Wall.OPEN, kind=ReferrerKind(facts.kind), safe="unset")
    update_referrer(session, row, facts, proven_email=proven_email, proven_at=proven_at, now=now)
    session.add(row)
    return row


def update_referrer(
    session: Session,
    row: Referrer,
    facts: ReferrerFacts,
    *,
    proven_email: str | None,
    proven_at: datetime | None,
    now: datetime,
) -> None:
    """Write what a later form says of the one who asked; a proof stays with the address it is of (GL-14)."""
    is_professional = row.kind is ReferrerKind.PROFESSIONAL
    email = (facts.email or "").strip() or (proven_email or "")
    is_same = email.lower() == (row.email or "").lower()  # an officer confirmed one address, not whatever comes next
    agency = find_known_agency(session, email, facts.agency or "") if is_professional else None
    by_domain = agency is not None and agency.is_proven
    was_denied = is_same and row.agency_id is None and row.agency_confirmed_at is not None
    if was_denied and not by_domain:
        agency = None  # an officer rang it: it does not know them
    row.name, row.role, row.agency_name = facts.name or None, facts.role or None, facts.agency or None
    is_as_it_was = is_same and agency is not None and row.agency_id == agency.id
    row.agency_id = agency.id if agency else None
    if by_domain:
        row.agency_proof = "domain"
    elif not (is_as_it_was or was_denied):
        row.agency_proof, row.agency_confirmed_by_id, row.agency_confirmed_at = None, None, None
    row.source_code = facts.source_code or (agency.source_code if agency else None)
    row.email, row.email_hash = email or None, email.lower() or None
    row.phone = facts.phone or None
    row.relationship_code = facts.relationship or None
    row.safe = "yes" if is_professional else (facts.safe or "unset")
    if proven_email and proven_email.strip().lower() == email.lower():
        row.proof, row.proven_at = "code", proven_at
    elif by_domain:
        row.proof, row.proven_at = "agency_domain", now
    elif row.proof != "phone" or not is_same:
        row.proof, row.proven_at, row.proven_by_id = None, None, None


@dataclass(frozen=True)
class People:
    """The rows of everybody a form names, not stored yet."""

    persons: list[Person]
    subjects: list[Subject]
    relationships: list[Relationship]

    def store(self, session: Session) -> None:
        """Store them, each after what it points to, with whatever else was added."""
        session.add_all([*self.persons, *self.subjects, *self.relationships])
        store_new(session)


def describe_people(request_id: UUID, facts: RequestFacts, *, kind: str, on: date, now: datetime) -> People:
    """Make every child a person and a subject, and every adult a person."""
    children = [_child(request_id, child, now) for child in facts.children]
    adults = [_adult(request_id, adult) for adult in facts.adults]
    subjects = [
        _subject(request_id, child, person, kind=kind, on=on)
        for child, person in zip(facts.children, children, strict=True)
    ]
    return People([*children, *adults], subjects, _relationships(request_id, facts.adults, adults))


def _child(request_id: UUID, child: ChildFacts, now: datetime) -> Person:
    return Person(
        wall=Wall.OPEN,
        request_id=request_id,
        is_child=True,
        name=child.name or None,
        facts=plain(child),
        nhs_hash=child.nhs_number or None,
        upn_hash=child.upn or None,
        match_wanted_at=now if _can_be_found_again(child) else None,
    )


def _can_be_found_again(child: ChildFacts) -> bool:
    return bool(child.name or child.nhs_number or child.upn)


def _adult(request_id: UUID, adult: AdultFacts) -> Person:
    return Person(wall=Wall.OPEN, request_id=request_id, is_child=False, name=adult.name or None, facts=plain(adult))


def _subject(request_id: UUID, child: ChildFacts, person: Person, *, kind: str, on: date) -> Subject:
    return Subject(
        wall=Wall.OPEN,
        request_id=request_id,
        number=child.number,
        person_id=person.id,
        label=label_of(child, on),
        is_anonymous=kind == "in_principle",
    )


def label_of(child: ChildFacts, on: date) -> str:
    """Return how a child is named in a list: "Ryan Hartley, 6", "Unborn baby, due 9 Jan", "A child, 5 to 9"."""
    age = age_or_due(child.birth_on, child.expected_on, on)
    if child.name:
        return f"{child.name}, {age}" if age else child.name
    if child.expected_on:
        return f"Unborn baby, {age}"
    band = codes.label_of((*codes.AGE_BANDS, codes.GROWN_BAND), child.age_band) if child.age_band else ""
    return f"A child, {band or age}" if band or age else f"Child {child.number}, no name given"


def _relationships(request_id: UUID, facts: tuple[AdultFacts, ...], adults: list[Person]) -> list[Relationship]:
    return [
        Relationship(
            wall=Wall.OPEN,
            request_id=request_id,
            from_person_id=person.id,
            kind=fact.relationship or "not_known",
            parental_responsibility=fact.parental_responsibility or "not_known",
            same_household=fact.same_household or "not_known",
        )
        for fact, person in zip(facts, adults, strict=True)
    ]


def record_consent(session: Session, request_id: UUID, facts: ConsentFacts, *, by: Actor, now: datetime) -> Consent:
    """Write told, agreement and lawful basis as they were said (GL-4)."""
    row = Consent(
        wall=Wall.OPEN,
        request_id=request_id,
        told=Told(facts.told) if facts.told in set(Told) else Told.NOT_ESTABLISHED,
        extra_code=facts.extra_code or None,
        who_told=facts.who_told or None,
        told_by=facts.told_by or None,
        told_on=facts.told_on,
        reason=facts.reason or None,
        agrees=Agrees(facts.agrees or Agrees.NOT_ASKED),
        agrees_who=facts.agrees_who or None,
        lawful_basis=facts.lawful_basis or None,
        by_kind=by.kind,
        by_id=by.id,
        at=now,
    )
    session.add(row)
    return row


def headline_of(facts: RequestFacts, subjects: list[Subject]) -> dict[str, Any]:
    """Return what lists show of a request, so that a row costs one opening: children, initials, who asked."""
    who = facts.referrer
    if who.kind == ReferrerKind.PROFESSIONAL:
        asked_by = [who.agency or "Agency not named", who.role or ""]
    elif who.kind == ReferrerKind.FAMILY:
        asked_by = ["Family", "Asking for themselves"]
    elif who.kind == ReferrerKind.CHILD:
        asked_by = ["Child or young person", "Asking for themselves"]
    else:
        asked_by = ["Member of the public", "" if who.name else "No name given"]
    names = [child.name for child in facts.children if child.name]
    return {
        "children": [subject.label for subject in sorted(subjects, key=lambda s: s.number)],
        "initials": ", ".join(initials(name) for name in names),
        "asked_by": asked_by,
    }


def plain(facts: Any) -> dict[str, Any]:
    """Return the facts of a person as JSON can hold them, without those kept in a column of their own."""
    said = {
        one.name: value
        for one in fields(facts)
        if (value := getattr(facts, one.name)) not in ("", None, ()) and one.name not in NOT_ON_RECORD
    }
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}


def keep_answers(
    session: Session,
    request: ServiceRequest,
    answers: Answers,
    *,
    kind: str,
    form_version: str,
    by: Actor,
    now: datetime,
) -> FormResponse:
    """Keep the answers as typed, with the version of the form that asked them."""
    row = FormResponse(
        wall=Wall.OPEN,
        request_id=request.id,
        kind=kind,
        form_version=form_version,
        answers=answers,
        by_kind=by.kind,
        by_id=by.id,
        at=now,
    )
    session.add(row)
    return row


def urgency_of(facts: RequestFacts, kind: FormKind, answers: Answers) -> str:
    """Return danger, urgent or routine: what was said, or words of present danger anywhere (W16, EV-10)."""
    if facts.urgency == "danger" or speak_of_danger(text for *_, text in forms.free_texts(kind, answers)):
        return "danger"
    return facts.urgency or "routine"
