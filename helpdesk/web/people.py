"""People and teams, for the administrator to read."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from helpdesk.services.staff_list import list_staff
from helpdesk.web.blueprint import ADMINISTERS, blueprint
from infrastructure.database import db, utc_now
from infrastructure.identity.models import Role
from infrastructure.web.guard import guarded

ROLES: dict[Role, str] = {
    Role.OFFICER: "Officer",
    Role.MANAGER: "Manager",
    Role.MEMBER: "Member",
    Role.SERVICE_MANAGER: "Service manager",
    Role.ADMINISTRATOR: "Administrator",
    Role.COMMISSIONER: "Commissioner",
}


@blueprint.get("/people")
@guarded(ADMINISTERS)
def people() -> ResponseReturnValue:
    """List name, team and role of everybody; nothing about any request."""
    return render_template("helpdesk/people.html", rows=list_staff(db.session(), now=utc_now()), roles=ROLES)
