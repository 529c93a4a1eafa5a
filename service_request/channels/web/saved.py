"""Continue a request that was saved, on this device or by a link to a proven address; or throw it away."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from infrastructure.database import db, utc_now
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.channels.web.asked import EmailForm
from service_request.channels.web.blueprint import ANYONE, DRAFT_HOLDER, LINK_HOLDER, web
from service_request.channels.web.device import remember_device, this_device
from service_request.channels.web.here import SERVICES, open_here
from service_request.services import drafts
from service_request.services.drafts import OpenDraft


@web.get("/saved")
@guarded(ANYONE)
def saved() -> ResponseReturnValue:
    """List this device's drafts, and offer to find others by a proven work address."""
    return _saved(EmailForm(meta=GOVUK))


@web.post("/saved")
@guarded(ANYONE, keeps_words=True)
def ask_for_drafts() -> ResponseReturnValue:
    """Send a link to the drafts of an address; the answer is the same whether there are any or not."""
    form = EmailForm(request.form, meta=GOVUK)
    if not csrf_holds():
        return _saved(form, has_lapsed=True)
    if not form.validate():
        return _saved(form)
    drafts.ask_for_drafts(db.session(), email=form.email.data or "", now=utc_now(), house=current_house())
    return redirect(url_for("web.asked_for_drafts"))


@web.get("/saved/link-sent")
@guarded(ANYONE)
def asked_for_drafts() -> ResponseReturnValue:
    """Say what happens next, and nothing of whether there is a draft."""
    return render_template("web/asked_for_drafts.html")


@web.get("/saved/<token>")
@guarded(LINK_HOLDER)
def found_drafts(token: str) -> ResponseReturnValue:
    """Show a button: only pressing it uses the link, so that no mail scanner can."""
    return render_template("web/found_drafts.html", token=token)


@web.post("/saved/<token>")
@guarded(LINK_HOLDER)
def open_found(token: str) -> ResponseReturnValue:
    """Let this device open the drafts of the address that the link was sent to."""
    device, found = drafts.open_found_drafts(db.session(), token=token, device=this_device(), now=utc_now())
    address = url_for("web.tasks", draft_id=found[0].id) if len(found) == 1 else url_for("web.saved")
    return remember_device(redirect(address), device)


@web.get("/request/<uuid:draft_id>/delete")
@guarded(DRAFT_HOLDER)
def delete(draft_id: UUID) -> ResponseReturnValue:
    """Ask once more before a draft is thrown away."""
    here = open_here(draft_id)
    return redirect(here.url("sent")) if here.is_sent else here.show("delete")


@web.post("/request/<uuid:draft_id>/delete")
@guarded(DRAFT_HOLDER)
def throw_away(draft_id: UUID) -> ResponseReturnValue:
    """Throw the draft away, at the word of the one who holds it."""
    drafts.delete_draft(db.session(), draft_id, device=this_device(), now=utc_now(), house=current_house())
    return redirect(url_for("web.deleted"))


@web.get("/deleted")
@guarded(ANYONE)
def deleted() -> ResponseReturnValue:
    """Say that the draft is gone."""
    return render_template("web/deleted.html")


def _saved(form: EmailForm, *, has_lapsed: bool = False) -> ResponseReturnValue:
    held = drafts.list_drafts(db.session(), device=this_device(), now=utc_now())
    return render_template(
        "web/saved.html",
        form=form,
        drafts=[_as_listed(draft) for draft in held],
        has_errors=bool(form.errors),
        has_lapsed=has_lapsed,
    )


def _as_listed(draft: OpenDraft) -> dict[str, object]:
    """Return how a draft stands in the list: without a name, since others may look at this screen (EV-6)."""
    return {
        "label": SERVICES.get(draft.kind, "A request for help"),
        "saved_at": draft.saved_at,
        "lapses_at": draft.lapses_at,
        "pages": len(draft.answers),
        "href": url_for("web.tasks", draft_id=draft.id),
        "delete": url_for("web.delete", draft_id=draft.id),
    }
