"""The mail of the demonstration's outside world: mails are written by SMTP, and each mailbox shows what really came."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from email.utils import format_datetime, getaddresses
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from demonstration.mailbook import RESULTS
from demonstration.papers import letter
from demonstration.phone import Step
from demonstration.places import MAIL
from demonstration.westmarch import FORGED
from infrastructure.database import EITHER_SIDE, digests
from infrastructure.mailboxes import Mailbox
from infrastructure.outbox import DeliveryAttempt, OutboxMessage
from infrastructure.settings import Settings
from service_request.domain.mail.types import MailKind
from service_request.domain.references import format_reference
from service_request.models import Arrival, Disposition, Mail, ServiceRequest
from service_request.services.mail.keeping import find_box

LONGEST_SUBJECT, LONGEST_TEXT = 200, 20_000
SHOWN = 12  # mails of one mailbox
KINDS = {
    MailKind.PERSON: "written by a person",
    MailKind.AUTO_REPLY: "an automatic reply, filed and never answered",
    MailKind.BOUNCE: "a mail that came back",
    MailKind.DELIVERY_REPORT: "a delivery report",
    MailKind.MAILING_LIST: "a mailing list, filed and never answered",
    MailKind.JUNK: "suspected junk, filed and never answered",
    MailKind.UNREADABLE: "not readable: it waits for a person",
}


@dataclass(frozen=True)
class Writer:
    """Somebody outside who has a mailbox, and what they may write first."""

    address: str
    name: str
    who: str
    subject: str
    words: str


WRITERS = (
    Writer(
        "claire.dunstan@mailbox.example",
        "Claire Dunstan",
        "a mother",
        "School",
        "Hello\n\nMy son Toby is 9 and the school sends him home at dinner time most days. They say he needs a plan "
        "but nobody has told me how to ask for one.\n\nClaire",
    ),
    Writer(
        "reception@st-hildas-surgery.example",
        "St Hilda’s Surgery",
        "a GP practice",
        "A child we are worried about",
        "Dear colleague\n\nWe saw a girl of 6 this morning with her aunt, who says there has been no heating at home "
        "since October. Her mother does not know that we are writing. Please tell us what you need from "
        "us.\n\nDr Anwen Pugh",
    ),
    Writer(
        "j.okoro@brookfield.example",
        "Joy Okoro",
        "a teacher",
        "Help for a family",
        "Good morning\n\nA mother at our school has asked whether there is any help with mornings: she has three under "
        "7 and a bad back. She knows that I am asking and would like to be rung.\n\nJoy Okoro",
    ),
)


class NoPostError(Exception):
    """The mail server of the demonstration does not answer."""


@dataclass(frozen=True)
class Correspondence:
    """Who writes to which of our mailboxes."""

    writer: Writer
    box: Mailbox


@dataclass(frozen=True)
class Posted:
    """One mail as it lies in the mailbox of whoever has it."""

    key: str  # names its file
    is_theirs: bool  # written by the one whose mailbox this is
    subject: str
    words: str
    at: datetime
    message_id: str
    references: str
    answer_to: str  # where an answer goes: Reply-To, or From


def find_correspondence(settings: Settings, writer: str, box: str) -> Correspondence:
    """Return what a form names, and the first of each where it names none."""
    chosen = find_box(settings, box) or list_boxes(settings)[0]
    return Correspondence(next((one for one in WRITERS if one.address == writer), WRITERS[0]), chosen)


def list_boxes(settings: Settings) -> tuple[Mailbox, ...]:
    """Return where somebody outside may write to; where no mailbox is read, to the address that our mail comes from."""
    return settings.our_mailboxes or (Mailbox(address=settings.mail_from.lower(), pathway="desk"),)


def compose(
    between: Correspondence, subject: str, words: str, *, answers: Posted | None, hard: str = "", paper: bool = False
) -> EmailMessage:
    """Write a mail as a mail program would; `hard` is one of "forged" and "away"."""
    mail = EmailMessage(policy=policy.SMTP)
    sender = between.writer
    mail["From"] = f'"{sender.name}" <{sender.address}>'
    mail["To"] = answers.answer_to if answers else between.box.address
    mail["Subject"] = " ".join(subject.split())[:LONGEST_SUBJECT]
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{uuid4().hex}@{sender.address.rpartition('@')[2]}>"
    if answers:
        mail["In-Reply-To"] = answers.message_id
        mail["References"] = f"{answers.references} {answers.message_id}".strip()
        words = f"{words}\n\n{_quoted(answers)}"
    if hard == "away":
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
    if hard == "forged":
        mail[FORGED] = "yes"
    mail.set_content(words[:LONGEST_TEXT])
    if paper:
        name, content = letter("letter.pdf", ("A letter from the school", "", "Made up for the demonstration."))
        mail.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return mail


def post(settings: Settings, between: Correspondence, raw: bytes) -> None:
    """Hand a mail to the mail server that our mailboxes lie on; raise NoPostError when it does not answer."""
    mail = BytesHeaderParser(policy=policy.default).parsebytes(raw)
    to = [address for _, address in getaddresses([str(mail["To"])])]
    try:
        with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=settings.mail_timeout_seconds) as line:
            line.sendmail(between.writer.address, to, raw)
    except (OSError, smtplib.SMTPException) as error:
        raise NoPostError from error


def list_posted(folder: Path, between: Correspondence) -> list[Posted]:
    """Return what one person and our side of that mailbox wrote to each other, the oldest first; the latest few."""
    found = []
    theirs = between.writer.address
    for path in (folder / MAIL).glob("*.eml"):
        with path.open("rb") as file:
            head = BytesHeaderParser(policy=policy.default).parse(file)
        sent_by = _addresses(head, "From")
        if theirs in sent_by:
            is_mine = _is_to(head, between.box)
        else:
            is_mine = theirs in _addresses(head, "To") and _is_from(head, between.box)
        if is_mine:
            found.append((str(head["X-Arrived"]), path))
    return [_posted(path, theirs) for _, path in sorted(found)[-SHOWN:]]


def find_posted(posted: list[Posted], key: str) -> Posted | None:
    """Return the mail of that name among these."""
    return next((one for one in posted if one.key == key), None)


def read_posted(folder: Path, between: Correspondence, key: str) -> Posted:
    """Return the mail that lies under this name."""
    return _posted(folder / MAIL / f"{key}.eml", between.writer.address)


def read_raw(folder: Path, posted: Posted) -> bytes:
    """Return a mail as it was sent."""
    return (folder / MAIL / f"{posted.key}.eml").read_bytes().partition(b"\r\n")[2]


def key_of(message_id: str) -> str:
    """Return the name under which a mail is kept."""
    return sha256(message_id.encode()).hexdigest()[:40]


def list_steps(session: Session, posted: Posted) -> list[Step]:
    """Return what became of one mail, as the database of the front door tells it."""
    steps = [Step(posted.at, "Our mail server took it")]
    is_it = or_(
        *(
            and_(Mail.wall == wall, Mail.message_id_hash.in_(digests("message_id", posted.message_id, wall)))
            for wall in EITHER_SIDE
        )
    )
    mail = session.scalars(select(Mail).where(is_it).order_by(Mail.id)).first()
    if mail is None:
        return steps
    arrival = session.scalars(select(Arrival).where(Arrival.wall == mail.wall, Arrival.id == mail.arrival_id)).one()
    steps.append(Step(arrival.stored_at, "Fetched by IMAP, kept and committed, then marked as read"))
    steps.append(Step(arrival.stored_at, _became(session, arrival, mail)))
    return [*steps, *_replies(session, mail)]


def is_answered(session: Session, posted: Posted) -> bool:
    """Tell whether all that will happen to a mail by itself has happened."""
    steps = list_steps(session, posted)
    session.rollback()
    words = [step.words for step in steps]
    is_owed = "Reply owed" in words  # with what was understood, in one transaction: none owed then, none comes
    is_tried = any(one.startswith("Reply ") and one != "Reply owed" for one in words)
    return is_tried or (not is_owed and any(one.startswith("Understood") for one in words))


def _became(session: Session, arrival: Arrival, mail: Mail) -> str:
    said = f"Understood: {KINDS[mail.kind]}"
    if mail.request_id is None:
        return f"{said}. It waits for a person" if mail.possible_id else said
    request = session.scalars(
        select(ServiceRequest).where(ServiceRequest.wall == mail.wall, ServiceRequest.id == mail.request_id)
    ).one()
    what = "Enquiry" if request.pathway == "sendiass" else "Request"
    reference = format_reference(request.reference)
    if arrival.disposition is Disposition.REQUEST:
        return f"{said}. {what} {reference} opened"
    return f"{said}. Added to {what.lower()} {reference}"


def _replies(session: Session, mail: Mail) -> list[Step]:
    query = select(OutboxMessage).where(
        OutboxMessage.wall == mail.wall,
        OutboxMessage.about_kind == "request",
        OutboxMessage.about_id == mail.request_id,
        OutboxMessage.channel == "email",
        OutboxMessage.to_hash.in_(digests("address", (mail.head or {}).get("sender", ""), mail.wall)),
        OutboxMessage.automatic,
    )
    asked = (mail.head or {}).get("message_id")
    found = session.scalars(query.order_by(OutboxMessage.owed_at, OutboxMessage.id)).all()
    owed = next((one for one in found if one.thread and one.thread["in_reply_to"] == asked), None)
    if owed is None:
        return []
    tries = session.scalars(
        select(DeliveryAttempt).where(DeliveryAttempt.outbox_id == owed.id).order_by(DeliveryAttempt.n)
    )
    return [Step(owed.owed_at, "Reply owed"), *(Step(one.at, f"Reply {RESULTS[one.result]}") for one in tries)]


def _posted(path: Path, theirs: str) -> Posted:
    mail = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    body = mail.get_body(("plain",))
    return Posted(
        key=path.stem,
        is_theirs=theirs in _addresses(mail, "From"),
        subject=str(mail["Subject"] or ""),
        words=str(body.get_content()).replace("\r\n", "\n").strip() if body is not None else "",
        at=datetime.fromisoformat(str(mail["X-Arrived"])),
        message_id=str(mail["Message-ID"] or ""),
        references=" ".join(str(mail["References"] or "").split()),
        answer_to=next(iter(_addresses(mail, "Reply-To") or _addresses(mail, "From")), ""),
    )


def _quoted(answers: Posted) -> str:
    lines = "\n".join(f"> {line}" for line in answers.words.splitlines())
    wrote = answers.answer_to.partition("+")[0].partition("@")[0]
    return f"On {answers.at:%d %B %Y at %H:%M}, {wrote} <{answers.answer_to}> wrote:\n\n{lines}"


def _addresses(head: object, name: str) -> list[str]:
    values = [str(one) for one in head.get_all(name, [])]  # type: ignore[attr-defined]
    return [address.lower() for _, address in getaddresses(values)]


def _is_to(head: object, box: Mailbox) -> bool:
    local, _, domain = box.address.partition("@")
    return any(
        one == box.address or (one.startswith(f"{local}+") and one.endswith(f"@{domain}"))
        for one in _addresses(head, "To")
    )


def _is_from(head: object, box: Mailbox) -> bool:
    """Tell whether a mail of ours is of the side on which this mailbox stands: by the domain that it left from."""
    return any(one.endswith(f"@{box.address.partition('@')[2]}") for one in _addresses(head, "From"))
