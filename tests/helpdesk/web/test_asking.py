"""The officer's page: what is needed is ticked, the whole message is seen, and everybody sees that it waits (GL-3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy.orm import Session

from helpdesk.services.watch import act_on_clock
from infrastructure.house import House
from service_request.domain.states import RequestState
from service_request.models import AskedFor, AskedState, Clock, ReferrerKind, ServiceRequest, Task, TaskKind
from tests.answers import FULL_FORM
from tests.factories import NOW, County, make_request
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.test_request_page import of
from tests.helpdesk.web.walking import Page, Staff
from tests.plugins.house import Mailbox
from tests.service_request.channels.web.test_outcome import link_in, open_with_code
from tests.service_request.channels.web.walking import Person

pytestmark = [pytest.mark.storage, pytest.mark.rule("GL-3")]
Send = Callable[..., UUID]
NO_GP = {
    "child.2.where": {name: value for name, value in FULL_FORM["child.2.where"].items() if name != "gp"},
    "risks": {},
}
TEACHER = "s.rahman@brookfield.example"


def press(staff: Staff, address: str, **typed: Any) -> Page:
    """Post what was typed with the version of the request that its page shows, and see where it leads."""
    version = staff.get(address.split("/asked/")[0]).version
    page = staff.post(address, version=version, **typed)
    return staff.follow(page) if page.location else page


def ask_teacher(officer: Staff, request_id: UUID, **typed: Any) -> Any:
    """See the message, then send it."""
    address = f"{of(request_id)}/ask"
    page = officer.get(address)
    ticked = [one.attributes["value"] for one in page.tree.all("input", name="needed") if "checked" in one.attributes]
    values = {"needed": ticked, "words": "Which surgery is Ryan with?", **typed}
    shown = press(officer, address, **values, act="show")
    sent = press(officer, address, **values, act="send")
    return ticked, shown, sent


def test_the_gaps_are_ticked_the_message_is_seen_whole_and_the_request_says_that_it_waits(
    officer: Staff, sent: Send, ask: Ask, mailbox: Mailbox, work: Callable[[], None]
) -> None:
    request_id = sent(NO_GP)
    ticked, shown, done = ask_teacher(officer, request_id)
    assert "child.2.where/gp" in ticked and "child.1.where/gp" not in ticked
    assert "we need something more from you" in shown.words and "Which surgery is Ryan with?" in shown.words
    assert "Ryan Hartley: GP surgery" in shown.words
    assert "The referrer is asked." in done.words
    page = officer.get(of(request_id)).words
    assert "Ryan Hartley: GP surgery" in page and "Waits since today 09:00" in page
    assert "Still missing: 3 answers that the referrer is asked for, below." in page
    assert "Next reminder Wed 09:00" in page and "Waiting for referrer" in page
    queue = officer.get("/staff/queue").words
    assert "Waiting for referrer since today 09:00" in queue and "1 day Wed 09:00" in queue
    work()
    (mail,) = [one for one in mailbox.to(TEACHER) if "something more" in str(one["Subject"])]
    assert "Ryan" not in mailbox.words(mail) and "surgery" not in mailbox.words(mail)


def test_the_answer_of_the_referrer_is_on_the_page_beside_what_was_sent(
    officer: Staff, sent: Send, ask: Ask, mailbox: Mailbox, work: Callable[[], None], client: Any
) -> None:
    request_id = sent(NO_GP)
    ask_teacher(officer, request_id)
    work()
    link, teacher = link_in(mailbox, "answer"), Person(client)
    open_with_code(teacher, link, mailbox, work)
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        teacher.post(f"{link}/step/child.2.where", {"gp": "Aldermoor Surgery"})
        teacher.post(f"{link}/step/answer", {"words": "Her sister told me.", "name": "Joan Pike"})
        teacher.open(f"{link}/check")
        digest = teacher.page.one("input", name="digest").attributes["value"]
        teacher.post(f"{link}/send", {"digest": digest})
        page = officer.get(of(request_id)).words
    for words in (
        "Aldermoor Surgery",
        "Her sister told me.",
        "Answered by: Joan Pike",
        "Answered today 09:05. Of 3 things asked, 2 are still",
    ):
        assert words in page
    assert "Answered by the referrer: in triage again" in page and "Ryan Hartley: GP surgery" in page
    assert ask.one(ServiceRequest).state is RequestState.IN_TRIAGE
    tasks = officer.get("/staff/tasks/new_information").words
    assert "Callum Hartley" in tasks or str(ask.one(ServiceRequest).reference)[:4] in tasks
    assert ask.one(Task, Task.kind == TaskKind.NEW_INFORMATION).done_at is None


def test_the_task_to_ring_says_what_was_asked_and_so_does_what_is_to_be_chased(
    officer: Staff, session: Session, county: County, house: House, ask: Ask
) -> None:
    request_id = make_request(session, area_id=county.teasel, referrer={"email": None}).id
    press(officer, f"{of(request_id)}/ask", needed=["child.1.where/gp"], words="", act="send")
    page = officer.get("/staff/tasks/call_back")
    (row,) = page.tree.all("td", class_="govuk-table__cell")[2:3]
    assert "Ring Samina Rahman, Brookfield Primary School: 01632 960355" in row.text
    assert f"{of(request_id)}/call" in [one.attributes["href"] for one in row.all("a")]
    asked = ask.one(AskedFor)
    act_on_clock(session, ask.one(Clock, Clock.owner_id == asked.id).id, now=NOW + timedelta(days=30), house=house)
    assert "More about the request." in officer.get("/staff/tasks/chase").words


@pytest.mark.rule("EV-2")
def test_no_number_stands_in_the_list_of_whom_to_ring_where_it_is_not_safe(
    officer: Staff, session: Session, county: County
) -> None:
    who = {"kind": ReferrerKind.FAMILY, "email": None, "safe": "no"}
    request_id = make_request(session, area_id=county.teasel, referrer=who).id
    press(officer, f"{of(request_id)}/ask", needed=["concerns/narrative"], words="Are you safe?", act="send")
    words = officer.get("/staff/tasks/call_back").words
    assert "it is not safe to reach them there" in words and "960355" not in words


def test_nothing_asked_is_told_so_and_the_words_are_kept(officer: Staff, sent: Send, ask: Ask) -> None:
    request_id = sent()
    address = f"{of(request_id)}/ask"
    refused = press(officer, address, needed=[], words="", act="show")
    assert "Select what you need, or write what you ask" in refused.words
    changed = press(officer, address, needed=["child.1.where/gp"], words="Which surgery?", act="change")
    assert "Which surgery?" in changed.tree.one("textarea", name="words").text
    (ticked,) = [one for one in changed.tree.all("input", name="needed") if "checked" in one.attributes]
    assert ticked.attributes["value"] == "child.1.where/gp"
    assert ask.all(AskedFor) == []


def test_it_is_said_to_be_answered_or_given_up_with_a_reason(officer: Staff, sent: Send, ask: Ask) -> None:
    request_id = sent(NO_GP)
    ask_teacher(officer, request_id)
    asked = ask.one(AskedFor)
    give_up = f"{of(request_id)}/asked/{asked.id}/give-up"
    asks = press(officer, give_up).words
    assert "Select why you go on without it" in asks and "It goes back to triage, and nothing more is chased." in asks
    page = press(officer, give_up, reason="not_needed")
    assert "It goes on without the answer." in page.words
    assert "Given up by Grace Oyelaran, today 09:00: it is not needed to decide." in page.words
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        ask_teacher(officer, request_id)
        (again,) = ask.all(AskedFor, AskedFor.state == AskedState.OPEN)
        page = press(officer, f"{of(request_id)}/asked/{again.id}/answered")
    assert "It is answered. Nothing more is chased." in page.words
    assert re.search(r"Said to be answered by Grace Oyelaran", page.words)
    assert press(officer, f"{of(request_id)}/asked/{again.id}/answered").status == 409
    assert "Ask the referrer" in officer.get(of(request_id)).words


def test_another_request_s_asking_is_not_there(officer: Staff, sent: Send, ask: Ask) -> None:
    request_id = sent(NO_GP)
    ask_teacher(officer, request_id)
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        other = sent(NO_GP)
        asked = ask.one(AskedFor)
        assert press(officer, f"{of(other)}/asked/{asked.id}/answered").status == 404
    assert ask.one(AskedFor).state is AskedState.OPEN
