"""Sign in with a password, sign out, and the limits on trying."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from infrastructure.database import digest, transaction
from infrastructure.identity.attempts import TooManyAttemptsError, count_attempt
from infrastructure.identity.models import UserAccount, WebSession
from infrastructure.identity.tries import TRIES, WINDOW, Browser, may_try
from infrastructure.settings import Settings
from infrastructure.trail import SYSTEM, Actor, ActorKind, Event, Stream, record

PENDING = timedelta(minutes=10)  # how long somebody may look for their phone


class SignInRefusedError(Exception):
    """The address and the password do not fit an account; which of the two is not told."""


@dataclass(frozen=True)
class Entry:
    """A session just begun. Pending: its token opens nothing but the page that asks for the second factor."""

    token: str
    is_pending: bool = False


@lru_cache(maxsize=4)
def hasher(memory_kib: int, passes: int) -> PasswordHasher:
    """Return the Argon2id hasher of these settings."""
    return PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)


@lru_cache(maxsize=4)
def _dummy_hash(memory_kib: int, passes: int) -> str:
    return hasher(memory_kib, passes).hash(secrets.token_urlsafe(16))


def hash_password(password: str, settings: Settings) -> str:
    """Hash a password with Argon2id."""
    return hasher(settings.argon2_memory_kib, settings.argon2_passes).hash(password)


def sign_in(
    session: Session, *, email: str, password: str, browser: Browser, settings: Settings, now: datetime
) -> Entry:
    """Start a session, pending where a second factor is owed; raise SignInRefusedError or TooManyAttemptsError.

    An unknown address costs the same time as a known one.
    """
    email = email.strip().lower()
    with transaction(session):
        allowed = may_try(session, "sign-in", email, browser, now=now)
        if not allowed:
            _record_stop(session, email, now)
    if not allowed:
        raise TooManyAttemptsError
    account = session.scalars(select(UserAccount).where(UserAccount.email == email)).one_or_none()
    usable = account is not None and account.disabled_at is None and account.password_hash is not None
    stored = account.password_hash if account and usable else None
    account_id = account.id if account else None
    is_pending = settings.needs_second_factor or bool(account and account.totp_since)
    session.rollback()
    costs = (settings.argon2_memory_kib, settings.argon2_passes)
    try:
        hasher(*costs).verify(stored or _dummy_hash(*costs), password)
    except VerificationError:
        stored = None
    if stored is None or account_id is None:
        if account_id is not None:
            _record(session, account_id, "sign_in_refused", now)
        else:  # a write as well, or the time would tell which addresses have an account (T22)
            with transaction(session):
                count_attempt(session, "sign-in-unknown", tries=TRIES, window=WINDOW, now=now)
                record(session, _stream_of("sign_in_unknown", email), "sign_in_refused", by=SYSTEM, now=now)
        raise SignInRefusedError
    begun: dict[str, Any] = {"is_pending": is_pending, "device": browser.device}
    return Entry(start_session(session, user_id=account_id, settings=settings, now=now, **begun), is_pending)


def start_session(
    session: Session,
    *,
    user_id: UUID,
    settings: Settings,
    now: datetime,
    how: str = "password",
    is_pending: bool = False,
    device: str | None = None,
) -> str:
    """Start a fresh session for this user and return its token (256 bits)."""
    with transaction(session):
        session.scalars(select(UserAccount).where(UserAccount.id == user_id).with_for_update()).one()
        session.execute(delete(WebSession).where(WebSession.ends_at < now))
        return add_session(session, user_id, settings=settings, now=now, how=how, is_pending=is_pending, device=device)


def add_session(
    session: Session,
    user_id: UUID,
    *,
    settings: Settings,
    now: datetime,
    how: str,
    is_pending: bool = False,
    device: str | None = None,
) -> str:
    """Begin a session inside the caller's transaction, who holds the account's lock; return its token."""
    token = secrets.token_urlsafe(32)
    lasts = PENDING if is_pending else timedelta(hours=settings.staff_session_hours)
    times = {"started_at": now, "seen_at": now, "ends_at": now + lasts}
    session.add(WebSession(token=token, user_id=user_id, how=how, is_pending=is_pending, device=device, **times))
    act = "second_factor_asked" if is_pending else "sign_in"
    record(session, Stream("user", user_id), act, by=Actor(ActorKind.USER, user_id), now=now)
    return token


def enter_again(
    session: Session, *, user_id: UUID, password: str, browser: Browser, settings: Settings, now: datetime
) -> None:
    """Ask somebody who is signed in for their password, before the way in is changed; tries are counted.

    Raise SignInRefusedError or TooManyAttemptsError.
    """
    with transaction(session):
        account = session.get_one(UserAccount, user_id)
        stored = account.password_hash
        allowed = may_try(session, "again", account.email, browser, now=now)
    if not allowed:
        raise TooManyAttemptsError
    costs = (settings.argon2_memory_kib, settings.argon2_passes)
    try:
        hasher(*costs).verify(stored or _dummy_hash(*costs), password)
    except VerificationError:
        stored = None
    if stored is None:
        _record(session, user_id, "password_refused", now)
        raise SignInRefusedError


def sign_out(session: Session, *, token: str, now: datetime) -> None:
    """End the session for good: its token opens nothing any more."""
    with transaction(session):
        row = session.scalars(select(WebSession).where(WebSession.token == token)).one_or_none()
        if row is None:
            return
        if row.user_id is not None:
            session.scalars(select(UserAccount).where(UserAccount.id == row.user_id).with_for_update()).one()
            record(session, Stream("user", row.user_id), "sign_out", by=Actor(ActorKind.USER, row.user_id), now=now)
        session.delete(row)


def end_sessions(session: Session, user_id: UUID, *, now: datetime) -> None:
    """End every session of a user, inside the caller's transaction: on a new role, a new password, a disabling.

    The caller holds the account's lock; that sessions were ended is told in the user's trail.
    """
    ending = update(WebSession).where(WebSession.user_id == user_id, WebSession.ends_at > now).values(ends_at=now)
    ended = cast(CursorResult[Any], session.execute(ending)).rowcount
    if ended:
        record(session, Stream("user", user_id), "end_sessions", by=SYSTEM, now=now, sessions=ended)


def _record_stop(session: Session, email: str, now: datetime) -> None:
    """Tell that somebody tried too often, once in a while: the counted row of this address is locked by us."""
    stream = _stream_of("sign_in_stopped", email)
    lately = select(Event.id).where(
        Event.stream_kind == stream.kind, Event.stream_id == stream.id, Event.at > now - WINDOW
    )
    if session.scalars(lately.limit(1)).first() is None:
        record(session, stream, "sign_in_stopped", by=SYSTEM, now=now)


def _stream_of(kind: str, email: str) -> Stream:
    """Return the chain of an address that need not be anybody's: it is known by its keyed hash alone."""
    return Stream(kind, UUID(bytes=bytes(digest("sign-in", email))[:16]))


def _record(session: Session, user_id: UUID, act: str, now: datetime) -> None:
    with transaction(session):
        session.scalars(select(UserAccount).where(UserAccount.id == user_id).with_for_update()).one()
        record(session, Stream("user", user_id), act, by=Actor(ActorKind.USER, user_id), now=now)
