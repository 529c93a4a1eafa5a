"""Migrations where they are asked for: a web process does not load what changes a schema (Alembic: 14 MB, 0.2 s)."""

from __future__ import annotations

import os
from typing import Any

from flask import Flask

from infrastructure.database.base import db


class Migrations:
    """Stand where Flask-Migrate looks for itself, and become it when somebody looks."""

    def __init__(self, app: Flask, **options: Any) -> None:
        self._app, self._options = app, options
        app.extensions["migrate"] = self
        if os.environ.get("FLASK_RUN_FROM_CLI") == "true":
            self._become()  # `flask db` is asked for by its name

    def __getattr__(self, name: str) -> Any:
        """Set Flask-Migrate up, in this object's place, and ask it."""
        return getattr(self._become(), name)

    def _become(self) -> Any:
        from flask_migrate import Migrate

        Migrate(self._app, db, **self._options)
        return self._app.extensions["migrate"]
