"""Whether the family was told, and whether it agrees: two questions, never one (GL-4 to GL-7, GL-12, GL-16)."""

from collections.abc import Set as AbstractSet
from enum import StrEnum

from service_request.domain.errors import DomainError


class Told(StrEnum):
    """What is on record about telling the family (GL-4)."""

    YES = "yes"
    NOT_YET = "not_yet"
    RISK = "risk"
    IN_PRINCIPLE = "in_principle"
    NOT_ESTABLISHED = "not_established"
    OVERRIDE = "override"


class Agrees(StrEnum):
    """Whether the family agrees to a service (GL-4)."""

    YES = "yes"
    NO = "no"
    NOT_ASKED = "not_asked"


class WhoAgrees(StrEnum):
    """Who was told, or who answered (GL-4)."""

    PARENT = "parent"
    BOTH_PARENTS = "both_parents"
    YOUNG_PERSON = "young_person"


class PublicKind(StrEnum):
    """Who uses the short form (GL-16)."""

    FAMILY = "family"
    YOUNG_PERSON = "young_person"
    SOMEONE_ELSE = "someone_else"


class FamilyNotToldError(DomainError):
    """Refuse to send before the family is told (GL-5)."""

    sentence = (
        "Tell the family before you send this. Your draft is kept. If a child is in danger, ring the duty line now."
    )


class ToldNotSaidError(FamilyNotToldError):
    """Refuse to send while nobody said whether the family knows (W10)."""

    sentence = "Select whether the family knows that you are asking for this"


class RiskReasonMissingError(FamilyNotToldError):
    """Refuse the exception of risk without its reason (GL-5)."""

    sentence = "Enter why telling the family may put the child at further risk"


class NamesInPrincipleError(FamilyNotToldError):
    """Refuse names under the exception for a discussion without them (GL-5, GL-6)."""

    sentence = "Take the names out, or tell the family first: you chose to talk this through without names"


class ContradictoryConsentError(DomainError):
    """Refuse an answer about agreement from a family that was not told (W10)."""

    sentence = "Change one of two answers: the family has not been told, and yet was asked to agree"


class NotToldOnRecordError(DomainError):
    """Refuse to accept what the family may not know of (GL-7)."""

    sentence = (
        "Record that the family was told, or that telling them is a risk. If this cannot wait, record your override."
    )


class NoNamesError(DomainError):
    """Refuse to accept a child who was not named (GL-6)."""

    sentence = "A child discussed without names stays a contact. Ask for a named request to accept a referral."


class OverrideIncompleteError(DomainError):
    """Refuse an override without its basis and reason (GL-7)."""

    sentence = "Enter the lawful basis and your reason for the override"


def check_may_send(
    told: Told | str | None,
    risk_reason: str = "",
    extra_exceptions: AbstractSet[str] = frozenset(),
    *,
    named: bool = False,
) -> None:
    """Refuse a professional's request unless the family is told or an exception holds (GL-5).

    `extra_exceptions` are an authority's own codes; they can't open the gate for one of ours, `not_yet` least of all.
    `named` says that this is the full form, or that a subject has a name: then "without names" is no exception.
    """
    if told is None or not _has_words(told):
        raise ToldNotSaidError
    if told == Told.RISK:
        if not _has_words(risk_reason):
            raise RiskReasonMissingError
        return
    if told == Told.IN_PRINCIPLE and named:
        raise NamesInPrincipleError
    if told in {Told.YES, Told.IN_PRINCIPLE}:
        return
    if told in set(Told) or told not in extra_exceptions:
        raise FamilyNotToldError


def check_agreement_fits(told: Told | str, agrees: Agrees, who: WhoAgrees | str | None) -> None:
    """Refuse a parent's yes or no where no parent was told; a young person may have answered alone (W10)."""
    asked = agrees in {Agrees.YES, Agrees.NO}
    if asked and told in {Told.NOT_YET, Told.RISK, Told.IN_PRINCIPLE} and who != WhoAgrees.YOUNG_PERSON:
        raise ContradictoryConsentError


def check_may_accept(told: Told | str | None, *, has_override: bool, in_principle: bool, anonymous: bool) -> None:
    """Refuse a referral without a name, or without `yes`, `risk` or the manager's override on record (GL-6, GL-7)."""
    if in_principle or anonymous:
        raise NoNamesError
    if not has_override and told not in {Told.YES, Told.RISK, Told.OVERRIDE}:
        raise NotToldOnRecordError


def check_override(basis: str, reason: str) -> None:
    """Refuse an override that does not say on what basis and why (GL-7)."""
    if not _has_words(basis) or not _has_words(reason):
        raise OverrideIncompleteError


def may_route_early_help(agrees: Agrees | str | None, has_override: bool) -> bool:
    """Tell whether a locality or provider may be given this: the family agrees, or the manager overrides (GL-12)."""
    return has_override or agrees == Agrees.YES


def told_for_public(kind: PublicKind | str) -> Told:
    """Return what counts as told when the public asks: a family for itself knows, of others we can't say (GL-16)."""
    return Told.YES if kind in {PublicKind.FAMILY, PublicKind.YOUNG_PERSON} else Told.NOT_ESTABLISHED


def _has_words(text: str) -> bool:
    """Tell letters or digits from blanks: a space, a zero-width mark or a lone dash is no reason."""
    return any(character.isalnum() for character in text)
