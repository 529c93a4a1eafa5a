"""A mail that was read becomes a row, its files something to fetch, its words a message (EV-1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.house import House
from infrastructure.trail import ActorKind
from service_request.domain.mail.sameness import same_of
from service_request.domain.mail.types import MailKind, MailNote, ParsedEmail
from service_request.domain.mail.vouching import is_vouched
from service_request.models import (
    Arrival,
    ArrivalMedia,
    Direction,
    Mail,
    MediaState,
    Message,
    ServiceRequest,
)
from service_request.services.mail.attachments import ATTACHED
from service_request.services.mail.reading import Understood
from service_request.services.sight.mail_rows import has_message_id

MAIL = "mail"  # the kind of the message
MOST_WORDS = 20_000  # characters of what was filed; of what a person wrote, the message holds all
MOST_QUOTED = 200_000  # characters of what stood below; the rest is in the raw mail
# What each letter of ours says; quoted around an answer it is no cry for help.
_OURS = re.compile(r"[\s>]+".join("If a child is in immediate danger, call 999 now.".split()), re.IGNORECASE)
_LIKE_ONE_MORE = ("re:", "fw:", "fwd:", "aw:", "sv:", "rv:", "tr:", "odp:")


@dataclass(frozen=True)
class ReadMail:
    """A kept mail, what it says, and how large its files are; `row` where a person now says otherwise than before."""

    arrival: Arrival
    mail: ParsedEmail
    sizes: tuple[int, ...]
    same: str
    row: Mail | None = None

    @property
    def words(self) -> str:
        """Return what they say now, with the subject above it where that is theirs and no answer's."""
        subject, text = self.mail.subject.strip(), self.mail.visible_text.strip()
        if not subject or subject.lower().startswith(_LIKE_ONE_MORE) or text.lower().startswith(subject.lower()):
            return text or subject
        return f"{subject}\n\n{text}" if text else subject

    @property
    def passed_on(self) -> str:
        """Return what a first mail passes on to us, of whoever wrote it: what stands below, and its subject (EV-10)."""
        return f"{self.mail.subject}\n{self.mail.quoted_text}"


def without_ours(words: str) -> str:
    """Return what they say without the sentence of our letters that speaks of danger, wherever they quote it."""
    return _OURS.sub("", words)


def read_mail_of(arrival: Arrival, said: Understood, raw: bytes) -> ReadMail:
    """Return an arrival with what was read of its bytes; who wrote it is known from now on."""
    arrival.sender = said.mail.sender or None
    arrival.sender_hash = said.mail.sender or None
    return ReadMail(arrival, said.mail, said.sizes, same_of(raw))


def write_mail(
    session: Session,
    read: ReadMail,
    *,
    request_id: UUID | None,
    house: House,
    possible_id: UUID | None = None,
    copy_of_id: UUID | None = None,
    outbox_id: UUID | None = None,
    notes: Sequence[MailNote] = (),
) -> Mail:
    """Write what a mail was understood to be, in the caller's transaction; its raw bytes stand in the arrival."""
    arrival, mail = read.arrival, read.mail
    if read.row is not None:
        return _correct(read.row, request_id, possible_id)
    said, is_person = {*mail.notes, *notes}, mail.kind is MailKind.PERSON
    if copy_of_id is None and has_message_id(session, arrival.wall, mail.message_id):
        said.add(MailNote.MESSAGE_ID_REUSED)
    row = Mail(
        wall=arrival.wall,
        arrival_id=arrival.id,
        request_id=request_id,
        at=arrival.received_at,
        sent_at=mail.sent_at,
        kind=mail.kind,
        first_kind=mail.kind,
        why=mail.why,
        is_verified=is_vouched(mail.sender, mail.verdicts, house.settings.mail_server_name),
        notes=sorted(said),
        head={
            "sender": mail.sender,
            "sender_name": mail.sender_name,
            "reply_to": mail.reply_to,
            "recipients": list(mail.recipients),
            "subject": mail.subject,
            "message_id": mail.message_id,
            "references": list(mail.references),
            "same": read.same,
            "words": "" if request_id is not None and is_person else read.words[:MOST_WORDS],
            "returned": asdict(mail.returned) if mail.returned is not None else None,
        },
        quoted=mail.quoted_text[:MOST_QUOTED] or None,
        message_id_hash=mail.message_id or None,
        same_hash=read.same or None,
        copy_of_id=copy_of_id,
        possible_id=possible_id,
        outbox_id=outbox_id,
    )
    session.add(row)
    return row


def _correct(row: Mail, request_id: UUID | None, possible_id: UUID | None) -> Mail:
    row.request_id, row.possible_id = request_id, possible_id
    row.head = {**(row.head or {}), "words": "" if request_id is not None else (row.head or {}).get("words", "")}
    return row


def write_message(session: Session, read: ReadMail, request: ServiceRequest) -> None:
    """Make what they say now a message of its request, in its place by when it was in our hands."""
    session.add(
        Message(
            wall=request.wall,
            request_id=request.id,
            arrival_id=read.arrival.id,
            direction=Direction.IN,
            kind=MAIL,
            at=read.arrival.received_at,
            by_kind=ActorKind.REFERRER,
            body=read.words,
        )
    )


def owe_files(session: Session, read: ReadMail, request_id: UUID, *, now: datetime, house: House) -> list[MailNote]:
    """Let the worker file what came with a mail; what is over the limits stays in the raw mail, and that is said."""
    settings = house.settings
    fitting = [number for number, size in enumerate(read.sizes) if 0 < size <= settings.upload_max_bytes]
    for number in fitting[: settings.upload_most]:
        one = read.mail.attachments[number]
        session.add(
            ArrivalMedia(
                wall=read.arrival.wall,
                arrival_id=read.arrival.id,
                request_id=request_id,
                number=number,
                url=f"{ATTACHED}{one.name}",
                content_type=one.content_type[:200],
                state=MediaState.WAITING,
                next_at=now,
                fence=0,
                tries=0,
            )
        )
    return [MailNote.FILES_LEFT_OUT] if len(fitting[: settings.upload_most]) < len(read.sizes) else []


def as_kind(read: ReadMail, kind: MailKind) -> ReadMail:
    """Return a mail as a person says what wrote it."""
    return replace(read, mail=replace(read.mail, kind=kind))
