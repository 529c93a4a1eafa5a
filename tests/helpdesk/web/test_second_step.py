"""The second step: a code once, a recovery code once, and nothing at all by a password alone (T28, T32)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from helpdesk.services.staffing import reset_second
from infrastructure.database import db, transaction, utc_now
from infrastructure.house import House
from infrastructure.identity.changed import LETTER
from infrastructure.identity.models import RecoveryCode, UserAccount, WebSession
from infrastructure.identity.second_factor import CodeNotRightError, NotPendingError, prove_second
from infrastructure.identity.signing_in import sign_in
from infrastructure.identity.tries import Browser
from infrastructure.outbox import OutboxMessage
from infrastructure.trail import Event, verify
from service_request.models import Message
from tests.factories import NOW, County
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.signing_in import (
    EMAIL,
    PASSWORD,
    SECRET,
    browser,
    code_of,
    enter,
    enter_code,
    give_password,
    is_in,
    settle,
)
from tests.helpdesk.web.walking import Page, Staff

pytestmark = pytest.mark.threat("T32")
CODE = re.compile(r"<code>([2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4})</code>")


@pytest.fixture
def with_phone(session: Session, house: House, county: County) -> County:
    """Let Grace have a password and an authenticator."""
    give_password(session, house, county.officer, secret=SECRET)
    return county


@pytest.fixture
def required(app: Flask, session: Session, house: House, county: County) -> Iterator[County]:
    """An installation where nobody works by a password alone; Grace has only that as yet."""
    give_password(session, house, county.officer)
    settle(app, house, staff_second_factor="required")
    yield county
    app.extensions["house"] = house


def key_on(page: Page) -> str:
    """Return the key that the page shows in words."""
    return page.tree.all("code")[0].text.replace(" ", "")


@pytest.mark.storage
def test_a_password_alone_opens_nothing_and_a_code_opens_all(app: Flask, with_phone: County, ask: Ask) -> None:
    staff = browser(app)
    page = enter(staff)
    assert page.title.startswith("Enter the code from your app")
    assert staff.get("/staff/queue").status == 302
    assert staff.get("/staff/own-sign-in").status == 302
    assert enter_code(staff, page, code_of()).location == "/staff/"
    assert is_in(staff)
    acts = [one.act for one in ask.all(Event, Event.stream_id == with_phone.officer.id)]
    assert acts == ["second_factor_asked", "sign_in"]
    assert list(verify(ask.session)) == []


@pytest.mark.parametrize("steps", [-1, 1])
def test_a_phone_may_be_one_step_off(app: Flask, with_phone: County, steps: int) -> None:
    staff = browser(app)
    assert enter_code(staff, enter(staff), code_of(steps=steps)).status == 302


def test_any_other_code_is_refused(app: Flask, with_phone: County) -> None:
    staff = browser(app)
    page = enter(staff)
    for typed in (code_of(steps=-2), code_of(steps=2), "12345", "", "٠٩٨٧٦٥", "x" * 9000, "-1-1-1"):
        page = enter_code(staff, page, typed)
        assert page.status == 200 and page.errors, typed
    assert not is_in(staff)


@pytest.mark.storage
def test_a_code_is_taken_once_and_none_before_it_after(app: Flask, with_phone: County) -> None:
    first, second = browser(app), browser(app, "192.0.2.9")
    assert enter_code(first, enter(first), code_of()).status == 302
    page = enter(second)
    for steps in (0, -1):  # who looked over her shoulder is too late, and so is a code that she did not use
        page = enter_code(second, page, code_of(steps=steps))
        assert "Each works once" in page.words
    assert not is_in(second)
    with time_machine.travel(NOW + timedelta(seconds=30), tick=False):
        assert enter_code(second, page, code_of()).status == 302


@pytest.mark.storage
@pytest.mark.threat("T38")
def test_one_code_sent_twice_at_the_same_moment_lets_in_once(app: Flask, with_phone: County, house: House) -> None:
    def begin(address: str) -> str:
        way = {"email": EMAIL, "password": PASSWORD, "browser": Browser(address)}
        return sign_in(db.session(), **way, settings=house.settings, now=NOW).token

    tokens, answers, both = [begin("192.0.2.1"), begin("192.0.2.2")], list[str](), Barrier(2)
    db.session.remove()

    def prove(token: str, typed: str) -> None:
        with app.app_context():
            both.wait()
            try:
                prove_second(
                    db.session(), token=token, typed=typed, browser=Browser("a"), settings=house.settings, now=NOW
                )
                answers.append("in")
            except (CodeNotRightError, NotPendingError):
                answers.append("out")
            finally:
                db.session.remove()

    threads = [Thread(target=prove, args=(token, code_of())) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["in", "out"]


@pytest.mark.threat("T28")
def test_the_token_of_the_first_step_never_becomes_that_of_a_session(app: Flask, with_phone: County) -> None:
    staff, thief = browser(app), browser(app, "192.0.2.7")
    page = enter(staff)
    before = staff.client.get_cookie("staff")
    assert before is not None
    assert enter_code(staff, page, code_of()).status == 302
    after = staff.client.get_cookie("staff")
    assert after is not None and after.value != before.value
    thief.client.set_cookie("staff", before.value, domain="localhost")
    assert not is_in(thief)
    assert thief.get("/staff/sign-in/second").location == "/staff/sign-in"


@pytest.mark.threat("T28")
def test_a_token_that_somebody_planted_is_not_the_one_that_is_let_in(app: Flask, with_phone: County) -> None:
    staff, thief, planted = browser(app), browser(app), "A" * 43
    for one in (staff, thief):
        one.client.set_cookie("staff", planted, domain="localhost")
    assert enter_code(staff, enter(staff), code_of()).status == 302
    held = staff.client.get_cookie("staff")
    assert held is not None and held.value != planted
    assert is_in(staff) and not is_in(thief)


def test_the_first_step_waits_for_ten_minutes(app: Flask, with_phone: County) -> None:
    staff = browser(app)
    page = enter(staff)
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        late = enter_code(staff, page, code_of())
        assert late.status == 401
        assert late.errors == ["Too much time has passed. Enter your password again"]
        assert not is_in(staff)


def test_what_was_typed_while_the_session_ran_out_goes_through_the_second_step(
    officer: Staff, with_phone: County, sent: Callable[..., UUID], ask: Ask
) -> None:
    request_id, token = sent(), officer.token()
    words = 'Rang the nurse: "weights fine".\n\n<b>No</b> marks & no bruises seen.'
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        page = officer.post(f"/staff/requests/{request_id}/note", token=token, words=words)
        assert page.status == 401
        fields = {
            one.attributes["name"]: one.attributes["value"]
            for one in page.tree.all("input", type="hidden")
            if one.attributes["name"] != "csrf_token"
        }
        page = officer.post("/staff/sign-in", token=token, email=EMAIL, password=PASSWORD, **fields)
        page = enter_code(officer, page, "000000")  # mistyped: still nothing is lost
        page = enter_code(officer, page, code_of())
        kept = {one.attributes["name"]: one.attributes["value"] for one in page.tree.all("input", type="hidden")}
        kept["words"] = kept["words"].replace("\n", "\r\n")
        done = officer.post(f"/staff/requests/{request_id}/note", token=kept.pop("csrf_token"), **kept)
    assert done.status == 302
    assert ask.one(Message, Message.kind == "note").body == words


# ---------------------------------------------------------------- setting it up


@pytest.mark.storage
def test_where_it_is_required_nobody_works_before_a_phone_is_set_up(app: Flask, required: County, ask: Ask) -> None:
    staff = browser(app)
    page = enter(staff, next="/staff/tasks/call_back")
    assert page.title.startswith("Set up your authenticator app")
    assert not is_in(staff)
    secret = key_on(page)
    assert f"secret={secret}" in page.html and "<svg" in page.html and "style=" not in page.html
    wrong = enter_code(staff, page, "000000")
    assert key_on(wrong) == secret, "a mistyped code costs no second scan"
    done = enter_code(staff, wrong, code_of(secret))
    codes = CODE.findall(done.html)
    assert len(set(codes)) == 10
    assert done.tree.all("a", class_="govuk-button")[0].attributes["href"] == "/staff/tasks/call_back"
    assert is_in(staff)
    account = ask.one(UserAccount, UserAccount.id == required.officer.id)
    assert (account.totp, account.totp_since) == (secret, NOW)
    assert secret.encode() not in (account.totp_sealed or b"")
    assert all(row.code_hash.startswith("$argon2id$") for row in ask.all(RecoveryCode))
    other = browser(app)
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        again = enter(other)
        assert again.title.startswith("Enter the code from your app")
        assert enter_code(other, again, code_of(secret)).status == 302


def test_a_key_that_was_not_offered_to_this_person_lately_is_not_taken(
    app: Flask, required: County, session: Session, house: House
) -> None:
    give_password(session, house, required.officer_two)
    staff, other = browser(app), browser(app)
    page = enter(staff)
    theirs = enter(other, email=required.officer_two.email)
    forged = enter_code(staff, page, code_of(key_on(theirs)), key=theirs.value("key"))
    assert key_on(forged) != key_on(theirs)
    assert enter_code(staff, page, code_of(), key=SECRET).errors
    assert not is_in(staff)


def test_a_key_that_was_shown_half_an_hour_ago_is_not_taken(app: Flask, with_phone: County, ask: Ask) -> None:
    staff = browser(app)
    enter_code(staff, enter(staff), code_of())
    page = staff.get("/staff/own-sign-in/authenticator")
    for minutes in (10, 20, 31):
        with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
            assert is_in(staff)
            if minutes > 30:
                posted = {"key": page.value("key"), "code": code_of(key_on(page)), "password": PASSWORD}
                assert not CODE.search(staff.post("/staff/own-sign-in/authenticator", **posted).html)
    assert ask.one(UserAccount, UserAccount.id == with_phone.officer.id).totp == SECRET


def test_who_has_a_phone_cannot_put_another_in_its_place_by_a_password(app: Flask, required: County) -> None:
    first, second = browser(app), browser(app, "192.0.2.9")
    mine, theirs = enter(first), enter(second)  # both knew the password before there was a phone
    assert CODE.search(enter_code(first, mine, code_of(key_on(mine))).html)
    answer = enter_code(second, theirs, code_of(key_on(theirs)))
    assert not CODE.search(answer.html)
    assert not is_in(second) and is_in(first)


# ---------------------------------------------------------------- recovery codes


@pytest.mark.storage
def test_a_recovery_code_opens_once_and_new_ones_end_the_old(
    app: Flask, with_phone: County, ask: Ask, session: Session
) -> None:
    staff = browser(app)
    enter_code(staff, enter(staff), code_of())
    assert "You have no recovery code left" in staff.get("/staff/own-sign-in").words
    old = CODE.findall(staff.post("/staff/own-sign-in/recovery-codes", password=PASSWORD).html)
    codes = CODE.findall(staff.post("/staff/own-sign-in/recovery-codes", password=PASSWORD).html)
    assert len(set(codes) | set(old)) == 20
    without_phone = browser(app)
    page = enter(without_phone)
    assert enter_code(without_phone, page, old[0]).errors
    typed = codes[3].upper().replace("-", " ")
    assert enter_code(without_phone, page, typed).status == 302
    assert is_in(without_phone)
    own = without_phone.get("/staff/own-sign-in").words
    assert "9 of your recovery codes are not used yet" in own and "Password and recovery code" in own
    another = browser(app)
    assert enter_code(another, enter(another), codes[3]).errors
    assert "recovery_code_used" in [one.act for one in ask.all(Event)]
    assert codes[0] not in str([(one.act, one.facts) for one in ask.all(Event)])


@pytest.mark.parametrize("password", ["not this one", ""])
def test_codes_and_phones_are_changed_with_the_password_only(
    app: Flask, with_phone: County, ask: Ask, password: str
) -> None:
    staff = browser(app)
    enter_code(staff, enter(staff), code_of())
    page = staff.post("/staff/own-sign-in/recovery-codes", password=password)
    assert page.errors and not CODE.search(page.html)
    page = staff.get("/staff/own-sign-in/authenticator")
    posted = {"key": page.value("key"), "code": code_of(key_on(page)), "password": password}
    page = staff.post("/staff/own-sign-in/authenticator", **posted)
    assert page.errors and not CODE.search(page.html)
    assert ask.one(UserAccount, UserAccount.id == with_phone.officer.id).totp == SECRET


@pytest.mark.storage
@pytest.mark.threat("T28")
def test_another_phone_ends_every_other_session_and_the_old_phone(app: Flask, with_phone: County, ask: Ask) -> None:
    staff, elsewhere = browser(app), browser(app, "192.0.2.9")
    enter_code(staff, enter(staff), code_of())
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        enter_code(elsewhere, enter(elsewhere), code_of())
        assert is_in(elsewhere)
        page = staff.get("/staff/own-sign-in/authenticator")
        secret = key_on(page)
        posted = {"key": page.value("key"), "code": code_of(secret), "password": PASSWORD}
        assert CODE.search(staff.post("/staff/own-sign-in/authenticator", **posted).html)
        assert is_in(staff)
        assert not is_in(elsewhere)
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        page = enter_code(elsewhere, enter(elsewhere), code_of())
        assert page.errors
        assert enter_code(elsewhere, page, code_of(secret)).status == 302


def test_the_code_that_set_a_phone_up_lets_nobody_else_in(app: Flask, required: County) -> None:
    staff, over_her_shoulder = browser(app), browser(app, "192.0.2.9")
    page = enter(staff)
    secret = key_on(page)
    assert len(CODE.findall(enter_code(staff, page, code_of(secret)).html)) == 10
    refused = enter_code(over_her_shoulder, enter(over_her_shoulder), code_of(secret))
    assert refused.errors and not is_in(over_her_shoulder)


def test_who_has_a_phone_set_up_taken_away_or_new_codes_made_is_told_each_time(
    app: Flask, with_phone: County, ask: Ask, session: Session, house: House
) -> None:
    def told() -> int:
        return len(ask.all(OutboxMessage, OutboxMessage.template == LETTER))

    staff = browser(app)
    enter_code(staff, enter(staff), code_of())
    assert told() == 0
    staff.post("/staff/own-sign-in/recovery-codes", password=PASSWORD)
    assert told() == 1
    page = staff.get("/staff/own-sign-in/authenticator")
    posted = {"key": page.value("key"), "code": code_of(key_on(page)), "password": PASSWORD}
    staff.post("/staff/own-sign-in/authenticator", **posted)
    assert told() == 2
    reset_second(session, person_id=with_phone.officer.id, by=with_phone.administrator, now=NOW, house=house)
    assert told() == 3
    assert {row.to for row in ask.all(OutboxMessage, OutboxMessage.template == LETTER)} == {EMAIL}


# ---------------------------------------------------------------- guessing


def test_the_eleventh_code_is_not_looked_at_and_the_owner_comes_in_all_the_same(
    app: Flask, with_phone: County, ask: Ask
) -> None:
    owner, thief = browser(app), browser(app, "192.0.2.66")
    enter_code(owner, enter(owner), code_of())
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        page = enter(thief)
        for n in range(10):
            page = enter_code(thief, page, f"{n:06d}")
            assert page.status == 200
        page = enter_code(thief, page, code_of())  # even the right one
        assert page.status == 429
        refused = [one for one in ask.all(Event) if one.act == "second_factor_refused"]
        assert len(refused) == 10
        owner.post("/staff/sign-out")
        assert enter_code(owner, enter(owner), code_of()).status == 302


def test_a_month_of_guesses_is_held_to_sixty_a_day(app: Flask, with_phone: County, ask: Ask) -> None:
    for n in range(8):  # nobody looks at more than 20 in five minutes either
        with time_machine.travel(NOW + timedelta(minutes=6 * n), tick=False):
            thief = browser(app, f"192.0.2.{n}")
            page = enter(thief)
            for guess in range(9):
                page = enter_code(thief, page, f"{guess:06d}")
    assert len([one for one in ask.all(Event) if one.act == "second_factor_refused"]) == 60


@pytest.mark.threat("T28")
def test_a_closed_account_is_let_in_by_no_code(app: Flask, with_phone: County, session: Session) -> None:
    staff = browser(app)
    page = enter(staff)
    with transaction(session):
        session.get_one(UserAccount, with_phone.officer.id).disabled_at = utc_now()
    assert enter_code(staff, page, code_of()).status == 401
    assert session.query(WebSession).filter(WebSession.is_pending.is_(False)).count() == 0
