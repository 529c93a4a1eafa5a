"""Asking the referrer: what is needed, by field and in words, shown whole before it is sent (GL-3)."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField

from helpdesk.services import asking
from helpdesk.services.asking import LONGEST, NothingAskedError, ToAsk, read_to_ask
from helpdesk.web.acts import ask as ask_more
from helpdesk.web.acts import done, refused_on_page, written_on
from helpdesk.web.blueprint import ACTS, blueprint, me
from helpdesk.web.forms import Versioned, one_of, words
from helpdesk.web.saving import Tried, try_to_save
from infrastructure.database import db, utc_now
from infrastructure.questions import choice
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import guarded
from service_request.domain.states import RequestState
from service_request.domain.typed import REASON_MAX
from service_request.models import ReasonKind
from service_request.services.asking import days_of
from service_request.services.reasons import list_reasons
from service_request.services.sight.desk import read_request


class AskForm(Versioned):
    """What an officer needs of the referrer."""

    needed = SelectMultipleField("What do you need?", choices=[], validate_choice=False)
    words = words(
        "What do you ask, or why? (optional)",
        hint="The referrer reads this behind a link and a code. The email itself says nothing of it.",
        rows=5,
        most=LONGEST,
    )


class GiveUpForm(Versioned):
    """Why it goes on without an answer."""

    reason = one_of("Why do you go on without it?", (), "Select why you go on without it")
    words = words("What was it? (for another reason)", most=REASON_MAX, rows=2)


@blueprint.route("/requests/<uuid:request_id>/ask", methods=["GET", "POST"])
@guarded(ACTS, keeps_words=True)
def ask_referrer(request_id: UUID) -> ResponseReturnValue:
    """Choose what is needed, see the whole message, and send it."""
    session, user, now, house = db.session(), me(), utc_now(), current_house()
    to_ask = read_to_ask(session, request_id, by=user, now=now, house=house)
    is_new = request.method != "POST"
    form = AskForm(None if is_new else request.form, meta=GOVUK)
    if is_new:
        form.needed.data = list(to_ask.missing)

    def save() -> None:
        if not (form.needed.data or (form.words.data or "").strip()):
            raise NothingAskedError
        if request.form.get("act") == "send":
            asking.ask(
                session,
                request_id=request_id,
                version=form.written_on,
                fields=form.needed.data or [],
                words=form.words.data or "",
                by=user,
                now=now,
                house=house,
            )

    tried = try_to_save(form, save)
    act = request.form.get("act")
    if tried.is_saved and act == "send":
        return done(request_id, "asked")
    return _page(request_id, form, to_ask, tried, is_shown=tried.is_saved and act == "show")


def _page(request_id: UUID, form: AskForm, to_ask: ToAsk, tried: Tried, *, is_shown: bool) -> ResponseReturnValue:
    session, user, now = db.session(), me(), utc_now()
    facts = read_request(session, request_id, user)
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=request_id)
    if form.version.data is None or tried.stale is not None:
        form.version.data = str(facts.version)
    chosen = set(form.needed.data or [])
    answered = [(group, [one for one in group.fields if not one.is_missing]) for group in to_ask.groups]
    groups = [(group, fields, any(one.field in chosen for one in fields)) for group, fields in answered if fields]
    page = render_template(
        "helpdesk/ask.html",
        request_=facts,
        form=form,
        to_ask=to_ask,
        chosen=chosen,
        groups=groups,
        asks_more=any(is_chosen for *_, is_chosen in groups),
        reminders=_reminders(),
        labels=to_ask.labels(form.needed.data or []),
        is_shown=is_shown,
        problem=tried.problem,
    )
    return page, tried.status


def _reminders() -> str:
    """Say when the referrer is reminded, as the settings have it (GL-17)."""
    days = days_of(current_house())
    listed = " and ".join(filter(None, (", ".join(map(str, days[:-1])), str(days[-1])))) if days else ""
    noun = "working day" if days == [1] else "working days"
    return (
        f"We remind them after {listed} {noun}, then it comes up at the desk." if days else "It comes up at the desk."
    )


@blueprint.post("/requests/<uuid:request_id>/asked/<uuid:asked_id>/answered")
@guarded(ACTS)
@refused_on_page
def mark_answered(request_id: UUID, asked_id: UUID) -> ResponseReturnValue:
    """Say that what was asked is answered in another way."""
    asking.mark_answered(
        db.session(),
        request_id=request_id,
        asked_id=asked_id,
        version=written_on(),
        by=me(),
        now=utc_now(),
        house=current_house(),
    )
    return done(request_id, "answered")


@blueprint.route("/requests/<uuid:request_id>/asked/<uuid:asked_id>/give-up", methods=["GET", "POST"])
@guarded(ACTS, keeps_words=True)
def give_up(request_id: UUID, asked_id: UUID) -> ResponseReturnValue:
    """Go on without an answer, with a reason."""
    form = GiveUpForm(request.form, meta=GOVUK)
    form.reason.choices = [choice(code, label) for code, label in list_reasons(db.session(), ReasonKind.GIVE_UP)]

    def save() -> None:
        asking.give_up(
            db.session(),
            request_id=request_id,
            asked_id=asked_id,
            version=form.written_on,
            reason=form.reason.data or "",
            words=form.words.data or "",
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    waits = read_request(db.session(), request_id, me()).state is RequestState.AWAITING_INFORMATION
    chased = "It goes back to triage, and nothing more is chased." if waits else "Nothing more is chased."
    said = [f"{chased} What the referrer still sends is taken."]
    return ask_more(request_id, form, save, "gave_up", title="Go on without the answer", button="Give it up", said=said)
