"""What a referrer asked or said of themselves, answered by the desk: a request taken back, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField
from wtforms.fields import Field
from wtforms.validators import StopValidation

from helpdesk.services import agencies, withdrawals
from helpdesk.web import saying
from helpdesk.web.acts import ask, done
from helpdesk.web.blueprint import ACTS, READS, blueprint, me
from helpdesk.web.forms import SayWhen, Versioned, one_of, words
from infrastructure.database import db, utc_now
from infrastructure.questions import choice
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import guarded
from service_request.asking.steps import FormContext
from service_request.domain.typed import REASON_MAX
from service_request.pathways.social_care.changes import ChangedRow, list_changes
from service_request.pathways.social_care.codes import FormKind
from service_request.services.sight.desk import read_request
from service_request.services.sight.parts import ResponseFacts, list_responses
from service_request.services.sight.timeline import list_said

CLOSE, GO_ON = "close", "go_on"
THEIRS, NOT_THEIRS = "yes", "no"


class WithdrawalForm(Versioned):
    """What becomes of a request that its referrer wants back."""

    answer = one_of(
        "What do you do?",
        [(CLOSE, "Close it, as they asked"), (GO_ON, "Go on with it")],
        "Select whether you close it or go on",
    )
    reason = words(
        "Why do you go on with it?",
        SayWhen("answer", (GO_ON,), "Enter why you go on with it"),
        hint="For staff. The referrer is told that we go on, and not why.",
        most=REASON_MAX,
    )


class AgencyForm(Versioned):
    """What the agency said on the phone."""

    rang = SelectMultipleField(
        "Before you answer",
        choices=[choice("rang", "I rang the agency on a number that I found myself, not one from the form")],
    )
    theirs = one_of(
        "Do they work there?",
        [(THEIRS, "Yes, the agency knows them"), (NOT_THEIRS, "No, the agency does not know them")],
        "Select whether they work there",
    )

    def validate_rang(self, field: Field) -> None:
        """Ask for the call, since a number from the form proves nothing."""
        if "rang" not in (field.data or ()):
            raise StopValidation("Ring the agency first, then select this")


@blueprint.route("/requests/<uuid:request_id>/withdrawal", methods=["GET", "POST"])
@guarded(ACTS, keeps_words=True)
def withdrawal(request_id: UUID) -> ResponseReturnValue:
    """Say what becomes of a request that its referrer wants back."""
    form = WithdrawalForm(request.form, meta=GOVUK)

    def save() -> None:
        by: dict[str, Any] = {"by": me(), "now": utc_now(), "house": current_house()}
        if form.answer.data == GO_ON:
            withdrawals.go_on(
                db.session(), request_id=request_id, version=form.written_on, words=form.reason.data or "", **by
            )
        else:
            withdrawals.let_it_go(db.session(), request_id=request_id, version=form.written_on, **by)

    heard = [one.body for one in list_said(db.session(), request_id, me()) if one.kind == "withdraw_asked" and one.body]
    lines = [
        line if line.endswith((".", "!", "?")) else f"{line}." for line in "\n".join(heard[:1]).split("\n") if line
    ]
    said = [
        f"They wrote: {' '.join(lines)}" if lines else "The referrer asked us to take it back.",
        "Nothing is closed yet: it goes on, and so does its time, until you answer.",
        "Is a child safe without this request? Someone may have pressed them to ask. When in doubt, ring them first.",
    ]
    return ask(
        request_id,
        form,
        save,
        "withdrawal",
        title="The referrer wants to take this back",
        button="Save",
        said=said,
        after=lambda: done(request_id, "gone_on" if form.answer.data == GO_ON else "let_go"),
        shows_phone=True,
    )


@blueprint.route("/requests/<uuid:request_id>/agency", methods=["GET", "POST"])
@guarded(ACTS, keeps_words=True)
def confirm_agency(request_id: UUID) -> ResponseReturnValue:
    """Record whether the agency that a referrer chose knows them."""
    form = AgencyForm(request.form, meta=GOVUK)

    def save() -> None:
        agencies.answer_agency(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            is_theirs=form.theirs.data == THEIRS,
            by=me(),
            now=utc_now(),
        )

    said = ["Their email address is not one of this agency's. They chose it from the list on the form."]
    return ask(
        request_id,
        form,
        save,
        "agency",
        title="Confirm the agency by phone",
        button="Save answer",
        said=said,
        shows_referrer=True,
    )


@blueprint.get("/requests/<uuid:request_id>/changes")
@guarded(READS)
def changes(request_id: UUID) -> ResponseReturnValue:
    """Show what the referrer changed since they sent it, each time with the old words beside the new."""
    session, user, now, house = db.session(), me(), utc_now(), current_house()
    facts = read_request(session, request_id, user)
    responses = list_responses(session, request_id, user)
    context = saying.context_of(facts, house, now)
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=request_id)
    found = [Change(new.at, new.note, _rows(old, new, context)) for new, old in pairwise(responses)]
    return render_template("helpdesk/changes.html", request_=facts, changes=[one for one in found if one.rows])


@dataclass(frozen=True)
class Change:
    """What one sending changed of the one before."""

    at: datetime
    note: str
    rows: list[ChangedRow]


def _rows(old: ResponseFacts, new: ResponseFacts, context: FormContext) -> list[ChangedRow]:
    return list_changes(
        FormKind(new.kind),
        old.answers,
        new.answers,
        context,
        before_kind=FormKind(old.kind),
        versions=(old.form_version, new.form_version),
    )
