"""Death by SIGKILL between any two steps loses nothing, and doubles at most one message (EV-1, EV-3)."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener
from uuid import UUID

import pytest
from sqlalchemy import func, select

from infrastructure.database import db, utc_now
from infrastructure.outbox import DeliveryAttempt, MessageState, OutboxMessage
from infrastructure.trail import Event, verify
from service_request.models import Arrival, ServiceRequest
from service_request.pathways.social_care.forms import FormKind
from service_request.services.drafts import save_step, start_draft
from tests.answers import FULL_FORM
from tests.plugins.house import Mailbox
from tests.plugins.server import Installation

pytestmark = [pytest.mark.storage, pytest.mark.fault]
Inside = Callable[[], AbstractContextManager[Any]]


def filled_draft(inside: Inside) -> tuple[UUID, str]:
    """Fill a draft as the pages would, and return its id with the device's token."""
    from flask import current_app

    with inside():
        house, session, now = current_app.extensions["house"], db.session(), utc_now()
        draft = start_draft(session, kind=FormKind.FULL, device=None, now=now, house=house)
        for key, typed in FULL_FORM.items():
            save_step(session, draft.id, device=draft.device, key=key, typed=typed, now=now, house=house)
        close()
    return draft.id, draft.device


def close() -> None:
    db.session.remove()
    db.engine.dispose()


class Browser:
    """A person at the check page."""

    def __init__(self, installation: Installation, draft_id: UUID, device: str) -> None:
        self.check = f"{installation.address}/request/{draft_id}/check"
        self.send_url = f"{installation.address}/request/{draft_id}/send"
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        self.cookie = f"device={device}"
        self.opener.addheaders = [("Cookie", self.cookie)]
        self.fields: dict[str, str] = {}

    def look(self) -> None:
        """Open the check page and keep its hidden fields."""
        jar = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(jar))
        request = Request(self.check, headers={"Cookie": self.cookie})
        page = self.opener.open(request, timeout=20).read().decode()
        self.fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
        session = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar if cookie.name != "device")
        self.cookies = f"{self.cookie}; {session}"
        assert {"csrf_token", "digest"} <= set(self.fields), page[:3000]

    def send(self) -> str:
        """Press Send; return the text of the page that answers."""
        body = urlencode(self.fields).encode()
        request = Request(self.send_url, data=body, headers={"Cookie": self.cookies})
        opener = build_opener()
        opener.addheaders = [("Cookie", self.cookies)]
        try:
            return str(opener.open(request, timeout=30).read().decode())
        except HTTPError as error:
            return f"HTTP {error.code}: {error.read().decode()[:2000]}"


def reference_on(page: str) -> str:
    found = re.findall(r"\b[3-9A-Z]{4}-[3-9A-Z]{4}\b", page)
    assert found, page[:3000]
    return str(found[0])


def counts() -> dict[str, int]:
    count = {
        model.__tablename__: db.session.scalar(select(func.count()).select_from(model)) or 0
        for model in (ServiceRequest, Arrival)
    }
    count["mails owed"] = (
        db.session.scalar(
            select(func.count()).select_from(OutboxMessage).where(OutboxMessage.template == "acknowledgement")
        )
        or 0
    )
    count["received"] = db.session.scalar(select(func.count()).select_from(Event).where(Event.act == "receive")) or 0
    return count


ONE_OF_EACH = {"service_request": 1, "arrival": 1, "mails owed": 1, "received": 1}


@pytest.mark.rule("EV-3")
def test_eight_threads_over_two_processes_sending_one_draft_make_one_request(
    installation: Installation, inside: Inside
) -> None:
    draft_id, device = filled_draft(inside)
    installation.web(workers=2)
    browsers = [Browser(installation, draft_id, device) for _ in range(8)]
    for browser in browsers:
        browser.look()
    answers: list[str] = []
    start = threading.Barrier(8)

    def press(browser: Browser) -> None:
        start.wait()
        answers.append(browser.send())

    threads = [threading.Thread(target=press, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    references = {reference_on(answer) for answer in answers}
    assert len(answers) == 8
    assert len(references) == 1
    with inside():
        assert counts() == ONE_OF_EACH
        close()


@pytest.mark.rule("EV-1")
@pytest.mark.parametrize("where", ["before_send_commit", "after_send_commit"])
def test_the_web_process_killed_at_the_commit_leaves_whole_or_nothing_and_sending_again_is_the_same_request(
    installation: Installation, inside: Inside, where: str
) -> None:
    draft_id, device = filled_draft(inside)
    dying = installation.web(workers=1, failpoint=f"{where}:exit9")
    browser = Browser(installation, draft_id, device)
    browser.look()
    with pytest.raises(OSError):
        browser.send()
    dying.kill()
    with inside():
        stored = counts()
        close()
    assert stored == (ONE_OF_EACH if where == "after_send_commit" else dict.fromkeys(ONE_OF_EACH, 0))
    installation.web(workers=1)
    first = reference_on(browser.send())
    assert reference_on(browser.send()) == first
    with inside():
        assert counts() == ONE_OF_EACH
        assert list(verify(db.session())) == []
        close()


@pytest.mark.rule("EV-2")
def test_the_worker_killed_between_sending_and_marking_sends_at_most_once_more_with_the_same_message_id(
    installation: Installation, inside: Inside, mailbox: Mailbox
) -> None:
    draft_id, device = filled_draft(inside)
    installation.web(workers=1)
    browser = Browser(installation, draft_id, device)
    browser.look()
    reference = reference_on(browser.send())
    dying = installation.worker(failpoint="after_send:exit9")
    dying.popen.wait(60)
    died_at = time.monotonic()
    assert len(mailbox.messages) == 1
    worker = installation.worker()
    with inside():
        while time.monotonic() - died_at < 60:
            row = db.session.scalars(select(OutboxMessage).execution_options(populate_existing=True)).one()
            if row.state is MessageState.SENT:
                break
            db.session.rollback()
            time.sleep(0.2)
        took = time.monotonic() - died_at
        assert row.state is MessageState.SENT, installation.logs()
        attempts = [
            str(result) for result in db.session.scalars(select(DeliveryAttempt.result).order_by(DeliveryAttempt.n))
        ]
        close()
    worker.stop()
    assert took < 30, f"recovery took {took:.1f} s"
    assert attempts == ["unknown", "accepted"]
    assert len(mailbox.messages) == 2
    assert len({mail["Message-ID"] for mail in mailbox.messages}) == 1
    assert all(reference in mail["Subject"] for mail in mailbox.messages)
