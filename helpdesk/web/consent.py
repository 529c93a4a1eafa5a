"""Record a later answer about telling the family and about agreement (GL-4)."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from helpdesk.services import agreement
from helpdesk.web.acts import ask
from helpdesk.web.blueprint import ACTS, blueprint, me
from helpdesk.web.forms import ConsentForm
from infrastructure.calendar import LONDON
from infrastructure.database import db, utc_now
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import guarded
from service_request.domain.consent import Agrees, Told


@blueprint.route("/requests/<uuid:request_id>/consent", methods=["GET", "POST"])
@guarded(ACTS, keeps_words=True)
def record_consent(request_id: UUID) -> ResponseReturnValue:
    """Record a later answer; it undoes nothing, and stops what needs agreement when that is withdrawn."""
    now = utc_now()
    form = ConsentForm(request.form, meta=GOVUK, today=now.astimezone(LONDON).date())

    def save() -> None:
        agreement.record_consent(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            told=Told(form.told.data),
            reason=form.reason.data or None,
            who_told=form.who_told.data or None,
            told_by=form.told_by.data or None,
            told_on=form.told_on.data,
            agrees=Agrees(form.agrees.data),
            agrees_who=form.agrees_who.data or None,
            lawful_basis=form.lawful_basis.data or None,
            by=me(),
            now=now,
            house=current_house(),
        )

    said = ["This is kept beside the earlier answers. It undoes nothing that was done."]
    return ask(request_id, form, save, "consent", title="Record a later answer", button="Save answer", said=said)
