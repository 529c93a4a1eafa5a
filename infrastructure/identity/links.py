"""Secret links and single-use codes: what people outside hold instead of an account."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE, Wall, digest, digests
from infrastructure.identity.models import LinkPurpose, SecretLink, WebSession
from infrastructure.settings import Settings


class LinkRefusedError(Exception):
    """The link is unknown, of another purpose, or has run out: all three look the same."""


class CodeRefusedError(Exception):
    """The code does not fit, has run out, was used, or was tried too often."""


@dataclass(frozen=True)
class NewLink:
    """A link just made; its token is shown once and kept as a hash."""

    id: UUID
    token: str


def make_link(
    session: Session,
    purpose: LinkPurpose,
    *,
    about: tuple[str, UUID],
    address: str | None,
    now: datetime,
    days: int,
    besides: timedelta = timedelta(),
    wall: Wall = Wall.OPEN,
) -> NewLink:
    """Make a secret link inside the caller's transaction (256 bits; `days` and `besides`: how long it lives)."""
    token = secrets.token_urlsafe(32)
    row = SecretLink(
        wall=wall,
        token=token,
        purpose=purpose,
        about_kind=about[0],
        about_id=about[1],
        address=address,
        expires_at=now + timedelta(days=days) + besides,
        tries_left=0,
    )
    session.add(row)
    return NewLink(row.id, token)


def find_link(session: Session, token: str, purpose: LinkPurpose, *, now: datetime, lock: bool = False) -> SecretLink:
    """Return the live link of this purpose, or raise LinkRefusedError."""
    query = select(SecretLink).where(
        SecretLink.wall.in_(EITHER_SIDE),
        SecretLink.token.in_([one for wall in EITHER_SIDE for one in digests("link", token, wall)]),
        SecretLink.purpose == purpose,
        SecretLink.expires_at > now,
    )
    row = session.scalars(query.with_for_update(of=SecretLink) if lock else query).one_or_none()
    if row is None:
        raise LinkRefusedError
    return row


def issue_code(link: SecretLink, *, settings: Settings, now: datetime) -> str:
    """Give the link a fresh six-digit code, in the caller's transaction; the code before it is dead."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    link.code = digest("code", f"{link.id}:{code}")
    link.code_expires_at = now + timedelta(minutes=settings.code_minutes)
    link.tries_left = settings.code_tries
    return code


def use_code(link: SecretLink, typed: str, *, now: datetime) -> bool:
    """Try a code, in the caller's transaction, which must commit whatever the answer (a wrong try is counted).

    A right code is used up.
    """
    typed = "".join(character for character in typed if character.isdigit())
    kept = link.code
    if not isinstance(kept, bytes) or link.code_expires_at is None or link.code_expires_at <= now:
        return False
    if link.tries_left <= 0:
        return False
    if not any(secrets.compare_digest(kept, one) for one in digests("code", f"{link.id}:{typed}")):
        link.tries_left -= 1
        return False
    link.code, link.code_expires_at, link.tries_left = None, None, 0
    return True


def open_for_holder(session: Session, link: SecretLink, *, settings: Settings, now: datetime) -> str:
    """Start a session for the proven holder of this link, in the caller's transaction; return its token."""
    token = secrets.token_urlsafe(32)
    session.add(WebSession(token=token, link_id=link.id, started_at=now, seen_at=now, ends_at=now + timedelta(hours=1)))
    return token


def is_open_for(session: Session, link: SecretLink, token: str | None, *, settings: Settings, now: datetime) -> bool:
    """Tell whether this browser proved itself for this link, not too long ago."""
    if not token:
        return False
    row = session.scalars(
        select(WebSession).where(WebSession.token == token, WebSession.link_id == link.id, WebSession.ends_at > now)
    ).one_or_none()
    return row is not None and now - row.seen_at <= timedelta(minutes=settings.referrer_idle_minutes)


def keep_open(session: Session, token: str | None, *, now: datetime) -> None:
    """Note that somebody proven was just here, in the caller's transaction: what is idle is counted from now."""
    row = session.scalars(select(WebSession).where(WebSession.token == (token or ""))).one_or_none()
    if row is not None:
        row.seen_at = now
