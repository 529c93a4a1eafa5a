"""Send a decided child to a team that the desk chose: nothing fitted, it came back, or nobody took it on (GL-12)."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from helpdesk.services import destinations, route
from helpdesk.web.acts import ask
from helpdesk.web.blueprint import ACTS, blueprint, me
from helpdesk.web.forms import SendForm
from infrastructure.database import db, utc_now
from infrastructure.questions import choice
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import guarded


@blueprint.route("/requests/<uuid:request_id>/children/<uuid:subject_id>/send", methods=["GET", "POST"])
@guarded(ACTS, keeps_words=True)
def send_to_team(request_id: UUID, subject_id: UUID) -> ResponseReturnValue:
    """Choose the team and send: it is told by email, with the reference and initials only."""
    session, now = db.session(), utc_now()
    teams = destinations.list_destinations(session, now=now)
    form = SendForm(request.form, meta=GOVUK)
    form.team.choices = [choice("", "Select one"), *(choice(str(team.id), team.name) for team in teams)]

    def save() -> None:
        route.send_to_team(
            session,
            request_id=request_id,
            subject_id=subject_id,
            team_id=UUID(form.team.data),
            version=form.written_on,
            by=me(),
            now=now,
            house=current_house(),
        )

    said = ["The team is told by email: reference and initials only. What another team still has is taken back."]
    return ask(request_id, form, save, "send", title="Send to a team", button="Send", said=said)
