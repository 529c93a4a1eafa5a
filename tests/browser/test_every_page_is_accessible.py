"""Every page, public and staff, in each state it can be in, at 1280 and at 375 px (EV-9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page

from demonstration.carrier.server import Carrier
from tests.browser.conftest import AXE_IN_WAITING
from tests.browser.scene import Scene, make_scene
from tests.browser.states import LOOKS, Look
from tests.browser.visiting import WIDTHS, Visitor
from tests.plugins.house import SENDIASS_NUMBER, Mailbox, Postgresql, Sqlite
from tests.plugins.server import Installation

NO_PAGES = {  # a file each
    "desk.download_table", "desk.enquiry_file", "desk.fetch_granted_file", "desk.raw_held_mail", "desk.raw_mail", "static", "web.my_form",
    "web.returned_form",
}  # fmt: skip

LEADS_ELSEWHERE = {
    "desk.begin_own",
    "desk.back_from_own",
}  # to the authority's own sign-in, which the scene has none of
REACHED = {"desk.import_run"}  # its address is made by trying a file, as two looks do


@pytest.fixture(scope="module")
def served(
    databases: Callable[[str], Sqlite | Postgresql],
    smtp: tuple[Mailbox, int],
    tmp_path_factory: pytest.TempPathFactory,
    _carrier: Carrier,
) -> Iterator[tuple[Installation, Scene]]:
    """The scene, served by processes of its own; a phone of the demonstration has a thread."""
    from app import create_app

    account = _carrier.account
    account.clear()
    account.receive("+447700900461", SENDIASS_NUMBER, "school won't let my son in, dont know what to do")
    account.send(SENDIASS_NUMBER, "+447700900461", "Is it safe to text you here? 1 yes, 2 no", "")
    made = Installation(databases("sqlite").fresh("looked_at"), tmp_path_factory.mktemp("looks"), smtp[1])
    scene = make_scene(lambda: create_app(made.settings(failpoint="")).app_context())
    made.web()
    yield made, scene
    for process in made.processes:
        process.stop()


@pytest.fixture(scope="module")
def visitors(served: tuple[Installation, Scene], browser: Browser) -> Iterator[Callable[[str], Visitor]]:
    """The people of the scene, each at a browser that holds what is theirs."""
    installation, scene = served
    come: dict[str, Visitor] = {}

    def visitor(who: str) -> Visitor:
        if who not in come:
            come[who] = Visitor(browser, installation.address)
            come[who].context.add_init_script(AXE_IN_WAITING)
            held = [
                {"name": name, "value": value, "url": installation.address}
                for name, value in scene.cookies[who].items()
            ]
            come[who].context.add_cookies(held)  # type: ignore[arg-type]
        return come[who]

    yield visitor
    for one in come.values():
        one.leave()


@pytest.mark.rule("EV-9")
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_this_page_serves_everyone(
    look: Look, served: tuple[Installation, Scene], visitors: Callable[[str], Visitor], check: Callable[..., None]
) -> None:
    visitor, (_, scene) = visitors(look.who), served
    visitor.said.clear()
    visitor.visited.clear()
    visitor.open(scene.address(look.address))
    if look.do:
        look.do(visitor)
    assert visitor.h1.startswith(look.says), visitor.h1
    assert len(visitor.errors()) >= look.errors
    assert visitor.page.title().startswith("Error: ") == bool(visitor.errors()), visitor.page.title()
    check(visitor.page, WIDTHS)
    visitor.picture(f"look-{look.name.replace(' ', '-').replace(',', '')}")
    every_link_of_the_summary_leads_to_an_input(visitor.page)
    visitor.page.set_viewport_size({"width": 1280, "height": 900})
    assert visitor.complaints() == []


def every_link_of_the_summary_leads_to_an_input(page: Page) -> None:
    """Press each link of an error summary: the cursor stands in what it speaks of."""
    links = page.locator(".govuk-error-summary__list a[href^='#']")
    for n in range(links.count()):
        target = str(links.nth(n).get_attribute("href"))[1:]
        links.nth(n).click()
        at = page.evaluate("[document.activeElement.id, document.activeElement.matches('input, select, textarea')]")
        assert at == [target, True], f"{target} on {page.url}"


FAULTS = {
    "an input without a name": "document.querySelectorAll('label').forEach(e => e.remove())",
    "words too pale": "document.querySelector('h1').insertAdjacentHTML('afterend', '<p class=pale>Read this</p>');"
    "document.adoptedStyleSheets = [new CSSStyleSheet()];"
    "document.adoptedStyleSheets[0].insertRule('.pale { color: #ccc }')",
    "a small target": "document.querySelector('h1').insertAdjacentHTML('afterend', '<button>Go</button>')",
    "a page too wide": "document.querySelector('h1').insertAdjacentHTML('afterend', '<p>' + 'wide'.repeat(200) + '</p>')",
    "a second h1": "document.querySelector('h1').insertAdjacentHTML('afterend', '<h1>Again</h1>')",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_page_with_a_fault_is_found_out(
    fault: str, visitors: Callable[[str], Visitor], check: Callable[..., None]
) -> None:
    visitor = visitors("anyone")
    visitor.open("/saved")
    check(visitor.page, WIDTHS)
    visitor.page.evaluate(FAULTS[fault])
    with pytest.raises(AssertionError):
        check(visitor.page, WIDTHS)


def test_no_page_is_left_out(served: tuple[Installation, Scene]) -> None:
    from app import create_app

    installation, scene = served
    app = create_app(installation.settings(failpoint=""))
    routes: Any = app.url_map.bind("localhost")
    seen = set()
    for look in LOOKS:
        path = scene.address(look.address).split("?")[0]
        if path != "/nowhere":
            seen.add(routes.match(path, method="GET")[0])
    asked = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())}
    assert asked - seen == NO_PAGES | LEADS_ELSEWHERE | REACHED
    assert isinstance(next(iter(scene.ids.values())), UUID)
