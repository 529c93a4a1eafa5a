"""A small provider of OpenID Connect, over HTTP on this machine: it signs, and can be told to do wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from infrastructure.database import utc_now

CLIENT, SECRET = "front-door", "a secret of this test alone"


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


class Provider:
    """Who it says somebody is, and what it does wrong: `change` the claims, `header`, `key`, or any answer."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.signs_with: Any = self.key
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.person: dict[str, Any] = {
            "sub": "0042",
            "email": "Grace.Oyelaran@westmarch.example",
            "name": "Grace Oyelaran",
            "groups": ["fd-desk"],
        }
        self.change: Callable[[dict[str, Any]], object] = lambda claims: None
        self.metadata: dict[str, Any] = {}
        self.answers: dict[str, int] = {}
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    # what it answers

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            **self.metadata,
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Return where the browser is led: this person always agrees."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.address})}"

    def token(self, posted: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        known = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.codes.pop(posted.get("code", ""), None)
        if authorization not in (f"Basic {known}", f"Basic {plain}"):
            return 401, {"error": "invalid_client"}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(posted.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or asked.get("code_challenge_method") != "S256"
            or asked.get("code_challenge") != challenge.decode().rstrip("=")
            or asked["redirect_uri"] != posted.get("redirect_uri")
        ):
            return 400, {"error": "invalid_grant"}
        now = int(utc_now().timestamp())
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.person,
        }
        self.change(claims)
        answer: dict[str, Any] = {"access_token": "x", "token_type": "Bearer", "id_token": self.sign(claims)}
        return 200, answer

    def sign(self, claims: dict[str, Any]) -> str:
        if self.header["alg"] in ("none", "HS256"):  # by hand: the library refuses to do what forgers do
            signed = ".".join(_text(json.dumps(part).encode()) for part in (self.header, claims))
            secret = self.key.as_pem(private=False)
            mark = hmac.digest(secret, signed.encode(), "sha256") if self.header["alg"] == "HS256" else b""
            return f"{signed}.{_text(mark)}"
        return jwt.encode(self.header, claims, self.signs_with, algorithms=[self.header["alg"]])

    def turn_keys(self) -> None:
        """Sign with a new key from now on."""
        self.key = self.signs_with = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
        self.header = {"alg": "RS256", "kid": "two"}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                at = urlsplit(self.path)
                provider.asked.append(at.path)
                if at.path in provider.answers:
                    self.say(provider.answers[at.path], {})
                elif at.path == "/.well-known/openid-configuration":
                    self.say(200, provider.discovery())
                elif at.path == "/keys":
                    self.say(200, KeySet([provider.key]).as_dict(private=False))
                elif at.path == "/authorize":
                    asked = {name: values[0] for name, values in parse_qs(at.query).items()}
                    self.send_response(302)
                    self.send_header("Location", provider.authorize(asked))
                    self.end_headers()

            def do_POST(self) -> None:
                provider.asked.append(self.path)
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                posted = {name: values[0] for name, values in parse_qs(body).items()}
                if self.path in provider.answers:
                    self.say(provider.answers[self.path], {})
                else:
                    self.say(*provider.token(posted, self.headers.get("Authorization", "")))

            def say(self, status: int, answer: dict[str, Any]) -> None:
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: Any) -> None:
                pass

        return Handler
