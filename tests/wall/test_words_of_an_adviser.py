"""What an adviser types about an enquiry is sealed, and is in no log, address or mail; nobody outside sees it (SE-5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from demonstration.carrier.account import Account
from helpdesk.services.enquiries.attempts import log_attempt
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.models import Channel
from tests.enquirers import MOTHER
from tests.enquiring import make_texted
from tests.factories import NOW, County, make_county
from tests.helpdesk.web.walking import Page, Staff
from tests.listening import logged
from tests.plugins.house import Mailbox
from tests.test_secrets_of_people import dump
from tests.wall.inside import make_adviser

pytestmark = [pytest.mark.rule("SE-5"), pytest.mark.rule("EV-6"), pytest.mark.storage]
# A word that stands alone: in ciphertext, written in letters and figures, no letters stand between other signs.
MARK = re.compile(r"(?<![\w-])zq[a-z]{4}x(?![\w=-])", re.IGNORECASE | re.ASCII)


@pytest.fixture(autouse=True)
def tuesday_at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def county(session: Session) -> County:
    return make_county(session)


@pytest.fixture
def nuala(app: Flask, session: Session, house: House, county: County) -> tuple[Staff, User]:
    user = make_adviser(session)
    return Staff(app).signed_in(session, house, user), user


def marks() -> Iterator[str]:
    """Give words that nobody else says."""
    for n in count():
        yield "zq" + "".join(chr(ord("a") + n // 26**place % 26) for place in range(4)) + "x"


def test_every_word_of_an_adviser_stays_inside(
    app: Flask,
    database: Any,
    session: Session,
    house: House,
    county: County,
    nuala: tuple[Staff, User],
    carrier: Account,
    mailbox: Mailbox,
    work: Callable[[], None],
) -> None:
    staff, user = nuala
    mark, said = marks(), []
    locations: list[str] = []

    def new() -> str:
        said.append(next(mark))
        return f"the {said[-1]} of it"

    def named() -> str:
        said.append(next(mark))
        return said[-1].capitalize()

    def post(address: str, **fields: Any) -> Page:
        page = staff.post(address, **fields)
        assert page.status == 302, (address, page.errors, page.words[:800])
        locations.append(page.location)
        return page

    with logged() as log:
        texted = make_texted(session, house, language="pl").id
        log_attempt(session, request_id=texted, channel=Channel.PHONE, reached=True, by=user, now=NOW, house=house)
        at = f"/staff/enquiries/{texted}/"
        post(at + "level", level="2", reason=new(), outcome=new())
        post(at + "facts", age="10", name=named(), place=named(), anything_else=new(), reach=new())
        post(at + "split", split_id=str(uuid4()), story=new(), who="other", name=named(), email="ann@zqmail.example")
        post(at + "signpost", reason="out_of_area", where=f"Ring the next county. {new()}", told="send")
        post(at + "close", reason="signposted", words=new())
        sent = said[len(said) - 2]
        finished = make_texted(session, house, number="+447700900499").id
        log_attempt(session, request_id=finished, channel=Channel.PHONE, reached=True, by=user, now=NOW, house=house)
        post(f"/staff/enquiries/{finished}/finish", outcome=new())
        call = {"call_id": str(uuid4()), "channel": "phone", "phone": "07700 900498", "email": "zq@zqmail.example"}
        post("/staff/enquiries/new", **call, story=new(), name=named(), place=named(), anything_else=new(), reach=new())
        other = make_texted(session, house, number="+447700900497").id
        post(f"/staff/enquiries/{other}/professional", words=f"They can ring us. {new()}")
        work()
        for who in (county.officer, county.manager, county.service_manager, county.administrator):
            outside = Staff(app).signed_in(session, house, who)
            for place in ("/staff/", "/staff/queue", "/staff/tasks/alert", at, at + "facts", "/staff/enquiries/new"):
                assert not MARK.search(outside.get(place).html)
    assert len(said) == len(set(said)) > 15
    assert not MARK.search(log.getvalue()) and "zqmail" not in log.getvalue()
    assert not MARK.search(" ".join(locations))
    assert not any(MARK.search(f"{mail} {Mailbox.words(mail)}") for mail in mailbox.messages)
    assert any(sent in text.body for text in carrier.sent_to(MOTHER)), "what was meant for her went to her"
    columns, raw = dump(session, database)
    assert {name for name, text in columns.items() if MARK.search(text) or "zqmail.example" in text} == set(), "sealed"
    assert [one for one in said if one.encode() in raw or one.capitalize().encode() in raw] == []
    page = staff.get(at.rstrip("/"))
    assert said[0] in page.html and said[1] in page.html, "and open to an adviser"
