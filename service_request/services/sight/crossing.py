"""All that hangs on a request, in every table, for the act that takes it across the wall (SE-5). No user is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from infrastructure.database import Entity, Wall
from infrastructure.identity.models import SecretLink
from infrastructure.outbox import OutboxMessage
from service_request.models import (
    Arrival,
    ArrivalMedia,
    AskedFor,
    CheckMade,
    Clock,
    ClockBreach,
    Consent,
    Conversation,
    DeliveryReport,
    Draft,
    DraftPart,
    File,
    FormResponse,
    Grant,
    IdentityLink,
    Mail,
    MatchKey,
    Message,
    Person,
    Referrer,
    Relationship,
    RequestLink,
    ServiceRequest,
    SightBar,
    Similarity,
    Subject,
    Task,
)

OF_REQUEST: tuple[Any, ...] = (
    Person, Subject, Relationship, FormResponse, Consent, Message, Arrival, ArrivalMedia, Mail, Clock, Task, Grant,
    SightBar, AskedFor, CheckMade, ClockBreach,
)  # fmt: skip


@dataclass(frozen=True)
class Belongings:
    """The rows of one request: those that go with it, and those that joined it to what stays behind."""

    people: list[Person]
    messages: list[OutboxMessage]
    tasks: list[Task]
    others: list[Entity]
    threads: list[Conversation]
    joining: list[Entity] = field(default_factory=list)

    def __iter__(self) -> Iterator[Entity]:
        yield from (*self.people, *self.messages, *self.tasks, *self.others, *self.threads)


def list_belongings(session: Session, request: ServiceRequest) -> Belongings:
    """Return every row that hangs on a request which the caller has locked.

    What the worker may have in hand (mails, files, drafts) is locked first: what it makes of them is then found
    here, or is made on the other side.
    """
    wall = request.wall
    asked = list(session.scalars(select(AskedFor.id).where(AskedFor.wall == wall, AskedFor.request_id == request.id)))
    theirs = or_(Draft.sent_request_id == request.id, Draft.asked_for_id.in_(asked))  # an answer that is being written
    of_draft = select(Draft).where(Draft.wall == wall, theirs)
    drafts = list(session.scalars(of_draft.with_for_update(of=Draft)))
    sent = [draft.id for draft in drafts]
    of_it = select(SecretLink).where(SecretLink.wall == wall, _about(SecretLink, request, sent, asked))
    links = list(session.scalars(of_it))
    about = or_(
        _about(OutboxMessage, request, sent, asked),
        and_(OutboxMessage.about_kind == "link", OutboxMessage.about_id.in_([link.id for link in links])),
    )
    owed = select(OutboxMessage).where(OutboxMessage.wall == wall, about)
    messages = list(session.scalars(owed.with_for_update(of=OutboxMessage)))
    files = _files(session, wall, request, sent)
    threads = _threads(session, wall, request.id)
    rows = {
        model: list(session.scalars(select(model).where(model.wall == wall, model.request_id == request.id)))
        for model in OF_REQUEST
    }
    people: list[Person] = rows.pop(Person)
    tasks: list[Task] = rows.pop(Task)
    return Belongings(
        people=people,
        messages=messages,
        tasks=tasks,
        others=[
            session.scalars(select(Referrer).where(Referrer.wall == wall, Referrer.id == request.referrer_id)).one(),
            *(row for found in rows.values() for row in found),
            *drafts,
            *session.scalars(select(DraftPart).where(DraftPart.wall == wall, DraftPart.draft_id.in_(sent))),
            *links,
            *files,
            *_reports(session, wall, messages),
        ],
        threads=threads,
        joining=_joining(session, wall, request.id, [person.id for person in people]),
    )


def _about(model: Any, request: ServiceRequest, drafts: list[UUID], asked: list[UUID]) -> Any:
    return or_(
        and_(model.about_kind == "asked", model.about_id.in_(asked)),
        and_(model.about_kind == "request", model.about_id == request.id),
        and_(model.about_kind == "draft", model.about_id.in_(drafts)),
    )


def _files(session: Session, wall: Wall, request: ServiceRequest, drafts: list[UUID]) -> list[File]:
    owned = and_(File.owner_kind == "request", File.owner_id == request.id)
    of_draft = and_(File.owner_kind == "draft", File.owner_id.in_(drafts))
    query = select(File).where(File.wall == wall, or_(owned, of_draft, File.draft_id.in_(drafts)))
    return list(session.scalars(query.with_for_update(of=File)))


def _threads(session: Session, wall: Wall, request_id: UUID) -> list[Conversation]:
    """Return the threads that are of this request alone: one in which another has been opened since stays behind."""
    last = and_(Conversation.request_id.is_(None), Conversation.last_request_id == request_id)
    query = select(Conversation).where(Conversation.wall == wall, or_(Conversation.request_id == request_id, last))
    return list(session.scalars(query.with_for_update(of=Conversation)))


def _reports(session: Session, wall: Wall, messages: list[OutboxMessage]) -> list[DeliveryReport]:
    """Return what a carrier told of its texts, applied or still parked."""
    ids, names = [one.id for one in messages], [one.carrier_id for one in messages if one.carrier_id]
    about = or_(DeliveryReport.outbox_id.in_(ids), DeliveryReport.carrier_id.in_(names))
    return list(session.scalars(select(DeliveryReport).where(DeliveryReport.wall == wall, about)))


def _joining(session: Session, wall: Wall, request_id: UUID, people: list[UUID]) -> list[Entity]:
    """Return hints, match keys, confirmed identities and links: each would join it to what it leaves."""
    either = or_(Similarity.person_id.in_(people), Similarity.earlier_id.in_(people))
    linked = or_(RequestLink.from_id == request_id, RequestLink.to_id == request_id)
    return [
        *session.scalars(select(Similarity).where(Similarity.wall == wall, either)),
        *session.scalars(select(MatchKey).where(MatchKey.wall == wall, MatchKey.person_id.in_(people))),
        *session.scalars(select(IdentityLink).where(IdentityLink.wall == wall, IdentityLink.person_id.in_(people))),
        *session.scalars(select(RequestLink).where(RequestLink.wall == wall, linked)),
    ]


def list_guesses(session: Session, request_id: UUID) -> list[Mail]:
    """Return the mails of which somebody was asked whether they belong to a request that leaves them behind."""
    query = select(Mail).where(Mail.wall == Wall.OPEN, Mail.possible_id == request_id)
    return list(session.scalars(query.with_for_update(of=Mail)))
