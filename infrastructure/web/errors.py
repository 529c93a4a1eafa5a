"""What went wrong, in plain words: what to do next, where to call, and an id to say; never the fault itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

import structlog
from flask import Flask, Response, current_app, g, make_response, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from infrastructure.database import Wall
from infrastructure.web.guard import is_from_elsewhere
from infrastructure.web.page_behind import find_page_behind

log = structlog.get_logger("errors")
KEEPS_WORDS = (429, 500, 503)  # refused for no fault of the words: they are given back (EV-1)
LOADED_AGAIN = (400, 405, 413, 429, 500, 503)  # what failed was the press: its page is there still
KEPT_MOST = 400
KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")


@dataclass(frozen=True)
class Words:
    """A title and what to do, a paragraph each."""

    title: str
    advice: tuple[str, ...]


NOT_READ = Words(
    "We could not read what your browser sent",
    ("Go back to the page before and try again.", "Nothing was changed."),
)
STALE = Words(
    "This page was open for too long",
    ("Nothing was sent or changed.", "Go back to the page before, load it again, then send it."),
)
BROKEN = Words(
    "There is a problem with this service",
    (
        "Try again in a few minutes.",
        "If you were sending something and saw no reference, go back and send it again.",
        "Sending it twice makes one request.",
    ),
)
WORDS = {
    400: NOT_READ,
    401: Words("You are signed out", ("Sign in again, then go back to what you were doing.",)),
    403: Words(
        "You cannot open this page", ("It is for people with another task.", "Ask the person who runs your team.")
    ),
    404: Words(
        "Page not found",
        ("If you typed the address, check that it is right.", "If you followed a link, it may have ended."),
    ),
    405: Words("This page cannot be used in that way", ("Go back to the page before and use its buttons or links.",)),
    410: Words("This page has ended", ("The link was kept for a time, which is over.",)),
    413: Words(
        "What you sent is too long",
        ("Nothing was saved from your last press.", "Go back, make the longest answer shorter, then send it again."),
    ),
    429: Words("Too many tries", ("Wait a minute, then try again.",)),
    500: BROKEN,
    503: Words("The service is not available for the moment", BROKEN.advice),
}


def install_errors(app: Flask) -> None:
    """Answer every error with a plain page, and log its id, kind and place without a word of anybody's."""

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response | HTTPException:
        code = error.code or 500
        if code < 400 or error.response is not None:
            return error
        words = STALE if isinstance(error, CSRFError) else WORDS.get(code, NOT_READ if code < 500 else BROKEN)
        error_id = uuid4().hex
        log.info("refused", error_id=error_id, status=code, endpoint=_page(), error=type(error).__name__)
        response = error_page(words, code, error_id)
        for name, value in error.get_headers(request.environ):
            if name in KEPT_HEADERS:
                response.headers[name] = value
        return response

    @app.errorhandler(OperationalError)
    def away(error: OperationalError) -> Response:
        """Answer a database that is busy or gone: what was stored is unknown, sending again is safe (F6, F10)."""
        error_id = uuid4().hex
        log.error("database away", error_id=error_id, endpoint=_page(), exc_info=error)
        response = error_page(WORDS[503], 503, error_id)
        response.headers["Retry-After"] = "5"
        return response

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        if current_app.config.get("PROPAGATE_EXCEPTIONS"):
            raise error
        error_id = uuid4().hex
        log.error("failed", error_id=error_id, endpoint=_page(), exc_info=error)
        return error_page(BROKEN, 500, error_id)


def _page() -> str | None:
    """Return which page it was, for the log; of an adviser's work, and of who asks SENDIASS, no log tells (SE-5)."""
    user = g.get("_login_user")  # as it was found already: the database may be away
    guard = getattr(current_app.view_functions.get(request.endpoint or ""), "guard", None)
    is_inside = getattr(user, "wall", None) is Wall.SENDIASS or getattr(guard, "is_inside", False)
    return None if is_inside else request.endpoint


def words_on_their_way() -> list[tuple[str, str]]:
    """Return what was just posted, to be sent again by one press; a password or a code is typed again."""
    try:
        if request.method != "POST" or is_from_elsewhere() or not request.form.keys().isdisjoint(("password", "code")):
            return []
        posted = [(name, text) for name, texts in request.form.lists() if name != "csrf_token" for text in texts]
    except HTTPException:  # the body itself could not be read
        return []
    return posted[:KEPT_MOST] if any(text.strip() for _, text in posted) else []


def error_page(words: Words, status: int, error_id: str) -> Response:
    """Return the page; where even its template fails, a bare one that still says whom to call (EV-10)."""
    kept = words_on_their_way() if status in KEEPS_WORDS else []
    try:
        again = url_for(request.endpoint, **(request.view_args or {})) if kept and request.endpoint else ""
        behind = find_page_behind() if status in LOADED_AGAIN else ""
        page = render_template(
            "error.html",
            words=words,
            status=status,
            error_id=error_id,
            kept=kept if again else [],
            again=again,
            behind=behind,
        )
    except Exception as fault:  # whatever broke the request may break the page as well
        log.error("error page failed", error_id=error_id, exc_info=fault)
        page = bare_page(words, error_id, kept)
    return make_response(page, status)


def bare_page(words: Words, error_id: str, kept: Sequence[tuple[str, str]] = ()) -> str:
    """Return a page that needs no template, stylesheet, session or database."""
    authority = current_app.jinja_env.globals.get("authority")
    duty_line = getattr(authority, "duty_line", "")
    duty = (
        f" Urgent, but nobody is in danger this minute? Ring the duty line on {escape(duty_line)}." if duty_line else ""
    )
    advice = "".join(f"<p>{escape(line)}</p>" for line in words.advice)
    advice += "".join(f"<pre>{escape(text)}</pre>" for _, text in kept)
    return (
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{escape(words.title)}</title>'
        f"<main><h1>{escape(words.title)}</h1>"
        f"<p><strong>If a child is in immediate danger, call 999 now.</strong>{duty}</p>"
        f"{advice}<p>Error number: {error_id[:8]}</p></main></html>"
    )
