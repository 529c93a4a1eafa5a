"""Import one file whole or not at all, and keep it with the report on each row (A4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.import_faults import Fault
from helpdesk.models import ImportRun
from helpdesk.services.authority import STREAM
from helpdesk.services.importing.format import Bringing, Format
from helpdesk.services.importing.reading import read_sheet
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.spreadsheet import write_table
from infrastructure.trail import SYSTEM, Stream, record
from service_request.models import Area
from service_request.services.refusals import NotYoursError

MOST_SHOWN = 50  # of the rows that differ
MOST_FAULTS = 500  # kept and shown: who meets more has the wrong file


def import_file(
    session: Session, form: Format, content: bytes, *, dry_run: bool, by: User | None, now: datetime, house: House
) -> ImportRun:
    """Make the database hold what the file says, in one transaction, and return what came of it.

    With a fault, or as a dry run, nothing is changed but that the file and its report are kept. The same file again
    changes nothing.
    """
    sheet = read_sheet(content, form.columns, may_be_empty=form.may_be_empty)
    with transaction(session):
        session.scalars(select(Area).with_for_update(of=Area)).all()
        doing = Bringing(session, now, by)
        doing.faults += sheet.faults
        tried = session.begin_nested()
        if sheet.rows or not sheet.faults:  # the other rows are looked at all the same, so that all is named at once
            form.bring(doing, sheet.rows)
            session.flush()
        if doing.faults or dry_run:
            tried.rollback()
        else:
            tried.commit()
        is_accepted = not (doing.faults or dry_run)
        counts = doing.changes if not doing.faults else Bringing(session, now, by).changes
        run = ImportRun(
            kind=form.kind,
            content=content,
            digest=hashlib.sha256(content).digest(),
            is_accepted=is_accepted,
            rows=sheet.read,
            added=counts.added,
            changed=counts.changed,
            ended=counts.ended,
            report=[[one.row, one.column, one.code, one.about] for one in _in_order(doing.faults)],
            by_id=by.id if by else None,
            at=now,
        )
        session.add(run)
        session.flush()
        if is_accepted and counts.any:
            record(
                session, Stream("setting", STREAM.id), "import", by=by.actor if by else SYSTEM, now=now, run=run.id,
                kind=form.kind, added=counts.added, changed=counts.changed, ended=counts.ended,
            )  # fmt: skip
    if is_accepted:
        house.office.forget()  # the days and hours of the office may be among what changed
    return run


def _in_order(faults: list[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda one: one.row)[:MOST_FAULTS]


def faults_of(run: ImportRun) -> list[Fault]:
    """Return what was wrong with the file of a run, row by row."""
    return [Fault(*row) for row in run.report]


def get_run(session: Session, run_id: UUID) -> ImportRun:
    """Return one import, or raise NotYoursError."""
    run = session.get(ImportRun, run_id)
    if run is None:
        raise NotYoursError
    return run


@dataclass(frozen=True)
class Compared:
    """The rows that stand in a file alone, and those that stand in the table alone, up to a number that can be read."""

    in_file: tuple[Sequence[str], ...]
    in_table: tuple[Sequence[str], ...]
    more: int  # how many are left out


def compare(session: Session, form: Format, run: ImportRun, *, now: datetime) -> Compared:
    """Say row by row what importing a file changes, so that nobody ends by a short file what was not meant to end."""
    said = [
        tuple(row[column] for column in form.columns)
        for row in read_sheet(run.content or b"", form.columns, may_be_empty=form.may_be_empty).rows
    ]
    lists = {row[0] for row in said} if form.keeps_other_lists else None
    stands = [tuple(row) for row in form.list_rows(session, now) if lists is None or row[0] in lists]
    in_file, in_table = _without(said, stands), _without(stands, said)
    more = max(len(in_file) - MOST_SHOWN, 0) + max(len(in_table) - MOST_SHOWN, 0)
    return Compared(tuple(in_file[:MOST_SHOWN]), tuple(in_table[:MOST_SHOWN]), more)


def _without(rows: Sequence[Sequence[str]], others: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    known = {tuple(cell.casefold() for cell in row) for row in others}
    return [row for row in rows if tuple(cell.casefold() for cell in row) not in known]


def list_runs(session: Session, *, most: int = 20) -> list[ImportRun]:
    """Return the latest imports, without their files."""
    query = select(ImportRun).order_by(ImportRun.at.desc(), ImportRun.id.desc()).limit(most)
    return list(session.scalars(query))


def write_rows(session: Session, form: Format, *, now: datetime) -> Iterator[bytes]:
    """Give what stands now as CSV, which imports back unchanged."""
    return write_table([form.columns, *form.list_rows(session, now)])
