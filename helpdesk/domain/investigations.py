"""Why the trail may be exported for an investigation, by whom, and when one person is not enough (T24)."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from service_request.domain.errors import DomainError

LONGEST = timedelta(days=366)
MOST_LINES = 100_000  # what a spreadsheet opens and this machine holds at once


class InvestigationReason(StrEnum):
    """Why the trail is exported: a code, since the trail keeps no text."""

    MISUSE = "misuse"
    COMPLAINT = "complaint"
    RIGHTS = "rights"
    COURT = "court"
    AUDIT = "audit"


REASON_LABELS: dict[InvestigationReason, str] = {
    InvestigationReason.MISUSE: "Somebody may have looked at, or changed, what they had no need to",
    InvestigationReason.COMPLAINT: "A complaint is being answered",
    InvestigationReason.RIGHTS: "A person asked who has seen their record",
    InvestigationReason.COURT: "A court, or the Information Commissioner, asked for it",
    InvestigationReason.AUDIT: "A planned audit",
}


class PeriodRefusedError(DomainError):
    """The time asked for ends before it begins, or is too long."""

    sentence = "Choose a last day that is not before the first one, and not more than a year after it."


class TooLongError(DomainError):
    """There is more in it than a spreadsheet opens."""

    sentence = "There are more than 100,000 lines in this. Ask for fewer days at a time."


class OwnExportError(DomainError):
    """One and the same person asked and would agree; or it is about the one who would agree."""

    sentence = "Somebody else has to agree: not the one who asked, and not the one it is about."


class NotAgreedError(DomainError):
    """A second person has not agreed yet, or said no."""

    sentence = "A second service manager has to agree before this can be downloaded."


class AnsweredError(DomainError):
    """Somebody has answered already."""

    sentence = "This was answered a moment ago. Look at the answer below."


def check_period(since: date, until: date) -> None:
    """Refuse a time that ends before it begins, or is longer than a year."""
    if until < since or until - since > LONGEST:
        raise PeriodRefusedError


def check_length(rows: int) -> None:
    """Refuse an export that no spreadsheet opens, whoever agrees to it."""
    if rows > MOST_LINES:
        raise TooLongError


def needs_second_person(rows: int, cap: int) -> bool:
    """Tell whether an export is so large that a second person has to agree."""
    return rows > cap


def check_may_answer(*, by: UUID, asked_by: UUID, about: UUID, is_answered: bool) -> None:
    """Refuse the one who asked, the one it is about, and a second answer."""
    if by in (asked_by, about):
        raise OwnExportError
    if is_answered:
        raise AnsweredError
