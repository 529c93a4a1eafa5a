"""How it went: asked three months later where it is safe, and never joined again to whoever left no name (SE-8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from infrastructure.database import Wall, db, digests, transaction
from infrastructure.house import House
from infrastructure.outbox import OutboxMessage
from infrastructure.trail import AccessLog, Event
from service_request.domain.states import RequestState
from service_request.models import Enquiry, Evaluation, EvaluationState, ServiceRequest
from service_request.services.enquiries.evaluations import list_due, plan_evaluation
from tests.evaluating import (
    ALL_FIVES,
    BEFORE,
    evaluation_of,
    make_evaluation,
    make_reached,
    make_results,
    send_out,
    token_in_outbox,
)
from tests.plugins.house import Mailbox
from tests.service_request.channels.web.walking import Person

pytestmark = pytest.mark.rule("SE-8")
INSIDE = Wall.SENDIASS
NOW = datetime(2027, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def a_day_in_march() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def rows(session: Session) -> list[Evaluation]:
    session.rollback()
    return list(session.scalars(select(Evaluation).where(Evaluation.wall == INSIDE)))


def raw_rows(session: Session) -> list[dict[str, Any]]:
    """Return every column of every evaluation, as whoever has the database reads them."""
    session.rollback()
    with db.engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(text("SELECT * FROM evaluation"))]


def at(token: str) -> str:
    return f"/how-it-went/{token}"


# ---------------------------------------------------------------- when, and to whom


@pytest.mark.storage
def test_it_is_planned_once_for_a_working_day_three_months_after_the_first_contact(
    session: Session, house: House
) -> None:
    request_id = make_reached(session, house, now=NOW)
    row = evaluation_of(session, request_id)
    reached = (NOW - BEFORE).date()
    assert reached == date(2026, 11, 24)
    assert (row.due_on, row.state) == (date(2027, 2, 24), EvaluationState.WAITING)
    assert row.next_at == datetime(2027, 2, 24, 10, 0, tzinfo=UTC)
    assert list_due(session, datetime(2027, 2, 24, 9, 59, tzinfo=UTC)) == []
    assert list_due(session, datetime(2027, 2, 24, 10, 0, tzinfo=UTC)) == [row.id]
    with transaction(session):
        request = session.get_one(ServiceRequest, request_id)
        enquiry = session.scalars(select(Enquiry).where(Enquiry.wall == INSIDE)).one()
        plan_evaluation(session, enquiry, request, now=NOW)
    assert len(rows(session)) == 1


@pytest.mark.storage
@pytest.mark.rule("EV-6")
def test_it_goes_out_by_the_worker_as_a_link_that_says_nothing_of_the_matter(
    session: Session, house: House, work: Callable[[], None], mailbox: Mailbox, person: Person
) -> None:
    request_id = make_reached(session, house, now=NOW)
    work()
    [mail] = [one for one in mailbox.to("mairead@corrigan.example") if one["Subject"] == "How did it go?"]
    words = mailbox.words(mail)
    for told in ("Tadhg", "Mairead", "school", "SENDIASS", "Millbrook", "plan"):
        assert told.lower() not in words.lower(), told
    link = next(word for word in words.split() if "/how-it-went/" in word)
    assert person.open(link.removeprefix("http://localhost")).status_code == 200
    assert person.h1 == "How did it go?"
    assert evaluation_of(session, request_id).state is EvaluationState.SENT


@pytest.mark.storage
@pytest.mark.rule("EV-2")
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"safe": ""}, "not_safe"),
        ({"safe": "no"}, "not_safe"),
        ({"email": ""}, "no_way"),
        ({"enquirer": "professional"}, "no_enquiry"),
    ],
)
def test_nothing_goes_where_nobody_said_that_it_is_safe(
    session: Session, house: House, changes: dict[str, str], why: str
) -> None:
    request_id = make_reached(session, house, now=NOW, **changes)
    row = send_out(session, house, request_id, now=NOW)
    assert (row.state, row.why, row.token, row.next_at) == (EvaluationState.NOT_SENT, why, None, None)
    session.rollback()
    letters = session.scalars(select(OutboxMessage.template).where(OutboxMessage.wall == INSIDE)).all()
    assert "evaluation" not in letters


@pytest.mark.rule("EV-2")
def test_who_said_no_once_of_an_address_is_not_asked_there_after_another_enquiry(
    session: Session, house: House
) -> None:
    first = make_reached(session, house, now=NOW)
    make_reached(session, house, now=NOW + timedelta(minutes=1), safe="no", email="MAIREAD@corrigan.example")
    assert send_out(session, house, first, now=NOW).why == "not_safe"


def test_what_was_set_aside_since_is_not_asked_about(session: Session, house: House) -> None:
    request_id = make_reached(session, house, now=NOW)
    with transaction(session):
        session.get_one(ServiceRequest, request_id).state = RequestState.SET_ASIDE
    assert send_out(session, house, request_id, now=NOW).why == "no_enquiry"


@pytest.mark.storage
def test_a_worker_that_comes_twice_sends_once(session: Session, house: House) -> None:
    request_id = make_reached(session, house, now=NOW)
    first = send_out(session, house, request_id, now=NOW).token
    assert send_out(session, house, request_id, now=NOW).token == first
    session.rollback()
    letters = session.scalars(select(OutboxMessage.template).where(OutboxMessage.wall == INSIDE)).all()
    assert letters.count("evaluation") == 1


# ---------------------------------------------------------------- answering


@pytest.mark.storage
def test_an_answer_without_a_name_is_kept_with_nobody(person: Person, session: Session, house: House) -> None:
    token = make_evaluation(session, house, now=NOW)
    [before] = raw_rows(session)
    person.post(at(token), {"reach": "4", "neutral": "2"})
    assert person.h1 == "Thank you for telling us"
    planned = next(row for row in raw_rows(session) if row["id"] == before["id"])
    assert planned == before, "the planned row tells nothing of it, not even by its version"
    [kept] = [row for row in rows(session) if row.is_anonymous]
    assert kept.answers == {"reach": "4", "neutral": "2"}
    assert (kept.request_id, kept.conversation_id, kept.level, kept.sent_at, kept.next_at) == (None,) * 5
    assert kept.answered_on == kept.due_on == date(2027, 1, 1)


@pytest.mark.storage
@pytest.mark.rule("SE-5")
def test_nobody_joins_it_again_by_id_by_time_by_hash_or_by_what_was_written_with_it(
    person: Person, session: Session, house: House, work: Callable[[], None]
) -> None:
    request_id = make_reached(session, house, now=NOW)
    work()
    events, looks = count(session, Event), count(session, AccessLog)
    token = new_link(session, request_id)
    with time_machine.travel(NOW + timedelta(hours=3), tick=False):
        person.post(at(token), {**ALL_FIVES, "name": "without"})
    [kept] = [row for row in rows(session) if row.is_anonymous]
    assert kept.id.version == 4, "an id of ours tells when it was made"
    assert (count(session, Event), count(session, AccessLog)) == (events, looks)
    planned = evaluation_of(session, request_id)
    shared = {
        name
        for name, value in raw(session, kept.id).items()
        if value is not None and value == raw(session, planned.id)[name]
    }
    assert shared <= {"wall", "wording"}, shared
    assert kept.ends_at == datetime(2027, 4, 1, tzinfo=UTC), "the end of a month, whatever the day"


@pytest.mark.storage
@pytest.mark.rule("SE-5")
def test_the_link_stands_nowhere_once_it_was_sent(session: Session, house: House, work: Callable[[], None]) -> None:
    request_id = make_reached(session, house, now=NOW)
    token = send_and_read(session, house, request_id)
    work()
    session.rollback()
    for row in session.scalars(select(OutboxMessage).where(OutboxMessage.wall == INSIDE)):
        assert token not in str(row.body)
    used = digests("evaluation", f"used:{token}", INSIDE)
    assert not set(digests("evaluation", token, INSIDE)) & set(used)


@pytest.mark.storage
def test_a_link_answers_once_and_says_thanks_ever_after(person: Person, session: Session, house: House) -> None:
    for name in ("without", "with"):
        token = make_evaluation(session, house, now=NOW, email=f"{name}@corrigan.example")
        person.post(at(token), {"reach": "5", "name": name})
        answered = sorted(str(row.answers) for row in rows(session) if row.answers)
        person.post(at(token), {"reach": "1", "name": "with"})
        person.post(at(token), {"reach": "1", "name": "without"})
        person.post(f"{at(token)}/no", {})
        assert sorted(str(row.answers) for row in rows(session) if row.answers) == answered
        assert person.open(at(token)).status_code == 200
        assert person.h1 == "Thank you for telling us"


@pytest.mark.storage
def test_an_answer_with_a_name_stays_with_its_enquiry(person: Person, session: Session, house: House) -> None:
    request_id = make_reached(session, house, now=NOW)
    token = send_and_read(session, house, request_id)
    person.post(at(token), {**ALL_FIVES, "name": "with"})
    row = evaluation_of(session, request_id)
    assert (row.state, row.is_anonymous, row.answers) == (EvaluationState.ANSWERED, False, ALL_FIVES)
    assert row.answered_on == NOW.date()
    assert len(rows(session)) == 1


@pytest.mark.rule("SE-6")
def test_every_question_can_be_left_out_and_a_page_without_any_answer_says_so(
    person: Person, session: Session, house: House
) -> None:
    token = make_evaluation(session, house, now=NOW)
    person.post(at(token), {"name": "with"})
    assert person.errors() == ["Select an answer to at least one question"]
    assert person.page.one("input", name="name", value="with").attributes.get("checked") is not None
    person.post(at(token), {"difference": "3"})
    assert person.h1 == "Thank you for telling us"


def test_a_stale_page_keeps_what_was_chosen(person: Person, session: Session, house: House) -> None:
    token = make_evaluation(session, house, now=NOW)
    person.post(at(token), {"reach": "2"}, token=False)
    assert "Everything you typed is still here" in person.words
    assert "checked" in person.page.one("input", name="reach", value="2").attributes
    assert all(row.answers is None for row in rows(session))


@pytest.mark.parametrize("forged", [{"reach": "9"}, {"reach": "<b>"}, {"story": "5"}])
def test_an_answer_that_was_never_offered_is_none(
    person: Person, session: Session, house: House, forged: dict[str, str]
) -> None:
    token = make_evaluation(session, house, now=NOW)
    person.post(at(token), forged)
    assert person.errors()
    assert all(row.answers is None for row in rows(session))


@pytest.mark.storage
def test_who_would_rather_not_is_never_asked_again(person: Person, session: Session, house: House) -> None:
    token = make_evaluation(session, house, now=NOW)
    person.post(f"{at(token)}/no", {})
    assert person.h1 == "We will not ask you again"
    later = make_reached(session, house, now=NOW + timedelta(days=1))
    assert send_out(session, house, later, now=NOW + timedelta(days=1)).why == "opted_out"


@pytest.mark.threat("T21")
def test_a_link_that_is_over_or_never_was_opens_nothing(
    person: Person, session: Session, house: House, a_day_in_march: time_machine.Traveller
) -> None:
    request_id = make_reached(session, house, now=NOW)
    token = send_and_read(session, house, request_id)
    used = f"used:{token}"
    for guess in (token[:-1] + ("A" if token[-1] != "A" else "B"), str(request_id), used, "x"):
        assert person.open(at(guess)).status_code == 404
        assert person.post(at(guess), ALL_FIVES).status_code == 404
        assert person.post(f"{at(guess)}/no", {}).status_code == 404
    a_day_in_march.move_to(NOW + timedelta(days=house.settings.link_days, seconds=1))
    assert person.open(at(token)).status_code == 404
    assert person.post(at(token), ALL_FIVES).status_code == 404
    assert all(row.answers is None for row in rows(session))


def test_a_look_at_the_link_shows_nothing_of_the_enquiry_and_uses_nothing_up(
    person: Person, session: Session, house: House
) -> None:
    token = make_evaluation(session, house, now=NOW)
    before = raw_rows(session)
    for _ in range(2):
        person.open(at(token))
        for told in ("Tadhg", "Mairead", "will not let", "mairead@"):
            assert told not in person.words
    assert raw_rows(session) == before


# ---------------------------------------------------------------- the yearly page


def test_the_year_that_runs_is_not_published_and_the_one_before_is(person: Person, session: Session) -> None:
    make_results(session, 2027, [ALL_FIVES] * 9)
    person.open("/sendiass/results")
    assert "There is nothing to publish yet" in person.words
    make_results(session, 2026, [ALL_FIVES] * 6 + [{**ALL_FIVES, "reach": "4"}] * 7)
    person.open("/sendiass/results")
    assert person.h1 == "What people said of us in 2026"
    first = person.page.all("table")[0]
    shown = [[cell.text for cell in row.all("td")] for row in first.all("tr") if row.all("td")]
    assert shown[5] == ["13", "100%"]
    assert person.open("/sendiass/results/2027").status_code == 404
    assert person.open("/sendiass/results/2025").status_code == 404


@pytest.mark.rule("SE-9")
@pytest.mark.rule("SE-5")
def test_a_small_number_is_hidden_with_the_one_that_would_give_it_away(person: Person, session: Session) -> None:
    told = [{"reach": "5"}] * 12 + [{"reach": "4"}] * 8 + [{"reach": "3"}] * 6 + [{"reach": "1"}] * 2
    make_results(session, 2026, told)
    person.open("/sendiass/results/2026")
    table = person.page.all("table")[0]
    shown = [[cell.text for cell in row.all("td")] for row in table.all("tr") if row.all("td")]
    assert shown == [
        ["12", "43%"], ["8", "29%"], ["hidden", "hidden"], ["hidden", "hidden"], ["hidden", "hidden"], ["28", "100%"],
    ]  # fmt: skip
    others = person.page.all("table")[1]
    assert {cell.text for cell in others.all("td")} == {"hidden"}


def test_a_year_of_too_few_answers_is_not_there(person: Person, session: Session) -> None:
    make_results(session, 2026, [ALL_FIVES] * 4)
    person.open("/sendiass/results")
    assert "There is nothing to publish yet" in person.words
    assert person.open("/sendiass/results/2026").status_code == 404


# ---------------------------------------------------------------- reading


def send_and_read(session: Session, house: House, request_id: UUID) -> str:
    send_out(session, house, request_id, now=NOW)
    return token_in_outbox(session, request_id)


def new_link(session: Session, request_id: UUID) -> str:
    """Draw a new link for an evaluation that was sent: the one that was sent is nowhere to be read."""
    token = "k" * 43
    with transaction(session):
        query = select(Evaluation).where(Evaluation.wall == INSIDE, Evaluation.request_id == request_id)
        session.scalars(query).one().token = token
    return token


def count(session: Session, model: type[Any]) -> int:
    session.rollback()
    return len(session.scalars(select(model)).all())


def raw(session: Session, row_id: UUID) -> dict[str, Any]:
    return next(row for row in raw_rows(session) if UUID(str(row["id"])) == row_id)
