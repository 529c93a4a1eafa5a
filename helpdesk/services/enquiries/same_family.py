"""Two enquiries with the same number or address: a person says whether it is the same family, never we (EV-4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.enquiry_refusals import FoldedEnquiriesError, NoHintError
from helpdesk.services.enquiries.acting import INSIDE, act_on, lock_enquiry
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.models import LinkKind, RequestLink, ServiceRequest
from service_request.services.sight.enquiry_parts import SameContact, list_same_contact

ANSWERS = (LinkKind.SAME_FAMILY, LinkKind.NOT_SAME_FAMILY)
# How these two came about, or what became of them, says already that they belong together.
KNOWN = (LinkKind.AFTER_CLOSED, LinkKind.SPLIT_FROM, LinkKind.SAME_ASK)


@dataclass(frozen=True)
class FamilyHint:
    """Another enquiry from the same number or address; `answer` is what somebody said of it, if anybody did.

    What was said holds as long as the two are folded into one: `may_take_back` tells.
    """

    other: SameContact
    answer: LinkKind | None
    may_take_back: bool = True


def list_hints(
    session: Session, request_id: UUID, user: User, *, phone: str | None, email: str | None
) -> list[FamilyHint]:
    """Return the other enquiries that may be of the same family, those nobody answered for first."""
    found = list_same_contact(session, request_id, user, phone=phone, email=email)
    if not found:
        return []
    rows = _rows(session, request_id)
    links = _by_other(rows, request_id)
    one_ask = {other for row in rows if row.kind is LinkKind.SAME_ASK for other in (row.from_id, row.to_id)}
    hints = [
        FamilyHint(one, links[one.id].kind if one.id in links else None, one.id not in one_ask)
        for one in found
        if one.id not in links or links[one.id].kind in ANSWERS
    ]
    return sorted(hints, key=lambda hint: hint.answer is not None)


def answer(
    session: Session, *, request_id: UUID, other_id: UUID, same: bool, by: User, now: datetime, house: House
) -> None:
    """Say whether two enquiries are of the same family; nothing is merged, and it can be taken back (EV-4)."""
    kind = LinkKind.SAME_FAMILY if same else LinkKind.NOT_SAME_FAMILY
    with transaction(session):
        request, other = _lock_both(session, request_id, other_id, by)
        referrer = request.referrer
        alike = list_same_contact(session, request.id, by, phone=referrer.phone, email=referrer.email)
        if other.id not in {one.id for one in alike}:
            raise NoHintError
        link = _links(session, request.id).get(other.id)
        if link is not None and link.kind is kind:
            return
        if not same:
            _not_one(request, other)
        if link is not None and link.kind in ANSWERS:
            link.undone_at = now
        newer, older = sorted((request, other), key=lambda one: (one.received_at, one.id), reverse=True)
        session.add(RequestLink(wall=INSIDE, from_id=newer.id, to_id=older.id, kind=kind, by_id=by.id, at=now))
        act_on(session, request, kind, by=by.actor, now=now, other=other.id)
        act_on(session, other, kind, by=by.actor, now=now, other=request.id)


def take_back(session: Session, *, request_id: UUID, other_id: UUID, by: User, now: datetime, house: House) -> None:
    """Take back what was said of two enquiries: the hint stands again, unanswered."""
    with transaction(session):
        request, other = _lock_both(session, request_id, other_id, by)
        link = _links(session, request.id).get(other.id)
        if link is None or link.kind not in ANSWERS:
            return
        _not_one(request, other)
        link.undone_at = now
        act_on(session, request, "undo_family", by=by.actor, now=now, other=other.id)
        act_on(session, other, "undo_family", by=by.actor, now=now, other=request.id)


def find_answer(session: Session, request_id: UUID, other_id: UUID) -> LinkKind | None:
    """Return what somebody said of two enquiries, or how they belong together; None where nobody has said anything."""
    link = _links(session, request_id).get(other_id)
    return link.kind if link is not None else None


def _lock_both(session: Session, request_id: UUID, other_id: UUID, by: User) -> tuple[ServiceRequest, ServiceRequest]:
    """Lock the two in the order of their ids, so that two people at once wait and do not block each other."""
    if request_id == other_id:
        raise NoHintError
    locked = {one: lock_enquiry(session, one, by)[0] for one in sorted((request_id, other_id))}
    return locked[request_id], locked[other_id]


def _not_one(request: ServiceRequest, other: ServiceRequest) -> None:
    if request.folded_into_id == other.id or other.folded_into_id == request.id:
        raise FoldedEnquiriesError


def _links(session: Session, request_id: UUID) -> dict[UUID, RequestLink]:
    return _by_other(_rows(session, request_id), request_id)


def _by_other(rows: Sequence[RequestLink], request_id: UUID) -> dict[UUID, RequestLink]:
    return {row.to_id if row.from_id == request_id else row.from_id: row for row in rows}


def _rows(session: Session, request_id: UUID) -> list[RequestLink]:
    """Return what joins this enquiry with others, how it came about first and what somebody said of it after that."""
    query = select(RequestLink).where(
        RequestLink.wall == INSIDE,
        RequestLink.kind.in_((*ANSWERS, *KNOWN)),
        RequestLink.undone_at.is_(None),
        or_(RequestLink.from_id == request_id, RequestLink.to_id == request_id),
    )
    return sorted(session.scalars(query), key=lambda row: row.kind in ANSWERS)
