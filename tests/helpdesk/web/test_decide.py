"""The decision on one page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy.orm import Session

from helpdesk.models import Decision, DecisionDraft, DecisionLine, Referral
from helpdesk.services import triage
from infrastructure.house import House
from service_request.domain.consent import Told
from service_request.domain.states import RequestState
from service_request.models import Consent, ServiceRequest, TaskKind
from tests.factories import NOW, RYAN, County, make_waiting
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.conftest import SignIn
from tests.helpdesk.web.test_request_page import of
from tests.helpdesk.web.walking import Page, Staff

WHOLE = {
    "information": "Form of 16 November; school nurse by phone.",
    "analysis": "Hunger and lateness for two weeks.",
    "reason": "An initial assessment will look at what help the family wants.",
}


def press(manager: Staff, request_id: UUID, page: Page | None = None, **changes: Any) -> Page:
    """Fill the page of a decision and press Save decision."""
    page = page or manager.get(of(request_id, "decide"))
    fields = {**WHOLE, "version": page.version, "act": "save", "kind_1": "referral", "kind_2": "referral", **changes}
    return manager.post(
        of(request_id, "decide"), **{name: value for name, value in fields.items() if value is not None}
    )


@pytest.mark.rule("GL-9")
def test_same_for_all_decides_every_child(manager: Staff, passed: UUID, ask: Ask) -> None:
    page = press(manager, passed, same="referral-initial_assessment")
    words = manager.follow(page).words
    assert "The decision is saved." in words
    assert "Referral: initial assessment" in words
    assert "Assessment Teasel Vale Not acknowledged" in words
    assert "Outcome: on its way to the referrer" in words
    assert ask.one(ServiceRequest).state is RequestState.DECIDED
    assert [line.action for line in ask.all(DecisionLine)] == ["initial_assessment"] * 2


@pytest.mark.rule("GL-9")
def test_a_child_can_differ_from_the_others_and_another_can_wait(manager: Staff, passed: UUID, ask: Ask) -> None:
    page = press(manager, passed, same="contact-information", line_1="referral-none", line_2="later")
    assert "The decision is saved for these children. The others still wait." in manager.follow(page).words
    assert ask.one(ServiceRequest).state is RequestState.AWAITING_DECISION
    page = manager.get(of(passed, "decide"))
    assert "Decided: Referral: no further action" in page.words
    assert page.value("line_1") == "keep"
    page = press(manager, passed, page, line_1="keep", line_2="contact-information")
    assert "The decision is saved." in manager.follow(page).words
    assert ask.one(ServiceRequest).state is RequestState.DECIDED


def test_what_is_missing_is_said_and_every_word_is_kept(manager: Staff, passed: UUID, ask: Ask) -> None:
    typed = {
        "information": "The form.\r\nThe call.",
        "analysis": "",
        "reason": "<b>Because</b> {{ 1 }}",
        "line_1": "contact-signpost",
    }
    page = press(manager, passed, **typed, basis="vital_interests")
    assert page.errors == [
        "Enter your analysis",
        "Select a decision for Ryan Hartley",
        "Enter why you go on all the same, or clear the lawful basis",
    ] or set(page.errors) == {
        "Enter your analysis",
        "Select a decision for Ryan Hartley",
        "Enter why you go on all the same, or clear the lawful basis",
    }
    assert page.title.startswith("Error: Decide ")
    assert page.value("information").split() == "The form. The call.".split()
    assert page.value("reason").strip() == "<b>Because</b> {{ 1 }}"
    assert page.value("line_1") == "contact-signpost"
    assert page.value("basis") == "vital_interests"
    assert ask.all(Decision) == []


@pytest.mark.rule("GL-7")
def test_a_family_not_told_is_said_and_the_override_goes_on_record(
    manager: Staff, session: Session, county: County, ask: Ask
) -> None:
    request = make_waiting(session, county, told=Told.NOT_ESTABLISHED)
    page = press(manager, request.id, same="referral-initial_assessment")
    assert page.status == 409
    assert page.errors == [
        "Record that the family was told, or that telling them is a risk. If this cannot wait, record your override."
    ]
    assert page.value("analysis").strip() == WHOLE["analysis"]
    page = press(
        manager,
        request.id,
        page,
        same="referral-initial_assessment",
        basis="vital_interests",
        override_reason="Hurt tonight.",
    )
    assert "The decision is saved." in manager.follow(page).words
    assert Told.OVERRIDE in {row.told for row in ask.all(Consent)}
    assert "Overridden by a manager." in manager.get(of(request.id)).words


@pytest.mark.rule("GL-6")
def test_a_child_without_a_name_stays_a_contact(manager: Staff, session: Session, county: County, ask: Ask) -> None:
    request = make_waiting(session, county, kind="in_principle", told=Told.IN_PRINCIPLE, children=[RYAN])
    page = manager.get(of(request.id, "decide"))
    offered = [one.attributes["value"] for one in page.tree.one("select", name="line_1").all("option")]
    assert offered[2:]
    assert all(one.startswith("contact-") for one in offered[2:])
    page = press(manager, request.id, same="referral-initial_assessment")
    assert page.errors == [
        "A child discussed without names stays a contact. Ask for a named request to accept a referral."
    ]
    assert "The decision is saved." in manager.follow(press(manager, request.id, page, same="contact-anonymous")).words


@pytest.mark.rule("GL-8")
def test_only_the_manager_for_the_area_decides(sign_in: SignIn, county: County, passed: UUID, ask: Ask) -> None:
    for user in (county.officer, county.service_manager, county.manager_aldermoor, county.social_worker):
        staff = sign_in(user)
        assert staff.get(of(passed, "decide")).status == 404
        page = staff.post(of(passed, "decide"), **WHOLE, act="save", same="referral-initial_assessment", version="1")
        assert page.status == 404
    assert ask.all(Decision) == []


@pytest.mark.rule("EV-4")
def test_no_decision_while_a_hint_is_open(
    sign_in: SignIn, county: County, sent: Callable[..., UUID], session: Session, house: House, ask: Ask
) -> None:
    sent()
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        second = sent()
        triage.pass_to_manager(session, request_id=second, by=county.officer, now=NOW, house=house)
        manager = sign_in(county.manager)
        page = manager.get(of(second, "decide"))
        assert "2 to answer first." in page.words
        page = press(manager, second, page, same="contact-information")
    assert page.errors == ["Answer each “seen before” hint first: same child, or not the same"]
    assert page.value("reason").strip() == WHOLE["reason"]
    assert ask.all(Decision) == []


@pytest.mark.rule("GL-13")
def test_a_re_referral_is_proposed_with_its_proof_and_confirmed_by_saving(
    sign_in: SignIn, county: County, sent: Callable[..., UUID], session: Session, house: House, ask: Ask
) -> None:
    first = sent()
    triage.pass_to_manager(session, request_id=first, by=county.officer, now=NOW, house=house)
    press(sign_in(county.manager), first, same="referral-none")
    with time_machine.travel(NOW + timedelta(days=200), tick=False):
        second, manager = sent(), sign_in(county.manager)
        triage.pass_to_manager(session, request_id=second, by=county.officer, now=NOW, house=house)
        page = manager.get(of(second))
        for form in page.tree.all("form"):
            if "/hints/" in form.attributes.get("action", ""):
                manager.post(form.attributes["action"], same="yes")
        page = manager.get(of(second, "decide"))
        assert page.words.count("accepted 17 Nov 2026, closed 17 Nov 2026") == 2
        assert page.tree.one("select", name="kind_1").all("option")[0].text == "Re-referral (proposed)"
        page = press(
            manager, second, page, same="referral-provide_information", kind_1="re_referral", kind_2="referral"
        )
        assert "The decision is saved." in manager.follow(page).words
    kinds = [row.kind.value for row in ask.all(Referral) if row.accepted_on.year == 2027]
    assert sorted(kinds) == ["re_referral", "referral"]


@pytest.mark.rule("GL-13")
def test_an_earlier_referral_that_nobody_closed_is_shown_with_its_date(
    sign_in: SignIn, county: County, sent: Callable[..., UUID], session: Session, house: House
) -> None:
    first = sent()
    triage.pass_to_manager(session, request_id=first, by=county.officer, now=NOW, house=house)
    press(sign_in(county.manager), first, same="referral-initial_assessment")
    with time_machine.travel(NOW + timedelta(days=200), tick=False):
        second, manager = sent(), sign_in(county.manager)
        triage.pass_to_manager(session, request_id=second, by=county.officer, now=NOW, house=house)
        for form in manager.get(of(second)).tree.all("form"):
            if "/hints/" in form.attributes.get("action", ""):
                manager.post(form.attributes["action"], same="yes")
        page = manager.get(of(second, "decide"))
    assert page.words.count("accepted 17 Nov 2026. Ask its team when it closed") == 2
    assert page.words.count("No earlier referral closed within 12 months") == 2


@pytest.mark.rule("GL-10")
@pytest.mark.rule("GL-11")
def test_the_manager_is_offered_four_actions_and_five_reasons_and_nothing_else(manager: Staff, passed: UUID) -> None:
    page = manager.get(of(passed, "decide"))
    for name in ("same", "line_1", "line_2"):
        offered = [one.text for one in page.tree.one("select", name=name).all("option")]
        assert [one for one in offered if one.startswith(("Referral: ", "Contact: "))] == [
            "Referral: initial assessment",
            "Referral: provide information",
            "Referral: other actions",
            "Referral: no further action",
            "Contact: child stays anonymous",
            "Contact: signpost elsewhere",
            "Contact: case already open",
            "Contact: asks for information",
            "Contact: criteria not met",
        ], name


@pytest.mark.rule("GL-9")
def test_the_record_is_read_back_whole_with_who_and_when(manager: Staff, officer: Staff, passed: UUID) -> None:
    press(manager, passed, same="contact-information", line_1="referral-none")
    page = officer.get(of(passed))
    record = page.words.split(" Decision Helen Prosser")[1]
    for words in WHOLE.values():
        assert words in record
    assert record.index("Callum Hartley") < record.index("Referral: no further action")
    assert record.index("Ryan Hartley") < record.index("Contact: asks for information")
    assert "today 09:00" in record[:40]


@pytest.mark.rule("GL-9")
def test_a_later_decision_replaces_the_first_with_a_reason_and_both_stay(
    manager: Staff, passed: UUID, ask: Ask
) -> None:
    press(manager, passed, same="contact-information")
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        page = press(manager, passed, same="referral-initial_assessment", line_1="", line_2="")
        assert page.errors == ["Enter why this decision replaces the one before"]
        again = manager.get(of(passed, "decide"))
        assert "Samina Rahman is emailed a link to the corrected outcome." in again.words
        typed = {name: again.tree.one("textarea", name=name).text for name in ("information", "analysis", "reason")}
        assert typed == {**{name: WHOLE[name] for name in ("information", "analysis")}, "reason": ""}
        page = press(
            manager,
            passed,
            page,
            same="referral-initial_assessment",
            line_1="",
            line_2="",
            why_superseded="A bruise was seen.",
            reason="An assessment begins today.",
        )
        words = manager.follow(page).words
        assert "Why it was replaced A bruise was seen." in words
        assert "Decisions that were replaced (1)" in words
    assert {row.reason for row in ask.all(Decision)} == {WHOLE["reason"], "An assessment begins today."}
    assert [row.supersedes_id is None for row in sorted(ask.all(Decision), key=lambda row: row.at)] == [True, False]


@pytest.mark.rule("GL-9")
def test_a_stale_decision_shows_both_texts_and_keeps_what_was_written(
    manager: Staff, sign_in: SignIn, session: Session, county: County, passed: UUID, ask: Ask
) -> None:
    from infrastructure.identity.models import Role, Team
    from tests.factories import make_user

    team = session.get_one(Team, county.assessment)
    other = sign_in(make_user(session, "Bea Long", (team, Role.MANAGER)))
    mine, theirs = manager.get(of(passed, "decide")), other.get(of(passed, "decide"))
    first = press(other, passed, theirs, same="contact-information", analysis="No sign of harm.", line_2="later")
    assert first.location.endswith("done=part"), first.errors
    page = press(manager, passed, mine, same="referral-initial_assessment", analysis="Hunger for two weeks.")
    assert page.status == 409
    assert "What changed while you wrote" in page.words
    assert "Some children decided by Bea Long" in page.words
    assert "Saved first No sign of harm. Yours, not saved Hunger for two weeks." in page.words
    assert page.value("analysis").strip() == "Hunger for two weeks."
    assert page.version != mine.version
    assert len(ask.all(Decision)) == 1


def test_a_draft_is_kept_for_its_manager_alone_and_goes_with_the_decision(
    manager: Staff, sign_in: SignIn, session: Session, county: County, passed: UUID, ask: Ask
) -> None:
    from infrastructure.identity.models import Role, Team
    from tests.factories import make_user

    page = press(manager, passed, act="draft", analysis="Half a thought", reason="", line_1="contact-criteria")
    page = manager.follow(page)
    assert "Your draft is saved. Only you can see it." in page.words
    assert page.value("analysis").strip() == "Half a thought"
    assert page.value("line_1") == "contact-criteria"
    team = session.get_one(Team, county.assessment)
    other = sign_in(make_user(session, "Bea Long", (team, Role.MANAGER)))
    assert "Half a thought" not in other.get(of(passed, "decide")).html
    assert "Half a thought" not in sign_in(county.officer).get(of(passed)).html
    press(manager, passed, same="contact-information", line_1="", line_2="")
    assert ask.all(DecisionDraft) == []


def test_the_script_keeps_a_draft_without_leaving_the_page(manager: Staff, passed: UUID, ask: Ask) -> None:
    token = manager.token()
    answer = manager.client.post(
        of(passed, "decide"),
        data={"csrf_token": token, "act": "draft", "analysis": "Half a thought"},
        headers={"X-Kept-By": "script"},
    )
    assert (answer.status_code, answer.data) == (204, b"")
    assert ask.one(DecisionDraft).fields == {"analysis": ["Half a thought"]}


def test_forged_lines_and_fields_are_refused_or_ignored(manager: Staff, passed: UUID, ask: Ask) -> None:
    page = press(manager, passed, same="closed", line_99="referral-none", state="closed")
    assert page.status == 200
    assert page.errors
    page = press(manager, passed, same="contact-information", kind_1="forged")
    assert page.errors
    assert ask.all(Decision) == []


def test_the_page_says_what_saving_does(manager: Staff, passed: UUID) -> None:
    words = manager.get(of(passed, "decide")).words
    assert "The clock ends for both children." in words
    assert "They have 1 working day to acknowledge." in words
    assert "Samina Rahman is emailed a link to the outcome." in words
    assert "The referrer reads this, in these words." in words


@pytest.mark.rule("GL-12")
def test_criteria_not_met_waits_for_agreement_and_can_ask_for_an_assessment(
    manager: Staff, officer: Staff, session: Session, county: County
) -> None:
    request = make_waiting(session, county)
    press(manager, request.id, same="contact-criteria", ask_caf="y")
    words = officer.get("/staff/queue").words
    assert "Ask for agreement 1" in words
    assert "Ask for an assessment 1" in words
    assert "A professional was asked by email to seek it" in officer.get(f"/staff/tasks/{TaskKind.ASK_AGREEMENT}").words


def test_a_request_in_triage_is_not_decided_from_a_bookmark(manager: Staff, sent: Callable[..., UUID]) -> None:
    request_id = sent()
    assert manager.get(of(request_id, "decide")).location == of(request_id)
