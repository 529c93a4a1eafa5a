"""Open in an emergency what is not theirs to see, end it, and say afterwards whether it was right (EV-5)."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.domain.sight_reasons import EMERGENCY_LABELS, Emergency
from helpdesk.services import break_glass as service
from helpdesk.web.blueprint import READS, REVIEWS, blueprint, me
from helpdesk.web.saving import STALE_PAGE
from helpdesk.web.sight_forms import GlassForm, ReviewForm
from infrastructure.database import db, utc_now
from infrastructure.identity.attempts import TooManyAttemptsError
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house, current_settings
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.domain.errors import DomainError
from service_request.models import TaskKind
from service_request.services.sight.glass import get_review

TOO_MANY = "You have tried too often. Wait an hour, or ask a service manager."


@blueprint.route("/break-glass", methods=["GET", "POST"])
@guarded(READS, keeps_words=True)
def break_glass() -> ResponseReturnValue:
    """Ask for a reference and a reason, then open the request for some hours."""
    form, problem, status = GlassForm(request.form, meta=GOVUK), "", 200
    if request.method == "POST":
        if not csrf_holds():
            problem, status = STALE_PAGE, 400
        elif form.validate():
            try:
                request_id = service.break_glass(
                    db.session(),
                    typed=form.reference.data or "",
                    reason=Emergency(form.reason.data),
                    words=form.words.data or "",
                    by=me(),
                    now=utc_now(),
                    house=current_house(),
                )
            except TooManyAttemptsError:
                problem, status = TOO_MANY, 429
            except DomainError as refusal:
                problem, status = refusal.sentence, 404
            else:
                return redirect(url_for("desk.request_page", request_id=request_id))
    hours = current_settings().break_glass_hours
    return render_template("helpdesk/break_glass.html", form=form, problem=problem, hours=hours), status


@blueprint.post("/requests/<uuid:request_id>/end-glass")
@guarded(READS)
def end_glass(request_id: UUID) -> ResponseReturnValue:
    """End one's own emergency sight now."""
    service.end_glass(db.session(), request_id=request_id, by=me(), now=utc_now())
    return redirect(url_for("desk.queue", done="glass_ended"))


@blueprint.route("/tasks/<uuid:task_id>/review", methods=["GET", "POST"])
@guarded(REVIEWS, keeps_words=True)
def review_glass(task_id: UUID) -> ResponseReturnValue:
    """Show a service manager who opened what and why, and record whether it was right."""
    session, user, now = db.session(), me(), utc_now()
    form, problem, status = ReviewForm(request.form, meta=GOVUK), "", 200
    _, _, review = get_review(session, task_id, user)
    if request.method == "POST":
        if not csrf_holds():
            problem, status = STALE_PAGE, 400
        elif form.validate():
            was_right = form.verdict.data == "right"
            service.review_glass(session, task_id=task_id, was_right=was_right, by=user, now=now)
            return redirect(url_for("desk.tasks", kind=TaskKind.GLASS_BROKEN.value, done="reviewed"))
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=review.request_id, wall=user.wall)
    page = render_template(
        "helpdesk/review_glass.html", form=form, review=review, problem=problem, labels=EMERGENCY_LABELS
    )
    return page, status
