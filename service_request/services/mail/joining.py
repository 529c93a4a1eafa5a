"""Where a mail belongs: a sign that nobody can guess, from who takes part, joins it; anything less is asked (T7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.settings import Settings
from service_request.domain.mail.types import MailNote, ParsedEmail
from service_request.services.mail.tokens import read_token
from service_request.services.sight.mail_rows import find_by_reference, seek_answered, takes_part

_LIKE_A_REFERENCE = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{4}[-\s]?[0-9A-Za-z]{4}(?![0-9A-Za-z])")
MOST_WORDS = 20  # of a subject that look like a reference


@dataclass(frozen=True)
class Place:
    """The request that a mail joins, or the one that a person is asked about; never both."""

    joins: UUID | None = None
    possible: UUID | None = None


def find_place(session: Session, mail: ParsedEmail, wall: Wall, settings: Settings) -> Place:
    """Return where a mail belongs on its own side of the wall; on the other, nothing is looked for (SE-5)."""
    signed = next((found for one in mail.recipients if (found := read_token(one, wall, settings))), None)
    named = iter([signed]) if signed is not None else seek_answered(session, wall, mail.references)
    first: UUID | None = None
    for one in named:
        if is_clear(mail) and takes_part(session, one, mail.sender, wall=wall):
            return Place(joins=one)
        first = first or one
    if first is not None:
        return Place(possible=first)
    words = _LIKE_A_REFERENCE.findall(mail.subject)[:MOST_WORDS]
    return Place(possible=find_by_reference(session, wall, words))


def is_clear(mail: ParsedEmail) -> bool:
    """Tell whether a mail says plainly which one address it is from."""
    return bool(mail.sender) and MailNote.SENDER_UNCLEAR not in mail.notes
