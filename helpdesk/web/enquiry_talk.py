"""What an adviser does from the page of an enquiry: take, reply, log an attempt, note, say that danger is seen to."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from helpdesk.services import triage
from helpdesk.services.enquiries import attempts, danger, replying, taking
from helpdesk.services.saved_answers import list_answers
from helpdesk.web.acts import written_on
from helpdesk.web.blueprint import ADVISES, blueprint, me
from helpdesk.web.enquiry_asking import back_to
from helpdesk.web.enquiry_page import NOTE, show
from helpdesk.web.enquiry_saying import number_words, who_it_is
from helpdesk.web.enquiry_talk_forms import AttemptForm, ReplyForm
from helpdesk.web.forms import NoteForm
from helpdesk.web.saved_words import with_answer
from helpdesk.web.saving import STALE_PAGE, on_refusal, try_to_save
from infrastructure.database import Wall, db, utc_now
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.domain.errors import DomainError
from service_request.models import Channel, Safe
from service_request.services.refusals import NotYoursError, StaleEditError
from service_request.services.sight.desk import read_request
from service_request.services.sight.enquiries import read_enquiry

CHANGED = "This enquiry changed while you had it open. What happened is shown below. Look at it, then press again."


@on_refusal
def refused_on_enquiry(request_id: UUID, refusal: DomainError) -> ResponseReturnValue:
    """Show the enquiry again, as it stands now, with the sentence of the rule that refused the act."""
    return show(request_id, problem=_why(refusal), status=409)


def _why(refusal: DomainError) -> str:
    return CHANGED if isinstance(refusal, StaleEditError) else refusal.sentence


@blueprint.post("/enquiries/<uuid:request_id>/take")
@guarded(ADVISES)
@refused_on_enquiry
def take_enquiry(request_id: UUID) -> ResponseReturnValue:
    """Take an enquiry, or take it over."""
    taking.take(db.session(), request_id=request_id, version=written_on(), by=me(), now=utc_now())
    return back_to(request_id, "take")


@blueprint.post("/enquiries/<uuid:request_id>/danger")
@guarded(ADVISES)
@refused_on_enquiry
def see_to_danger(request_id: UUID) -> ResponseReturnValue:
    """Record that somebody has seen to the danger (SE-10)."""
    danger.see_to_danger(db.session(), request_id=request_id, by=me(), now=utc_now())
    return back_to(request_id, "danger_seen")


@blueprint.post("/enquiries/<uuid:request_id>/ask-safe")
@guarded(ADVISES)
@refused_on_enquiry
def ask_safe(request_id: UUID) -> ResponseReturnValue:
    """Ask whether it is safe to write to them there, and nothing else (EV-2)."""
    replying.ask_whether_safe(
        db.session(), request_id=request_id, version=written_on(), by=me(), now=utc_now(), house=current_house()
    )
    return back_to(request_id, "asked_safe")


@blueprint.post("/enquiries/<uuid:request_id>/safe")
@guarded(ADVISES)
@refused_on_enquiry
def record_safe(request_id: UUID) -> ResponseReturnValue:
    """Record what they told an adviser about writing to them there."""
    said = request.form.get("safe", "")
    if said not in (Safe.YES, Safe.NO):
        return show(request_id, problem="Select whether it is safe to reach them there", status=400)
    replying.record_safe(
        db.session(), request_id=request_id, version=written_on(), safe=Safe(said), by=me(), now=utc_now()
    )
    return back_to(request_id, "safe")


@blueprint.post("/enquiries/<uuid:request_id>/reply")
@guarded(ADVISES, keeps_words=True)
def reply(request_id: UUID) -> ResponseReturnValue:
    """Send a reply, or add a saved answer to it, or count it; what was typed is kept whatever happens."""
    form = ReplyForm(request.form, meta=GOVUK)
    act = request.form.get("act", "send")
    if not csrf_holds():
        return show(request_id, reply=form, problem=STALE_PAGE, status=400)
    if act == "add":
        chosen = request.form.get("answer", "")
        session, user, settings = db.session(), me(), current_house().settings
        facts, known = read_request(session, request_id, user), list_answers(session, user)
        form.words.data = with_answer(form.words.data or "", known, chosen, facts, now=utc_now(), settings=settings)
    if act in ("add", "count"):
        return show(request_id, reply=form)
    if not form.words.validate(form):
        return show(request_id, reply=form)
    try:
        replying.reply(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            words=form.words.data or "",
            channel=Channel(form.channel.data) if form.channel.data in set(Channel) else None,
            by=me(),
            now=utc_now(),
            house=current_house(),
        )
    except NotYoursError:
        raise
    except DomainError as refusal:
        return show(request_id, reply=form, problem=_why(refusal), status=409)
    return back_to(request_id, "replied")


@blueprint.post("/enquiries/<uuid:request_id>/note")
@guarded(ADVISES, keeps_words=True)
def enquiry_note(request_id: UUID) -> ResponseReturnValue:
    """Add a note for SENDIASS, which is never sent."""
    form = NoteForm(request.form, meta=GOVUK, prefix=NOTE)
    if not csrf_holds():
        return show(request_id, note=form, problem=STALE_PAGE, status=400)
    if not form.validate():
        return show(request_id, note=form)
    words = form.words.data or ""
    triage.add_note(db.session(), request_id=request_id, words=words, by=me(), now=utc_now(), house=current_house())
    return back_to(request_id, "note")


@blueprint.route("/enquiries/<uuid:request_id>/attempt", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def log_attempt(request_id: UUID) -> ResponseReturnValue:
    """Log that somebody was rung or seen."""
    session, user, now = db.session(), me(), utc_now()
    form = AttemptForm(request.form if request.method == "POST" else None, meta=GOVUK)

    def save() -> None:
        attempts.log_attempt(
            session,
            request_id=request_id,
            version=form.written_on,
            channel=Channel(form.channel.data),
            reached=form.reached.data == "yes",
            words=form.words.data or "",
            by=user,
            now=now,
            house=current_house(),
        )

    tried = try_to_save(form, save)
    if tried.is_saved:
        return back_to(request_id, "reached" if form.reached.data == "yes" else "attempt")
    facts = read_request(session, request_id, user)
    enquiry = read_enquiry(session, request_id, user)
    if enquiry is None:
        raise NotYoursError
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=request_id, wall=Wall.SENDIASS)
    form.version.data = str(facts.version)
    title = who_it_is(enquiry.enquirer, enquiry.facts, facts.children, facts.asked_by)
    page = render_template(
        "helpdesk/enquiry/attempt.html",
        request_=facts,
        form=form,
        title=title,
        number=number_words,
        problem=CHANGED if tried.stale else tried.problem,
    )
    return page, tried.status
