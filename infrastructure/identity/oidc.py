"""The authority's own sign-in, by OpenID Connect: the code flow with PKCE, state and nonce (RFC 9700, T28, T32).

What goes to the provider and comes back is bound to one browser by a sealed cookie, and good once. Nobody is trusted
but the issuer that the settings name: its keys sign the identity token, and nothing else is read.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction
from infrastructure.database.sealing import seal, unseal
from infrastructure.identity.attempts import count_attempt
from infrastructure.settings import Settings

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]  # none with a shared key
WAY_THERE = timedelta(minutes=10)  # how long somebody may take at the provider
LEEWAY = 60  # seconds that two clocks may differ
KEEP = 3_600.0  # seconds that what the provider says of itself is kept
ONCE = timedelta(days=3_650)


class ProviderAwayError(Exception):
    """The provider does not answer, or not as it must."""


class NotProvenError(Exception):
    """What came back proves nobody. `why` is a code for the log, and says nothing of a person."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True)
class Identity:
    """Who the provider says it is, and the groups that it names."""

    subject: str  # "issuer|subject"
    email: str
    name: str
    groups: frozenset[str]


@dataclass(frozen=True)
class _Provider:
    read_at: float
    metadata: Mapping[str, Any]
    keys: Any = None


_known: dict[str, _Provider] = {}


def begin(settings: Settings, *, redirect_uri: str, going: str, now: datetime) -> tuple[str, str]:
    """Return the address at the provider to lead to, and the sealed value of the cookie that this browser keeps."""
    metadata = _provider(settings).metadata
    way = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    client = _client(settings, redirect_uri)
    address, _ = client.create_authorization_url(
        metadata["authorization_endpoint"], state=way["state"], nonce=way["nonce"], code_verifier=way["verifier"]
    )
    kept = {**way, "going": going, "until": int((now + WAY_THERE).timestamp())}
    return str(address), seal(Wall.OPEN, json.dumps(kept).encode()).decode()


def complete(
    session: Session,
    settings: Settings,
    *,
    cookie: str,
    answer: Mapping[str, str],
    redirect_uri: str,
    now: datetime,
) -> tuple[Identity, str]:
    """Return who came back, and where they were going; raise NotProvenError or ProviderAwayError.

    No connection to the database is held while the provider is asked.
    """
    way = _way_of(cookie, now)
    if not secrets.compare_digest(answer.get("state", "").encode(), way["state"].encode()):
        raise NotProvenError("state")
    if answer.get("iss", settings.oidc_issuer) != settings.oidc_issuer:  # RFC 9207: another provider's answer
        raise NotProvenError("issuer")
    with transaction(session):
        is_first = count_attempt(session, f"oidc:{way['state']}", tries=1, window=ONCE, now=now)
    if not is_first:
        raise NotProvenError("replayed")
    if not answer.get("code"):
        raise NotProvenError("refused_there")
    token = _fetch(settings, redirect_uri, answer["code"], way["verifier"])
    claims = _claims_of(settings, token, nonce=way["nonce"], now=now)
    return _identity(settings, claims), way["going"]


def forget_provider() -> None:
    """Read anew, the next time, what the provider says of itself."""
    _known.clear()


def _way_of(cookie: str, now: datetime) -> dict[str, Any]:
    try:
        way: dict[str, Any] = json.loads(unseal(Wall.OPEN, cookie.encode()))
    except (InvalidToken, ValueError):
        raise NotProvenError("cookie") from None
    if way["until"] < now.timestamp():
        raise NotProvenError("too_late")
    return way


def _client(settings: Settings, redirect_uri: str) -> Any:
    from authlib.integrations.requests_client import OAuth2Session

    return OAuth2Session(
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        scope=settings.oidc_scopes,
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic",  # nosec B106
        default_timeout=settings.oidc_timeout_seconds,
    )


def _fetch(settings: Settings, redirect_uri: str, code: str, verifier: str) -> str:
    """Change the code for the identity token."""
    from authlib.common.errors import AuthlibBaseError
    from requests import RequestException

    try:
        found = _client(settings, redirect_uri).fetch_token(
            _provider(settings).metadata["token_endpoint"], code=code, code_verifier=verifier, allow_redirects=False
        )
    except AuthlibBaseError:
        raise NotProvenError("code") from None
    except (RequestException, ValueError):
        forget_provider()  # it may have moved since it said where to ask
        raise ProviderAwayError from None
    token = found.get("id_token")
    if not isinstance(token, str):
        raise NotProvenError("no_identity")
    return token


def _claims_of(settings: Settings, token: str, *, nonce: str, now: datetime) -> Mapping[str, Any]:
    """Return what a token claims that the issuer signed for us, for this browser, and not long ago."""
    from authlib.common.errors import AuthlibBaseError
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import InvalidKeyIdError, JoseError

    try:
        try:
            read = jwt.decode(token, _keys(settings), algorithms=ALGORITHMS)
        except InvalidKeyIdError:  # they may have changed their keys since we read them
            read = jwt.decode(token, _keys(settings, anew=True), algorithms=ALGORITHMS)
        expected: dict[str, Any] = {
            "iss": {"essential": True, "value": settings.oidc_issuer},
            "aud": {"essential": True, "value": settings.oidc_client_id},
            "sub": {"essential": True},
        }
        claims = CodeIDToken(read.claims, read.header, expected, {"nonce": nonce, "client_id": settings.oidc_client_id})
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except (JoseError, AuthlibBaseError, ValueError, TypeError) as error:
        raise NotProvenError(f"token_{type(error).__name__}") from None
    return dict(read.claims)


def _identity(settings: Settings, claims: Mapping[str, Any]) -> Identity:
    email = str(claims.get("email") or "").strip().lower()
    if "@" not in email or claims.get("email_verified") is False:
        raise NotProvenError("email")
    named = claims.get(settings.oidc_group_claim) or []
    groups = frozenset(str(one) for one in (named if isinstance(named, list) else [named]))
    return Identity(f"{settings.oidc_issuer}|{claims['sub']}", email, str(claims.get("name") or email), groups)


def _provider(settings: Settings) -> _Provider:
    """Return what the provider says of itself; asked at most once an hour by each process."""
    known = _known.get(settings.oidc_issuer)
    if known is not None and monotonic() - known.read_at < KEEP:
        return known
    metadata = _get(settings, settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration")
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    safe = ("https",) if urlsplit(settings.oidc_issuer).scheme == "https" else ("https", "http")
    if metadata.get("issuer") != settings.oidc_issuer:
        raise ProviderAwayError
    if not all(urlsplit(str(metadata.get(name, ""))).scheme in safe for name in needed):
        raise ProviderAwayError
    _known[settings.oidc_issuer] = _Provider(monotonic(), metadata)
    return _known[settings.oidc_issuer]


def _keys(settings: Settings, *, anew: bool = False) -> Any:
    """Return the keys of the provider."""
    from joserfc.jwk import KeySet

    known = _provider(settings)
    if known.keys is None or anew:
        keys = KeySet.import_key_set(_get(settings, known.metadata["jwks_uri"]))  # type: ignore[arg-type]
        known = replace(known, keys=keys)
        _known[settings.oidc_issuer] = known
    return known.keys


def _get(settings: Settings, address: str) -> dict[str, Any]:
    import requests

    try:
        answer = requests.get(address, timeout=settings.oidc_timeout_seconds, allow_redirects=False)
        found = answer.json() if answer.status_code == 200 else None
    except (requests.RequestException, ValueError):
        found = None
    if not isinstance(found, dict):
        raise ProviderAwayError
    return found
