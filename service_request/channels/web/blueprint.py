"""The one blueprint of the public pages: endpoints are `web.<page>`."""

from flask import Blueprint

from infrastructure.web.guard import Everyone

web = Blueprint("web", __name__)

ANYONE = Everyone("a page that is the same for everyone")
DRAFT_HOLDER = Everyone("a draft opens only on a device that holds its key")
LINK_HOLDER = Everyone("only the holder of the secret link comes in, and a code decides what more is shown")
