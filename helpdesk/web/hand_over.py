"""Hand over to SENDIASS what is theirs: the last page of it that the helpdesk sees (SE-5)."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.services import handing_over
from helpdesk.web.acts import ask
from helpdesk.web.blueprint import TAKES_CALLS, blueprint, me
from helpdesk.web.enquiry_forms import HandOverForm
from infrastructure.database import db, utc_now
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import guarded

SAID = (
    "SENDIASS gives families independent advice about special educational needs and disability. It works apart from "
    "us: once you hand this over, nobody here can open it, search for it or count it. You cannot take it back.",
    "The reference stays the same. Where it is safe to write to them, the family is told by email that it was "
    "passed on.",
)


@blueprint.route("/requests/<uuid:request_id>/hand-over", methods=["GET", "POST"])
@guarded(TAKES_CALLS, keeps_words=True)
def hand_over(request_id: UUID) -> ResponseReturnValue:
    """Ask whether it is SENDIASS's, or hand it over; what comes next says nothing of it."""
    form = HandOverForm(request.form, meta=GOVUK)
    ending: list[str] = []

    def save() -> None:
        if form.sure.data != "yes":
            ending.append(url_for("desk.request_page", request_id=request_id))
            return
        handed = handing_over.hand_over(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            by=me(),
            now=utc_now(),
            house=current_house(),
        )
        ending.append(url_for("desk.handed_over", told="yes" if handed.is_told else "no"))

    answer = ask(request_id, form, save, "hand_over", title="Hand over to SENDIASS", button="Continue", said=SAID)
    return redirect(ending[0]) if ending else answer


@blueprint.get("/handed-over")
@guarded(TAKES_CALLS)
def handed_over() -> ResponseReturnValue:
    """Say that it is inside, whether its sender is told, and nothing else."""
    return render_template("helpdesk/handed_over.html", is_told=request.args.get("told") == "yes")
