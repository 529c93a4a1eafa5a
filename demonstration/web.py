"""The demonstration's outside world: every message that went out, and who can sign in. Not there in production."""

from __future__ import annotations

from flask import Flask

from demonstration.commands import demonstration


def register(app: Flask) -> None:
    """Add the demonstration's pages and commands; called in demonstration mode only."""
    app.cli.add_command(demonstration)
