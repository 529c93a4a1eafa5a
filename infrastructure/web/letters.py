"""Letters from templates: templates/messages/email/<name>.txt, first line `Subject: ...`, then the words."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask
from jinja2 import Environment, StrictUndefined

from infrastructure.outbox import Letter
from infrastructure.settings import Settings


def letter_writer(app: Flask, settings: Settings) -> Callable[..., Letter]:
    """Return the callable that renders a letter; a missing fact is an error, never a blank."""
    environment = Environment(  # plain text, never HTML  # nosec B701
        loader=app.jinja_env.loader,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,  # so that a blank line stands after an included part, as the template has it
        autoescape=False,
    )

    def write(template: str, **facts: str) -> Letter:
        text = environment.get_template(f"messages/email/{template}.txt").render(authority=settings, **facts)
        first, _, body = text.lstrip().partition("\n")
        if not first.startswith("Subject: "):
            raise ValueError(f"the letter {template} has no subject")
        return Letter(template, first.removeprefix("Subject: ").strip(), body.strip() + "\n", dict(facts))

    return write


def link_builder(app: Flask, settings: Settings) -> Callable[..., str]:
    """Return the callable that builds an absolute address from PUBLIC_URL, in any process (T5)."""
    parts = urlsplit(settings.public_url)

    def link(endpoint: str, **values: object) -> str:
        adapter = app.url_map.bind(parts.netloc, url_scheme=parts.scheme)
        return adapter.build(endpoint, values, force_external=True)

    return link
