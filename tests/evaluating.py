"""Forms that were sent to SENDIASS, and evaluations that went out, as whoever holds their links has them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction, uuid7
from infrastructure.house import House
from infrastructure.identity.links import find_link
from infrastructure.identity.models import LinkPurpose
from infrastructure.outbox import OutboxMessage
from service_request.asking.steps import Typed
from service_request.models import Enquiry, Evaluation, ServiceRequest
from service_request.pathways.sendiass.codes import Level
from service_request.pathways.sendiass.questions import STEPS
from service_request.services.enquiries.asking import ask
from service_request.services.enquiries.evaluation_answers import nameless
from service_request.services.enquiries.evaluations import act_on_evaluation
from service_request.services.enquiries.reaching import mark_reached

INSIDE = Wall.SENDIASS
BEFORE = timedelta(days=98)  # the first contact, for an evaluation that is due now
MOTHER: dict[str, str] = {
    "story": "School will not let Tadhg in, and nobody answers me about his plan.",
    "enquirer": "parent",
    "age": "9",
    "send": "yes",
    "place": "Millbrook",
    "name": "Mairead",
    "email": "mairead@corrigan.example",
    "safe": "yes",
}
ALL_FIVES = {"reach": "5", "satisfied": "5", "helpful": "5", "neutral": "5", "recommend": "5", "difference": "5"}


def form_of(**changes: str) -> dict[type, Typed]:
    """Return a mother's answers as the page posts them; an empty one was left out."""
    told = {name: value for name, value in {**MOTHER, **changes}.items() if value}
    return {step: Typed({name: [told[name]] for name in told if name in step()._fields}) for step in STEPS}


def make_asked(session: Session, house: House, *, now: datetime, **changes: str) -> str:
    """Send the form; return the token of its receipt."""
    return ask(session, form_id=uuid4(), answers=form_of(**changes), now=now, house=house)


def request_of(session: Session, receipt: str, now: datetime) -> UUID:
    """Return the enquiry that a receipt is about."""
    found = find_link(session, receipt, LinkPurpose.RECEIPT, now=now).about_id
    session.rollback()
    return found


def make_reached(session: Session, house: House, *, now: datetime, **changes: str) -> UUID:
    """Send the form and reach who sent it, three months before `now`; return the enquiry."""
    at = now - BEFORE
    request_id = request_of(session, make_asked(session, house, now=at, **changes), at)
    with transaction(session):
        request = session.scalars(
            select(ServiceRequest).where(ServiceRequest.wall == INSIDE, ServiceRequest.id == request_id)
        ).one()
        enquiry = session.scalars(select(Enquiry).where(Enquiry.wall == INSIDE, Enquiry.request_id == request_id)).one()
        enquiry.level = Level.TWO
        mark_reached(session, request, enquiry, by_id=uuid7(), at=at, now=at)
    return request_id


def evaluation_of(session: Session, request_id: UUID) -> Evaluation:
    """Return the evaluation that was planned for an enquiry, as another process reads it."""
    session.rollback()
    return session.scalars(
        select(Evaluation).where(Evaluation.wall == INSIDE, Evaluation.request_id == request_id)
    ).one()


def send_out(session: Session, house: House, request_id: UUID, *, now: datetime) -> Evaluation:
    """Do what the worker does with the evaluation of an enquiry when it is due."""
    row_id = evaluation_of(session, request_id).id
    session.rollback()
    act_on_evaluation(session, row_id, now=now, house=house)
    return evaluation_of(session, request_id)


def token_in_outbox(session: Session, request_id: UUID) -> str:
    """Return the secret of the link that is about to be sent."""
    query = select(OutboxMessage).where(OutboxMessage.wall == INSIDE, OutboxMessage.about_id == request_id)
    letters = [row for row in session.scalars(query) if row.template.startswith("evaluation")]
    link: str = letters[-1].body["facts"]["link"]
    session.rollback()
    return link.rsplit("/", 1)[1]


def make_evaluation(session: Session, house: House, *, now: datetime, **changes: str) -> str:
    """Ask somebody how it went; return the token of their link."""
    request_id = make_reached(session, house, now=now, **changes)
    send_out(session, house, request_id, now=now)
    return token_in_outbox(session, request_id)


def make_results(session: Session, year: int, answers: list[dict[str, Any]]) -> None:
    """Keep answers that were given in a year without a name."""
    with transaction(session):
        for one in answers:
            session.add(nameless("2026-11", one, now=datetime.fromisoformat(f"{year}-06-15T10:00:00+00:00")))
