"""What waits inside the wall since no machine could say what it is: read, and made an enquiry or set aside (EV-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.services.enquiries import held as service
from helpdesk.services.mails import open_held_mail
from helpdesk.web.blueprint import ADVISES, blueprint, me
from helpdesk.web.forms import one_of
from helpdesk.web.queue_rows import capped
from helpdesk.web.saving import STALE_PAGE
from helpdesk.web.words import DONE_WORDS
from infrastructure.database import Wall, db, utc_now
from infrastructure.questions import PlainForm
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.models import Arrival, Channel
from service_request.pathways.sendiass.rules import NOT_AN_ENQUIRY_LABELS, NotAnEnquiry
from service_request.services.sight.enquiry_queue import count_enquiries
from service_request.services.sight.held_arrivals import count_post, get_held_arrival, list_held_arrivals
from service_request.services.sight.mails import MailFacts, find_mail_of

WHY: dict[str, str] = {
    "unrouted": "It came to a number that no service has.",
    "incomplete": "It came without its sender or its name.",
    "missed_call": "A call that nobody took.",
    "unreadable": "The system could not read it.",
    "danger_filed": "It was taken for junk, a list or a machine's, and what it says may mean danger.",
    "sender_unclear": "It does not say plainly whom it is from, so nothing answers it by itself.",
}
NOT_UNDERSTOOD = "The system could not understand it."


@dataclass(frozen=True)
class Held:
    """What is held as its page shows it, on either side of the wall."""

    channel: Channel
    received_at: datetime
    sender: str | None
    words: str
    why: str
    can_be_opened: bool
    mail: MailFacts | None = None
    raw_at: str = ""  # where it can be downloaded as it came


def show_held(row: Arrival, *, can_be_opened: bool) -> Held:
    """Return what was said and why it waits; `can_be_opened`: something can be made of it."""
    if row.channel is Channel.EMAIL:
        mail = find_mail_of(db.session(), row.id, me())
        return Held(
            channel=row.channel,
            received_at=row.received_at,
            sender=row.sender,
            words=mail.words if mail is not None else "",
            why=WHY.get(row.reason or "", NOT_UNDERSTOOD),
            can_be_opened=True,
            mail=mail,
            raw_at=url_for("desk.raw_held_mail", arrival_id=row.id),
        )
    return Held(
        channel=row.channel,
        received_at=row.received_at,
        sender=row.sender,
        words=service.words_of(row),
        why=WHY.get(row.reason or "", NOT_UNDERSTOOD),
        can_be_opened=can_be_opened,
    )


class SetAsideHeldForm(PlainForm):
    """Why what was held is no enquiry."""

    reason = one_of("Why is it not an enquiry?", NOT_AN_ENQUIRY_LABELS.items(), "Select why it is not an enquiry")


@blueprint.get("/enquiries/held")
@guarded(ADVISES)
def held_enquiries() -> ResponseReturnValue:
    """List what is held, and log what was listed."""
    session, user, now = db.session(), me(), utc_now()
    rows = list_held_arrivals(session, user)
    counts = count_enquiries(session, user)
    log_access(session, Access.LIST, by=user.actor, now=now, ids=[row.id for row in rows], wall=Wall.SENDIASS)
    return render_template(
        "helpdesk/enquiry/held.html",
        rows=rows,
        why=WHY,
        not_understood=NOT_UNDERSTOOD,
        counts=counts,
        held_count=len(rows),
        filed_count=count_post(session, user).filed,
        capped=capped,
        view="held",
        done=DONE_WORDS.get(request.args.get("done", "")),
    )


@blueprint.route("/enquiries/held/<uuid:arrival_id>", methods=["GET", "POST"])
@guarded(ADVISES)
def held_enquiry(arrival_id: UUID) -> ResponseReturnValue:
    """Show what is held with its words, and say what becomes of it."""
    session, user, now = db.session(), me(), utc_now()
    act = request.form.get("act", "")
    form = SetAsideHeldForm(request.form if act == "set_aside" else None, meta=GOVUK)
    problem, status = "", 200
    row = get_held_arrival(session, arrival_id, user)
    if request.method == "POST":
        if not csrf_holds():
            problem, status = STALE_PAGE, 400
        elif act == "open":
            make = open_held_mail if row.channel is Channel.EMAIL else service.open_held
            request_id = make(session, arrival_id=arrival_id, by=user, now=now, house=current_house())
            return redirect(url_for("desk.enquiry", request_id=request_id, done="held_opened"))
        elif act == "set_aside" and form.validate():
            reason = NotAnEnquiry(form.reason.data)
            service.set_aside_held(session, arrival_id=arrival_id, reason=reason, by=user, now=now)
            return redirect(url_for("desk.held_enquiries", done="held_set_aside"))
    held = show_held(row, can_be_opened=True)
    log_access(session, Access.VIEW, by=user.actor, now=now, ids=[arrival_id], wall=Wall.SENDIASS)
    return render_template("helpdesk/enquiry/held_one.html", held=held, form=form, problem=problem), status
