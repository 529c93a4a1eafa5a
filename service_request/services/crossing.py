"""A request goes inside the wall, whole: from then on nobody outside can read it, count it or guess at it (SE-5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from infrastructure.database import Entity, Wall
from infrastructure.database.crossing import take_across
from infrastructure.house import House
from infrastructure.identity.attempts import forget_attempts
from infrastructure.identity.models import SecretLink
from infrastructure.outbox import MessageState, OutboxMessage
from infrastructure.outbox.owe import key_of
from infrastructure.texting.numbers import endpoints
from infrastructure.trail import SYSTEM
from service_request.domain.phones import plain_number
from service_request.models import (
    Arrival,
    ClockEnd,
    Conversation,
    Draft,
    File,
    Grant,
    Mail,
    Person,
    Referrer,
    ServiceRequest,
    Silenced,
    Task,
    TaskKind,
)
from service_request.services.clocks import end_all_clocks
from service_request.services.mail.acknowledging import CAPS, without_tag
from service_request.services.sight.crossing import list_belongings, list_guesses
from service_request.services.sight.kept import hashes_of
from service_request.services.tasks import finish_about

INSIDE = Wall.SENDIASS
PATHWAY = "sendiass"
COUNTED = (
    *(name for name, *_ in CAPS),
    "code",
    "drafts",
    "mine",
)  # how often something was tried, under a hash of the address
STILL_TO_DO = frozenset(
    {TaskKind.CALL_BACK, TaskKind.DELIVERY_FAILED, TaskKind.UNREADABLE, TaskKind.NEW_INFORMATION, TaskKind.FILE}
)
UNSENT = (MessageState.WAITING, MessageState.TRYING_AGAIN, MessageState.HELD)


def move_inside(session: Session, request: ServiceRequest, *, now: datetime, house: House) -> None:
    """Take a locked request and all that hangs on it inside, in the caller's transaction: sealed and hashed anew.

    Hints, match keys, confirmed identities and links to what stays outside are deleted; so is what counts attempts
    under its address. Its clocks end with a code of their own. A mail that waits for a member of staff is not sent.
    """
    end_all_clocks(session, request, ClockEnd.HANDED_OVER, now)
    session.flush()
    found = list_belongings(session, request)
    address = (request.referrer.email or "").strip().lower()
    for row in found.joining:
        session.delete(row)
    for mail in list_guesses(session, request.id):  # what stays behind points in here no more
        mail.possible_id = None
        finish_about(session, about_id=mail.id, kinds=frozenset({TaskKind.POSSIBLE_MATCH}), by=SYSTEM, now=now)
    session.flush()
    theirs = {address, *((thread.counterpart or "").lower() for thread in found.threads)}
    for message in found.messages:
        if message.state in UNSENT and (message.to or "").strip().lower() not in theirs:
            message.state, message.next_at = MessageState.CANCELLED, None
    for task in found.tasks:
        _settle(task, now)
    for person in found.people:
        person.match_wanted_at = now if person.match_wanted_at is not None or _has_name(person) else None
    threads = [thread for thread in found.threads if not _is_joined(session, thread, request, house)]
    for row in (request, *found):
        if isinstance(row, Conversation) and row not in threads:
            continue
        take_across(row, INSIDE)
        _HASHES.get(type(row), _nothing)(row)
        if isinstance(row, Grant):
            row.until = row.until or now
        elif isinstance(row, SecretLink):
            row.expires_at, row.code = min(row.expires_at, now), None
    request.pathway, request.agency_id = PATHWAY, None
    request.assignee_id = request.passed_by_id = request.passed_at = None
    unsent = update(Draft).where(Draft.wall == Wall.OPEN, Draft.completes_id == request.id)
    session.execute(unsent.values(completes_id=None))
    if address:
        names = {address, without_tag(address)}  # a mail is counted by the mailbox that it leads to
        forget_attempts(session, [f"{what}:{name}" for what in COUNTED for name in names])
    session.flush()


def _is_joined(session: Session, thread: Conversation, request: ServiceRequest, house: House) -> bool:
    """Let what is said next come to SENDIASS's own number; True where they write to that one already.

    From a number of the council's an adviser's words would leave by the council's thread, and the answer would land
    outside. Without a number of its own nobody writes there by text (NO_WAY). The engine asks nothing more.
    """
    ours = next(
        (one.number for one in endpoints(house.settings) if (one.channel, one.wall) == (thread.channel, INSIDE)), None
    )
    query = select(Conversation).where(
        Conversation.wall == INSIDE,
        Conversation.channel == thread.channel,
        Conversation.endpoint == (ours or thread.endpoint),
        Conversation.counterpart_hash.in_(hashes_of(thread.counterpart or "", INSIDE)),
    )
    known = session.scalars(query.with_for_update(of=Conversation)).one_or_none()
    if known is not None:
        known.request_id = known.request_id or request.id
        session.delete(thread)
        return True
    thread.endpoint = ours or thread.endpoint
    thread.last_request_id = None  # it may be one that stays outside
    thread.request_id, thread.dialogue = request.id, None  # of another pathway's questions; every word is a message
    thread.silenced = thread.silenced or (Silenced.PERSON_TOOK if ours else Silenced.NO_WAY)
    return False


def _conversation(row: Conversation) -> None:
    row.counterpart_hash = (row.counterpart or "").lower()


def _settle(task: Task, now: datetime) -> None:
    task.team_id = None
    if task.done_at is None and task.kind not in STILL_TO_DO:
        task.done_at = now


def _has_name(person: Person) -> bool:
    return person.is_child and bool(person.name)


def _nothing(row: Any) -> None:
    """Hash nothing: the row has no keyed hash of what somebody said."""


def _referrer(row: Referrer) -> None:
    row.email_hash = row.email.strip().lower() if row.email else None
    row.phone_hash = plain_number(row.phone or "") or None


def _arrival(row: Arrival) -> None:
    row.sender_hash = row.sender.strip().lower() if row.sender else None


def _mail(row: Mail) -> None:
    head = row.head or {}
    row.message_id_hash, row.same_hash = head.get("message_id") or None, head.get("same") or None
    row.possible_id = None


def _person(row: Person) -> None:
    facts = row.facts or {}
    row.nhs_hash, row.upn_hash = facts.get("nhs_number") or None, facts.get("upn") or None


def _message(row: OutboxMessage) -> None:
    address = (row.to or "").strip().lower()
    row.to_hash, row.key = address, key_of(row.template, row.id, address, INSIDE)


def _draft(row: Draft) -> None:
    row.owner_hash = row.proven_email.strip().lower() if row.proven_email else None
    row.sent_digest = None


def _file(row: File) -> None:
    row.day_device = row.day_address = None
    if row.store_key is not None:  # the worker gives it another name in the store: this one tells its content outside
        row.check_at = row.made_at


_HASHES: dict[type[Entity], Callable[[Any], None]] = {
    Referrer: _referrer,
    Arrival: _arrival,
    Mail: _mail,
    Person: _person,
    OutboxMessage: _message,
    Draft: _draft,
    File: _file,
    Conversation: _conversation,
}
