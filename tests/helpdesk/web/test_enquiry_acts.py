"""An adviser at their own browser: levels, ends, dates, families, calls, and the one door out (SE-1 to SE-6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy.orm import Session

from helpdesk.services import triage
from helpdesk.services.enquiries import finishing
from helpdesk.services.enquiries.attempts import log_attempt
from helpdesk.services.enquiries.signposting import Signpost, signpost
from helpdesk.services.enquiries.signposting import Told as SignpostTold
from helpdesk.services.enquiries.taking import take
from helpdesk.services.handing_over import hand_over
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.outbox import OutboxMessage
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.models import (
    Channel,
    Deadline,
    Enquiry,
    LevelRise,
    LinkKind,
    RequestLink,
    ServiceRequest,
    Task,
    TaskKind,
)
from service_request.pathways.sendiass.rules import CloseReason, NotAnEnquiry
from tests.enquirers import make_open_enquiry
from tests.enquiring import make_texted
from tests.factories import NOW, County
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.conftest import SignIn
from tests.helpdesk.web.walking import Staff
from tests.wall.inside import make_adviser
from tests.wall.inside import take as take_call

NEW = "/staff/enquiries/new"


@pytest.fixture
def user(session: Session, county: County) -> User:
    return make_adviser(session)


@pytest.fixture
def nuala(sign_in: SignIn, user: User) -> Staff:
    """Nuala Byrne, adviser, at her browser."""
    return sign_in(user)


@pytest.fixture
def texted(session: Session, house: House, user: User) -> UUID:
    """A mother's text about an exclusion letter, which nobody has taken."""
    return make_texted(session, house).id


@pytest.fixture
def reached(session: Session, house: House, user: User, texted: UUID) -> UUID:
    """The same, taken by Nuala, who rang her."""
    log_attempt(session, request_id=texted, channel=Channel.PHONE, reached=True, by=user, now=NOW, house=house)
    return texted


def at(request_id: UUID, act: str = "") -> str:
    return f"/staff/enquiries/{request_id}{'/' if act else ''}{act}"


@pytest.mark.rule("SE-3")
def test_what_was_closed_is_opened_again_by_the_page_that_says_why(nuala: Staff, texted: UUID, ask: Ask) -> None:
    page = nuala.get(at(texted, "close"))
    closed = nuala.follow(nuala.post(at(texted, "close"), version=page.value("version"), reason="opted_out"))
    assert f'href="{at(texted, "reopen")}"' in closed.html and "They asked us to stop." in closed.words
    page = nuala.get(at(texted, "reopen"))
    assert "no new five days begin" in page.words
    assert nuala.post(at(texted, "reopen"), version=page.value("version")).errors == ["Select why you open it again"]
    done = nuala.follow(nuala.post(at(texted, "reopen"), version=page.value("version"), reason="by_mistake"))
    assert "Open again, and with you. No new five days begin." in done.words
    assert "Opened again by Nuala Byrne: it was closed by mistake" in done.words
    assert "They asked us to stop." not in done.words
    assert ask.one(ServiceRequest).state is RequestState.OPEN
    again = nuala.post(at(texted, "reopen"), version="0", reason="by_mistake")
    assert again.status == 409


@pytest.mark.storage
@pytest.mark.rule("SE-4")
def test_a_level_is_raised_with_why_and_with_what_came_of_it_in_their_words(
    nuala: Staff, reached: UUID, ask: Ask
) -> None:
    page = nuala.get(at(reached, "level"))
    assert "It is now Contact" in page.words and page.value("version")
    empty = nuala.post(at(reached, "level"), version=page.value("version"))
    assert empty.errors == [
        "Select the level", "Enter why the level rises", "Enter what has come of it so far, in their own words",
    ]  # fmt: skip
    said = {"level": "2", "reason": "A meeting at school.", "outcome": "I know what to ask now."}
    done = nuala.follow(nuala.post(at(reached, "level"), version=page.value("version"), **said))
    assert "The level is raised." in done.words and "“I know what to ask now.”" in done.words
    assert {row.number: row.level for row in ask.all(LevelRise)} == {1: "contact", 2: "2"}
    stale = nuala.post(at(reached, "level"), version=page.value("version"), **{**said, "level": "3"})
    assert (
        stale.status == 409 and stale.value("outcome") == said["outcome"] and "What happened meanwhile" in stale.words
    )


@pytest.mark.storage
@pytest.mark.rule("SE-4")
@pytest.mark.rule("SE-3")
def test_it_is_finished_with_their_words_once_they_were_reached(
    nuala: Staff, texted: UUID, ask: Ask, session: Session, house: House, user: User
) -> None:
    take(session, request_id=texted, by=user, now=NOW)
    refused = nuala.post(at(texted, "finish"), outcome="All is well.")
    assert refused.status == 409 and "Nobody has reached them yet" in refused.words
    assert refused.value("outcome") == "All is well."
    log_attempt(session, request_id=texted, channel=Channel.PHONE, reached=True, by=user, now=NOW, house=house)
    done = nuala.follow(nuala.post(at(texted, "finish"), outcome="He is back at school."))
    assert "Finished." in done.words and "“He is back at school.”" in done.words
    assert ask.one(ServiceRequest).state is RequestState.CLOSED
    for act in ("level", "finish", "close", "signpost", "set-aside"):
        assert at(texted, act) not in done.html, f"{act} is not offered any more"


@pytest.mark.storage
@pytest.mark.rule("SE-3")
def test_not_reached_is_refused_before_three_days_and_says_how_many(
    nuala: Staff, texted: UUID, ask: Ask, session: Session, house: House, user: User
) -> None:
    for days in range(3):
        refused = nuala.post(at(texted, "close"), reason="not_reached", words="Rang.")
        assert refused.status == 409 and "takes 3" in refused.words and refused.value("words") == "Rang."
        now = NOW + timedelta(days=days)
        log_attempt(session, request_id=texted, channel=Channel.PHONE, reached=False, by=user, now=now, house=house)
    assert "logged on 3 days" in nuala.get(at(texted, "close")).words
    nuala.follow(nuala.post(at(texted, "close"), reason="not_reached", words="Rang."))
    assert ask.one(Enquiry).close_reason == "not_reached"


@pytest.mark.storage
@pytest.mark.rule("SE-2")
def test_somebody_out_of_area_hears_where_to_go(nuala: Staff, texted: UUID, ask: Ask) -> None:
    before = len(ask.all(OutboxMessage))
    said = {"reason": "out_of_area", "where": "Aldbourne SENDIASS helps there: 01632 960444.", "told": "send"}
    assert nuala.post(at(texted, "signpost")).errors == [
        "Select why it is not for us", "Enter where they can go", "Select how they hear of it",
    ]  # fmt: skip
    done = nuala.follow(nuala.post(at(texted, "signpost"), **said))
    assert "Signposted." in done.words and ask.one(ServiceRequest).state is RequestState.SIGNPOSTED
    assert len(ask.all(OutboxMessage)) == before + 1
    assert at(texted) in nuala.get("/staff/enquiries").html, "nobody has reached them, so it is not out of sight (SE-3)"
    nuala.follow(nuala.post(at(texted, "close"), reason="signposted"))
    assert at(texted) not in nuala.get("/staff/enquiries").html
    assert ask.one(ServiceRequest).state is RequestState.CLOSED


@pytest.mark.storage
@pytest.mark.rule("SE-1")
def test_a_professional_is_sent_words_to_pass_on_and_can_be_brought_back(nuala: Staff, texted: UUID, ask: Ask) -> None:
    words = nuala.get(at(texted, "professional")).value("words")
    assert "we need to hear from the family" in words and "Westmarch SENDIASS" in words
    done = nuala.follow(nuala.post(at(texted, "professional"), words=words))
    assert "not counted as an enquiry" in done.words and "A professional asked for a family." in done.words
    assert ask.one(ServiceRequest).set_aside_reason == NotAnEnquiry.PROFESSIONAL
    back = nuala.follow(nuala.post(at(texted, "restore"), version=done.value("version")))
    assert "Restored." in back.words and ask.one(ServiceRequest).state is RequestState.RECEIVED
    again = nuala.post(at(texted, "restore"), version=done.value("version"))
    assert again.status == 409 and "Nothing was changed" in again.words


@pytest.mark.rule("SE-1")
def test_a_wrong_number_is_set_aside_with_its_reason(nuala: Staff, texted: UUID, ask: Ask) -> None:
    assert nuala.post(at(texted, "set-aside"), reason="machine_guess").errors == ["Select why this is not an enquiry"]
    done = nuala.follow(nuala.post(at(texted, "set-aside"), reason="wrong_number"))
    assert "Wrong number or meant for someone else." in done.words
    assert ask.one(ServiceRequest).state is RequestState.SET_ASIDE


@pytest.mark.storage
@pytest.mark.rule("SE-1")
@pytest.mark.rule("SE-4")
def test_what_the_helpdesk_handed_over_is_an_enquiry_like_any_other(
    nuala: Staff, session: Session, house: House, county: County, user: User, ask: Ask
) -> None:
    request_id = take_call(session, county, house)
    triage.claim(session, request_id=request_id, by=county.officer, now=NOW, house=house)
    hand_over(session, request_id=request_id, by=county.officer, now=NOW, house=house)
    assert "Mairead Corrigan" in nuala.get(at(request_id, "facts")).value("name")
    nuala.follow(nuala.post(at(request_id, "deadlines/new"), kind="appeal", letter_on=["2", "11", "2026"]))
    log_attempt(session, request_id=request_id, channel=Channel.PHONE, reached=True, by=user, now=NOW, house=house)
    said = {"level": "1", "reason": "She rang.", "outcome": "I have a factsheet."}
    nuala.follow(nuala.post(at(request_id, "level"), **said))
    nuala.follow(nuala.post(at(request_id, "facts"), age="12"))
    nuala.follow(nuala.post(at(request_id, "finish"), outcome="His place is safe."))
    row = ask.one(Enquiry)
    assert (row.level, row.facts["age"], row.outcome) == ("1", "12", "His place is safe.")
    assert ask.one(ServiceRequest).state is RequestState.CLOSED


# ---------------------------------------------------------------- dates


@pytest.mark.storage
@pytest.mark.rule("SE-3")
def test_a_date_is_added_checked_corrected_and_ended(nuala: Staff, texted: UUID, ask: Ask) -> None:
    page = nuala.get(at(texted))
    assert "Nobody has read the letter yet." in page.words
    row = ask.one(Deadline)
    nuala.follow(nuala.post(at(texted, f"deadlines/{row.id}/check")))
    assert ask.one(Deadline).is_checked and "Nobody has read" not in nuala.get(at(texted)).words
    assert nuala.post(at(texted, "deadlines/new"), kind="appeal").errors == [
        "Enter the date on the letter, or the deadline that it names"
    ]
    tomorrow = nuala.post(at(texted, "deadlines/new"), kind="appeal", letter_on=["18", "11", "2026"])
    assert tomorrow.errors == ["The date on the letter must be today or in the past"]
    nuala.follow(nuala.post(at(texted, "deadlines/new"), kind="other", due_on=["1", "12", "2026"]))
    wrong = nuala.get(at(texted, f"deadlines/{row.id}"))
    assert "12 November 2026" in wrong.words or wrong.value("letter_on") == "12"
    nuala.follow(nuala.post(at(texted, f"deadlines/{row.id}"), kind="exclusion", letter_on=["10", "11", "2026"]))
    live = ask.all(Deadline, Deadline.ended_at.is_(None))
    assert sorted(one.kind for one in live) == ["exclusion", "other"]
    for one in live:
        nuala.follow(nuala.post(at(texted, f"deadlines/{one.id}/end"), end="met"))
    assert ask.one(Enquiry).deadline_on is None
    assert nuala.post(at(texted, f"deadlines/{row.id}/end"), end="met").status == 409
    assert nuala.get(at(texted, f"deadlines/{uuid4()}")).status == 404


# ---------------------------------------------------------------- facts, families, splits


@pytest.mark.storage
@pytest.mark.rule("SE-6")
def test_what_is_known_is_shown_changed_and_its_old_answer_kept(nuala: Staff, texted: UUID, ask: Ask) -> None:
    page = nuala.get(at(texted, "facts"))
    assert (page.value("age"), page.value("place"), page.value("enquirer")) == ("9", "Saltby", "parent")
    known = {name: page.value(name) for name in ("enquirer", "age", "gender", "send", "plan", "place", "safe", "phone")}
    same = nuala.post(at(texted, "facts"), **known)
    assert same.status == 409 and "Nothing is different" in same.words
    wrong = nuala.post(at(texted, "facts"), **{**known, "age": "nine"})
    assert wrong.errors == ["Enter the age in years, like 9"] and wrong.value("age") == "nine"
    done = nuala.follow(nuala.post(at(texted, "facts"), **{**known, "age": "10"}, version=page.value("version")))
    assert "What it said before stays on record" in done.words and "Age: 10 (was: 9)" in done.words
    assert ask.one(Enquiry).facts["age"] == "10"
    nuala.follow(nuala.post(at(texted, "facts"), age="11"))
    facts = ask.one(Enquiry).facts
    assert (facts["age"], facts["place"]) == ("11", "Saltby"), "what a page does not ask is not taken away"


@pytest.mark.storage
@pytest.mark.rule("EV-4")
def test_the_same_number_is_asked_about_answered_and_taken_back(
    nuala: Staff, session: Session, house: House, texted: UUID, ask: Ask
) -> None:
    other = make_open_enquiry(session, house, phone="07700 900461", channel=Channel.PHONE, now=NOW - timedelta(days=9))
    name = format_reference(ask.one(ServiceRequest, ServiceRequest.id == other).reference)
    page = nuala.get(at(texted))
    assert "Could be the same family" in page.words and name in page.words and "same number" in page.words
    family = at(texted, f"family/{other}")
    nuala.follow(nuala.post(family))
    assert ask.all(RequestLink) == [], "no answer is not no"
    assert "Said to be the same family." in nuala.follow(nuala.post(family, same="yes")).words
    assert "Said to be the same family." in nuala.get(at(other)).words, "on both pages"
    assert ask.one(RequestLink).kind is LinkKind.SAME_FAMILY
    assert "Take back" not in nuala.follow(nuala.post(family, same="undo")).words
    assert "Said not to be the same family." in nuala.follow(nuala.post(family, same="no")).words
    assert nuala.post(at(texted, f"family/{uuid4()}"), same="yes").status == 404


@pytest.mark.storage
@pytest.mark.rule("EV-4")
@pytest.mark.rule("SE-5")
def test_a_call_that_was_handed_over_is_found_by_its_number_from_then_on_and_not_before(
    nuala: Staff, session: Session, house: House, county: County, user: User
) -> None:
    texted = make_open_enquiry(session, house, phone="+447700900888")
    call = take_call(session, county, house)
    assert "Could be the same family" not in nuala.get(at(texted)).words
    hand_over(session, request_id=call, by=county.officer, now=NOW, house=house)
    assert at(call) in nuala.get(at(texted)).html and "same number" in nuala.get(at(call)).words


@pytest.mark.storage
@pytest.mark.rule("SE-1")
def test_two_in_one_become_two_once(nuala: Staff, session: Session, reached: UUID, ask: Ask) -> None:
    with transaction(session):
        session.query(Enquiry).one().to_split = True
    assert "There may be two in one" in nuala.get(at(reached)).words
    page = nuala.get(at(reached, "split"))
    assert nuala.post(at(reached, "split")).errors == ["Enter what the second enquiry is about", "Select who asks"]
    said = {"split_id": page.value("split_id"), "version": page.value("version"), "story": "Her sister.", "who": "same"}
    for _ in range(2):
        done = nuala.follow(nuala.post(at(reached, "split"), **said, age="6"))
        assert "There are two enquiries now." in done.words
    page = nuala.get(at(reached))
    assert "There may be two in one" not in page.words and "split from this one" in page.words
    (made,) = (row.id for row in ask.all(ServiceRequest) if row.id != reached)
    assert "this was split from it; the messages are there" in nuala.get(at(made)).words
    assert len(ask.all(Enquiry)) == len(ask.all(ServiceRequest)) == 2
    assert ask.one(RequestLink).kind is LinkKind.SPLIT_FROM


@pytest.mark.rule("SE-6")
def test_a_wish_for_their_record_and_an_interpreter(
    nuala: Staff, session: Session, house: House, user: User, ask: Ask
) -> None:
    request_id = make_open_enquiry(session, house, language="pl")
    assert "They write in Polish" in nuala.get(at(request_id)).words
    assert "They write in" not in nuala.follow(nuala.post(at(request_id, "interpreter"))).words
    for _ in range(2):
        assert "must have their record" in nuala.follow(nuala.post(at(request_id, "record"))).words
    assert [task.kind for task in ask.all(Task, Task.kind == TaskKind.RECORD_ASKED)] == [TaskKind.RECORD_ASKED]


# ---------------------------------------------------------------- a call

CALL: dict[str, Any] = {
    "channel": "phone", "story": "The school will not have her back.", "enquirer": "carer", "name": "Ann",
    "phone": "07700 900461", "safe": "yes", "age": "12", "letter": "exclusion", "letter_on": ["12", "11", "2026"],
}  # fmt: skip


@pytest.mark.storage
@pytest.mark.rule("SE-1")
@pytest.mark.rule("SE-3")
def test_a_call_is_an_enquiry_once_and_its_reference_is_said(nuala: Staff, ask: Ask) -> None:
    page = nuala.get(NEW)
    call_id = page.value("call_id")
    assert nuala.post(NEW, call_id=call_id).errors == ["Enter what was said"]
    first, second = (nuala.post(NEW, call_id=call_id, **CALL) for _ in range(2))
    assert first.location == second.location
    logged = nuala.follow(first)
    request = ask.one(ServiceRequest)
    assert (request.wall, request.channel, request.state) == (Wall.SENDIASS, Channel.PHONE, RequestState.OPEN)
    assert format_reference(request.reference) in logged.words and "you spoke with them" in logged.words
    assert ask.one(Deadline).kind == "exclusion" and ask.one(Enquiry).facts["age"] == "12"
    other = nuala.post(NEW, call_id=call_id, **{**CALL, "story": "Another story."})
    assert other.status == 409 and other.value("story") == "Another story." and other.value("call_id") != call_id


@pytest.mark.rule("SE-6")
def test_nothing_typed_in_a_call_is_lost_on_a_page_that_was_open_too_long(nuala: Staff, ask: Ask) -> None:
    stale = nuala.post(NEW, token="made by hand", call_id=str(uuid4()), **CALL)
    assert stale.status == 400 and ask.all(ServiceRequest) == []
    assert (stale.value("story"), stale.value("name"), stale.value("letter")) == (CALL["story"], "Ann", "exclusion")
    only = nuala.post(NEW, call_id=stale.value("call_id"), channel="in_person", story="He would not say who he is.")
    assert only.status == 302 and ask.one(ServiceRequest).channel is Channel.IN_PERSON


def test_a_wrong_number_in_a_call_is_said_and_every_word_kept(nuala: Staff) -> None:
    page = nuala.post(NEW, call_id=str(uuid4()), **{**CALL, "phone": "none of yours"})
    assert page.errors == ["Enter a phone number, like 01632 960 001 or 07700 900 982"]
    assert page.value("phone") == "none of yours" and page.value("story") == CALL["story"]


# ---------------------------------------------------------------- the door out

STATES: dict[RequestState, Any] = {
    RequestState.RECEIVED: lambda s, **how: None,
    RequestState.OPEN: lambda s, **how: log_attempt(s, channel=Channel.PHONE, reached=True, **how),
    RequestState.SIGNPOSTED: lambda s, **how: signpost(
        s, reason=Signpost.NOT_ELIGIBLE, where="There.", told=SignpostTold.SPOKEN, **how
    ),
    RequestState.SET_ASIDE: lambda s, **how: finishing.set_aside(s, reason=NotAnEnquiry.WRONG_NUMBER, **how),
    RequestState.CLOSED: lambda s, **how: finishing.close(s, reason=CloseReason.OPTED_OUT, **how),
}


@pytest.mark.storage
@pytest.mark.rule("SE-5")
@pytest.mark.rule("SE-10")
@pytest.mark.parametrize("state", STATES)
def test_a_person_can_share_a_concern_whatever_has_become_of_the_enquiry(
    nuala: Staff,
    session: Session,
    house: House,
    user: User,
    county: County,
    texted: UUID,
    ask: Ask,
    state: RequestState,
) -> None:
    STATES[state](session, request_id=texted, by=user, now=NOW, house=house)
    page = nuala.get(at(texted))
    assert "Worried the child is not safe?" in page.words and at(texted, "share") in page.html
    assert ask.one(ServiceRequest).state is state
    form = nuala.get(at(texted, "share"))
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        shared = nuala.post(
            at(texted, "share"),
            share_id=form.value("share_id"),
            team=str(county.desk),
            urgency="urgent",
            concern="A boy of nine is alone each evening.",
            told="yes",
            reason="He may come to harm.",
        )
        assert "Shared." in nuala.follow(shared).words
    (contact,) = ask.all(ServiceRequest, ServiceRequest.wall == Wall.OPEN)
    assert contact.channel is Channel.SHARE and contact.state is RequestState.RECEIVED
    assert ask.one(ServiceRequest, ServiceRequest.id == texted).state is state, "the enquiry stays as it was"


@pytest.mark.rule("SE-10")
@pytest.mark.rule("SE-5")
def test_no_machine_makes_a_share_whatever_was_said(
    session: Session, house: House, user: User, ask: Ask, work: Any
) -> None:
    make_texted(session, house, story="he says he will kill us tonight, he has a knife", facts={})
    for hours in (0, 1, 24, 24 * 30):
        with time_machine.travel(NOW + timedelta(hours=hours), tick=False):
            work()
    assert ask.all(ServiceRequest, ServiceRequest.wall == Wall.OPEN) == []
    assert ask.all(RequestLink, RequestLink.kind == LinkKind.SAFEGUARDING_SHARE) == []
