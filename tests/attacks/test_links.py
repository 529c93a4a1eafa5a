"""Forged, foreign, replayed, expired and stolen links and codes are refused, for every purpose that a link has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction, utc_now
from infrastructure.identity.links import make_link
from infrastructure.identity.models import LinkPurpose
from service_request.models import AskedFor, AskedKind, AskedState
from tests.factories import NOW, make_request
from tests.plugins.house import Mailbox
from tests.service_request.channels.web.walking import Person

TEACHER, NURSE = "s.rahman@brookfield.example", "nurse@millbrook-surgery.example"
Work = Callable[[], None]
# Where the links of each purpose lead; whatever other address takes a token must begin with one of these.
PLACES = {
    LinkPurpose.OUTCOME: "/outcome/",
    LinkPurpose.COMPLETE: "/complete/",
    LinkPurpose.ANSWER: "/answer/",
    LinkPurpose.FIND_DRAFTS: "/saved/",
    LinkPurpose.MINE: "/mine/link/",
    LinkPurpose.PART: "/part/",
    LinkPurpose.INVITATION: "/staff/invitation/",
    LinkPurpose.RESET: "/staff/invitation/",
    LinkPurpose.MESSAGE: "/message/",
    LinkPurpose.RECEIPT: "/sendiass/asked/",
}
SAYS_NOTHING = PLACES[LinkPurpose.FIND_DRAFTS]  # a button, the same for any token: only pressing it looks at it
NO_PLACE = {LinkPurpose.PROVE}  # a code alone, on the form of the one who asked for it
OF_SENDIASS = "/how-it-went/"  # an answer without a name: its token is no link of anybody's
OF_ONE_REQUEST = (LinkPurpose.OUTCOME, LinkPurpose.MESSAGE)
WITH_A_CODE = (*OF_ONE_REQUEST, LinkPurpose.MINE, LinkPurpose.ANSWER)
PURPOSES = sorted(PLACES)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The clock of the test."""
    with time_machine.travel(NOW, tick=False) as found:
        yield found


@pytest.fixture
def holder(app: Flask) -> Person:
    """Whoever the link was sent to."""
    return Person(app.test_client())


@pytest.fixture
def thief(app: Flask) -> Person:
    """Somebody else, at another browser."""
    return Person(app.test_client())


@pytest.fixture
def made(session: Session, clock: time_machine.Traveller) -> Callable[..., str]:
    """Make a live link of a purpose, about a request of its own."""

    def make(purpose: LinkPurpose, address: str = TEACHER, *, days: int = 1) -> str:
        about = (purpose.value, uuid4())
        if purpose in OF_ONE_REQUEST:
            about = ("request", make_request(session).id)
        elif purpose is LinkPurpose.ANSWER:
            about = ("asked", make_asked(session))
        with transaction(session):
            return make_link(session, purpose, about=about, address=address, now=utc_now(), days=days).token

    return make


def make_asked(session: Session) -> UUID:
    """Ask the referrer of a request of its own for something, and return the asking."""
    request_id = make_request(session).id
    with transaction(session):
        asked = AskedFor(
            wall=Wall.OPEN,
            request_id=request_id,
            kind=AskedKind.DETAILS,
            fields=[],
            words="Which surgery is it?",
            state=AskedState.OPEN,
            asked_at=utc_now(),
            asked_by_id=uuid4(),
        )
        session.add(asked)
        session.flush()
        return asked.id


def pages_with_a_token(app: Flask) -> list[tuple[str, str]]:
    """Return every address that takes a token, filled in but for the token itself, with its method."""
    adapter = app.url_map.bind("localhost")
    values: dict[str, Any] = {"key": "told", "file_id": uuid4(), "asked_id": uuid4(), "part_id": uuid4()}
    found = []
    for rule in app.url_map.iter_rules():
        if "token" in rule.arguments:
            rest = {name: values[name] for name in rule.arguments - {"token"}}
            path = adapter.build(rule.endpoint, {**rest, "token": "TOKEN"})
            found += [(path, method) for method in sorted((rule.methods or set()) & {"GET", "POST"})]
    return found


def addresses_of(app: Flask, purpose: LinkPurpose) -> list[tuple[str, str]]:
    return [(path, method) for path, method in pages_with_a_token(app) if path.startswith(PLACES[purpose])]


def visit(person: Person, path: str, method: str, token: str) -> tuple[int, str]:
    """Open or post an address with a token; return how it was answered."""
    path = path.replace("TOKEN", token)
    posted = {"code": "123456", "password": "three words that nobody knows", "step": "told"}
    response = person.open(path, follow=False) if method == "GET" else person.post(path, posted, follow=False)
    return response.status_code, re.sub(
        r"[\w-]{40,}|number: [0-9a-f]{8}", "", person.page.one("main").text
    ) if response.text else ""


@pytest.mark.threat("T21")
def test_every_address_that_takes_a_token_is_attacked_here(app: Flask) -> None:
    known = (*PLACES.values(), OF_SENDIASS)
    assert [path for path, _ in pages_with_a_token(app) if not path.startswith(known)] == []
    assert set(PLACES) | NO_PLACE == set(LinkPurpose)
    assert all(addresses_of(app, purpose) for purpose in PLACES), "a purpose whose links lead nowhere"


@pytest.mark.threat("T21")
@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_forged_foreign_or_expired_link_is_answered_as_one_that_never_was(
    app: Flask, thief: Person, made: Callable[..., str], clock: time_machine.Traveller, purpose: LinkPurpose
) -> None:
    live = made(purpose)
    begun, changed = made(purpose), f"{live[:-2]}{'AA' if live[-2:] != 'AA' else 'BB'}"
    clock.shift(timedelta(minutes=1))
    foreign = [made(other) for other in LinkPurpose if other is not purpose and not _same_page(purpose, other)]
    for path, method in addresses_of(app, purpose):
        never = visit(thief, path, method, "x" * 43)
        assert never[0] == 404 or (path.startswith(SAYS_NOTHING) and method == "GET"), (path, method)
        for token in (changed, live.swapcase(), live[1:], f"{live}A", *foreign):
            assert visit(thief, path, method, token) == never, (path, method)
    clock.shift(timedelta(days=1))
    for path, method in addresses_of(app, purpose):
        assert visit(thief, path, method, begun) == visit(thief, path, method, "x" * 43), (path, method)


def _same_page(one: LinkPurpose, other: LinkPurpose) -> bool:
    """Tell whether two purposes share a page: who was invited and who resets both set a password."""
    passwords = {LinkPurpose.INVITATION, LinkPurpose.RESET}
    return {one, other} == passwords


# What stands behind a link and a code.


def code_in(mailbox: Mailbox, address: str = TEACHER) -> str:
    """Return the code of the latest mail that holds one."""
    codes = [found[1] for m in mailbox.to(address) if (found := re.search(r"Your code is (\d{6})", mailbox.words(m)))]
    return codes[-1]


def ask_code(person: Person, link: str, mailbox: Mailbox, work: Work, address: str = TEACHER) -> str:
    """Press the button behind a link; return the code that came."""
    person.post(link)
    work()
    return code_in(mailbox, address)


def is_let_in(person: Person, link: str, code: str) -> bool:
    """Type a code behind a link; tell whether it was taken."""
    person.post(f"{link}/code", {"code": code}, follow=False)
    assert person.response is not None
    return person.response.status_code == 302


@pytest.mark.threat("T21")
@pytest.mark.parametrize("purpose", WITH_A_CODE)
class TestCodes:
    """A code belongs to one link, is taken once, and only while it is the last one and fresh."""

    def link(self, made: Callable[..., str], purpose: LinkPurpose, address: str = TEACHER) -> str:
        return PLACES[purpose] + made(purpose, address)

    def test_a_code_that_was_used_opens_no_other_browser(
        self, holder: Person, thief: Person, made: Any, mailbox: Mailbox, work: Work, purpose: LinkPurpose
    ) -> None:
        link = self.link(made, purpose)
        code = ask_code(holder, link, mailbox, work)
        assert is_let_in(holder, link, code)
        assert not is_let_in(thief, link, code)

    def test_a_code_of_another_link_opens_nothing(
        self, holder: Person, thief: Person, made: Any, mailbox: Mailbox, work: Work, purpose: LinkPurpose
    ) -> None:
        own, other = self.link(made, purpose, NURSE), self.link(made, purpose)
        theirs = ask_code(holder, other, mailbox, work)
        own_code = ask_code(thief, own, mailbox, work, NURSE)
        assert not is_let_in(thief, other, own_code) or own_code == theirs
        assert is_let_in(holder, other, theirs)

    def test_a_code_ends_with_its_minutes_and_with_the_next_one(
        self, holder: Person, made: Any, mailbox: Mailbox, work: Work, clock: Any, purpose: LinkPurpose, house: Any
    ) -> None:
        link = self.link(made, purpose)
        first = ask_code(holder, link, mailbox, work)
        clock.shift(timedelta(seconds=30))
        second = ask_code(holder, link, mailbox, work)
        assert first == second or not is_let_in(holder, link, first)
        clock.shift(timedelta(minutes=house.settings.code_minutes, seconds=1))
        assert not is_let_in(holder, link, second)

    def test_after_too_many_guesses_the_right_code_opens_nothing_either(
        self, thief: Person, made: Any, mailbox: Mailbox, work: Work, purpose: LinkPurpose, house: Any
    ) -> None:
        link = self.link(made, purpose)
        code = ask_code(thief, link, mailbox, work)
        guesses = [f"{n:06d}" for n in range(house.settings.code_tries + 1) if f"{n:06d}" != code]
        for guess in guesses[: house.settings.code_tries]:
            assert not is_let_in(thief, link, guess)
        assert not is_let_in(thief, link, code)


@pytest.mark.threat("T22")
@pytest.mark.parametrize("purpose", [*OF_ONE_REQUEST, LinkPurpose.ANSWER])
class TestCookies:
    """What a browser holds after the code opens one link, for a while, and nothing else."""

    @pytest.fixture
    def opened(self, holder: Person, made: Any, mailbox: Mailbox, work: Work, purpose: LinkPurpose) -> tuple[str, str]:
        """A link that its holder has opened, and the cookie by which their browser is known."""
        link = PLACES[purpose] + made(purpose)
        assert is_let_in(holder, link, ask_code(holder, link, mailbox, work))
        cookie = next(one for one in _cookies(holder) if one.key.endswith(purpose.value))
        return link, cookie.value

    def closed(self, person: Person, link: str) -> bool:
        """Tell whether a page still offers a code."""
        person.open(link)
        return any("code" in one.text for one in person.page.all("button"))

    def test_a_cookie_of_one_link_opens_no_other(
        self, holder: Person, opened: tuple[str, str], made: Any, purpose: LinkPurpose
    ) -> None:
        other = PLACES[purpose] + made(purpose, NURSE)
        assert not self.closed(holder, opened[0])
        is_closed = self.closed(holder, other)
        if purpose is LinkPurpose.ANSWER:  # a link to another address than the referrer's has ended for everybody
            is_closed = "This link has ended" in holder.words
        assert is_closed

    def test_a_forged_cookie_opens_nothing(self, thief: Person, opened: tuple[str, str], purpose: LinkPurpose) -> None:
        link, cookie = opened
        for forged in ("x" * 43, cookie[:-1], cookie.swapcase(), ""):
            thief.client.set_cookie(purpose.value, forged, domain="localhost")
            assert self.closed(thief, link)

    def test_a_stolen_cookie_is_worth_nothing_once_its_holder_was_idle_or_the_hour_is_over(
        self, holder: Person, thief: Person, opened: tuple[str, str], clock: Any, purpose: LinkPurpose, house: Any
    ) -> None:
        link, cookie = opened
        thief.client.set_cookie(purpose.value, cookie, domain="localhost")
        clock.shift(timedelta(minutes=house.settings.referrer_idle_minutes, seconds=1))
        assert self.closed(thief, link) and self.closed(holder, link)

    def test_a_cookie_of_another_purpose_opens_nothing(
        self, thief: Person, opened: tuple[str, str], purpose: LinkPurpose
    ) -> None:
        link, cookie = opened
        for other in PURPOSES:
            if other is not purpose:
                thief.client.set_cookie(other.value, cookie, domain="localhost")
        assert self.closed(thief, link)


def _cookies(person: Person) -> list[Any]:
    return list(person.client._cookies.values())  # werkzeug offers no list of them
