"""Whether our own mail server vouches for the address that a mail is from (T6): it is shown, and decides nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

_RESULT = re.compile(r"\s*(dmarc|spf|dkim)\s*=\s*pass\b(.*)", re.IGNORECASE | re.DOTALL)
_SAYS = re.compile(r"\b(header\.from|header\.d|header\.i|smtp\.mailfrom)\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*\)")
PROVES = {"dmarc": ("header.from",), "dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom",)}
LONGEST = 4_000  # of what a server says; ours is a few lines


def is_vouched(sender: str, verdicts: Sequence[str], server: str) -> bool:
    """Tell whether the topmost verdict is our own server's, and says that this domain sent the mail.

    Servers write theirs above what was there: one further down may be the sender's own, whatever name it bears.
    """
    domain = sender.rpartition("@")[2].lower()
    if not server or not domain or not verdicts:
        return False
    first, *results = _COMMENT.sub(" ", verdicts[0][:LONGEST]).split(";")
    if not first.split() or first.split()[0].lower() != server.lower():
        return False
    return any(_passes(result, domain) for result in results)


def _passes(result: str, domain: str) -> bool:
    found = _RESULT.match(result)
    if found is None:
        return False
    proves = PROVES[found[1].lower()]
    return any(
        name.lower() in proves and _is_of(value.rpartition("@")[2].lower().strip("."), domain)
        for name, value in _SAYS.findall(found[2])
    )


def _is_of(said: str, domain: str) -> bool:
    """Tell whether two domains are one, or one is beneath the other: a trust's mail is signed by its own subdomain."""
    if said == domain:
        return True
    return "." in said and "." in domain and (said.endswith(f".{domain}") or domain.endswith(f".{said}"))
