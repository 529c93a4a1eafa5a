"""What an officer or an adviser writes by mail: to whom it may go, what it may say, and how its answer comes home."""

from __future__ import annotations

import re
from dataclasses import replace
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.mailing import MailWay, NotInTheMatterError, SaysTooMuchError, WayClosedError
from helpdesk.services import mailing
from helpdesk.services.decide import decide
from helpdesk.services.enquiries import replying
from infrastructure.database import Wall, transaction, utc_now, uuid7
from infrastructure.house import House
from infrastructure.outbox import MessageState, OutboxMessage
from infrastructure.outbox.senders import ALWAYS
from infrastructure.trail import AccessLog, Event
from service_request.domain.mail.types import MailKind
from service_request.domain.references import format_reference
from service_request.models import (
    Arrival,
    Channel,
    Conversation,
    Disposition,
    Mail,
    Message,
    ReferrerKind,
    Safe,
    ServiceRequest,
    Silenced,
    Subject,
)
from service_request.services.mail.tokens import read_token
from tests.enquirers import make_open_enquiry
from tests.factories import County, accept, make_decision, make_request, make_waiting
from tests.helpdesk.web.walking import Staff
from tests.plugins.house import Mailbox
from tests.posting import CARE, DESK, PARENT, SENDIASS, WORRY, Post
from tests.posting import write as mail
from tests.wall.inside import make_adviser

pytestmark = [pytest.mark.storage]
TEACHER = "s.rahman@brookfield.example"
WORDS = "Thank you. We have what we need.\nCan you ring us on any weekday before noon?"
FAMILY: dict[str, Any] = {"kind": ReferrerKind.FAMILY, "email": PARENT, "name": "Mairead Corrigan", "phone": None}


@pytest.fixture
def officer(post: Post, app: Flask, session: Session, house: House, county: County) -> Staff:
    return Staff(app).signed_in(session, house, county.officer)


def wrote(session: Session, request_id: UUID, by: str, *, to: str = DESK, wall: Wall = Wall.OPEN) -> str:
    """Keep a mail of somebody as understood and joined; return its Message-ID."""
    message_id, now = f"<{uuid7().hex}@theirs.example>", utc_now()
    with transaction(session):
        arrival = Arrival(
            wall=wall, id=uuid7(), channel=Channel.EMAIL, endpoint=to, external_id=uuid7().hex, sender=by,
            sender_hash=by, raw=b"", received_at=now, stored_at=now, disposition=Disposition.REQUEST,
            request_id=request_id,
        )  # fmt: skip
        session.add(arrival)
        session.flush()
        head = {
            "sender": by,
            "sender_name": "Mairead",
            "message_id": message_id,
            "references": ["<2@t.example>", "<1@t.example>"],
        }
        row = Mail(
            wall=wall, arrival_id=arrival.id, request_id=request_id, at=now, kind=MailKind.PERSON,
            first_kind=MailKind.PERSON, why="", is_verified=False, notes=[], head=head, message_id_hash=message_id,
        )  # fmt: skip
        session.add(row)
    return message_id


def send(post: Post, request: UUID, officer: Any, **changes: Any) -> Message:
    values = {"to": TEACHER, "words": WORDS, "way": MailWay.MAIL, **changes}
    post.wait(1)
    return mailing.write(post.session, request_id=request, by=officer, now=utc_now(), house=post.house, **values)


def left(post: Post, mailbox: Mailbox, to: str) -> EmailMessage:
    """Return the last mail that left for somebody."""
    post.wait(1)
    post.work()
    return mailbox.to(to)[-1]


def owed(session: Session) -> list[str]:
    session.rollback()
    return [row.template for row in session.scalars(select(OutboxMessage))]


# ---------------------------------------------------------------- the way there, and back


@pytest.mark.rule("EV-2")
@pytest.mark.threat("T7")
def test_what_an_officer_writes_leaves_as_a_person_s_with_its_own_way_back(
    post: Post, session: Session, officer: Staff, mailbox: Mailbox
) -> None:
    request = make_request(session)
    at = f"/staff/requests/{request.id}"
    assert "Write an email" in officer.get(at).buttons
    page = officer.get(f"{at}/write")
    assert page.status == 200 and TEACHER in page.words
    post.wait(1)
    answer = officer.post(f"{at}/write", version=page.version, to=TEACHER, words=WORDS, way="mail", act="send")
    assert "Your email is on its way." in officer.follow(answer).words
    mail = left(post, mailbox, TEACHER)
    assert mail["From"] == CARE and mail["Auto-Submitted"] is None
    assert mail["Message-ID"].endswith("@localhost>")
    assert read_token(mail["Reply-To"], Wall.OPEN, post.house.settings) == request.id
    assert read_token(mail["Reply-To"], Wall.SENDIASS, post.house.settings) is None
    assert mail["Subject"] == f"{format_reference(request.reference)}: a message from the helpdesk"
    text = mailbox.words(mail).replace("\r\n", "\n")
    assert text.startswith(WORDS) and "999" in text and "You can answer this email." in text
    shown = officer.get(at).words
    assert f"To {TEACHER} , email. Sent" in shown and "Can you ring us on any weekday" in shown


@pytest.mark.rule("EV-2")
def test_an_answer_goes_on_in_the_thread_from_the_mailbox_that_it_came_to(
    post: Post, session: Session, county: County, mailbox: Mailbox
) -> None:
    request_id = make_request(session).id
    theirs = wrote(session, request_id, TEACHER)
    send(post, request_id, county.officer)
    mail = left(post, mailbox, TEACHER)
    assert mail["In-Reply-To"] == theirs
    assert str(mail["References"]).split() == ["<1@t.example>", "<2@t.example>", theirs]
    assert mail["From"] == DESK and str(mail["Reply-To"]).startswith("help+")


@pytest.mark.rule("GL-14")
def test_the_outcome_goes_on_in_the_thread_of_who_asked_by_mail(
    post: Post, session: Session, county: County, mailbox: Mailbox
) -> None:
    request_id = make_waiting(session, county).id
    theirs = wrote(session, request_id, TEACHER)
    subject_id = session.scalars(select(Subject.id).where(Subject.request_id == request_id)).one()
    session.rollback()
    decision = make_decision(accept(subject_id))
    decide(session, request_id=request_id, decision=decision, by=county.manager, now=utc_now(), house=post.house)
    mail = left(post, mailbox, TEACHER)
    assert "the outcome" in mail["Subject"] and mail["In-Reply-To"] == theirs
    assert (mail["From"], mail["Auto-Submitted"]) == (DESK, "auto-replied")
    assert read_token(mail["Reply-To"], Wall.OPEN, post.house.settings) == request_id


@pytest.mark.rule("EV-3")
def test_a_second_press_of_the_same_page_writes_nothing(post: Post, session: Session, officer: Staff) -> None:
    at = f"/staff/requests/{make_request(session).id}/write"
    version = officer.get(at).version
    pressed = [
        officer.post(at, version=version, to=TEACHER, words=WORDS, way="mail", act="send").status for _ in range(2)
    ]
    assert pressed == [302, 409]
    assert owed(session) == ["officer_reply"]


@pytest.mark.rule("SE-5")
@pytest.mark.threat("T7")
def test_an_adviser_s_mail_leaves_from_their_own_side_and_comes_back_there(
    post: Post, session: Session, mailbox: Mailbox
) -> None:
    adviser = make_adviser(session)
    request_id = make_open_enquiry(session, post.house, email=PARENT, safe=Safe.YES, channel=Channel.EMAIL)
    theirs = wrote(session, request_id, PARENT, to=SENDIASS, wall=Wall.SENDIASS)
    post.wait(1)
    replying.reply(
        session, request_id=request_id, words="Keep the letter.", by=adviser, now=utc_now(), house=post.house
    )
    mail = left(post, mailbox, PARENT)
    assert (mail["From"], mail["In-Reply-To"], mail["Auto-Submitted"]) == (SENDIASS, theirs, None)
    assert read_token(mail["Reply-To"], Wall.SENDIASS, post.house.settings) == request_id
    assert read_token(mail["Reply-To"], Wall.OPEN, post.house.settings) is None


@pytest.mark.rule("EV-2")
def test_what_waited_while_they_asked_us_to_stop_writing_is_not_sent(
    post: Post, session: Session, mailbox: Mailbox
) -> None:
    adviser = make_adviser(session)
    request_id = make_open_enquiry(session, post.house, email=PARENT, safe=Safe.YES, channel=Channel.EMAIL)
    post.wait(1)
    replying.reply(session, request_id=request_id, words="Keep it.", by=adviser, now=utc_now(), house=post.house)
    post.wait(1)
    with transaction(session):
        thread = Conversation(
            wall=Wall.SENDIASS, channel=Channel.EMAIL, endpoint=SENDIASS, counterpart=PARENT, counterpart_hash=PARENT,
            safe=Safe.YES, request_id=request_id, heard_at=utc_now(), silenced=Silenced.ASKED_TO_STOP,
            silenced_at=utc_now(),
        )  # fmt: skip
        session.add(thread)
    post.work()
    assert mailbox.to(PARENT) == []
    (row,) = [one for one in post.owed() if one.template == "adviser_reply_email"]
    assert row.state is MessageState.CANCELLED


# ---------------------------------------------------------------- to whom


@pytest.mark.threat("T7")
def test_nothing_goes_to_somebody_who_takes_no_part(
    post: Post, session: Session, officer: Staff, county: County
) -> None:
    request_id = make_request(session).id
    other = make_request(session, referrer={"email": PARENT})
    for stranger in (PARENT, "boss@evil.example", f"{TEACHER},x@evil.example", ""):
        with pytest.raises(NotInTheMatterError):
            send(post, request_id, county.officer, to=stranger)
    page = officer.post(f"/staff/requests/{request_id}/write", to=PARENT, words=WORDS, way="mail", act="send")
    assert page.errors == ["Select whom you write to"] and page.value("words") == WORDS
    assert owed(session) == [] and other.id != request_id


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize("safe", ["no", "unset", "yes"])
def test_a_family_is_written_to_as_they_said_is_safe(
    safe: str, post: Post, session: Session, officer: Staff, county: County
) -> None:
    request_id = make_request(session, referrer={**FAMILY, "safe": safe}).id
    at = f"/staff/requests/{request_id}/write"
    first = officer.get(at)
    wrote(session, request_id, PARENT)
    page = officer.get(at)
    ways = [one.attributes["value"] for one in page.tree.all("input", name="way")]
    assert ways == {"yes": ["mail", "link"], "unset": ["link"], "no": []}[safe]
    assert ("Send" in first.buttons) is (safe == "yes")
    if safe != "yes":
        with pytest.raises(WayClosedError):
            send(post, request_id, county.officer, to=PARENT)
    if safe == "unset":
        send(post, request_id, county.officer, to=PARENT, way=MailWay.LINK)
        with pytest.raises(WayClosedError):  # they had their answer: the next would come unasked
            send(post, request_id, county.officer, to=PARENT, way=MailWay.LINK)
        post.wait(1)
        wrote(session, request_id, PARENT)
        send(post, request_id, county.officer, to=PARENT, way=MailWay.LINK)


@pytest.mark.rule("EV-2")
def test_somebody_else_who_wrote_is_answered_behind_a_link_alone(post: Post, session: Session, county: County) -> None:
    request_id = make_request(session).id
    wrote(session, request_id, PARENT)
    asked, other = mailing.read_addressees(session, request_id, county.officer)
    assert (asked.address, asked.ways) == (TEACHER, tuple(MailWay))
    assert (other.address, other.ways) == (PARENT, (MailWay.LINK,))


# ---------------------------------------------------------------- what it may say


@pytest.mark.rule("EV-6")
@pytest.mark.threat("T20")
def test_what_would_be_held_back_is_shown_to_who_wrote_it_and_owed_to_nobody(
    post: Post, session: Session, officer: Staff
) -> None:
    request_id = make_request(session).id
    at = f"/staff/requests/{request_id}/write"
    words = "Callum was born on 14 March 2017. Thank you."
    page = officer.post(at, to=TEACHER, words=words, way="mail", act="send")
    assert page.status == 409 and owed(session) == []
    assert page.value("words") == words
    assert [one.text for one in page.tree.all("mark")] == ["Callum"]
    assert "A name, in the text: Callum" in page.words and "behind a link" in page.errors[0]
    again = officer.post(at, version=page.version, to=TEACHER, words=words, way="link", act="send")
    assert again.status == 302 and owed(session) == ["message_link"]


@pytest.mark.rule("EV-6")
def test_an_address_marked_secure_may_be_told_more_over_a_line_that_is_encrypted(
    post: Post, session: Session, county: County
) -> None:
    request_id = make_request(session).id
    changes = {"secure_domains": "brookfield.example", "smtp_starttls": True}
    words = "Callum Hartley was seen today."
    post.house = replace(
        post.house, settings=post.house.settings.model_copy(update={**changes, "smtp_starttls": False})
    )
    with pytest.raises(SaysTooMuchError):
        send(post, request_id, county.officer, words=words)
    post.house = replace(post.house, settings=post.house.settings.model_copy(update=changes))
    send(post, request_id, county.officer, words=words)
    assert owed(session) == ["officer_reply"]


# ---------------------------------------------------------------- behind the link


CODE = re.compile(r"Your code is (\d{6})")


@pytest.mark.rule("EV-6")
@pytest.mark.rule("EV-5")
def test_a_message_behind_a_link_is_read_with_the_code_and_by_nobody_else(
    post: Post, app: Flask, session: Session, county: County, mailbox: Mailbox
) -> None:
    request_id = make_request(session).id
    wrote(session, request_id, PARENT)
    words = "Callum Hartley may go home with his aunt.\n<script>alert(1)</script>"
    send(post, request_id, county.officer, words=words, way=MailWay.LINK)
    send(post, request_id, county.officer, words="For the mother alone.", way=MailWay.LINK, to=PARENT)
    notice = left(post, mailbox, TEACHER)
    assert "Callum" not in str(notice) and notice["Auto-Submitted"] == "auto-generated"
    (link,) = re.findall(r"http://localhost(/message/\S+)", mailbox.words(notice))
    reader = Staff(app)
    page = reader.get(link)
    assert "There is a message for you" in page.words and "Callum" not in page.html
    token = page.tree.all("input", name="csrf_token")[0].attributes["value"]
    asked = reader.post(link, token=token)
    assert asked.status == 302 and "Callum" not in reader.get(link).html
    (code,) = CODE.findall(mailbox.words(left(post, mailbox, TEACHER)))
    wrong = reader.post(f"{link}/code", token=token, code="000000" if code != "000000" else "111111")
    assert wrong.status == 200 and "Callum" not in wrong.html
    opened = reader.follow(reader.post(f"{link}/code", token=token, code=code))
    assert "Callum Hartley may go home with his aunt." in opened.words and "<script>alert" not in opened.html
    assert "For the mother alone." not in opened.words
    assert "Callum" not in Staff(app).get(link).html, "the link alone opens nothing"
    assert Staff(app).get(link.replace("/message/", "/outcome/")).status == 404
    session.rollback()
    assert session.scalars(
        select(AccessLog).where(AccessLog.request_id == request_id, AccessLog.actor_kind == "referrer")
    ).all()


@pytest.mark.rule("EV-5")
def test_that_somebody_wrote_stands_in_the_trail_without_a_word_or_an_address(
    post: Post, session: Session, county: County
) -> None:
    request_id = make_request(session).id
    send(post, request_id, county.officer)
    session.rollback()
    event = session.scalars(select(Event).where(Event.stream_id == request_id, Event.act == "write_mail")).one()
    assert event.actor_id == county.officer.id and set(event.facts) == {"message", "way"}
    assert session.get_one(ServiceRequest, request_id).version > 1


# ---------------------------------------------------------------- the whole way round


@pytest.mark.rule("EV-2")
@pytest.mark.threat("T7")
@pytest.mark.parametrize("kept", ["token", "references"])
def test_their_answer_joins_by_what_our_mail_said_of_itself_and_by_nothing_a_stranger_copies(
    kept: str, post: Post, session: Session, county: County, mailbox: Mailbox
) -> None:
    request_id = make_request(session).id
    send(post, request_id, county.officer)
    ours = left(post, mailbox, TEACHER)
    to = str(ours["Reply-To"]) if kept == "token" else CARE
    named = {"In_Reply_To": str(ours["Message-ID"])} if kept == "references" else {}
    answer = post.take(mail("Noon on Friday suits me.", to=to, by=TEACHER, subject="Noon", **named), CARE)
    assert answer.request_id == request_id
    stranger = post.take(mail("Tell me all of it.", to=to, by="x@evil.example", subject="Noon", **named), CARE)
    assert stranger.request_id not in (None, request_id) and stranger.possible_id == request_id
    send(post, request_id, county.officer, words="Friday, then.")
    again = left(post, mailbox, TEACHER)
    assert again["In-Reply-To"] == (answer.head or {})["message_id"] and again["From"] == CARE


@pytest.mark.rule("EV-2")
def test_what_we_send_by_ourselves_in_answer_says_so_and_comes_back_to_its_request(
    post: Post, mailbox: Mailbox
) -> None:
    theirs = post.take(mail())
    (thanks,) = mailbox.to(PARENT)
    assert (thanks["Auto-Submitted"], thanks["From"]) == ("auto-replied", DESK)
    assert thanks["In-Reply-To"] == (theirs.head or {})["message_id"]
    assert read_token(thanks["Reply-To"], Wall.OPEN, post.house.settings) == theirs.request_id


HOSTILE = [
    "<a@b.example>\r\nBcc: x@evil.example", "<a@b.example>\r\n Bcc: x@evil.example", "=?utf-8?q?<a=0ABcc:_x@evil.example>?=",
    "<=?utf-8?q?a=0D=0ABcc:_x?=@evil.example>", "<a@b.example> <x@evil.example>\tBcc:x", "<a\x00@b.example>", "<a b@c.example>",
    "<" + "a" * 900 + "@b.example>", "<a@b.example>;x@evil.example", '<"a\\"@b.example>', "<@>", "=?utf-8?b?PGE+CkJjYzogeEBldmlsLmV4YW1wbGU=?=",
]  # fmt: skip


@pytest.mark.rule("EV-6")
@pytest.mark.threat("T12")
def test_nothing_that_a_mail_says_of_itself_grows_a_header_of_our_answer(post: Post, mailbox: Mailbox) -> None:
    names_of_it = ("Message-ID", "References", "In-Reply-To", "Subject")
    for number, hostile in enumerate(HOSTILE):
        parent = f"parent{number}@corrigan.example"
        for said in (
            {"From": parent, **dict.fromkeys(names_of_it, hostile)},
            {"From": f"{hostile} <other-{parent}>", "Message-ID": f"<{number}@theirs.example>"},
        ):
            head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
            post.keep(f"{head}To: {DESK}\r\n\r\n{WORRY}\r\n".encode())
    post.wait(1)
    post.work()
    may = ALWAYS | set("auto-submitted x-auto-response-suppress reply-to in-reply-to references".split())
    assert len(mailbox.to("parent")) >= len(HOSTILE)
    for sent in mailbox.messages:
        names = [name.lower() for name in sent.keys() if not name.lower().startswith("x-peer")]  # noqa: SIM118
        assert len(names) == len(set(names)) and set(names) <= may, names
        assert "evil.example" not in f"{sent['To']}{sent['From']}{sent['Reply-To']}"
