"""Why a service refuses, in words for the person who asked."""

from __future__ import annotations

from service_request.domain.errors import DomainError


class NotYoursError(DomainError):
    """It is not there, or not theirs: the two look the same."""

    sentence = "We cannot find that page"


class DraftNotFoundError(NotYoursError):
    """The draft is not on this device, or has lapsed."""

    sentence = "We cannot find that draft on this device"


class DraftSentError(DomainError):
    """The draft was sent, and is not changed any more."""

    sentence = "This request has been sent. Start a new one to tell us more."


class AnswersChangedError(DomainError):
    """The answers are no longer those that were checked: another tab saved something."""

    sentence = "Your answers have changed since you checked them. Check them again, then send."


class SentDifferentlyError(DomainError):
    """The same draft was sent before, with other answers (W12)."""

    def __init__(self, reference: str) -> None:
        self.reference = reference
        super().__init__()

    sentence = "This request has already been sent, with different answers"


class StaleEditError(DomainError):
    """Somebody else saved first; what each of the two wrote is kept, to be laid side by side (A1)."""

    sentence = "Somebody else changed this while you had it open. Check what they did, then save again."

    def __init__(self, mine: dict[str, str] | None = None, theirs: dict[str, str] | None = None) -> None:
        self.mine, self.theirs = mine or {}, theirs or {}
        super().__init__()


class NamesFoundError(DomainError):
    """Words of a discussion without names may say who it is about, and its sender has not looked at them (GL-6)."""

    sentence = "Look at the words that may say who this is about"
