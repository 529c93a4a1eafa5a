"""A form sent with the keyboard alone on a narrow screen; where the keyboard is, is always seen (EV-9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.answers import FULL_FORM
from tests.browser.visiting import Visitor
from tests.plugins.house import Mailbox
from tests.plugins.server import Installation

# Where the keyboard is: what it is called, and whether it is drawn so that it can be seen, unhidden by anything.
HERE = """() => {
    const e = document.activeElement;
    if (!e || e === document.body || e === document.documentElement) return {tag: 'nowhere', marked: true, seen: true};
    const yellow = 'rgb(255, 221, 0)';
    const group = ['radio', 'checkbox'].includes(e.type);
    const drawn = group ? getComputedStyle(e.nextElementSibling, '::before') : getComputedStyle(e);
    const marked = drawn.boxShadow.includes(yellow) || drawn.backgroundColor === yellow
        || (drawn.outlineColor === yellow && parseFloat(drawn.outlineWidth) >= 3);
    const box = (group ? e.nextElementSibling : e).getClientRects()[0];
    const [top_, end] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];  // what is on the screen of it
    const [x, y] = [box.left + Math.min(box.width / 2, 20), (top_ + end) / 2];
    const top = document.elementFromPoint(x, y);
    const cover = top ? top.outerHTML.slice(0, 80) : `off the screen at ${y}`;
    const parts = [e, ...(e.labels || [])];
    const inside = top && (top.contains(e) || parts.some(part => part.contains(top)));
    return {
        tag: e.tagName.toLowerCase(), type: e.type || '', name: e.name || '', value: e.value || '', id: e.id,
        text: e.innerText || '', marked, cover, seen: end - top_ >= Math.min(box.height, 20) && Boolean(inside),
    };
}"""
WORRIED = {
    "safety": {"urgency": ["routine"]},
    "concerns": {"narrative": ["I hear shouting next door at night, and a child crying for a long time."]},
    "child.1.brief": {"name": ["Tam"], "age_band": ["5_9"]},
    "home": {"address": ["The blue door on Weir Lane, Millbrook"]},
    "you": {},
    "reach": {"phone": ["07700 900417"], "safe": ["yes"]},
}


class Keyboard:
    """Hands that have a keyboard and nothing else. Every stop must be seen, and lie under nothing."""

    def __init__(self, page: Page) -> None:
        self.page, self.stops = page, 0

    def here(self) -> dict[str, Any]:
        """Return where the keyboard is, having checked that a person sees it."""
        place: dict[str, Any] = self.page.evaluate(HERE)
        assert place["marked"], f"no focus is drawn on {place} of {self.page.url}"
        assert place["seen"], f"{place} of {self.page.url} has the focus and is not seen"
        return place

    def go_to(self, what: str, found: Callable[[dict[str, Any]], bool]) -> None:
        """Press Tab until the keyboard is there."""
        for _ in range(80):
            if found(self.here()):
                return
            self.page.keyboard.press("Tab")
            self.stops += 1
        raise AssertionError(f"{what} of {self.page.url} cannot be reached by Tab")

    def press(self, words: str) -> None:
        """Go to a button or a link of these words, and press Enter."""
        self.go_to(words, lambda at: at.get("text", "").strip() == words and at["tag"] in ("button", "a"))
        before = self.page.url
        self.page.keyboard.press("Enter")
        self.page.wait_for_function(
            "address => location.href !== address || document.readyState === 'loading'", arg=before
        )
        self.page.wait_for_load_state()

    def answer(self, name: str, values: Sequence[str]) -> None:
        """Answer a question: arrows choose one of several, Space ticks, letters are typed."""
        kind = self.page.locator(f'#main-content [name="{name}"]').first.evaluate("e => e.type")
        if kind == "radio":
            self.go_to(name, lambda at: at.get("name") == name)
            self.page.keyboard.press("Space")
            for _ in range(12):
                if self.here()["value"] == values[0]:
                    return
                self.page.keyboard.press("ArrowDown")
            raise AssertionError(f"{values[0]} of {name} cannot be chosen with the arrows")
        if kind == "checkbox":
            for value in values:
                self.go_to(value, lambda at, value=value: (at.get("name"), at.get("value")) == (name, value))
                self.page.keyboard.press("Space")
            return
        self.go_to(name, lambda at: at.get("name") == name)
        if kind == "select-one":
            label = self.page.locator(f'[name="{name}"] option[value="{values[0]}"]').inner_text()
            self.page.keyboard.type(label)
            assert self.here()["value"] == values[0], (name, label)
            return
        for place, value in enumerate(values):
            if place:
                self.page.keyboard.press("Tab")
            self.page.keyboard.type(value)


def by_keyboard(keyboard: Keyboard, answers: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
    """Answer each page in the order it comes."""
    for key, typed in answers.items():
        if f"/step/{key}" not in keyboard.page.url and keyboard.page.url.endswith("/children"):
            keyboard.press("Continue")
        keyboard.page.wait_for_url(f"**/step/{key}")
        for name, values in typed.items():
            keyboard.answer(name, values)
        keyboard.press("Save and continue")


@pytest.mark.rule("EV-9")
@pytest.mark.rule("GL-16")
def test_a_worried_neighbour_sends_a_short_form_with_the_keyboard_alone(
    installation: Installation, come: Callable[..., Visitor]
) -> None:
    installation.web()
    neighbour = come(installation.address, width=375)
    neighbour.open("/")
    keyboard = Keyboard(neighbour.page)
    keyboard.answer("who", ["public_worried"])
    keyboard.press("Continue")
    by_keyboard(keyboard, WORRIED)
    keyboard.press("Send request")
    expect(neighbour.page.locator("h1")).to_have_text("Request sent")
    assert keyboard.stops > 40


@pytest.mark.rule("EV-9")
def test_a_teacher_sends_what_a_request_must_say_with_the_keyboard_alone(
    installation: Installation, come: Callable[..., Visitor], mailbox: Mailbox
) -> None:
    installation.web()
    teacher = come(installation.address, width=375)
    teacher.open("/")
    keyboard = Keyboard(teacher.page)
    keyboard.answer("who", ["work"])
    keyboard.press("Continue")
    keyboard.answer("names", ["named"])
    keyboard.press("Continue")
    tasks = {
        "Are the children safe now": "safety",
        "Does the family know": "told",
        "Child 1": "child.1.who",
        "What you are worried about": "concerns",
        "Your details": "you",
    }
    for task, key in tasks.items():
        keyboard.press(task)
        teacher.page.wait_for_url(f"**/step/{key}")
        for name, values in FULL_FORM[key].items():
            keyboard.answer(name, values)
        keyboard.press("Save and continue")
        teacher.page.wait_for_url(lambda url, key=key: not url.endswith(f"/step/{key}"))
        if key == "you":
            keyboard.press("Skip for now")
        else:
            keyboard.press("Back to the task list")
    keyboard.press("Check your answers and send")
    keyboard.press("Send request")
    assert teacher.errors() == []
    expect(teacher.page.locator("h1")).to_have_text("Request sent")
