"""Write docs/routes.md, every way into the product with the guard at its door: `python -m scripts.routes_page`."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from app import create_app
from infrastructure.identity.models import Role, TeamKind
from infrastructure.settings import read_settings, secrets_of
from infrastructure.web.guard import Everyone, Guard, Signed, Staff

PAGE = Path(__file__).resolve().parents[1] / "docs" / "routes.md"
WITHOUT_GUARD = "static"
QUIET = {"HEAD", "OPTIONS"}
HEAD = """# Every way in

Written by `make pages` from the application itself; a test keeps it true. A view without a guard answers 500 and fails
the build. Every post carries a token against forgery or, from a machine, a signature that the guard reads; where "keeps
words" says yes, the view itself checks the token, so that it can give back what was typed when it has run out. Static
files are the only thing served without a guard. What begins `demonstration.` is there in demonstration mode only.
"""
SECTIONS = (
    ("web", "Public pages", "What may be opened is decided by the secret that the browser holds, never by an account."),
    ("desk", "Staff pages", "Somebody who is not signed in is asked to; a page that is not theirs is not there (404)."),
    (
        "text",
        "What carriers post",
        "No browser comes here: each post is signed with a secret that we share, or refused (403).",
    ),
    ("demonstration", "The demonstration desk", "Made-up people only, on this machine only."),
)


@dataclass(frozen=True)
class Route:
    """One way in: what it is called, by which methods and path, who may come, and who checks the token."""

    endpoint: str
    methods: tuple[str, ...]
    path: str
    guard: Guard | None
    keeps_words: bool


def list_routes(app: Flask) -> list[Route]:
    """Return every route but the static files, by path."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint == WITHOUT_GUARD:
            continue
        view = app.view_functions[rule.endpoint]
        guard: Guard | None = getattr(view, "guard", None)
        methods = tuple(sorted((rule.methods or set()) - QUIET))
        found.append(Route(rule.endpoint, methods, rule.rule, guard, bool(getattr(view, "keeps_words", False))))
    return sorted(found, key=lambda route: (route.path, route.methods))


def say_guard(guard: Guard | None) -> str:
    """Return who may come in, in words."""
    if isinstance(guard, Signed):
        return f"signed: {guard.why}"
    if isinstance(guard, Everyone):
        return f"everyone: {guard.why}"
    if isinstance(guard, Staff):
        roles = [role.value.replace("_", " ") for role in Role if role in guard.roles]
        kinds = [kind.value.replace("_", " ") for kind in TeamKind if kind in guard.kinds]
        return f"staff: {', '.join(roles) or 'any role'}" + (f"; teams: {', '.join(kinds)}" if kinds else "")
    return "NONE"


def make_page(app: Flask) -> str:
    """Return the page."""
    routes, parts = list_routes(app), [HEAD]
    for blueprint, title, words in SECTIONS:
        own = [route for route in routes if route.endpoint.split(".")[0] == blueprint]
        rows = [
            f"| `{route.endpoint}` | {', '.join(route.methods)} | `{route.path}` | {say_guard(route.guard)} "
            f"| {_says_words(route)} |"
            for route in own
        ]
        table = ["| endpoint | methods | path | who | keeps words |", "| --- | --- | --- | --- | --- |", *rows]
        parts.append("\n".join([f"## {title}", "", words, "", *table, ""]))
    return "\n".join(parts)


def _says_words(route: Route) -> str:
    return "" if route.methods == ("GET",) else "yes" if route.keeps_words else "no"


def main() -> None:
    """Write the page, from an application that is never served."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        settings = read_settings(
            demonstration=True,
            public_url="http://localhost",
            database_url=f"sqlite:///{place / 'none.sqlite'}",
            jobs_url=str(place / "jobs.sqlite"),
            instance_dir=place,
            smtp_host="localhost",
            smtp_starttls=False,
            mail_from="nobody@westmarch.example",
            authority_name="Westmarch County Council",
            duty_line="01632 960120",
            **secrets_of(place),
        )
        PAGE.write_text(make_page(create_app(settings)))


if __name__ == "__main__":
    main()
