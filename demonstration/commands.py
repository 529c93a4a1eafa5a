"""The commands that `make run` gives to the product: make the demonstration, or bring its database up to date."""

from __future__ import annotations

from flask import Flask, current_app
from flask.cli import AppGroup
from flask_migrate import upgrade

from demonstration.parent import end_with_parent
from demonstration.seed import hurry, seed
from infrastructure.database import utc_now

demonstration = AppGroup("demonstration", help="The demonstration; `make run` gives these commands.")


@demonstration.command("make")
def make() -> None:
    """Fill an empty database with the made-up county."""
    end_with_parent()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    hurry(app)
    upgrade()
    seed(app, now=utc_now())


@demonstration.command("migrate")
def migrate() -> None:
    """Bring the database up to date; what was typed stays."""
    end_with_parent()
    upgrade()
