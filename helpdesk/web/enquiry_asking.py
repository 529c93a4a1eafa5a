"""A small page about one enquiry: what it asks is kept until it is saved, and each look is logged inside the wall."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, SelectField
from wtforms.form import BaseForm

from helpdesk.web import saying
from helpdesk.web.blueprint import me
from helpdesk.web.saving import OPENED_LATELY, on_refusal, try_to_save
from infrastructure.database import Wall, db, utc_now
from infrastructure.questions import revealed_by
from infrastructure.trail import Access, log_access
from service_request.asking.fields import choices_of, drop_down
from service_request.domain.errors import DomainError
from service_request.domain.language_names import LANGUAGE_NAMES
from service_request.services.refusals import NotYoursError
from service_request.services.sight.desk import read_request
from service_request.services.sight.enquiries import EnquiryFacts, read_enquiry
from service_request.services.sight.timeline import list_happenings


def back_to(request_id: UUID, done: str) -> ResponseReturnValue:
    """Lead back to the enquiry, which then says what was done."""
    return redirect(url_for("desk.enquiry", request_id=request_id, done=done))


@on_refusal
def refused_with_reason(request_id: UUID, refusal: DomainError) -> ResponseReturnValue:
    """Say why a press of a button was refused, with the way back to the enquiry as it stands now."""
    facts = read_request(db.session(), request_id, me())
    return render_template("helpdesk/enquiry/refused.html", request_=facts, sentence=refusal.sentence), 409


def enquiry_of(request_id: UUID) -> EnquiryFacts:
    """Return what is particular to an enquiry that the one who looks sees, or raise NotYoursError."""
    found = read_enquiry(db.session(), request_id, me())
    if found is None:
        raise NotYoursError
    return found


def interpreter() -> SelectField:
    """Ask for which language they need an interpreter."""
    languages = choices_of(LANGUAGE_NAMES.items())
    return drop_down("Do they need an interpreter?", languages, hint="For which language?")


def stand_close(form: BaseForm) -> None:
    """Let the choices of a long page stand beside each other: it is filled in while somebody listens."""
    for field in form:
        if isinstance(field, RadioField):
            field.render_kw = {**(field.render_kw or {}), "inline": True, "small": True}


def ask(
    request_id: UUID,
    form: Any,
    save: Callable[[], object],
    what: str,
    *,
    title: str,
    button: str,
    said: Sequence[str] = (),
    shown: Sequence[str] | None = None,
    after: Callable[[], ResponseReturnValue] | None = None,
    **more: Any,
) -> ResponseReturnValue:
    """Show a small page about an enquiry, or do what it asks for; every word typed is kept until it is saved."""
    tried = try_to_save(form, save)
    if tried.is_saved:
        return after() if after else back_to(request_id, what)
    stale = tried.stale
    session, user, now = db.session(), me(), utc_now()
    facts = read_request(session, request_id, user)
    lately = list_happenings(session, request_id, user)[:OPENED_LATELY] if stale else []
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=request_id, wall=Wall.SENDIASS)
    if form.version.data is None or stale is not None:
        form.version.data = str(facts.version)
    beneath = {name for field in form for name in revealed_by(field)}
    listed = [field.short_name for field in form if field.short_name not in {"version", "split_id", *beneath}]
    page = render_template(
        "helpdesk/enquiry/act.html",
        request_=facts,
        form=form,
        shown=listed if shown is None else shown,
        title_words=title,
        button=button,
        said=said,
        problem=tried.problem,
        theirs=saying.timeline_of(lately, [], "", now) if stale else [],
        **more,
    )
    return page, tried.status
