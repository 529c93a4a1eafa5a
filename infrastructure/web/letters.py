"""Letters and texts from templates: messages/email/<name>.txt, first line `Subject: ...`; messages/text/<name>.txt."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask
from jinja2 import Environment, StrictUndefined
from werkzeug.exceptions import HTTPException

from infrastructure.outbox import Letter, Spans
from infrastructure.outbox.owe import NOWHERE
from infrastructure.settings import Settings
from infrastructure.web.say_time import is_public_date, is_public_moment

OPENS, CLOSES = "\x02", "\x03"  # around what is put into a letter, while it is written
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits of chance
# Facts made by us, from a clock or from chance: the outgoing guard need not read them (EV-6).
_SHAPES: dict[str, re.Pattern[str]] = {
    "reference": re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}"),
    "code": re.compile(r"\d{6}"),
    "days": re.compile(r"\d{1,3}"),
    "minutes": re.compile(r"\d{1,3}"),
}


class _Own(str):
    """Words that are ours: of the settings, or of a fact that tells of nobody."""


class _Authority:
    """The settings as letters read them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __getattr__(self, name: str) -> _Own:
        value = getattr(self._settings, name)
        if not isinstance(value, str):
            raise AttributeError(name)
        return _Own(value)


def letter_writer(app: Flask, settings: Settings) -> Callable[..., Letter]:
    """Return the callable that renders a letter; a missing fact is an error, never a blank.

    The letter knows which of its parts were put in, so that the guard can tell them from the template's own words.
    """
    render = _renderer(app, settings)
    domain = urlsplit(settings.public_url).hostname or NOWHERE

    def write(template: str, **facts: str) -> Letter:
        first, _, body = render(f"messages/email/{template}.txt", facts).lstrip().partition("\n")
        if not first.startswith("Subject: "):
            raise ValueError(f"the letter {template} has no subject")
        subject, of_subject = _unmark(first.removeprefix("Subject: ").strip())
        words, of_text = _unmark(body.strip() + "\n")
        return Letter(template, subject, words, dict(facts), {"subject": of_subject, "text": of_text}, domain)

    return write


def text_writer(app: Flask, settings: Settings) -> Callable[..., Letter]:
    """Return the callable that renders a text: the same as a letter, with no subject."""
    render = _renderer(app, settings)

    def say(template: str, **facts: str) -> Letter:
        words, of_text = _unmark(render(f"messages/text/{template}.txt", facts).strip())
        return Letter(template, "", words, dict(facts), {"subject": [], "text": of_text})

    return say


def _renderer(app: Flask, settings: Settings) -> Callable[[str, dict[str, str]], str]:
    environment = Environment(  # plain text, never HTML  # nosec B701
        loader=app.jinja_env.loader,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,  # so that a blank line stands after an included part, as the template has it
        autoescape=False,
        finalize=_mark,
    )
    authority = _Authority(settings)

    def is_own(name: str, value: str) -> bool:
        if name == "link":
            return _is_our_link(app, settings, value)
        if name in ("by_when", "opens_at"):
            return is_public_moment(value)
        if name == "last_day":
            return is_public_date(value)
        return name in _SHAPES and _SHAPES[name].fullmatch(value) is not None

    def render(path: str, facts: dict[str, str]) -> str:
        said = {name: _Own(value) if is_own(name, value) else value for name, value in facts.items()}
        return environment.get_template(path).render(authority=authority, **said)

    return render


def _mark(value: Any) -> str:
    if isinstance(value, _Own):
        return str(value)
    return f"{OPENS}{str(value).replace(OPENS, '').replace(CLOSES, '')}{CLOSES}"


def _unmark(text: str) -> tuple[str, Spans]:
    """Return the text without the marks, and where what is ours begins and ends."""
    said = ""
    spans: Spans = []
    for number, piece in enumerate(text.split(OPENS)):
        put_in, closes, rest = piece.partition(CLOSES)
        if not closes and not number:
            put_in, rest = "", piece  # before anything is put in
        said += put_in
        if closes or not number:
            spans.append((len(said), len(said) + len(rest)))
        said += rest
    return said, [(start, end) for start, end in spans if start < end]


def _is_our_link(app: Flask, settings: Settings, address: str) -> bool:
    """Tell whether an address is one of our pages with nothing in it but an id or a token."""
    parts, ours = urlsplit(address), urlsplit(settings.public_url)
    if (parts.scheme, parts.netloc) != (ours.scheme, ours.netloc) or parts.query or parts.fragment:
        return False
    try:
        _, values = app.url_map.bind(parts.netloc, url_scheme=parts.scheme).match(parts.path, method="GET")
    except HTTPException:
        return False
    return all(isinstance(value, UUID) or _TOKEN.fullmatch(str(value)) for value in values.values())


def link_builder(app: Flask, settings: Settings) -> Callable[..., str]:
    """Return the callable that builds an absolute address from PUBLIC_URL, in any process (T5)."""
    parts = urlsplit(settings.public_url)

    def link(endpoint: str, **values: object) -> str:
        adapter = app.url_map.bind(parts.netloc, url_scheme=parts.scheme)
        return adapter.build(endpoint, values, force_external=True)

    return link
