"""A request kept to few: who sees it, who hears of it, and that nobody else learns that it is there (EV-5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.sight_reasons import (
    BothError,
    Connected,
    Emergency,
    EndPastError,
    Giving,
    LastDeciderError,
    NoDeciderError,
    Restricting,
    UnknownColleagueError,
)
from helpdesk.services import restricting
from helpdesk.services.break_glass import break_glass
from helpdesk.services.deciders import name_in_line
from helpdesk.services.proposing import proposals
from helpdesk.services.sent_to_us import list_sent
from helpdesk.services.tasks import finish_task
from helpdesk.services.watch import act_on_clock
from infrastructure.database import Wall, sealing, transaction
from infrastructure.house import House
from infrastructure.identity.models import Role, Team, TeamKind, UserAccount
from infrastructure.identity.users import User
from infrastructure.outbox import OutboxMessage
from infrastructure.trail import Event
from service_request.domain.errors import DomainError
from service_request.models import Clock, Person, ServiceRequest, Similarity, SimilarityState, TaskKind
from service_request.services import matching
from service_request.services.refusals import NotYoursError, StaleEditError
from service_request.services.sight.desk import read_request
from service_request.services.sight.given import find_given_response, get_given, list_given
from service_request.services.sight.granted import get_granted, list_glimpses
from service_request.services.sight.hints import list_hints
from service_request.services.sight.parts import list_consents, list_responses, list_subjects
from service_request.services.sight.queue import list_queue
from service_request.services.sight.queue_views import View
from service_request.services.sight.system import lock_request
from service_request.services.sight.timeline import list_happenings, list_said
from service_request.services.sight.todo import list_todo
from service_request.services.sight.viewing import Part, Viewer
from service_request.services.sight.visible import get_request
from service_request.services.sight.waiting import count_waiting
from service_request.services.sight.who import list_barred_from, list_given_to
from service_request.services.tasks import need_task
from tests.factories import NOW, RYAN, County, accept, make_decision, make_request, make_team, make_user, make_waiting
from tests.helpdesk.conftest import Ask
from tests.plugins.house import Mailbox

pytestmark = [pytest.mark.storage, pytest.mark.rule("EV-5")]


@pytest.fixture(autouse=True)
def tuesday_at_nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def request_id(session: Session, county: County) -> UUID:
    return make_waiting(session, county).id


Restrict = Callable[..., None]


@pytest.fixture
def restrict(session: Session, county: County, request_id: UUID) -> Restrict:
    """Restrict the request to its manager, unless others are named; Grace Oyelaran does it."""

    def do(*keepers: User, by: User = county.officer, **changes: Any) -> None:
        named = [one.id for one in keepers or (county.manager,)]
        values = {"request_id": request_id, "reason": Restricting.COLLEAGUES_FAMILY, "words": "A nephew.", **changes}
        restricting.restrict(session, keepers=named, by=by, now=NOW, **values)

    return do


def sees(session: Session, request_id: UUID, user: User) -> bool:
    session.rollback()
    try:
        get_request(session, request_id, user)
    except NotYoursError:
        return False
    return True


def give(session: Session, request_id: UUID, by: User, **changes: Any) -> UUID:
    values: dict[str, Any] = {
        "parts": [Part.STORY], "until": NOW + timedelta(days=2), "reason": Giving.ADVICE, "words": "To ask.", **changes
    }  # fmt: skip
    return restricting.give_sight(session, request_id=request_id, by=by, now=NOW, **values)


# ---------------------------------------------------------------- restricted


def test_a_restricted_request_is_gone_for_everybody_who_was_not_named(
    session: Session, county: County, request_id: UUID, restrict: Restrict
) -> None:
    before = {user.name: count_waiting(session, user).views[View.OPEN] for user in (county.officer, county.manager)}
    assert set(before.values()) == {1}
    restrict()
    assert sees(session, request_id, county.manager)
    for user in (county.officer, county.officer_two, county.service_manager, county.manager_aldermoor):
        assert not sees(session, request_id, user), user.name
        assert list_queue(session, user, view=View.OPEN).rows == ()
        assert set(count_waiting(session, user).views.values()) == {0}
        for reader in (read_request, list_subjects):
            with pytest.raises(NotYoursError):
                assert not reader(session, request_id, user)
                raise NotYoursError
        for lister in (list_consents, list_responses, list_said, list_happenings, list_given_to, list_barred_from):
            assert lister(session, request_id, user) == []
    assert [row.id for row in list_queue(session, county.manager, view=View.OPEN).rows] == [request_id]


def test_who_is_named_keeps_it_and_so_does_the_one_who_restricted_if_named(
    session: Session, county: County, request_id: UUID, restrict: Restrict
) -> None:
    restrict(county.manager, county.officer)
    assert sees(session, request_id, county.officer)
    assert not sees(session, request_id, county.officer_two)
    assert {one.name for one in list_given_to(session, request_id, county.officer)} == {
        "Grace Oyelaran",
        "Helen Prosser",
    }


def test_a_manager_who_can_decide_in_time_is_always_among_them(
    session: Session, county: County, request_id: UUID, restrict: Restrict
) -> None:
    for keepers in ((county.officer,), (county.service_manager,), (county.manager_aldermoor,)):
        with pytest.raises(NoDeciderError):
            restrict(*keepers)
    restrict(county.manager, county.officer)
    grants = {one.name: one.id for one in list_given_to(session, request_id, county.officer)}
    with pytest.raises(NoDeciderError):
        restricting.end_sight(
            session, request_id=request_id, grant_id=grants["Helen Prosser"], by=county.officer, now=NOW
        )
    with pytest.raises(NoDeciderError):
        restricting.bar(
            session,
            request_id=request_id,
            user_id=county.manager.id,
            reason=Connected.KNOWS_THEM,
            words="Neighbours.",
            by=county.officer,
            now=NOW,
        )
    restricting.end_sight(session, request_id=request_id, grant_id=grants["Grace Oyelaran"], by=county.manager, now=NOW)
    assert not sees(session, request_id, county.officer)


def test_a_team_that_has_a_child_in_hand_keeps_it_but_for_who_is_barred(
    session: Session, county: County, ask: Ask, decided: Any
) -> None:
    request = decided()
    (assignment,) = ask.assignments(request.id)
    other = make_user(session, "Ona Reed", (ask.one(Team, Team.id == county.assessment), Role.MEMBER))
    restricting.restrict(
        session,
        request_id=request.id,
        reason=Restricting.KNOWN_HERE,
        words="Known.",
        keepers=[county.manager.id],
        connected=county.social_worker.id,
        by=county.manager,
        now=NOW,
    )
    assert get_granted(session, assignment.id, other).request_id == request.id
    with pytest.raises(NotYoursError):
        get_granted(session, assignment.id, county.social_worker)
    assert list_sent(session, county.social_worker, ended=False) == []
    assert list_glimpses(session, county.social_worker, [assignment.id]) == {}
    assert len(list_sent(session, other, ended=False)) == 1


def test_the_one_who_holds_it_lets_go_when_they_lose_sight(
    session: Session, county: County, ask: Ask, restrict: Restrict, request_id: UUID
) -> None:
    with transaction(session):
        session.get_one(ServiceRequest, request_id).assignee_id = county.officer_two.id
    restrict()
    assert ask.one(ServiceRequest).assignee_id is None


def test_ending_it_gives_it_back_to_all_and_leaves_the_barred_barred(
    session: Session, county: County, request_id: UUID, restrict: Restrict
) -> None:
    restrict(connected=county.officer_two.id)
    restricting.unrestrict(session, request_id=request_id, words="They have left.", by=county.manager, now=NOW)
    assert sees(session, request_id, county.officer)
    assert sees(session, request_id, county.service_manager)
    assert not sees(session, request_id, county.officer_two)
    assert list_given_to(session, request_id, county.manager) == []


def test_only_who_sees_it_changes_who_sees_it(
    session: Session, county: County, request_id: UUID, restrict: Restrict
) -> None:
    restrict()
    acts: list[Callable[[], object]] = [
        lambda: restrict(by=county.officer),
        lambda: restricting.unrestrict(session, request_id=request_id, words="x", by=county.service_manager, now=NOW),
        lambda: give(session, request_id, county.service_manager, user_id=county.officer.id),
        lambda: restricting.bar(
            session,
            request_id=request_id,
            user_id=county.manager.id,
            reason=Connected.OTHER,
            words="x",
            by=county.officer,
            now=NOW,
        ),
    ]
    for act in acts:
        with pytest.raises(NotYoursError):
            act()


def test_restricting_needs_a_reason_known_people_and_a_page_that_is_not_old(
    session: Session, county: County, restrict: Restrict, request_id: UUID
) -> None:
    for changes, refusal in (
        ({"words": " - "}, DomainError),
        ({"version": 99}, StaleEditError),
        ({"connected": county.manager.id}, BothError),
        ({"connected": request_id}, UnknownColleagueError),
    ):
        with pytest.raises(refusal):
            restrict(**changes)
    inside = make_user(
        session,
        "Una Marsh",
        (make_team(session, "SENDIASS", TeamKind.SENDIASS, wall=Wall.SENDIASS), Role.MEMBER),
    )
    with pytest.raises(UnknownColleagueError):
        restrict(county.manager, inside)
    assert sees(session, request_id, county.officer)


def test_every_act_is_on_record_with_its_reason(
    session: Session, county: County, ask: Ask, restrict: Restrict, request_id: UUID
) -> None:
    restrict(connected=county.officer_two.id)
    bar_id = list_barred_from(session, request_id, county.manager)[0].id
    restricting.lift_bar(session, request_id=request_id, bar_id=bar_id, words="A mistake.", by=county.manager, now=NOW)
    grant_id = give(session, request_id, county.manager, user_id=county.social_worker.id)
    restricting.end_sight(session, request_id=request_id, grant_id=grant_id, by=county.manager, now=NOW)
    restricting.unrestrict(session, request_id=request_id, words="Over.", by=county.manager, now=NOW)
    acts = [one.act for one in ask.all(Event, Event.stream_id == request_id)]
    assert acts == ["receive", "restrict", "lift_bar", "give_sight", "end_sight", "unrestrict"]
    said = [one.body for one in list_said(session, request_id, county.manager)]
    assert sorted(said) == ["A mistake.", "A nephew.", "Over.", "To ask."]


# ---------------------------------------------------------------- barred


@pytest.fixture
def second(session: Session, county: County) -> User:
    """Another manager of the same area: one of them can be barred."""
    return make_user(session, "Ruth Amadi", (session.get_one(Team, county.assessment), Role.MANAGER))


def bar(session: Session, request_id: UUID, user: User, by: User, **changes: Any) -> None:
    values: dict[str, Any] = {"reason": Connected.IN_DISPUTE, "words": "A boundary.", **changes}
    restricting.bar(session, request_id=request_id, user_id=user.id, by=by, now=NOW, **values)


@pytest.mark.rule("GL-8")
def test_the_last_manager_who_can_decide_is_not_barred_and_it_is_said_who_is_left(
    session: Session, county: County, request_id: UUID, second: User
) -> None:
    bar(session, request_id, county.manager_aldermoor, county.officer)  # of another area: they decide nothing of it
    bar(session, request_id, county.manager, county.officer)
    with pytest.raises(LastDeciderError) as refused:
        bar(session, request_id, second, county.officer)
    assert "Ruth Amadi is the only manager left who can decide this request." in refused.value.sentence
    assert sees(session, request_id, second)
    third = make_user(session, "Noor Haddad", (session.get_one(Team, county.assessment), Role.MANAGER))
    bar(session, request_id, second, county.officer)
    assert [sees(session, request_id, one) for one in (county.manager, second, third)] == [False, False, True]


@pytest.mark.rule("GL-8")
def test_two_requests_whose_bars_together_leave_nobody_are_not_made_one(
    session: Session, county: County, request_id: UUID, second: User
) -> None:
    other = make_waiting(session, county).id
    bar(session, request_id, county.manager, county.officer)
    bar(session, other, second, county.officer)
    with pytest.raises(LastDeciderError), transaction(session):
        own, into = lock_request(session, request_id), lock_request(session, other)
        restricting.bar_from_both(session, own, into, county.officer, NOW)
    assert sees(session, other, county.manager)


@pytest.mark.rule("GL-8")
def test_where_no_manager_is_left_anyway_a_bar_is_not_refused(
    session: Session, county: County, request_id: UUID
) -> None:
    with transaction(session):
        session.get_one(UserAccount, county.manager.id).disabled_at = NOW
    bar(session, request_id, county.officer_two, county.officer)
    assert not sees(session, request_id, county.officer_two)


def test_a_bar_wins_over_role_grant_and_team(session: Session, county: County, request_id: UUID, second: User) -> None:
    for user in (county.officer, county.manager, county.social_worker, county.service_manager):
        give(session, request_id, county.service_manager, user_id=user.id, parts=None)
        assert sees(session, request_id, user)
        restricting.bar(
            session,
            request_id=request_id,
            user_id=user.id,
            reason=Connected.OWN_FAMILY,
            words="Their own.",
            by=county.service_manager,
            now=NOW,
        )
        assert not sees(session, request_id, user)
        assert list_given(session, user) == []
    helper = make_user(session, "Kit Bell", (session.get_one(Team, county.desk), Role.MANAGER))
    with pytest.raises(BothError):
        give(session, request_id, helper, user_id=county.social_worker.id)


def test_somebody_can_say_it_of_themselves(session: Session, county: County, request_id: UUID) -> None:
    restricting.bar(
        session,
        request_id=request_id,
        user_id=county.officer.id,
        reason=Connected.OWN_FAMILY,
        words="My sister's boy.",
        by=county.officer,
        now=NOW,
    )
    assert not sees(session, request_id, county.officer)
    assert sees(session, request_id, county.officer_two)


# ---------------------------------------------------------------- who hears of it


def due_clock(ask: Ask, request_id: UUID) -> Clock:
    clock: Clock = ask.one(Clock, Clock.request_id == request_id, Clock.ended_at.is_(None))
    return clock


@pytest.mark.parametrize("late", [False, True])
def test_a_clock_tells_only_those_who_see_it(
    session: Session, house: House, county: County, ask: Ask, restrict: Restrict, request_id: UUID, late: bool
) -> None:
    restrict()
    facts = read_request(session, request_id, county.manager)
    in_line = name_in_line(session, facts, facts.area_id, NOW)
    assert (in_line.warned, in_line.told_late) == (("Helen Prosser",), ())
    clock = due_clock(ask, request_id)
    now = clock.escalate_at if late else clock.warn_at
    act_on_clock(session, clock.id, now=now, house=house)
    told = [row.to for row in ask.all(OutboxMessage, OutboxMessage.template.startswith("clock_"))]
    assert told == [county.manager.email] * (2 if late else 1)


def test_a_barred_manager_is_not_warned_and_the_next_in_line_is(
    session: Session, house: House, county: County, ask: Ask, request_id: UUID, second: User
) -> None:
    bar(session, request_id, county.manager, county.officer)
    with transaction(session):
        session.get_one(UserAccount, second.id).disabled_at = NOW  # who was left has left
    clock = due_clock(ask, request_id)
    act_on_clock(session, clock.id, now=clock.warn_at, house=house)
    told = [row.to for row in ask.all(OutboxMessage, OutboxMessage.template == "clock_warning")]
    assert told == [county.service_manager.email]


def test_a_mail_that_waits_for_somebody_who_is_barred_meanwhile_is_not_sent(
    session: Session,
    house: House,
    county: County,
    ask: Ask,
    request_id: UUID,
    work: Callable[[], None],
    mailbox: Mailbox,
    tuesday_at_nine: time_machine.Traveller,
    second: User,
) -> None:
    clock = due_clock(ask, request_id)
    tuesday_at_nine.move_to(clock.escalate_at)
    act_on_clock(session, clock.id, now=clock.escalate_at, house=house)  # initials and reference, in mails that wait
    waiting = [row.to for row in ask.all(OutboxMessage, OutboxMessage.next_at.is_not(None))]
    assert county.manager.email in waiting and county.service_manager.email in waiting
    restricting.bar(
        session,
        request_id=request_id,
        user_id=county.manager.id,
        reason=Connected.OWN_FAMILY,
        words="A nephew.",
        by=county.service_manager,
        now=NOW,
    )
    work()
    assert mailbox.to(county.manager.email) == []
    assert len(mailbox.to(county.service_manager.email)) >= 1
    assert [row.request_id for row in list_todo(session, county.officer, kind=TaskKind.ALERT)] == [request_id]


def test_a_mail_that_waits_for_somebody_who_is_not_named_is_not_sent(
    session: Session,
    house: House,
    county: County,
    ask: Ask,
    request_id: UUID,
    restrict: Restrict,
    work: Callable[[], None],
    mailbox: Mailbox,
    tuesday_at_nine: time_machine.Traveller,
    second: User,
) -> None:
    clock = due_clock(ask, request_id)
    tuesday_at_nine.move_to(clock.escalate_at)
    act_on_clock(session, clock.id, now=clock.escalate_at, house=house)
    restrict(county.manager)
    work()
    assert mailbox.to(county.service_manager.email) == []
    assert len(mailbox.to(county.manager.email)) >= 1


def test_sight_by_an_emergency_ends_when_it_is_restricted(
    session: Session, house: House, county: County, ask: Ask, request_id: UUID, restrict: Restrict
) -> None:
    (typed,) = [row.reference for row in ask.all(ServiceRequest, ServiceRequest.id == request_id)]
    other = county.manager_aldermoor
    break_glass(
        session, typed=typed, reason=Emergency.CALLER, words="He is on the phone.", by=other, now=NOW, house=house
    )
    assert sees(session, request_id, other)
    restrict(county.manager)
    assert not sees(session, request_id, other)


def test_a_task_about_it_is_for_those_who_see_it_whatever_their_role(
    session: Session, county: County, ask: Ask, restrict: Restrict, request_id: UUID
) -> None:
    with transaction(session):
        need_task(session, TaskKind.CALL_BACK, cause="one", request_id=request_id, now=NOW)
    assert len(list_todo(session, county.officer, kind=TaskKind.CALL_BACK)) == 1
    assert list_todo(session, county.manager, kind=TaskKind.CALL_BACK) == []
    restrict()
    for user in (county.officer, county.service_manager):
        assert list_todo(session, user, kind=TaskKind.CALL_BACK) == []
        assert TaskKind.CALL_BACK not in count_waiting(session, user).tasks
    (row,) = list_todo(session, county.manager, kind=TaskKind.CALL_BACK)
    with pytest.raises(NotYoursError):
        finish_task(session, task_id=row.id, by=county.officer, now=NOW)
    finish_task(session, task_id=row.id, by=county.manager, now=NOW)
    assert list_todo(session, county.manager, kind=TaskKind.CALL_BACK) == []


# ---------------------------------------------------------------- hints


@pytest.fixture
def later(session: Session, county: County, ask: Ask, request_id: UUID) -> UUID:
    """A later request about the child of the first, with the hint that the worker finds."""
    with time_machine.travel(NOW + timedelta(minutes=1)):
        found: UUID = make_waiting(session, county, matched=False).id
    with transaction(session):
        first = session.scalars(select(Person).where(Person.request_id == request_id)).one()
        first.match_wanted_at = NOW
    for person_id in matching.list_unmatched(session, NOW):
        matching.find_similar(session, person_id, now=NOW)
    assert ask.one(Similarity).request_id == found
    return found


def looks(session: Session, request_id: UUID, user: User) -> list[int]:
    session.rollback()
    return [one.facts["found"] for one in list_happenings(session, request_id, user) if one.act == "find_similar"]


def test_a_hint_says_nothing_of_a_restricted_request_but_that_somebody_must_be_asked(
    session: Session, county: County, ask: Ask, restrict: Restrict, later: UUID, save: Any
) -> None:
    assert len(list_hints(session, later, county.officer)) == 1
    restrict(county.manager, connected=county.officer_two.id)
    other = make_user(
        session,
        "Sam Teller",
        (ask.one(Team, Team.id == county.assessment), Role.MANAGER),
    )
    for user in (county.officer, county.service_manager, other):
        facts = read_request(session, later, user)
        assert (facts.hints, facts.hints_open, facts.hints_closed) == (0, 0, 1)
        assert list_hints(session, later, user) == []
        assert sum(looks(session, later, user)) == 0
        assert {row.seen_before for row in list_queue(session, user, view=View.OPEN).rows} == {0}
    barred = read_request(session, later, county.officer_two)
    assert (barred.hints, barred.hints_closed) == (0, 0)
    assert sum(looks(session, later, county.officer_two)) == 0
    (hint,) = list_hints(session, later, county.manager)
    assert read_request(session, later, county.manager).hints_closed == 0
    with pytest.raises(NotYoursError):
        matching.answer_similarity(session, similarity_id=hint.id, same=False, by=county.officer, now=NOW)
    matching.answer_similarity(session, similarity_id=hint.id, same=True, by=county.manager, now=NOW)
    assert ask.one(Similarity).state is SimilarityState.CONFIRMED


def test_a_decision_does_not_wait_for_an_answer_that_the_one_who_decides_cannot_give(
    session: Session, county: County, ask: Ask, restrict: Restrict, later: UUID, save: Any
) -> None:
    other = make_user(
        session,
        "Sam Teller",
        (ask.one(Team, Team.id == county.assessment), Role.MANAGER),
    )
    restrict(county.manager)
    decision = make_decision(accept(ask.subjects(later)[0]))
    with pytest.raises(DomainError):
        save(later, decision, by=county.manager)
    save(later, decision, by=other)


def test_what_is_proposed_names_no_referral_of_a_restricted_request(
    session: Session, county: County, ask: Ask, restrict: Restrict, later: UUID, request_id: UUID, save: Any
) -> None:
    hint_id = ask.one(Similarity).id
    matching.answer_similarity(session, similarity_id=hint_id, same=True, by=county.officer, now=NOW)
    save(request_id, make_decision(accept(ask.subjects(request_id)[0])))
    restrict(county.manager)
    row = get_request(session, later, county.officer)
    (hidden,) = proposals(session, row, on=NOW.date(), to=county.officer).values()
    assert (hidden.earlier, hidden.still_open) == (None, ())
    (known,) = proposals(session, row, on=NOW.date(), to=county.manager).values()
    assert known.still_open


# ---------------------------------------------------------------- given, with parts and an end


def test_a_grant_shows_its_parts_until_its_end_and_not_a_moment_longer(
    session: Session, county: County, request_id: UUID, tuesday_at_nine: time_machine.Traveller
) -> None:
    until = NOW + timedelta(hours=3)
    grant_id = give(
        session, request_id, county.manager, user_id=county.social_worker.id, parts=[Part.IDENTITY], until=until
    )
    facts = get_given(session, grant_id, county.social_worker)
    assert facts.children == ("Callum Hartley",)
    assert facts.referrer is None
    assert not sees(session, request_id, county.social_worker)
    assert len(list_subjects(session, request_id, county.social_worker)) == 1
    assert list_consents(session, request_id, county.social_worker) == []
    assert list_said(session, request_id, county.social_worker) == []
    tuesday_at_nine.shift(timedelta(hours=3))
    session.rollback()
    with pytest.raises(NotYoursError):
        get_given(session, grant_id, county.social_worker)
    assert list_given(session, county.social_worker) == []
    assert list_subjects(session, request_id, county.social_worker) == []


def test_a_grant_ends_at_once_when_it_is_ended(session: Session, county: County, request_id: UUID) -> None:
    grant_id = give(session, request_id, county.manager, user_id=county.social_worker.id, parts=None)
    assert sees(session, request_id, county.social_worker)
    restricting.end_sight(session, request_id=request_id, grant_id=grant_id, by=county.manager, now=NOW)
    assert not sees(session, request_id, county.social_worker)
    with pytest.raises(NotYoursError):
        restricting.end_sight(session, request_id=request_id, grant_id=grant_id, by=county.manager, now=NOW)


def test_a_team_that_is_given_it_sees_it_and_nobody_else(session: Session, county: County, request_id: UUID) -> None:
    give(session, request_id, county.manager, team_id=county.locality)
    assert len(list_given(session, county.locality_worker)) == 1
    assert list_given(session, county.social_worker) == []


def test_a_part_that_was_not_given_is_neither_read_nor_opened(
    session: Session, county: County, request_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant_id = give(session, request_id, county.manager, user_id=county.social_worker.id, parts=[Part.NOTES])
    opened: list[Any] = []
    real = sealing.unseal
    monkeypatch.setattr(sealing, "unseal", lambda *a, **k: opened.append(a) or real(*a, **k))
    facts = get_given(session, grant_id, county.social_worker)
    assert (facts.children, facts.referrer) == ((), None)
    assert find_given_response(session, grant_id, county.social_worker) is None
    assert len(set(opened)) == 1  # why it was given, and nothing of the request


def test_only_managers_give_sight_and_only_to_people_and_ends_that_fit(
    session: Session, county: County, request_id: UUID
) -> None:
    with pytest.raises(NotYoursError):
        give(session, request_id, county.officer, user_id=county.social_worker.id)
    for changes, refusal in (
        ({"user_id": county.social_worker.id, "until": NOW}, EndPastError),
        ({"user_id": county.social_worker.id, "words": ""}, DomainError),
        ({"user_id": request_id}, UnknownColleagueError),
        ({"team_id": request_id}, UnknownColleagueError),
        ({}, UnknownColleagueError),
        ({"user_id": county.officer.id, "team_id": county.desk}, UnknownColleagueError),
    ):
        with pytest.raises(refusal):
            give(session, request_id, county.manager, **changes)
    inside = make_team(session, "SENDIASS", TeamKind.SENDIASS, wall=Wall.SENDIASS)
    with pytest.raises(UnknownColleagueError):
        give(session, request_id, county.manager, team_id=inside.id)


# ---------------------------------------------------------------- the table of parts


def test_a_part_taken_from_a_role_is_closed_where_the_facts_are_read(
    session: Session, county: County, request_id: UUID, take_parts: Callable[[Viewer, set[Part]], None]
) -> None:
    take_parts(Viewer.OFFICER, {Part.IDENTITY, Part.REFERRER, Part.CONSENT, Part.NOTES})
    facts = read_request(session, request_id, county.officer)
    assert (facts.children, facts.referrer.name, facts.referrer.email) == ((), None, None)
    assert list_subjects(session, request_id, county.officer) == []
    assert list_consents(session, request_id, county.officer) == []
    session.rollback()
    assert read_request(session, request_id, county.manager).referrer.name == "Samina Rahman"


def test_a_request_of_two_children_is_restricted_whole(session: Session, county: County, restrict: Restrict) -> None:
    two = make_request(session, children=[RYAN, RYAN], area_id=county.teasel).id
    restrict(request_id=two)
    assert list_subjects(session, two, county.officer) == []
    assert len(list_subjects(session, two, county.manager)) == 2
