"""What every way of signing in shares: where it leads, the words that were typed before, and the cookies it leaves."""

from __future__ import annotations

import re
from typing import cast

from flask import Response, redirect, render_template, request, url_for

from helpdesk.web.forms import SignInForm
from infrastructure.identity.tries import Browser, make_known
from infrastructure.web.current import STAFF_COOKIE, cookie_name, current_settings, remote_address

_LOCAL_PATH = re.compile(r"/(?:[A-Za-z0-9][A-Za-z0-9._~/?&=%-]*)?")
KEPT = "kept-"  # before the name of each field that was typed while the session ran out
KEPT_MOST = 400
KNOWN_COOKIE, KNOWN_FOR = "known", 180 * 86_400  # a browser that was let in before, in seconds
UNKNOWN = "Unknown browser"
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "Chromebook"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)

TOO_MANY = "You have tried 10 times. Wait 5 minutes, then try again. Your account is not locked"
STALE = "This page was open for too long. Enter your password again"


def local_path(text: str | None) -> str | None:
    """Return the path if it stays on this site, else None (M10)."""
    return text if text and _LOCAL_PATH.fullmatch(text) else None


def this_browser() -> Browser:
    """Return where the request at hand comes from, for counting tries and for the list of one's own sessions."""
    known = request.cookies.get(cookie_name(KNOWN_COOKIE), "")
    return Browser(remote_address(), known[:800], say_device(request.headers.get("User-Agent", "")))


def say_device(agent: str) -> str:
    """Return what a browser is called in words that its owner knows: "Firefox on Windows"."""
    name = next((words for sign, words in _BROWSERS if sign in agent), "")
    system = next((words for sign, words in _SYSTEMS if sign in agent), "")
    return f"{name} on {system}" if name and system else name or system or UNKNOWN


def kept_words() -> list[tuple[str, str]]:
    """Return what was typed while the session ran out, as the page carries it along (W13)."""
    return [
        (name.removeprefix(KEPT), value)
        for name, values in request.form.lists()
        if name.startswith(KEPT)
        for value in values
    ][:KEPT_MOST]


def on_the_way() -> dict[str, object]:
    """Return for a page of signing in where the person was going, and what they had typed."""
    settings = current_settings()
    return {
        "going": local_path(request.values.get("next")),
        "kept": kept_words(),
        "kept_for": local_path(request.form.get("kept_for")),
        "KEPT": KEPT,
        "own_name": settings.oidc_name if settings.oidc_issuer else "",
    }


def sign_in_page(
    form: SignInForm,
    problem: str = "",
    status: int = 200,
    *,
    kept: list[tuple[str, str]] | None = None,
    kept_for: str | None = None,
) -> tuple[str, int]:
    """Show the first step of signing in, with the words that wait behind it."""
    way = on_the_way()
    if kept is not None:
        way |= {"kept": kept, "kept_for": kept_for}
    said = {"left": request.args.get("left"), "was_set": request.args.get("set")}
    page = render_template("helpdesk/sign_in.html", form=form, problem=problem, **said, **way)
    return page, status


def lead_on() -> Response:
    """Return the page with the words that were kept, or lead to where the person was going."""
    kept_for = local_path(request.form.get("kept_for"))
    if kept_for:
        page = render_template("helpdesk/kept.html", kept=kept_words(), kept_for=kept_for)
        return Response(page, mimetype="text/html")
    return cast(Response, redirect(local_path(request.values.get("next")) or url_for("desk.home")))


def let_in(response: Response, token: str) -> Response:
    """Give the browser the token of its session."""
    response.set_cookie(
        cookie_name(STAFF_COOKIE), token, path="/", secure=current_settings().is_https, httponly=True, samesite="Lax"
    )
    return response


def remember_browser(response: Response, email: str) -> Response:
    """Mark the browser as one that was let in as this person: a stranger's tries do not use up its own (T32)."""
    known = make_known(this_browser().known, email.strip().lower())
    response.set_cookie(
        cookie_name(KNOWN_COOKIE),
        known,
        path="/",
        max_age=KNOWN_FOR,
        secure=current_settings().is_https,
        httponly=True,
        samesite="Lax",
    )
    return response
