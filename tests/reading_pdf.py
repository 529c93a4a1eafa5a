"""A PDF as a reader and a screen reader get it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pypdf

FURNITURE = re.compile(
    r"^(?:\S{4}-\S{4} Official-sensitive.*Page \d+ of \d+|.* Request \S{4}-\S{4}|Question Answer|When What)$", re.M
)


def opened(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(BytesIO(pdf), strict=True)


def plain(text: str) -> str:
    """Return a text in one line, without what only helps to break it."""
    return " ".join(text.replace("\u200b", "").split())


def pages_of(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in opened(pdf).pages]


def words_of(pdf: bytes) -> str:
    """Return all that a reader reads, in order, without what stands on every page."""
    return plain("\n".join(FURNITURE.sub("", page) for page in pages_of(pdf)))


def tags_of(pdf: bytes) -> list[str]:
    """Return the names of the tags of the structure, in the order of reading."""
    return list(_tags(opened(pdf).trailer["/Root"]["/StructTreeRoot"]))


def _tags(node: Any) -> Iterator[str]:
    node = node.get_object()
    if not isinstance(node, pypdf.generic.DictionaryObject):
        return
    if "/S" in node:
        yield str(node["/S"]).lstrip("/")
    kids = node.get("/K", [])
    kids = kids.get_object() if hasattr(kids, "get_object") else kids
    for kid in kids if isinstance(kids, list) else [kids]:
        if not isinstance(kid, int):
            yield from _tags(kid)
