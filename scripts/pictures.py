"""Take the README's pictures from the running demonstration: `python scripts/pictures.py http://127.0.0.1:8000`."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
TALLEST = 1500


def main(base: str, *names: str) -> None:
    """Walk to each page as the person who sees it, and keep a picture; `names`: only as these people ("mother")."""
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for journey in (as_referrer, as_officer, as_manager, as_team, as_mother, as_adviser):
            if names and journey.__name__.removeprefix("as_") not in names:
                continue
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            journey(context.new_page(), base)
            context.close()
        browser.close()


def keep(page: Page, name: str, width: int = 1280) -> None:
    """Keep a picture of the page, cut where it would be too tall for a README."""
    page.set_viewport_size({"width": width, "height": 900})
    tall = min(int(page.evaluate("document.documentElement.scrollHeight")), TALLEST)
    page.screenshot(
        path=PICTURES / f"{name}-{width}.png", full_page=True, clip={"x": 0, "y": 0, "width": width, "height": tall}
    )


def as_referrer(page: Page, base: str) -> None:
    """Begin a request as a professional, answer a little, and look at what is missing."""
    page.goto(f"{base}/")
    keep(page, "start")
    page.get_by_label("I work with children or families").check()
    page.get_by_role("button", name="Continue").click()
    page.locator("main input[type=radio]").first.check()
    page.get_by_role("button", name="Continue").click()
    tasks = page.url
    page.get_by_role("link", name="Are the children safe now").click()
    page.locator("main input[type=radio]").nth(2).check()
    page.locator("main input[type=radio]").last.check()
    page.get_by_role("button", name="Continue").click()
    page.goto(tasks)
    page.get_by_role("link", name="Does the family know").click()
    page.locator("main input[type=radio]").first.check()
    page.get_by_role("button", name="Continue").click()
    page.goto(tasks)
    keep(page, "tasks")
    page.goto(f"{tasks}/check")
    keep(page, "check")


def sign_in(page: Page, base: str, email: str, password: str) -> None:
    """Sign in as a member of staff."""
    page.goto(f"{base}/staff/sign-in")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def as_officer(page: Page, base: str) -> None:
    """Look at the queue, and at one request."""
    sign_in(page, base, "g.oyelaran@westmarch.example", "grace-front-door")
    keep(page, "queue")
    page.get_by_role("link", name="Callum Hartley").first.click()
    keep(page, "request")


def as_manager(page: Page, base: str) -> None:
    """Open the decision that is due next."""
    sign_in(page, base, "h.prosser@westmarch.example", "helen-front-door")
    page.locator(".fd-queue tbody td a").first.click()
    page.locator("main a", has_text="Decide").first.click()
    keep(page, "decide")


def as_team(page: Page, base: str) -> None:
    """Open what was sent to a team, on a phone; then read an outcome as its referrer does."""
    sign_in(page, base, "d.anand@westmarch.example", "dev-front-door")
    page.locator("main a").first.click()
    keep(page, "assignment", 375)
    page.set_viewport_size({"width": 1280, "height": 900})
    read_outcome(page, base)


def read_outcome(page: Page, base: str) -> None:
    """Follow the link of an outcome from the mail, type the code from the next mail, and read."""
    page.goto(f"{base}/demo")
    newest(page, "the outcome").click()
    page.get_by_role("link", name="/outcome/").first.click()
    here = page.url
    page.get_by_role("button", name="Email me a code").click()
    page.goto(f"{base}/demo")
    wait_for(lambda: newest(page, "Your code").count() > 0 or bool(page.reload()))
    newest(page, "Your code").click()
    code = page.locator("main").inner_text().split("Your code is ")[1][:6]
    page.goto(f"{here}/code")
    page.get_by_label("code").first.fill(code)
    page.get_by_role("button").filter(has_text="Continue").click()
    keep(page, "outcome")


def as_mother(page: Page, base: str) -> None:
    """Text SENDIASS from the phone of the demonstration, a conversation long."""
    page.goto(f"{base}/demo/phone")
    for words in ("", "1", "yes pls its from the head. 12th of nov", "8 sorry 9"):
        if words:
            page.get_by_label("Your text").fill(words)
        page.get_by_role("button", name="Send", exact=True).click()
        page.wait_for_load_state()
    keep(page, "phone")


def as_adviser(page: Page, base: str) -> None:
    """Look at SENDIASS's own queue, and at the conversation with a mother who has a letter."""
    sign_in(page, base, "n.keane@westmarch.example", "nuala-front-door")
    page.goto(f"{base}/staff/enquiries")
    keep(page, "enquiries")
    page.get_by_role("link", name="Parent of a boy, 9").first.click()
    page.get_by_role("heading", name="Parent of a boy, 9").wait_for()
    keep(page, "enquiry")


def newest(page: Page, words: str) -> Locator:
    """Return the newest mail whose subject has these words."""
    return page.get_by_role("link", name=words).first


def wait_for(done: Callable[[], bool]) -> None:
    """Ask again for half a minute."""
    for _ in range(30):
        if done():
            return
        time.sleep(1)


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["http://127.0.0.1:8000"]))
