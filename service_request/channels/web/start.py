"""The first page, the fork about names, and the draft that they begin (EV-10, GL-6, GL-16)."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from infrastructure.database import db, utc_now
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.channels.web.asked import SENDIASS, WITHOUT_NAMES, NamesForm, WhoForm
from service_request.channels.web.blueprint import ANYONE, web
from service_request.channels.web.device import remember_device, this_device
from service_request.domain.consent import Told
from service_request.pathways.social_care.forms import FormKind, steps_of
from service_request.services.drafts import start_draft

WORK = "work"


@web.route("/", methods=["GET", "POST"])
@guarded(ANYONE, keeps_words=True)
def start() -> ResponseReturnValue:
    """Ask who is there; nothing is kept before they say (EV-10 stands first)."""
    form = WhoForm(request.form, meta=GOVUK)
    has_lapsed = request.method == "POST" and not csrf_holds()
    if request.method == "POST" and not has_lapsed and form.validate():
        elsewhere = {WORK: "web.names", SENDIASS: "web.sendiass"}.get(form.who.data)
        return redirect(url_for(elsewhere)) if elsewhere else _begin(FormKind(form.who.data))
    return render_template("web/start.html", form=form, has_errors=bool(form.errors), has_lapsed=has_lapsed)


@web.route("/names", methods=["GET", "POST"])
@guarded(ANYONE, keeps_words=True)
def names() -> ResponseReturnValue:
    """Ask a professional whether children will be named, before any page could ask for a name (GL-6)."""
    form = NamesForm(request.form, meta=GOVUK)
    has_lapsed = request.method == "POST" and not csrf_holds()
    if request.method == "POST" and not has_lapsed and form.validate():
        return _begin(FormKind.IN_PRINCIPLE if form.names.data == WITHOUT_NAMES else FormKind.FULL)
    return render_template("web/names.html", form=form, has_errors=bool(form.errors), has_lapsed=has_lapsed)


def _begin(kind: FormKind) -> ResponseReturnValue:
    """Begin a draft on this device, and open its task list or, for a short form, its first page."""
    answers = {"told": {"told": [str(Told.IN_PRINCIPLE)]}} if kind is FormKind.IN_PRINCIPLE else {}
    begun = start_draft(
        db.session(), kind=kind, device=this_device(), answers=answers, now=utc_now(), house=current_house()
    )
    professional = kind in (FormKind.FULL, FormKind.IN_PRINCIPLE)
    first = steps_of(kind, {})[0].key
    address = (
        url_for("web.tasks", draft_id=begun.id) if professional else url_for("web.step", draft_id=begun.id, key=first)
    )
    return remember_device(redirect(address), begun.device)
