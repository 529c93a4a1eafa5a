"""Set a password behind an invitation or reset link, which is used once, at the post."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import transaction
from infrastructure.identity.links import LinkRefusedError, find_link
from infrastructure.identity.models import LinkPurpose, SecretLink, UserAccount
from infrastructure.identity.signing_in import end_sessions, hash_password
from infrastructure.settings import Settings
from infrastructure.trail import Actor, ActorKind, Stream, record

SHORTEST, LONGEST = 12, 200
PURPOSES = (LinkPurpose.INVITATION, LinkPurpose.RESET)
COMMON = frozenset(
    "password passwort qwerty qwertyuiop letmein welcome monkey dragon football iloveyou admin administrator "
    "changeme secret sunshine princess abc123 123456 12345678 123456789 1234567890".split()
)


class WeakPasswordError(Exception):
    """The password is too easily guessed; `sentence` says what to do."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


def check_password(password: str, *, email: str) -> None:
    """Raise WeakPasswordError for one that is short, common, made of one thing, or the address itself."""
    plain = "".join(c for c in password.casefold() if c.isalnum())
    if len(password) < SHORTEST:
        raise WeakPasswordError(
            f"Enter a password of {SHORTEST} characters or more: three words you will remember do well"
        )
    if len(password) > LONGEST:
        raise WeakPasswordError(f"Enter a password of {LONGEST} characters or fewer")
    repeated = any(plain == word * (len(plain) // len(word)) for word in COMMON if len(plain) % len(word) == 0)
    if plain.isdecimal() or len(set(plain)) < 5 or repeated or plain.rstrip("0123456789") in COMMON:
        raise WeakPasswordError("Enter a password that is harder to guess: three words you will remember do well")
    if email.partition("@")[0].casefold() in plain:
        raise WeakPasswordError("Enter a password that does not hold your own email address")


def look_at_invitation(session: Session, token: str, *, now: datetime) -> str:
    """Return the address that the link is for; a look uses nothing up. Raises LinkRefusedError."""
    return _account(session, _find(session, token, now)).email


def set_password(session: Session, *, token: str, password: str, settings: Settings, now: datetime) -> None:
    """Set the password, use the link up, and end every session of the account."""
    with transaction(session):
        link = _find(session, token, now, lock=True)
        account = _account(session, link)
        check_password(password, email=account.email)
        account.password_hash = hash_password(password, settings)
        link.used_at = link.expires_at = now
        end_sessions(session, account.id, now=now)
        record(session, Stream("user", account.id), "set_password", by=Actor(ActorKind.USER, account.id), now=now)


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
