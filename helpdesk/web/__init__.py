"""What staff see: each page in a module of its own, all on one blueprint."""

from __future__ import annotations

from flask import Flask

from helpdesk.web import (
    acts,
    after_closed,
    asking,
    assignments,
    checks,
    consent,
    decide,
    enquiries,
    enquiry_acts,
    enquiry_calls,
    enquiry_deadlines,
    enquiry_facts,
    enquiry_folding,
    enquiry_talk,
    files,
    folding,
    given,
    glass,
    hand_over,
    held_back,
    held_enquiries,
    held_texts,
    importing,
    invitation,
    lateness,
    mail_completing,
    mailing,
    mails,
    office,
    own_password,
    own_provider,
    own_sign_in,
    people,
    queue,
    referrers,
    request_page,
    saved_answers,
    second,
    send_on,
    set_aside,
    sign_in,
    take_call,
    tasks,
    trail,
    who_sees,
)
from helpdesk.web.blueprint import blueprint

__all__ = [
    "acts", "after_closed", "asking", "assignments", "checks", "consent", "decide", "enquiries", "enquiry_acts",
    "enquiry_calls", "enquiry_deadlines", "enquiry_facts", "enquiry_folding", "enquiry_talk", "files", "folding",
    "given", "glass", "hand_over", "held_back", "held_enquiries", "held_texts", "importing", "invitation", "lateness",
    "mail_completing", "mailing", "mails", "office", "own_password", "own_provider", "own_sign_in", "people", "queue",
    "referrers", "register", "request_page", "saved_answers", "second", "send_on", "set_aside", "sign_in", "take_call",
    "tasks", "trail", "who_sees",
]  # fmt: skip


def register(app: Flask) -> None:
    """Put the staff pages into the application."""
    app.register_blueprint(blueprint)
