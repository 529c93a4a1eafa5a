"""People and teams: who holds which role, and what an administrator does about it (T22, T32)."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.services import staffing
from helpdesk.services.colleagues import list_teams
from helpdesk.services.staff_list import list_staff, list_without_place
from helpdesk.web.blueprint import ADMINISTERS, blueprint, me
from helpdesk.web.people_forms import InviteForm, PlaceForm
from infrastructure.database import db, utc_now
from infrastructure.identity.models import Role
from infrastructure.questions import choice
from infrastructure.web.current import current_house, current_settings
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.domain.errors import DomainError
from service_request.services.refusals import NotYoursError

ROLES: dict[Role, str] = {
    Role.OFFICER: "Officer",
    Role.MANAGER: "Manager",
    Role.MEMBER: "Member",
    Role.SERVICE_MANAGER: "Service manager",
    Role.ADMINISTRATOR: "Administrator",
    Role.COMMISSIONER: "Commissioner",
}
ROLE_WORDS: dict[Role, str] = {
    Role.OFFICER: "Takes calls, and sorts, asks and chases at the helpdesk.",
    Role.MANAGER: "Of an assessment team: decides, for its area. Of the helpdesk: leads it, and acts as an officer.",
    Role.MEMBER: "Takes on what is sent to their team, and sees no other request.",
    Role.SERVICE_MANAGER: "Reads every request, what was late and who looked. Decides nothing.",
    Role.ADMINISTRATOR: "Keeps people, teams, tables, rota and calendar. Sees no request.",
    Role.COMMISSIONER: "Sees no request.",
}
STALE_PAGE = "This page was open for too long. Nothing was changed: check it and press the button again."
DONE: dict[str, str] = {
    "invited": "We are emailing them a link to set a password. It works for 7 days.",
    "placed": "They have the place. They were signed out everywhere, and sign in again.",
    "ended": "The place has ended. They were signed out everywhere.",
    "link": "We are emailing them a link to set a password.",
    "second": "Their second step is reset. They were signed out everywhere.",
    "closed": "The account is closed. They were signed out everywhere.",
    "opened": "The account is open again. It has no place and no password yet.",
}


@blueprint.get("/people")
@guarded(ADMINISTERS)
def people() -> ResponseReturnValue:
    """List name, team and role of everybody; nothing about any request."""
    session, now = db.session(), utc_now()
    return render_template(
        "helpdesk/people.html",
        rows=list_staff(session, now=now),
        without=list_without_place(session, now=now),
        roles=ROLES,
        wall=me().wall,
    )


@blueprint.route("/people/invite", methods=["GET", "POST"])
@guarded(ADMINISTERS, keeps_words=True)
def invite() -> ResponseReturnValue:
    """Give somebody new an account and a place, and mail them the link."""
    form = InviteForm(request.form if request.method == "POST" else None, meta=GOVUK)
    _offer(form)
    problem, status = "", 200
    if request.method == "POST":
        if not csrf_holds():
            problem, status = STALE_PAGE, 400
        elif form.validate():
            try:
                person_id = staffing.invite(
                    db.session(),
                    name=form.name.data or "",
                    email=form.email.data or "",
                    team_id=UUID(form.team.data),
                    role=Role(form.role.data),
                    by=me(),
                    now=utc_now(),
                    house=current_house(),
                )
                return redirect(url_for("desk.person", person_id=person_id, done="invited"))
            except DomainError as refusal:
                problem, status = refusal.sentence, 409
    role_words = [(ROLES[role], words) for role, words in ROLE_WORDS.items()]
    return render_template("helpdesk/invite.html", form=form, problem=problem, role_words=role_words), status


@blueprint.get("/people/<uuid:person_id>")
@guarded(ADMINISTERS)
def person(person_id: UUID) -> ResponseReturnValue:
    """Show somebody's places and how they sign in."""
    return _page(person_id, PlaceForm(meta=GOVUK))


@blueprint.post("/people/<uuid:person_id>")
@guarded(ADMINISTERS, keeps_words=True)
def change_person(person_id: UUID) -> ResponseReturnValue:
    """Do one thing to somebody's account, as the button says."""
    form, act = PlaceForm(request.form, meta=GOVUK), request.form.get("act", "")
    _offer(form)
    if not csrf_holds():
        return _page(person_id, form, STALE_PAGE, 400)
    if act == "give" and not form.validate():
        return _page(person_id, form)
    try:
        done = _do(act, person_id, form)
    except NotYoursError:
        raise
    except DomainError as refusal:
        return _page(person_id, form, refusal.sentence, 409)
    if not done:
        return _page(person_id, form, "Select what to do.", 400)
    return redirect(url_for("desk.person", person_id=person_id, done=done))


def _do(act: str, person_id: UUID, form: PlaceForm) -> str:
    """Do it, and return what was done; nothing for a button that is not there."""
    session, user, now = db.session(), me(), utc_now()
    if act == "give":
        team_id, role = UUID(form.team.data), Role(form.role.data)
        staffing.give_place(session, person_id=person_id, team_id=team_id, role=role, by=user, now=now)
        return "placed"
    if act.startswith("end:"):
        staffing.end_place(session, person_id=person_id, place_id=_id(act[4:]), by=user, now=now)
        return "ended"
    if act == "link":
        staffing.send_link(session, person_id=person_id, by=user, now=now, house=current_house())
        return "link"
    if act == "second":
        staffing.reset_second(session, person_id=person_id, by=user, now=now, house=current_house())
        return "second"
    if act == "close":
        staffing.close(session, person_id=person_id, by=user, now=now)
        return "closed"
    if act == "open":
        staffing.open_again(session, person_id=person_id, by=user, now=now)
        return "opened"
    return ""


def _page(person_id: UUID, form: PlaceForm, problem: str = "", status: int = 200) -> tuple[str, int]:
    session, now = db.session(), utc_now()
    found = staffing.get_person(session, person_id, by=me(), now=now)
    _offer(form)
    page = render_template(
        "helpdesk/person.html",
        person=found,
        form=form,
        problem=problem,
        roles=ROLES,
        is_self=person_id == me().id,
        needs_second=current_settings().needs_second_factor,
        done=DONE.get(request.args.get("done", "")),
    )
    return page, status


def _offer(form: PlaceForm) -> None:
    teams = list_teams(db.session(), wall=me().wall, now=utc_now())
    form.team.choices = [choice("", "Select a team"), *(choice(str(team_id), name) for team_id, name in teams)]
    form.role.choices = [choice("", "Select a role"), *(choice(role.value, label) for role, label in ROLES.items())]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
