"""Words that are sent often, on each side of the wall its own: added, changed and given up, and read by all (SE-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.domain.placeholders import check_known
from helpdesk.domain.saved_answers import AnswerKind
from infrastructure.database import Wall, transaction, uuid7
from infrastructure.identity.users import User
from infrastructure.trail import Stream, record
from service_request.models import SavedAnswer
from service_request.services.refusals import NotYoursError


@dataclass(frozen=True)
class Answer:
    """A saved answer as pages show it."""

    id: UUID
    title: str
    body: str
    kind: AnswerKind


def list_answers(session: Session, user: User, *, kind: AnswerKind | None = None) -> list[Answer]:
    """Return the saved answers of this user's side that are in use, in their order (of one kind, if it is named)."""
    query = select(SavedAnswer).where(SavedAnswer.wall == user.wall, SavedAnswer.given_up_at.is_(None))
    if kind is not None:
        query = query.where(SavedAnswer.kind == kind)
    rows = session.scalars(query.order_by(SavedAnswer.position, SavedAnswer.title))
    return [_answer(row) for row in rows]


def get_answer(session: Session, answer_id: UUID, user: User) -> Answer:
    """Return a saved answer of this user's side, one that was given up too, or raise NotYoursError."""
    return _answer(_get(session, answer_id, user.wall))


def add_answer(session: Session, *, title: str, body: str, kind: AnswerKind, by: User, now: datetime) -> UUID:
    """Add a saved answer at the end of the list; raise PlaceholderUnknownError for a place that nobody fills."""
    check_known(body)
    with transaction(session):
        last = select(func.max(SavedAnswer.position)).where(SavedAnswer.wall == by.wall)
        row = SavedAnswer(
            wall=by.wall,
            id=uuid7(),
            code=uuid7().hex,
            title=title.strip(),
            body=body.strip(),
            kind=kind,
            position=(session.scalars(last).one() or 0) + 1,
        )
        session.add(row)
        record(session, Stream("saved_answer", row.id), "add", by=by.actor, now=now, is_first=True)
        return row.id


def change_answer(
    session: Session, *, answer_id: UUID, title: str, body: str, kind: AnswerKind, by: User, now: datetime
) -> None:
    """Change a saved answer, and bring it back if it was given up; what was sent with it stays as it was sent.

    Raises PlaceholderUnknownError, and NotYoursError for one of the other side.
    """
    check_known(body)
    with transaction(session):
        row = _get(session, answer_id, by.wall, lock=True)
        row.given_up_at = None
        row.title, row.body, row.kind = title.strip(), body.strip(), kind
        record(session, Stream("saved_answer", row.id), "change", by=by.actor, now=now)


def give_up_answer(session: Session, *, answer_id: UUID, by: User, now: datetime) -> None:
    """Take a saved answer out of the lists; a second press changes nothing."""
    with transaction(session):
        row = _get(session, answer_id, by.wall, lock=True)
        if row.given_up_at is not None:
            return
        row.given_up_at = now
        record(session, Stream("saved_answer", row.id), "give_up", by=by.actor, now=now)


def _get(session: Session, answer_id: UUID, wall: Wall, *, lock: bool = False) -> SavedAnswer:
    query = select(SavedAnswer).where(SavedAnswer.wall == wall, SavedAnswer.id == answer_id)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotYoursError
    return row


def _answer(row: SavedAnswer) -> Answer:
    return Answer(row.id, row.title, row.body, AnswerKind(row.kind))
