"""The page behind an address that could not be used: where somebody loads it again after a press that failed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect


def find_page_behind() -> str:
    """Return the address of the page that a form was on, by its own address: itself, or the nearest above; or nothing.

    No browser tells us where it came from (Referrer-Policy). What a page is about must be what the press was about.
    """
    adapter = current_app.create_url_adapter(request)
    if adapter is None:
        return ""
    about = request.view_args if request.url_rule is not None else _about(adapter)
    for path in _upwards(request.path):
        found = _open(adapter, path)
        if found is not None and found[1].items() <= (about or {}).items():
            return found[0]
    return ""


def _upwards(path: str) -> Iterator[str]:
    """Return an address and those above it, without the first page, which every page leads to."""
    parts = path.strip("/").split("/")
    for many in range(len(parts), 0, -1):
        yield "/" + "/".join(parts[:many])


def _about(adapter: MapAdapter) -> dict[str, Any]:
    """Return what an address is about that is only pressed, and was opened."""
    try:
        return dict(adapter.match(request.path, method="POST")[1])
    except HTTPException:
        return {}


def _open(adapter: MapAdapter, path: str) -> tuple[str, dict[str, Any]] | None:
    try:
        return path, dict(adapter.match(path, method="GET")[1])
    except RequestRedirect as elsewhere:
        path = urlsplit(elsewhere.new_url).path
    except HTTPException:
        return None
    try:
        return path, dict(adapter.match(path, method="GET")[1])
    except HTTPException:
        return None
