"""Give the staff of Westmarch their accounts and places."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from demonstration.people import STAFF
from infrastructure.database import transaction
from infrastructure.identity.models import Membership, Role, Team, UserAccount
from infrastructure.identity.signing_in import hash_password
from infrastructure.identity.users import Place, User
from infrastructure.settings import Settings
from infrastructure.trail import SYSTEM, Stream, record


def employ(session: Session, *, settings: Settings, now: datetime) -> dict[str, User]:
    """Give everybody an account and a place; return them by first name, as they are when signed in."""
    hashes = {person.email: hash_password(person.password, settings) for person in STAFF}
    users = {}
    with transaction(session):
        teams = {team.name: team for team in session.scalars(select(Team))}
        for person in STAFF:
            team, role = teams[person.team], Role(person.role)
            account = UserAccount(name=person.name, email=person.email, password_hash=hashes[person.email])
            if person.phone_key:
                account.totp, account.totp_since = person.phone_key, now
            session.add(account)
            session.flush()
            session.add(Membership(user_id=account.id, team_id=team.id, role=role, since=now))
            record(session, Stream("user", account.id), "place_given", by=SYSTEM, now=now, team=team.id, role=role)
            place = Place(team.id, team.name, team.kind, team.wall, role)
            users[person.first_name] = User(account.id, person.name, person.email, (place,))
    return users
