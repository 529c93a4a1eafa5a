"""A real Chromium: found on the machine, never downloaded; silent on its console unless a test says otherwise."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.visiting import EXPECTED_OF_CHROMIUM, Visitor

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Axe().axe_script
AXE_IN_WAITING = f"window.readAxe = () => {{ {AXE} }}"  # in a browser for good: handed over once, read where it is used
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')].filter(e => {
    const box = ['radio', 'checkbox'].includes(e.type) ? e.parentElement : e;
    const height = box.getBoundingClientRect().height;
    const inProse = e.tagName === 'A' && getComputedStyle(e).display === 'inline' && e.closest('p, li, td, dd, th');
    return height > 1 && height < 43.5 && !inProse;
}).map(e => e.outerHTML.slice(0, 120))"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start the machine's own Chromium, with no service of its maker."""
    quiet = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return {"executable_path": CHROMIUM, "args": quiet}


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """Fail the test when the page said anything on its console, threw, or asked another origin for something."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(f"asked {request.url}") if is_elsewhere(request.url) else None)
    yield page
    assert [words for words in said if not any(known in words for known in EXPECTED_OF_CHROMIUM)] == []


def is_elsewhere(url: str) -> bool:
    """Tell whether an address leaves this machine."""
    return not url.startswith(("http://127.0.0.1", "http://localhost", "data:", "about:", "blob:"))


def check_page(page: Page, widths: Sequence[int] = ()) -> None:
    """Hold the page to WCAG 2.2 AA by axe, to 44 px targets, to one h1, and to no sideways scroll (EV-9).

    Colours are the same at every width, so axe looks at them, which takes it longest, at the first only.
    """
    if not page.evaluate("() => window.readAxe ? (readAxe(), true) : false"):
        page.evaluate(AXE)
    rules: dict[str, Any] = {}
    for width in widths or (0,):
        if width:
            page.set_viewport_size({"width": width, "height": 900})
        options = {"runOnly": {"type": "tag", "values": list(WCAG)}, "resultTypes": ["violations"], "rules": rules}
        found = page.evaluate("options => axe.run(options).then(said => said.violations)", options)
        told = [(fault["id"], [node["html"][:160] for node in fault["nodes"]]) for fault in found]
        assert told == [], f"axe on {page.url}"
        assert page.evaluate(SMALL_TARGETS) == [], f"small targets on {page.url}"
        assert page.locator("h1").count() == 1, page.url
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{page.url} scrolls sideways by {wide} px"
        rules = {"color-contrast": {"enabled": False}}


@pytest.fixture
def check() -> Any:
    """Return `check_page`, for tests that live beside this file."""
    return check_page


@pytest.fixture
def come(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Let somebody come with a browser of their own; at the end, no console has said a word."""
    visitors: list[Visitor] = []

    def arrive(address: str, **changes: Any) -> Visitor:
        visitors.append(Visitor(browser, address, **changes))
        return visitors[-1]

    yield arrive
    complaints = [words for visitor in visitors for words in visitor.complaints()]
    for visitor in visitors:
        visitor.leave()
    assert complaints == []
