"""The second factor: an authenticator's six digits (RFC 6238), or a recovery code on paper, each good once (T32)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from argon2.exceptions import VerificationError
from cryptography.fernet import InvalidToken
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction
from infrastructure.database.sealing import seal, unseal
from infrastructure.identity.attempts import TooManyAttemptsError
from infrastructure.identity.changed import tell_changed
from infrastructure.identity.models import RecoveryCode, UserAccount, WebSession
from infrastructure.identity.signing_in import add_session, end_sessions, hash_password, hasher
from infrastructure.identity.tries import Browser, may_try
from infrastructure.outbox import Letter
from infrastructure.settings import Settings
from infrastructure.trail import Actor, ActorKind, Event, Stream, record

STEP, DRIFT = 30, 1  # seconds, and steps that a phone's clock may be off
RECOVERY_CODES = 10
SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another; 12 of them are 59 bits
SET_UP = timedelta(minutes=30)  # how long a secret that was shown may wait for its first code


class CodeNotRightError(Exception):
    """The code fits neither the authenticator nor a recovery code, or was used before."""


class NotPendingError(Exception):
    """Nobody waits behind this token for a second factor."""


@dataclass(frozen=True)
class Pending:
    """Somebody whose password was right, and who is nobody yet."""

    user_id: UUID
    name: str
    email: str
    has_second: bool


@dataclass(frozen=True)
class Standing:
    """How somebody's second factor stands."""

    since: datetime | None
    codes_left: int
    has_password: bool


@dataclass(frozen=True)
class Enrolled:
    """What somebody gets who has proven an authenticator: a new session, and codes that are shown this once."""

    token: str
    codes: tuple[str, ...]


def find_pending(session: Session, token: str | None, *, now: datetime) -> Pending | None:
    """Return who owes the second factor in this session."""
    if not token:
        return None
    row = session.execute(_PENDING.where(WebSession.token == token, WebSession.ends_at > now)).one_or_none()
    if row is None:
        return None
    account: UserAccount = row[1]
    return Pending(account.id, account.name, account.email, account.totp_since is not None)


_PENDING = (
    select(WebSession, UserAccount)
    .join(UserAccount, UserAccount.id == WebSession.user_id)
    .where(WebSession.is_pending.is_(True), UserAccount.disabled_at.is_(None))
)


def prove_second(
    session: Session, *, token: str, typed: str, browser: Browser, settings: Settings, now: datetime
) -> str:
    """Take a code and return the token of a whole session; the pending one is over, so that no token grows in power.

    Raise NotPendingError, TooManyAttemptsError or CodeNotRightError; a try is counted whatever comes of it.
    """
    pending = find_pending(session, token, now=now)
    session.rollback()
    if pending is None or not pending.has_second:
        raise NotPendingError
    with transaction(session):
        allowed = may_try(session, "second", pending.email, browser, now=now, daily=True)
    if not allowed:
        raise TooManyAttemptsError
    with transaction(session):
        account = _locked(session, pending.user_id)
        row = session.scalars(
            select(WebSession).where(WebSession.token == token, WebSession.is_pending, WebSession.ends_at > now)
        ).one_or_none()
        if row is None or account.disabled_at is not None or account.totp_since is None:
            raise NotPendingError  # taken by another press of the button, or closed meanwhile
        how = _take(session, account, typed, settings=settings, now=now)
        if how:
            device = row.device
            session.delete(row)
            return add_session(session, account.id, settings=settings, now=now, how=how, device=device)
        _record(session, account.id, "second_factor_refused", now)
    raise CodeNotRightError


def offer(user_id: UUID, *, now: datetime) -> tuple[str, str]:
    """Return a new secret and the sealed form in which the page gives it back: nothing is kept until it is proven."""
    import pyotp

    secret = pyotp.random_base32()
    until = int((now + SET_UP).timestamp())
    return secret, seal(Wall.OPEN, f"{user_id}|{until}|{secret}".encode()).decode()


def offered(sealed: str, user_id: UUID, *, now: datetime) -> str | None:
    """Return the secret that the page was made with, if it was this person's and not too long ago."""
    try:
        whose, until, secret = unseal(Wall.OPEN, sealed.encode()).decode().split("|")
    except (InvalidToken, ValueError):
        return None
    return secret if whose == str(user_id) and int(until) > now.timestamp() else None


def address_of(secret: str, *, email: str, issuer: str) -> str:
    """Return the otpauth address that an authenticator reads from the picture."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def picture_of(address: str) -> str:
    """Return the address as a QR picture, SVG without a style or a script."""
    import segno

    return segno.make(address, error="m", micro=False).svg_inline(scale=5, border=4, title="QR code")


def enrol(
    session: Session,
    *,
    user_id: UUID,
    email: str,
    token: str,
    secret: str,
    typed: str,
    browser: Browser,
    letter: Letter,
    settings: Settings,
    now: datetime,
) -> Enrolled:
    """Keep an authenticator once its first code is right: every session of the account ends, and this one is new."""
    with transaction(session):
        allowed = may_try(session, "second", email, browser, now=now)
    if not allowed:
        raise TooManyAttemptsError
    step = _step_of(secret, typed, now=now, after=None)
    if step is None:
        raise CodeNotRightError
    codes, hashes = _new_codes(settings)
    with transaction(session):
        account = _locked(session, user_id)
        row = session.scalars(
            select(WebSession).where(WebSession.token == token, WebSession.user_id == user_id, WebSession.ends_at > now)
        ).one_or_none()
        if row is None or account.disabled_at is not None or (row.is_pending and account.totp_since is not None):
            raise NotPendingError  # who owes the code of one authenticator cannot put another in its place
        account.totp, account.totp_since, account.totp_last_step = secret, now, step
        _keep_codes(session, user_id, hashes, now=now)
        done = _record(session, user_id, "second_factor_set", now)
        tell_changed(session, account, letter, cause=done, now=now)
        end_sessions(session, user_id, now=now)
        return Enrolled(add_session(session, user_id, settings=settings, now=now, how="totp", device=row.device), codes)


def make_recovery_codes(
    session: Session, *, user_id: UUID, letter: Letter, settings: Settings, now: datetime
) -> tuple[str, ...]:
    """Make ten recovery codes anew: those before are dead."""
    codes, hashes = _new_codes(settings)
    with transaction(session):
        account = _locked(session, user_id)
        if account.totp_since is None:
            raise NotPendingError
        _keep_codes(session, user_id, hashes, now=now)
        done = _record(session, user_id, "recovery_codes_made", now)
        tell_changed(session, account, letter, cause=done, now=now)
    return codes


def forget_second(
    session: Session, account: UserAccount, *, letter: Letter | None = None, by: Actor, now: datetime
) -> None:
    """Take authenticator and recovery codes away inside the caller's transaction, who holds the account's lock.

    The owner is told by this letter; there is none where the authority's own sign-in takes their place.
    """
    account.totp, account.totp_since, account.totp_last_step = None, None, None
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == account.id))
    done = record(session, Stream("user", account.id), "second_factor_removed", by=by, now=now)
    if letter is not None:
        tell_changed(session, account, letter, cause=done, now=now)
    end_sessions(session, account.id, now=now)


def standing_of(session: Session, user_id: UUID) -> Standing:
    """Return how somebody's second factor stands, for themselves to read."""
    left = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    account = session.get_one(UserAccount, user_id)
    return Standing(account.totp_since, session.scalars(left).one(), account.password_hash is not None)


def _take(session: Session, account: UserAccount, typed: str, *, settings: Settings, now: datetime) -> str:
    """Use up the code that was typed; return how they came in, or nothing."""
    step = _step_of(account.totp or "", typed, now=now, after=account.totp_last_step)
    if step is not None:
        account.totp_last_step = step
        return "totp"
    plain = "".join(sign for sign in typed.casefold() if sign.isalnum())
    if len(plain) != 12:
        return ""
    check = hasher(settings.argon2_memory_kib, settings.argon2_passes)
    codes = select(RecoveryCode).where(RecoveryCode.user_id == account.id, RecoveryCode.used_at.is_(None))
    for code in session.scalars(codes.order_by(RecoveryCode.id)):
        try:
            check.verify(code.code_hash, plain)
        except VerificationError:
            continue
        code.used_at = now
        _record(session, account.id, "recovery_code_used", now)
        return "recovery"
    return ""


def _step_of(secret: str, typed: str, *, now: datetime, after: int | None) -> int | None:
    """Return the step whose code was typed, none that was used before or lies before one that was."""
    import pyotp

    digits = "".join(sign for sign in typed if not sign.isspace())
    if not secret or len(digits) != 6 or not (digits.isascii() and digits.isdecimal()):
        return None
    codes, here = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    fitting = [
        step
        for step in range(here - DRIFT, here + DRIFT + 1)
        if secrets.compare_digest(codes.at(step * STEP), digits) and (after is None or step > after)
    ]
    return fitting[0] if fitting else None


def _new_codes(settings: Settings) -> tuple[tuple[str, ...], list[str]]:
    plain = ["".join(secrets.choice(SIGNS) for _ in range(12)) for _ in range(RECOVERY_CODES)]
    shown = tuple(f"{one[:4]}-{one[4:8]}-{one[8:]}" for one in plain)
    return shown, [hash_password(one, settings) for one in plain]


def _keep_codes(session: Session, user_id: UUID, hashes: list[str], *, now: datetime) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.add_all(RecoveryCode(user_id=user_id, code_hash=one, made_at=now) for one in hashes)


def _locked(session: Session, user_id: UUID) -> UserAccount:
    return session.scalars(select(UserAccount).where(UserAccount.id == user_id).with_for_update()).one()


def _record(session: Session, user_id: UUID, act: str, now: datetime) -> Event:
    return record(session, Stream("user", user_id), act, by=Actor(ActorKind.USER, user_id), now=now)
