"""Accounts and places: given, ended, closed and opened again, each inside the caller's transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE, uuid7
from infrastructure.database.upsert import insert_into
from infrastructure.identity.links import NewLink, make_link
from infrastructure.identity.models import LinkPurpose, Membership, Role, SecretLink, Team, UserAccount
from infrastructure.identity.signing_in import end_sessions
from infrastructure.identity.users import is_on_other_side
from infrastructure.trail import Actor, Stream, record

INVITATION_DAYS = 7
RESET_MINUTES = 30  # T32


class OtherSideError(Exception):
    """The person works on the other side of the wall: nobody has places on both (SE-5)."""


def lock_account(session: Session, *, email: str = "", user_id: UUID | None = None) -> UserAccount | None:
    """Return an account, locked, by its address or its id."""
    one = UserAccount.id == user_id if user_id is not None else UserAccount.email == email.strip().lower()
    return session.scalars(select(UserAccount).where(one).with_for_update()).one_or_none()


def find_or_add_account(session: Session, *, name: str, email: str) -> tuple[UserAccount, bool]:
    """Return the account of an address, locked, and whether it was made now: without a place, and without a password.

    Of two who make it at the same moment one does; the other waits for that one, and finds it.
    """
    address = email.strip().lower()
    made = insert_into(session, UserAccount).values(id=uuid7(), name=name.strip(), email=address, version=1)
    added = session.execute(made.on_conflict_do_nothing(index_elements=[UserAccount.email]).returning(UserAccount.id))
    is_new = added.one_or_none() is not None
    account = lock_account(session, email=address)
    assert account is not None
    return account, is_new


def give_place(session: Session, account: UserAccount, team: Team, role: Role, *, by: Actor, now: datetime) -> bool:
    """Give a place; every session ends, since what it opens has changed. False: the place is held already."""
    if is_on_other_side(session, account.id, team.wall, now=now):
        raise OtherSideError
    held = select(Membership.id).where(
        Membership.user_id == account.id,
        Membership.team_id == team.id,
        Membership.role == role,
        or_(Membership.until.is_(None), Membership.until > now),
    )
    if session.scalars(held.limit(1)).first() is not None:
        return False
    session.add(Membership(user_id=account.id, team_id=team.id, role=role, since=now))
    end_sessions(session, account.id, now=now)
    record(session, Stream("user", account.id), "place_given", by=by, now=now, team=team.id, role=role.value)
    return True


def end_place(session: Session, account: UserAccount, place: Membership, *, by: Actor, now: datetime) -> None:
    """End a place, and every session with it."""
    place.until = now
    end_sessions(session, account.id, now=now)
    role = place.role.value
    record(session, Stream("user", account.id), "place_ended", by=by, now=now, team=place.team_id, role=role)


def close_account(session: Session, account: UserAccount, *, by: Actor, now: datetime) -> None:
    """Close an account: its places, sessions and links end now; what it did stays in the trail."""
    account.disabled_at = now
    places = select(Membership).where(
        Membership.user_id == account.id, or_(Membership.until.is_(None), Membership.until > now)
    )
    for place in session.scalars(places):
        place.until = now
    _end_links(session, account, now)
    end_sessions(session, account.id, now=now)
    record(session, Stream("user", account.id), "end", by=by, now=now)


def open_account(session: Session, account: UserAccount, *, by: Actor, now: datetime) -> None:
    """Let somebody sign in again; places are given anew, and the password is set anew by a link."""
    account.disabled_at, account.password_hash = None, None
    record(session, Stream("user", account.id), "open_again", by=by, now=now)


def offer_password(session: Session, account: UserAccount, *, by: Actor, now: datetime) -> NewLink:
    """Make the only live link by which somebody sets a password: 7 days for the first one, 30 minutes for a new one."""
    _end_links(session, account, now)
    about = ("user", account.id)
    if account.password_hash is None:
        link = make_link(
            session, LinkPurpose.INVITATION, about=about, address=account.email, now=now, days=INVITATION_DAYS
        )
        record(session, Stream("user", account.id), "invitation_offered", by=by, now=now)
        return link
    link = make_link(
        session,
        LinkPurpose.RESET,
        about=about,
        address=account.email,
        now=now,
        days=0,
        besides=timedelta(minutes=RESET_MINUTES),
    )
    record(session, Stream("user", account.id), "reset_offered", by=by, now=now)
    return link


def _end_links(session: Session, account: UserAccount, now: datetime) -> None:
    """End the links that were offered before: the newest one alone opens."""
    earlier = (
        update(SecretLink)
        .where(
            SecretLink.wall.in_(EITHER_SIDE),
            SecretLink.about_kind == "user",
            SecretLink.about_id == account.id,
            SecretLink.purpose.in_((LinkPurpose.INVITATION, LinkPurpose.RESET)),
            SecretLink.expires_at > now,
        )
        .values(expires_at=now)
    )
    session.execute(earlier)
