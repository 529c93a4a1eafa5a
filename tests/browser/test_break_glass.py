"""A request kept to few, opened in an emergency by somebody else, and looked at afterwards: with real pages (EV-5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from service_request.domain.references import format_reference
from tests.browser.visiting import WIDTHS, Visitor, mail_to
from tests.browser.westmarch import PASSWORDS, Inside, westmarch
from tests.factories import Child
from tests.plugins.house import Mailbox
from tests.plugins.server import Installation

JONAH = "Jonah Reyes"


@pytest.fixture
def served(installation: Installation, inside: Inside) -> tuple[Installation, str]:
    """Westmarch with a request about the nephew of somebody at the desk."""
    with westmarch(inside) as county:
        reference = format_reference(county.waiting(children=[Child(JONAH, date(2016, 8, 8))]).reference)
    installation.web(log_level="INFO")
    installation.worker(log_level="INFO", sweep_seconds=0.2)
    return installation, reference


@pytest.mark.rule("EV-5")
@pytest.mark.threat("T23")
def test_a_request_is_kept_to_few_and_opened_in_an_emergency(
    served: tuple[Installation, str], come: Callable[..., Visitor], check: Callable[..., None], mailbox: Mailbox
) -> None:
    installation, reference = served

    def enter(who: str) -> Visitor:
        visitor = come(installation.address)
        visitor.open("/staff/sign-in")
        email, password = PASSWORDS[who]
        visitor.answer(email=email, password=password)
        visitor.press("Sign in")
        visitor.page.wait_for_load_state()
        return visitor

    helen = enter("helen")
    address = the_manager_restricts_it(helen, check, reference)
    grace = enter("grace")
    it_is_gone_for(grace, address, reference)
    omar = enter("omar")
    who_is_connected_cannot_open_it(omar, check, reference)
    the_officer_opens_it(grace, check, address, reference)
    told = mail_to(mailbox, PASSWORDS["ian"][0], about=reference)
    assert JONAH.split()[0] not in f"{told['Subject']} {Mailbox.words(told)}"
    ian = enter("ian")
    the_service_manager_says_whether_it_was_right(ian, check, reference)
    the_officer_ends_it(grace, address)
    helen.open(address)
    assert "Opened in an emergency by Grace Oyelaran: a child may be in danger now" in helen.words
    assert "Said to have been opened rightly by Ian Castell" in helen.words
    assert "Emergency sight ended by Grace Oyelaran" in helen.words


def the_manager_restricts_it(helen: Visitor, check: Callable[..., None], reference: str) -> str:
    helen.follow(JONAH)
    address = helen.path
    helen.follow("Who can see this request")
    helen.press("Restrict who can see this request")
    check(helen.page, WIDTHS)
    helen.choose("It is about a colleague, or a colleague's own family")
    helen.answer(words="He is the nephew of somebody at the desk.")
    helen.page.get_by_label("Helen Prosser, Assessment team Teasel Vale").or_(
        helen.page.get_by_label("Helen Prosser", exact=False)
    ).first.check()
    helen.page.get_by_label("Is a colleague connected with this family?").select_option(label=_of(helen, "Omar Reyes"))
    helen.picture("sight-01-restrict")
    helen.press("Restrict")
    assert "Only the people below see this request now." in helen.words
    check(helen.page, WIDTHS)
    helen.picture("sight-02-who-sees")
    return address


def _of(visitor: Visitor, name: str) -> str:
    options: list[Any] = visitor.page.locator("#connected option").all_inner_texts()
    return next(str(one) for one in options if name in one)


def it_is_gone_for(grace: Visitor, address: str, reference: str) -> None:
    assert JONAH not in grace.words
    grace.open(address)
    assert grace.h1 == "Page not found"


def ask_to_open(visitor: Visitor, reference: str) -> None:
    visitor.open("/staff/queue")
    visitor.follow("Open in an emergency")
    visitor.answer(reference=reference.lower(), words="The police are at the door with his uncle.")
    visitor.choose("A child may be in danger now")


def who_is_connected_cannot_open_it(omar: Visitor, check: Callable[..., None], reference: str) -> None:
    ask_to_open(omar, reference)
    omar.press("Open it")
    told = omar.errors()
    check(omar.page, WIDTHS)
    omar.picture("sight-03-not-opened")
    ask_to_open(omar, "K7RM-4TXC")
    omar.press("Open it")
    assert omar.errors() == told == [
        "We cannot open a request with that reference. Check the reference, or ask a service manager."
    ]  # fmt: skip


def the_officer_opens_it(grace: Visitor, check: Callable[..., None], address: str, reference: str) -> None:
    ask_to_open(grace, reference)
    check(grace.page, WIDTHS)
    grace.picture("sight-04-break-glass")
    grace.press("Open it")
    assert grace.path == address
    assert grace.h1 == JONAH
    assert "You opened this in an emergency." in grace.words
    check(grace.page, WIDTHS)
    grace.picture("sight-05-opened")


def the_service_manager_says_whether_it_was_right(ian: Visitor, check: Callable[..., None], reference: str) -> None:
    assert JONAH not in ian.words
    ian.page.get_by_role("link", name="Opened in an emergency").first.click()
    ian.page.get_by_role("link", name="Say whether it was right").click()
    assert reference in ian.words
    assert JONAH not in ian.words
    assert "The police are at the door with his uncle." in ian.words
    check(ian.page, WIDTHS)
    ian.picture("sight-06-review")
    ian.choose("Yes, it was right")
    ian.press("Save answer")
    assert "Recorded." in ian.words


def the_officer_ends_it(grace: Visitor, address: str) -> None:
    grace.open(address)
    grace.press("End it now")
    assert "Ended. You do not see that request any more." in grace.words
    grace.open(address)
    assert grace.h1 == "Page not found"
