"""What the outbox asks of us: may this message leave, and who must know how it ended (EV-6, GL-14)."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy.orm import Session

from infrastructure.outbox import OutboxMessage, Result
from service_request.models import TaskKind
from service_request.services import outcomes
from service_request.services.sight.system import list_people_of
from service_request.services.tasks import need_task

WORD = re.compile(r"[^\W\d_]{3,}")
DIGITS = re.compile(r"\d{4,}")
UNREAD_FACTS = frozenset({"link", "code", "reference"})  # made by us from chance, not from what somebody typed


def may_leave(session: Session, row: OutboxMessage) -> bool:
    """Tell whether a message says nothing it may not: no name, birth date, address or concern of its request (EV-6).

    Only what was put into the template is compared: a child called Will must not silence "we will".
    """
    body = row.body
    said = " ".join(value for name, value in body["facts"].items() if name not in UNREAD_FACTS)
    words = {word.casefold() for word in WORD.findall(said)} | set(DIGITS.findall(said))
    if row.about_kind != "request" or not words:
        return True
    return not (words & _unspeakable(session, row))


def _unspeakable(session: Session, row: OutboxMessage) -> set[str]:
    found: set[str] = set()
    for person in list_people_of(session, row.about_id):
        texts = [person.name or "", *(_texts(person.facts or {}))]
        for text in texts:
            found |= {word.casefold() for word in WORD.findall(text)} | set(DIGITS.findall(text))
    return found - ALWAYS_SAID


ALWAYS_SAID = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december midday midnight the start 2025 2026 2027 2028 2029 2030".split()
)  # times that a letter must be able to say, though a child may be called April


def _texts(facts: dict[str, object]) -> list[str]:
    return [str(facts[name]) for name in ("also_known", "address", "school", "gp", "phone") if facts.get(name)]


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
