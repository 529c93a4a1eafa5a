"""Who is answered by a machine: a person, once for each new request, and not too often (EV-2, T8, T9)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from infrastructure.database import Wall, digest
from infrastructure.house import House
from infrastructure.identity.attempts import count_attempts
from infrastructure.outbox import Thread, owe
from infrastructure.outbox.headers import is_address
from infrastructure.settings import Settings
from infrastructure.web.say_time import public_moment
from service_request.domain.mail.types import MailKind, MailNote, ParsedEmail
from service_request.domain.opening_hours import helpdesk_opens_at
from service_request.domain.references import format_reference
from service_request.models import Arrival, ReferrerKind, Safe, ServiceRequest
from service_request.services.acknowledging import A_DAY, UNPROVEN_A_DAY
from service_request.services.kept_letters import keep_letter

# How many of our answers one sender gets by itself, whatever arrives: as Zammad stops the loops of its installations.
CAPS: tuple[tuple[str, int, timedelta], ...] = (
    ("mail_10_minutes", 10, timedelta(minutes=10)),
    ("mail_hour", 25, timedelta(hours=1)),
    ("mail_10_hours", 100, timedelta(hours=10)),
    ("ack", UNPROVEN_A_DAY, A_DAY),
)
_NOBODY = re.compile(
    r"(?:.*[-_.+])?(?:no|do[-_.]?not|never)[-_.]?reply.*"
    r"|mailer-daemon|postmaster|bounces?(?:[-_+.].*)?|daemon|root",
    re.IGNORECASE,
)


def may_be_answered(mail: ParsedEmail, settings: Settings) -> bool:
    """Tell whether a machine may answer a mail at all: never another machine, nor us, nor a guess at an address."""
    if mail.kind is not MailKind.PERSON or MailNote.SENDER_UNCLEAR in mail.notes or not mail.reply_to:
        return False
    if not is_address(mail.sender) or _NOBODY.fullmatch(mail.sender.partition("@")[0]):
        return False
    return without_tag(mail.sender) not in ours(settings)


def ours(settings: Settings) -> frozenset[str]:
    """Return the addresses that are ours: a mail from one of them is forged, or goes in a circle (E9)."""
    boxes = {box.address for box in settings.our_mailboxes}
    return frozenset({*boxes, settings.mail_from.rpartition("<")[2].strip("> ").lower()})


def is_within_caps(session: Session, sender: str, wall: Wall, now: datetime) -> bool:
    """Count one answer to somebody inside the caller's transaction, and tell whether it may go (T8, T9).

    Inside the wall it is counted under a hash of that side, which nobody outside can make (SE-5).
    """
    bare = without_tag(sender)
    who = bare if wall is Wall.OPEN else digest("attempt", bare, wall).hex()
    return count_attempts(session, [(f"{name}:{who}", most, window) for name, most, window in CAPS], now=now)


def without_tag(address: str) -> str:
    """Return the mailbox that an address leads to: who writes as "name+1@", "name+2@" … floods one (T9)."""
    local, _, domain = address.partition("@")
    return f"{local.partition('+')[0]}@{domain}"


def acknowledge(
    session: Session, request: ServiceRequest, mail: ParsedEmail, mailbox: str, *, now: datetime, house: House
) -> bool:
    """Owe the one acknowledgement of a new contact: reference and what happens next, no word of theirs (EV-2, EV-6)."""
    referrer = request.referrer
    if not may_be_answered(mail, house.settings) or referrer.safe == Safe.NO:
        return False
    if not is_within_caps(session, mail.sender, request.wall, now):
        return False
    template = "mail_received" if referrer.kind is ReferrerKind.PROFESSIONAL else "mail_received_public"
    opens_at = helpdesk_opens_at(now, house.calendar, house.settings.helpdesk_hours)
    letter = house.write(
        template,
        reference=format_reference(request.reference),
        by_when=public_moment(request.next_due_at or now),
        opens_at=public_moment(opens_at) if opens_at is not None else "",
    )
    about, thread = ("request", request.id), answer_to(mail, mailbox)
    row = owe(session, letter, to=mail.sender, cause=request.id, about=about, now=now, wall=request.wall, thread=thread)
    keep_letter(session, request, row, "acknowledgement", now=now)
    return True


def tell_too_large(session: Session, mail: ParsedEmail, arrival: Arrival, *, now: datetime, house: House) -> None:
    """Owe who sent a mail that is too large to be read the word that it is kept, and how to be heard sooner (E3)."""
    if not may_be_answered(replace(mail, kind=MailKind.PERSON), house.settings):
        return
    if is_within_caps(session, mail.sender, arrival.wall, now):
        letter, about = house.write("mail_too_large"), ("arrival", arrival.id)
        thread = answer_to(mail, arrival.endpoint)
        owe(session, letter, to=mail.sender, cause=arrival.id, about=about, now=now, wall=arrival.wall, thread=thread)


def answer_to(mail: ParsedEmail, mailbox: str) -> Thread:
    """Return the thread of an answer to a mail: it goes where theirs came from."""
    return Thread.answering(mail.message_id, mail.references[::-1], mailbox=mailbox)
