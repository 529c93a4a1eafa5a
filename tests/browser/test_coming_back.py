"""A teacher on two devices: a dead server, a closed tab, and the other device lose nothing that was typed (EV-1, W13)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

from tests.answers import FULL_FORM
from tests.browser.test_the_gate import answer, begin
from tests.browser.visiting import WIDTHS, Visitor
from tests.plugins.house import Mailbox
from tests.plugins.server import Installation

TEACHER = "s.rahman@brookfield.example"
TYPED = "He has come in hungry for two weeks, and today he asked whether he may stay."


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def mailed(mailbox: Mailbox, pattern: str, count: int = 1) -> str:
    """Return what the latest mail to the teacher says by this pattern, once so many came that say it."""

    def found() -> list[str]:
        return [hit[1] for mail in mailbox.to(TEACHER) if (hit := re.search(pattern, mailbox.words(mail)))]

    until(lambda: len(found()) >= count)
    return found()[-1]


@pytest.mark.rule("EV-1")
@pytest.mark.rule("EV-9")
@pytest.mark.threat("W13")
def test_what_was_typed_survives_a_dead_server_a_closed_tab_and_another_device(
    installation: Installation, come: Callable[..., Visitor], mailbox: Mailbox, check: Callable[..., None]
) -> None:
    server = installation.web(workers=1)
    installation.worker()
    school = come(installation.address)
    draft = begin(school)
    answer(school, draft, "you")
    school.open(f"{draft}/email")
    school.press("Email me a code")
    code = mailed(mailbox, r"Your code is (\d{6})")
    school.page.locator("[name=code]").fill(code)
    school.press("Continue")
    school.page.wait_for_url(f"**{draft}")

    school.open(f"{draft}/step/concerns")
    school.page.locator("[name=narrative]").fill(TYPED)
    server.kill()
    with school.page.expect_event("requestfailed"):
        school.page.get_by_role("button", name="Save and continue").click(no_wait_after=True)
    until(lambda: school.page.locator("[name=narrative]").count() == 0)  # the browser says that nobody is there
    installation.web(workers=1)
    school.page.reload()  # loaded again, it sends again what was typed
    school.open(f"{draft}/step/concerns")
    assert school.page.locator("[name=narrative]").input_value() == TYPED
    school.said.clear()  # the browser's own line about the server that was away
    school.page.close()  # the tab is closed: the page was saved when it was left

    home = come(installation.address, width=375)
    home.open(f"{draft}/step/concerns")
    assert home.h1 == "We cannot find that draft on this device"
    home.open("/mine")
    check(home.page, WIDTHS)
    home.page.locator("[name=email]").fill(TEACHER)
    home.press("Email me a link")
    home.open(mailed(mailbox, r"(http://\S+/mine/link/\S+)"))
    home.press("Email me a code")
    home.page.locator("[name=code]").fill(mailed(mailbox, r"Your code is (\d{6})", count=2))
    home.press("Continue")
    assert home.h1 == "Your requests"
    home.page.get_by_role("button", name=re.compile("^Continue")).click()
    home.page.wait_for_url(f"**{draft}")
    home.open(f"{draft}/step/concerns")
    assert home.page.locator("[name=narrative]").input_value() == TYPED
    assert FULL_FORM["you"]["email"] == [TEACHER]
