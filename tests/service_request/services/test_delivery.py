"""The outgoing guard: what may not be said does not leave, and somebody hears of it (EV-6, T20)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.outbox import Letter, MessageState, OutboxMessage, owe
from infrastructure.web.say_time import public_moment
from service_request.models import Person, ServiceRequest, Task, TaskKind
from service_request.services.delivery import may_leave
from tests.factories import NOW, Child, County, make_county, make_request
from tests.plugins.house import Mailbox

FACTS = {
    "birth_on": "2017-03-14",
    "address": "18 Tanners Row, Millbrook",
    "postcode": "WM4 2QT",
    "school": "Brookfield Primary School",
    "gp": "Teasel Vale Medical Centre",
    "also_known": "Cal",
    "phone": "07700 900312",
    "nhs_number": "9990004177",
}
TIMES = [
    public_moment(NOW.replace(month=month, day=day, hour=hour))
    for month in (4, 5, 8)
    for day in (1, 20)
    for hour in (0, 11)
]
pytestmark = pytest.mark.rule("EV-6")


@pytest.fixture
def county(session: Session) -> County:
    return make_county(session)


@pytest.fixture
def request_(session: Session, county: County) -> ServiceRequest:
    """A request about Callum Hartley of Millbrook."""
    made = make_request(session)
    with transaction(session):
        person = session.scalars(select(Person).where(Person.request_id == made.id)).one()
        person.facts = FACTS
    return made


def row_about(request: Any, **facts: str) -> OutboxMessage:
    """Return a message about a request, with these facts in it."""
    return OutboxMessage(
        wall=Wall.OPEN,
        template="assignment",
        body={"subject": "", "text": "", "facts": facts},
        about_kind="request",
        about_id=request.id,
    )


@pytest.mark.storage
@pytest.mark.parametrize(
    "said",
    [
        "Callum", "C. Hartley", "HARTLEY", "callum", "Hartley's", "for Cal", "18 Tanners Row", "Millbrook",
        "Brookfield", "Teasel Vale Medical", "07700900312", "07700 900 312", "wm4 2qt", "999 000 4177", "born 2017",
    ],
)  # fmt: skip
def test_a_letter_that_says_who_it_is_about_stays_here(said: str, session: Session, request_: Any) -> None:
    assert not may_leave(session, row_about(request_, initials=said))


def test_what_every_letter_says_of_it_may_leave(session: Session, request_: Any) -> None:
    for by_when in TIMES:
        facts = {"reference": "K7RM-4TXC", "initials": "C.H.", "by_when": by_when, "days": "28", "minutes": "15"}
        assert may_leave(session, row_about(request_, link="http://localhost/outcome/Callum", **facts)), by_when


def test_a_child_called_as_the_words_of_a_template_or_a_month_silences_nothing(
    session: Session, house: House, county: County
) -> None:
    children = [Child("Will May", date(2016, 4, 1)), Child("April Monday", date(2018, 8, 1))]
    made = make_request(session, children=children)
    letter = house.write("acknowledgement", reference="K7RM-4TXC", by_when=public_moment(NOW))
    assert "will" not in letter.facts.values()
    for by_when in TIMES:
        assert may_leave(session, row_about(made, by_when=by_when, reference="K7RM-4TXC"))


def test_the_names_of_one_request_do_not_silence_another(session: Session, request_: Any) -> None:
    other = make_request(session, children=[Child("Osian Pugh", date(2015, 2, 2))])
    assert may_leave(session, row_about(other, initials="Callum"))


WORDS = st.text(st.characters(categories=["Lu", "Ll"]), min_size=3, max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=WORDS, last=WORDS, before=WORDS, shout=st.booleans())
def test_no_name_of_three_letters_or_more_leaves_in_any_fact(
    first: str, last: str, before: str, shout: bool, session: Session, county: County
) -> None:
    made = make_request(session, children=[Child(f"{first} {last}", None)])
    said = last.upper() if shout else last
    months = {word.casefold() for one in TIMES for word in one.split()}
    if len(said.casefold()) < 3 or said.casefold() in months or said.casefold() != last.casefold():
        return
    for name in ("initials", "by_when", "promise", "days", "minutes"):
        assert not may_leave(session, row_about(made, **{name: f"{before} {said}, 9am"})), name


@pytest.mark.storage
def test_a_letter_kept_back_is_never_sent_and_becomes_a_task_of_the_desk(
    session: Session, house: House, request_: Any, mailbox: Mailbox, work: Callable[[], None]
) -> None:
    request_id = request_.id
    with transaction(session):
        letter = Letter("assignment", "Request K7RM-4TXC", "Callum is sent to you.", {"initials": "Callum"})
        owe(session, letter, to="team@westmarch.example", cause=uuid4(), about=("request", request_id), now=NOW)
    work()
    assert mailbox.to("team@westmarch.example") == []
    kept_back = (OutboxMessage.about_id == request_id, OutboxMessage.template == "assignment")
    row = session.scalars(select(OutboxMessage).where(*kept_back)).one()
    assert (row.state, row.next_at) == (MessageState.WITHHELD, None)
    task = session.scalars(select(Task).where(Task.kind == TaskKind.DELIVERY_FAILED)).one()
    assert (task.request_id, task.about_id) == (request_id, row.id)
