"""The line that email does not come in, on a page of the desk and in its list of tasks, at both widths (F31, EV-9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from infrastructure.database import db, utc_now
from infrastructure.identity.signing_in import start_session
from service_request.services.mail.fetching import Fetching
from tests.browser.visiting import WIDTHS
from tests.factories import make_county
from tests.faults.test_mail_in import setting_of
from tests.plugins.imap_script import USER, ImapScript
from tests.plugins.server import Installation


@pytest.mark.threat("F31")
@pytest.mark.rule("EV-9")
def test_the_line_is_there_for_everybody_to_read(
    installation: Installation,
    imap: ImapScript,
    page: Page,
    check: Callable[..., None],
) -> None:
    mailboxes = setting_of(imap.box())
    imap.refuses_sign_in = True
    installation.web(workers=1, mailboxes=mailboxes)
    from app import create_app

    app = create_app(installation.settings(mailboxes=mailboxes))
    with app.app_context():
        session, house = db.session(), app.extensions["house"]
        county = make_county(session)
        token = start_session(session, user_id=county.officer.id, settings=house.settings, now=utc_now())
        began = utc_now()
        for minutes in (0, 1, 3):
            worker = Fetching(house, lambda minutes=minutes: began + timedelta(minutes=minutes - 4))
            for one in worker.list_due(session, worker.now()):
                worker.run(session, one)
        db.session.remove()
        db.engine.dispose()
    page.context.add_cookies([{"name": "staff", "value": token, "url": installation.address}])
    for path in ("/staff/queue", "/staff/tasks/mail_delayed"):
        page.goto(f"{installation.address}{path}")
        assert page.get_by_role("status").filter(has_text="Mail intake delayed").count() == 1
        check(page, WIDTHS)
    assert page.get_by_text(USER).count() == 1
