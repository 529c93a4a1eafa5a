"""The dates that the law sets for an enquiry: added, checked with the letter, corrected, ended (SE-3)."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from helpdesk.services.enquiries import deadlines
from helpdesk.services.enquiries.deadlines import NewDeadline
from helpdesk.web.acts import written_on
from helpdesk.web.blueprint import ADVISES, blueprint, me
from helpdesk.web.enquiry_act_forms import DeadlineForm
from helpdesk.web.enquiry_asking import ask, back_to, refused_with_reason
from infrastructure.calendar import LONDON
from infrastructure.database import db, utc_now
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import guarded
from service_request.pathways.sendiass.codes import DeadlineKind
from service_request.services.refusals import NotYoursError
from service_request.services.sight.enquiries import DeadlineFacts, list_deadlines


@blueprint.route("/enquiries/<uuid:request_id>/deadlines/new", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def enquiry_deadline_new(request_id: UUID) -> ResponseReturnValue:
    """Add a date that the law sets (SE-3)."""
    form = DeadlineForm(request.form, meta=GOVUK, today=utc_now().astimezone(LONDON).date())

    def save() -> None:
        deadlines.add_deadline(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            new=_written(form),
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    said = ["It has a clock of its own, and the enquiry goes to the top of the list."]
    return ask(request_id, form, save, "deadline", title="Add a deadline", button="Add deadline", said=said)


@blueprint.route("/enquiries/<uuid:request_id>/deadlines/<uuid:deadline_id>", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def enquiry_deadline(request_id: UUID, deadline_id: UUID) -> ResponseReturnValue:
    """Show how a date came about; correct it or end it (SE-3)."""
    row = _deadline(request_id, deadline_id)
    known = {"kind": row.kind.value, "letter_on": row.letter_on}
    typed = request.form if request.method == "POST" else None
    form = DeadlineForm(typed, data=known, meta=GOVUK, today=utc_now().astimezone(LONDON).date())

    def save() -> None:
        deadlines.correct_deadline(
            db.session(),
            request_id=request_id,
            deadline_id=deadline_id,
            version=form.written_on,
            new=_written(form),
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    said = [f"It is now {row.due_on.day} {row.due_on:%B %Y}. The one that you correct is kept, and its clock ends."]
    return ask(
        request_id,
        form,
        save,
        "deadline",
        title="Correct a deadline",
        button="Correct deadline",
        said=said,
        deadline=row,
    )


@blueprint.post("/enquiries/<uuid:request_id>/deadlines/<uuid:deadline_id>/check")
@guarded(ADVISES)
@refused_with_reason
def enquiry_deadline_check(request_id: UUID, deadline_id: UUID) -> ResponseReturnValue:
    """Say that a person read the letter and the date is right."""
    deadlines.check_deadline(
        db.session(), request_id=request_id, deadline_id=deadline_id, by=me(), now=utc_now(), house=current_house()
    )
    return back_to(request_id, "deadline")


@blueprint.post("/enquiries/<uuid:request_id>/deadlines/<uuid:deadline_id>/end")
@guarded(ADVISES)
@refused_with_reason
def enquiry_deadline_end(request_id: UUID, deadline_id: UUID) -> ResponseReturnValue:
    """End a deadline: it was met, or does not hold any more."""
    deadlines.close_deadline(
        db.session(),
        request_id=request_id,
        deadline_id=deadline_id,
        version=written_on(),
        end=request.form.get("end", ""),
        by=me(),
        now=utc_now(),
        house=current_house(),
    )
    return back_to(request_id, "deadline")


def _written(form: DeadlineForm) -> NewDeadline:
    return NewDeadline(DeadlineKind(form.kind.data), form.letter_on.data, form.due_on.data)


def _deadline(request_id: UUID, deadline_id: UUID) -> DeadlineFacts:
    found = [one for one in list_deadlines(db.session(), request_id, me()) if one.id == deadline_id]
    if not found:
        raise NotYoursError
    return found[0]
