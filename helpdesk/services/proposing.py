"""Is this a re-referral? Found among what people confirmed to be one child, and left for a person to say (GL-13)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from helpdesk.domain.decision import EarlierReferral, Proposal
from helpdesk.models import Referral
from infrastructure.identity.users import User
from service_request.domain.standing import ClosedReferral, kind_of_referral, proof, still_open
from service_request.models import IdentityLink, ServiceRequest, Subject
from service_request.services.sight.system import list_subjects, references_of
from service_request.services.sight.visible import hidden_from


def proposals(session: Session, request: ServiceRequest, *, on: date, to: User) -> dict[UUID, Proposal]:
    """Return what each subject would be if it were accepted on this day, with the dates that prove it (GL-13).

    Nothing is said of a request of which the one who decides may know nothing (EV-5).
    """
    subjects = list_subjects(session, request.id)
    earlier = _earlier_referrals(session, request, subjects, to)
    return {subject.id: _propose(earlier[subject.id], on) for subject in subjects}


def _propose(earlier: Sequence[EarlierReferral], on: date) -> Proposal:
    by_key = {str(one.id): one for one in earlier}
    known = [ClosedReferral(one.accepted_on, one.closed_on, key=str(one.id)) for one in earlier]
    found = proof(on, known)
    return Proposal(
        kind=kind_of_referral(on, known),
        earlier=by_key[found.key] if found else None,
        still_open=tuple(by_key[one.key] for one in still_open(known)),
    )


def _earlier_referrals(
    session: Session, request: ServiceRequest, subjects: Sequence[Subject], to: User
) -> dict[UUID, list[EarlierReferral]]:
    """Return the referrals of other requests on the same children, over identities that people confirmed."""
    own, other, theirs = aliased(IdentityLink), aliased(IdentityLink), aliased(Subject)
    query = (
        select(Subject.id.label("subject_id"), Referral, theirs.request_id)
        .join(own, (own.wall == Subject.wall) & (own.person_id == Subject.person_id) & own.undone_at.is_(None))
        .join(other, (other.wall == own.wall) & (other.identity_id == own.identity_id) & other.undone_at.is_(None))
        .join(theirs, (theirs.wall == other.wall) & (theirs.person_id == other.person_id))
        .join(Referral, (Referral.wall == theirs.wall) & (Referral.subject_id == theirs.id))
        .where(
            Subject.wall == request.wall,
            Subject.id.in_([subject.id for subject in subjects]),
            theirs.request_id != request.id,
            theirs.request_id.not_in(hidden_from(to)),
            Referral.withdrawn_at.is_(None),
        )
        .order_by(Referral.accepted_on, Referral.id)
    )
    rows = session.execute(query).all()
    references = references_of(session, {row.request_id for row in rows}, wall=request.wall)
    found: dict[UUID, list[EarlierReferral]] = defaultdict(list)
    for row in rows:
        referral = row.Referral
        reference = references[row.request_id]
        found[row.subject_id].append(EarlierReferral(referral.id, reference, referral.accepted_on, referral.closed_on))
    return found
