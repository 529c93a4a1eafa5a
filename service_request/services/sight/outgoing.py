"""What the outgoing guard reads before a message leaves: all that a request names and tells. No user is asked."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from infrastructure.database import EITHER_SIDE, Wall
from infrastructure.identity.models import SecretLink
from service_request.domain.unspeakable import Telling, Terms, terms_of
from service_request.models import (
    AskedFor,
    Consent,
    Direction,
    Draft,
    Enquiry,
    FormResponse,
    Message,
    Person,
    ServiceRequest,
)
from service_request.pathways.social_care.codes import WORRIES_ASKED, label_of

MOST_PEOPLE = 200  # of one request; the form takes fewer
MOST_TEXTS = 20  # forms, records of consent, and notes of one request, the latest first
_AS_OF_A_PERSON = {"place": "address", "reach": "lives_with", "need": "needs"}  # a place; their own words
IN_OWN_WORDS = ("story", "anything_else")  # of what an enquirer told
# A link for staff to set a password; a seal and its digest; to staff that something is held, or how many speak of
# danger, and where it is read.
TELLS_OF_NOBODY = frozenset({"user", "trail", "arrival", "alert"})


class UnknownMatterError(LookupError):
    """What a message is about is not there, or not on the message's side of the wall."""


def find_request_about(session: Session, *, wall: Wall, kind: str, about_id: UUID) -> UUID | None:
    """Return the request that a message is about, straight or by its link; None where it is about no request."""
    if kind == "link":
        link = session.execute(
            select(SecretLink.about_kind, SecretLink.about_id).where(SecretLink.wall == wall, SecretLink.id == about_id)
        ).one_or_none()
        if link is None:
            raise UnknownMatterError
        kind, about_id = link
    if kind == "asked":
        query = select(AskedFor.request_id).where(AskedFor.wall == wall, AskedFor.id == about_id)
        return session.scalars(query).one_or_none()
    return about_id if kind == "request" else None


def find_matter(session: Session, *, kind: str, about_id: UUID) -> UUID | None:
    """Return the request that a message is about, on whichever side it stands; None where it is about no request."""
    if kind != "link":
        return about_id if kind == "request" else None
    link = (
        select(func.coalesce(AskedFor.request_id, SecretLink.about_id))
        .select_from(SecretLink)
        .outerjoin(AskedFor, (AskedFor.wall == SecretLink.wall) & (AskedFor.id == SecretLink.about_id))
        .where(SecretLink.wall.in_(EITHER_SIDE), SecretLink.id == about_id)
        .where(SecretLink.about_kind.in_(("request", "asked")))
    )
    return session.scalars(link).one_or_none()


def read_unspeakable(session: Session, *, wall: Wall, kind: str, about_id: UUID) -> Terms:
    """Return what a message about this may not say, read on its own side of the wall; raise UnknownMatterError."""
    request_id = find_request_about(session, wall=wall, kind=kind, about_id=about_id)
    if request_id is not None:
        return _of_request(session, wall, request_id)
    if kind == "draft":
        return _of_draft(session, wall, about_id)
    if kind == "link" or kind in TELLS_OF_NOBODY:
        return Terms()
    raise UnknownMatterError


def _of_request(session: Session, wall: Wall, request_id: UUID) -> Terms:
    request = session.scalars(
        select(ServiceRequest)
        .where(ServiceRequest.wall == wall, ServiceRequest.id == request_id)
        .options(joinedload(ServiceRequest.referrer))
    ).one_or_none()
    if request is None:
        raise UnknownMatterError
    people = session.scalars(
        select(Person).where(Person.wall == wall, Person.request_id == request_id).limit(MOST_PEOPLE)
    ).all()
    consents = session.scalars(
        select(Consent)
        .where(Consent.wall == wall, Consent.request_id == request_id)
        .order_by(Consent.at.desc())
        .limit(MOST_TEXTS)
    ).all()
    referrer, facts = request.referrer, _told_to_sendiass(session, wall, request_id)
    names = (name for one in consents for name in (one.told_by, one.agrees_who))
    terms = terms_of(
        [*((person.name, person.facts or {}) for person in people), (None, facts)],
        names=[referrer.name, facts.get("name"), *names],
        contacts=[referrer.phone, referrer.email],
        stories=[
            *_said_of(session, wall, request_id),
            *(facts.get(name, "") for name in IN_OWN_WORDS),
            *(one.reason or "" for one in consents),
        ],
        concerns=[label_of(WORRIES_ASKED, code) for code in request.worries],
    )
    if referrer.agency_name:
        terms.add_name(referrer.agency_name, Telling.PLACE)
    return terms


def _told_to_sendiass(session: Session, wall: Wall, request_id: UUID) -> dict[str, str]:
    """Return what an enquirer told, by the names under which a person's facts are kept from being said (EV-6)."""
    if wall is Wall.OPEN:  # enquiries stand inside alone
        return {}
    query = select(Enquiry).where(Enquiry.wall == wall, Enquiry.request_id == request_id)
    enquiry = session.scalars(query).one_or_none()
    facts = (enquiry.facts or {}) if enquiry is not None else {}
    return {_AS_OF_A_PERSON.get(name, name): str(value) for name, value in facts.items()}


def _said_of(session: Session, wall: Wall, request_id: UUID) -> list[str]:
    forms = session.scalars(
        select(FormResponse)
        .where(FormResponse.wall == wall, FormResponse.request_id == request_id)
        .order_by(FormResponse.at.desc())
        .limit(MOST_TEXTS)
    )
    notes = session.scalars(
        select(Message)
        .where(
            Message.wall == wall,
            Message.request_id == request_id,
            Message.body_sealed.is_not(None),
            Message.direction != Direction.OUT,  # what we said ourselves was read before it left
        )
        .order_by(Message.at.desc())
        .limit(MOST_TEXTS)
    )
    return [*(text for form in forms for text in _typed(form.answers)), *(note.body or "" for note in notes)]


def _of_draft(session: Session, wall: Wall, draft_id: UUID) -> Terms:
    draft = session.scalars(select(Draft).where(Draft.wall == wall, Draft.id == draft_id)).one_or_none()
    return terms_of([], stories=_typed(draft.answers) if draft is not None else [])  # gone: its holder deleted it


def _typed(answers: dict[str, dict[str, list[str]]] | None) -> list[str]:
    """Return what was typed, apart from what was chosen: a code is one word in small letters."""
    pages = (answers or {}).values()
    said = (value for page in pages for values in page.values() for value in values)
    return [value for value in said if value and (" " in value or value != value.lower() or not value.isascii())]
