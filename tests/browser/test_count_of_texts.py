"""While an adviser types, the page says how many texts it comes to, as the service counts them (EV-9)."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from helpdesk.web.enquiry_page import count_words

SCRIPT = Path(__file__).resolve().parents[2] / "static" / "staff.js"
BOX = "<textarea data-count-texts></textarea><span data-texts></span><button data-count-button>Count</button>"
TYPED = (
    "", "a", "a" * 160, "a" * 161, "a" * 306, "a" * 307, "€" * 80, "€" * 81, "a" * 152 + "€" + "b" * 20, "dziękuję",
    "ж" * 70, "ж" * 71, "😀" * 35, "😀" * 36, "ж" * 66 + "😀" + "ж" * 9, "two\nlines", "it’s", "[it] is {so} ^ ~ | \\",
)  # fmt: skip


def test_the_page_counts_texts_as_the_service_does(page: Page) -> None:
    page.set_content(BOX)
    assert page.locator("button").is_visible()
    page.add_script_tag(content=SCRIPT.read_text(), type="module")
    page.locator("button").wait_for(state="hidden")
    for typed in TYPED:
        page.locator("textarea").fill(typed)
        assert page.locator("[data-texts]").inner_text() == count_words(typed), typed
