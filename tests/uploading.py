"""How a browser sends files, whole or not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from flask import g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

Sent = Sequence[tuple[str, bytes]]
LINE = "front-door-boundary"


def token_of(client: FlaskClient) -> str:
    """Return a live token against forged posts."""
    forget()
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/").text)
    assert found is not None
    return found[1]


def upload(client: FlaskClient, address: str, files: Sent, *, follow: bool = True, **fields: Any) -> TestResponse:
    """Post files as the form does; `csrf_token=""` forges the post."""
    values: dict[str, Any] = {"csrf_token": token_of(client), **fields}
    values["files"] = [(BytesIO(content), name) for name, content in files] or (BytesIO(), "")
    forget()
    return client.post(address, data=values, content_type="multipart/form-data", follow_redirects=follow)


def body_of(token: str, files: Sent) -> bytes:
    """Return a body as a browser writes it."""
    parts = [b'Content-Disposition: form-data; name="csrf_token"\r\n\r\n' + token.encode()]
    parts += [
        f'Content-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: x/y\r\n\r\n'.encode()
        + content
        for name, content in files
    ]
    edge = f"--{LINE}\r\n".encode()
    return b"".join(edge + part + b"\r\n" for part in parts) + f"--{LINE}--\r\n".encode()


def post_raw(client: FlaskClient, address: str, body: bytes, length: int | None = None, **more: Any) -> TestResponse:
    """Post a body as it is; `length`: what it said it would be."""
    forget()
    return client.post(
        address,
        input_stream=BytesIO(body),
        environ_overrides={"CONTENT_LENGTH": str(len(body) if length is None else length)},
        content_type=f"multipart/form-data; boundary={LINE}",
        **more,
    )


def forget() -> None:
    """Forget what a request left in the application context, which the fixture keeps open."""
    for name in list(g):
        g.pop(name)
