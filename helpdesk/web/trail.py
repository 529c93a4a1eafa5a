"""The trail as people see it: who looked at a request, how the trail stands, and exports for an investigation."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.domain.investigations import REASON_LABELS, InvestigationReason
from helpdesk.domain.sight_reasons import EMERGENCY_LABELS, Emergency
from helpdesk.models import About
from helpdesk.services import investigations as service
from helpdesk.services.trail_state import trail_state
from helpdesk.web.blueprint import ANSWERS_FOR, INVESTIGATES, blueprint, me
from helpdesk.web.trail_forms import AskForm
from infrastructure.calendar import LONDON
from infrastructure.database import Wall, db, utc_now
from infrastructure.identity.users import User
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_settings
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.domain.errors import DomainError
from service_request.domain.references import parse_reference
from service_request.services.refusals import NotYoursError
from service_request.services.sight.investigating import find_reference, list_colleagues
from service_request.services.sight.looks import page_of_lists, page_of_looks
from service_request.services.sight.visible import get_request

STALE_PAGE = "This page was open for too long. Nothing was lost: check it and press the button again."
ACCESS_WORDS: dict[str, str] = {
    Access.VIEW: "Opened it",
    Access.LIST: "Saw it on a list",
    Access.SEARCH: "Found it by a search",
    Access.EXPORT: "Downloaded it",
    Access.PRINT: "Printed it",
    Access.BREAK_GLASS: "Broke the glass",
}
WEEK = timedelta(days=7)
PAGES = 10_000  # a number past any list, which every database can count to


@blueprint.get("/requests/<uuid:request_id>/looks")
@guarded(ANSWERS_FOR)
def looks(request_id: UUID) -> ResponseReturnValue:
    """Show who has looked at a request, look by look; this look counts too."""
    session, user, now = db.session(), me(), utc_now()
    row = get_request(session, request_id, user)
    reference = row.reference
    page = min(max(1, request.args.get("page", 1, type=int)), PAGES)
    shows_lists = request.args.get("show") == "lists"
    until = _day(request.args.get("until")) or now.astimezone(LONDON).date()
    week_ends = datetime.combine(until + timedelta(days=1), time(), LONDON)
    if shows_lists:
        found = page_of_lists(session, request_id, user, since=week_ends - WEEK, until=week_ends, page=page)
    else:
        found = page_of_looks(session, request_id, user, page=page)
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=request_id, wall=user.wall)
    return render_template(
        "helpdesk/looks.html",
        request_id=request_id,
        reference=reference,
        back=_back(user, request_id),
        looks=found,
        shows_lists=shows_lists,
        until=until,
        first=until - timedelta(days=6),
        earlier=until - WEEK,
        later=min(until + WEEK, now.astimezone(LONDON).date()),
        is_last_week=until >= now.astimezone(LONDON).date(),
        words=ACCESS_WORDS,
        why=_why,
    )


@blueprint.get("/trail")
@guarded(INVESTIGATES)
def trail() -> ResponseReturnValue:
    """Say how the trail stands, and list the exports that were asked for."""
    session, user, settings = db.session(), me(), current_settings()
    return render_template(
        "helpdesk/trail.html",
        state=trail_state(session, settings, now=utc_now()),
        rows=service.list_investigations(session, user, cap=settings.export_rows),
        reasons=REASON_LABELS,
    )


@blueprint.route("/trail/export", methods=["GET", "POST"])
@guarded(INVESTIGATES, keeps_words=True)
def ask_export() -> ResponseReturnValue:
    """Ask for an export: about a request or a colleague, for a time, with a reason."""
    session, user, now = db.session(), me(), utc_now()
    form = AskForm(request.form if request.method == "POST" else None, meta=GOVUK)
    form.offer(list_colleagues(session, user))
    session.rollback()
    problem, status = "", 200
    if request.method == "POST":
        try:
            if not csrf_holds():
                problem, status = STALE_PAGE, 400
            elif form.validate() and (about := _about(form, user)) is not None:
                made = service.ask(
                    session,
                    about=about[0],
                    about_id=about[1],
                    since=form.first_day,
                    until=form.last_day,
                    reason=InvestigationReason(form.reason.data),
                    by=user,
                    now=now,
                )
                return redirect(url_for("desk.export", investigation_id=made))
        except DomainError as refusal:
            problem, status = refusal.sentence, 409
    page = render_template("helpdesk/ask_export.html", form=form, problem=problem)
    return page, status


@blueprint.get("/trail/exports/<uuid:investigation_id>")
@guarded(INVESTIGATES)
def export(investigation_id: UUID) -> ResponseReturnValue:
    """Show one export: what is in it, who has to agree, and the way to download it."""
    return _show(investigation_id)


@blueprint.post("/trail/exports/<uuid:investigation_id>/answer")
@guarded(INVESTIGATES)
def answer_export(investigation_id: UUID) -> ResponseReturnValue:
    """Agree to somebody else's export, or refuse it."""
    agrees = request.form.get("agrees") == "yes"
    try:
        service.answer(db.session(), investigation_id=investigation_id, agrees=agrees, by=me(), now=utc_now())
    except NotYoursError:
        raise
    except DomainError as refusal:
        return _show(investigation_id, problem=refusal.sentence, status=409)
    return redirect(url_for("desk.export", investigation_id=investigation_id))


@blueprint.post("/trail/exports/<uuid:investigation_id>/file")
@guarded(INVESTIGATES)
def take_export(investigation_id: UUID) -> ResponseReturnValue:
    """Download an export as a table for a spreadsheet; the download is logged with its reason."""
    try:
        name, content = service.take(
            db.session(), investigation_id=investigation_id, by=me(), cap=current_settings().export_rows, now=utc_now()
        )
    except NotYoursError:
        raise
    except DomainError as refusal:
        return _show(investigation_id, problem=refusal.sentence, status=409)
    response = Response(content, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _show(investigation_id: UUID, *, problem: str = "", status: int = 200) -> tuple[str, int]:
    facts = service.get_investigation(db.session(), investigation_id, me(), cap=current_settings().export_rows)
    page = render_template(
        "helpdesk/export.html", facts=facts, reasons=REASON_LABELS, problem=problem, cap=current_settings().export_rows
    )
    return page, status


def _about(form: AskForm, user: User) -> tuple[About, UUID] | None:
    """Return what was chosen, or None with the fault said on the form."""
    if form.about.data == About.PERSON:
        return About.PERSON, UUID(form.person.data)
    reference = parse_reference(form.reference.data or "")
    try:
        if reference is not None:
            return About.REQUEST, find_reference(db.session(), reference, user)
    except NotYoursError:
        pass
    form.reference.errors = ["Enter the reference of a request that you can open, like K7RM-4TXC"]
    return None


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 2000 <= found.year <= 9000 else None


def _why(code: str | None) -> str:
    if code in set(Emergency):
        return EMERGENCY_LABELS[Emergency(str(code))]
    return REASON_LABELS[InvestigationReason(str(code))] if code in set(InvestigationReason) else ""


def _back(user: User, request_id: UUID) -> str:
    endpoint = "desk.enquiry" if user.wall is Wall.SENDIASS else "desk.request_page"
    return url_for(endpoint, request_id=request_id)
