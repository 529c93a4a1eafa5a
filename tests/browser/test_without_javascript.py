"""Every form from its first page to its receipt, in a browser that runs no script (EV-9)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.answers import FULL_FORM
from tests.browser.filling import answer_every_page
from tests.browser.visiting import Visitor, mail_to
from tests.plugins.house import Mailbox
from tests.plugins.server import Installation

FAMILY = {
    "safety": {"urgency": ["routine"]},
    "concerns": {"narrative": ["My son does not sleep, and neither do I. I would like somebody to talk to."]},
    "child.1.brief": {"name": ["Eli"], "birth_on": ["4", "6", "2019"]},
    "home": {"postcode": ["WM4 2QT"]},
    "you": {"name": ["Marta Lewin"], "relationship": ["parent"]},
    "reach": {"email": ["marta@homes.example"], "safe": ["yes"]},
}


@pytest.mark.rule("EV-9")
@pytest.mark.rule("GL-1")
def test_a_professional_asks_for_service_with_no_script(
    installation: Installation, come: Callable[..., Visitor], mailbox: Mailbox
) -> None:
    installation.web()
    installation.worker(sweep_seconds=0.2)
    teacher = come(installation.address, javascript=False, width=375)
    teacher.open("/")
    expect(teacher.page.locator("body.js-enabled")).to_have_count(0)
    teacher.choose("I work with children or families")
    teacher.press("Continue")
    teacher.choose("Yes, this is a request about named children")
    teacher.press("Continue")
    teacher.open(f"{teacher.path}/step/told")
    expect(teacher.page.get_by_label("Why would telling them put a child at further risk?")).to_be_visible()
    teacher.follow("Back to the task list")
    assert answer_every_page(teacher, FULL_FORM) >= set(FULL_FORM)
    teacher.follow("Check your answers and send")
    assert "Callum Hartley" in teacher.words
    teacher.press("Send request")
    expect(teacher.page.locator(".govuk-panel__title")).to_have_text("Request sent")
    reference = teacher.page.locator(".govuk-panel .fd-num").inner_text()
    assert mail_to(mailbox, "s.rahman@brookfield.example", about=reference)


@pytest.mark.rule("EV-9")
@pytest.mark.rule("GL-16")
def test_a_family_asks_for_help_with_no_script(installation: Installation, come: Callable[..., Visitor]) -> None:
    installation.web()
    parent = come(installation.address, javascript=False, width=375)
    parent.open("/")
    parent.choose("I am a parent or carer, and my family needs help")
    parent.press("Continue")
    assert answer_every_page(parent, FAMILY) >= set(FAMILY)
    assert "My son does not sleep" in parent.words
    parent.press("Send request")
    expect(parent.page.locator(".govuk-panel__title")).to_have_text("Request sent")


@pytest.mark.rule("EV-9")
def test_a_family_may_skip_every_question_but_one(installation: Installation, come: Callable[..., Visitor]) -> None:
    installation.web()
    parent = come(installation.address, javascript=False, width=375)
    parent.open("/")
    parent.choose("I am a parent or carer, and my family needs help")
    parent.press("Continue")
    said = {"concerns": FAMILY["concerns"]}
    assert answer_every_page(parent, said) >= set(said)
    parent.press("Send request")
    expect(parent.page.locator(".govuk-panel__title")).to_have_text("Request sent")
    assert "Write the reference down" in parent.words
