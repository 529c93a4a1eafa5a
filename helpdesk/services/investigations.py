"""Export the trail of a request or of a colleague: with a reason, and past the cap with a second person (T24, EV-5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from helpdesk.domain.investigations import (
    REASON_LABELS,
    InvestigationReason,
    NotAgreedError,
    check_length,
    check_may_answer,
    check_period,
    needs_second_person,
)
from helpdesk.models import About, Investigation
from infrastructure.calendar import LONDON
from infrastructure.database import transaction
from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from infrastructure.spreadsheet import write_table
from infrastructure.trail import Access, Stream, log_access, record
from service_request.domain.references import format_reference
from service_request.services.refusals import NotYoursError
from service_request.services.sight.investigating import Asked, check_about, count_lines, read_lines

MOST = 25
COLUMNS = (
    "when", "kind", "who", "kind of person", "person id", "what", "reference", "record", "from state", "to state",
    "facts", "reason", "seal", "id",
)  # fmt: skip
_Asker, _Answerer = aliased(UserAccount), aliased(UserAccount)


@dataclass(frozen=True)
class Facts:
    """One export as its page shows it; `about` is None where the one who looks may not know of it."""

    id: UUID
    about_kind: About
    about: str | None
    since: date
    until: date
    reason: InvestigationReason
    rows: int
    asked_by: str
    asked_at: datetime
    is_own: bool
    is_about_viewer: bool
    needs_second: bool
    answered_by: str | None
    answered_at: datetime | None
    is_agreed: bool | None
    taken_at: datetime | None

    @property
    def waits(self) -> bool:
        """Tell whether a second person still has to answer."""
        return self.needs_second and self.is_agreed is None

    @property
    def is_ready(self) -> bool:
        """Tell whether the one who asked may download it."""
        return not self.needs_second or self.is_agreed is True


def ask(
    session: Session,
    *,
    about: About,
    about_id: UUID,
    since: date,
    until: date,
    reason: InvestigationReason,
    by: User,
    now: datetime,
) -> UUID:
    """Ask for an export, count what is in it, and record who asked and why."""
    check_period(since, until)
    row = Investigation(
        wall=by.wall,
        about=about,
        about_id=about_id,
        since=since,
        until=until,
        reason_code=reason,
        rows=0,
        asked_by_id=by.id,
        asked_at=now,
    )
    asked = _asked(row)
    check_about(session, asked, by)
    row.rows = count_lines(session, asked, by)
    session.rollback()
    check_length(row.rows)
    with transaction(session):
        session.add(row)
        _record(session, "ask_investigation", row, by, now)
    return row.id


def answer(session: Session, *, investigation_id: UUID, agrees: bool, by: User, now: datetime) -> None:
    """Agree to an export, or refuse it: somebody else than the one who asked, and than the one it is about."""
    with transaction(session):
        row = _lock(session, investigation_id, by)
        check_may_answer(
            by=by.id, asked_by=row.asked_by_id, about=row.about_id, is_answered=row.answered_at is not None
        )
        row.answered_by_id, row.answered_at, row.is_agreed = by.id, now, agrees
        _record(session, "agree_investigation" if agrees else "refuse_investigation", row, by, now)


def take(session: Session, *, investigation_id: UUID, by: User, cap: int, now: datetime) -> tuple[str, bytes]:
    """Log the export with its reason, then give its file name and the file.

    What has been added to the trail since it was asked for is in it; past the cap, a second person has to agree.
    """
    row = _find(session, investigation_id, by)
    if row.asked_by_id != by.id:
        raise NotYoursError
    asked, about = _asked(row), check_about(session, _asked(row), by)
    rows = max(row.rows, count_lines(session, asked, by))
    session.rollback()
    check_length(rows)
    with transaction(session):
        row = _lock(session, investigation_id, by)
        row.rows = rows  # it may have grown past the cap: then a second person is asked now
        may_go = not needs_second_person(rows, cap) or row.is_agreed is True
        if may_go:
            row.taken_at = now
            _record(session, "take_investigation", row, by, now)
    if not may_go:
        raise NotAgreedError
    row = _find(session, investigation_id, by)
    session.expunge(row)  # the look is logged, and the file written, by what stands here now
    request_id = row.about_id if row.about is About.REQUEST else None
    log_access(
        session,
        Access.EXPORT,
        by=by.actor,
        now=now,
        request_id=request_id,
        ids=None if request_id else [row.about_id],
        wall=by.wall,
        reason_code=row.reason_code,
    )
    return f"trail-{row.id}.csv", b"".join(_table(session, row, asked, about, by, now))


def _table(session: Session, row: Investigation, asked: Asked, about: str, by: User, now: datetime) -> Iterator[bytes]:
    """Give the file: who took it, when and why stands at its top, so that a copy tells where it came from."""
    about = format_reference(about) if row.about is About.REQUEST else about
    head = [
        ("Export of the trail", row.id),
        ("about", about),
        ("first day", row.since.isoformat()),
        ("last day", row.until.isoformat()),
        ("reason", REASON_LABELS[InvestigationReason(row.reason_code)]),
        ("taken by", f"{by.name} ({by.id})"),
        ("taken at", now.isoformat(timespec="seconds")),
        ("what is in it", "What the person who took it may see. Keep it safe, and destroy it when it is done with."),
        (),
        COLUMNS,
    ]
    lines = (
        (
            line.at.isoformat(), line.what, line.by, line.actor_kind, line.actor_id, line.act, line.reference,
            line.record, line.from_state, line.to_state, line.facts, line.reason, line.seal, line.id,
        )
        for line in read_lines(session, asked, by)
    )  # fmt: skip
    yield from write_table(head)
    pieces = write_table(lines)
    next(pieces)  # the mark of UTF-8 stands once
    yield from pieces


def list_investigations(session: Session, user: User, *, cap: int) -> list[Facts]:
    """Return the exports of this side of the wall, the latest first."""
    query = _query(user).order_by(Investigation.asked_at.desc(), Investigation.id.desc()).limit(MOST)
    return [_facts(session, found, user, cap) for found in session.execute(query).all()]


def get_investigation(session: Session, investigation_id: UUID, user: User, *, cap: int) -> Facts:
    """Return one export, or raise NotYoursError."""
    found = session.execute(_query(user).where(Investigation.id == investigation_id)).one_or_none()
    if found is None:
        raise NotYoursError
    return _facts(session, found, user, cap)


def _query(user: User):  # type: ignore[no-untyped-def]
    return (
        select(Investigation, _Asker.name, _Answerer.name)
        .join(_Asker, _Asker.id == Investigation.asked_by_id)
        .outerjoin(_Answerer, _Answerer.id == Investigation.answered_by_id)
        .where(Investigation.wall == user.wall)
    )


def _facts(session: Session, found: tuple[Investigation, str, str | None], user: User, cap: int) -> Facts:
    row, asker, answerer = found
    try:
        about: str | None = check_about(session, _asked(row), user)
    except NotYoursError:
        about = None
    return Facts(
        id=row.id,
        about_kind=row.about,
        about=about,
        since=row.since,
        until=row.until,
        reason=InvestigationReason(row.reason_code),
        rows=row.rows,
        asked_by=asker,
        asked_at=row.asked_at,
        is_own=row.asked_by_id == user.id,
        is_about_viewer=row.about_id == user.id,
        needs_second=needs_second_person(row.rows, cap),
        answered_by=answerer,
        answered_at=row.answered_at,
        is_agreed=row.is_agreed,
        taken_at=row.taken_at,
    )


def _asked(row: Investigation) -> Asked:
    return Asked(
        request_id=row.about_id if row.about is About.REQUEST else None,
        person_id=row.about_id if row.about is About.PERSON else None,
        since=datetime.combine(row.since, time(), LONDON),
        until=datetime.combine(row.until + timedelta(days=1), time(), LONDON),
    )


def _find(session: Session, investigation_id: UUID, user: User) -> Investigation:
    query = select(Investigation).where(Investigation.wall == user.wall, Investigation.id == investigation_id)
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotYoursError
    return row


def _lock(session: Session, investigation_id: UUID, user: User) -> Investigation:
    query = select(Investigation).where(Investigation.wall == user.wall, Investigation.id == investigation_id)
    row = session.scalars(query.with_for_update(of=Investigation)).one_or_none()
    if row is None:
        raise NotYoursError
    return row


def _record(session: Session, act: str, row: Investigation, by: User, now: datetime) -> None:
    """Write the act into the trail of the one who does it, whose row is locked for it."""
    session.scalars(select(UserAccount.id).where(UserAccount.id == by.id).with_for_update()).one()
    record(
        session,
        Stream("user", by.id),
        act,
        by=by.actor,
        now=now,
        investigation=row.id,
        about=row.about,
        reason=row.reason_code,
        rows=row.rows,
    )
