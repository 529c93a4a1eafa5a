"""A declared guard on every route: a route without one is refused, and fails the build."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect, validate_csrf
from werkzeug.wrappers import Response
from wtforms.validators import ValidationError

from infrastructure.identity.models import Role, TeamKind

View = TypeVar("View", bound=Callable[..., Any])
csrf = CSRFProtect()
SAFE = ("GET", "HEAD", "OPTIONS")
SIGNED = "frontdoor.signature_holds"  # in the environ of a request; no header has such a name


@dataclass(frozen=True)
class Everyone:
    """Anybody may come in; what they may open is decided by the secret they hold (draft key, link and code).

    `is_inside`: who comes is on their way behind the wall, so that no log names the page (SE-5).
    """

    why: str
    is_inside: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Signed(Everyone):
    """A machine that signs each post with a secret of ours: no browser, so no cookie and no token against forgery.

    `holds` reads the signature of the request at hand. What does not hold is refused before a view, a session or the
    database is touched; that it is asked here makes the routes without a CSRF token those with a signature (T29).
    """

    holds: Callable[[], bool]


@dataclass(frozen=True)
class Staff:
    """A signed-in member of staff with one of these roles (any, when none is named), in a team of these kinds."""

    roles: frozenset[Role] = field(default_factory=frozenset)
    kinds: frozenset[TeamKind] = field(default_factory=frozenset)

    def admits(self, user: Any) -> bool:
        """Tell whether this user holds a place that the guard asks for."""
        return any(
            (not self.roles or place.role in self.roles) and (not self.kinds or place.team_kind in self.kinds)
            for place in user.places
        )


Guard = Everyone | Staff


def guarded(guard: Guard, *, keeps_words: bool = False) -> Callable[[View], View]:
    """Declare who may use a view. `keeps_words`: the view checks CSRF itself, to show the page filled (W13)."""

    def declare(view: View) -> View:
        view.guard = guard  # type: ignore[attr-defined]
        view.keeps_words = keeps_words  # type: ignore[attr-defined]
        return view

    return declare


def csrf_holds() -> bool:
    """Tell whether the post carries a live token; for views that keep what was typed when it does not."""
    try:
        csrf.protect()
    except CSRFError:
        return False
    return True


def is_from_elsewhere() -> bool:
    """Tell whether another site had this browser post, as every browser of today says.

    Without a live token it does nothing by itself; but a page that keeps what was typed would offer it to be sent again
    with a token of ours, to somebody who never typed it (T29).
    """
    return request.method not in SAFE and request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none")


def token_holds(token: str) -> bool:
    """Tell whether this is a live token; for a form that is read while it streams."""
    try:
        validate_csrf(token)
    except ValidationError:
        return False
    return True


def signature_holds() -> bool:
    """Tell whether this is a post to a signed route whose signature holds; worked out once for each request."""
    if SIGNED not in request.environ:
        view = current_app.view_functions.get(request.endpoint or "")
        guard = getattr(view, "guard", None)
        request.environ[SIGNED] = isinstance(guard, Signed) and guard.holds()
    return bool(request.environ[SIGNED])


def install_guards(app: Flask, sign_in_endpoint: str) -> None:
    """Check the guard and the CSRF token before every view."""

    @app.before_request
    def check() -> Response | None:
        if request.endpoint is None or request.endpoint == "static":
            return None
        view = app.view_functions[request.endpoint]
        guard: Guard | None = getattr(view, "guard", None)
        if guard is None:
            abort(500)
        if isinstance(guard, Signed):
            return None if signature_holds() else Response(status=403)
        if is_from_elsewhere():
            abort(403)
        if isinstance(guard, Staff):
            if not current_user.is_authenticated:
                if request.method == "GET":
                    return redirect(url_for(sign_in_endpoint, next=request.path))
                abort(401)
            if not guard.admits(current_user):
                abort(404)
        if request.method not in SAFE and not getattr(view, "keeps_words", False):
            csrf.protect()
        return None
