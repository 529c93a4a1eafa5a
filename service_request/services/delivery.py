"""What the outbox asks of us: may this message leave, and who must know how it ended (EV-6, GL-14)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from infrastructure.calendar import LONDON
from infrastructure.outbox import OutboxMessage, Result
from service_request.models import TaskKind
from service_request.services import outcomes
from service_request.services.sight.system import list_people_of
from service_request.services.tasks import need_task

WORD = re.compile(r"[^\W\d_]{3,}")
SHORTEST = 3  # letters of a word that is compared
DIGITS = re.compile(r"\d{4,}")
WORDED = ("also_known", "address", "previous_address", "current_place", "school", "gp", "birth_on")
NUMBERED = ("phone", "postcode", "nhs_number", "upn")
UNREAD_FACTS = frozenset({"link", "code", "reference"})  # made by us from chance, not from what somebody typed


def may_leave(session: Session, row: OutboxMessage) -> bool:
    """Tell whether a message says nothing it may not: no name, birth date, address or concern of its request (EV-6).

    Only what was put into the template is compared: a child called Will must not silence "we will".
    """
    body = row.body
    said = " ".join(value for name, value in body["facts"].items() if name not in UNREAD_FACTS)
    if row.about_kind != "request" or not said.strip():
        return True
    secret = _unspeakable(session, row)
    return not (_words_of(said) & secret.words) and not any(number in _compact(said) for number in secret.numbers)


@dataclass(frozen=True)
class _Unspeakable:
    words: set[str]
    numbers: set[str]  # whole, without a space: however they are grouped, they are the same


def _unspeakable(session: Session, row: OutboxMessage) -> _Unspeakable:
    words: set[str] = set()
    numbers: set[str] = set()
    for person in list_people_of(session, row.about_id):
        facts = person.facts or {}
        for text in (person.name or "", *_texts(facts, WORDED)):
            words |= _words_of(text)
        numbers |= {_compact(text) for text in _texts(facts, NUMBERED)}
    return _Unspeakable(words - ALWAYS_SAID, numbers)


def _words_of(text: str) -> set[str]:
    plain = _plain(text)
    whole = ("".join(filter(str.isalpha, word)) for word in plain.split())  # O'Neil, and letters with a dot inside
    return set(WORD.findall(plain)) | set(DIGITS.findall(plain)) | {word for word in whole if len(word) >= SHORTEST}


def _plain(text: str) -> str:
    """Return the text without case and marks, so that a name is known again however it is written."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


def _compact(text: str) -> str:
    return "".join(text.split()).casefold()


ALWAYS_SAID = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december midday midnight the start 2025 2026 2027 2028 2029 2030".split()
)  # times that a letter must be able to say, though a child may be called April


def _texts(facts: dict[str, object], names: tuple[str, ...]) -> list[str]:
    return [str(facts[name]) for name in names if facts.get(name)]


def late(session: Session, row: OutboxMessage, now: datetime) -> None:
    """Tell the desk, once a day, that mail is not going out: those who asked must then be rung."""
    day = now.astimezone(LONDON).date()
    need_task(session, TaskKind.ALERT, cause=f"mail_late:{day}", about_id=row.id, now=now)


def ended(session: Session, row: OutboxMessage, result: Result, now: datetime) -> None:
    """Mark what the message was to tell as told, or make its failure a task for the desk, in the same transaction."""
    if result is Result.ACCEPTED:
        outcomes.mark_told(session, row, now)
        return
    outcomes.mark_failed(session, row, now)
    is_about_request = row.about_kind == "request"
    need_task(
        session,
        TaskKind.DELIVERY_FAILED,
        cause=f"delivery_failed:{row.id}",
        request_id=row.about_id if is_about_request else None,
        about_id=row.id,
        now=now,
    )
