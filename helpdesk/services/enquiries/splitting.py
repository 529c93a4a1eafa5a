"""Two people on one phone, or several children: one enquiry becomes two, and no promise begins anew (SE-1, SE-3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.decision import said
from helpdesk.domain.enquiry_refusals import NothingToSplitError
from helpdesk.services.acting import note
from helpdesk.services.enquiries.acting import INSIDE, act_on, lock_enquiry
from helpdesk.services.enquiries.taking import take_on
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.domain.typed import NARRATIVE_MAX
from service_request.models import Enquiry, LinkKind, RequestLink, Safe, ServiceRequest, TaskKind
from service_request.pathways.sendiass.rules import LIVE
from service_request.services.enquiries.opening import Opening, open_enquiry
from service_request.services.enquiries.reaching import mark_reached
from service_request.services.enquiries.telling_facts import apply_facts
from service_request.services.refusals import NotYoursError
from service_request.services.tasks import finish_tasks

OF_PERSON = ("place", "postcode", "reach")  # what another child of the same person has too


@dataclass(frozen=True)
class Split:
    """What the second enquiry is about, in an adviser's words; `same_person`: another child of the one who asks."""

    id: UUID  # of the page it was written on: pressed twice, it is one enquiry
    story: str
    same_person: bool
    facts: dict[str, str] = field(default_factory=dict)
    phone: str = ""
    email: str = ""
    safe: Safe = Safe.UNSET


def split(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    new: Split,
    by: User,
    now: datetime,
    house: House,
) -> UUID:
    """Make a second enquiry out of one and return its id; its five days run from when the first message came (SE-3).

    The thread of messages stays with the first, and each names the other. What is about another child of the same
    person was reached when the first was.
    """
    story = said(new.story, sentence=NothingToSplitError.sentence, most=NARRATIVE_MAX)
    with transaction(session):
        request, enquiry = lock_enquiry(session, request_id, by)
        if found := _again(session, request, new.id):
            return found
        request, enquiry = lock_enquiry(session, request_id, by, version=version, mine={"story": story})
        if request.state not in LIVE:
            raise NotYoursError
        made, second = _open(session, request, enquiry, new, story, by, now, house)
        link = RequestLink(id=new.id, wall=INSIDE, from_id=made.id, to_id=request.id, kind=LinkKind.SPLIT_FROM)
        link.by_id, link.at = by.id, now
        session.add(link)
        if new.same_person and enquiry.reached_at is not None and enquiry.reached_by_id is not None:
            mark_reached(session, made, second, by_id=enquiry.reached_by_id, at=enquiry.reached_at, now=now)
        _is_seen_to(session, request, enquiry, by, now)
        act_on(session, request, "split", by=by.actor, now=now, other=made.id)
        return made.id


def keep_whole(
    session: Session, *, request_id: UUID, version: int | None = None, by: User, now: datetime, house: House
) -> None:
    """Say that it is one enquiry after all."""
    with transaction(session):
        request, enquiry = lock_enquiry(session, request_id, by, version=version)
        if enquiry.to_split:
            _is_seen_to(session, request, enquiry, by, now)
            act_on(session, request, "keep_whole", by=by.actor, now=now)


def _open(
    session: Session,
    request: ServiceRequest,
    enquiry: Enquiry,
    new: Split,
    story: str,
    by: User,
    now: datetime,
    house: House,
) -> tuple[ServiceRequest, Enquiry]:
    referrer, facts = request.referrer, dict(new.facts)
    opening = Opening(channel=request.channel, received_at=request.received_at, by=by.actor, story=story)
    if new.same_person:
        facts = {**{name: text for name in OF_PERSON if (text := enquiry.facts.get(name))}, **facts}
        facts = {**facts, "enquirer": enquiry.enquirer.value, "name": referrer.name or ""}
        opening = Opening(
            channel=request.channel,
            received_at=request.received_at,
            by=by.actor,
            story=story,
            name=referrer.name or "",
            phone=referrer.phone or "",
            email=referrer.email or "",
            safe=Safe(referrer.safe),
            language=enquiry.language,
        )
    elif new.phone or new.email:
        opening = Opening(
            channel=request.channel,
            received_at=request.received_at,
            by=by.actor,
            story=story,
            name=facts.get("name", ""),
            phone=new.phone,
            email=new.email,
            safe=new.safe,
        )
    made, second = open_enquiry(session, opening, now=now, house=house)
    apply_facts(session, made, second, {k: v for k, v in facts.items() if v}, by=by.actor, now=now, house=house)
    note(session, made, "note", story, by=by, now=now)
    take_on(session, made, second, by=by, now=now)
    return made, second


def _is_seen_to(session: Session, request: ServiceRequest, enquiry: Enquiry, by: User, now: datetime) -> None:
    enquiry.to_split = False
    kinds = frozenset({TaskKind.SPLIT})
    finish_tasks(session, request_id=request.id, kinds=kinds, about_id=None, by=by.actor, now=now)


def _again(session: Session, request: ServiceRequest, link_id: UUID) -> UUID | None:
    query = select(RequestLink.from_id).where(
        RequestLink.wall == INSIDE, RequestLink.id == link_id, RequestLink.to_id == request.id
    )
    return session.scalars(query).one_or_none()
