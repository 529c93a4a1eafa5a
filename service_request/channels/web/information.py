"""The pages that anyone can read: how else to reach us, who sees what, privacy, and accessibility."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from infrastructure.web.current import current_settings
from infrastructure.web.guard import guarded
from service_request.channels.web.blueprint import ANYONE, web


@web.get("/other-ways")
@guarded(ANYONE)
def other_ways() -> ResponseReturnValue:
    """Say how else to reach us, and when a person answers."""
    return render_template("web/other_ways.html")


@web.get("/who-sees")
@guarded(ANYONE)
def who_sees() -> ResponseReturnValue:
    """Say who reads what is told here, and who does not (EV-5)."""
    return render_template("web/who_sees.html")


@web.get("/privacy")
@guarded(ANYONE)
def privacy() -> ResponseReturnValue:
    """Say what is kept and for how long, and which cookies there are (EV-8)."""
    return render_template("web/privacy.html", settings=current_settings())


@web.get("/accessibility")
@guarded(ANYONE)
def accessibility() -> ResponseReturnValue:
    """Say what works for whom, and what was not checked (EV-9)."""
    return render_template("web/accessibility.html")
