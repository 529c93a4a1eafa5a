"""What lies behind a link and a code: asking for the code, taking it, and knowing the browser that gave it (EV-6)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from infrastructure.database import db, utc_now
from infrastructure.identity.attempts import TooManyAttemptsError
from infrastructure.identity.links import CodeRefusedError
from infrastructure.identity.models import LinkPurpose
from infrastructure.web.current import cookie_name, current_house, current_settings
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds
from service_request.channels.web.asked import CodeForm
from service_request.services import outside

REFUSED = "That is not the code we sent last, or it has run out. Check the email, or ask for a new code"
TOO_MANY = "You have asked for too many codes. Wait an hour, then ask again"


@dataclass(frozen=True)
class BehindCode:
    """One kind of page that a link opens; its purpose names its routes, its template and its cookie.

    The routes are `web.<name>`, `web.<name>_code` and `web.take_<name>_code`; `web/<name>_link.html` says to whoever
    has the link what it is about.
    """

    purpose: LinkPurpose

    @property
    def name(self) -> str:
        return self.purpose.value

    def browser(self) -> str | None:
        """Return the secret by which a browser is known that gave the code."""
        return request.cookies.get(cookie_name(self.name))

    def link_page(self, token: str, *, error: str = "") -> ResponseReturnValue:
        """Say what the link is about, and offer a code."""
        link = outside.look_at_link(db.session(), token=token, now=utc_now(), purpose=self.purpose)
        minutes = current_settings().code_minutes
        template = f"web/{self.name}_link.html"
        return render_template(template, link=link, token=token, error=error, has_errors=bool(error), minutes=minutes)

    def ask(self, token: str) -> ResponseReturnValue:
        """Send a code to the address that the link was sent to."""
        try:
            outside.ask_link_code(db.session(), token=token, now=utc_now(), house=current_house(), purpose=self.purpose)
        except TooManyAttemptsError:
            return self.link_page(token, error=TOO_MANY)
        return redirect(url_for(f"web.{self.name}_code", token=token))

    def code_page(self, token: str, form: CodeForm | None = None, *, has_lapsed: bool = False) -> ResponseReturnValue:
        """Ask for the code."""
        form = form or CodeForm(meta=GOVUK)
        return render_template(
            "web/link_code.html",
            link=outside.look_at_link(db.session(), token=token, now=utc_now(), purpose=self.purpose),
            form=form,
            has_errors=bool(form.errors),
            has_lapsed=has_lapsed,
            minutes=current_settings().code_minutes,
            back_to=url_for(f"web.{self.name}", token=token),
            posted_to=url_for(f"web.take_{self.name}_code", token=token),
        )

    def take(self, token: str) -> ResponseReturnValue:
        """Take the code, once; a wrong one is told plainly and counted."""
        form = CodeForm(request.form, meta=GOVUK)
        if not csrf_holds():
            return self.code_page(token, form, has_lapsed=True)
        if not form.validate():
            return self.code_page(token, form)
        session, house, code = db.session(), current_house(), form.code.data or ""
        try:
            browser = outside.take_link_code(
                session, token=token, code=code, now=utc_now(), house=house, purpose=self.purpose
            )
        except CodeRefusedError:
            form.code.errors = [REFUSED]
            return self.code_page(token, form)
        return self.remember(redirect(url_for(f"web.{self.name}", token=token)), browser)

    def remember(self, response: Response, browser: str) -> Response:
        """Let this browser be known as one that proved itself, until it is closed."""
        is_https = current_settings().is_https
        response.set_cookie(cookie_name(self.name), browser, path="/", secure=is_https, httponly=True, samesite="Lax")
        return response
