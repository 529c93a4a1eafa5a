"""Take a call: write down what is said while listening; nothing is refused at the door (GL-1, GL-7, GL-16)."""

from __future__ import annotations

from uuid import UUID, uuid4

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from helpdesk.web.blueprint import TAKES_CALLS, blueprint, me
from helpdesk.web.saving import STALE_PAGE
from infrastructure.database import db, utc_now
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.domain.references import format_reference, spoken
from service_request.pathways.social_care import forms
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.questions_call import CallForm
from service_request.services.log_call import log_call as keep_call
from service_request.services.refusals import SentDifferentlyError
from service_request.services.send_form import NotReadyError, context_for
from service_request.services.sight.desk import read_request

CALL = forms.PlacedStep("call", CallForm)
ABOUT_CALL = ("urgency", "narrative")
ABOUT_CALLER = ("caller_name", "caller", "agency", "phone", "email", "safe")
ABOUT_CHILDREN = (
    "child_name", "birth_on", "expected_on", "age_band",
    "child_2_name", "child_2_birth_on", "child_3_name", "child_3_birth_on",
    "address", "postcode", "area",
)  # fmt: skip
ABOUT_TELLING = ("told",)
SAVED_BEFORE = (
    "This call was saved as {}, in other words. Save again to keep what is here as another call, "
    "or add a note to that request."
)


@blueprint.route("/take-call", methods=["GET", "POST"])
@guarded(TAKES_CALLS, keeps_words=True)
def take_call() -> ResponseReturnValue:
    """Show the page of a call, or make the call a request; the same call saved twice is one."""
    session, now, house = db.session(), utc_now(), current_house()
    context = context_for(session, FormKind.CALL, house, now)
    if request.method == "GET":
        empty = CallForm(meta={**GOVUK, "context": context})
        empty.offer(context)
        return _page(empty, uuid4())
    call_id = _call_id(request.form)
    form = forms.bind_posted(CALL, request.form, context, meta=GOVUK)
    if not csrf_holds():
        return _page(form, call_id, STALE_PAGE, 400)
    if not form.validate():
        return _page(form, call_id)
    try:
        receipt = keep_call(
            session,
            call_id=call_id,
            typed=dict(forms.typed(CallForm, request.form)),
            by=me(),
            now=now,
            house=house,
        )
    except NotReadyError as refusal:
        return _page(form, call_id, ". ".join(one.message for one in refusal.problems), 409)
    except SentDifferentlyError as refusal:
        return _page(form, uuid4(), SAVED_BEFORE.format(format_reference(refusal.reference)), 409)
    return redirect(url_for("desk.call_taken", request_id=receipt.request_id))


@blueprint.get("/calls/<uuid:request_id>")
@guarded(TAKES_CALLS)
def call_taken(request_id: UUID) -> ResponseReturnValue:
    """Show the reference big, and as it is said over the phone."""
    session, user, now = db.session(), me(), utc_now()
    facts = read_request(session, request_id, user)
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=request_id)
    return render_template("helpdesk/call_taken.html", request_=facts, spoken=spoken(facts.reference))


def _page(form: forms.Step, call_id: UUID, problem: str = "", status: int = 200) -> tuple[str, int]:
    page = render_template(
        "helpdesk/take_call.html",
        form=form,
        call_id=call_id,
        problem=problem,
        parts=(
            ("What is said", ABOUT_CALL),
            ("Who is calling", ABOUT_CALLER),
            ("The children", ABOUT_CHILDREN),
            ("Does the family know", ABOUT_TELLING),
        ),
    )
    return page, status


def _call_id(posted: MultiDict[str, str]) -> UUID:
    try:
        return UUID(posted.get("call_id", ""))
    except ValueError:
        return uuid4()
