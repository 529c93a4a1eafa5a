"""When one request may be folded into another, and why not (EV-4, EV-7)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from service_request.domain.errors import DomainError

FOLDED_IN = "folded"  # why the managers of the other area see it


class FoldRefusedError(DomainError):
    """Refuse to fold; the sentence says why."""


class NotOpenError(FoldRefusedError):
    """Refuse to fold into what has ended: nobody would look at it any more."""

    sentence = "The other request has ended. Open it, and let the manager replace the decision if this changes it."


class SameRequestError(FoldRefusedError):
    """Refuse to fold a request into itself."""

    sentence = "Enter the reference of another request, not of this one"


class WithoutNamesError(FoldRefusedError):
    """Refuse to fold a talk without names: what follows it is a request of its own, linked (GL-6)."""

    sentence = "One of the two is a talk without names. It is decided by itself."


class RestrictedFoldError(FoldRefusedError):
    """Refuse to fold what few people see into what more people see, and the other way round (EV-5)."""

    sentence = (
        "One of the two is restricted, or each to other people. Let the same people see both first, under “Who can "
        "see this request”, or let each be decided by itself, so that nobody sees more than they should."
    )


class PartlyDecidedFoldError(FoldRefusedError):
    """Refuse to fold what holds a decision: a team may have a child of it, and an outcome is owed (GL-9)."""

    sentence = (
        "A decision was made for one of the children, so this one cannot be folded away. Fold the other one into this "
        "one instead."
    )


class ChildLeftOutError(FoldRefusedError):
    """Refuse while a child of the folded request is nobody in the other one: nobody would decide about it (GL-9)."""

    sentence = (
        "Select for each child which child of the other request it is. "
        "A child who is not there needs a decision of its own, so then this cannot be folded."
    )


class WhyNotSameDayError(FoldRefusedError):
    """Refuse to fold what came on another day without a reason."""

    sentence = "They came on different days. Enter why they are one request all the same."


class HasFoldedError(DomainError):
    """Refuse to end a request in which another one is held by folding."""

    sentence = "Another request was folded into this one. Unfold it first: it would be lost from sight with this one."


def check_children(folded: Collection[UUID], others: Collection[UUID], same: Mapping[UUID, UUID]) -> None:
    """Refuse unless each child of the folded request is one child of the other, and no two are the same one."""
    chosen = [same.get(one) for one in folded]
    if any(one not in others for one in chosen) or len(set(chosen)) != len(chosen):
        raise ChildLeftOutError
