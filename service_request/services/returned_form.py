"""The form returned with the actions recorded (GL-14): made by the worker, made again when more was done."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from infrastructure.calendar import LONDON
from infrastructure.database import Wall, transaction
from infrastructure.files import Typeset
from infrastructure.house import House
from infrastructure.settings import Settings
from infrastructure.trail import SYSTEM, Stream, record
from infrastructure.web.say_time import public_clock, public_date, public_day
from service_request.domain.references import format_reference
from service_request.models import File, FileState, Outcome, TaskKind
from service_request.pathways.social_care.forms import FormContext, FormKind
from service_request.pathways.social_care.reading import AnswerState, ReadRow, ReadSection, read_back
from service_request.services.areas import list_areas
from service_request.services.returned_content import (
    ReturnedAction,
    ReturnedChild,
    ReturnedForm,
    ReturnedRow,
    ReturnedSection,
    typeset,
)
from service_request.services.sight.system import lock_request
from service_request.services.sight.system_files import (
    FAILED,
    MADE,
    FormToReturn,
    count_failures,
    find_form_to_return,
    list_outcomes_wanting_form,
)
from service_request.services.tasks import finish_tasks, need_task

OWNER, KIND = "outcome", "pdf"
TRY_AGAIN = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))  # then every 30 minutes
TELL_AT = 3  # failures, after which a person knows

log = structlog.get_logger("returned_form")


def list_wanted(session: Session, now: datetime) -> list[UUID]:
    """Return the outcomes whose form is to be made by now."""
    return list_outcomes_wanting_form(session, now=now)


def make_returned_form(session: Session, outcome_id: UUID, *, now: datetime, house: House) -> None:
    """Make the form returned of an outcome, once however often it is asked for.

    It is set with no connection held; what was recorded meanwhile leaves it wanted, and the next turn makes it whole.
    A failure puts it off, and after the third a person of the desk has a task.
    """
    form = find_form_to_return(session, outcome_id)
    if form is None or form.wanted_at > now:
        return
    if form.outcome is None or form.answers is None:
        _drop(session, form, now)
        return
    areas = list_areas(session)
    session.rollback()
    try:
        content = content_of(form, areas=areas, settings=house.settings, now=now)
        made = typeset(content)
    except SQLAlchemyError:
        raise
    except Exception as error:
        _put_off(session, form, error, now)
        return
    _keep(session, form, content, made, now)


def _keep(session: Session, form: FormToReturn, content: ReturnedForm, made: Typeset, now: datetime) -> None:
    """Store the file and point the outcome at it, unless another worker did or more was recorded since it was read."""
    with transaction(session):
        outcome = _locked(session, form)
        if outcome.pdf_wanted_at != form.wanted_at:
            return
        digest = sha256(made.pdf).hexdigest()
        file = File(
            wall=Wall.OPEN,
            owner_kind=OWNER,
            owner_id=outcome.id,
            name=content.file_name,
            kind=KIND,
            sha256=digest,
            size=len(made.pdf),
            pages=made.pages,
            content=made.pdf,
            state=FileState.CLEAN,
            made_at=now,
        )
        session.add(file)
        replaces, outcome.file_id, outcome.pdf_wanted_at = outcome.file_id, file.id, None
        record(
            session,
            Stream("request", form.request_id),
            MADE,
            by=SYSTEM,
            now=now,
            outcome=outcome.id,
            file=file.id,
            replaces=replaces,
            sha256=digest,
            pages=made.pages,
        )
        finish_tasks(
            session,
            request_id=form.request_id,
            kinds=frozenset({TaskKind.PDF_FAILED}),
            about_id=outcome.id,
            by=SYSTEM,
            now=now,
        )


def _put_off(session: Session, form: FormToReturn, error: Exception, now: datetime) -> None:
    """Try again later, and have a person know after the third time. The error's words are not kept: they may quote."""
    code = type(error).__name__
    log.warning("form_returned_failed", outcome=str(form.outcome_id), error=code)
    with transaction(session):
        outcome = _locked(session, form)
        if outcome.pdf_wanted_at != form.wanted_at:
            return
        failures = 1 + count_failures(session, form.request_id, form.outcome_id)
        outcome.pdf_wanted_at = now + TRY_AGAIN[min(failures, len(TRY_AGAIN)) - 1]
        stream = Stream("request", form.request_id)
        event = record(session, stream, FAILED, by=SYSTEM, now=now, outcome=outcome.id, failures=failures, error=code)
        if failures == TELL_AT:
            need_task(
                session,
                TaskKind.PDF_FAILED,
                cause=f"pdf_failed:{event.id}",
                request_id=form.request_id,
                about_id=outcome.id,
                now=now,
            )


def _drop(session: Session, form: FormToReturn, now: datetime) -> None:
    """Want no form any more of what was erased."""
    with transaction(session):
        outcome = _locked(session, form)
        if outcome.pdf_wanted_at is not None:
            outcome.pdf_wanted_at = None
            record(
                session,
                Stream("request", form.request_id),
                "form_returned_dropped",
                by=SYSTEM,
                now=now,
                outcome=outcome.id,
            )


def _locked(session: Session, form: FormToReturn) -> Outcome:
    lock_request(session, form.request_id)
    return session.get_one(Outcome, form.outcome_id, populate_existing=True)


def content_of(
    form: FormToReturn, *, areas: tuple[tuple[str, str], ...], settings: Settings, now: datetime
) -> ReturnedForm:
    """Return the words of the form returned: the outcome as told, and the answers with the labels of their version."""
    body = form.outcome or {}
    received = form.received_at.astimezone(LONDON)
    context = FormContext(today=received.date(), extra_exceptions=settings.extra_exceptions, areas=areas)
    kind = FormKind(form.kind)
    sections = read_back(kind, form.answers or {}, context, version=form.form_version)
    children = tuple(ReturnedChild(row["label"], row["decision"], row["action"]) for row in body["rows"])
    is_named = kind is not FormKind.IN_PRINCIPLE
    return ReturnedForm(
        authority=settings.authority_name,
        brand_colour=settings.brand_colour,
        reference=format_reference(form.reference),
        received_at=f"Received at {_moment(form.received_at)}",
        headline=body["h1"],
        lead=_lead(body),
        children=children,
        reason=body["why"],
        decided=_decided(body),
        actions=tuple(ReturnedAction(_short_moment(_time(at)), what) for at, what in body["actions"]),
        note=_how_to_keep(len(children), is_named=is_named),
        sections=tuple(_section(section) for section in sections),
        names_children=is_named,
        made_at=now,
    )


def _lead(body: dict[str, Any]) -> str:
    corrected = "Corrected outcome: this decision replaces the earlier one." if body.get("is_corrected") else ""
    return "\n".join(words for words in (body.get("lead", ""), corrected) if words)


def _decided(body: dict[str, Any]) -> str:
    who = ", ".join(words for words in (body.get("decided_by", ""), body.get("decided_by_title", "")) if words)
    return (
        f"{who}, at {_moment(_time(body['decided_at']))}" if who else f"Decided at {_moment(_time(body['decided_at']))}"
    )


def _how_to_keep(children: int, *, is_named: bool) -> str:
    if not is_named:
        return "Keep it with your own notes of this discussion, and do not forward it by plain email."
    whom = {1: "the child", 2: "both children"}.get(children, "the children")
    return f"It names {whom}. Keep it in the child protection file, and do not forward it by plain email."


def _section(section: ReadSection) -> ReturnedSection:
    return ReturnedSection(section.title, tuple(_row(row) for row in section.rows))


def _row(row: ReadRow) -> ReturnedRow:
    is_missing = row.state is AnswerState.MISSING
    return ReturnedRow(row.label, "" if is_missing else row.value, tag=row.value if is_missing else "")


def _time(written: str) -> datetime:
    return datetime.fromisoformat(written)


def _moment(at: datetime) -> str:
    """Return "2:31pm on Tuesday 17 November 2026"."""
    day = at.astimezone(LONDON).date()
    return f"{public_clock(at)} on {public_day(day)} {day.year}"


def _short_moment(at: datetime) -> str:
    """Return "17 November 2026, 2:31pm"."""
    return f"{public_date(at.astimezone(LONDON).date())}, {public_clock(at)}"
