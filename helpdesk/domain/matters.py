"""What a task is about may be open still: then it is not done by saying so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from service_request.domain.errors import DomainError


class Matter(StrEnum):
    """What is still open behind a task."""

    ASKED = "asked"
    OUTCOME = "outcome"
    WITH_NOBODY = "with_nobody"
    REFERRAL = "referral"
    AGREEMENT = "agreement"
    LATE_NEWS = "late_news"
    HELD = "held"
    BELONGS = "belongs"
    NOT_READ = "not_read"


@dataclass(frozen=True)
class MatterWords:
    """When a task ends, for its row in the list, and what to do instead of saying that it is done."""

    ends: str
    instead: str


MATTER_WORDS: dict[Matter, MatterWords] = {
    Matter.ASKED: MatterWords(
        "When it is answered or given up",
        "This is still asked of the referrer. Open the request, and say there that it is answered, or give it up.",
    ),
    Matter.OUTCOME: MatterWords(
        "When they are told",
        "The outcome is still owed. Record that they were told, or why nobody can be told.",
    ),
    Matter.WITH_NOBODY: MatterWords(
        "When a team has it",
        "No team has this child yet. Send it to a team, ask the manager for a new decision, or ring the team so that "
        "it takes it on.",
    ),
    Matter.REFERRAL: MatterWords(
        "When the referral is closed",
        "The referral is still open. Say on its page when it closed, and why.",
    ),
    Matter.AGREEMENT: MatterWords(
        "When their answer is recorded",
        "Nobody has recorded what the family says. Open the request, and record it under Consent. Where nobody can be "
        "asked, close the request.",
    ),
    Matter.LATE_NEWS: MatterWords(
        "When you have said what it is",
        "This came after the request had ended. Open the request, read it, and say there what it is.",
    ),
    Matter.HELD: MatterWords(
        "When you have said what it is",
        "Nobody has said what this message is. Read it, then make it a request, or set it aside with a reason.",
    ),
    Matter.BELONGS: MatterWords(
        "When you have answered",
        "Nobody has said where this email belongs. Read both, and say whether it belongs to that one.",
    ),
    Matter.NOT_READ: MatterWords(
        "When the mailbox is read again",
        "The mailbox is still not read. This ends by itself when email comes in again.",
    ),
}


class MatterOpenError(DomainError):
    """Refuse to call a task done whose matter is open: it would be seen by nobody any more (GL-3, GL-14)."""

    def __init__(self, matter: Matter) -> None:
        super().__init__(MATTER_WORDS[matter].instead)
