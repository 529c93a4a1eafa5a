"""The page where an officer writes by mail from a request (EV-2, EV-6)."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from helpdesk.domain.mailing import WAY_LABELS, Addressee, MailWay, SaysTooMuchError
from helpdesk.services.mailing import LONGEST, read_addressees, write
from helpdesk.services.saved_answers import list_answers
from helpdesk.web.acts import done
from helpdesk.web.blueprint import ACTS, blueprint, me
from helpdesk.web.forms import Say, Versioned, one_of, words
from helpdesk.web.held_back import TELLS, WHERE, as_written, mark_terms
from helpdesk.web.saved_words import with_answer
from helpdesk.web.saving import Tried, try_to_save
from infrastructure.database import db, utc_now
from infrastructure.questions import choice
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house, current_settings
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.services.guarding import may_carry_more
from service_request.services.sight.desk import read_request


class WriteForm(Versioned):
    """What an officer writes, to whom, and where the words stand."""

    to = one_of("To", (), "Select whom you write to")
    words = words("Message", Say("Enter what you want to tell them"), rows=8, most=LONGEST)
    way = one_of("Where do these words stand?", WAY_LABELS.items(), "Select where the words stand")


@blueprint.route("/requests/<uuid:request_id>/write", methods=["GET", "POST"])
@guarded(ACTS, keeps_words=True)
def write_mail(request_id: UUID) -> ResponseReturnValue:
    """Write to somebody who takes part; what an email may not say is marked, and every word is kept."""
    session, user, now = db.session(), me(), utc_now()
    who = read_addressees(session, request_id, user)
    form = _form(who)
    caught: list[dict[str, str]] = []

    def save() -> None:
        try:
            write(
                session,
                request_id=request_id,
                version=form.written_on,
                to=form.to.data,
                words=form.words.data or "",
                way=MailWay(form.way.data),
                by=user,
                now=now,
                house=current_house(),
            )
        except SaysTooMuchError as refusal:
            caught.extend(refusal.caught)
            raise

    if request.form.get("act") == "add" and csrf_holds():
        facts, chosen = read_request(session, request_id, user), request.form.get("answer", "")
        settings, known = current_settings(), list_answers(session, user)
        form.words.data = with_answer(form.words.data or "", known, chosen, facts, now=now, settings=settings)
        return _page(request_id, form, who, Tried(), caught)
    tried = try_to_save(form, save)
    if tried.is_saved:
        return done(request_id, "mail")
    return _page(request_id, form, who, tried, caught)


def _form(who: list[Addressee]) -> WriteForm:
    form = WriteForm(request.form if request.method == "POST" else None, meta=GOVUK)
    open_to = [one for one in who if one.ways]
    form.to.choices = [choice(one.address, one.address, hint=one.name) for one in open_to]
    ways = {way for one in open_to for way in one.ways}
    form.way.choices = [choice(way.value, label) for way, label in WAY_LABELS.items() if way in ways]
    if request.method != "POST" and open_to:
        form.to.data = open_to[0].address
        form.way.data = open_to[0].ways[0].value
    return form


def _page(
    request_id: UUID, form: WriteForm, who: list[Addressee], tried: Tried, caught: list[dict[str, str]]
) -> ResponseReturnValue:
    session, user, now = db.session(), me(), utc_now()
    facts = read_request(session, request_id, user)
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=request_id)
    if form.version.data is None or tried.stale is not None:
        form.version.data = str(facts.version)
    settings, typed = current_settings(), form.words.data or ""
    page = render_template(
        "helpdesk/write_mail.html",
        request_=facts,
        form=form,
        open_to=[one for one in who if one.ways],
        closed=[one for one in who if one.refused],
        secure=[one.address for one in who if may_carry_more(one.address, settings)],
        answers=list_answers(session, user),
        problem=tried.problem,
        caught=[(TELLS[one["telling"]], as_written(one["words"], typed), WHERE[one["where"]]) for one in caught],
        marked=mark_terms(typed, {one["words"] for one in caught}) if caught else [],
    )
    return page, tried.status
