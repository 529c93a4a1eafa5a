"""Your requests: what came from a work address, on any device that proves it by link and code (GL-14, EV-6)."""

from __future__ import annotations

from uuid import UUID

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from infrastructure.database import db, utc_now
from infrastructure.identity.links import CodeRefusedError
from infrastructure.identity.models import LinkPurpose
from infrastructure.web.current import current_house, current_settings
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.channels.web.asked import REMEMBER, EmailForm, ShiftForm
from service_request.channels.web.behind_code import REFUSED, BehindCode
from service_request.channels.web.blueprint import ANYONE, LINK_HOLDER, MAILBOX_HOLDER, web
from service_request.channels.web.device import remember_device, this_device
from service_request.channels.web.here import SERVICES
from service_request.channels.web.holding import (
    browser_token,
    forget_browser,
    held_here,
    opened_here,
    remember_browser,
)
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.services import drafts, holding
from service_request.services.drafts import OpenDraft
from service_request.services.holding import Held
from service_request.services.sight.mine import Mine, list_mine

BEHIND = BehindCode(LinkPurpose.MINE)
PAGES = 1_000  # a number past any list, which every database can count to
CHANGES = "Changes to a request you sent"
# How far a request is, in the words of whoever sent it: (colour, words).
WITH_US = ("blue", "With the helpdesk")
STATES: dict[RequestState, tuple[str, str]] = {
    RequestState.AWAITING_DECISION: ("blue", "With a manager"),
    RequestState.DECIDED: ("green", "Decided"),
    RequestState.CLOSED: ("grey", "Closed"),
    RequestState.SET_ASIDE: ("grey", "Set aside"),
}


@web.get("/mine")
@guarded(MAILBOX_HOLDER)
def your_requests() -> ResponseReturnValue:
    """List what came from the proven address; to any other browser, ask for the address."""
    held = held_here()
    return _ask_address(EmailForm(meta=GOVUK)) if held is None else _list(held)


@web.post("/mine")
@guarded(ANYONE, keeps_words=True)
def ask_for_mine() -> ResponseReturnValue:
    """Send a link to an address; the answer is the same whether anything came from it or not."""
    form = EmailForm(request.form, meta=GOVUK)
    if not csrf_holds():
        return _ask_address(form, has_lapsed=True)
    if not form.validate():
        return _ask_address(form)
    holding.ask_for_mine(db.session(), email=form.email.data or "", now=utc_now(), house=current_house())
    return redirect(url_for("web.asked_for_mine"))


@web.get("/mine/link-sent")
@guarded(ANYONE)
def asked_for_mine() -> ResponseReturnValue:
    """Say what happens next, and nothing of whether anything came from that address."""
    return render_template("web/asked_for_mine.html")


@web.get("/mine/link/<token>")
@guarded(LINK_HOLDER)
def mine(token: str) -> ResponseReturnValue:
    """Offer a code; only pressing the button sends one, so that no mail scanner can."""
    return BEHIND.link_page(token)


@web.post("/mine/link/<token>")
@guarded(LINK_HOLDER)
def ask_for_mine_code(token: str) -> ResponseReturnValue:
    """Send a code to the address that the link was sent to."""
    return BEHIND.ask(token)


@web.get("/mine/link/<token>/code")
@guarded(LINK_HOLDER)
def mine_code(token: str) -> ResponseReturnValue:
    """Ask for the code, and whether this device is to know them for their shift."""
    return BEHIND.code_page(token, ShiftForm(meta=GOVUK))


@web.post("/mine/link/<token>/code")
@guarded(LINK_HOLDER, keeps_words=True)
def take_mine_code(token: str) -> ResponseReturnValue:
    """Take the code, once: this browser has proven the address from now on."""
    form = ShiftForm(request.form, meta=GOVUK)
    if not csrf_holds():
        return BEHIND.code_page(token, form, has_lapsed=True)
    if not form.validate():
        return BEHIND.code_page(token, form)
    for_shift = REMEMBER in (form.remember.data or ())
    try:
        opened = holding.take_code(
            db.session(),
            token=token,
            code=form.code.data or "",
            remember=for_shift,
            before=browser_token(),
            now=utc_now(),
            house=current_house(),
        )
    except CodeRefusedError:
        form.code.errors = [REFUSED]
        return BEHIND.code_page(token, form)
    return remember_browser(redirect(url_for("web.your_requests")), opened, for_shift=for_shift)


@web.post("/mine/sign-out")
@guarded(MAILBOX_HOLDER)
def let_go() -> ResponseReturnValue:
    """Sign this browser out, and close here what the address had opened."""
    opened = opened_here()
    holding.let_go(db.session(), browser=browser_token(), device=this_device(), opened=opened, now=utc_now())
    return forget_browser(redirect(url_for("web.your_requests")))


@web.post("/mine/drafts")
@guarded(MAILBOX_HOLDER)
def open_my_draft() -> ResponseReturnValue:
    """Let this device open a draft of the proven address."""
    held = held_here()
    if held is None:
        return redirect(url_for("web.your_requests"))
    try:
        draft_id = UUID(request.form.get("draft", ""))
    except ValueError:
        abort(404)
    device = drafts.open_owned(db.session(), draft_id, address=held.address, device=this_device(), now=utc_now())
    return remember_device(redirect(url_for("web.tasks", draft_id=draft_id)), device)


def _ask_address(form: EmailForm, *, has_lapsed: bool = False) -> ResponseReturnValue:
    return render_template("web/mine_address.html", form=form, has_errors=bool(form.errors), has_lapsed=has_lapsed)


def _list(held: Held) -> ResponseReturnValue:
    page = min(max(request.args.get("page", 1, type=int), 1), PAGES)
    session, now = db.session(), utc_now()
    rows, has_more = list_mine(session, held.address, page=page)
    owned = drafts.list_owned(session, address=held.address, device=this_device(), now=now) if page == 1 else []
    return render_template(
        "web/your_requests.html",
        held=held,
        drafts=[_draft(draft, is_here) for draft, is_here in owned],
        rows=[_row(row) for row in rows],
        page=page,
        has_more=has_more,
        idle_minutes=current_settings().referrer_idle_minutes,
    )


def _draft(draft: OpenDraft, is_here: bool) -> dict[str, object]:
    """Return how a draft stands in the list: without a name, since others may look at this screen (EV-6)."""
    return {
        "label": CHANGES if draft.amends_id else SERVICES.get(draft.kind, "A request for help"),
        "saved_at": draft.saved_at,
        "lapses_at": draft.lapses_at,
        "pages": len(draft.answers),
        "href": url_for("web.tasks", draft_id=draft.id) if is_here else "",
        "id": draft.id,
    }


def how_far(row: Mine) -> tuple[str, str]:
    """Return how far a request is: the colour of its tag, and words for whoever sent it."""
    if row.ended_why:
        return "grey", "Taken back"
    if row.wants_back:
        return "yellow", "You asked to take it back"
    if row.asked_id is not None:
        return "yellow", "We asked you something"
    return STATES.get(row.state, WITH_US)


def _row(row: Mine) -> dict[str, object]:
    colour, words = how_far(row)
    return {
        "reference": format_reference(row.reference),
        "initials": row.initials,
        "received_at": row.received_at,
        "colour": colour,
        "words": words,
        "href": url_for("web.my_request", request_id=row.id),
    }
