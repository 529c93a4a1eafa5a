"""The page of the demonstration's phone: a visitor texts the front door with no account, and sees what it did."""

from __future__ import annotations

import time

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from demonstration import phone
from demonstration.people import STAFF
from infrastructure.database import Wall, db, utc_now
from infrastructure.settings import Settings
from infrastructure.texting.numbers import Endpoint, endpoints
from infrastructure.web.current import current_settings
from infrastructure.web.guard import Everyone, guarded

WAITS = 9.0  # seconds that a page waits for the reply, so that nobody has to ask for it
LOOKS_EVERY = 0.3
HARD = {
    "again": "The last text was delivered once more. It is there once: the phone company’s number for it was known.",
    "order": "Two texts came in the wrong order. Both are kept, and shown in the order in which they came to us.",
    "signature": "A text with a broken signature was refused, and nothing of it was kept.",
}


def add_phone(blueprint: Blueprint, outside: Everyone) -> None:
    """Put the phone on the demonstration's pages."""

    @blueprint.get("/phone")
    @guarded(outside)
    def texting() -> ResponseReturnValue:
        """Show the thread of one phone with one of our numbers, and what became of its latest text."""
        settings = current_settings()
        line = _line(settings, request.args)
        return _page(settings, line)

    @blueprint.post("/phone")
    @guarded(outside)
    def text() -> ResponseReturnValue:
        """Send a text, or one of the three ways to make it hard; then show the thread with its reply."""
        settings = current_settings()
        line = _line(settings, request.form)
        hard = request.form.get("hard", "")
        body = request.form.get("body", "").strip()
        try:
            before = phone.list_texts(settings, line)
            status = _play(settings, line, hard, body, before)
            if status == 200 and hard != "again":
                _wait_for_reply(settings, line, len(before))
        except phone.NoCarrierError:
            return _page(settings, line, typed=body, problem=True)
        return redirect(
            url_for(
                "demonstration.texting",
                phone=line.phone,
                number=line.code,
                hard=hard if hard in HARD else None,
                _anchor="texts",
            )
        )


def _line(settings: Settings, said: MultiDict[str, str]) -> phone.Line:
    line = phone.find_line(settings, said.get("phone", ""), said.get("number", ""))
    if line is None:
        abort(404)
    return line


def _play(settings: Settings, line: phone.Line, hard: str, body: str, before: list[phone.Text]) -> int:
    mine = [one for one in before if one.is_theirs]
    if hard == "again" and mine:
        return phone.send_text(settings, line, mine[-1].body, again=mine[-1].sid)
    if hard == "order":
        phone.send_text(settings, line, "and he has a plan", late=True)
        return phone.send_text(settings, line, "they sent him home again")
    if hard == "signature":
        return phone.send_text(settings, line, body or "This one is forged", tamper=True)
    return phone.send_text(settings, line, body) if body else 204


def _wait_for_reply(settings: Settings, line: phone.Line, known: int) -> None:
    """Wait until the reply is there, and the front door has heard that it reached the phone."""
    until = time.monotonic() + WAITS
    while time.monotonic() < until:
        new = phone.list_texts(settings, line)[known:]
        mine = [one.sid for one in new if one.is_theirs]
        if mine and len(mine) < len(new) and phone.is_delivered(db.session(), mine[-1]):
            return
        time.sleep(LOOKS_EVERY)


def _page(settings: Settings, line: phone.Line, *, typed: str = "", problem: bool = False) -> ResponseReturnValue:
    try:
        texts = phone.list_texts(settings, line)
    except phone.NoCarrierError:
        texts, problem = [], True
    mine = [one for one in texts if one.is_theirs]
    is_inside = line.endpoint.wall is Wall.SENDIASS
    reader = next(one for one in STAFF if (one.team.startswith("SENDIASS")) == is_inside)
    return render_template(
        "demonstration/phone.html",
        line=line,
        phones=phone.PHONES,
        numbers=[(phone.code_of(one), _named(one)) for one in endpoints(settings)],
        name=_named(line.endpoint),
        spoken=phone.spoken,
        texts=texts,
        steps=phone.list_steps(db.session(), mine[-1].sid) if mine else [],
        typed=typed or ("" if mine else phone.FIRST_WORDS[line.phone]),
        problem=problem,
        hard=HARD.get(request.args.get("hard", "")),
        reader=reader,
        reads_at=url_for("desk.enquiries" if is_inside else "desk.queue"),
        now=utc_now(),
    ), 503 if problem else 200


def _named(endpoint: Endpoint) -> str:
    """Return what a phone's owner calls one of our numbers; short, since two lists stand beside each other."""
    who = "SENDIASS" if endpoint.wall is Wall.SENDIASS else "Helpdesk"
    return f"{who}, {'WhatsApp' if endpoint.channel == 'whatsapp' else phone.spoken(endpoint.number)}"
