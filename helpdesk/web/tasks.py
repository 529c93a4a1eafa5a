"""What a person of the desk must do, each with what to do next (GL-12, GL-14, GL-17)."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.domain.closures import NOT_TOLD_LABELS, NotToldReason
from helpdesk.domain.matters import MATTER_WORDS
from helpdesk.services import telling
from helpdesk.services.tasks import finish_task, list_matters
from helpdesk.web.asked import KINDS as ASKED_WORDS
from helpdesk.web.blueprint import ACTS, DOES_TASKS, SAYS_WHY, TAKES_CALLS, blueprint, me
from helpdesk.web.forms import CannotTellForm, ToldByPhoneForm
from helpdesk.web.queue_rows import capped
from helpdesk.web.saving import STALE_PAGE
from helpdesk.web.words import DONE_VIEWS, DONE_WORDS, REQUEST_VIEWS, TASK_WORDS, VIEW_TITLES
from infrastructure.database import db, utc_now
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_settings
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.domain.errors import DomainError
from service_request.models import TaskKind
from service_request.services.mail.fetching import name_delays
from service_request.services.refusals import NotYoursError
from service_request.services.sight.desk import read_request
from service_request.services.sight.todo import get_owed_outcome, last_made_at, list_to_ring, list_todo
from service_request.services.sight.waiting import count_waiting

HELD_KINDS = (TaskKind.UNREADABLE, TaskKind.UNROUTED)  # about something that reached us and is no request yet
# Whoever asked is rung about these: who it is stands in the list, so that twelve calls are twelve rows.
TO_RING = frozenset(
    {
        TaskKind.CALL_BACK, TaskKind.CHASE, TaskKind.ASK_AGREEMENT, TaskKind.ASK_CAF, TaskKind.DELIVERY_FAILED,
        TaskKind.CONFIRM_AGENCY,
    }
)  # fmt: skip
MAILS = {
    "anchor": "the day's anchor of the trail",
    "acknowledgement": "the acknowledgement",
    "acknowledgement_public": "the acknowledgement",
    "asked": "the link to what we ask",
    "asked_again": "the reminder of what we asked",
    "call_received": "the link to the written form",
    "form_wished_again": "the reminder of the written form",
    "form_received": "the receipt of the written form",
    "outcome_professional": "the outcome",
    "outcome_public": "the outcome",
    "officer_reply": "the email that was written to them",
    "message_link": "the link to a message",
    "assignment": "the message to the team",
    "close_asked": "the question to the team whether the referral is closed",
    "assignment_withdrawn": "the message to the team that work was taken back",
    "glass_broken": "the message that a request was opened in an emergency",
    "clock_warning": "the warning to the manager",
    "clock_escalation": "the message to the next in line",
}


@blueprint.get("/tasks/<kind>")
@guarded(DOES_TASKS)
def tasks(kind: str) -> ResponseReturnValue:
    """List the tasks of a kind, and log what was listed."""
    if kind not in set(TaskKind):
        raise NotYoursError
    return _show(TaskKind(kind))


def _show(kind: TaskKind, *, problem: str = "", status: int = 200) -> ResponseReturnValue:
    session, user, now = db.session(), me(), utc_now()
    rows = list_todo(session, user, kind=kind)
    waiting = count_waiting(session, user)
    last_at = None if rows else last_made_at(session, user, kind=kind)
    open_matters = list_matters(session, rows, wall=user.wall)
    ids = [row.request_id for row in rows if row.request_id]
    log_access(session, Access.LIST, by=user.actor, now=now, ids=ids)
    page = render_template(
        "helpdesk/tasks.html",
        kind=kind,
        words=TASK_WORDS[kind],
        rows=rows,
        ends={task_id: MATTER_WORDS[matter].ends for task_id, matter in open_matters.items()},
        problem=problem,
        last_at=last_at,
        mails=MAILS,
        asked_words=ASKED_WORDS,
        to_ring=list_to_ring(session, user, ids) if kind in TO_RING and ids else {},
        may_tell=ACTS.admits(user),
        may_say_why=SAYS_WHY.admits(user),
        held_kinds=HELD_KINDS,
        delays=name_delays(current_settings(), user.wall),
        may_read_held=TAKES_CALLS.admits(user),
        waiting=waiting,
        titles=VIEW_TITLES,
        request_views=REQUEST_VIEWS,
        done_views=DONE_VIEWS,
        task_words=TASK_WORDS,
        capped=capped,
        done="" if problem else DONE_WORDS.get(request.args.get("done", "")),
    )
    return page, status


@blueprint.post("/tasks/<uuid:task_id>/done")
@guarded(DOES_TASKS)
def task_done(task_id: UUID) -> ResponseReturnValue:
    """Mark a task as done, or say what is still open behind it."""
    kind = request.form.get("kind", "")
    kind = TaskKind(kind) if kind in set(TaskKind) else TaskKind.CALL_BACK
    try:
        finish_task(db.session(), task_id=task_id, is_noted="noted" in request.args, by=me(), now=utc_now())
    except NotYoursError:
        raise
    except DomainError as refusal:
        return _show(kind, problem=refusal.sentence, status=409)
    return redirect(url_for("desk.tasks", kind=kind, done="task"))


@blueprint.route("/requests/<uuid:request_id>/outcomes/<uuid:outcome_id>", methods=["GET", "POST"])
@guarded(ACTS, keeps_words=True)
def tell_outcome(request_id: UUID, outcome_id: UUID) -> ResponseReturnValue:
    """Record that the outcome was told by phone, or why nobody can be told (GL-14)."""
    which = request.form.get("act", "")
    told = ToldByPhoneForm(request.form if which == "told" else None, meta=GOVUK, prefix="told-")
    cannot = CannotTellForm(request.form if which == "cannot" else None, meta=GOVUK, prefix="cannot-")
    session, user, now = db.session(), me(), utc_now()
    get_owed_outcome(session, outcome_id, user)
    problem, status = "", 200
    if request.method == "POST":
        try:
            if not csrf_holds():
                problem, status = STALE_PAGE, 400
            elif which == "told" and told.validate():
                telling.told_by_phone(session, outcome_id=outcome_id, words=told.words.data or "", by=user, now=now)
                return redirect(url_for("desk.request_page", request_id=request_id, done="told"))
            elif which == "cannot" and cannot.validate():
                reason = NotToldReason(cannot.reason.data)
                telling.not_deliverable(session, outcome_id=outcome_id, reason=reason, by=user, now=now)
                return redirect(url_for("desk.request_page", request_id=request_id, done="cannot_tell"))
        except NotYoursError:
            raise
        except DomainError as refusal:
            problem, status = refusal.sentence, 409
    facts = read_request(session, request_id, user)
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=request_id)
    page = render_template(
        "helpdesk/tell.html", request_=facts, told=told, cannot=cannot, problem=problem, reasons=NOT_TOLD_LABELS
    )
    return page, status
