"""What was sent to a team: its list, and one page a child with what to answer (look 11; GL-13, GL-17)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.domain.assignments import AssignmentState
from helpdesk.domain.closures import CLOSURE_LABELS, Closure
from helpdesk.domain.scopes import ASK_LABELS
from helpdesk.services import assignments as service
from helpdesk.services.sent_to_us import get_sent, list_sent
from helpdesk.web import saying
from helpdesk.web.blueprint import RECEIVES, blueprint, me
from helpdesk.web.forms import CloseReferralForm, FinishForm, HandBackForm, Versioned
from helpdesk.web.saving import STALE_PAGE
from helpdesk.web.scope import agreed_for_own, within_scope
from helpdesk.web.words import AGREES_LONG, DONE_WORDS, TOLD_LONG, WHO_LABELS
from infrastructure.calendar import LONDON
from infrastructure.database import db, utc_now
from infrastructure.files import file_size
from infrastructure.questions import choice
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from infrastructure.web.say_time import clock_state, time_left
from service_request.asking.steps import FormContext
from service_request.domain.errors import DomainError
from service_request.domain.standing import KIND_LABELS
from service_request.models import ReasonKind
from service_request.pathways.social_care.codes import SCHOOL_YEARS
from service_request.services.reasons import label_reasons, list_reasons
from service_request.services.refusals import NotYoursError, StaleEditError
from service_request.services.sight.files import list_granted_files
from service_request.services.sight.granted import (
    find_granted_consent,
    find_granted_response,
    get_granted,
)


@blueprint.get("/sent-to-us")
@guarded(RECEIVES)
def sent_to_us() -> ResponseReturnValue:
    """List what the team has in hand, what must be acknowledged first."""
    return _list(ended=False)


@blueprint.get("/sent-to-us/done")
@guarded(RECEIVES)
def sent_done() -> ResponseReturnValue:
    """List what the team is done with."""
    return _list(ended=True)


def _list(*, ended: bool) -> str:
    session, user, now = db.session(), me(), utc_now()
    rows = list_sent(session, user, ended=ended)
    shown = [row.glimpse.request_id for row in rows if row.glimpse and row.glimpse.label]
    log_access(session, Access.LIST, by=user.actor, now=now, ids=shown)
    return render_template(
        "helpdesk/sent_to_us.html",
        rows=rows,
        ended=ended,
        asks=ASK_LABELS,
        done=DONE_WORDS.get(request.args.get("done", "")),
        time_left=time_left,
        clock_state=clock_state,
    )


@blueprint.get("/assignments/<uuid:assignment_id>")
@guarded(RECEIVES)
def assignment(assignment_id: UUID) -> ResponseReturnValue:
    """Show what a team is asked to do, with what it needs for that and no more."""
    return _page(assignment_id)


@blueprint.post("/assignments/<uuid:assignment_id>/printed")
@guarded(RECEIVES)
def assignment_printed(assignment_id: UUID) -> ResponseReturnValue:
    """Log that it was printed; the page's script says so."""
    user = me()
    granted = get_granted(db.session(), assignment_id, user)
    log_access(db.session(), Access.PRINT, by=user.actor, now=utc_now(), request_id=granted.request_id)
    return "", 204


@blueprint.post("/assignments/<uuid:assignment_id>/acknowledge")
@guarded(RECEIVES)
def acknowledge(assignment_id: UUID) -> ResponseReturnValue:
    """Take it on; this needs no words."""
    form = Versioned(request.form, meta=GOVUK)

    def save() -> None:
        service.acknowledge(
            db.session(),
            assignment_id=assignment_id,
            version=form.written_on,
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    return _do(assignment_id, form, save, "acknowledge")


@blueprint.post("/assignments/<uuid:assignment_id>/hand-back")
@guarded(RECEIVES, keeps_words=True)
def hand_back(assignment_id: UUID) -> ResponseReturnValue:
    """Give it back to the helpdesk with a reason."""
    form = _offered(HandBackForm(request.form, meta=GOVUK, prefix="back-"))

    def save() -> None:
        service.hand_back(
            db.session(),
            assignment_id=assignment_id,
            version=form.written_on,
            reason=form.reason.data,
            words=form.words.data or "",
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    return _do(assignment_id, form, save, "hand_back", back=form, leaves=True)


@blueprint.post("/assignments/<uuid:assignment_id>/finish")
@guarded(RECEIVES, keeps_words=True)
def finish(assignment_id: UUID) -> ResponseReturnValue:
    """Say what was done."""
    form = FinishForm(request.form, meta=GOVUK, prefix="done-")

    def save() -> None:
        service.finish(
            db.session(),
            assignment_id=assignment_id,
            version=form.written_on,
            words=form.words.data or "",
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    return _do(assignment_id, form, save, "finish", finishing=form)


@blueprint.post("/assignments/<uuid:assignment_id>/close-referral")
@guarded(RECEIVES, keeps_words=True)
def close_referral(assignment_id: UUID) -> ResponseReturnValue:
    """Say when the referral closed, and why."""
    form = CloseReferralForm(request.form, meta=GOVUK, prefix="close-")

    def save() -> None:
        assert form.closed_on.data is not None
        service.close_referral(
            db.session(),
            assignment_id=assignment_id,
            version=form.written_on,
            closure=Closure(form.closure.data),
            closed_on=form.closed_on.data,
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    return _do(assignment_id, form, save, "closed_referral", closing=form)


def _do(
    assignment_id: UUID,
    form: Versioned,
    save: Callable[[], None],
    what: str,
    *,
    leaves: bool = False,
    **forms: Versioned,
) -> ResponseReturnValue:
    if forms and not csrf_holds():
        return _page(assignment_id, forms, problem=STALE_PAGE, status=400)
    if not form.validate():
        return _page(assignment_id, forms)
    try:
        save()
    except NotYoursError:
        raise
    except StaleEditError as stale:
        form.version.data = None
        return _page(assignment_id, forms, problem=stale.sentence, status=409)
    except DomainError as refusal:
        return _page(assignment_id, forms, problem=refusal.sentence, status=409)
    if leaves:
        return redirect(url_for("desk.sent_to_us", done=what))
    return redirect(url_for("desk.assignment", assignment_id=assignment_id, done=what))


def _offered(form: HandBackForm) -> HandBackForm:
    """Offer the authority's own reasons."""
    form.reason.choices = [choice(*one) for one in list_reasons(db.session(), ReasonKind.HAND_BACK)]
    return form


def _page(
    assignment_id: UUID, forms: dict[str, Versioned] | None = None, *, problem: str = "", status: int = 200
) -> tuple[str, int]:
    session, user, now, house = db.session(), me(), utc_now(), current_house()
    sent = get_sent(session, assignment_id, user)
    if sent.state in (AssignmentState.HANDED_BACK, AssignmentState.WITHDRAWN):
        hand_back = label_reasons(session, ReasonKind.HAND_BACK)
        page = render_template("helpdesk/assignment_over.html", sent=sent, hand_back=hand_back)
        return page, status
    granted = get_granted(session, assignment_id, user)
    consent = find_granted_consent(session, assignment_id, user)
    response = find_granted_response(session, assignment_id, user)
    files = list_granted_files(session, assignment_id, user)
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=granted.request_id)
    areas = ((granted.area_code, granted.area),) if granted.area_code and granted.area else ()
    context = FormContext(now.astimezone(LONDON).date(), house.settings.extra_exceptions, areas)
    sections = saying.read_sections(response, context) if response else []
    all_forms: dict[str, Versioned] = {
        "back": (forms or {}).get("back") or _offered(HandBackForm(meta=GOVUK, prefix="back-")),
        "finishing": FinishForm(meta=GOVUK, prefix="done-"),
        "closing": CloseReferralForm(meta=GOVUK, prefix="close-"),
        **(forms or {}),
    }
    for form in all_forms.values():
        form.version.data = form.version.data or str(sent.version)
    page = render_template(
        "helpdesk/assignment.html",
        sent=sent,
        granted=granted,
        consent=consent,
        agreed_for=agreed_for_own(consent, response, sections, granted),
        sections=within_scope(sections, sent.scope, granted),
        files=files,
        file_size=file_size,
        fetch_file=lambda one: url_for("desk.fetch_granted_file", assignment_id=assignment_id, file_id=one),
        clock=saying.clock_words(sent.clock, now, "Acknowledged") if sent.clock else None,
        problem=problem,
        done=DONE_WORDS.get(request.args.get("done", "")),
        asks=ASK_LABELS,
        kinds=KIND_LABELS,
        closures=CLOSURE_LABELS,
        told_long=TOLD_LONG,
        agrees_long=AGREES_LONG,
        who_labels=WHO_LABELS,
        school_years=dict(SCHOOL_YEARS),
        days=house.settings.acknowledge_working_days,
        **all_forms,
    )
    return page, status
