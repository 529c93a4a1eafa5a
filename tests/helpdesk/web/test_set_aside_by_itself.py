"""What a professional wrote to SENDIASS is set aside by itself, and nobody forgets to read it (SE-1, EV-1)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.models import Safe, Task, TaskKind
from service_request.services.enquiries.set_aside import put_professional_aside
from service_request.services.sight import enquiry_queue
from service_request.services.sight.system import lock_request
from tests.enquirers import MOTHER, STORY, make_open_enquiry
from tests.enquiring import make_texted
from tests.factories import NOW, County
from tests.helpdesk.web.conftest import SignIn
from tests.service_request.services.understanding.conftest import Phone
from tests.wall.inside import make_adviser

pytestmark = pytest.mark.rule("SE-1")
ENQUIRIES = "/staff/enquiries"
VIEW = f"{ENQUIRIES}?view=professional"


@pytest.fixture
def user(session: Session, county: County) -> User:
    return make_adviser(session)


@pytest.fixture
def later() -> Iterator[time_machine.Traveller]:
    """The clock, to be moved on: a Tuesday at nine."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def senco(app: Flask, session: Session, later: time_machine.Traveller) -> Phone:
    """Somebody of a school, whose text was set aside by itself."""
    phone = Phone(app.test_client(), session, later, MOTHER)
    phone.say("hello i am the senco at a school and i want to refer a family to you")
    phone.say("1")
    assert phone.request.set_aside_reason == "professional", phone.said()
    return phone


def to_read(session: Session) -> list[Task]:
    session.rollback()
    return list(session.scalars(select(Task).where(Task.kind == TaskKind.PROFESSIONAL)))


@pytest.mark.storage
def test_it_stands_at_the_side_with_its_count_and_age_until_somebody_has_read_it(
    senco: Phone, session: Session, sign_in: SignIn, user: User
) -> None:
    (task,) = to_read(session)
    assert task.due_at == datetime(2026, 11, 19, 17, tzinfo=UTC), "two working days after a Tuesday"
    nuala = sign_in(user)
    side = nuala.get(ENQUIRIES).words
    assert "From professionals 1 To read, the oldest from today 09:00" in side
    assert "Look at this first" not in side
    listed = nuala.get(VIEW).words
    assert "To read, the oldest first (1)" in listed and "read by Thu 17:00" in listed
    assert "i am the senco" in listed
    page = nuala.get(f"{ENQUIRIES}/{task.request_id}")
    assert "A professional wrote" in page.words
    nuala.post(f"{ENQUIRIES}/tasks/{task.id}/done")
    assert "From professionals 0" in nuala.get(ENQUIRIES).words
    assert "Everything was read." in nuala.get(VIEW).words
    assert "Professional" in nuala.get(f"{ENQUIRIES}?view=closed").words, "it is kept where it was"


def test_after_two_working_days_unread_it_stands_before_everything_else(
    senco: Phone, later: time_machine.Traveller, session: Session, sign_in: SignIn, user: User, house: House
) -> None:
    make_texted(session, house, number="+447700900499", now=NOW)
    later.shift(timedelta(days=2, hours=8, minutes=1))
    page = sign_in(user).get(ENQUIRIES).words
    first = page.index("Look at this first")
    assert first < page.index("A professional wrote") < page.index(STORY[:6])
    assert "by today 17:00" in page
    listed = sign_in(user).get(VIEW).html
    assert "fd-edge-late" in listed


def test_the_oldest_stands_first_page_after_page(
    session: Session, house: House, sign_in: SignIn, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enquiry_queue, "ROWS_A_PAGE", 2)
    for days in (1, 3, 2):
        came = NOW - timedelta(days=days)
        written = make_open_enquiry(session, house, now=came, story=f"came {days} days ago")
        with transaction(session):
            put_professional_aside(session, lock_request(session, written), now=came, house=house)
    nuala = sign_in(user)
    first = nuala.get(VIEW)
    assert first.words.index("came 3 days ago") < first.words.index("came 2 days ago")
    after = re.search(r'href="([^"]*after=[^"]*)"', first.html)
    assert after is not None and "came 1 days ago" not in first.words
    second = nuala.get(html.unescape(after[1])).words
    assert "came 1 days ago" in second and "came 2 days ago" not in second


def test_what_is_restored_is_read(senco: Phone, session: Session, sign_in: SignIn, user: User) -> None:
    nuala = sign_in(user)
    (task,) = to_read(session)
    page = nuala.get(f"{ENQUIRIES}/{task.request_id}")
    nuala.post(f"{ENQUIRIES}/{task.request_id}/restore", version=page.version)
    assert to_read(session)[0].done_at is not None
    assert "From professionals 0" in nuala.get(ENQUIRIES).words


@pytest.mark.rule("EV-2")
def test_the_queue_says_to_whom_it_is_not_safe_to_write(
    session: Session, house: House, sign_in: SignIn, user: User
) -> None:
    make_texted(session, house, number="+447700900484", safe=Safe.NO)
    nuala = sign_in(user)
    assert nuala.get(ENQUIRIES).words.count("Not safe to write") == 1
    make_texted(session, house, number="+447700900485", safe=Safe.YES)
    assert nuala.get(ENQUIRIES).words.count("Not safe to write") == 1


def test_that_they_wrote_again_is_one_line_between_two_acts_of_ours(
    app: Flask, session: Session, later: time_machine.Traveller, sign_in: SignIn, user: User
) -> None:
    mother, nuala = Phone(app.test_client(), session, later, MOTHER), sign_in(user)
    for words in (STORY, "1", "he is 9", "yes"):
        mother.say(words)
    at = f"{ENQUIRIES}/{mother.request.id}"
    page = nuala.get(at)
    assert page.words.count("They wrote again") == 1 and "They wrote again, 3 times" in page.words
    nuala.post(f"{at}/take", version=page.version)
    later.shift(timedelta(minutes=1))
    mother.say("the head rang me")
    words = nuala.get(at).words
    assert words.count("They wrote again") == 2 and "the head rang me" in words
