"""A page of questions: shown as it was typed, saved whatever it says, and shown again where something is wrong."""

from __future__ import annotations

from uuid import UUID

import structlog
from flask import redirect, request
from flask.typing import ResponseReturnValue

from infrastructure.database import db
from infrastructure.web.current import current_house
from infrastructure.web.guard import csrf_holds, guarded
from service_request.asking.steps import typed, within
from service_request.channels.web.blueprint import DRAFT_HOLDER, web
from service_request.channels.web.device import remember_device, this_device
from service_request.channels.web.here import Here, open_here
from service_request.channels.web.layout import field_rows, heads_the_page
from service_request.channels.web.way_on import CHECK, LATER, after_step, before_step, says_danger
from service_request.pathways.social_care.forms import PlacedStep, Step, kind_for, page_title
from service_request.services import drafts
from service_request.services.agencies import list_agency_names
from service_request.services.refusals import DraftSentError

log = structlog.get_logger("web")
NOT_FIELDS = {"csrf_token", "then"}


@web.get("/request/<uuid:draft_id>/step/<key>")
@guarded(DRAFT_HOLDER)
def step(draft_id: UUID, key: str) -> ResponseReturnValue:
    """Show a page of questions with what was typed on it."""
    here = open_here(draft_id)
    if here.is_sent:
        return redirect(here.url("sent"))
    placed = here.step(key)
    return _page(here, placed, here.bound(placed), then=_then(request.args.get("then")))


@web.post("/request/<uuid:draft_id>/step/<key>")
@guarded(DRAFT_HOLDER, keeps_words=True)
def save_step(draft_id: UUID, key: str) -> ResponseReturnValue:
    """Save a page as it was typed, then lead on, or say what is wrong (W1, W5, W13, W14)."""
    here = open_here(draft_id)
    if here.is_sent:
        raise DraftSentError
    placed = here.step(key)
    form = here.posted(placed)
    then = _then(request.form.get("then"))
    if not csrf_holds():
        return _page(here, placed, form, then=then, has_lapsed=True)
    _note_forged(form)
    saved = _save(here, placed)
    if then == LATER:
        return _onward(after_step(saved, placed, LATER))
    if not form.validate() or form.changed:
        return _page(saved, placed, form, then=then, has_errors=bool(form.errors), was_changed=True)
    if says_danger(saved.answers, key) and not says_danger(here.answers, key):
        return _onward(saved.url("danger", key=key, then=then or None))
    return _onward(after_step(saved, placed, then))


@web.get("/request/<uuid:draft_id>/danger/<key>")
@guarded(DRAFT_HOLDER)
def danger(draft_id: UUID, key: str) -> ResponseReturnValue:
    """Show 999 and the duty line before anything else is asked (W16, EV-10)."""
    here = open_here(draft_id)
    placed = here.step(key)
    return here.show("danger", onward=after_step(here, placed, _then(request.args.get("then"))))


def _onward(address: str) -> ResponseReturnValue:
    """Lead on; the key of this device lives on with the draft, whose time began again."""
    return remember_device(redirect(address), this_device() or "")


def _save(here: Here, placed: PlacedStep) -> Here:
    """Keep the page; the answer about the family may turn the form into the one without names (GL-6)."""
    session, house, device = db.session(), current_house(), this_device()
    kept = dict(within(placed.form_class, typed(placed.form_class, request.form), here.context))
    draft = drafts.save_step(
        session, here.draft.id, device=device, key=placed.key, typed=kept, now=here.now, house=house
    )
    kind = kind_for(draft.kind, draft.answers)
    if kind is not draft.kind:
        draft = drafts.change_kind(session, draft.id, device=device, kind=kind, now=here.now, house=house)
    return Here(draft, here.now)


def _page(
    here: Here,
    placed: PlacedStep,
    form: Step,
    *,
    then: str,
    has_errors: bool = False,
    has_lapsed: bool = False,
    was_changed: bool = False,
) -> ResponseReturnValue:
    back_url, back_words = before_step(here, placed, then)
    return here.show(
        "step",
        placed=placed,
        form=form,
        h1=page_title(placed, here.answers),
        rows=field_rows(form),
        heading_in_question=heads_the_page(form),
        then=then,
        has_errors=has_errors,
        has_lapsed=has_lapsed,
        cleaned=[form[name].label.text for name in form.changed if name in form] if was_changed else [],
        agencies=list_agency_names(db.session()) if "agency" in form else (),
        back_url=back_url,
        back_words=back_words,
    )


def _then(asked: str | None) -> str:
    return asked if asked in (CHECK, LATER) else ""


def _note_forged(form: Step) -> None:
    """Count what was posted and never asked; the fields are not bound, and not named in a log (W14)."""
    foreign = set(request.form) - {field.name for field in form} - NOT_FIELDS
    if foreign:
        log.info("fields_ignored", count=len(foreign), endpoint=request.endpoint)
