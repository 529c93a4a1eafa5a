"""What a page says before anybody scrolls: who is at home, what came before, who is warned, which team gets what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy.orm import Session

from helpdesk.models import Assignment, Referral
from helpdesk.services.on_record import Became
from helpdesk.services.watch import list_managers, list_service_managers
from helpdesk.web.household import agreed_for
from helpdesk.web.seen_before import seen_before
from helpdesk.web.timeline import LOOK, as_one_look
from infrastructure.trail import ActorKind
from service_request.domain.states import RequestState
from service_request.models import ServiceRequest, SimilarityState
from service_request.services.sight.hints import Hint
from service_request.services.sight.parts import ResponseFacts
from service_request.services.sight.timeline import Happening
from tests.answers import FULL_FORM, typed
from tests.factories import NOW, County
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.conftest import SignIn
from tests.helpdesk.web.test_decide import press
from tests.helpdesk.web.test_request_page import of
from tests.helpdesk.web.walking import Staff

Send = Callable[..., UUID]
TODAY = date(2026, 11, 17)


def test_address_parents_and_the_risk_to_visitors_stand_under_the_children(officer: Staff, sent: Send) -> None:
    risk = typed(risks="yes", risks_detail="A dog that bites.")
    words = officer.get(of(sent({"risks": risk}))).words
    glance = words.split(" GP ")[1].split(" Concerns ")[0]
    assert "Address 18 Tanners Row, Millbrook, WM4 2QT" in glance
    assert "Donna Hartley Mother, same household, has parental responsibility. 07700 900312" in glance
    assert "Visiting staff: risk Yes: A dog that bites." in glance


def test_no_answer_is_lost_when_the_long_rest_is_folded_away(officer: Staff, sent: Send) -> None:
    page = officer.get(of(sent()))
    whole = page.tree.one("details", id="whole-form")
    assert "open" not in whole.attributes
    assert "data-print-open" in whole.attributes
    for one in ("07700 900312", "18 Tanners Row", "Teasel Vale Medical Centre", "01632 960355", "Donna Hartley"):
        assert one in whole.text
    for page_of_form in FULL_FORM.values():
        for value in (value for values in page_of_form.values() for value in values):
            if " " in value:
                assert " ".join(value.split()) in page.words, value


@pytest.mark.rule("GL-13")
def test_a_card_says_what_the_earlier_request_became(
    manager: Staff, sign_in: SignIn, county: County, passed: UUID, sent: Send, session: Session, ask: Ask
) -> None:
    press(manager, passed, line_1="referral-initial_assessment", line_2="contact-information")
    with time_machine.travel(NOW + timedelta(days=20), tick=False):
        second = sent()
        officer = sign_in(county.officer)
        words = officer.get(of(second)).words
        assert "referral accepted on 17 Nov 2026, still open" in words
        assert "kept as a contact on 17 Nov 2026" in words
        assert "re-referral" not in words
        ask.one(Referral).closed_on = date(2026, 12, 1)
        session.commit()
        words = officer.get(of(second)).words
        assert "referral accepted on 17 Nov 2026, closed on 1 Dec 2026" in words
        assert words.count("If the same, an acceptance today is a re-referral: within 12 months.") == 1


def hint(state: SimilarityState = SimilarityState.OPEN, earlier: RequestState = RequestState.IN_TRIAGE) -> Hint:
    """Return a hint about an earlier request in this state."""
    return Hint(uuid4(), uuid4(), "A", "A", "X", NOW, uuid4(), earlier, True, (), state, None, None)


@pytest.mark.rule("GL-13")
@pytest.mark.parametrize(
    ("accepted_on", "closed_on", "said"),
    [
        (date(2025, 11, 17), date(2025, 12, 1), True),
        (date(2025, 11, 16), date(2025, 12, 1), False),
        (date(2026, 3, 4), None, False),
    ],
)
def test_a_re_referral_is_said_by_the_rule_of_twelve_months(
    accepted_on: date, closed_on: date | None, said: bool
) -> None:
    became = Became(NOW, True, accepted_on, closed_on)
    assert bool(seen_before(hint(), became, TODAY).if_same) is said
    assert seen_before(hint(SimilarityState.SET_ASIDE), became, TODAY).if_same == ""


def test_an_earlier_request_without_a_decision_says_where_it_stands() -> None:
    assert seen_before(hint(), None, TODAY).became == "still open, not decided yet"
    assert seen_before(hint(earlier=RequestState.SET_ASIDE), None, TODAY).became == "set aside as no request"


@pytest.mark.rule("GL-8")
def test_the_clock_names_those_whom_the_watch_would_write_to(
    officer: Staff, sent: Send, session: Session, county: County, ask: Ask
) -> None:
    words = officer.get(of(sent())).words
    request = ask.one(ServiceRequest)
    warned, told = list_managers(session, request, NOW), list_service_managers(session, request, NOW)
    assert warned == [county.manager.email]
    assert told == [county.service_manager.email]
    assert f"Warns Wed 18 Nov 07:00, {county.manager.name}" in words
    assert f"Escalates Wed 18 Nov 09:00, {county.service_manager.name}" in words


def test_the_decision_page_names_the_team_that_each_decision_goes_to(manager: Staff, passed: UUID) -> None:
    words = manager.get(of(passed, "decide")).words
    assert "A referral goes to Assessment Teasel Vale." in words
    assert "“Contact: criteria not met” goes to" in words
    assert "What worries you" in words
    assert "Breakfast club since 2 November." not in words


@pytest.mark.rule("GL-4")
def test_who_agreed_for_whom_is_kept_until_somebody_records_another_answer(
    officer: Staff, manager: Staff, passed: UUID
) -> None:
    said = "A parent or carer: Donna Hartley, for both children"
    assert said in officer.get(of(passed)).words
    assert said in manager.get(of(passed, "decide")).words
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        page = officer.get(of(passed, "consent"))
        page = officer.post(
            of(passed, "consent"), version=page.version, told="yes", who_told="parent", agrees="yes",
            agrees_who="both_parents", told_by="Samina Rahman", told_on=["16", "11", "2026"],
        )  # fmt: skip
        words = officer.follow(page).words.split("As the form says it")[0]
    assert "Both parents" in words
    assert "Donna Hartley, for both children" not in words


@pytest.mark.rule("EV-5")
def test_a_team_is_not_told_of_a_child_by_the_words_of_an_agreement() -> None:
    page = {"agrees": {"agrees": ["yes"], "agrees_detail": ["Donna Hartley, for Callum and Ryan"]}}
    response = ResponseFacts("full", "1", page, NOW, "referrer")
    assert agreed_for(response, "yes") == "Donna Hartley, for Callum and Ryan"
    assert agreed_for(response, "yes", ["Ryan Hartley"]) == ""
    assert agreed_for(response, "no") == ""


def test_a_team_reads_who_agreed_and_acts_before_the_facts(
    manager: Staff, sign_in: SignIn, county: County, passed: UUID, ask: Ask
) -> None:
    press(manager, passed, line_1="contact-criteria", line_2="contact-information")
    words = sign_in(county.locality_worker).get(f"/staff/assignments/{ask.one(Assignment).id}").words
    assert "Donna Hartley, for both children" in words
    assert words.index("Take it on") < words.index("Child and family") < words.index("Hand back")


@pytest.mark.rule("EV-4")
def test_the_look_for_earlier_requests_is_one_line() -> None:
    at = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)

    def act(code: str, **facts: object) -> Happening:
        return Happening(at, code, ActorKind.SYSTEM, None, None, None, dict(facts))

    kept = as_one_look([act(LOOK, found=1), act(LOOK, found=2), act("receive"), act(LOOK, found=0)])
    assert [(one.act, one.facts.get("found")) for one in kept] == [(LOOK, 3), ("receive", None), (LOOK, 0)]


def test_a_name_that_turns_the_writing_turns_only_itself(officer: Staff, sent: Send) -> None:
    name = "Cal\u202elum Hartley"
    child = {**FULL_FORM["child.1.who"], "name": [name]}
    page = officer.get(of(sent({"child.1.who": child})))
    heading = page.tree.all("h1")[0]
    assert heading.all("bdi")[0].text.startswith("Cal")
