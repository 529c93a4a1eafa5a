"""To open in an emergency what is not theirs to see: with a reason, for four hours, and with everybody told (T23)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy.orm import Session

from helpdesk.domain.sight_reasons import Connected, Emergency, NotFoundToOpenError, Restricting
from helpdesk.services import restricting
from helpdesk.services.break_glass import TRIES, break_glass, end_glass, review_glass
from helpdesk.services.handing_over import hand_over
from helpdesk.services.tasks import finish_task
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.attempts import TooManyAttemptsError
from infrastructure.identity.models import TeamKind
from infrastructure.identity.users import User
from infrastructure.outbox import OutboxMessage
from infrastructure.trail import Access, AccessLog, Event, verify
from service_request.domain.errors import DomainError
from service_request.models import Grant, ReferrerKind, ServiceRequest, Task, TaskKind
from service_request.services.refusals import NotYoursError
from service_request.services.sight.desk import read_request
from service_request.services.sight.glass import get_review
from service_request.services.sight.todo import list_todo
from service_request.services.sight.visible import get_request
from service_request.services.sight.waiting import count_waiting
from tests.factories import NOW, County, make_request, make_team, make_waiting
from tests.helpdesk.conftest import Ask

pytestmark = [pytest.mark.storage, pytest.mark.rule("EV-5"), pytest.mark.threat("T23")]


@pytest.fixture(autouse=True)
def tuesday_at_nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def request_row(session: Session, county: County) -> ServiceRequest:
    """A request of Teasel Vale, that the manager of Aldermoor does not see."""
    return make_waiting(session, county, assignee_id=county.officer.id)


@pytest.fixture
def smash(session: Session, house: House, county: County, request_row: ServiceRequest) -> Any:
    """Open the request in an emergency, as the manager of Aldermoor."""

    def do(by: User = county.manager_aldermoor, typed: str = request_row.reference, **changes: Any) -> UUID:
        values: dict[str, Any] = {"reason": Emergency.DANGER, "words": "The police are on the phone.", **changes}
        return break_glass(session, typed=typed, by=by, now=NOW, house=house, **values)

    return do


def sees(session: Session, request_id: UUID, user: User) -> bool:
    session.rollback()
    try:
        get_request(session, request_id, user)
    except NotYoursError:
        return False
    return True


def bar(session: Session, request_id: UUID, user: User, by: User) -> None:
    restricting.bar(
        session, request_id=request_id, user_id=user.id, reason=Connected.OWN_FAMILY, words="Theirs.", by=by, now=NOW
    )


def test_it_opens_for_four_hours_and_not_a_moment_longer(
    session: Session,
    county: County,
    smash: Any,
    request_row: ServiceRequest,
    tuesday_at_nine: time_machine.Traveller,
) -> None:
    assert not sees(session, request_row.id, county.manager_aldermoor)
    assert smash(typed=f" {request_row.reference[:4].lower()}-{request_row.reference[4:]} ") == request_row.id
    facts = read_request(session, request_row.id, county.manager_aldermoor)
    assert facts.glass_until == NOW + timedelta(hours=4)
    tuesday_at_nine.shift(timedelta(hours=4) - timedelta(seconds=1))
    assert sees(session, request_row.id, county.manager_aldermoor)
    tuesday_at_nine.shift(timedelta(seconds=1))
    assert not sees(session, request_row.id, county.manager_aldermoor)


def test_the_look_is_logged_with_its_reason_and_the_act_is_on_record(
    ask: Ask, county: County, smash: Any, request_row: ServiceRequest
) -> None:
    smash(reason=Emergency.CALLER)
    log = ask.one(AccessLog, AccessLog.act == Access.BREAK_GLASS)
    assert (log.actor_id, log.request_id, log.reason_code) == (county.manager_aldermoor.id, request_row.id, "caller")
    event = ask.one(Event, Event.act == "break_glass")
    assert event.facts["reason"] == "caller"
    assert "police" not in str(event.facts)
    assert ask.one(Grant).reason == "The police are on the phone."


def test_those_who_hold_it_and_the_service_managers_are_told_by_reference_alone(
    ask: Ask, county: County, smash: Any, request_row: ServiceRequest
) -> None:
    smash()
    mails = ask.all(OutboxMessage, OutboxMessage.template == "glass_broken")
    assert {mail.to for mail in mails} == {
        one.email for one in (county.manager, county.service_manager, county.officer)
    }
    assert set(mails[0].body["facts"]) == {"reference", "link"}
    assert ask.one(Task).kind is TaskKind.GLASS_BROKEN


def test_of_a_restricted_one_only_those_who_keep_it_and_the_service_managers_are_told(
    session: Session, ask: Ask, county: County, smash: Any, request_row: ServiceRequest
) -> None:
    restricting.restrict(
        session,
        request_id=request_row.id,
        reason=Restricting.PUBLIC_EYE,
        words="In the papers.",
        keepers=[county.manager.id],
        by=county.officer,
        now=NOW,
    )
    smash(by=county.officer)
    assert sees(session, request_row.id, county.officer)
    mails = ask.all(OutboxMessage, OutboxMessage.template == "glass_broken")
    assert {mail.to for mail in mails} == {county.manager.email, county.service_manager.email}


def test_unknown_barred_and_behind_the_wall_are_one_answer(
    session: Session, ask: Ask, county: County, smash: Any, request_row: ServiceRequest
) -> None:
    inside = make_request(session)
    with transaction(session):
        session.get_one(ServiceRequest, inside.id).wall = Wall.SENDIASS
    bar(session, request_row.id, county.manager_aldermoor, county.officer)
    told = set()
    for typed in (request_row.reference, inside.reference, "K7RM-4TXC", "nothing at all", ""):
        with pytest.raises(NotFoundToOpenError) as refusal:
            smash(typed=typed)
        told.add(refusal.value.sentence)
    assert len(told) == 1
    assert ask.all(Grant) == ask.all(Task) == ask.all(OutboxMessage) == []


@pytest.mark.threat("T19")
def test_a_try_that_opens_nothing_is_on_record_without_what_was_typed(
    session: Session, ask: Ask, county: County, smash: Any, request_row: ServiceRequest
) -> None:
    tries = ("%", "____-____", f"{request_row.reference[:7]}_", f"{request_row.reference}' OR '1'='1", "*")
    for typed in tries:
        with pytest.raises(NotFoundToOpenError):
            smash(typed=typed, reason=Emergency.CALLER)
    with pytest.raises(TooManyAttemptsError):
        smash(typed="%")
    refused = ask.all(Event, Event.act == "break_glass_refused")
    assert [(one.stream_kind, one.stream_id, one.facts) for one in refused] == [
        ("user", county.manager_aldermoor.id, {"reason": "caller"})
    ] * len(tries)
    assert ask.all(Grant) == [] and list(verify(session)) == []


def test_without_a_reason_nothing_opens(ask: Ask, smash: Any) -> None:
    for changes in ({"words": "  "}, {"words": "-"}):
        with pytest.raises(DomainError):
            smash(**changes)
    with pytest.raises(ValueError, match="nosy"):
        smash(reason="nosy")
    assert ask.all(Grant) == []


@pytest.mark.threat("T21")
def test_guessing_ends_after_a_few_tries_an_hour_even_with_the_right_one(
    ask: Ask, smash: Any, county: County, request_row: ServiceRequest
) -> None:
    for _ in range(TRIES):
        with pytest.raises(NotFoundToOpenError):
            smash(typed="K7RM-4TXC")
    with pytest.raises(TooManyAttemptsError):
        smash()
    assert ask.all(Grant) == []
    with pytest.raises(TooManyAttemptsError):
        smash(typed="K7RM-4TXC")
    smash(by=county.manager_aldermoor.__class__(**{**vars(county.manager_aldermoor), "id": county.officer_two.id}))


def test_somebody_who_sees_it_already_opens_nothing(ask: Ask, county: County, smash: Any) -> None:
    smash(by=county.officer)
    assert ask.all(Grant) == ask.all(Task) == []


def test_pressing_twice_opens_it_once(ask: Ask, smash: Any) -> None:
    assert smash() == smash()
    assert len(ask.all(Grant)) == len(ask.all(Task)) == 1


def test_it_is_ended_by_the_one_who_opened_it(
    session: Session, ask: Ask, county: County, smash: Any, request_row: ServiceRequest
) -> None:
    smash()
    end_glass(session, request_id=request_row.id, by=county.officer, now=NOW)
    assert sees(session, request_row.id, county.manager_aldermoor)
    end_glass(session, request_id=request_row.id, by=county.manager_aldermoor, now=NOW)
    end_glass(session, request_id=request_row.id, by=county.manager_aldermoor, now=NOW)
    assert not sees(session, request_row.id, county.manager_aldermoor)
    assert len(ask.all(Event, Event.act == "end_glass")) == 1


def test_who_opened_it_in_an_emergency_changes_nothing_about_who_sees_it(
    session: Session, county: County, smash: Any, request_row: ServiceRequest
) -> None:
    smash()
    with pytest.raises(NotYoursError):
        bar(session, request_row.id, county.officer, county.manager_aldermoor)
    with pytest.raises(NotYoursError):
        restricting.restrict(
            session,
            request_id=request_row.id,
            reason=Restricting.OTHER,
            words="Mine now.",
            keepers=[county.manager.id, county.manager_aldermoor.id],
            by=county.manager_aldermoor,
            now=NOW,
        )


def test_who_opened_it_in_an_emergency_hands_it_over_to_nobody(
    session: Session, county: County, house: House, smash: Any
) -> None:
    make_team(session, "SENDIASS", TeamKind.SENDIASS, wall=Wall.SENDIASS)
    kept = make_waiting(session, county, referrer={"kind": ReferrerKind.FAMILY}).id
    restricting.restrict(
        session,
        request_id=kept,
        reason=Restricting.COLLEAGUES_FAMILY,
        words="A nephew.",
        keepers=[county.manager.id],
        by=county.manager,
        now=NOW,
    )
    reference = session.get_one(ServiceRequest, kept).reference
    session.rollback()
    assert smash(by=county.officer, typed=reference) == kept
    with pytest.raises(NotYoursError):
        hand_over(session, request_id=kept, by=county.officer, now=NOW, house=house)
    assert sees(session, kept, county.manager)


@pytest.mark.parametrize("was_right", [True, False])
def test_a_service_manager_says_whether_it_was_right(
    session: Session, ask: Ask, county: County, smash: Any, request_row: ServiceRequest, was_right: bool
) -> None:
    smash()
    (row,) = list_todo(session, county.service_manager, kind=TaskKind.GLASS_BROKEN)
    assert list_todo(session, county.officer, kind=TaskKind.GLASS_BROKEN) == []
    assert TaskKind.GLASS_BROKEN not in count_waiting(session, county.officer).tasks
    for user in (county.officer, county.manager, county.manager_aldermoor):
        with pytest.raises(NotYoursError):
            review_glass(session, task_id=row.id, was_right=True, by=user, now=NOW)
    with pytest.raises(NotYoursError):
        finish_task(session, task_id=row.id, by=county.service_manager, now=NOW)
    _, _, review = get_review(session, row.id, county.service_manager)
    assert (review.by, review.reason_code) == ("Idris Vaughan", "danger")
    session.rollback()
    review_glass(session, task_id=row.id, was_right=was_right, by=county.service_manager, now=NOW)
    assert ask.one(Event, Event.act == "review_glass").facts["verdict"] == ("right" if was_right else "not_right")
    assert sees(session, request_row.id, county.manager_aldermoor) is was_right
    with pytest.raises(NotYoursError):
        review_glass(session, task_id=row.id, was_right=True, by=county.service_manager, now=NOW)


def test_nobody_says_of_themselves_that_it_was_right_and_nobody_barred_reads_why(
    session: Session, ask: Ask, county: County, smash: Any, request_row: ServiceRequest
) -> None:
    restricting.restrict(
        session,
        request_id=request_row.id,
        reason=Restricting.KNOWN_HERE,
        words="Known.",
        keepers=[county.manager.id],
        by=county.manager,
        now=NOW,
    )
    smash(by=county.service_manager)
    assert list_todo(session, county.service_manager, kind=TaskKind.GLASS_BROKEN) == []
    with pytest.raises(NotYoursError):
        review_glass(session, task_id=ask.one(Task).id, was_right=True, by=county.service_manager, now=NOW)
    smash(by=county.officer)
    assert len(list_todo(session, county.service_manager, kind=TaskKind.GLASS_BROKEN)) == 1
    bar(session, request_row.id, county.service_manager, county.manager)
    assert list_todo(session, county.service_manager, kind=TaskKind.GLASS_BROKEN) == []
    assert not sees(session, request_row.id, county.service_manager)
