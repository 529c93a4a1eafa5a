"""A referrer proves a work address by a code sent to it; it can be skipped, at a cost that is said (GL-14)."""

from __future__ import annotations

from uuid import UUID

from flask import abort, redirect, request
from flask.typing import ResponseReturnValue

from infrastructure.database import db
from infrastructure.identity.attempts import TooManyAttemptsError
from infrastructure.web.current import current_house, current_settings
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.channels.web.asked import CodeForm, EmailForm
from service_request.channels.web.blueprint import DRAFT_HOLDER, web
from service_request.channels.web.device import this_device
from service_request.channels.web.here import Here, open_here
from service_request.channels.web.way_on import email_given, email_is_proven
from service_request.services import drafts, proving
from service_request.services.refusals import DraftSentError

TOO_MANY = "You have asked for too many codes. Wait an hour and ask again, or skip this for now"
NOT_THE_CODE = "That is not the code we sent last, or it has run out. Check the email, or ask for a new code"


@web.get("/request/<uuid:draft_id>/email")
@guarded(DRAFT_HOLDER)
def prove(draft_id: UUID) -> ResponseReturnValue:
    """Offer to prove the work address, and say what skipping costs."""
    here = _professional(draft_id)
    if here.is_sent:
        return redirect(here.url("sent"))
    return _ask(here, EmailForm(data={"email": email_given(here) or here.draft.proven_email}, meta=GOVUK))


@web.post("/request/<uuid:draft_id>/email")
@guarded(DRAFT_HOLDER, keeps_words=True)
def send_code(draft_id: UUID) -> ResponseReturnValue:
    """Send a code to the address that was typed, and keep that address as the referrer's own."""
    here = _professional(draft_id)
    form = EmailForm(request.form, meta=GOVUK)
    if not csrf_holds():
        return _ask(here, form, has_lapsed=True)
    if not form.validate():
        return _ask(here, form)
    address = (form.email.data or "").strip()
    if address != email_given(here):
        _keep(here, address)
    try:
        proving.ask_code(
            db.session(), draft_id, device=this_device(), email=address, now=here.now, house=current_house()
        )
    except TooManyAttemptsError:
        form.email.errors = [TOO_MANY]
        return _ask(here, form)
    return redirect(here.url("code"))


@web.get("/request/<uuid:draft_id>/code")
@guarded(DRAFT_HOLDER)
def code(draft_id: UUID) -> ResponseReturnValue:
    """Ask for the code that was sent."""
    here = open_here(draft_id)
    if email_is_proven(here):
        return redirect(here.url("tasks"))
    return _ask_code(here, CodeForm(meta=GOVUK))


@web.post("/request/<uuid:draft_id>/code")
@guarded(DRAFT_HOLDER, keeps_words=True)
def take_code(draft_id: UUID) -> ResponseReturnValue:
    """Take the code: the address is proven, and finds this draft again from any device."""
    here = open_here(draft_id)
    if here.is_sent:
        raise DraftSentError
    form = CodeForm(request.form, meta=GOVUK)
    if not csrf_holds():
        return _ask_code(here, form, has_lapsed=True)
    if form.validate():
        typed = form.code.data or ""
        if proving.prove_email(db.session(), draft_id, device=this_device(), code=typed, now=here.now):
            return redirect(here.url("tasks"))
        form.code.errors = [NOT_THE_CODE]
    return _ask_code(here, form)


def _professional(draft_id: UUID) -> Here:
    """Open a professional's draft; the short forms ask nobody to prove an address."""
    here = open_here(draft_id)
    if here.is_public:
        abort(404)
    if here.draft.amends_id is not None:  # it is bound to the address by which its sender came (GL-14)
        abort(redirect(here.url("check")))
    return here


def _keep(here: Here, address: str) -> None:
    """Put the address on the page about the referrer, so that what is proven and what is answered to are one."""
    page = {**here.draft.answers.get("you", {}), "email": [address]}
    drafts.save_step(
        db.session(), here.draft.id, device=this_device(), key="you", typed=page, now=here.now, house=current_house()
    )


def _ask(here: Here, form: EmailForm, *, has_lapsed: bool = False) -> ResponseReturnValue:
    return here.show("prove", form=form, has_errors=bool(form.errors), has_lapsed=has_lapsed)


def _ask_code(here: Here, form: CodeForm, *, has_lapsed: bool = False) -> ResponseReturnValue:
    sent_to = proving.address_asked(db.session(), here.draft.id, device=this_device(), now=here.now)
    if sent_to is None:
        return redirect(here.url("prove"))
    minutes = current_settings().code_minutes
    return here.show(
        "code", form=form, has_errors=bool(form.errors), has_lapsed=has_lapsed, sent_to=sent_to, minutes=minutes
    )
