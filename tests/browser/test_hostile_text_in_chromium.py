"""Payloads in every story field, in a real browser: nothing runs, and nothing is even tried that the policy must stop (T10)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser

from app import create_app
from helpdesk.services import triage
from infrastructure.database import utc_now
from infrastructure.identity.signing_in import start_session
from tests.answers import FULL_FORM, child_pages, typed
from tests.browser.scene import Making
from tests.browser.visiting import Visitor
from tests.browser.westmarch import westmarch
from tests.factories import Child
from tests.plugins.server import Installation
from tests.test_hostile_text import TEMPLATES, XSS

LISTENS = """
window.hits = []; window.hit = n => window.hits.push(n);
document.addEventListener('securitypolicyviolation', e => window.hits.push(e.violatedDirective + ' ' + e.blockedURI));
"""


@pytest.mark.threat("T10")
def test_nothing_that_was_typed_runs_or_is_stopped_from_running(installation: Installation, browser: Browser) -> None:
    inside: Callable[[], Any] = lambda: create_app(installation.settings(failpoint="")).app_context()  # noqa: E731
    everything = "\n".join([*XSS, *TEMPLATES])
    with westmarch(inside) as county:
        making = Making(county)
        hostile = {
            **FULL_FORM,
            **child_pages(1, XSS[0][:150], (1, 9, 2015)),
            "concerns": typed(narrative=everything[:19_000], worries=("neglect",)),
        }
        request_id = making.send(hostile, name="hostile", hours=1)
        children = [Child(payload[:150], date(2015, 1, 1)) for payload in XSS[1:40]]
        listed = [county.waiting(children=children[n : n + 4]).id for n in range(0, 36, 4)]
        triage.add_note(county.session, request_id=request_id, words=everything[:4_900], **making.by("grace"))
        triage.pass_to_manager(county.session, request_id=request_id, **making.by("grace"))
        tokens = {
            who: start_session(
                county.session, user_id=county.staff[who].id, settings=county.house.settings, now=utc_now()
            )
            for who in ("grace", "helen")
        }
        county.session.rollback()
    installation.web()
    for who, pages in (
        (
            "grace",
            [
                "queue",
                f"requests/{request_id}",
                f"requests/{listed[0]}",
                f"requests/{request_id}?show=notes",
            ],
        ),
        ("helen", ["queue?view=decision", f"requests/{request_id}/decide", f"requests/{listed[1]}/decide"]),
    ):
        visitor = Visitor(browser, installation.address)
        visitor.context.add_init_script(LISTENS)
        visitor.context.add_cookies([{"name": "staff", "value": tokens[who], "url": installation.address}])  # type: ignore[list-item]
        for page in pages:
            visitor.open(f"/staff/{page}")
            visitor.page.wait_for_load_state("networkidle")
            for field in visitor.page.locator("input:visible, textarea:visible").all()[:8]:
                field.hover()
                field.focus()
            assert visitor.page.evaluate("window.hits") == [], page
            assert "xs" in visitor.page.content(), page
        assert visitor.complaints() == []
        visitor.leave()


def test_the_listener_hears(browser: Browser) -> None:
    """A listener that never heard anything would pass the test above."""
    visitor = Visitor(browser, "http://localhost")
    visitor.context.add_init_script(LISTENS)
    for policy, heard in (("script-src 'unsafe-inline'", 1), ("script-src 'none'", "script-src-attr inline")):
        headers = {"content-security-policy": policy, "content-type": "text/html"}
        body = "<!DOCTYPE html><title>x</title><img src=data:x onerror=hit(1)>"
        visitor.page.unroute_all()
        visitor.page.route("**/try", lambda route, *, h=headers, b=body: route.fulfill(headers=h, body=b))
        visitor.page.goto("http://localhost/try")
        until = time.monotonic() + 10
        while not visitor.page.evaluate("window.hits") and time.monotonic() < until:
            visitor.page.wait_for_timeout(50)
        assert visitor.page.evaluate("window.hits") == [heard]
    visitor.leave()
