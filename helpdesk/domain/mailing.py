"""To whom an officer may write by mail of a request, and how: in the mail itself, or behind a link (EV-2, EV-6)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from service_request.domain.errors import DomainError
from service_request.models import Safe


class MailWay(StrEnum):
    """Where the words stand."""

    MAIL = "mail"
    LINK = "link"  # the mail says that there is a message, and it is read behind a link and a code


WAY_LABELS: dict[MailWay, str] = {
    MailWay.MAIL: "In the email. No names, birth dates, schools or phone numbers.",
    MailWay.LINK: "Behind a link that needs a code. The email says only that there is a message.",
}
UNSAFE = "They said it is not safe to reach them there: nothing is sent. Use a way that they agreed to."
NOT_SAID = (
    "Nobody has said whether it is safe to write to them there, and they have had an answer to what they wrote. Ring "
    "them, or wait until they write again."
)
ANSWERS_ONLY = "Nobody has said whether it is safe to write there: answer what they wrote, behind a link, once."


@dataclass(frozen=True)
class Addressee:
    """Somebody who takes part in a request, and by which ways they may be written to; with none, why."""

    address: str
    name: str
    is_referrer: bool
    ways: tuple[MailWay, ...]
    refused: str = ""


def ways_for(*, at_work: bool, safe: str, waits_for_us: bool) -> tuple[tuple[MailWay, ...], str]:
    """Return how somebody may be written to, and what stands in the way of the rest (EV-2).

    `at_work`: a professional, whose address counts as safe. `waits_for_us`: they wrote last.
    """
    if at_work:
        return tuple(MailWay), ""
    if safe == Safe.NO:
        return (), UNSAFE
    if safe == Safe.YES:
        return tuple(MailWay), ""
    return ((MailWay.LINK,), ANSWERS_ONLY) if waits_for_us else ((), NOT_SAID)


class NotInTheMatterError(DomainError):
    """Refuse to write to somebody who takes no part in the request (T7)."""

    sentence = "You can write only to somebody who asked or wrote in this request"


class NoMailNowError(DomainError):
    """Refuse to write about what was set aside or folded."""

    sentence = "This request is set aside or folded into another. Restore it first, or write from the other one."


class WayClosedError(DomainError):
    """Refuse a way that is not open, with what to do instead (EV-2)."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


class SaysTooMuchError(DomainError):
    """Refuse words that would be held back, before they are owed, with what they say that they may not (EV-6)."""

    sentence = "This says more than an email may. Change the marked words, or send it behind a link."

    def __init__(self, caught: list[dict[str, str]]) -> None:
        super().__init__()
        self.caught = caught
