"""What administrators do for people who work here: invite, give and end places, reset, close (T22, T32).

An administrator acts on their own side of the wall, and never on themselves. Links go by mail to the person alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.staffing import (
    ClosedAccountError,
    OnOtherSideError,
    OwnAccountError,
    PlaceEndedError,
    PlaceHeldError,
    SignsInElsewhereError,
    TeamUnknownError,
)
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity import accounts, second_factor
from infrastructure.identity.accounts import OtherSideError
from infrastructure.identity.changed import LETTER
from infrastructure.identity.models import Membership, Role, Team, TeamKind, UserAccount
from infrastructure.identity.users import User
from infrastructure.outbox import owe
from service_request.services.refusals import NotYoursError


@dataclass(frozen=True)
class HeldPlace:
    """A place that somebody holds now."""

    id: UUID
    team: str
    kind: TeamKind
    role: Role
    since: datetime


@dataclass(frozen=True)
class Person:
    """A member of staff, as administrators read them."""

    id: UUID
    name: str
    email: str
    places: tuple[HeldPlace, ...]
    is_closed: bool
    has_password: bool
    has_phone: bool
    signs_in_elsewhere: bool


def get_person(session: Session, person_id: UUID, *, by: User, now: datetime) -> Person:
    """Return somebody of the administrator's side of the wall, or of none yet; raise NotYoursError."""
    account = session.get(UserAccount, person_id)
    if account is None or not _is_theirs(session, person_id, by.wall, now=now):
        raise NotYoursError
    rows = session.execute(
        select(Membership, Team.name, Team.kind)
        .join(Team, Team.id == Membership.team_id)
        .where(Membership.user_id == person_id, Membership.since <= now, _live(now))
        .order_by(Team.name, Membership.id)
    )
    places = tuple(HeldPlace(row.id, team, kind, row.role, row.since) for row, team, kind in rows)
    return Person(
        account.id,
        account.name,
        account.email,
        places,
        account.disabled_at is not None,
        account.password_hash is not None,
        account.totp_since is not None,
        account.oidc_subject is not None,
    )


def invite(
    session: Session, *, name: str, email: str, team_id: UUID, role: Role, by: User, now: datetime, house: House
) -> UUID:
    """Give somebody new an account and a place, and owe them the link; whoever has an account gets the place alone."""
    with transaction(session):
        account, is_new = accounts.find_or_add_account(session, name=name, email=email)
        _check(session, account, by=by, now=now)
        _place(session, account, team_id, role, by=by, now=now)
        if is_new:
            _owe_link(session, account, by=by, now=now, house=house)
        return account.id


def give_place(session: Session, *, person_id: UUID, team_id: UUID, role: Role, by: User, now: datetime) -> None:
    """Give one more place; every session of the person ends."""
    with transaction(session):
        account = _locked(session, person_id, by=by, now=now)
        _place(session, account, team_id, role, by=by, now=now)


def end_place(session: Session, *, person_id: UUID, place_id: UUID, by: User, now: datetime) -> None:
    """End a place; every session of the person ends."""
    with transaction(session):
        account = _locked(session, person_id, by=by, now=now, closed=True)
        place = session.get(Membership, place_id)
        if place is None or place.user_id != person_id or (place.until is not None and place.until <= now):
            raise PlaceEndedError
        accounts.end_place(session, account, place, by=by.actor, now=now)


def send_link(session: Session, *, person_id: UUID, by: User, now: datetime, house: House) -> None:
    """Owe the person a link to set a password: an invitation for 7 days, or a reset for 30 minutes."""
    with transaction(session):
        account = _locked(session, person_id, by=by, now=now)
        if account.oidc_subject is not None:
            raise SignsInElsewhereError
        _owe_link(session, account, by=by, now=now, house=house)


def reset_second(session: Session, *, person_id: UUID, by: User, now: datetime, house: House) -> None:
    """Take authenticator and recovery codes away, for somebody who lost both; every session ends."""
    with transaction(session):
        account, letter = _locked(session, person_id, by=by, now=now), house.write(LETTER)
        second_factor.forget_second(session, account, letter=letter, by=by.actor, now=now)


def close(session: Session, *, person_id: UUID, by: User, now: datetime) -> None:
    """Close the account: places, sessions and links end now."""
    with transaction(session):
        accounts.close_account(session, _locked(session, person_id, by=by, now=now, closed=True), by=by.actor, now=now)


def open_again(session: Session, *, person_id: UUID, by: User, now: datetime) -> None:
    """Open a closed account: it has no place and no password until it is given them."""
    with transaction(session):
        account = _locked(session, person_id, by=by, now=now, closed=True)
        if account.disabled_at is not None:
            accounts.open_account(session, account, by=by.actor, now=now)


def _locked(session: Session, person_id: UUID, *, by: User, now: datetime, closed: bool = False) -> UserAccount:
    account = accounts.lock_account(session, user_id=person_id)
    if account is None or not _is_theirs(session, person_id, by.wall, now=now):
        raise NotYoursError
    _check(session, account, by=by, now=now, closed=closed)
    return account


def _check(session: Session, account: UserAccount, *, by: User, now: datetime, closed: bool = False) -> None:
    if account.id == by.id:
        raise OwnAccountError
    if not _is_theirs(session, account.id, by.wall, now=now):
        raise OnOtherSideError
    if account.disabled_at is not None and not closed:
        raise ClosedAccountError


def _is_theirs(session: Session, person_id: UUID, wall: Wall, *, now: datetime) -> bool:
    """Tell whether no place of this person is on the other side."""
    other = (
        select(Membership.id)
        .join(Team, Team.id == Membership.team_id)
        .where(Team.wall != wall, Membership.user_id == person_id, _live(now))
    )
    return session.scalars(other.limit(1)).first() is None


def _place(session: Session, account: UserAccount, team_id: UUID, role: Role, *, by: User, now: datetime) -> None:
    team = session.scalars(
        select(Team).where(Team.wall == by.wall, Team.id == team_id, or_(Team.open_to.is_(None), Team.open_to > now))
    ).one_or_none()
    if team is None:
        raise TeamUnknownError
    try:
        if not accounts.give_place(session, account, team, role, by=by.actor, now=now):
            raise PlaceHeldError
    except OtherSideError:
        raise OnOtherSideError from None


def _owe_link(session: Session, account: UserAccount, *, by: User, now: datetime, house: House) -> None:
    is_first = account.password_hash is None
    link = accounts.offer_password(session, account, by=by.actor, now=now)
    address = house.link("desk.invitation", token=link.token)
    if is_first:
        letter = house.write("invitation", link=address, days=str(accounts.INVITATION_DAYS))
    else:
        letter = house.write("password_reset", link=address, minutes=str(accounts.RESET_MINUTES))
    owe(session, letter, to=account.email, cause=link.id, about=("user", account.id), now=now, wall=by.wall)


def _live(now: datetime):  # type: ignore[no-untyped-def]
    return or_(Membership.until.is_(None), Membership.until > now)
