"""The checks that the desk makes before it passes a request on: which, and what was found (GL-13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.services.acting import lock_for
from infrastructure.database import transaction
from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from infrastructure.trail import Stream, record
from service_request.domain.errors import DomainError
from service_request.domain.typed import clean_typed
from service_request.models import CheckMade, ScreeningCheck
from service_request.services.sight.visible import get_request


class Found(StrEnum):
    """What came of a check."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not_known"


FOUND_LABELS: dict[Found, str] = {Found.YES: "Yes", Found.NO: "No", Found.NOT_KNOWN: "Not known"}


@dataclass(frozen=True)
class Check:
    """A check, as it is asked for."""

    code: str
    label: str
    hint: str = ""


# What is asked for while an authority has imported no checks of its own.
BUILT_IN = (
    Check("known", "Is the child known to children's social care?", "Look in the case system, by other spellings too"),
    Check("plan", "Is there a child protection plan, or an order?"),
    Check("family_known", "Is a brother, sister or parent known?"),
    Check("early_help", "Is there an early help assessment or a CAF?"),
)


@dataclass(frozen=True)
class Made:
    """The latest finding of one check, by whom and when."""

    code: str
    label: str
    found: Found
    words: str
    by: str
    at: datetime


class NothingFoundError(DomainError):
    """Refuse to save checks of which none was made."""

    sentence = "Answer at least one check"


def list_checks(session: Session) -> tuple[Check, ...]:
    """Return the checks that are asked for now, in order; with nothing imported, what is built in."""
    rows = list(session.scalars(select(ScreeningCheck).order_by(ScreeningCheck.position, ScreeningCheck.code)))
    if not rows:
        return BUILT_IN
    return tuple(Check(row.code, row.label, row.hint or "") for row in rows if row.until is None)


def make_checks(
    session: Session,
    *,
    request_id: UUID,
    found: Mapping[str, tuple[Found, str]],
    version: int | None = None,
    by: User,
    now: datetime,
) -> None:
    """Record what was found, beside what was found before: each look is a row of its own."""
    if not found:
        raise NothingFoundError
    with transaction(session):
        request = lock_for(session, request_id, by, version=version)
        for code, (answer, words) in found.items():
            row = CheckMade(wall=request.wall, request_id=request.id, code=code, found=answer, by_id=by.id, at=now)
            row.words = clean_typed(words)[0] or None
            session.add(row)
        record(session, Stream("request", request.id), "make_checks", by=by.actor, now=now, count=len(found))


def list_made(session: Session, request_id: UUID, user: User) -> list[Made]:
    """Return the latest finding of each check of a request that this user sees."""
    request = get_request(session, request_id, user)
    query = (
        select(CheckMade, UserAccount.name)
        .join(UserAccount, UserAccount.id == CheckMade.by_id)
        .where(CheckMade.wall == request.wall, CheckMade.request_id == request.id)
        .order_by(CheckMade.at, CheckMade.id)
    )
    latest = {row.code: (row, name) for row, name in session.execute(query)}
    if not latest:
        return []
    labels = {one.code: one.label for one in BUILT_IN}
    labels |= {row.code: row.label for row in session.scalars(select(ScreeningCheck))}
    return [
        Made(code, labels.get(code, code), Found(row.found), row.words or "", name, row.at)
        for code, (row, name) in latest.items()
    ]
