"""What understanding a mail asks of the database: what it answers, and who takes part in that. No user is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session, joinedload

from infrastructure.database import EITHER_SIDE, Wall, digests
from infrastructure.database.columns import hash_by_wall
from infrastructure.outbox import MessageState, OutboxMessage
from service_request.domain.mail.types import MailKind
from service_request.domain.references import parse_reference
from service_request.models import (
    Arrival,
    ArrivalMedia,
    Channel,
    Disposition,
    Mail,
    Message,
    Referrer,
    ServiceRequest,
)
from service_request.services.sight.kept import hashes_of

MOST = 50
MOST_ALIKE = 5  # mails with one Message-ID
MOST_NAMED = 20  # mails that one names before it, the newest: a long thread names hundreds
PLACED = (Disposition.REQUEST, Disposition.MESSAGE)


@dataclass(frozen=True)
class KeptMail:
    """A mail that waits to be understood, its row and bytes read once, outside any transaction."""

    row: Mapping[str, Any]
    raw: bytes

    @property
    def wall(self) -> Wall:
        """Return the side of the wall that it came to."""
        return Wall(self.row["wall"])

    def as_arrival(self) -> Arrival:
        """Return it as a row that no session watches: what becomes of it is written at once, by `place_mail`."""
        return Arrival(**self.row)


def list_kept_mails(session: Session) -> list[UUID]:
    """Return the mails that nobody has understood, in the order in which they were in our hands."""
    query = (
        select(Arrival.id)
        .where(Arrival.wall.in_(EITHER_SIDE), Arrival.disposition == Disposition.KEPT, Arrival.channel == Channel.EMAIL)
        .order_by(Arrival.received_at, Arrival.external_id)
        .limit(MOST)
    )
    found = list(session.scalars(query))
    session.rollback()
    return found


# Put together once: each is asked of every mail.
_WAITS = (
    Arrival.id == bindparam("arrival_id"),
    Arrival.disposition == Disposition.KEPT,
    Arrival.channel == Channel.EMAIL,
)
_ARRIVAL = Arrival.metadata.tables[Arrival.__tablename__]
_TO_READ = select(*_ARRIVAL.columns).where(Arrival.wall.in_(EITHER_SIDE), *_WAITS)
_TO_TAKE = select(Arrival.id).where(Arrival.wall == bindparam("wall"), *_WAITS).with_for_update(of=Arrival)
_BECOMES = ("disposition", "reason", "request_id", "conversation_id", "sender_sealed", "sender_hash")
_IN_ITS_PLACE = update(_ARRIVAL).where(Arrival.id == bindparam("arrival_id"))
_PLACED = _IN_ITS_PLACE.values({name: bindparam(name) for name in _BECOMES})
_PLACED_ACROSS = _IN_ITS_PLACE.values({name: bindparam(name) for name in (*_BECOMES, "wall", "raw_sealed")})
_SAME = (
    select(Mail.arrival_id, Mail.request_id)
    .where(Mail.wall == bindparam("wall"), Mail.same_hash.in_(bindparam("hashes", expanding=True)))
    .where(Mail.copy_of_id.is_(None))
    .order_by(Mail.at, Mail.id)
    .limit(1)
)
_SAME_BY_PERSON = _SAME.where(or_(Mail.kind == MailKind.PERSON, Mail.first_kind == MailKind.PERSON))
_NAMED_ALIKE = (
    select(Mail.id)
    .where(Mail.wall == bindparam("wall"), Mail.message_id_hash.in_(bindparam("hashes", expanding=True)))
    .limit(1)
)


def read_kept_mail(session: Session, arrival_id: UUID) -> KeptMail | None:
    """Return a mail that waits, with its bytes; None when another worker was here before."""
    row = session.connection().execute(_TO_READ, {"arrival_id": arrival_id}).one_or_none()
    session.rollback()
    if row is None:
        return None
    return KeptMail(row._asdict(), Arrival.raw.open(row.wall, row.raw_sealed) if row.raw_sealed is not None else b"")


def lock_kept_mail(session: Session, kept: KeptMail) -> bool:
    """Lock a mail; False when it does not wait any more."""
    asked = {"arrival_id": kept.row["id"], "wall": kept.wall}
    return session.connection().execute(_TO_TAKE, asked).first() is not None


def place_mail(session: Session, kept: KeptMail, arrival: Arrival) -> None:
    """Write what became of a mail that the caller has locked: all of it by one statement."""
    hash_by_wall(arrival)
    crosses = arrival.wall is not kept.wall
    names = (*_BECOMES, "wall", "raw_sealed") if crosses else _BECOMES
    said = {name: getattr(arrival, name) for name in names}
    session.connection().execute(_PLACED_ACROSS if crosses else _PLACED, {**said, "arrival_id": arrival.id})


class SameMail(NamedTuple):
    """The first of several deliveries of one mail, and the request that it stands in."""

    arrival_id: UUID
    request_id: UUID | None


def find_same(session: Session, wall: Wall, same: str, *, by_person: bool) -> SameMail | None:
    """Return the first mail on this side that its sender wrote as this one (EV-3).

    What a person wrote is no copy of what was filed: the filter of one mailbox may take for junk what another lets
    through, and the words would reach nobody (EV-1).
    """
    if not same:
        return None
    asked = {"wall": wall, "hashes": digests("mail", same, wall)}
    row = session.connection().execute(_SAME_BY_PERSON if by_person else _SAME, asked).one_or_none()
    return SameMail(*row) if row is not None else None


def has_message_id(session: Session, wall: Wall, message_id: str) -> bool:
    """Tell whether another mail on this side bears that name (E1)."""
    if not message_id:
        return False
    asked = {"wall": wall, "hashes": digests("message_id", message_id, wall)}
    return session.connection().execute(_NAMED_ALIKE, asked).first() is not None


def seek_answered(session: Session, wall: Wall, references: Sequence[str]) -> Iterator[UUID]:
    """Yield the requests that a mail answers by what it names, the newest of them first, on its own side (T7).

    Two mails may bear one Message-ID (E1): then each names a request, and who takes part decides.
    """
    for message_id in references[:MOST_NAMED]:
        ours = select(OutboxMessage.about_kind, OutboxMessage.about_id).where(
            OutboxMessage.wall == wall, OutboxMessage.message_id == message_id
        )
        row = session.execute(ours.limit(1)).first()
        if row is not None and row.about_kind == "request":
            yield UUID(str(row.about_id))
        held = select(Mail.request_id).where(
            Mail.wall == wall,
            Mail.message_id_hash.in_(digests("message_id", message_id, wall)),
            Mail.request_id.is_not(None),
        )
        for one in session.scalars(held.order_by(Mail.at, Mail.id).limit(MOST_ALIKE)).all():
            if one is not None:
                yield one


def find_by_reference(session: Session, wall: Wall, words: Sequence[str]) -> UUID | None:
    """Return the request whose reference stands among words; it is asked about, and joins nothing (T7)."""
    said = [reference for word in words if (reference := parse_reference(word)) is not None]
    if not said:
        return None
    query = select(ServiceRequest.id).where(ServiceRequest.wall == wall, ServiceRequest.reference.in_(said))
    return session.scalars(query.order_by(ServiceRequest.id).limit(1)).first()


def takes_part(session: Session, request_id: UUID, sender: str, *, wall: Wall) -> bool:
    """Tell whether somebody takes part in a request: who asked, whom we wrote to, or who wrote in it before (T7)."""
    hashes = hashes_of(sender, wall)
    asked = (
        select(Referrer.id)
        .join(ServiceRequest, ServiceRequest.referrer_id == Referrer.id)
        .where(
            Referrer.wall == wall,
            ServiceRequest.wall == wall,
            ServiceRequest.id == request_id,
            Referrer.email_hash.in_(hashes),
        )
    )
    written_to = (
        select(Message.id)
        .join(OutboxMessage, OutboxMessage.id == Message.outbox_id)
        .where(
            Message.wall == wall,
            Message.request_id == request_id,
            OutboxMessage.wall == wall,
            OutboxMessage.to_hash.in_(hashes),
        )
    )
    wrote = select(Arrival.id).where(
        Arrival.wall == wall,
        Arrival.request_id == request_id,
        Arrival.channel == Channel.EMAIL,
        Arrival.disposition.in_(PLACED),
        Arrival.sender_hash.in_(hashes),
    )
    return any(session.scalars(query.limit(1)).first() is not None for query in (asked, written_to, wrote))


def lock_open_request(session: Session, request_id: UUID, *, wall: Wall) -> ServiceRequest | None:
    """Return a request with who asked, locked; None where it is not on this side."""
    query = (
        select(ServiceRequest)
        .where(ServiceRequest.wall == wall, ServiceRequest.id == request_id)
        .options(joinedload(ServiceRequest.referrer))
        .with_for_update(of=ServiceRequest)
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).one_or_none()


def find_returned(
    session: Session,
    *,
    message_ids: Sequence[str],
    requests: Sequence[UUID],
    recipients: Sequence[str],
    without_token: Collection[str],
) -> UUID | None:
    """Return the message of ours that came back: by its name, or by the request of its token and who was not reached.

    It is sought on either side: where a bounce lands says nothing of where its message stands (F21). Letters of the
    templates `without_token` went out with none: whoever has a token makes no alert to our own staff look failed.
    """
    if message_ids:
        query = select(OutboxMessage.id).where(
            OutboxMessage.wall.in_(EITHER_SIDE),
            OutboxMessage.message_id.in_(list(message_ids)),
            OutboxMessage.channel == "email",
        )
        found = session.scalars(query.limit(1)).first()
        if found is not None:
            return found
    if not requests or not recipients:
        return None
    of_them = [
        OutboxMessage.to_hash.in_([one for address in recipients for one in digests("address", address, wall)])
        for wall in EITHER_SIDE
    ]
    query = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.wall.in_(EITHER_SIDE),
            OutboxMessage.about_kind == "request",
            OutboxMessage.about_id.in_(list(requests)),
            OutboxMessage.channel == "email",
            OutboxMessage.state == MessageState.SENT,
            OutboxMessage.template.not_in(without_token),
            or_(*of_them),
        )
        .order_by(OutboxMessage.sent_at.desc(), OutboxMessage.id.desc())
    )
    return session.scalars(query.limit(1)).first()


def find_outbox(session: Session, outbox_id: UUID) -> OutboxMessage:
    """Return a message of ours, to learn what it is about before both are locked."""
    query = select(OutboxMessage).where(OutboxMessage.wall.in_(EITHER_SIDE), OutboxMessage.id == outbox_id)
    return session.scalars(query).one()


def lock_outbox(session: Session, outbox_id: UUID) -> OutboxMessage:
    """Return a message of ours, locked; whoever has its request locked that first."""
    query = (
        select(OutboxMessage)
        .where(OutboxMessage.wall.in_(EITHER_SIDE), OutboxMessage.id == outbox_id)
        .with_for_update(of=OutboxMessage)
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).one()


@dataclass(frozen=True)
class RawOfFile:
    """The mail that a file is in, which of its files it is, and how we call it."""

    raw: bytes
    wall: Wall
    number: int
    url: str


def raw_of_media(session: Session, media_id: UUID) -> RawOfFile:
    """Return the raw mail that a waiting file came in, with no connection held afterwards."""
    query = (
        select(Arrival, ArrivalMedia)
        .join(ArrivalMedia, (ArrivalMedia.wall == Arrival.wall) & (ArrivalMedia.arrival_id == Arrival.id))
        .where(Arrival.wall.in_(EITHER_SIDE), ArrivalMedia.id == media_id)
    )
    arrival, media = session.execute(query).one()
    found = RawOfFile(arrival.raw or b"", arrival.wall, media.number, media.url or "")
    session.rollback()
    return found
