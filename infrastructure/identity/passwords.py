"""Set a password behind an invitation or reset link, used once at the post; or change one's own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import transaction
from infrastructure.identity.changed import tell_changed
from infrastructure.identity.guessing import is_common
from infrastructure.identity.links import LinkRefusedError, find_link
from infrastructure.identity.models import LinkPurpose, SecretLink, UserAccount, WebSession
from infrastructure.identity.signing_in import SignInRefusedError, add_session, end_sessions, hash_password
from infrastructure.outbox import Letter
from infrastructure.settings import Settings
from infrastructure.trail import Actor, ActorKind, Stream, record

SHORTEST, LONGEST = 12, 200
PURPOSES = (LinkPurpose.INVITATION, LinkPurpose.RESET)
HARDER = "Enter a password that is harder to guess: three words you will remember do well"


class WeakPasswordError(Exception):
    """The password is too easily guessed; `sentence` says what to do."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


def check_password(password: str, *, email: str, name: str = "", service: str = "") -> None:
    """Raise WeakPasswordError for one that is short, common, made of one thing, or of their own name or ours.

    Nothing is asked of its composition: length, and that nobody guesses it (NIST 800-63B 3.1.1.2).
    """
    plain = "".join(c for c in password.casefold() if c.isalnum())
    if len(password) < SHORTEST:
        raise WeakPasswordError(
            f"Enter a password of {SHORTEST} characters or more: three words you will remember do well"
        )
    if len(password) > LONGEST:
        raise WeakPasswordError(f"Enter a password of {LONGEST} characters or fewer")
    if plain.isdecimal() or len(set(plain)) < 5 or is_common(password):
        raise WeakPasswordError(HARDER)
    local, _, domain = email.casefold().partition("@")
    if len(local) > 3 and "".join(c for c in local if c.isalnum()) in plain:
        raise WeakPasswordError("Enter a password that does not hold your own email address")
    if _is_made_of(plain, [*name.split(), *domain.split("."), *service.split()]):
        raise WeakPasswordError("Enter a password that is more than your own name, or ours")


def _is_made_of(plain: str, words: list[str]) -> bool:
    """Tell whether nothing but a few signs is left of it once these words are taken out."""
    known = sorted(("".join(c for c in word.casefold() if c.isalnum()) for word in words), key=len, reverse=True)
    left, found = plain, False
    for word in known:
        if len(word) >= 3 and word in left:
            left, found = left.replace(word, ""), True
    return found and len(left) < 6


def look_at_invitation(session: Session, token: str, *, now: datetime) -> str:
    """Return the address that the link is for; a look uses nothing up. Raises LinkRefusedError."""
    return _account(session, _find(session, token, now)).email


def set_password(
    session: Session, *, token: str, password: str, letter: Letter, settings: Settings, now: datetime
) -> None:
    """Set the password, use the link up, and end every session; whoever had a password before is told (T32)."""
    with transaction(session):
        link = _find(session, token, now, lock=True)
        account = _account(session, link)
        if account.oidc_subject is not None:
            raise LinkRefusedError  # they sign in with the organisation's own sign-in alone
        service = f"{settings.authority_name} {settings.product_name}"
        check_password(password, email=account.email, name=account.name, service=service)
        had_one = account.password_hash is not None
        account.password_hash, account.password_at = hash_password(password, settings), now
        link.used_at = link.expires_at = now
        end_sessions(session, account.id, now=now)
        done = record(
            session, Stream("user", account.id), "set_password", by=Actor(ActorKind.USER, account.id), now=now
        )
        if had_one:
            tell_changed(session, account, letter, cause=done, now=now)


def change_password(
    session: Session, *, user_id: UUID, token: str, password: str, letter: Letter, settings: Settings, now: datetime
) -> str:
    """Change the password of somebody who just gave the one before: every session ends, and this one is new.

    Return its token. Raise WeakPasswordError, or SignInRefusedError when this session has ended meanwhile.
    """
    with transaction(session):
        account = session.scalars(select(UserAccount).where(UserAccount.id == user_id).with_for_update()).one()
        row = session.scalars(
            select(WebSession).where(WebSession.token == token, WebSession.user_id == user_id, WebSession.ends_at > now)
        ).one_or_none()
        if row is None or row.is_pending or account.disabled_at is not None or account.password_hash is None:
            raise SignInRefusedError
        service = f"{settings.authority_name} {settings.product_name}"
        check_password(password, email=account.email, name=account.name, service=service)
        account.password_hash, account.password_at = hash_password(password, settings), now
        end_sessions(session, account.id, now=now)
        done = record(
            session, Stream("user", account.id), "set_password", by=Actor(ActorKind.USER, account.id), now=now
        )
        tell_changed(session, account, letter, cause=done, now=now)
        return add_session(session, account.id, settings=settings, now=now, how=row.how, device=row.device)


def _find(session: Session, token: str, now: datetime, *, lock: bool = False) -> SecretLink:
    for purpose in PURPOSES:
        try:
            return find_link(session, token, purpose, now=now, lock=lock)
        except LinkRefusedError:
            continue
    raise LinkRefusedError


def _account(session: Session, link: SecretLink) -> UserAccount:
    query = select(UserAccount).where(UserAccount.id == link.about_id, UserAccount.disabled_at.is_(None))
    account = session.scalars(query.with_for_update(of=UserAccount)).one_or_none()
    if account is None:
        raise LinkRefusedError
    return account
