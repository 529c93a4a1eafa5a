"""A mail has our headers and no other, and says in them what we meant, whatever somebody typed (T12)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from email import policy
from email.parser import BytesParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_mail import Mail, Message
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import Form

from infrastructure.database import transaction, utc_now, uuid7
from infrastructure.house import House
from infrastructure.outbox import Letter, MessageState, OutboxMessage, Result, Thread, owe
from infrastructure.outbox.headers import Heading, extra_headers, is_address, known_ids
from infrastructure.outbox.senders import ALWAYS, MailSender, Parcel, is_as_meant
from service_request.asking.checks import email_address
from service_request.asking.fields import email
from tests.plugins.house import Mailbox
from tests.service_request.channels.web.walking import Person

pytestmark = [pytest.mark.rule("EV-6"), pytest.mark.threat("T12")]

OUR_HEADERS = ALWAYS | {"auto-submitted", "x-auto-response-suppress"}  # of a mail that no person wrote
ENDS = [
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\r\n\r\n",
    "\x0b",
    "\x0c",
    "\x85",
    "\u2028",
    "\x00",
    "\n ",
    "\r\n\t",
    "\\r\\n",
    "%0d%0a",
    "%0A",
]
ADDED = ["Bcc: x@evil.example", "Cc: x@evil.example", "To: x@evil.example", "Subject: other", "Content-Type: text/html",
         "From: boss@evil.example", "Reply-To: x@evil.example", "X-Any: 1", "<script>alert(1)</script>"]  # fmt: skip
WORDS = [
    f"=?{charset}?q?a{end}{what}?="
    for charset in ("utf-8", "UTF-8", "iso-8859-1")
    for end in ("=0A", "=0D=0A", "=0D", "=0a=20", "=00")
    for what in ("Bcc:_x@evil.example", "To:_x@evil.example", "")
]
BASE64 = ["=?utf-8?b?YQpCY2M6IHhAZXZpbC5leGFtcGxl?=", "=?utf-8?B?DQpUbzogeEBldmlsLmV4YW1wbGU=?=", "=?utf-8?b?Cg==?="]
SMTP = [
    "a@b.example>\r\nRCPT TO:<x@evil.example", "a@b.example\r\nDATA\r\n.\r\n", "a@b.example\n.\nMAIL FROM:<x@evil.example>",
    "a@b.example,x@evil.example", "a@b.example;x@evil.example", "a@b.example x@evil.example", "a@b.example(x@evil.example)",
    "<a@b.example>,<x@evil.example>", '"a@b.example\r\nBcc: x@evil.example"@b.example', "x@evil.example:a@b.example",
    "undisclosed-recipients:;", "a@b.example NOTIFY=SUCCESS", "a@[127.0.0.1]", "a@b", "a" * 250 + "@b.example", "a@" + "b" * 70 + ".example",
]  # fmt: skip
PAYLOADS = [
    *(f"{before}{end}{what}" for before, end, what in itertools.product(["", "a@b.example"], ENDS, ADDED)),
    *WORDS,
    *BASE64,
    *SMTP,
]


def test_the_corpus_is_large_enough() -> None:
    assert len(set(PAYLOADS)) >= 300


def send(app: Flask, house: House, parcel: Parcel) -> Result:
    return MailSender(app.extensions["mail"] and Mail(app), house.settings).send(parcel).result


def as_received(mailbox: Mailbox) -> None:
    """Whatever arrived has our headers once each, and went to nobody else."""
    for mail in mailbox.messages:
        names = [name.lower() for name in mail.keys() if name.lower() not in ("x-peer", "x-mailfrom", "x-rcptto")]  # noqa: SIM118
        assert sorted(names) == sorted(OUR_HEADERS)
        assert "evil.example" not in str(mail["To"]) + str(mail["From"])
        assert "\n" not in str(mail["Subject"])


@pytest.mark.parametrize("where", ["subject", "to", "message_id"])
def test_no_payload_grows_a_header(where: str, app: Flask, house: House, mailbox: Mailbox) -> None:
    sent = 0
    for payload in PAYLOADS:
        values: dict[str, Any] = {
            "to": "a@b.example",
            "subject": "Request K7RM-4TXC",
            "text": "Words\n",
            "message_id": "<1@frontdoor>",
        }
        result = send(app, house, Parcel(**{**values, where: payload}))
        if where != "subject":
            assert result is Result.PERMANENT, payload
        sent += result is Result.ACCEPTED
    as_received(mailbox)
    assert len(mailbox.messages) == sent
    assert send(app, house, Parcel("a@b.example", "Request K7RM-4TXC", "Words\n", "<1@frontdoor>")) is Result.ACCEPTED


@pytest.mark.storage
@pytest.mark.parametrize(
    "payload", ["a@b.example\nBcc: x@evil.example", WORDS[0], BASE64[0], "a\r\nTo: x@evil.example"]
)
def test_a_payload_in_a_letter_reaches_a_person_and_no_mailbox(
    payload: str, session: Session, work: Callable[[], None], mailbox: Mailbox
) -> None:
    with transaction(session):
        letter = Letter(
            "acknowledgement", payload, "We have it.\n", own={"subject": [(0, len(payload))], "text": [(0, 12)]}
        )
        owe(session, letter, to="a@b.example", cause=uuid7(), about=("user", uuid7()), now=utc_now())
    work()
    assert mailbox.messages == []
    assert session.scalars(select(OutboxMessage.state)).one() in (MessageState.FAILED, MessageState.HELD)


class AddressForm(Form):
    address = email("Email address", email_address)


def test_no_question_for_an_address_takes_a_payload(app: Flask) -> None:
    with app.test_request_context():
        for payload in PAYLOADS:
            form = AddressForm(data={"address": payload})
            if form.validate() and not is_address(payload):
                pytest.fail(f"{payload!r} is taken for an address")


def test_what_is_typed_where_an_address_is_asked_reaches_no_mail(
    client: FlaskClient, work: Callable[[], None], mailbox: Mailbox
) -> None:
    person = Person(client)
    draft = person.begin()
    for payload in PAYLOADS[::3]:
        for address in (draft.url("email"), "/saved", draft.url("step/you")):
            person.post(address, {"email": payload, "name": payload, "role": payload})
    work()
    as_received(mailbox)


def test_an_address_has_254_characters_at_most() -> None:
    longest = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 53}.example"
    assert len(longest) == 254 and is_address(longest)
    assert not is_address(longest.replace("d", "dd", 1))
    assert not is_address(f"{'a' * 65}@b.example")
    assert is_address("o'neil+x@sub.b.example") and is_address("a@bücher.example")


IN_A_THREAD = Heading(
    sender="help@w.example",
    reply_to="help+token@w.example",
    in_reply_to="<2@gp.example>",
    references=("<1@gp.example>", "<2@gp.example>"),
    automatic=False,
    is_answer=True,
)


@pytest.mark.parametrize("where", ["sender", "reply_to", "in_reply_to", "references"])
def test_no_payload_grows_a_header_where_a_mail_says_what_it_answers(
    where: str, app: Flask, house: House, mailbox: Mailbox
) -> None:
    for payload in PAYLOADS:
        value = (payload,) if where == "references" else payload
        heading = replace(IN_A_THREAD, **{where: value})  # type: ignore[arg-type]
        parcel = Parcel("a@b.example", "Request K7RM-4TXC", "Words\n", "<1@frontdoor>", heading=heading)
        assert send(app, house, parcel) is Result.PERMANENT, payload
    assert mailbox.messages == []


def test_what_another_called_their_mail_is_left_out_where_it_can_be_no_header() -> None:
    for payload in PAYLOADS:
        thread = Thread.answering(payload, [payload, "<1@gp.example>"], mailbox="help@w.example")
        assert (thread.in_reply_to, thread.references) == ("", ("<1@gp.example>",))
    whole = Thread.answering("<3@gp.example>", ["<1@gp.example>", "<2@gp.example>", "<3@gp.example>"])
    assert (whole.in_reply_to, whole.references[-1]) == ("<3@gp.example>", "<3@gp.example>")
    assert Thread.from_kept(whole.as_kept()) == whole
    long = Thread.answering("<99@gp.example>", [f"<{number}@gp.example>" for number in range(99)])
    assert len(long.references) == 20 and {"<0@gp.example>", "<99@gp.example>"} <= set(long.references)
    assert known_ids([f"<{'a' * 300}@gp.example>"]) == ()


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize("is_answer", [False, True])
@pytest.mark.parametrize("automatic", [False, True])
@pytest.mark.parametrize("name", ["a", "a-name-of-a-mail." * 2, "a-long-name-of-a-mail." * 8])
@pytest.mark.parametrize("length", [1, 3, 20])
def test_a_mail_says_what_it_answers_and_whether_a_machine_wrote_it(
    length: int, name: str, automatic: bool, is_answer: bool, app: Flask, house: House, mailbox: Mailbox
) -> None:
    before = tuple(f"<{name}{number}@gp.example>" for number in range(length))
    heading = replace(IN_A_THREAD, references=before, in_reply_to=before[-1], automatic=automatic, is_answer=is_answer)
    parcel = Parcel("a@b.example", "Request K7RM-4TXC", "Größer\n", "<1@frontdoor>", heading=heading)
    assert send(app, house, parcel) is Result.ACCEPTED
    (mail,) = mailbox.messages
    assert (mail["From"], mail["Reply-To"]) == ("help@w.example", "help+token@w.example")
    assert (mail["In-Reply-To"], str(mail["References"]).split()) == (before[-1], list(before))
    kind = {(True, True): "auto-replied", (True, False): "auto-generated"}.get((automatic, is_answer))
    assert mail["Auto-Submitted"] == kind
    assert mail["X-Auto-Response-Suppress"] == ("All" if automatic else None)
    assert mailbox.words(mail).splitlines() == ["Größer"]


def test_a_long_line_and_any_script_travel_in_lines_that_every_server_takes(
    app: Flask, house: House, mailbox: Mailbox
) -> None:
    words = f"{'A sentence with no end '.strip()} " * 300 + "\n.\nFrom here: größer, مرحبا, 👋 = 3\n \nlast"
    assert send(app, house, Parcel("a@b.example", "Request", words, "<1@frontdoor>")) is Result.ACCEPTED
    (mail,) = mailbox.messages
    assert mailbox.words(mail).rstrip("\r\n").replace("\r\n", "\n") == words
    lines = str(mail.get_payload()).splitlines()
    assert max(map(len, lines)) <= 76 and all(line.isascii() for line in lines)


def build(**changes: Any) -> tuple[bytes, Parcel]:
    parcel = Parcel("a@b.example", "Request K7RM-4TXC: größer", "Words\n", "<1@frontdoor>")
    values = {"subject": parcel.subject, "recipients": [parcel.to], "body": parcel.text, "sender": "us@w.example"}
    headers = extra_headers(parcel.heading)
    extra = changes.pop("extra", {})
    message = Message(**{**values, **changes}, extra_headers={**headers, **extra})
    message.msgId = parcel.message_id
    return message.as_bytes(), parcel


def test_a_mail_built_otherwise_than_it_was_meant_is_noticed(app: Flask) -> None:
    mail, parcel = build()
    assert is_as_meant(mail, parcel, "us@w.example")
    for changes in (
        {"subject": "Another"},
        {"recipients": ["a@b.example", "x@evil.example"]},
        {"cc": ["x@evil.example"]},
        {"sender": "boss@w.example"},
        {"body": "Other words\n"},
        {"body": "Words\n", "html": "<p>Words</p>"},
        {"extra": {"Reply-To": "x@evil.example"}},
        {"extra": {"Auto-Submitted": "=?utf-8?q?a=0ABcc:_x@evil.example?="}},
    ):
        assert not is_as_meant(build(**changes)[0], parcel, "us@w.example"), changes
    for line in (b"Bcc: x@evil.example\r\n", b"Subject: twice\r\n", b"To: x@evil.example\r\n"):
        assert not is_as_meant(line + mail, parcel, "us@w.example"), line
    names = BytesParser(policy=policy.SMTP).parsebytes(mail).keys()
    assert {name.lower() for name in names} == OUR_HEADERS
