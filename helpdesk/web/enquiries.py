"""SENDIASS's own desk, inside the wall: what was handed over, one enquiry, and the one door out (SE-5)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.domain.matters import MATTER_WORDS
from helpdesk.services import sharing
from helpdesk.services.tasks import finish_task, list_matters
from helpdesk.web.blueprint import ADVISES, blueprint, me
from helpdesk.web.enquiry_forms import ShareForm
from helpdesk.web.enquiry_page import show
from helpdesk.web.enquiry_rows import VIEWS, group_rows, row_words
from helpdesk.web.enquiry_words import INSIDE_TASK_WORDS
from helpdesk.web.files import hand_out
from helpdesk.web.queue_rows import capped
from helpdesk.web.saving import STALE_PAGE
from helpdesk.web.words import DONE_WORDS, TASK_WORDS
from infrastructure.calendar import LONDON
from infrastructure.database import Wall, db, utc_now
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.domain.consent import Told
from service_request.domain.errors import DomainError
from service_request.models import TaskKind
from service_request.pathways.sendiass.deadlines import parse_holidays
from service_request.services.mail.fetching import name_delays
from service_request.services.refusals import NotYoursError
from service_request.services.send_form import NotReadyError
from service_request.services.sight.desk import RequestFacts, read_request
from service_request.services.sight.enquiry_queue import EnquiryPlace, EnquiryView, count_enquiries, list_enquiries
from service_request.services.sight.files import get_file
from service_request.services.sight.held_arrivals import count_post
from service_request.services.sight.todo import TaskRow, list_todo

INSIDE = Wall.SENDIASS


@blueprint.get("/enquiries")
@guarded(ADVISES)
def enquiries() -> ResponseReturnValue:
    """Show a page of a view, danger and dates that the law sets first, and log what was listed."""
    return _show()


def _show(*, problem: str = "", status: int = 200) -> ResponseReturnValue:
    session, user, now, house = db.session(), me(), utc_now(), current_house()
    view = _view(request.args.get("view"))
    after = EnquiryPlace.parse(request.args.get("after", ""))
    page = list_enquiries(session, user, view=view, after=after)
    counts, post = count_enquiries(session, user), count_post(session, user)
    todo = list_todo(session, user, kind=None)
    open_matters = list_matters(session, todo, wall=INSIDE)
    log_access(session, Access.LIST, by=user.actor, now=now, ids=[row.id for row in page.rows], wall=INSIDE)
    holidays = parse_holidays(house.settings.school_holidays)
    shown = render_template(
        "helpdesk/enquiries.html",
        ends={task_id: MATTER_WORDS[matter].ends for task_id, matter in open_matters.items()},
        problem=problem,
        view=view.value,
        title=VIEWS[view][0],
        empty=VIEWS[view][1],
        groups=group_rows([row_words(row, now, house.calendar, holidays) for row in page.rows], view),
        next_place=page.next_place,
        is_later=after is not None,
        counts=counts,
        count=counts[view].many,
        held_count=post.held,
        filed_count=post.filed,
        capped=capped,
        user=user,
        todo=[one for one in todo if not _is_late(one, now)],
        late=sorted((one for one in todo if _is_late(one, now)), key=lambda one: one.kind is not TaskKind.DANGER),
        delays=name_delays(house.settings, user.wall),
        task_words={**TASK_WORDS, **INSIDE_TASK_WORDS},
        done="" if problem else _done_words(),
    )
    return shown, status


@blueprint.post("/enquiries/tasks/<uuid:task_id>/done")
@guarded(ADVISES)
def enquiry_task_done(task_id: UUID) -> ResponseReturnValue:
    """Mark what had to be looked into as done, or say what is still open behind it."""
    try:
        finish_task(db.session(), task_id=task_id, by=me(), now=utc_now())
    except NotYoursError:
        raise
    except DomainError as refusal:
        return _show(problem=refusal.sentence, status=409)
    return redirect(url_for("desk.enquiries", done="task"))


@blueprint.get("/enquiries/<uuid:request_id>")
@guarded(ADVISES)
def enquiry(request_id: UUID) -> ResponseReturnValue:
    """Show one enquiry, and log the look inside the wall."""
    return show(request_id)


@blueprint.post("/enquiries/<uuid:request_id>/printed")
@guarded(ADVISES)
def enquiry_printed(request_id: UUID) -> ResponseReturnValue:
    """Log inside the wall that an enquiry was printed; the page's script says so."""
    _read(request_id)
    log_access(db.session(), Access.PRINT, by=me().actor, now=utc_now(), request_id=request_id, wall=INSIDE)
    return "", 204


@blueprint.get("/enquiries/<uuid:request_id>/files/<uuid:file_id>")
@guarded(ADVISES)
def enquiry_file(request_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """Hand out a file of an enquiry."""
    found = get_file(db.session(), request_id, file_id, me())
    return hand_out(found, url_for("desk.enquiry", request_id=request_id, _anchor="files"))


@blueprint.route("/enquiries/<uuid:request_id>/share", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def share_concern(request_id: UUID) -> ResponseReturnValue:
    """Ask what a team outside needs to know, or share it; every word typed is kept until it is shared."""
    session, now = db.session(), utc_now()
    form = ShareForm(
        request.form,
        meta=GOVUK,
        teams=sharing.list_teams_to_share_with(session, now),
        today=now.astimezone(LONDON).date(),
    )
    problem, status = "", 200
    if request.method == "POST":
        if not csrf_holds():
            problem, status = STALE_PAGE, 400
        elif form.validate():
            try:
                sharing.share(
                    session, request_id=request_id, new=_written(form), by=me(), now=now, house=current_house()
                )
            except NotYoursError:
                raise
            except NotReadyError as refusal:
                problem, status = ". ".join(one.message for one in refusal.problems), 409
            except DomainError as refusal:
                problem, status = refusal.sentence, 409
            else:
                return redirect(url_for("desk.enquiry", request_id=request_id, done="shared"))
    facts = _read(request_id)
    log_access(db.session(), Access.VIEW, by=me().actor, now=now, request_id=request_id, wall=INSIDE)
    form.share_id.data = str(_share_id(form))
    return render_template("helpdesk/share.html", request_=facts, form=form, problem=problem), status


def _read(request_id: UUID) -> RequestFacts:
    return read_request(db.session(), request_id, me())


def _written(form: ShareForm) -> sharing.NewShare:
    return sharing.NewShare(
        id=_share_id(form),
        team_id=UUID(form.team.data),
        reason=form.reason.data or "",
        concern=form.concern.data or "",
        urgency=form.urgency.data,
        told=Told(form.told.data),
        risk_reason=form.risk_reason.data or "",
        child_name=(form.child_name.data or "").strip(),
        birth_on=form.birth_on.data,
    )


def _share_id(form: ShareForm) -> UUID:
    try:
        return UUID(form.share_id.data or "")
    except ValueError:
        return uuid4()


def _is_late(one: TaskRow, now: datetime) -> bool:
    """Tell whether something should have been looked into by now: it then stands before everything else."""
    return one.due_at is not None and one.due_at <= now


def _view(text: str | None) -> EnquiryView:
    try:
        return EnquiryView(text or EnquiryView.OPEN)
    except ValueError:
        return EnquiryView.OPEN


def _done_words() -> str | None:
    return DONE_WORDS.get(request.args.get("done", ""))
