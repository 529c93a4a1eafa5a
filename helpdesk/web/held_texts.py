"""A text that the system could not understand or place: read by the desk, and made a request or set aside (EV-1)."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.services import held_texts as service
from helpdesk.services.mails import open_held_mail
from helpdesk.web.blueprint import TAKES_CALLS, blueprint, me
from helpdesk.web.forms import one_of
from helpdesk.web.held_enquiries import show_held
from helpdesk.web.saving import STALE_PAGE
from infrastructure.database import db, utc_now
from infrastructure.questions import PlainForm, choice
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.models import Channel, ReasonKind, TaskKind
from service_request.services.reasons import list_reasons
from service_request.services.sight.held_arrivals import get_held_arrival


class SetAsideTextForm(PlainForm):
    """Why what was held is no request."""

    reason = one_of("Why is this not a request?", (), "Select why this is not a request")  # by the authority's own


@blueprint.route("/held/<uuid:arrival_id>", methods=["GET", "POST"])
@guarded(TAKES_CALLS)
def held_text(arrival_id: UUID) -> ResponseReturnValue:
    """Show what is held with its words, and say what becomes of it."""
    session, user, now = db.session(), me(), utc_now()
    act = request.form.get("act", "")
    form = SetAsideTextForm(request.form if act == "set_aside" else None, meta=GOVUK)
    form.reason.choices = [choice(*one) for one in list_reasons(session, ReasonKind.SET_ASIDE)]
    problem, status = "", 200
    row = get_held_arrival(session, arrival_id, user)
    if request.method == "POST":
        if not csrf_holds():
            problem, status = STALE_PAGE, 400
        elif act == "open":
            house = current_house()
            make = open_held_mail if row.channel is Channel.EMAIL else service.open_held_text
            request_id = make(session, arrival_id=arrival_id, by=user, now=now, house=house)
            return redirect(url_for("desk.request_page", request_id=request_id, done="text_opened"))
        elif act == "set_aside" and form.validate():
            reason = form.reason.data
            service.set_aside_held_text(
                session, arrival_id=arrival_id, reason=reason, by=user, now=now, house=current_house()
            )
            return redirect(url_for("desk.tasks", kind=TaskKind.UNREADABLE, done="text_set_aside"))
    held = show_held(row, can_be_opened=service.can_be_opened(row))
    log_access(session, Access.VIEW, by=user.actor, now=now, ids=[arrival_id])
    return render_template("helpdesk/held_text.html", held=held, form=form, problem=problem), status
