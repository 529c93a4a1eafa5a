"""The one blueprint of the public pages: endpoints are `web.<page>`."""

from flask import Blueprint

from infrastructure.web.guard import Everyone

web = Blueprint("web", __name__)

ANYONE = Everyone("a page that is the same for everyone")
DRAFT_HOLDER = Everyone("a draft opens only on a device that holds its key")
LINK_HOLDER = Everyone("only the holder of the secret link comes in, and a code decides what more is shown")
MAILBOX_HOLDER = Everyone("only a browser that proved a work address opens what came from that address")
ANYONE_TO_SENDIASS = Everyone("a page that is the same for everyone", is_inside=True)
ENQUIRER = Everyone("what is sent goes behind the wall, and is never shown here again", is_inside=True)
INSIDE_LINK_HOLDER = Everyone("only the holder of the secret link comes in", is_inside=True)
