"""How often somebody may try to come in: guessing is stopped, and the owner is never locked out (T32).

A stranger's browser is counted for the account from its address, then for the account as a whole. A browser that has
been let in before holds a cookie that says so, and is counted by itself: nobody elsewhere uses its tries up.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from infrastructure.database import digest, digests
from infrastructure.identity.attempts import count_attempts

TRIES, WINDOW = 10, timedelta(minutes=5)  # NCSC Cyber Essentials: at most 10 guesses in 5 minutes
STRANGERS = TRIES * 2  # of all browsers together that were never let in; the owner at home is not among them
FROM_ONE_PLACE = TRIES * 5  # whatever the account: a whole office may stand behind one address
DAY, IN_A_DAY = timedelta(days=1), 60  # guesses at six digits, so that a month of them finds nothing
KNOWN_MOST = 6  # people who share one browser


@dataclass(frozen=True)
class Browser:
    """Where a try comes from: its address, the cookie of a browser known here, and what it is called."""

    address: str
    known: str = ""
    device: str | None = None


def may_try(session: Session, what: str, who: str, browser: Browser, *, now: datetime, daily: bool = False) -> bool:
    """Count a try inside the caller's transaction; tell whether it may be looked at at all."""
    mark = known_as(browser.known, who)
    if mark:
        own = f"{what}-known:{who}:{mark}"
        limits = [(own, TRIES, WINDOW), *([(f"{own}:day", IN_A_DAY, DAY)] if daily else [])]
        return count_attempts(session, limits, now=now)
    near = [
        (f"{what}:{who}:{browser.address}", TRIES, WINDOW),
        (f"{what}-from:{browser.address}", FROM_ONE_PLACE, WINDOW),
    ]
    if not count_attempts(session, near, now=now):
        return False  # and the account's own count stays: who hammers from one address bars nobody at another
    whole = [(f"{what}:{who}", STRANGERS, WINDOW), *([(f"{what}-day:{who}", IN_A_DAY, DAY)] if daily else [])]
    return count_attempts(session, whole, now=now)


def known_as(cookie: str, who: str) -> str:
    """Return the mark under which this browser was let in as this person, or nothing."""
    for one in cookie.split("~")[:KNOWN_MOST]:
        mark, _, proof = one.partition(".")
        if mark and any(secrets.compare_digest(proof.encode(), hashed) for hashed in _proofs(mark, who)):
            return mark
    return ""


def make_known(cookie: str, who: str) -> str:
    """Return the cookie of a browser that was let in as this person, now and before."""
    if known_as(cookie, who):
        return cookie
    mark = secrets.token_hex(16)
    proof = digest("known-browser", f"{mark}:{who}").hex()
    before = [one for one in cookie.split("~") if one][: KNOWN_MOST - 1]
    return "~".join([f"{mark}.{proof}", *before])


def _proofs(mark: str, who: str) -> list[bytes]:
    return [hashed.hex().encode() for hashed in digests("known-browser", f"{mark}:{who}")]
