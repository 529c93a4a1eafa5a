"""The checks of the desk, on a small page of their own (GL-13)."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import RadioField

from helpdesk.services import checks as service
from helpdesk.services.checks import FOUND_LABELS, Check, Found, Made
from helpdesk.web.acts import ask
from helpdesk.web.blueprint import ACTS, blueprint, me
from helpdesk.web.forms import NoneOrOneOf, Versioned, words
from infrastructure.database import db, utc_now
from infrastructure.questions import choice
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import guarded
from service_request.domain.typed import REASON_MAX


@blueprint.route("/requests/<uuid:request_id>/checks", methods=["GET", "POST"])
@guarded(ACTS, keeps_words=True)
def make_checks(request_id: UUID) -> ResponseReturnValue:
    """Record what was found; what is left open is not recorded, and what was found before stays."""
    session = db.session()
    wanted = service.list_checks(session)
    before = {one.code: one for one in service.list_made(session, request_id, me())}
    form = _form_of(wanted, before)(request.form, meta=GOVUK)

    def save() -> None:
        found = {
            one.code: (Found(form[f"found_{one.code}"].data), str(form[f"words_{one.code}"].data or ""))
            for one in wanted
            if form[f"found_{one.code}"].data
        }
        service.make_checks(
            session, request_id=request_id, found=found, version=form.written_on, by=me(), now=utc_now()
        )

    said = ["Answer those that you made. What somebody found before stays on record."]
    return ask(request_id, form, save, "checks", title="Record checks", button="Save checks", said=said)


def _form_of(wanted: tuple[Check, ...], before: dict[str, Made]) -> type[Versioned]:
    """Make a form with a question for each check of this authority."""
    fields: dict[str, Any] = {}
    for one in wanted:
        last = before.get(one.code)
        hint = f"{FOUND_LABELS[last.found]}, said {last.by} before. {one.hint}".strip() if last else one.hint
        options = [
            choice(code.value, label, reveals=f"words_{one.code}" if code is Found.YES else "")
            for code, label in FOUND_LABELS.items()
        ]
        fields[f"found_{one.code}"] = RadioField(
            one.label, [NoneOrOneOf()], choices=options, description=hint, validate_choice=False
        )
        fields[f"words_{one.code}"] = words("What did you find, and where?", rows=2, most=REASON_MAX)
    return cast(type[Versioned], type("ChecksForm", (Versioned,), fields))
