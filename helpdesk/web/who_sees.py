"""Who may see one request: kept to few, given to somebody, taken from somebody (EV-5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.domain.sight_reasons import (
    CONNECTED_LABELS,
    GIVING_LABELS,
    RESTRICTING_LABELS,
    Connected,
    Giving,
    Restricting,
)
from helpdesk.services import restricting
from helpdesk.services.colleagues import Colleague, list_colleagues, list_teams
from helpdesk.services.deciders import list_deciding_teams
from helpdesk.web.acts import ask
from helpdesk.web.blueprint import READS, blueprint, me
from helpdesk.web.forms import Versioned
from helpdesk.web.sight_forms import PART_LABELS, BarForm, GiveForm, LiftForm, RestrictForm, UnrestrictForm
from helpdesk.web.words import DONE_WORDS
from infrastructure.calendar import LONDON
from infrastructure.database import db, utc_now
from infrastructure.identity.models import Role
from infrastructure.questions import choice
from infrastructure.trail import Access, log_access
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import guarded
from service_request.models import GrantWhy
from service_request.services.refusals import NotYoursError
from service_request.services.sight.desk import RequestFacts, read_request
from service_request.services.sight.viewing import Part
from service_request.services.sight.who import list_barred_from, list_given_to

LABELS: dict[str, str] = {
    code.value: words
    for labels in (RESTRICTING_LABELS, CONNECTED_LABELS, GIVING_LABELS)
    for code, words in labels.items()
}


@blueprint.get("/requests/<uuid:request_id>/who-sees")
@guarded(READS)
def who_sees(request_id: UUID) -> ResponseReturnValue:
    """Show who was given the request and who is barred from it, and log the look."""
    session, user, now = db.session(), me(), utc_now()
    facts = read_request(session, request_id, user)
    given = [one for one in list_given_to(session, request_id, user) if one.why is not GrantWhy.BREAK_GLASS]
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=request_id, wall=user.wall)
    return render_template(
        "helpdesk/who_sees.html",
        request_=facts,
        given=given,
        barred=list_barred_from(session, request_id, user),
        labels=LABELS,
        part_labels=PART_LABELS,
        may_manage=facts.glass_until is None,
        may_give=facts.restricted or user.holds(Role.MANAGER, Role.SERVICE_MANAGER),
        done=DONE_WORDS.get(request.args.get("done", "")),
    )


@blueprint.route("/requests/<uuid:request_id>/restrict", methods=["GET", "POST"])
@guarded(READS, keeps_words=True)
def restrict(request_id: UUID) -> ResponseReturnValue:
    """Let only named people see the request."""
    form, facts = RestrictForm(request.form, meta=GOVUK), _managed(request_id)
    people = _colleagues(facts)
    deciding = list_deciding_teams(db.session(), facts.area_id)
    likely = sorted((one for one in people if one.opens_requests), key=lambda one: not one.decides(deciding))
    form.keepers.choices = [
        choice(str(one.id), one.label, hint="Decides for this area" if one.decides(deciding) else "") for one in likely
    ]
    form.connected.choices = [choice("", "Nobody that I know of"), *(choice(str(one.id), one.label) for one in people)]

    def save() -> None:
        restricting.restrict(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            reason=Restricting(form.reason.data),
            words=form.words.data or "",
            keepers=[UUID(one) for one in form.keepers.data or ()],
            connected=UUID(form.connected.data) if form.connected.data else None,
            by=me(),
            now=utc_now(),
        )

    said = [
        "It disappears for everybody else: from lists, counts, hints, tasks and mails.",
        "Who was given sight of it before keeps that until somebody ends it: the next page names them.",
    ]
    return _ask(request_id, form, save, "restrict", "Restrict who can see this request", "Restrict", said)


@blueprint.route("/requests/<uuid:request_id>/unrestrict", methods=["GET", "POST"])
@guarded(READS, keeps_words=True)
def unrestrict(request_id: UUID) -> ResponseReturnValue:
    """Let everybody see the request again whose role shows it."""
    form, _ = UnrestrictForm(request.form, meta=GOVUK), _managed(request_id)

    def save() -> None:
        restricting.unrestrict(db.session(), request_id=request_id, words=form.words.data or "", by=me(), now=utc_now())

    said = ["Everybody sees it again whose work shows it to them. Who is barred stays barred."]
    return _ask(request_id, form, save, "unrestrict", "End the restriction", "End the restriction", said)


@blueprint.route("/requests/<uuid:request_id>/bar", methods=["GET", "POST"])
@guarded(READS, keeps_words=True)
def bar(request_id: UUID) -> ResponseReturnValue:
    """Bar a colleague who is connected with the family."""
    form, facts = BarForm(request.form, meta=GOVUK), _managed(request_id)
    form.person.choices = [choice("", "Select a person"), *(choice(str(o.id), o.label) for o in _colleagues(facts))]

    def save() -> None:
        restricting.bar(
            db.session(),
            request_id=request_id,
            user_id=UUID(form.person.data),
            reason=Connected(form.reason.data),
            words=form.words.data or "",
            by=me(),
            now=utc_now(),
        )

    said = ["They see nothing of this request from now on, whatever their role or team."]
    return _ask(request_id, form, save, "bar", "Bar somebody connected with this family", "Bar this person", said)


@blueprint.route("/requests/<uuid:request_id>/bars/<uuid:bar_id>/lift", methods=["GET", "POST"])
@guarded(READS, keeps_words=True)
def lift_bar(request_id: UUID, bar_id: UUID) -> ResponseReturnValue:
    """Let a colleague see the request again as their role shows it."""
    form, facts = LiftForm(request.form, meta=GOVUK), _managed(request_id)
    found = next((one for one in list_barred_from(db.session(), facts.id, me()) if one.id == bar_id), None)
    if found is None:
        raise NotYoursError

    def save() -> None:
        restricting.lift_bar(
            db.session(), request_id=request_id, bar_id=bar_id, words=form.words.data or "", by=me(), now=utc_now()
        )

    said = [f"{found.name} sees this request again as their role shows it."]
    return _ask(request_id, form, save, "lift", "Bar no longer", "Bar no longer", said)


@blueprint.route("/requests/<uuid:request_id>/give", methods=["GET", "POST"])
@guarded(READS, keeps_words=True)
def give_sight(request_id: UUID) -> ResponseReturnValue:
    """Give a colleague or a team sight of the request, of some parts and to an end."""
    now, facts = utc_now(), _managed(request_id)
    if not facts.restricted and not me().holds(Role.MANAGER, Role.SERVICE_MANAGER):
        raise NotYoursError
    form = GiveForm(request.form, meta=GOVUK, today=now.astimezone(LONDON).date())
    teams = list_teams(db.session(), wall=facts.wall, now=now)
    form.whom.choices = [
        choice("", "Select a person or a team"),
        *(choice(f"user:{one.id}", one.label) for one in _colleagues(facts)),
        *(choice(f"team:{team_id}", f"Everybody in {name}") for team_id, name in teams),
    ]

    def save() -> None:
        kind, _, whom = str(form.whom.data).partition(":")
        chosen = form.parts.data or []
        parts = None if "all" in chosen else [Part(one) for one in chosen]
        restricting.give_sight(
            db.session(),
            request_id=request_id,
            user_id=UUID(whom) if kind == "user" else None,
            team_id=UUID(whom) if kind == "team" else None,
            parts=parts,
            until=_end_of(form.last_day.data),
            reason=Giving(form.reason.data),
            words=form.words.data or "",
            by=me(),
            now=utc_now(),
        )

    said = ["They find it under “Given to you”. It ends by itself after the last day, and can be ended at once."]
    return _ask(request_id, form, save, "give", "Give somebody sight of this request", "Give sight", said)


@blueprint.post("/requests/<uuid:request_id>/given/<uuid:grant_id>/end")
@guarded(READS)
def end_sight(request_id: UUID, grant_id: UUID) -> ResponseReturnValue:
    """End at once what somebody was given."""
    restricting.end_sight(db.session(), request_id=request_id, grant_id=grant_id, by=me(), now=utc_now())
    return _after(request_id, "end_sight")


def _managed(request_id: UUID) -> RequestFacts:
    """Return the request for somebody who may say who sees it: not one who opened it in an emergency."""
    facts = read_request(db.session(), request_id, me())
    if facts.glass_until is not None:
        raise NotYoursError
    return facts


def _colleagues(facts: RequestFacts) -> list[Colleague]:
    return list_colleagues(db.session(), wall=facts.wall, now=utc_now())


def _end_of(day: date | None) -> datetime | None:
    """Return the end of a day in London."""
    return None if day is None else datetime.combine(day + timedelta(days=1), time(), LONDON)


def _ask(
    request_id: UUID,
    form: Versioned,
    save: Callable[[], object],
    what: str,
    title: str,
    button: str,
    said: Sequence[str],
) -> ResponseReturnValue:
    return ask(
        request_id, form, save, what, title=title, button=button, said=said, after=lambda: _after(request_id, what)
    )


def _after(request_id: UUID, what: str) -> ResponseReturnValue:
    """Lead back to who sees it; somebody who no longer does is led to the queue."""
    try:
        read_request(db.session(), request_id, me())
    except NotYoursError:
        return redirect(url_for("desk.queue", done="out_of_sight"))
    return redirect(url_for("desk.who_sees", request_id=request_id, done=what))
