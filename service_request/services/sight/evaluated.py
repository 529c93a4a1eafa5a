"""What the worker asks before an evaluation goes out: where somebody can be reached, and whether they may be (SE-8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session, joinedload

from infrastructure.database import Wall, digests
from service_request.domain.phones import plain_number
from service_request.domain.states import RequestState
from service_request.models import (
    Arrival,
    Channel,
    Conversation,
    Enquiry,
    Evaluation,
    EvaluationState,
    Referrer,
    Safe,
    ServiceRequest,
    Silenced,
)
from service_request.pathways.sendiass.codes import EnquirerKind, Level

INSIDE = Wall.SENDIASS
LEFT = (Silenced.OPTED_OUT, Silenced.ASKED_TO_STOP)


@dataclass(frozen=True)
class Reachable:
    """Where an enquirer can be asked. `why_not` says why nothing may go to them, and is empty otherwise."""

    level: Level
    email: str
    phone: str  # E.164
    thread: Conversation | None  # by text, where they wrote themselves
    why_not: str


def read_reachable(session: Session, request_id: UUID) -> Reachable:
    """Return how to reach who asked, after all that anybody at their address or number ever said of it (EV-2)."""
    request, enquiry = session.execute(
        select(ServiceRequest, Enquiry)
        .join(Enquiry, (Enquiry.wall == ServiceRequest.wall) & (Enquiry.request_id == ServiceRequest.id))
        .where(ServiceRequest.wall == INSIDE, ServiceRequest.id == request_id)
        .options(joinedload(ServiceRequest.referrer))
    ).one()
    referrer = request.referrer
    threads = _threads(session, request_id, referrer)
    says_yes = referrer.safe == Safe.YES
    ours = [one for one in threads if request_id in (one.request_id, one.last_request_id)]
    yes_threads = [one for one in ours if one.safe is Safe.YES or says_yes]
    why_not = ""
    if request.state is RequestState.SET_ASIDE or enquiry.enquirer is EnquirerKind.PROFESSIONAL:
        why_not = "no_enquiry"
    elif _is_unsafe(session, referrer, threads) or not (says_yes or yes_threads):
        why_not = "not_safe"
    elif any(one.opted_out_at or one.silenced in LEFT for one in threads) or _declined(session, referrer):
        why_not = "opted_out"
    return Reachable(
        level=enquiry.level or Level.CONTACT,
        email=(referrer.email or "") if says_yes else "",
        phone=plain_number(referrer.phone or "") if says_yes else "",
        thread=next((one for one in yes_threads if one.channel is Channel.SMS), None),
        why_not=why_not,
    )


def find_arrival(session: Session, arrival_id: UUID) -> Arrival | None:
    """Return a text that answered a question, so that its words can be taken out once they belong to nobody."""
    return session.scalars(select(Arrival).where(Arrival.wall == INSIDE, Arrival.id == arrival_id)).one_or_none()


def _threads(session: Session, request_id: UUID, referrer: Referrer) -> Sequence[Conversation]:
    """Return the threads of this enquiry, and any other with the same number or address."""
    theirs = [plain_number(referrer.phone or ""), (referrer.email or "").lower()]
    hashes = [one for text in theirs if text for one in digests("address", text, INSIDE)]
    same = Conversation.counterpart_hash.in_(hashes) if hashes else false()
    of_request = or_(Conversation.request_id == request_id, Conversation.last_request_id == request_id)
    return session.scalars(select(Conversation).where(Conversation.wall == INSIDE, or_(of_request, same))).all()


def _is_unsafe(session: Session, referrer: Referrer, threads: Sequence[Conversation]) -> bool:
    if referrer.safe == Safe.NO or any(one.safe is Safe.NO or one.silenced is Silenced.UNSAFE for one in threads):
        return True
    said = select(Referrer.id).where(Referrer.wall == INSIDE, Referrer.safe == Safe.NO, _same(referrer))
    return session.scalars(said.limit(1)).first() is not None


def _declined(session: Session, referrer: Referrer) -> bool:
    """Tell whether who has this address or number asked us not to ask again, after whichever enquiry."""
    theirs = (
        select(ServiceRequest.id)
        .join(Referrer, (Referrer.wall == ServiceRequest.wall) & (Referrer.id == ServiceRequest.referrer_id))
        .where(ServiceRequest.wall == INSIDE, _same(referrer))
    )
    query = select(Evaluation.id).where(
        Evaluation.wall == INSIDE, Evaluation.state == EvaluationState.OPTED_OUT, Evaluation.request_id.in_(theirs)
    )
    return session.scalars(query.limit(1)).first() is not None


def _same(referrer: Referrer) -> ColumnElement[bool]:
    """Return the condition for whoever has the same address or number."""
    email, phone = (referrer.email or "").strip().lower(), plain_number(referrer.phone or "")
    same = [Referrer.email_hash.in_(digests("address", email, INSIDE))] if email else []
    same += [Referrer.phone_hash.in_(digests("address", phone, INSIDE))] if phone else []
    return or_(false(), *same)
