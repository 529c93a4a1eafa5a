"""Somebody at a browser of their own: what they see, where they go, and how they fill in a page."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.plugins.house import Mailbox

EXPECTED_OF_CHROMIUM = ("the server responded with a status of 4",)  # its own line for every 4xx answer
KIND = "e => e.tagName === 'INPUT' ? e.type : e.tagName.toLowerCase()"
WIDTHS = (1280, 375)
Answers = Mapping[str, Sequence[str]]


class Visitor:
    """A person at their own browser: no cookie is shared with anybody, and nothing is said on the console."""

    def __init__(self, browser: Browser, address: str, *, width: int = 1280, javascript: bool = True) -> None:
        self.address, self.width = address, width
        self.context = browser.new_context(
            base_url=address, viewport={"width": width, "height": 900}, java_script_enabled=javascript
        )
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.said: list[str] = []
        self.visited: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.visited.append(request.url))

    def leave(self) -> None:
        """Close the browser."""
        self.context.close()

    def complaints(self) -> list[str]:
        """Return what the console said, and what was asked of any other place, that no page of ours may."""
        said = [words for words in self.said if not any(known in words for known in EXPECTED_OF_CHROMIUM)]
        return said + [f"asked {url}" for url in self.visited if not url.startswith((self.address, "data:", "blob:"))]

    def open(self, address: str) -> None:
        """Go to an address; a link out of a mail is whole, any other is of this installation."""
        self.page.goto(address)

    def press(self, name: str) -> None:
        """Press the button (a link may look like one) of this name."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def follow(self, name: str) -> None:
        """Follow the link of this name."""
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def choose(self, label: str) -> None:
        """Choose the answer with this label."""
        self.page.get_by_label(label, exact=True).check()

    def answer(self, **typed: str | Sequence[str]) -> None:
        """Fill in questions of the page by the names of their fields."""
        fill(self.page, {name: [value] if isinstance(value, str) else value for name, value in typed.items()})

    @property
    def h1(self) -> str:
        return self.page.locator("h1").inner_text().strip()

    @property
    def words(self) -> str:
        """Return everything that the page says, in one line."""
        return " ".join(self.page.locator("body").inner_text().split())

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.address)

    def errors(self) -> list[str]:
        """Return what the error summary lists."""
        return self.page.locator(".govuk-error-summary__list li, .govuk-error-summary__body > p").all_inner_texts()

    def picture(self, name: str) -> None:
        """Save the page at 1280 and at 375 px, when a folder was asked for: SCREENSHOTS=folder."""
        if not (folder := os.environ.get("SCREENSHOTS")):
            return
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
        self.page.set_viewport_size({"width": self.width, "height": 900})


def fill(page: Page, typed: Answers) -> None:
    """Fill in the questions of the page as a person would: choices are chosen, dates typed in their parts."""
    for name, values in typed.items():
        found = page.locator(f'#main-content [name="{name}"]')
        found.first.wait_for(state="attached")
        kind = found.first.evaluate(KIND)
        if kind in ("radio", "checkbox"):
            for value in values:
                page.locator(f'#main-content [name="{name}"][value="{value}"]').check()
        elif kind == "select":
            found.select_option(values[0])
        else:
            for place, value in enumerate(values):
                found.nth(place).fill(value)


def wait_for(find: Callable[[], bool], what: str, seconds: float = 20) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not find():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} seconds"
        time.sleep(0.05)


def mail_to(mailbox: Mailbox, address: str, *, about: str, count: int = 1) -> EmailMessage:
    """Wait for the mails to an address whose subject holds some words; return the last of `count`."""

    def found() -> list[EmailMessage]:
        return [mail for mail in mailbox.to(address) if about in str(mail["Subject"])]

    wait_for(lambda: len(found()) >= count, f"{count} mails to {address} about {about}")
    return found()[count - 1]


def code_in(mail: EmailMessage) -> str:
    """Return the code that a mail carries."""
    found = re.search(r"Your code is (\d{6})", Mailbox.words(mail))
    assert found, Mailbox.words(mail)
    return found[1]


def link_in(mail: EmailMessage) -> str:
    """Return the one link that a mail carries."""
    found = re.findall(r"https?://\S+", Mailbox.words(mail))
    assert len(found) == 1, Mailbox.words(mail)
    return str(found[0])
