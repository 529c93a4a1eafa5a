"""The mailbox of somebody outside: a visitor writes to the front door by mail, reads its answers, and answers them."""

from __future__ import annotations

import time
from email.message import EmailMessage
from pathlib import Path

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from demonstration import post
from demonstration.people import STAFF
from infrastructure.database import db, utc_now
from infrastructure.settings import Settings
from infrastructure.web.current import current_settings
from infrastructure.web.guard import Everyone, guarded

WAITS = 15.0  # seconds that a page waits until the mail was fetched, understood and answered
LOOKS_EVERY = 0.3
HARD = {
    "again": "The last mail was delivered once more. It is there once: every byte of it was known.",
    "away": "An automatic reply was sent. It is filed and shown, and nobody answers it.",
    "forged": "A mail was sent from this address by somebody else. It is kept, and the desk sees that the sender is "
    "not verified.",
}
PATHWAYS = {"desk": "the general helpdesk", "social_care": "the children’s desk", "sendiass": "SENDIASS"}


def add_mail(blueprint: Blueprint, outside: Everyone) -> None:
    """Put the mailbox on the demonstration's pages."""

    @blueprint.get("/mail")
    @guarded(outside)
    def mail() -> ResponseReturnValue:
        """Show what one person and one of our mailboxes wrote to each other, and what became of the latest mail."""
        settings = current_settings()
        return _page(settings, _between(settings, request.args))

    @blueprint.post("/mail")
    @guarded(outside)
    def write() -> ResponseReturnValue:
        """Send a mail by SMTP, or one of the three ways to make it hard; then show it with its answer."""
        settings = current_settings()
        between = _between(settings, request.form)
        hard = request.form.get("hard", "")
        try:
            key = _send(settings, between, hard)
        except post.NoPostError:
            return _page(settings, between, problem=True)
        if key and between.box.host:  # somebody reads it
            _wait_for_answer(settings, between, key)
        return redirect(
            url_for(
                "demonstration.mail",
                writer=between.writer.address,
                box=between.box.address,
                hard=hard if hard in HARD else None,
                _anchor="mails",
            )
        )


def _between(settings: Settings, said: MultiDict[str, str]) -> post.Correspondence:
    return post.find_correspondence(settings, said.get("writer", ""), said.get("box", ""))


def _send(settings: Settings, between: post.Correspondence, hard: str) -> str:
    """Send what the form asks for; return the name of a mail that is new, or nothing."""
    folder = Path(settings.instance_dir)
    posted = post.list_posted(folder, between)
    mine = [one for one in posted if one.is_theirs]
    if hard == "again" and mine:
        post.post(settings, between, post.read_raw(folder, mine[-1]))
        return ""
    words = request.form.get("words", "").strip()
    if not words and hard not in HARD:
        return ""
    mail = _compose(between, posted, hard, words)
    post.post(settings, between, bytes(mail))
    return post.key_of(str(mail["Message-ID"]))


def _compose(between: post.Correspondence, posted: list[post.Posted], hard: str, words: str) -> EmailMessage:
    answers = post.find_posted(posted, request.form.get("answers", ""))
    subject = request.form.get("subject", "").strip() or between.writer.subject
    if hard == "away":
        subject, words = f"Automatic reply: {subject}", "I am out of the office and will read your mail when I am back."
    return post.compose(
        between,
        subject,
        words or between.writer.words,
        answers=answers,
        hard=hard,
        paper=request.form.get("paper") == "yes",
    )


def _wait_for_answer(settings: Settings, between: post.Correspondence, key: str) -> None:
    """Wait until the mail was fetched and what answers it has left, so that nobody has to ask for it."""
    one = post.read_posted(Path(settings.instance_dir), between, key)
    until = time.monotonic() + WAITS
    while not post.is_answered(db.session(), one) and time.monotonic() < until:
        time.sleep(LOOKS_EVERY)


def _page(settings: Settings, between: post.Correspondence, *, problem: bool = False) -> ResponseReturnValue:
    posted = post.list_posted(Path(settings.instance_dir), between)
    mine = [one for one in posted if one.is_theirs]
    said = request.form if problem else request.args
    answers = post.find_posted(posted, said.get("answers", ""))
    is_inside = between.box.pathway == "sendiass"
    reader = next(one for one in STAFF if (one.team.startswith("SENDIASS")) == is_inside)
    subject, words = ("", "") if mine else (between.writer.subject, between.writer.words)
    if answers:
        subject, words = _answering(answers.subject), ""
    if problem:
        subject, words = said.get("subject", ""), said.get("words", "")
    return render_template(
        "demonstration/mail.html",
        between=between,
        writers=post.WRITERS,
        boxes=post.list_boxes(settings),
        pathways=PATHWAYS,
        posted=posted,
        answers=answers,
        steps=post.list_steps(db.session(), mine[-1]) if mine else [],
        subject=subject,
        words=words,
        problem=problem,
        hard=HARD.get(request.args.get("hard", "")),
        reader=reader,
        reads_at=url_for("desk.enquiries" if is_inside else "desk.queue"),
        now=utc_now(),
    ), 503 if problem else 200


def _answering(subject: str) -> str:
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"
