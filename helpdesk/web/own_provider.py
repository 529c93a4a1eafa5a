"""Signing in with the authority's own sign-in: there, and back again (T28, T32)."""

from __future__ import annotations

import structlog
from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.web.blueprint import blueprint
from helpdesk.web.coming_in import let_in, local_path, sign_in_page, this_browser
from helpdesk.web.forms import SignInForm
from infrastructure.database import db, utc_now
from infrastructure.identity import oidc
from infrastructure.identity.by_groups import NoPlaceError, enter_by_groups
from infrastructure.identity.oidc import NotProvenError, ProviderAwayError
from infrastructure.identity.signing_in import sign_out
from infrastructure.web.current import cookie_name, current_house, current_settings, staff_token
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import Everyone, guarded

COOKIE = "own-sign-in"
AWAY = "Your organisation's sign-in does not answer. Try again in a few minutes"
NOT_PROVEN = "Your organisation's sign-in did not bring you back as it must. Start again from this page"
NO_PLACE = "Your account has no place here. Ask the person who manages access to add you to the right group"
_log = structlog.get_logger()


@blueprint.get("/sign-in/own")
@guarded(Everyone("it only leads to the sign-in that the settings name; nothing is written"))
def begin_own() -> ResponseReturnValue:
    """Lead to the authority's own sign-in; this browser keeps what must come back."""
    settings = current_settings()
    if not settings.oidc_issuer:
        abort(404)
    going = local_path(request.args.get("next")) or ""
    try:
        address, kept = oidc.begin(settings, redirect_uri=_back(), going=going, now=utc_now())
    except ProviderAwayError:
        return _refused(AWAY, "away", 503)
    response = redirect(address)
    response.set_cookie(
        cookie_name(COOKIE),
        kept,
        path="/",
        max_age=int(oidc.WAY_THERE.total_seconds()),
        secure=settings.is_https,
        httponly=True,
        samesite="Lax",
    )
    return response


@blueprint.get("/sign-in/own/back")
@guarded(Everyone("only what this browser was sent away with, and what the issuer has signed, lets anybody in"))
def back_from_own() -> ResponseReturnValue:
    """Take what the provider sends back, and let the person in with the places of their groups."""
    settings, session, now = current_settings(), db.session(), utc_now()
    if not settings.oidc_issuer:
        abort(404)
    try:
        who, going = oidc.complete(
            session,
            settings,
            cookie=request.cookies.get(cookie_name(COOKIE), ""),
            answer=request.args,
            redirect_uri=_back(),
            now=now,
        )
        token = enter_by_groups(session, who, browser=this_browser(), settings=settings, now=now)
    except NotProvenError as refused:
        return _refused(NOT_PROVEN, refused.why, 403)
    except ProviderAwayError:
        return _refused(AWAY, "away", 503)
    except NoPlaceError:
        return _refused(NO_PLACE, "no_place", 403)
    if before := staff_token():
        sign_out(session, token=before, now=now)
    response = let_in(redirect(local_path(going) or url_for("desk.home")), token)  # type: ignore[arg-type]
    response.delete_cookie(cookie_name(COOKIE), path="/", secure=settings.is_https, httponly=True)
    return response


def _back() -> str:
    return current_house().link("desk.back_from_own")


def _refused(words: str, why: str, status: int) -> ResponseReturnValue:
    _log.info("own_sign_in_refused", error=why)
    return sign_in_page(SignInForm(meta=GOVUK), words, status)
