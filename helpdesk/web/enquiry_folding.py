"""One enquiry folded into another of the same person, and back again (SE-3, SE-8, EV-4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from wtforms.validators import StopValidation

from helpdesk.services.enquiries import folding
from helpdesk.web.acts import written_on
from helpdesk.web.blueprint import ADVISES, blueprint, me
from helpdesk.web.enquiry_asking import ask, back_to, enquiry_of, refused_with_reason
from helpdesk.web.enquiry_saying import excerpt
from helpdesk.web.forms import Versioned, words
from infrastructure.calendar import LONDON
from infrastructure.database import db, utc_now
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import guarded
from infrastructure.web.say_time import staff_moment
from service_request.domain.references import format_reference
from service_request.domain.typed import REASON_MAX
from service_request.services.sight.desk import RequestFacts, read_request


class FoldEnquiryForm(Versioned):
    """Why two enquiries are one; asked for where they came on different days."""

    why = words("Why are they one enquiry?", most=REASON_MAX)

    def __init__(self, *args: Any, is_one_day: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_one_day = is_one_day
        self.why.description = (
            "Staff only. You can leave it empty." if is_one_day else "Staff only. They came on different days."
        )

    def validate_why(self, field: Any) -> None:
        """Ask for a reason where they came on different days."""
        if not self.is_one_day and not (field.data or "").strip():
            raise StopValidation("Enter why they are one enquiry all the same")


@blueprint.route("/enquiries/<uuid:request_id>/fold/<uuid:other_id>", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
@refused_with_reason
def enquiry_fold(request_id: UUID, other_id: UUID) -> ResponseReturnValue:
    """Fold this enquiry into the other one, which goes on for both."""
    session, user, theirs = db.session(), me(), enquiry_of(other_id)
    enquiry_of(request_id)
    if request.method == "GET":
        folding.check_may_fold(session, request_id, other_id, user)
    own, other = (read_request(session, one, user) for one in (request_id, other_id))
    form = FoldEnquiryForm(request.form, meta=GOVUK, is_one_day=_day(own) == _day(other))

    def save() -> None:
        folding.fold(
            db.session(),
            request_id=request_id,
            into_id=other_id,
            why=form.why.data or "",
            version=form.written_on,
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    goes_on, story = format_reference(other.reference), excerpt(theirs.facts.get("story", ""))
    came = staff_moment(other.received_at, utc_now())
    said = [
        f"{goes_on} came {came}{f': “{story}”' if story else '.'}",
        f"{goes_on} goes on for both. What they say next, by either way, comes there.",
        "The earlier of the two promises to reach them holds. Dates that the law sets go along.",
        "How it went is asked once. It can be unfolded at any time, and then it stands where it stood.",
    ]
    return ask(
        request_id,
        form,
        save,
        "enquiry_fold",
        title=f"Fold into {goes_on}",
        button="Fold",
        said=said,
        after=lambda: back_to(other_id, "enquiry_fold"),
    )


@blueprint.post("/enquiries/<uuid:request_id>/unfold")
@guarded(ADVISES)
@refused_with_reason
def enquiry_unfold(request_id: UUID) -> ResponseReturnValue:
    """Let a folded enquiry stand by itself again."""
    folding.unfold(
        db.session(), request_id=request_id, version=written_on(), by=me(), now=utc_now(), house=current_house()
    )
    return back_to(request_id, "enquiry_unfold")


def _day(facts: RequestFacts) -> object:
    return facts.received_at.astimezone(LONDON).date()
