"""What is known of an enquiry, put right by a person: the very questions that everybody is asked (SE-6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from helpdesk.services.enquiries.facts import LANGUAGE, change_facts, known
from helpdesk.web.blueprint import ADVISES, blueprint, me
from helpdesk.web.enquiry_asking import ask, enquiry_of, interpreter, stand_close
from infrastructure.calendar import LONDON
from infrastructure.database import db, utc_now
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import guarded
from service_request.asking.steps import FormContext, Typed, typed
from service_request.pathways.sendiass.questions import AboutChild, Place, Reach, WhoAsks
from service_request.pathways.sendiass.reading import plain_answers
from service_request.services.sight.desk import read_request

ORDER = (
    "enquirer", "age", "birth_on", "gender", "send", "plan", "need", "ethnicity", "place", "postcode",
    "name", "phone", "email", "safe", "reach", "language", "anything_else",
)  # fmt: skip


class FactsForm(WhoAsks, AboutChild, Place, Reach):
    """Every fact of an enquiry but its story and its letters, which have pages of their own."""

    slug = "facts"
    version = HiddenField()
    language = interpreter()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stand_close(self)

    @property
    def written_on(self) -> int | None:
        """Return the version that the page showed, or None when it said none."""
        text = str(self.version.data or "")
        return int(text) if text.isdecimal() and len(text) < 10 else None


@blueprint.route("/enquiries/<uuid:request_id>/facts", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def enquiry_facts(request_id: UUID) -> ResponseReturnValue:
    """Show what is known, or change it; what it said before is kept (SE-6)."""
    session, now = db.session(), utc_now()
    context = FormContext(today=now.astimezone(LONDON).date())
    if request.method == "POST":
        values = typed(FactsForm, request.form)
    else:
        enquiry = enquiry_of(request_id)
        referrer = read_request(session, request_id, me()).referrer
        values = Typed(
            {name: [text] for name, text in known(referrer, enquiry.facts, enquiry.enquirer, enquiry.language).items()}
        )
    form = FactsForm(formdata=values, meta={**GOVUK, "context": context})

    def save() -> None:
        change_facts(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            answers={
                name: text
                for name, text in {**plain_answers(form), LANGUAGE: form.language.data or ""}.items()
                if name in request.form
            },
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    said = ["What it said before stays readable in the conversation. An answer that you empty is taken away."]
    return ask(
        request_id, form, save, "facts", title="Change what is known", button="Save changes", said=said, shown=ORDER
    )
