"""Who comes from the authority's own sign-in gets the places that its groups name, no more and no fewer (T28)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from infrastructure.database import transaction
from infrastructure.identity.accounts import OtherSideError, end_place, find_or_add_account, give_place
from infrastructure.identity.models import Membership, Role, Team, UserAccount
from infrastructure.identity.oidc import Identity, NotProvenError
from infrastructure.identity.second_factor import forget_second
from infrastructure.identity.signing_in import add_session
from infrastructure.identity.tries import Browser
from infrastructure.settings import Settings
from infrastructure.trail import SYSTEM, Stream, record


class NoPlaceError(Exception):
    """None of their groups has a place here: no account is made, and places held before have ended."""


def enter_by_groups(session: Session, who: Identity, *, browser: Browser, settings: Settings, now: datetime) -> str:
    """Begin a session with the places of today's groups, and return its token.

    Where a place is lost or won, every session before it ends. Raise NoPlaceError; NotProvenError for an account that
    is closed, or is another person's.
    """
    with transaction(session):
        wished = _wished(session, who, settings, now)
        account = _account(session, who)
        if account is None and wished:
            made, is_new = find_or_add_account(session, name=who.name, email=who.email)
            account = made if is_new else _account(session, who)  # somebody made it a moment ago: is it theirs?
        if account is not None:
            _join(session, account, who, now)
            _follow(session, account, wished, now)
        if account is not None and wished:
            return add_session(session, account.id, settings=settings, now=now, how="oidc", device=browser.device)
    raise NoPlaceError


def _account(session: Session, who: Identity) -> UserAccount | None:
    """Return their account, locked: by the subject, or by the address of an account that nobody else came to."""
    known = select(UserAccount).where(UserAccount.oidc_subject == who.subject).with_for_update()
    account = session.scalars(known).one_or_none()
    if account is None:
        same = select(UserAccount).where(UserAccount.email == who.email).with_for_update()
        account = session.scalars(same).one_or_none()
        if account is not None and account.oidc_subject is not None:
            raise NotProvenError("another_person")  # an address that was given to somebody new
    if account is not None and account.disabled_at is not None:
        raise NotProvenError("closed")
    return account


def _join(session: Session, account: UserAccount, who: Identity, now: datetime) -> None:
    """From now on they come by the authority's own sign-in alone: who has left there does not come in by a password."""
    if account.oidc_subject is not None:
        return
    account.oidc_subject, account.password_hash = who.subject, None
    record(session, Stream("user", account.id), "joined_own_sign_in", by=SYSTEM, now=now)
    forget_second(session, account, by=SYSTEM, now=now)


def _wished(session: Session, who: Identity, settings: Settings, now: datetime) -> dict[tuple[str, Role], Team]:
    """Return the places that these groups name, all on one side of the wall (SE-5)."""
    named = {place for group, place in settings.oidc_places if group in who.groups}
    teams = session.scalars(
        select(Team).where(Team.name.in_({team for team, _ in named}), or_(Team.open_to.is_(None), Team.open_to > now))
    )
    by_name = {team.name: team for team in teams}
    wished = {(team, Role(role)): by_name[team] for team, role in named if team in by_name}
    if len({team.wall for team in wished.values()}) > 1:
        raise NotProvenError("both_sides")
    return wished


def _follow(session: Session, account: UserAccount, wished: dict[tuple[str, Role], Team], now: datetime) -> None:
    rows = session.execute(
        select(Membership, Team.name)
        .join(Team, Team.id == Membership.team_id)
        .where(Membership.user_id == account.id, or_(Membership.until.is_(None), Membership.until > now))
    ).all()
    for place, team in rows:
        if (team, place.role) not in wished:
            end_place(session, account, place, by=SYSTEM, now=now)
    session.flush()
    for (_, role), to in wished.items():
        try:
            give_place(session, account, to, role, by=SYSTEM, now=now)
        except OtherSideError:
            raise NotProvenError("both_sides") from None
