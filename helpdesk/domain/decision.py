"""What a manager writes: information, analysis, reason, and a line for each subject (GL-9 to GL-13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from helpdesk.domain.refusals import (
    DecisionIncompleteError,
    KindNotConfirmedError,
    SubjectUnknownError,
    TooLongError,
    WordsMissingError,
)
from service_request.domain.consent import check_override
from service_request.domain.standing import ReferralKind
from service_request.domain.typed import NARRATIVE_MAX, REASON_MAX, clean_typed
from service_request.pathways.social_care.rules import ContactReason, LineChoice, ReferralAction, Standing


@dataclass(frozen=True)
class NewLine:
    """The choice for one subject. `ask_caf`: the referrer is asked for a common assessment, with criteria not met."""

    subject_id: UUID
    standing: Standing
    action: ReferralAction | None = None
    contact_reason: ContactReason | None = None
    kind: ReferralKind | None = None
    ask_caf: bool = False

    @property
    def choice(self) -> LineChoice:
        """Return the choice, or raise LineIncompleteError."""
        return LineChoice(self.standing, self.action, self.contact_reason)


@dataclass(frozen=True)
class NewOverride:
    """The manager's own reason to go on without the family's knowledge or agreement, on a lawful basis (GL-7)."""

    basis: str
    reason: str


@dataclass(frozen=True)
class NewDecision:
    """The whole record as written. `why_superseded` is said when it replaces an earlier one."""

    information: str
    analysis: str
    reason: str
    lines: Sequence[NewLine]
    override: NewOverride | None = None
    why_superseded: str | None = None

    @property
    def texts(self) -> dict[str, str]:
        """Return what was written, to be shown beside what somebody else saved first."""
        return {"information": self.information, "analysis": self.analysis, "reason": self.reason}


@dataclass(frozen=True)
class EarlierReferral:
    """A referral of the same child, as a person confirmed."""

    id: UUID
    reference: str
    accepted_on: date
    closed_on: date | None


@dataclass(frozen=True)
class Proposal:
    """What the system proposes for one subject, with the dates that prove it, for a person to confirm (GL-13).

    `still_open` are earlier referrals that nobody closed: they prove nothing until their team says when they ended.
    """

    kind: ReferralKind = ReferralKind.REFERRAL
    earlier: EarlierReferral | None = None
    still_open: tuple[EarlierReferral, ...] = field(default_factory=tuple)

    @property
    def earlier_reference(self) -> str | None:
        """Return the reference of the request that the proof comes from."""
        return self.earlier.reference if self.earlier else None

    @property
    def accepted_on(self) -> date | None:
        """Return when the earlier referral was accepted."""
        return self.earlier.accepted_on if self.earlier else None

    @property
    def closed_on(self) -> date | None:
        """Return when the earlier referral closed."""
        return self.earlier.closed_on if self.earlier else None


REQUIRED = {
    "information": "Enter the information you considered",
    "analysis": "Enter your analysis",
    "reason": "Enter the reason for the decision: the referrer reads it",
}


def check_decision(decision: NewDecision, labels: dict[UUID, str]) -> None:
    """Refuse a record that is not whole, or lines that do not fit these subjects (GL-9, GL-13)."""
    for name, sentence in REQUIRED.items():
        if not has_words(getattr(decision, name)):
            raise DecisionIncompleteError(sentence)
    for text, most in (
        (decision.information, NARRATIVE_MAX),
        (decision.analysis, NARRATIVE_MAX),
        (decision.reason, NARRATIVE_MAX),
        (decision.why_superseded or "", REASON_MAX),
    ):
        if len(text) > most:
            raise TooLongError(most)
    subjects = [line.subject_id for line in decision.lines]
    if not subjects or len(set(subjects)) != len(subjects) or not set(subjects) <= labels.keys():
        raise SubjectUnknownError
    for line in decision.lines:
        if line.choice.standing is Standing.REFERRAL and line.kind is None:
            raise KindNotConfirmedError(labels[line.subject_id])
    if decision.override is not None:
        check_override(decision.override.basis, decision.override.reason)


def said(text: str, *, sentence: str | None = None, most: int = REASON_MAX) -> str:
    """Return the words as they can be kept; refuse none at all, or too many."""
    cleaned, _ = clean_typed(text)
    if not has_words(cleaned):
        raise WordsMissingError(sentence)
    if len(cleaned) > most:
        raise TooLongError(most)
    return cleaned.strip()


def has_words(text: str | None) -> bool:
    """Tell letters or digits from blanks and dashes."""
    return any(character.isalnum() for character in text or "")
