"""Send a decided child to a team that the desk chose: nothing fitted, it came back, or nobody took it on (GL-12)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from helpdesk.domain.team_hours import next_there
from helpdesk.services import destinations, route
from helpdesk.web.acts import ask
from helpdesk.web.blueprint import ACTS, blueprint, me
from helpdesk.web.forms import SendForm
from infrastructure.calendar import OfficeCalendar
from infrastructure.database import db, utc_now
from infrastructure.identity.models import Team
from infrastructure.questions import choice
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import guarded
from infrastructure.web.say_time import public_moment


@blueprint.route("/requests/<uuid:request_id>/children/<uuid:subject_id>/send", methods=["GET", "POST"])
@guarded(ACTS, keeps_words=True)
def send_to_team(request_id: UUID, subject_id: UUID) -> ResponseReturnValue:
    """Choose the team and send: it is told by email, with the reference and initials only."""
    session, now = db.session(), utc_now()
    beside = "beside" in request.args
    calendar = current_house().calendar
    teams = destinations.list_destinations(session, now=now)
    form = SendForm(request.form, meta=GOVUK)
    form.team.choices = [
        choice("", "Select one"),
        *(choice(str(team.id), _name(team, now, calendar)) for team in teams),
    ]

    def save() -> None:
        route.send_to_team(
            session,
            request_id=request_id,
            subject_id=subject_id,
            team_id=UUID(form.team.data),
            beside=beside,
            version=form.written_on,
            by=me(),
            now=now,
            house=current_house(),
        )

    others = (
        "The team that has it keeps it." if beside else "A team that gave it back, or did not take it on, loses it."
    )
    said = [f"The team is told by email: reference and initials only. {others}"]
    title = "Send to another team as well" if beside else "Send to a team"
    return ask(request_id, form, save, "send", title=title, button="Send", said=said)


def _name(team: Team, now: datetime, calendar: OfficeCalendar) -> str:
    """Return what a team is called, and from when it is there where it is not now."""
    there_at = next_there(team.hours, now, calendar)
    return team.name if there_at is None else f"{team.name} (not there now; from {public_moment(there_at)})"
