"""Files handed out: always to be saved, never to be shown by the browser, never kept by anything between (T17)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from flask import Response

SANDBOX = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"


def attachment(pieces: Iterator[bytes], *, name: str, mime: str, size: int) -> Response:
    """Return a stored file as it is opened, piece by piece, under its cleaned name."""
    response = Response(pieces, mimetype=mime)
    response.headers["Content-Length"] = str(size)
    response.headers["Content-Security-Policy"] = SANDBOX
    plain = name.encode("ascii", "ignore").decode().strip() or "file"
    names = {"filename": plain}
    if plain != name:
        names["filename*"] = f"UTF-8''{quote(name, safe='')}"
    response.headers.set("Content-Disposition", "attachment", **names)
    return response
