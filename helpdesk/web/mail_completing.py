"""A contact by mail becomes a service request: written down from what it says, or asked of its sender (GL-1, GL-7)."""

from __future__ import annotations

from copy import copy
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField

from helpdesk.web.acts import done, refused_on_page
from helpdesk.web.blueprint import TAKES_CALLS, blueprint, me
from helpdesk.web.forms import Versioned
from helpdesk.web.mail_words import QUESTIONS, TOLD
from helpdesk.web.saving import STALE_PAGE, try_to_save
from helpdesk.web.take_call import ABOUT_CALLER, ABOUT_CHILDREN, ABOUT_TELLING, CALL
from infrastructure.database import db, utc_now
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.domain.errors import DomainError
from service_request.pathways.social_care import forms
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.questions_call import CallForm
from service_request.services.mail.completing import ask_for_form, complete_mailed, read_typed
from service_request.services.refusals import NotYoursError
from service_request.services.send_form import NotReadyError, context_for
from service_request.services.sight.desk import read_request
from service_request.services.sight.mails import list_mails_of

PARTS = (
    ("What it says", ("urgency", "narrative")),
    ("Who wrote it", ABOUT_CALLER),
    ("The children", ABOUT_CHILDREN),
    ("Does the family know", ABOUT_TELLING),
)


@blueprint.route("/requests/<uuid:request_id>/write-down", methods=["GET", "POST"])
@guarded(TAKES_CALLS, keeps_words=True)
@refused_on_page
def write_down(request_id: UUID) -> ResponseReturnValue:
    """Make a service request of a contact by mail, the form filled with what it says; its 24 hours run on."""
    session, user, now, house = db.session(), me(), utc_now(), current_house()
    context = context_for(session, FormKind.CALL, house, now)
    typed = read_typed(session, request_id, user)
    if request.method == "GET":
        return _page(request_id, forms.bind(CALL, {CALL.key: typed}, context, meta=GOVUK))
    form = forms.bind_posted(CALL, request.form, context, meta=GOVUK)
    if not csrf_holds():
        return _page(request_id, form, STALE_PAGE, 400)
    if not form.validate():
        return _page(request_id, form)
    try:
        said = dict(forms.typed(CallForm, request.form))
        complete_mailed(session, request_id, said, by=user, now=now, house=house)
    except NotReadyError as refusal:
        return _page(request_id, form, ". ".join(one.message for one in refusal.problems), 409)
    except NotYoursError:
        raise
    except DomainError as refusal:
        return _page(request_id, form, refusal.sentence, 409)
    return done(request_id, "mail_written_down")


@blueprint.route("/requests/<uuid:request_id>/ask-form", methods=["GET", "POST"])
@guarded(TAKES_CALLS, keeps_words=True)
@refused_on_page
def ask_form(request_id: UUID) -> ResponseReturnValue:
    """Send the sender of a contact by mail a link to the form, which begins with what they wrote (GL-1)."""
    session, user = db.session(), me()
    read_typed(session, request_id, user)  # what is no contact by mail has no sender to ask
    form = Versioned(request.form if request.method == "POST" else None, meta=GOVUK)
    tried = try_to_save(form, lambda: ask_for_form(session, request_id, by=user, now=utc_now(), house=current_house()))
    if tried.is_saved:
        return done(request_id, "form_asked")
    facts = read_request(session, request_id, user)
    log_access(session, Access.VIEW, by=user.actor, now=utc_now(), request_id=request_id)
    page = render_template("helpdesk/mail/ask_form.html", request_=facts, form=form, problem=tried.problem)
    return page, tried.status


def _in_words_of_mail(form: forms.Step) -> None:
    """Ask what is asked of a call in the words of a mail."""
    for name, (label, hint) in QUESTIONS.items():
        field = form[name]
        field.label.text, field.description = label, hint
    told = form["told"]
    assert isinstance(told, RadioField)
    choices: list[Any] = [copy(one) for one in told.choices or ()]  # those of the form itself are everybody's
    for one in choices:
        one.label = TOLD.get(one.value, one.label)
    told.choices = choices


def _page(request_id: UUID, form: forms.Step, problem: str = "", status: int = 200) -> tuple[str, int]:
    session, user, now = db.session(), me(), utc_now()
    _in_words_of_mail(form)
    facts = read_request(session, request_id, user)
    mails = list_mails_of(session, user, request_id)
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=request_id)
    page = render_template(
        "helpdesk/mail/write_down.html",
        request_=facts,
        mails=mails,
        form=form,
        parts=PARTS,
        problem=problem,
        back=url_for("desk.request_page", request_id=request_id),
    )
    return page, status
