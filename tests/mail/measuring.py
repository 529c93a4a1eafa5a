"""How well mails of known forms are read: the figures that docs/mail.md gives and that a test holds us to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from service_request.channels.email import ParsedEmail, parse
from service_request.domain.mail.types import MailKind
from tests.mail.forming import Formed

READ_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
AUTOMATIC = {MailKind.BOUNCE, MailKind.DELIVERY_REPORT, MailKind.AUTO_REPLY}


@dataclass
class Found:
    """What was counted over some mails, and which were read wrongly."""

    mails: int = 0
    wrong_kind: list[str] = field(default_factory=list)
    wrong_return: list[str] = field(default_factory=list)  # a bounce whose message or recipient is not told
    words_lost: list[str] = field(default_factory=list)
    quote_shown: list[str] = field(default_factory=list)

    def share(self, wrong: list[str]) -> float:
        """The share of mails that were not read wrongly so, of a hundred."""
        return 100.0 * (self.mails - len(wrong)) / max(1, self.mails)


def read_all(mails: Iterable[Formed]) -> Found:
    """Read each mail whole, as the intake does."""
    found = Found()
    for mail in mails:
        parsed = parse(mail.raw, now=READ_AT)
        found.mails += 1
        if parsed.kind is not mail.kind:
            found.wrong_kind.append(f"{mail.name}: {parsed.kind} ({parsed.why})")
        if not _is_returned_rightly(mail, parsed):
            found.wrong_return.append(mail.name)
        _count_words(found, mail, parsed.visible_text, parsed.full_text)
    return found


def split_all(mails: Iterable[Formed], split: Callable[[str], str]) -> Found:
    """Let another reading tell the visible words of the same mails."""
    found = Found()
    for mail in mails:
        full = parse(mail.raw, now=READ_AT).full_text
        found.mails += 1
        _count_words(found, mail, split(full), full)
    return found


def _is_returned_rightly(mail: Formed, parsed: ParsedEmail) -> bool:
    if not (mail.message_id or mail.recipient):
        return True
    if parsed.returned is None:
        return False
    has_id = not mail.message_id or parsed.returned.message_ids[:1] == (mail.message_id,)
    return has_id and (not mail.recipient or mail.recipient in parsed.returned.recipients)


def _count_words(found: Found, mail: Formed, visible: str, full: str) -> None:
    if any(words not in visible for words in mail.of_now if words in full):
        found.words_lost.append(mail.name)
    if any(words in visible for words in mail.quoted):
        found.quote_shown.append(mail.name)
