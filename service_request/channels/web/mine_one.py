"""One of your requests: its outcome, changing what was sent, and taking it back (GL-14)."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from flask import redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from infrastructure.calendar import LONDON
from infrastructure.database import db, utc_now
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.channels.web.blueprint import DRAFT_HOLDER, MAILBOX_HOLDER, web
from service_request.channels.web.device import remember_device, this_device
from service_request.channels.web.here import open_here
from service_request.channels.web.holding import held_here
from service_request.channels.web.mine import how_far
from service_request.channels.web.outcome import with_times
from service_request.channels.web.saying_why import AmendForm, WithdrawForm
from service_request.domain.errors import DomainError
from service_request.domain.references import format_reference
from service_request.models import ReasonKind
from service_request.pathways.social_care.changes import list_changes
from service_request.pathways.social_care.rules import UNDECIDED
from service_request.services import amending, withdrawing
from service_request.services.outside import NotProvenError, show_outcome, take_form_file
from service_request.services.reasons import list_reasons
from service_request.services.refusals import NotYoursError
from service_request.services.send_form import NotReadyError, answers_digest
from service_request.services.sight.mine import find_mine, get_mine


@web.get("/mine/<uuid:request_id>")
@guarded(MAILBOX_HOLDER)
def my_request(request_id: UUID) -> ResponseReturnValue:
    """Show how far one request is and what its sender can do; nothing that it said (EV-6)."""
    held = held_here()
    if held is None:
        return _prove_first()
    row = find_mine(db.session(), held.address, request_id)
    return render_template(
        "web/my_request.html",
        row=row,
        far=how_far(row),
        now=utc_now(),
        reference=format_reference(row.reference),
        may_withdraw=row.state in UNDECIDED and not row.wants_back,
    )


@web.get("/mine/<uuid:request_id>/outcome")
@guarded(MAILBOX_HOLDER)
def my_outcome(request_id: UUID) -> ResponseReturnValue:
    """Show the outcome to whoever proved the referrer's own address; what more they see stays with GL-14."""
    held = held_here()
    if held is None:
        return _prove_first()
    session, now = db.session(), utc_now()
    found = get_mine(session, request_id, held.address)
    page = show_outcome(session, found, address=held.address, by=held.actor, now=now)
    return render_template(
        f"web/outcome_{page.audience}.html",
        page=page,
        body=with_times(page),
        form_href=url_for("web.my_form", request_id=request_id),
        sent_on=page.received_at.astimezone(LONDON).date(),
    )


@web.get("/mine/<uuid:request_id>/form")
@guarded(MAILBOX_HOLDER)
def my_form(request_id: UUID) -> ResponseReturnValue:
    """Hand the form back with the actions recorded, to a proven professional only (GL-14)."""
    held = held_here()
    if held is None:
        return _prove_first()
    session = db.session()
    found = get_mine(session, request_id, held.address)
    try:
        name, content = take_form_file(session, found, address=held.address, by=held.actor, now=utc_now())
    except NotProvenError:
        return redirect(url_for("web.my_outcome", request_id=request_id))
    return send_file(BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name)


@web.route("/mine/<uuid:request_id>/withdraw", methods=["GET", "POST"])
@guarded(MAILBOX_HOLDER, keeps_words=True)
def withdraw(request_id: UUID) -> ResponseReturnValue:
    """Ask for a request to be taken back, with a reason; a person says what becomes of it."""
    session, now = db.session(), utc_now()
    form = WithdrawForm(request.form, meta=GOVUK)
    form.offer(list_reasons(session, ReasonKind.WITHDRAW))
    held = held_here()
    if held is None:
        return _kept(form) if request.method == "POST" else _prove_first()
    row = find_mine(session, held.address, request_id)
    problem, has_lapsed = "", False
    if request.method == "POST":
        has_lapsed = not csrf_holds()
        if not has_lapsed and form.validate():
            try:
                withdrawing.ask_to_withdraw(
                    session, request_id=request_id, why=form.why, held=held, now=now, house=current_house()
                )
            except NotYoursError:
                raise
            except DomainError as refused:
                problem = refused.sentence
            else:
                return redirect(url_for("web.my_request", request_id=request_id))
    return render_template(
        "web/withdraw.html",
        form=form,
        reference=format_reference(row.reference),
        request_id=request_id,
        problem=problem,
        has_errors=bool(problem or form.errors),
        has_lapsed=has_lapsed,
    )


@web.route("/mine/<uuid:request_id>/amend", methods=["GET", "POST"])
@guarded(MAILBOX_HOLDER)
def amend(request_id: UUID) -> ResponseReturnValue:
    """Say what changing means, and begin it on this device when the button is pressed (a look begins nothing)."""
    held = held_here()
    if held is None:
        return _prove_first()
    session = db.session()
    row = find_mine(session, held.address, request_id)
    problem = ""
    if request.method == "POST":
        device, now, house = this_device(), utc_now(), current_house()
        try:
            begun = amending.begin_amending(
                session, request_id=request_id, held=held, device=device, now=now, house=house
            )
        except NotYoursError:
            raise
        except DomainError as refused:
            problem = refused.sentence
        else:
            return remember_device(redirect(url_for("web.tasks", draft_id=begun.id)), begun.device)
    reference = format_reference(row.reference)
    return render_template(
        "web/amend.html", reference=reference, request_id=request_id, problem=problem, has_errors=bool(problem)
    )


@web.route("/request/<uuid:draft_id>/changes", methods=["GET", "POST"])
@guarded(DRAFT_HOLDER, keeps_words=True)
def changes(draft_id: UUID) -> ResponseReturnValue:
    """Show each answer that differs, old beside new, ask why, and send the changes, once (EV-3)."""
    here = open_here(draft_id)
    session = db.session()
    if here.is_sent:
        return here.show("changed") if here.draft.amends_id else redirect(here.url("sent"))
    seen = amending.look_at_changes(session, draft_id, device=this_device(), now=here.now)
    form = AmendForm(request.form, meta=GOVUK)
    form.offer(list_reasons(session, ReasonKind.AMEND))
    problem, stopped, has_lapsed = "", [], False
    if request.method == "POST":
        has_lapsed = not csrf_holds()
        if not has_lapsed and form.validate():
            try:
                amending.send_changes(
                    session,
                    draft_id,
                    device=this_device(),
                    digest=request.form.get("digest", ""),
                    why=form.why,
                    now=here.now,
                    house=current_house(),
                )
            except NotReadyError as refused:
                stopped = [
                    {"text": one.message, "href": here.url("step", key=one.key, _anchor=one.field)}
                    for one in refused.problems
                ]
            except NotYoursError:
                raise
            except DomainError as refused:
                problem = refused.sentence
            else:
                return redirect(here.url("changes"))
    return here.show(
        "changes",
        form=form,
        reference=format_reference(seen.request.reference),
        rows=list_changes(here.kind, seen.before, seen.after, here.context),
        digest=answers_digest(here.draft.answers),
        problem=problem,
        stopped=stopped,
        has_errors=bool(problem or stopped or form.errors),
        has_lapsed=has_lapsed,
    )


def _prove_first() -> ResponseReturnValue:
    """Lead to where an address is proven; what is behind is not told of."""
    return redirect(url_for("web.your_requests"))


def _kept(form: WithdrawForm) -> ResponseReturnValue:
    """Give the words back where the address is not proven here any more: nothing typed is lost (W13)."""
    return render_template("web/not_held.html", words=[text for text in (form.words.data,) if text])
