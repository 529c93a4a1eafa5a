"""What carriers of texts post to us: each post is signed, kept, and answered."""

from flask import Flask

from service_request.channels.text import messages, status  # noqa: F401 - each adds its routes to the blueprint
from service_request.channels.text.blueprint import text


def register(app: Flask) -> None:
    """Put the carriers' routes under /hooks."""
    app.register_blueprint(text)
