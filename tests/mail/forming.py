"""Mails made from the forms that servers and programs are known for (tests/mail/forms), to measure how they are read.

Each form says where it comes from. No mail of a real person is among them; names, addresses and words are invented.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from service_request.domain.mail.types import MailKind

FORMS = Path(__file__).parent / "forms"
OURS = "desk@council.example"
MARY = "Mary Jones <mary@home.example>"


@dataclass(frozen=True)
class Formed:
    """A mail of a known form, and what it is."""

    name: str
    raw: bytes
    kind: MailKind
    message_id: str = ""  # of the mail that came back
    recipient: str = ""  # who was not reached
    of_now: tuple[str, ...] = ()  # words that must stay visible
    quoted: tuple[str, ...] = ()  # words that must not


def read_form(name: str) -> list[Any]:
    held: list[Any] = json.loads((FORMS / f"{name}.json").read_text(encoding="utf-8"))
    return held


LANGUAGES: dict[str, dict[str, str]] = json.loads((FORMS / "languages.json").read_text(encoding="utf-8"))


def machines() -> Iterator[Formed]:
    """Bounces, delivery reports and automatic replies: each server's form in each language."""
    for number, (language, said) in enumerate(LANGUAGES.items()):
        held = {**said, "to": f"jo.{language}@school.example", "id": f"<{language}.{number}@council.example>"}
        for form in read_form("servers"):
            yield _server_mail(form, held, f"{form['name']}-{language}")
        for form in read_form("repliers"):
            raw = _mail(form.get("from", "Jo Teacher <jo@school.example>"), _fill(form["subject"], held), form, held)
            yield Formed(f"{form['name']}-{language}", bytes(raw), MailKind.AUTO_REPLY)


def ordinary() -> Iterator[Formed]:
    """People's mails: in each language, with each mark that a server may add, and those that speak of machines."""
    marks = read_form("marks")
    for language, said in LANGUAGES.items():
        for text in ("person", "person_away", "person_returned"):
            for mark in marks:
                raw = _mail(
                    MARY, f"Re: {said['subject']}" if text == "person" else said["subject"], mark, {}, said[text]
                )
                yield Formed(f"{text}-{language}-{mark['name']}", bytes(raw), MailKind.PERSON, of_now=(said[text],))
    for number, (subject, text) in enumerate(read_form("people")):
        for mark in marks:
            raw = _mail(MARY, subject, mark, {}, text)
            yield Formed(f"people-{number}-{mark['name']}", bytes(raw), MailKind.PERSON)


def answers() -> Iterator[Formed]:
    """Answers to a question of ours: each program's way to quote it, above, below, between, and with a signature."""
    for form in read_form("quotes"):
        said = LANGUAGES[form["language"]]
        asked, now = said["asked"], said["person"]
        also = f"07700 9001{len(now) % 90 + 10}"
        marked = f"{form['intro']}\n\n> Hello,\n>\n> {asked}\n>\n> Jo, council\n"
        ways = {
            "above": f"{now}\n\n{marked}",
            "below": f"{marked}\n{now}\n",
            "between": f"{form['intro']}\n> Hello,\n> {asked}\n\n{now}\n\n> Jo, council\n\n{also}\n",
            "signed": f"{now}\n\n-- \nMary Jones\n12 Elm Road\n\n{marked}",
        }
        if form["way"] == "block" or "@" in form["intro"]:
            ways["unmarked"] = f"{now}\n\n{form['intro']}\n\nHello,\n\n{asked}\n\nJo, council\n"
        if form["way"] == "block":
            ways = {"unmarked": ways["unmarked"]}
        for way, text in ways.items():
            raw = _mail(MARY, f"Re: {said['subject']}", {}, {}, text)
            of_now = (now, also) if way == "between" else (now,)
            quoted = (asked, "12 Elm Road") if way == "signed" else (asked,)
            yield Formed(f"{form['name']}-{way}", bytes(raw), MailKind.PERSON, of_now=of_now, quoted=quoted)


def _server_mail(form: dict[str, Any], held: dict[str, str], name: str) -> Formed:
    mail = _mail(_fill(form["from"], held), _fill(form["subject"], held), form, held)
    raw, report = bytes(mail), form.get("report")
    if report:
        kind = "disposition-notification" if report == "disposition" else "delivery-status"
        raw = _with_report(mail, kind, _fields(form, held, kind), held)
    is_bounce = form["kind"] == "bounce"
    has_id = bool(report) or "{id}" in form["text"]
    names = bool(report) or "{to}" in form["text"] or "X-Failed-Recipients" in form["headers"]
    return Formed(
        name,
        raw,
        MailKind(form["kind"]),
        message_id=held["id"] if is_bounce and has_id else "",
        recipient=held["to"] if is_bounce and names else "",
    )


def _fields(form: dict[str, Any], held: dict[str, str], kind: str) -> str:
    if kind == "disposition-notification":
        return (
            f"Reporting-UA: school.example\nFinal-Recipient: rfc822;{held['to']}\n"
            f"Original-Message-ID: {held['id']}\nDisposition: manual-action/MDN-sent-manually; displayed\n"
        )
    return (
        f"Reporting-MTA: dns; mx.school.example\n\nFinal-Recipient: rfc822; {held['to']}\n"
        f"Action: {form.get('action', 'failed')}\nStatus: {form.get('status', '5.1.1')}\n"
        f"Diagnostic-Code: smtp; {form.get('status', '5.1.1').replace('.', '')} as above\n"
    )


def _with_report(mail: EmailMessage, kind: str, fields: str, held: dict[str, str]) -> bytes:
    head = "".join(
        f"{name}: {value}\r\n" for name, value in mail.raw_items() if not name.lower().startswith("content-")
    )
    boundary = "=_report"
    own = f"Message-ID: {held['id']}\r\nFrom: {OURS}\r\nTo: {held['to']}\r\n"
    raw = (
        f'{head}Content-Type: multipart/report; report-type={kind}; boundary="{boundary}"\r\n\r\n--{boundary}\r\n'
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{mail.get_content()}\r\n"
        f"--{boundary}\r\nContent-Type: message/{kind}\r\n\r\n{fields}\r\n"
        f"--{boundary}\r\nContent-Type: text/rfc822-headers\r\n\r\n{own}\r\n--{boundary}--\r\n"
    )
    return raw.encode()


def _mail(sender: str, subject: str, form: dict[str, Any], held: dict[str, str], text: str = "") -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = form.get("headers", {}).get("From", sender)
    mail["To"] = OURS
    mail["Subject"] = subject
    mail["Date"] = "Mon, 23 Nov 2026 09:31:00 +0000"
    mail["Message-ID"] = "<made@mx.school.example>"
    for name, value in form.get("headers", {}).items():
        if name != "From":
            mail[name] = _fill(value, held)
    mail.set_content(text or _fill(form["text"], held), cte="8bit")
    return mail


def _fill(text: str, held: dict[str, str]) -> str:
    for name, value in held.items():
        text = text.replace("{" + name + "}", value)
    return text
