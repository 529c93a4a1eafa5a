"""Tell the owner of an account that the way in was changed, so that a stranger's change is noticed (T32)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import is_on_other_side
from infrastructure.outbox import Letter, owe
from infrastructure.trail import Event

LETTER = "sign_in_changed"  # it says that something was changed, and neither what nor by whom


def tell_changed(session: Session, account: UserAccount, letter: Letter, *, cause: Event, now: datetime) -> None:
    """Owe the owner this letter inside the transaction of the change; it goes from their own side of the wall."""
    wall = Wall.SENDIASS if is_on_other_side(session, account.id, Wall.OPEN, now=now) else Wall.OPEN
    owe(session, letter, to=account.email, cause=cause.id, about=("user", account.id), now=now, wall=wall)
