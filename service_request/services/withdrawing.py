"""A referrer wants to take a request back: it is recorded at once, and a person says what becomes of it (GL-8, EV-1).

A child at risk does not vanish from our sight at one person's word, which may have been pressed from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import transaction, uuid7
from infrastructure.house import House
from infrastructure.outbox import owe
from infrastructure.trail import Event, Stream, record
from service_request.domain.danger import danger_words
from service_request.domain.errors import DomainError
from service_request.domain.references import format_reference
from service_request.domain.typed import clean_typed
from service_request.models import Direction, Message, ReasonKind, ServiceRequest, TaskKind
from service_request.pathways.social_care.rules import UNDECIDED
from service_request.services.alerting import DANGER, alert_danger
from service_request.services.holding import Held
from service_request.services.kept_letters import keep_letter
from service_request.services.reasons import OTHER, check_reason
from service_request.services.sight.mine import get_mine
from service_request.services.tasks import has_open_tasks, need_task

ASKED = "ask_withdraw"
WANTED = frozenset({TaskKind.WITHDRAW_ASKED})


class TooLateToWithdrawError(DomainError):
    """Refuse to take back what was decided, or is not open any more."""

    sentence = "This request has been decided or has ended. Ring the helpdesk and say what has changed."


class WhyMissingError(DomainError):
    """Refuse "another reason" without words."""

    sentence = "Say why in a few words"


class WhoMissingError(DomainError):
    """Refuse an act from a mailbox that several people may share, when nobody says who it was."""

    sentence = "Enter your name"


@dataclass(frozen=True)
class Why:
    """Why a referrer changes or takes back what they sent, and who of those at a mailbox it was."""

    reason: str
    words: str
    name: str

    @property
    def said(self) -> str:
        """Return it as staff read it."""
        return "\n".join(filter(None, (self.words, f"Signed: {self.name}")))


def say_why(session: Session, kind: ReasonKind, why: Why) -> Why:
    """Return the reason as it can be kept; refuse an unknown one, "other" without words, and nobody's name."""
    check_reason(session, kind, why.reason)
    words, name = clean_typed(why.words)[0].strip(), clean_typed(why.name)[0].strip()
    if why.reason == OTHER and not words:
        raise WhyMissingError
    if not name:
        raise WhoMissingError
    return Why(why.reason, words, name)


def ask_to_withdraw(session: Session, *, request_id: UUID, why: Why, held: Held, now: datetime, house: House) -> None:
    """Record that whoever proved the referrer's address wants the request back; a second press changes nothing.

    Danger in what they say about it alerts a person (EV-10).
    """
    with transaction(session):
        request = get_mine(session, request_id, held.address, lock=True)
        if has_open_tasks(session, request.id, WANTED):
            return
        if request.state not in UNDECIDED:
            raise TooLateToWithdrawError
        why = say_why(session, ReasonKind.WITHDRAW, why)
        said = Message(
            wall=request.wall,
            id=uuid7(),
            request_id=request.id,
            direction=Direction.IN,
            kind="withdraw_asked",
            at=now,
            by_kind=held.actor.kind,
            body=f"{check_reason(session, ReasonKind.WITHDRAW, why.reason)}\n{why.said}",
        )
        session.add(said)
        need_task(
            session,
            TaskKind.WITHDRAW_ASKED,
            cause=f"withdraw:{said.id}",
            request_id=request.id,
            about_id=said.id,
            due_at=now,
            now=now,
        )
        record(session, Stream("request", request.id), ASKED, by=held.actor, now=now, reason=why.reason)
        if danger_words(why.words):
            request.urgency = DANGER
            alert_danger(session, request, now=now, house=house)
        tell(session, request, "withdraw_asked", cause=said.id, now=now, house=house)


def tell(session: Session, request: ServiceRequest, letter: str, *, cause: UUID, now: datetime, house: House) -> None:
    """Owe the referrer a letter that says their reference, the way to their requests, and no more (EV-6)."""
    address = request.referrer.email
    if not address:
        return
    written = house.write(letter, reference=format_reference(request.reference), link=house.link("web.your_requests"))
    about = ("request", request.id)
    row = owe(session, written, to=address, cause=cause, about=about, now=now, wall=request.wall)
    session.flush()
    keep_letter(session, request, row, letter, now=now)


def reason_asked(session: Session, request: ServiceRequest) -> str:
    """Return the code of the reason that was given last for taking a request back."""
    query = (
        select(Event.facts)
        .where(Event.stream_kind == "request", Event.stream_id == request.id, Event.act == ASKED)
        .order_by(Event.seq.desc())
        .limit(1)
    )
    return str((session.scalars(query).one_or_none() or {}).get("reason") or OTHER)
