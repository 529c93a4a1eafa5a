"""The public pages: from the first question to the outcome, for people without an account."""

from flask import Flask

from service_request.channels.web import (  # noqa: F401 - each adds its pages to the blueprint
    answering,
    asking,
    check,
    colleague,
    completing,
    evaluating,
    files,
    information,
    message,
    mine,
    mine_one,
    outcome,
    proving,
    refused,
    saved,
    sendiass,
    start,
    steps,
    tasks,
)
from service_request.channels.web.blueprint import web


def register(app: Flask) -> None:
    """Put the public pages at the root of the address."""
    app.register_blueprint(web)
