"""Stylesheets, script and icon: read once, compressed once, and kept by a browser for a year."""

import gzip
import hashlib
import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, abort, request

YEAR = 31_536_000
WORTH_COMPRESSING = ("text/", "application/javascript", "image/svg+xml")


@dataclass(frozen=True)
class Asset:
    """One file as it is sent."""

    content: bytes
    compressed: bytes | None
    mimetype: str
    etag: str


def make_asset(name: str, content: bytes) -> Asset:
    """Compress a file where that helps, and name its content."""
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    mimetype = mimetype.replace("application/javascript", "text/javascript")
    worth = mimetype.startswith(WORTH_COMPRESSING)
    compressed = gzip.compress(content, 9, mtime=0) if worth else None
    return Asset(content, compressed, mimetype, hashlib.sha256(content).hexdigest()[:20])


def read_assets(folder: Path, mend: Mapping[str, Callable[[str], str]]) -> dict[str, Asset]:
    """Read every file below `folder`; `mend` says which of them are changed by the settings, and how."""
    assets = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            content = path.read_bytes()
            if name in mend:
                content = mend[name](content.decode()).encode()
            assets[name] = make_asset(name, content)
    return assets


def serve_assets(app: Flask, assets: Mapping[str, Asset]) -> Callable[[str], str]:
    """Serve the files under /static/<version>/, and return the function that gives a file's address.

    The version is of all files together, so that a script may import its neighbour by a relative address.
    """
    version = hashlib.sha256("".join(asset.etag for asset in assets.values()).encode()).hexdigest()[:12]

    def send(version_asked: str, name: str) -> Response:
        asset = assets.get(name)
        if asset is None:
            abort(404)
        response = Response(asset.content, mimetype=asset.mimetype)
        response.headers["Vary"] = "Accept-Encoding"
        etag = asset.etag
        if asset.compressed is not None and request.accept_encodings["gzip"] > 0:
            response.set_data(asset.compressed)
            response.headers["Content-Encoding"] = "gzip"
            etag += "-gz"
        response.set_etag(etag)
        if version_asked == version:
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        else:
            response.headers["Cache-Control"] = "no-cache"  # another release asked; ask again next time
        response.make_conditional(request)
        return response

    app.add_url_rule("/static/<version_asked>/<path:name>", "static", send)

    def asset_address(name: str) -> str:
        if name not in assets:
            raise LookupError(f"no file static/{name}")
        return f"{app.config.get('APPLICATION_ROOT', '/').rstrip('/')}/static/{version}/{name}"

    return asset_address
