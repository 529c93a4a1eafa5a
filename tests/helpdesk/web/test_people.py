"""What an administrator does for people who work here, and what comes of it for them (T22, T28, T32)."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.services import staffing
from infrastructure.database import Wall, db, transaction, utc_now
from infrastructure.house import House
from infrastructure.identity.links import make_link
from infrastructure.identity.models import LinkPurpose, Membership, RecoveryCode, Role, SecretLink, Team, UserAccount
from infrastructure.trail import Event, verify
from service_request.domain.errors import DomainError
from tests.factories import NOW, County, make_user
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.conftest import SignIn
from tests.helpdesk.web.signing_in import EMAIL, SECRET, browser, enter, give_password, is_in, token_of
from tests.helpdesk.web.walking import Page, Staff
from tests.plugins.house import Mailbox
from tests.wall.inside import make_adviser

NEW = "n.field@westmarch.example"
GOOD = "teasel saltby lantern"
LINK = re.compile(r"http://localhost(/staff/invitation/\S+)")
Work = Callable[[], None]


@pytest.fixture
def neil(sign_in: SignIn, county: County) -> Staff:
    """The administrator."""
    return sign_in(county.administrator)


def invite(neil: Staff, county: County, **changes: str) -> Page:
    fields = {"name": "Nora Field", "email": NEW, "team": str(county.desk), "role": "officer", **changes}
    return neil.post("/staff/people/invite", **fields)


def link_in(mailbox: Mailbox, address: str) -> str:
    found = LINK.search(mailbox.words(mailbox.to(address)[-1]))
    assert found is not None
    return found[1]


def set_password(app: Flask, link: str, password: str = GOOD) -> Page:
    staff = browser(app)
    page = staff.get(link)
    return page if page.status == 404 else staff.post(link, token=token_of(page), password=password)


def do(neil: Staff, person: object, act: str, **more: str) -> Page:
    return neil.post(f"/staff/people/{person}", act=act, **more)


@pytest.mark.rule("EV-3")
@pytest.mark.storage
def test_of_two_who_invite_one_address_at_once_one_does_and_the_other_is_told(
    app: Flask, county: County, house: House, session: Session, work: Work, mailbox: Mailbox, ask: Ask, monkeypatch: Any
) -> None:
    together, sought, came = Barrier(2), staffing.accounts.find_or_add_account, []

    def at_once(*args: Any, **named: Any) -> Any:
        with suppress(BrokenBarrierError):  # of two that wait in line for SQLite the second is not here yet
            together.wait(0.3)
        return sought(*args, **named)

    def press() -> None:
        with app.app_context():
            try:
                staffing.invite(
                    db.session(), name="Nora Field", email=NEW, team_id=county.desk, role=Role.OFFICER,
                    by=county.administrator, now=utc_now(), house=house,
                )  # fmt: skip
                came.append("invited")
            except DomainError as refused:
                came.append(refused.sentence)
            finally:
                db.session.remove()

    monkeypatch.setattr(staffing.accounts, "find_or_add_account", at_once)
    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == ["They hold this place already.", "invited"]
    work()
    assert len(mailbox.to(NEW)) == 1
    account = ask.one(UserAccount, UserAccount.email == NEW)
    assert len(ask.all(Membership, Membership.user_id == account.id)) == 1


@pytest.mark.storage
@pytest.mark.threat("T32")
def test_somebody_new_is_invited_by_mail_sets_a_password_once_and_works(
    app: Flask, neil: Staff, county: County, work: Work, mailbox: Mailbox, ask: Ask
) -> None:
    page = neil.follow(invite(neil, county))
    assert page.title.startswith("Nora Field") and "They have not set a password yet" in page.words
    work()
    (mail,) = mailbox.to(NEW)
    assert "Nora" not in str(mail) and "Helpdesk" not in mailbox.words(mail)
    link = link_in(mailbox, NEW)
    for _ in range(3):  # a scanner of mail that opens every link uses nothing up
        assert browser(app).get(link).status == 200
    set_once = set_password(app, link)
    assert set_once.status == 302
    ended = set_password(app, link)
    assert ended.status == 404 and "ask your administrator for a new link" in ended.words and NEW not in ended.html
    staff = browser(app)
    assert "Your password is set. Sign in with it." in staff.follow(set_once).words
    assert enter(staff, GOOD, email=NEW).status == 302
    assert is_in(staff)
    acts = [one.act for one in ask.all(Event, Event.stream_kind == "user")]
    assert {"place_given", "invitation_offered", "set_password"} <= set(acts)
    token = link.rpartition("/")[2]
    assert token not in str([(one.token, one.address_sealed) for one in ask.all(SecretLink)])
    assert list(verify(ask.session)) == []


@pytest.mark.threat("T32")
def test_an_invitation_lasts_seven_days(app: Flask, neil: Staff, county: County, work: Work, mailbox: Mailbox) -> None:
    invite(neil, county)
    work()
    link = link_in(mailbox, NEW)
    with time_machine.travel(NOW + timedelta(days=7, minutes=-1), tick=False):
        assert browser(app).get(link).status == 200
    with time_machine.travel(NOW + timedelta(days=7, minutes=1), tick=False):
        assert set_password(app, link).status == 404


@pytest.mark.storage
@pytest.mark.threat("T32")
def test_a_reset_lasts_thirty_minutes_and_the_newest_link_alone_opens(
    app: Flask, neil: Staff, county: County, session: Session, house: House, work: Work, mailbox: Mailbox
) -> None:
    give_password(session, house, county.officer)
    links = []
    for minute in range(2):
        with time_machine.travel(NOW + timedelta(minutes=minute), tick=False):
            assert do(neil, county.officer.id, "link").status == 302
            work()
            links.append(link_in(mailbox, EMAIL))
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        assert set_password(app, links[0]).status == 404
        assert enter(browser(app)).status == 302, "the old password works until the new one is set"
    with time_machine.travel(NOW + timedelta(minutes=32), tick=False):
        assert set_password(app, links[1]).status == 404
    with time_machine.travel(NOW + timedelta(minutes=40), tick=False):
        neil = Staff(app).signed_in(session, house, county.administrator)
        do(neil, county.officer.id, "link")
        work()
        assert set_password(app, link_in(mailbox, EMAIL)).status == 302
        assert enter(browser(app)).status == 200
        assert enter(browser(app), GOOD).status == 302


@pytest.mark.storage
@pytest.mark.threat("T28")
@pytest.mark.parametrize("act", ["give", "end", "second", "close", "password"])
def test_every_session_ends_when_what_it_opens_or_the_way_in_changes(
    app: Flask,
    neil: Staff,
    county: County,
    session: Session,
    house: House,
    ask: Ask,
    work: Work,
    mailbox: Mailbox,
    act: str,
) -> None:
    give_password(session, house, county.officer)
    staff, elsewhere = browser(app), browser(app, "192.0.2.9")
    for one in (staff, elsewhere):
        enter(one)
        assert is_in(one)
    if act == "password":
        do(neil, county.officer.id, "link")
        work()
        assert set_password(app, link_in(mailbox, EMAIL)).status == 302
    elif act == "give":
        do(neil, county.officer.id, "give", team=str(county.locality), role="member")
    elif act == "end":
        place = ask.one(Membership, Membership.user_id == county.officer.id).id
        do(neil, county.officer.id, f"end:{place}")
    else:
        do(neil, county.officer.id, act)
    assert not is_in(staff) and not is_in(elsewhere)
    if act == "end":
        assert "There is no work for you here yet" in staff.follow(staff.follow(enter(staff))).words
    if act == "close":
        assert enter(staff).errors
        assert do(neil, county.officer.id, "link").errors == ["This account is closed. Open it again first."]
        do(neil, county.officer.id, "open")
        assert enter(staff).errors, "an account that is opened again has no password"


@pytest.mark.threat("T32")
def test_who_lost_phone_and_codes_is_let_in_again_by_an_administrator(
    app: Flask, neil: Staff, county: County, session: Session, house: House, ask: Ask
) -> None:
    give_password(session, house, county.officer, secret=SECRET)
    assert "They have a password and an authenticator app" in neil.get(f"/staff/people/{county.officer.id}").words
    assert do(neil, county.officer.id, "second").status == 302
    account = ask.one(UserAccount, UserAccount.id == county.officer.id)
    assert (account.totp_sealed, account.totp_since, ask.all(RecoveryCode)) == (None, None, [])
    assert enter(browser(app)).status == 302


def test_nobody_changes_their_own_account_here(neil: Staff, county: County, ask: Ask) -> None:
    before = len(ask.all(Event))
    for act in ("close", "link", "second"):
        page = do(neil, county.administrator.id, act)
        assert page.errors == ["This is your own account. Ask another administrator to change it."]
    page = do(neil, county.administrator.id, "give", team=str(county.desk), role="manager")
    assert page.status == 409
    assert invite(neil, county, email=county.administrator.email).status == 409
    assert len(ask.all(Event)) == before
    assert "Another administrator changes it" in neil.get(f"/staff/people/{county.administrator.id}").words


@pytest.mark.storage
@pytest.mark.rule("SE-5")
def test_an_administrator_changes_nobody_on_the_other_side_of_the_wall(
    neil: Staff, county: County, session: Session, ask: Ask
) -> None:
    adviser = make_adviser(session)
    inside = session.scalars(select(Team.id).where(Team.wall == Wall.SENDIASS)).one()
    before = len(ask.all(Event))
    assert neil.get(f"/staff/people/{adviser.id}").status == 404
    for act in ("close", "link", "second", "open", "give"):
        assert do(neil, adviser.id, act, team=str(county.desk), role="officer").status == 404
    assert invite(neil, county, email=adviser.email).errors == [
        "This person works on the other side of the wall. Nobody has places on both sides."
    ]
    assert invite(neil, county, team=str(inside)).errors == ["Select a team"]
    assert len(ask.all(Event)) == before
    people = neil.get("/staff/people")
    assert adviser.name in people.words and str(adviser.id) not in people.html


def test_what_is_missing_or_held_already_is_said(neil: Staff, county: County) -> None:
    page = neil.post("/staff/people/invite", name=" ", email="nora", team="", role="chief")
    assert sorted(page.errors) == [
        "Enter an email address in the correct format, like name@example.com",
        "Enter their name",
        "Select a role",
        "Select a team",
    ]
    page = do(neil, county.officer.id, "give", team=str(county.desk), role="officer")
    assert page.errors == ["They hold this place already."]
    assert do(neil, county.officer.id, "end:nonsense").errors == ["This place has ended already. Check the list below."]
    assert do(neil, county.officer.id, "fly").status == 400


@pytest.mark.threat("T32")
def test_a_link_of_another_purpose_or_a_forged_one_sets_no_password(
    app: Flask, session: Session, county: County
) -> None:
    about = ("user", county.officer.id)
    for purpose in set(LinkPurpose) - {LinkPurpose.INVITATION, LinkPurpose.RESET}:
        with transaction(session):
            token = make_link(session, purpose, about=about, address=EMAIL, now=utc_now(), days=1).token
        assert set_password(app, f"/staff/invitation/{token}").status == 404, purpose
    with transaction(session):
        token = make_link(session, LinkPurpose.RESET, about=about, address=EMAIL, now=utc_now(), days=1).token
    for forged in (f"{token[:-1]}{'A' if token[-1] != 'A' else 'B'}", token.swapcase(), token[:20], "A" * 43):
        assert set_password(app, f"/staff/invitation/{forged}").status == 404, forged
    assert set_password(app, f"/staff/invitation/{token}").status == 302


GUESSED = (
    "passwordpassword", "P4ssw0rd!2026", "Summer2026!!!", "footballmonkey", "qwertyuiop[]asdf", "1q2w3e4r5t6y",
    "liverpool1892!", "correct horse battery staple", "Nora Field 2026", "westmarch council", "n.field-n.field",
    "987654321098", "aaaaaaaaaaaaaaaa", "short", "x" * 201,
)  # fmt: skip
PHRASES = (
    GOOD,
    "blueberry pancake day",
    "żółw idzie do lasu",
    "correct-teasel-7",
    " " * 3 + GOOD,
    "nine wet otters" * 10,
)


@pytest.mark.threat("T32")
def test_a_password_that_others_would_guess_is_refused_and_nothing_is_used_up(
    app: Flask, neil: Staff, county: County, work: Work, mailbox: Mailbox
) -> None:
    invite(neil, county)
    work()
    link = link_in(mailbox, NEW)
    for password in GUESSED:
        page = set_password(app, link, password)
        assert page.status == 200 and len(page.errors) == 1, password
        assert page.errors[0].startswith("Enter a password") and password not in page.html
    assert set_password(app, link).status == 302


@pytest.mark.threat("T32")
def test_a_passphrase_is_taken_as_it_is(
    app: Flask, neil: Staff, county: County, session: Session, work: Work, mailbox: Mailbox
) -> None:
    invite(neil, county)
    person = session.scalars(select(UserAccount.id).where(UserAccount.email == NEW)).one()
    for password in PHRASES:
        do(neil, person, "link")
        work()
        assert set_password(app, link_in(mailbox, NEW), password).status == 302, password
        staff = browser(app, f"192.0.2.{PHRASES.index(password)}")
        assert enter(staff, password.upper(), email=NEW).status == 200
        assert enter(staff, password, email=NEW).status == 302


@pytest.mark.rule("SE-5")
def test_the_administrator_inside_the_wall_invites_inside_alone(
    app: Flask, county: County, session: Session, house: House, work: Work, mailbox: Mailbox
) -> None:
    make_adviser(session)
    inside = session.scalars(select(Team).where(Team.wall == Wall.SENDIASS)).one()
    hana = Staff(app).signed_in(session, house, make_user(session, "Hana Lowe", (inside, Role.ADMINISTRATOR)))
    assert invite(hana, county).errors == ["Select a team"]
    page = hana.follow(invite(hana, county, team=str(inside.id), role="member"))
    assert page.title.startswith("Nora Field")
    assert hana.get(f"/staff/people/{county.officer.id}").status == 404
    work()
    assert set_password(app, link_in(mailbox, NEW)).status == 302
    staff = browser(app)
    enter(staff, GOOD, email=NEW)
    assert staff.get("/staff/enquiries").status == 200 and not is_in(staff)
