"""Your requests: what came from a work address, for whoever proves it, on any device (GL-14, EV-1, EV-6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from infrastructure.database import Wall, db, transaction
from infrastructure.identity.models import SecretLink, WebSession
from infrastructure.trail import Event
from service_request.models import Referrer, ReferrerKind, ServiceRequest
from tests.factories import NOW, Child, make_request
from tests.plugins.house import Mailbox
from tests.service_request.channels.web.mailbox_holders import ADDRESS, Returning, Work, code_in
from tests.service_request.channels.web.walking import NAMED, TEACHER, Person
from tests.service_request.channels.web.walking import Draft as Form

SHARED = "office@brookfield.example"


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


@pytest.fixture
def returning(clock: Any, app: Flask, mailbox: Mailbox, work: Work) -> Returning:
    return Returning(app, mailbox, work)


def proven_draft(form: Form, mailbox: Mailbox, work: Work) -> Form:
    """Fill a draft in and prove its address."""
    form.fill({"you": TEACHER, "concerns": {"narrative": "Hungry for two weeks."}})
    form.person.post(form.url("email"), {"email": ADDRESS})
    work()
    form.person.post(form.url("code"), {"code": code_in(mailbox)})
    return form


def rows_of(person: Person) -> list[str]:
    """Return the lines of the list of what was sent."""
    return [row.text for row in person.page.all(class_="govuk-summary-list__row")]


@pytest.mark.rule("GL-14")
@pytest.mark.storage
def test_link_and_code_open_what_came_from_the_address_on_a_browser_that_never_held_it(
    returning: Returning, draft: Form, clock: Any
) -> None:
    draft.fill(NAMED).send()
    reference = draft.person.page.one("strong", class_="fd-num").text
    returning.work()
    clock.shift(timedelta(hours=1))
    home = returning.prove(returning.somebody())
    (row,) = rows_of(home)
    assert reference in row and "C.H." in row and "17 November" in row and "With the helpdesk" in row
    for words in ("Callum", "Hartley", "Tanners", "hungry", "Brookfield Primary"):
        assert words not in home.words


@pytest.mark.rule("EV-6")
def test_a_link_alone_opens_nothing_and_neither_does_a_wrong_code_a_forged_link_or_one_of_another_purpose(
    returning: Returning, draft: Form, session: Session
) -> None:
    draft.fill(NAMED).send()
    thief = returning.somebody()
    link = returning.ask(thief)
    assert thief.open(link).status_code == 200
    assert "C.H." not in thief.words and ADDRESS not in thief.words and "s•••n@brookfield.example" in thief.words
    thief.post(link)
    returning.work()
    right = code_in(returning.mailbox)
    thief.post(f"{link}/code", {"code": f"{(int(right) + 1) % 1_000_000:06d}"})
    assert thief.errors() and thief.open("/mine").status_code == 200 and "C.H." not in thief.words
    token = link.rpartition("/")[2]
    for address in (f"/mine/link/{token[:-2]}xx", f"/outcome/{token}", f"/message/{token}", f"/saved/{token}"):
        assert thief.open(address).status_code == 404 or thief.post(address).status_code == 404, address
    with transaction(session):
        session.execute(update(SecretLink).values(expires_at=NOW))
    assert thief.open(link).status_code == 404
    assert thief.post(f"{link}/code", {"code": right}).status_code == 404


@pytest.mark.rule("EV-6")
def test_whether_an_address_is_known_is_told_to_nobody(returning: Returning, draft: Form) -> None:
    draft.fill(NAMED).send()
    returning.work()
    returning.mailbox.clear()
    person = returning.somebody()
    pages = []
    for address in (ADDRESS, "nobody@brookfield.example"):
        person.post("/mine", {"email": address})
        pages.append(person.words)
    assert pages[0] == pages[1]
    for _ in range(7):
        person.post("/mine", {"email": ADDRESS.upper()})
    returning.work()
    assert len(returning.mailbox.to(ADDRESS)) == 5
    assert {str(mail["To"]) for mail in returning.mailbox.messages} == {ADDRESS}


@pytest.mark.rule("GL-16")
@pytest.mark.rule("SE-5")
@pytest.mark.storage
def test_neither_a_familys_own_mail_nor_what_stands_inside_the_wall_nor_another_mailbox_is_ever_listed(
    returning: Returning, session: Session
) -> None:
    mine = {"kind": ReferrerKind.PROFESSIONAL, "email": SHARED}
    shown = make_request(session, children=[Child("Ada Brown", date(2016, 5, 9))], referrer=mine)
    for who in ({**mine, "kind": ReferrerKind.FAMILY, "safe": "yes"}, {**mine, "email": ADDRESS}):
        make_request(session, children=[Child("Xan Quill", date(2016, 5, 9))], referrer=who)
    inside = make_request(session, children=[Child("Zoe Vane", date(2016, 5, 9))], referrer=mine)
    with transaction(session):
        for table, key in ((ServiceRequest, inside.id), (Referrer, inside.referrer_id)):
            session.execute(update(table).where(table.id == key).values(wall=Wall.SENDIASS))
    home = returning.prove(returning.somebody(), SHARED)
    assert len(rows_of(home)) == 1 and "A.B." in home.words
    home.open(f"/mine/{shown.id}")
    assert "A manager decides" in home.words and "Wednesday 18 November" in home.words
    with transaction(session):
        session.execute(update(Referrer).where(Referrer.id == shown.referrer_id).values(kind=ReferrerKind.PUBLIC))
    home.open("/mine")
    assert rows_of(home) == []


@pytest.mark.rule("EV-1")
@pytest.mark.storage
def test_a_draft_begun_at_school_is_gone_on_with_at_home_and_closed_there_on_signing_out(
    returning: Returning, draft: Form
) -> None:
    proven_draft(draft, returning.mailbox, returning.work)
    home = returning.somebody()
    assert home.open(draft.url()).status_code == 404
    returning.prove(home)
    assert "Not sent yet" in home.words and "Hungry" not in home.words
    home.post("/mine/drafts", {"draft": str(draft.id)})
    assert home.address == draft.url()
    home.open(draft.url("step/concerns"))
    assert "Hungry for two weeks." in home.page.one("textarea").text
    home.open("/mine")
    assert home.page.one("a", href=draft.url()).text.startswith("Continue")
    home.post("/mine/sign-out")
    assert home.h1 == "Your requests" and home.page.all("input", name="email")
    assert home.open(draft.url()).status_code == 404
    assert draft.open().status_code == 200  # the device that it was begun on keeps it
    for other in ("not-an-id", str(returning.app.name)):
        assert home.post("/mine/drafts", {"draft": other}).request.path == "/mine"


@pytest.mark.rule("EV-6")
def test_a_draft_of_another_address_opens_for_nobody_else(returning: Returning, draft: Form, session: Session) -> None:
    proven_draft(draft, returning.mailbox, returning.work)
    make_request(session, referrer={"kind": ReferrerKind.PROFESSIONAL, "email": SHARED})
    other = returning.prove(returning.somebody(), SHARED)
    assert "Continue" not in "".join(rows_of(other))
    assert other.post("/mine/drafts", {"draft": str(draft.id)}).status_code == 404
    assert other.post("/mine/drafts", {"draft": "x"}).status_code == 404
    assert other.open(draft.url()).status_code == 404


@pytest.mark.rule("EV-6")
@pytest.mark.storage
def test_a_browser_is_known_for_fifteen_idle_minutes_or_for_a_shift_where_somebody_wished_it(
    returning: Returning, draft: Form, clock: Any
) -> None:
    draft.fill(NAMED).send()
    returning.work()
    short, shift = returning.prove(returning.somebody()), returning.prove(returning.somebody(), shift=True)
    assert "Keep me" not in short.words and "This device knows you until" in shift.words
    for minutes in (14, 14):  # each page looked at begins the fifteen minutes again
        clock.shift(timedelta(minutes=minutes))
        assert rows_of_mine(short) and rows_of_mine(shift)
    clock.shift(timedelta(minutes=16))
    assert not rows_of_mine(short) and rows_of_mine(shift)
    clock.shift(timedelta(hours=9, minutes=10))
    assert rows_of_mine(shift)
    clock.shift(timedelta(minutes=10))
    assert not rows_of_mine(shift)


def rows_of_mine(person: Person) -> list[str]:
    person.open("/mine")
    return rows_of(person)


@pytest.mark.rule("EV-6")
def test_a_stolen_cookie_is_worth_nothing_after_signing_out_and_a_fixed_one_never(
    returning: Returning, draft: Form, session: Session
) -> None:
    draft.fill(NAMED).send()
    returning.work()
    owner, thief = returning.somebody(), returning.somebody()
    owner.client.set_cookie("mine", "chosen-by-a-thief", domain="localhost")
    returning.prove(owner, shift=True)
    kept = owner.client.get_cookie("mine")
    assert kept is not None and kept.value != "chosen-by-a-thief" and kept.http_only and kept.max_age == 36_000
    thief.client.set_cookie("mine", "chosen-by-a-thief", domain="localhost")
    assert not rows_of_mine(thief)
    thief.client.set_cookie("mine", kept.value, domain="localhost")
    owner.post("/mine/sign-out")
    assert not rows_of_mine(thief)
    assert session.scalars(select(WebSession)).all() == []
    acts = list(session.scalars(select(Event.act).where(Event.stream_kind == "link").order_by(Event.id)))
    assert sorted(acts) == ["code_issued", "code_used", "let_go"]


@pytest.mark.rule("EV-6")
def test_proving_again_ends_what_the_browser_held_before(returning: Returning, draft: Form, session: Session) -> None:
    draft.fill(NAMED).send()
    returning.work()
    person = returning.prove(returning.somebody())
    before = person.client.get_cookie("mine")
    returning.prove(person)
    thief = returning.somebody()
    assert before is not None
    thief.client.set_cookie("mine", before.value, domain="localhost")
    assert not rows_of_mine(thief) and rows_of_mine(person)


@pytest.mark.rule("GL-14")
def test_the_list_is_paged_the_newest_first_and_reads_each_page_in_one_query(
    returning: Returning, session: Session, clock: Any
) -> None:
    names = [f"{chr(65 + n)}a {chr(65 + n)}o" for n in range(23)]
    for name in names:
        who = {"kind": ReferrerKind.PROFESSIONAL, "email": SHARED}
        make_request(session, children=[Child(name, date(2016, 5, 9))], referrer=who)
        clock.shift(timedelta(minutes=1))
    person = returning.prove(returning.somebody(), SHARED)
    told: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        told.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        first = rows_of_mine(person)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(first) == 20 and "W.W." in first[0]
    assert len([one for one in told if "FROM service_request" in one]) == 1
    person.open("/mine?page=2")
    assert [row.split(", sent")[0][-4:] for row in rows_of(person)] == ["C.C.", "B.B.", "A.A."]
    for odd in ("0", "-3", "x", "9999999999"):
        assert person.open(f"/mine?page={odd}").status_code == 200
