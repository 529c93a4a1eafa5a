"""The link that follows an urgent call: the written form that completes that same request (GL-1)."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from infrastructure.database import db, utc_now
from infrastructure.web.current import current_house
from infrastructure.web.guard import guarded
from service_request.channels.web.blueprint import LINK_HOLDER, web
from service_request.channels.web.device import remember_device, this_device
from service_request.services.completing import begins_by_mail, start_completing


@web.get("/complete/<token>")
@guarded(LINK_HOLDER)
def complete(token: str) -> ResponseReturnValue:
    """Say what the link begins; it begins only when the button is pressed."""
    by_mail = begins_by_mail(db.session(), token=token, now=utc_now())
    return render_template("web/complete.html", token=token, by_mail=by_mail, service="Request for service")


@web.post("/complete/<token>")
@guarded(LINK_HOLDER)
def begin_completing(token: str) -> ResponseReturnValue:
    """Begin the written form on this device."""
    begun = start_completing(db.session(), token=token, device=this_device(), now=utc_now(), house=current_house())
    return remember_device(redirect(url_for("web.tasks", draft_id=begun.id)), begun.device)
