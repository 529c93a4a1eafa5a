"""The web form to SENDIASS: one page, sent at once, and the page that says what happens next (SE-1, SE-5, EV-1)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from infrastructure.calendar import LONDON
from infrastructure.database import db, utc_now
from infrastructure.identity.links import LinkRefusedError
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.asking.steps import FormContext, Step, Typed, typed
from service_request.channels.web.blueprint import ENQUIRER, INSIDE_LINK_HOLDER, web
from service_request.channels.web.layout import FieldRow, field_rows
from service_request.channels.web.sendiass import about_sendiass
from service_request.pathways.sendiass.questions import STEPS
from service_request.services.enquiries.asking import Answers, SentDifferentlyError, ask, read_receipt

EMPTY = "Tell us what is happening, or leave a way to reach you"


@dataclass(frozen=True)
class Part:
    """One group of questions on the page."""

    form: Step
    rows: list[FieldRow]
    heads: bool


@web.get("/sendiass/ask")
@guarded(ENQUIRER)
def ask_sendiass() -> ResponseReturnValue:
    """Ask every question on one page; nothing is kept before it is sent (SE-5)."""
    return _page(_bound(MultiDict()), uuid4())


@web.post("/sendiass/ask")
@guarded(ENQUIRER, keeps_words=True)
def send_to_sendiass() -> ResponseReturnValue:
    """Take the form once, however often it is sent; whatever is wrong, the page still holds every word (EV-1, EV-3)."""
    forms, form_id = _bound(request.form), _form_id()
    if not csrf_holds():
        return _page(forms, form_id, has_lapsed=True)
    right = [form.validate() for form in forms]  # each of them, so that every fault is named at once
    is_right = all(right)
    if is_right and not any(answers.says_anything() for answers in _answers().values()):
        forms[0][STEPS[0].slug].errors = [EMPTY]
        is_right = False
    changed = [form[name].label.text for form in forms for name in form.changed]
    if not is_right or changed:
        return _page(forms, form_id, has_errors=not is_right, changed=changed)
    try:
        token = ask(db.session(), form_id=form_id, answers=_answers(), now=utc_now(), house=current_house())
    except SentDifferentlyError as refused:
        return _page(forms, uuid4(), sent_before=refused.reference), 409
    return redirect(url_for("web.sendiass_asked", token=token))


@web.get("/sendiass/asked/<token>")
@guarded(INSIDE_LINK_HOLDER)
def sendiass_asked(token: str) -> ResponseReturnValue:
    """Say the reference and by when a person reaches them; where danger was said, 999 stands first (EV-2, EV-10)."""
    house = current_house()
    try:
        receipt = read_receipt(db.session(), token=token, now=utc_now(), house=house)
    except LinkRefusedError:
        return render_template("web/sendiass/ended.html", sendiass=about_sendiass(house)), 404
    return render_template("web/sendiass/asked.html", sendiass=about_sendiass(house), receipt=receipt)


def _answers() -> Answers:
    """Return what was posted, a step at a time: no field that was never asked, no choice that was never offered."""
    return {step: typed(step, request.form) for step in STEPS}


def _bound(posted: MultiDict[str, str]) -> list[Step]:
    context = FormContext(today=utc_now().astimezone(LONDON).date())
    return [_bind(step, typed(step, posted), context) for step in STEPS]


def _bind(step: type[Step], values: Typed, context: FormContext) -> Step:
    form = step(formdata=values, meta={**GOVUK, "context": context})
    form.changed = values.changed
    return form


def _form_id() -> UUID:
    """Return the id that the page carried; one that was tampered with is drawn anew."""
    try:
        return UUID(request.form.get("form_id", ""))
    except ValueError:
        return uuid4()


def _page(
    forms: list[Step],
    form_id: UUID,
    *,
    has_errors: bool = False,
    has_lapsed: bool = False,
    changed: list[str] | None = None,
    sent_before: str = "",
) -> str:
    return render_template(
        "web/sendiass/ask.html",
        sendiass=about_sendiass(current_house()),
        forms=forms,
        parts=[Part(form, field_rows(form), len(list(form.fields_asked())) == 1) for form in forms],
        form_id=form_id,
        has_errors=has_errors,
        has_lapsed=has_lapsed,
        changed=changed or [],
        sent_before=sent_before,
    )
