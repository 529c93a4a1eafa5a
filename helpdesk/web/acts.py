"""What the desk does with a request: a button, or a small page that asks what must be said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.domain.closures import OpenCase
from helpdesk.services import closing, triage
from helpdesk.web import saying
from helpdesk.web.blueprint import ACTS, TAKES_CALLS, blueprint, me
from helpdesk.web.forms import (
    CallForm,
    ConfirmReferrerForm,
    NoteForm,
    OpenCaseForm,
    ReturnForm,
    SetAsideForm,
    Versioned,
)
from helpdesk.web.request_page import show
from helpdesk.web.saving import OPENED_LATELY, STALE_PAGE, on_refusal, try_to_save
from infrastructure.database import db, utc_now
from infrastructure.questions import choice, revealed_by
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.domain.errors import DomainError
from service_request.models import ReasonKind
from service_request.services import matching
from service_request.services.reasons import list_reasons
from service_request.services.sight.desk import read_request
from service_request.services.sight.timeline import list_happenings


@on_refusal
def refused_on_page(request_id: UUID, refusal: DomainError) -> ResponseReturnValue:
    """Show the request again, as it stands now, with the sentence of the rule that refused the act."""
    return show(request_id, problem=refusal.sentence, status=409)


def done(request_id: UUID, what: str) -> ResponseReturnValue:
    """Lead back to the request, which then says what was done."""
    return redirect(url_for("desk.request_page", request_id=request_id, done=what))


def written_on() -> int | None:
    """Return the version of the request that the button was shown with."""
    return Versioned(request.form, meta=GOVUK).written_on


@blueprint.post("/requests/<uuid:request_id>/claim")
@guarded(ACTS)
@refused_on_page
def claim(request_id: UUID) -> ResponseReturnValue:
    """Take the request on."""
    triage.claim(
        db.session(), request_id=request_id, version=written_on(), by=me(), now=utc_now(), house=current_house()
    )
    return done(request_id, "claim")


@blueprint.post("/requests/<uuid:request_id>/release")
@guarded(ACTS)
@refused_on_page
def release(request_id: UUID) -> ResponseReturnValue:
    """Give the request back to everybody."""
    triage.release(
        db.session(), request_id=request_id, version=written_on(), by=me(), now=utc_now(), house=current_house()
    )
    return done(request_id, "release")


@blueprint.post("/requests/<uuid:request_id>/pass")
@guarded(ACTS)
@refused_on_page
def pass_to_manager(request_id: UUID) -> ResponseReturnValue:
    """Pass the request to the manager for its area."""
    triage.pass_to_manager(
        db.session(), request_id=request_id, version=written_on(), by=me(), now=utc_now(), house=current_house()
    )
    return done(request_id, "pass")


@blueprint.post("/requests/<uuid:request_id>/restore")
@guarded(TAKES_CALLS)
@refused_on_page
def restore(request_id: UUID) -> ResponseReturnValue:
    """Bring back what was set aside."""
    triage.restore(
        db.session(), request_id=request_id, version=written_on(), by=me(), now=utc_now(), house=current_house()
    )
    return done(request_id, "restore")


@blueprint.post("/requests/<uuid:request_id>/close")
@guarded(ACTS)
@refused_on_page
def close(request_id: UUID) -> ResponseReturnValue:
    """Close the request, unless something is still owed."""
    closing.close(db.session(), request_id=request_id, version=written_on(), by=me(), now=utc_now())
    return done(request_id, "close")


@blueprint.post("/requests/<uuid:request_id>/hints/<uuid:similarity_id>")
@guarded(ACTS)
@refused_on_page
def answer_hint(request_id: UUID, similarity_id: UUID) -> ResponseReturnValue:
    """Say whether a child seen before is the same child."""
    if request.form.get("same") not in ("yes", "no"):  # no answer is not "no"
        return show(request_id, problem="Select whether it is the same child", status=400)
    same = request.form["same"] == "yes"
    matching.answer_similarity(db.session(), similarity_id=similarity_id, same=same, by=me(), now=utc_now())
    return done(request_id, "same" if same else "not_same")


@blueprint.post("/requests/<uuid:request_id>/note")
@guarded(ACTS, keeps_words=True)
def note(request_id: UUID) -> ResponseReturnValue:
    """Add a note for staff; what was typed is kept when it cannot be saved."""
    form = NoteForm(request.form, meta=GOVUK)
    if not csrf_holds():
        return show(request_id, note=form, problem=STALE_PAGE, status=400)
    if not form.validate():
        return show(request_id, note=form)
    words = form.words.data or ""
    triage.add_note(db.session(), request_id=request_id, words=words, by=me(), now=utc_now(), house=current_house())
    return done(request_id, "note")


@blueprint.route("/requests/<uuid:request_id>/call", methods=["GET", "POST"])
@guarded(ACTS, keeps_words=True)
def log_call(request_id: UUID) -> ResponseReturnValue:
    """Log a call to the referrer."""
    form = CallForm(request.form, meta=GOVUK)

    def save() -> None:
        reached = form.reached.data == "yes"
        triage.log_contact_attempt(
            db.session(),
            request_id=request_id,
            reached=reached,
            words=(form.words.data or "").strip() or "Nobody answered.",
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    return ask(request_id, form, save, "call", title="Log a call to the referrer", button="Save call", shows_phone=True)


@blueprint.route("/requests/<uuid:request_id>/set-aside", methods=["GET", "POST"])
@guarded(TAKES_CALLS, keeps_words=True)
def set_aside(request_id: UUID) -> ResponseReturnValue:
    """Set aside what is no request."""
    form = SetAsideForm(request.form, meta=GOVUK)
    form.reason.choices = [choice(*one) for one in list_reasons(db.session(), ReasonKind.SET_ASIDE)]

    def save() -> None:
        triage.set_aside(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            reason=form.reason.data,
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    said = ["Only for what is no request at all. It is counted, and can be restored at any time."]
    return ask(request_id, form, save, "set_aside", title="Set aside", button="Set aside", said=said)


@blueprint.route("/requests/<uuid:request_id>/return", methods=["GET", "POST"])
@guarded(ACTS, keeps_words=True)
def return_to_desk(request_id: UUID) -> ResponseReturnValue:
    """Return a request to the helpdesk with a reason."""
    form = ReturnForm(request.form, meta=GOVUK)

    def save() -> None:
        triage.return_to_desk(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            reason=form.reason.data or "",
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    return ask(request_id, form, save, "return", title="Return to the helpdesk", button="Return to helpdesk")


@blueprint.route("/requests/<uuid:request_id>/open-case", methods=["GET", "POST"])
@guarded(ACTS, keeps_words=True)
def open_case(request_id: UUID) -> ResponseReturnValue:
    """Record what the case system says."""
    form = OpenCaseForm(request.form, meta=GOVUK)

    def save() -> None:
        triage.record_open_case_check(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            found=OpenCase(form.found.data),
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    said = ["Look each child up in the case system first. This service cannot see it."]
    return ask(request_id, form, save, "open_case", title="Case open elsewhere?", button="Save check", said=said)


@blueprint.route("/requests/<uuid:request_id>/confirm-referrer", methods=["GET", "POST"])
@guarded(ACTS, keeps_words=True)
def confirm_referrer(request_id: UUID) -> ResponseReturnValue:
    """Confirm a professional by phone, so that the form may go back to them (GL-14)."""
    form = ConfirmReferrerForm(request.form, meta=GOVUK)

    def save() -> None:
        triage.confirm_referrer_by_phone(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    return ask(
        request_id, form, save, "confirm", title="Confirm the referrer by phone", button="Confirm", shows_referrer=True
    )


def ask(
    request_id: UUID,
    form: Versioned,
    save: Callable[[], object],
    what: str,
    *,
    title: str,
    button: str,
    said: Sequence[str] = (),
    after: Callable[[], ResponseReturnValue] | None = None,
    **shows: bool,
) -> ResponseReturnValue:
    """Show a small page, or do what it asks for; every word typed is kept until it is saved."""
    tried = try_to_save(form, save)
    if tried.is_saved:
        return after() if after else done(request_id, what)
    stale = tried.stale
    session, user, now = db.session(), me(), utc_now()
    facts = read_request(session, request_id, user)
    lately = list_happenings(session, request_id, user)[:OPENED_LATELY] if stale else []
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=request_id)
    if form.version.data is None or stale is not None:
        form.version.data = str(facts.version)
    beneath = {name for field in form for name in revealed_by(field)}
    page = render_template(
        "helpdesk/act.html",
        request_=facts,
        form=form,
        shown=[field.short_name for field in form if field.short_name not in {"version", *beneath}],
        title_words=title,
        button=button,
        said=said,
        problem=tried.problem,
        mine=[text for text in stale.mine.values() if text] if stale else [],
        theirs=saying.timeline_of(lately, [], "", now) if stale else [],
        proof=saying.proof_words(facts.referrer, now),
        **shows,
    )
    return page, tried.status
