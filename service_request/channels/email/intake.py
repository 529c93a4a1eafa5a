"""`flask intake email`: a mail by a pipe from any mail server, which tries again until it is kept (EV-1)."""

from __future__ import annotations

import os
import sys

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from infrastructure.database import db, utc_now
from infrastructure.house import House
from infrastructure.mailboxes import LARGEST_MAIL, Mailbox
from infrastructure.settings import Settings
from service_request.services.mail.keeping import find_box, keep_mail

intake = AppGroup("intake", help="What other programs hand over.")


@intake.command("email")
@click.option("--mailbox", default="", help="Which of our mailboxes it came to; needed where there are several.")
def email(mailbox: str) -> None:
    """Keep the mail on standard input. Exit 0 only once it is committed; 75 asks the mail server to try again."""
    house: House = current_app.extensions["house"]
    try:
        box = _which(house.settings, mailbox)
        raw = sys.stdin.buffer.read(LARGEST_MAIL + 1)
        if not raw.strip():
            raise NotTakenError("nothing came")
        if len(raw) > LARGEST_MAIL:
            raise NotTakenError("the mail is too large")
        keep_mail(db.session(), box, raw, received_at=None, now=utc_now(), house=house)
    except NotTakenError as error:
        _try_again(str(error))
    except Exception as error:  # whatever it is, the mail is not ours yet; no word of it is said
        _try_again(type(error).__name__)


class NotTakenError(Exception):
    """The mail was not taken; the sentence says why, in words of ours."""


def register(app: Flask) -> None:
    """Add the command to the application."""
    app.cli.add_command(intake)


def _which(settings: Settings, address: str) -> Mailbox:
    boxes = settings.our_mailboxes
    found = find_box(settings, address) if address else boxes[0] if len(boxes) == 1 else None
    if found is None:
        raise NotTakenError("--mailbox must name one of our mailboxes (FRONTDOOR_MAILBOXES)")
    return found


def _try_again(why: str) -> None:
    click.echo(f"Not kept: {why}. Try again later.", err=True)
    sys.exit(os.EX_TEMPFAIL)
