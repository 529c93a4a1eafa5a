"""What every answer says to the browser: nothing from elsewhere, nothing kept, nothing framed."""

import secrets

from flask import Flask, Response, g, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

PERMISSIONS = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
YEAR = 31_536_000
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in PERMISSIONS),
}


class KeptSigner(SecureCookieSessionInterface):
    """The session in a signed cookie, as Flask keeps it; what signs it is put together once, not for each request."""

    def __init__(self) -> None:
        self._kept: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs and reads the cookie of the one application that this belongs to."""
        if self._kept is None:
            self._kept = super().get_signing_serializer(app)
        return self._kept


def csp_nonce() -> str:
    """Return the nonce of this answer: made when first asked for, the same for the whole page."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(18)
    nonce: str = g.csp_nonce
    return nonce


def content_policy(nonce: str | None) -> str:
    """Return the Content-Security-Policy: our own origin only, no inline style, a script only by its nonce."""
    script = "script-src 'self'" + (f" 'nonce-{nonce}'" if nonce else "")
    own = [f"{kind}-src 'self'" for kind in ("style", "connect", "font")]
    return "; ".join(
        [
            "default-src 'none'",
            script,
            *own,
            "img-src 'self' data:",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
    )


def install_headers(app: Flask, *, https: bool) -> None:
    """Put the headers on every answer; only static files may be kept by a browser or anything between."""

    always = {**ALWAYS, "Strict-Transport-Security": f"max-age={YEAR}"} if https else ALWAYS

    @app.after_request
    def add(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", content_policy(g.get("csp_nonce")))
        response.headers.extend(always)  # no view gives any of them, so that none needs to be looked for
        if request.endpoint != "static" or response.status_code >= 400:
            response.headers["Cache-Control"] = "no-store"
        return response
