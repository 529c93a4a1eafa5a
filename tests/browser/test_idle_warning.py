"""Two minutes before a session ends its page says so, lets somebody stay, and loses nothing they typed (T28, W13)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.threat("T28"), pytest.mark.threat("W13")]
SCRIPT = (Path(__file__).resolve().parents[2] / "static" / "idle.js").read_text()
NINE = "2026-11-17T09:00:00+00:00"
PAGE = """<!DOCTYPE html><html lang="en"><title>A request</title><h1>A request</h1><textarea></textarea>
<div role="alert" data-idle="900" data-at="{at}" data-ends="{ends}" data-stay="/staff/stay" data-token="t" hidden>
<p data-idle-words></p><button type="button">Stay signed in</button></div><script type="module" src="/idle.js"></script>"""


@pytest.fixture
def stays(page: Page) -> list[str]:
    """A page of the desk on a clock of our own; what is asked of the server to stay signed in."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        if route.request.url.endswith("/idle.js"):
            route.fulfill(body=SCRIPT, content_type="text/javascript")
        elif route.request.url.endswith("/staff/stay"):
            asked.append(route.request.post_data or "")
            route.fulfill(status=204 if len(asked) < 3 else 401)
        elif route.request.url.endswith("/long"):
            route.fulfill(body=PAGE.format(at=NINE, ends="2026-11-17T09:05:00+00:00"), content_type="text/html")
        else:
            route.fulfill(body=PAGE.format(at=NINE, ends="2026-11-17T17:00:00+00:00"), content_type="text/html")

    page.route("**/*", answer)
    page.clock.install(time=datetime.fromisoformat(NINE))
    page.goto("http://localhost/request")
    return asked


def words(page: Page) -> str:
    box = page.locator("[data-idle]")
    return box.inner_text() if box.is_visible() else ""


def test_the_warning_comes_two_minutes_before_and_staying_starts_anew(page: Page, stays: list[str]) -> None:
    page.locator("textarea").fill("Rang the nurse.")
    page.clock.run_for("12:50")
    assert words(page) == ""
    page.clock.run_for("00:20")
    assert "You will be signed out in 2 minutes." in words(page)
    page.get_by_role("button", name="Stay signed in").click()
    page.locator("[data-idle]").wait_for(state="hidden")
    assert stays == ["csrf_token=t"]
    page.clock.run_for("12:50")
    assert words(page) == ""
    page.clock.run_for("02:30")
    assert "Your session has ended. What you typed on this page is not lost" in words(page)
    assert not page.get_by_role("button").is_visible()
    assert page.locator("textarea").input_value() == "Rang the nurse."


def test_a_session_that_was_used_in_another_window_is_not_about_to_end(page: Page, stays: list[str]) -> None:
    page.clock.run_for("10:00")
    other = page.context.new_page()
    other.route("**/*", lambda route: route.fulfill(body="<title>Another</title>", content_type="text/html"))
    other.goto("http://localhost/another")
    other.evaluate(f"localStorage.setItem('last-used', String(Date.parse('{NINE}') + 600000))")
    other.close()
    page.clock.run_for("04:00")
    assert words(page) == ""
    page.clock.run_for("09:30")
    assert "You will be signed out" in words(page)


def test_the_longest_time_of_a_session_is_said_and_cannot_be_stretched(page: Page, stays: list[str]) -> None:
    page.goto("http://localhost/long")
    page.clock.run_for("03:10")
    assert "Your session ends in 2 minutes, after its longest time." in words(page)
    assert not page.get_by_role("button").is_visible()
    page.clock.run_for("02:00")
    assert "Your session has ended" in words(page)


def test_what_could_not_be_kept_alive_is_said(page: Page, stays: list[str]) -> None:
    stays.extend(["", ""])
    page.clock.run_for("13:10")
    page.get_by_role("button", name="Stay signed in").click()
    page.get_by_text("We could not keep you signed in.").wait_for()
