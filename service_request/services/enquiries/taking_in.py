"""What the helpdesk handed over becomes an enquiry like any other, with its promise (SE-3, SE-5)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from infrastructure.house import House
from infrastructure.trail import SYSTEM
from service_request.domain.clocks import first_contact_due
from service_request.models import ClockKind, Enquiry, ReferrerKind, ServiceRequest
from service_request.pathways.sendiass.codes import Eligible, EnquirerKind, InArea
from service_request.services.clocks import start_clock
from service_request.services.enquiries.opening import INSIDE
from service_request.services.enquiries.telling_facts import apply_facts
from service_request.services.sight.kept import latest_answers

# What the helpdesk knows of who asked; how old a young person is stands in no answer of theirs.
ENQUIRERS: dict[ReferrerKind, EnquirerKind] = {
    ReferrerKind.FAMILY: EnquirerKind.PARENT,
    ReferrerKind.CHILD: EnquirerKind.CHILD,
}
FACTS = {"narrative": "story", "postcode": "postcode", "address": "place", "best_time": "reach"}


def take_in(session: Session, request: ServiceRequest, *, now: datetime, house: House) -> Enquiry:
    """Give a request that just went inside its enquiry and its clock, in the caller's transaction.

    The five working days run from when it was in our hands, whoever had it meanwhile (SE-3, EV-7).
    """
    kind = ENQUIRERS.get(request.referrer.kind, EnquirerKind.NOT_KNOWN)
    enquiry = Enquiry(
        wall=INSIDE,
        request_id=request.id,
        enquirer=kind,
        eligible=Eligible.UNSURE,
        in_area=InArea.NOT_GIVEN,
        facts={},
        needs_interpreter=False,
        wants_person=False,
        to_split=False,
        waits_since=request.received_at,
    )
    session.add(enquiry)
    due = first_contact_due(request.received_at, house.calendar)
    start_clock(session, owner=("request", request.id), request=request, kind=ClockKind.FIRST_CONTACT, due=due, now=now)
    session.flush()
    facts = {"enquirer": kind.value}
    for page in latest_answers(session, request.id, wall=INSIDE).values():
        for field, name in FACTS.items():
            said = next((value for value in page.get(field, []) if value.strip()), "")
            facts.setdefault(name, said)
    apply_facts(session, request, enquiry, facts, by=SYSTEM, now=now, house=house)
    return enquiry
