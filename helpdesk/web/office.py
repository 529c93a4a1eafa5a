"""The office calendar and the rota: when the office works, and who is on duty (EV-7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.domain.office import write_week
from helpdesk.services import office_days, rota
from helpdesk.web.blueprint import ADMINISTERS, PLANS, blueprint, me
from helpdesk.web.office_forms import DayForm, HoursForm, TurnForm
from helpdesk.web.saving import try_to_save
from helpdesk.web.words import DONE_WORDS
from infrastructure.calendar import LONDON, OfficeCalendar
from infrastructure.database import Wall, db, utc_now
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import guarded

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@blueprint.get("/calendar")
@guarded(ADMINISTERS)
def calendar() -> ResponseReturnValue:
    """Show the hours of the week, and the coming days that are not as their weekday says."""
    house = current_house()
    held = house.calendar
    return render_template(
        "helpdesk/calendar.html",
        week=list(zip(WEEKDAYS, held.week, strict=True)),
        days=office_days.list_days(db.session(), held, today=held.local_day(utc_now())),
        done=DONE_WORDS.get(request.args.get("done", "")),
    )


@blueprint.route("/calendar/hours", methods=["GET", "POST"])
@guarded(ADMINISTERS, keeps_words=True)
def calendar_hours() -> ResponseReturnValue:
    """Change the hours of the week."""
    house = current_house()
    values = {"hours": _in_a_line(house.calendar)}
    form = HoursForm(request.form if request.method == "POST" else None, meta=GOVUK, data=values)

    def save() -> None:
        office_days.set_hours(db.session(), week=form.week, by=me(), now=utc_now(), house=house)

    tried = try_to_save(form, save)
    if tried.is_saved:
        return redirect(url_for("desk.calendar", done="office_hours"))
    return render_template("helpdesk/calendar_hours.html", form=form, problem=tried.problem), tried.status


@blueprint.route("/calendar/days/new", methods=["GET", "POST"])
@guarded(ADMINISTERS, keeps_words=True)
def calendar_day() -> ResponseReturnValue:
    """Close or open a day."""
    form = DayForm(request.form if request.method == "POST" else None, meta=GOVUK)

    def save() -> None:
        office_days.set_day(db.session(), new=form.new, by=me(), now=utc_now(), house=current_house())

    tried = try_to_save(form, save)
    if tried.is_saved:
        return redirect(url_for("desk.calendar", done="office_day"))
    return render_template("helpdesk/calendar_day.html", form=form, problem=tried.problem), tried.status


@blueprint.post("/calendar/days/<uuid:day_id>/take-out")
@guarded(ADMINISTERS)
def take_out_day(day_id: UUID) -> ResponseReturnValue:
    """Let a day be as its weekday says."""
    office_days.take_out_day(db.session(), day_id=day_id, by=me(), now=utc_now(), house=current_house())
    return redirect(url_for("desk.calendar", done="office_day_out"))


@blueprint.get("/rota")
@guarded(PLANS)
def duty_rota() -> ResponseReturnValue:
    """Show who is on duty now and next."""
    user, now = me(), utc_now()
    return render_template(
        "helpdesk/rota.html",
        turns=rota.list_turns(db.session(), wall=user.wall, now=now),
        has_areas=user.wall is Wall.OPEN,
        moment=_moment,
        after=current_house().settings.escalation_minutes,
        done=DONE_WORDS.get(request.args.get("done", "")),
    )


@blueprint.route("/rota/new", methods=["GET", "POST"])
@guarded(PLANS, keeps_words=True)
def new_turn() -> ResponseReturnValue:
    """Put somebody on duty."""
    session, user, now, house = db.session(), me(), utc_now(), current_house()
    form = TurnForm(request.form if request.method == "POST" else None, meta=GOVUK)
    areas = rota.list_areas(session) if user.wall is Wall.OPEN else []
    form.offer(rota.list_able(session, wall=user.wall, now=now), areas)

    def save() -> None:
        turn = form.new(house.calendar)
        person = UUID(form.person.data)
        rota.add_turn(session, user_id=person, area_id=form.area_id, new=turn, by=user, now=now)

    tried = try_to_save(form, save)
    if tried.is_saved:
        return redirect(url_for("desk.duty_rota", done="turn_added"))
    page = render_template("helpdesk/turn.html", form=form, has_areas=bool(areas), problem=tried.problem)
    return page, tried.status


@blueprint.post("/rota/<uuid:turn_id>/end")
@guarded(PLANS)
def end_turn(turn_id: UUID) -> ResponseReturnValue:
    """Take a turn out of the rota."""
    rota.end_turn(db.session(), turn_id=turn_id, by=me(), now=utc_now())
    return redirect(url_for("desk.duty_rota", done="turn_ended"))


def _moment(at: datetime) -> str:
    """Return "Fri 20 Nov 17:00": a turn is known by its day, and a weekday alone may be last week's."""
    local = at.astimezone(LONDON)
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def _in_a_line(held: OfficeCalendar) -> str:
    return write_week({day: hours for day, hours in enumerate(held.week) if hours is not None})
