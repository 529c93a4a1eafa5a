"""Whose post this is: a carrier signs it with a secret that it shares with us, and nothing else is believed (T3).

The address that was signed comes from the settings and never from the request's own headers: behind a proxy they say
what the proxy, or whoever is before it, wants them to say (T5).
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from twilio.request_validator import RequestValidator, get_signature_algorithm

from infrastructure.settings import Settings

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

BODY_HASH = "bodySHA256"  # in the query of a post whose body is JSON: the signature covers it there


def is_from_twilio(
    settings: Settings,
    *,
    path: str,
    query: str,
    body: MultiDict[str, str] | str,
    signature: str,
    algorithm: str = "",
) -> bool:
    """Tell whether Twilio signed this post: its public address, with or without the port, and every parameter.

    `body` is the parameters of a form, as many as came and known or not, or the text of a JSON body. While a token is
    being replaced, a signature by either is good.
    """
    if not signature or (isinstance(body, str) and BODY_HASH not in parse_qs(query)):
        return False
    url = f"{settings.public_url}{path}" + (f"?{query}" if query else "")
    try:
        by = get_signature_algorithm(algorithm)
        tokens = settings.listed("twilio_auth_token")
        return any(RequestValidator(token).validate(url, body, signature, by) for token in tokens)
    except (UnicodeError, ValueError):  # half a character, or an address that is none: nobody signed that
        return False


def is_from_notify(settings: Settings, authorization: str) -> bool:
    """Tell whether the header carries the bearer token that GOV.UK Notify was given, compared in constant time."""
    kind, _, token = authorization.partition(" ")
    said = token.encode("utf-8", "replace")
    known = [hmac.compare_digest(said, one.encode()) for one in settings.listed("notify_callback_token")]
    return kind.lower() == "bearer" and any(known)
