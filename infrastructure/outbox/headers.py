"""What an outgoing mail says about itself, and what may stand in a header at all (T12)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

ADDRESS_MOST = 254  # RFC 5321, with its brackets off
ID_MOST = 250  # of a Message-ID somebody else made: a line of mail holds 998 characters
REFERENCES_MOST = 20  # of a long thread: its first, which names it, and the newest
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{1,64}}@){_LOCAL}(?:\.{_LOCAL})*@{_LABEL}(?:\.{_LABEL})+")
_MESSAGE_ID = re.compile(rf"(?=.{{5,{ID_MOST}}}\Z)<{_LOCAL}(?:\.{_LOCAL})*@[A-Za-z0-9.-]+>")


@dataclass(frozen=True)
class Heading:
    """What a mail says about itself beside its subject: whom it is from, where an answer goes, and what it answers."""

    sender: str = ""  # which mailbox of ours it leaves from; empty: the installation's own address
    reply_to: str = ""  # where an answer finds its request by itself; empty: nothing is said of it
    in_reply_to: str = ""  # the Message-ID of the mail that it answers
    references: tuple[str, ...] = ()  # of the mails before it, the oldest first
    automatic: bool = True  # no person wrote it
    is_answer: bool = False  # to something that they sent


def extra_headers(heading: Heading) -> dict[str, str]:
    """Return what stands in a mail beside what each mail has: where answers go, what it answers, who wrote it.

    A machine says that it is one (RFC 3834), so that no other machine answers it; a person's mail says nothing of it.
    """
    extra = {}
    if heading.reply_to:
        extra["Reply-To"] = heading.reply_to
    if heading.in_reply_to:
        extra["In-Reply-To"] = heading.in_reply_to
    if heading.references:
        extra["References"] = " ".join(heading.references)
    if heading.automatic:
        extra["Auto-Submitted"] = "auto-replied" if heading.is_answer else "auto-generated"
        extra["X-Auto-Response-Suppress"] = "All"
    return extra


def is_address(text: str) -> bool:
    """Tell whether a text is one address and nothing besides (RFC 5321: 254 characters at most)."""
    return len(text) <= ADDRESS_MOST and _ADDRESS.fullmatch(in_ascii(text)) is not None


def known_ids(said: Iterable[str]) -> tuple[str, ...]:
    """Return the Message-IDs of another's mail that can stand in a header of ours, each once, in their order."""
    whole = [one for one in dict.fromkeys(said) if _MESSAGE_ID.fullmatch(one)]
    return tuple(whole if len(whole) <= REFERENCES_MOST else [whole[0], *whole[1 - REFERENCES_MOST :]])


def in_ascii(address: str) -> str:
    """Return an address with its domain as mail carries it (IDNA)."""
    name, at, domain = address.rpartition("@")
    try:
        return f"{name}{at}{domain.encode('idna').decode()}"
    except UnicodeError:
        return address
