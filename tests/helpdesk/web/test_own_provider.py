"""The authority's own sign-in, against a provider that answers by HTTP and signs for real (T28, T32)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from socket import socket
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import requests
import time_machine
from flask import Flask
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from sqlalchemy.orm import Session

from infrastructure.database import transaction, utc_now
from infrastructure.house import House
from infrastructure.identity import oidc
from infrastructure.identity.models import Membership, UserAccount, WebSession
from infrastructure.trail import Event, verify
from service_request.models import Message
from tests.factories import NOW, County
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.provider import CLIENT, SECRET, Provider
from tests.helpdesk.web.signing_in import EMAIL, PASSWORD, browser, enter, give_password, is_in, settle
from tests.helpdesk.web.walking import Page, Staff
from tests.wall.inside import make_adviser

pytestmark = pytest.mark.threat("T32")
GROUPS = (
    "fd-desk=Helpdesk/officer; fd-desk-lead=Helpdesk/manager; fd-teasel=Assessment Teasel Vale/manager;"
    "fd-advice=SENDIASS/member; fd-nowhere=No such team/officer"
)


@pytest.fixture(scope="module")
def _provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.stop()


@pytest.fixture
def provider(_provider: Provider, app: Flask, house: House, county: County) -> Iterator[Provider]:
    """The provider that this installation's settings name."""
    before = {name: getattr(_provider, name) for name in ("key", "signs_with", "header", "person", "change")}
    _provider.person = dict(_provider.person)
    oidc.forget_provider()
    settle(
        app,
        house,
        oidc_issuer=_provider.address,
        oidc_client_id=CLIENT,
        oidc_client_secret=SecretStr(SECRET),
        oidc_groups=GROUPS,
        oidc_name="your Westmarch account",
        oidc_timeout_seconds=2.0,
    )
    yield _provider
    for name, value in before.items():
        setattr(_provider, name, value)
    _provider.metadata, _provider.answers = {}, {}
    _provider.asked.clear()
    app.extensions["house"] = house
    oidc.forget_provider()


def go(staff: Staff, path: str = "/staff/sign-in/own") -> str:
    """Follow to the provider and agree there; return where it leads back to."""
    page = staff.get(path)
    assert page.status == 302, page.words
    answer = requests.get(page.location, allow_redirects=False, timeout=5)
    return answer.headers["Location"].removeprefix("http://localhost")


def come(staff: Staff, path: str = "/staff/sign-in/own") -> Page:
    """Go there and back."""
    return staff.get(go(staff, path))


@pytest.mark.storage
def test_somebody_new_comes_with_the_places_of_their_groups_and_no_password_of_ours(
    app: Flask, provider: Provider, ask: Ask
) -> None:
    provider.person |= {"sub": "7", "email": "N.Field@westmarch.example", "name": "Nora Field"}
    staff = browser(app)
    assert "Sign in with your Westmarch account" in staff.get("/staff/sign-in").words
    assert come(staff, "/staff/sign-in/own?next=/staff/tasks/call_back").location == "/staff/tasks/call_back"
    assert is_in(staff)
    account = ask.one(UserAccount, UserAccount.email == "n.field@westmarch.example")
    assert (account.name, account.password_hash, account.oidc_subject) == ("Nora Field", None, f"{provider.address}|7")
    assert ask.one(WebSession, WebSession.user_id == account.id).how == "oidc"
    page = staff.get("/staff/own-sign-in").words
    assert "Your organisation's sign-in" in page and "a second step of its own" in page
    assert list(verify(ask.session)) == []


@pytest.mark.storage
def test_who_had_an_account_comes_to_it_and_by_a_password_no_more(
    app: Flask, provider: Provider, county: County, session: Session, house: House, ask: Ask
) -> None:
    give_password(session, house, county.officer)
    before = browser(app)
    enter(before)
    staff = browser(app)
    assert come(staff).location == "/staff/"
    assert is_in(staff) and not is_in(before)
    assert enter(browser(app)).errors, "who has left there must not come in here by a password"
    assert ask.one(UserAccount, UserAccount.email == EMAIL).id == county.officer.id


def test_a_provider_that_has_moved_is_asked_anew_and_not_only_in_an_hour(app: Flask, provider: Provider) -> None:
    with socket() as nobody:  # an address where nobody answers
        nobody.bind(("127.0.0.1", 0))
        provider.metadata = {"token_endpoint": f"http://127.0.0.1:{nobody.getsockname()[1]}/token"}
        staff = browser(app)
        assert come(staff).status == 503
        assert not is_in(staff)
    provider.metadata = {}
    assert come(staff).location == "/staff/"
    assert is_in(staff)


@pytest.mark.storage
@pytest.mark.threat("T28")
def test_places_follow_the_groups_at_each_sign_in_and_sessions_end_when_one_is_lost(
    app: Flask, provider: Provider, county: County, ask: Ask
) -> None:
    first, second = browser(app), browser(app)
    provider.person["groups"] = ["fd-desk", "fd-teasel", "unknown here"]
    come(first)
    assert first.get("/staff/queue?view=decision").status == 200

    def held() -> set[tuple[UUID, str]]:
        rows = ask.all(Membership, Membership.user_id == county.officer.id, Membership.until.is_(None))
        return {(row.team_id, row.role.value) for row in rows}

    assert held() == {(county.desk, "officer"), (county.assessment, "manager")}
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        come(second)
        assert is_in(first), "nothing has changed"
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        provider.person["groups"] = ["fd-desk"]
        come(second)
        assert not is_in(first) and is_in(second)
        assert held() == {(county.desk, "officer")}
    with time_machine.travel(NOW + timedelta(minutes=3), tick=False):
        provider.person["groups"] = []
        page = come(first)
        assert page.status == 403 and "has no place here" in page.errors[0]
        assert not is_in(second) and held() == set()
    assert "place_ended" in {one.act for one in ask.all(Event)}


@pytest.mark.storage
def test_who_is_in_no_group_that_we_know_gets_no_account(app: Flask, provider: Provider, ask: Ask) -> None:
    count = len(ask.all(UserAccount))
    for groups in ([], ["staff"], ["fd-nowhere"], None):
        provider.person |= {"sub": "9", "email": "stranger@westmarch.example", "groups": groups}
        assert come(browser(app)).status == 403
    assert len(ask.all(UserAccount)) == count


@pytest.mark.rule("SE-5")
def test_groups_on_both_sides_of_the_wall_let_nobody_in(
    app: Flask, provider: Provider, county: County, session: Session, ask: Ask
) -> None:
    adviser = make_adviser(session)
    provider.person["groups"] = ["fd-desk", "fd-advice"]
    before = len(ask.all(Membership))
    assert come(browser(app)).status == 403
    assert len(ask.all(Membership)) == before
    provider.person |= {"sub": "12", "email": adviser.email, "groups": ["fd-advice"]}
    staff = browser(app)
    come(staff)
    assert staff.get("/staff/enquiries").status == 200 and not is_in(staff)


def claim(**changes: Any) -> Callable[[Provider], None]:
    def do(provider: Provider) -> None:
        def change(claims: dict[str, Any]) -> None:
            claims.update(changes)
            for name in [name for name, value in claims.items() if value is None]:
                del claims[name]

        provider.change = change

    return do


def foreign_key(provider: Provider) -> None:
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"})


def unsigned(provider: Provider) -> None:
    provider.header = {"alg": "none"}


def public_key_as_secret(provider: Provider) -> None:
    provider.header = {"alg": "HS256", "kid": "one"}


def later(**changes: int) -> Callable[[Provider], None]:
    def do(provider: Provider) -> None:
        now = int(utc_now().timestamp())
        claim(**{name: now + by for name, by in changes.items()})(provider)

    return do


WRONG: dict[str, Callable[[Provider], None]] = {
    "another issuer": claim(iss="https://elsewhere.example"),
    "no issuer": claim(iss=None),
    "another audience": claim(aud="another-service"),
    "another audience, though we asked": claim(aud="another-service", azp=CLIENT),
    "ours among others, given to another": claim(aud=[CLIENT, "another-service"], azp="another-service"),
    "another nonce": claim(nonce="A" * 43),
    "no nonce": claim(nonce=None),
    "no subject": claim(sub=None),
    "expired": later(exp=-120),
    "no end": claim(exp=None),
    "not yet": later(nbf=600),
    "made tomorrow": later(iat=86_400),
    "an address that nobody proved": claim(email_verified=False),
    "no address": claim(email=None),
    "a key of somebody else": foreign_key,
    "unsigned": unsigned,
    "the public key as a secret": public_key_as_secret,
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_the_issuer_did_not_sign_for_us_and_for_this_browser_now_lets_nobody_in(
    app: Flask, provider: Provider, ask: Ask, wrong: str
) -> None:
    WRONG[wrong](provider)
    staff = browser(app)
    page = come(staff)
    assert (page.status, page.errors) == (
        403,
        ["Your organisation's sign-in did not bring you back as it must. Start again from this page"],
    )
    assert not is_in(staff) and ask.all(WebSession) == []


@pytest.mark.storage
@pytest.mark.threat("T28")
def test_an_answer_is_good_once_in_the_browser_that_asked_and_for_ten_minutes(app: Flask, provider: Provider) -> None:
    staff, thief, late = browser(app), browser(app), browser(app)
    back = go(staff)
    assert thief.get(back).status == 403, "another browser"
    kept = staff.client.get_cookie("own-sign-in")
    assert kept is not None
    thief.client.set_cookie("own-sign-in", kept.value[:-4] + "AAAA", domain="localhost")
    assert thief.get(back).status == 403, "a forged cookie"
    wrong = back.replace("state=", "state=A")
    assert staff.get(wrong).status == 403, "a forged state"
    code = parse_qs(urlsplit(back).query)["code"][0]
    given = dict(provider.codes[code])
    assert staff.get(back).status == 302
    thief.client.set_cookie("own-sign-in", kept.value, domain="localhost")
    assert thief.get(back).status == 403, "a stolen cookie, after it was used"
    provider.codes[code] = given
    assert thief.get(back).status == 403, "and whatever the provider would say"
    assert not is_in(thief)
    too_late = go(late)
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        assert late.get(too_late).status == 403


@pytest.mark.threat("T28")
def test_an_answer_to_what_somebody_else_began_signs_nobody_in_as_them(app: Flask, provider: Provider) -> None:
    """A thief leads a victim's browser to the end of a sign-in of their own, to read what the victim types there."""
    thief, victim = browser(app), browser(app)
    theirs = go(thief)
    go(victim)
    assert victim.get(theirs).status == 403
    assert not is_in(victim)


def test_an_answer_of_another_provider_or_none_is_refused(app: Flask, provider: Provider) -> None:
    staff = browser(app)
    back = go(staff)
    assert staff.get(back.replace("iss=http", "iss=https")).status == 403
    staff = browser(app)
    state = parse_qs(urlsplit(go(staff)).query)["state"][0]
    assert staff.get(f"/staff/sign-in/own/back?error=access_denied&state={state}").status == 403
    assert staff.get("/staff/sign-in/own/back").status == 403


@pytest.mark.parametrize("where", ["/.well-known/openid-configuration", "/token", "/keys"])
def test_a_provider_that_is_away_is_said_and_a_password_still_opens(
    app: Flask, provider: Provider, county: County, session: Session, house: House, where: str
) -> None:
    provider.answers[where] = 500
    give_password(session, house, county.officer)
    staff = browser(app)
    begun = staff.get("/staff/sign-in/own")
    if begun.status == 302:
        back = requests.get(begun.location, allow_redirects=False, timeout=5).headers["Location"]
        begun = staff.get(back.removeprefix("http://localhost"))
    assert begun.status in (403, 503) and begun.errors
    assert enter(staff).status == 302


def test_what_says_it_is_another_issuer_is_not_believed(app: Flask, provider: Provider) -> None:
    provider.metadata = {"issuer": "https://elsewhere.example"}
    assert browser(app).get("/staff/sign-in/own").status == 503


def test_keys_that_were_turned_since_are_read_anew(app: Flask, provider: Provider) -> None:
    assert come(browser(app)).status == 302
    provider.turn_keys()
    assert come(browser(app)).status == 302
    assert provider.asked.count("/keys") == 2 and provider.asked.count("/.well-known/openid-configuration") == 1


@pytest.mark.threat("T28")
def test_a_closed_account_and_an_address_given_to_somebody_new_are_refused(
    app: Flask, provider: Provider, county: County, session: Session
) -> None:
    assert come(browser(app)).status == 302
    provider.person["sub"] = "another person"
    assert come(browser(app)).status == 403
    provider.person["sub"] = "0042"
    with transaction(session):
        session.get_one(UserAccount, county.officer.id).disabled_at = utc_now()
    assert come(browser(app)).status == 403


def test_what_was_typed_waits_in_its_tab_while_one_signs_in_in_another(
    app: Flask, provider: Provider, officer: Staff, sent: Callable[..., UUID], ask: Ask
) -> None:
    request_id, token = sent(), officer.token()
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        page = officer.post(f"/staff/requests/{request_id}/note", token=token, words="Rang the nurse.")
        assert "opens in a new tab" in page.words
        waiting = next(one for one in page.tree.all("form") if one.attributes.get("action", "").endswith("/note"))
        kept = {one.attributes["name"]: one.attributes["value"] for one in waiting.all("input", type="hidden")}
        come(officer)
        done = officer.post(f"/staff/requests/{request_id}/note", token=kept.pop("csrf_token"), **kept)
    assert done.status == 302
    assert ask.one(Message, Message.kind == "note").body == "Rang the nurse."


def test_without_settings_there_is_no_such_way_in(app: Flask, county: County) -> None:
    for path in ("/staff/sign-in/own", "/staff/sign-in/own/back"):
        assert browser(app).get(path).status == 404
    assert PASSWORD not in browser(app).get("/staff/sign-in").html
    assert "Sign in with" not in browser(app).get("/staff/sign-in").words
