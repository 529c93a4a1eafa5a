"""SENDIASS's desk over HTTP: its queue, and an enquiry from the first text to the moment a person reached her."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from demonstration.carrier.account import Account
from helpdesk.services.enquiries import replying
from helpdesk.services.enquiries.attempts import log_attempt
from helpdesk.services.enquiries.taking import take
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.outbox import MessageState, OutboxMessage
from infrastructure.trail import Access, AccessLog
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.models import (
    Arrival,
    Channel,
    Clock,
    ClockEnd,
    ClockKind,
    ContactAttempt,
    Conversation,
    Disposition,
    Safe,
    SavedAnswer,
    ServiceRequest,
    Silenced,
    Task,
    TaskKind,
)
from service_request.services.alerting import alert_danger
from tests.enquirers import MOTHER, STORY
from tests.enquiring import STORY as STORY_OF_TEXT
from tests.enquiring import get_enquiry, get_row, hear, make_held, make_texted, send_all
from tests.factories import NOW, County
from tests.helpdesk.web.conftest import Queries, SignIn
from tests.helpdesk.web.walking import Page, Staff
from tests.service_request.services.understanding.conftest import Phone
from tests.wall.inside import make_adviser, make_enquiry

pytestmark = pytest.mark.storage
DAY, SOON = timedelta(days=1), timedelta(minutes=10)
ENQUIRIES = "/staff/enquiries"
DANGER = "he says he will kill me tonight if i tell anyone"


@pytest.fixture
def user(session: Session, county: County) -> User:
    return make_adviser(session)


@pytest.fixture
def adviser(sign_in: SignIn, user: User) -> Staff:
    """Nuala Byrne of SENDIASS, at her browser."""
    return sign_in(user)


@pytest.fixture
def later() -> Iterator[time_machine.Traveller]:
    """The clock, to be moved on."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def page_of(adviser: Staff, request_id: UUID) -> Page:
    page = adviser.get(f"{ENQUIRIES}/{request_id}")
    assert page.status == 200, page.words[:800]
    return page


def send(adviser: Staff, request_id: UUID, words: str, **more: str) -> Page:
    page = page_of(adviser, request_id)
    return adviser.post(
        f"{ENQUIRIES}/{request_id}/reply", **{"act": "send", "words": words, "version": page.version, **more}
    )


def first_contact(session: Session, request_id: UUID) -> Clock:
    session.rollback()
    query = select(Clock).where(Clock.request_id == request_id, Clock.kind == ClockKind.FIRST_CONTACT)
    return session.scalars(query).one()


# ---------------------------------------------------------------- the clock is ended by a person reached, and by nothing else


@pytest.mark.rule("SE-3")
def test_a_mother_who_texts_is_reached_when_she_answers_a_person_and_not_before(
    app: Flask, session: Session, adviser: Staff, carrier: Account, later: time_machine.Traveller
) -> None:
    mother = Phone(app.test_client(), session, later, MOTHER)
    mother.say(STORY)
    mother.say("1")
    request_id = mother.request.id
    assert first_contact(session, request_id).ended_at is None, "the acknowledgement reached nobody"

    later.shift(timedelta(minutes=5))
    sent = send(adviser, request_id, "Hello, I am an adviser. Does the letter say for how long?")
    assert sent.location == f"{ENQUIRIES}/{request_id}?done=replied"
    mother.work()
    assert carrier.sent_to(MOTHER)[-1].body == "Hello, I am an adviser. Does the letter say for how long?"
    assert get_row(session, request_id).state is RequestState.AWAITING_PERSON
    assert first_contact(session, request_id).ended_at is None, "what was only sent reached nobody"
    assert [(row.channel, row.reached) for row in session.scalars(select(ContactAttempt))] == [(Channel.SMS, False)]

    assert mother.say("it says permanently. he has an ehcp") == [], "a person goes on: the engine asks nothing"
    clock, enquiry = first_contact(session, request_id), get_enquiry(session, request_id)
    assert (clock.end, enquiry.reached_by_id is not None) == (ClockEnd.MET, True)
    assert clock.ended_at == enquiry.reached_at
    assert get_row(session, request_id).state is RequestState.OPEN
    page = page_of(adviser, request_id).words
    assert "it says permanently. he has an ehcp" in page and "Promise met" in page and "Reached: they answered" in page


@pytest.mark.rule("SE-3")
def test_a_text_that_crossed_the_reply_on_its_way_is_no_answer_to_it(
    app: Flask, session: Session, house: House, user: User, carrier: Account, later: time_machine.Traveller
) -> None:
    mother = Phone(app.test_client(), session, later, MOTHER)
    mother.say(STORY)
    mother.say("1")
    request_id = mother.request.id
    mother.send("also he is only nine")  # in our hands, and not yet understood
    later.shift(timedelta(minutes=1))
    replying.reply(
        session,
        request_id=request_id,
        words="Hello, I am an adviser.",
        by=user,
        now=NOW + timedelta(hours=1),
        house=house,
    )
    with transaction(session):
        row = session.scalars(select(OutboxMessage).order_by(OutboxMessage.owed_at.desc())).first()
        assert row is not None
        row.state, row.sent_at, row.next_at = MessageState.DELIVERED, NOW + timedelta(hours=1), None
    mother.work()
    assert get_enquiry(session, request_id).reached_at is None
    assert first_contact(session, request_id).ended_at is None


@pytest.mark.rule("SE-3")
def test_an_unanswered_ring_is_an_attempt_and_an_answered_one_ends_the_promise(
    session: Session, house: House, adviser: Staff, user: User, later: time_machine.Traveller
) -> None:
    texted = make_texted(session, house)
    address = f"{ENQUIRIES}/{texted.id}/attempt"
    form = adviser.get(address)
    assert adviser.post(address, version=form.version).errors == [
        "Select what you did",
        "Select whether you spoke with them",
    ]
    tried = adviser.post(address, version=form.version, channel="phone", reached="no", words="")
    assert tried.location.endswith("?done=attempt")
    row = get_row(session, texted.id)
    assert (row.state, row.assignee_id) == (RequestState.OPEN, user.id), "who rings has taken it"
    assert first_contact(session, texted.id).ended_at is None

    later.shift(SOON)
    stale = adviser.post(address, version=form.version, channel="phone", reached="yes", words="We spoke.")
    assert stale.status == 409 and "changed while you had it open" in stale.words and "We spoke." in stale.html
    fresh = adviser.get(address)
    done = adviser.post(address, version=fresh.version, channel="phone", reached="yes", words="We spoke.")
    assert done.location.endswith("?done=reached")
    clock = first_contact(session, texted.id)
    assert (clock.end, clock.ended_at) == (ClockEnd.MET, NOW + SOON)
    attempts = list(session.scalars(select(ContactAttempt).order_by(ContactAttempt.at)))
    assert [(one.reached, one.at) for one in attempts] == [(False, NOW), (True, NOW + SOON)]
    said = page_of(adviser, texted.id).words
    assert "Nobody answered." in said and "We spoke." in said and "Staff only, never sent" in said


# ---------------------------------------------------------------- nothing goes where it is not safe


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"safe": Safe.NO}, "They said it is not safe to reach them there: nothing is sent."),
        ({"safe": Safe.UNSET}, "Nobody has said whether it is safe to write to them there."),
        ({"silenced": Silenced.ASKED_TO_STOP}, "They asked us not to write there: nothing is sent."),
        ({"opted_out": True}, "They opted out with the phone company’s word"),
    ],
)
def test_a_reply_is_refused_with_what_to_do_instead(
    session: Session, house: House, adviser: Staff, changes: dict[str, object], sentence: str
) -> None:
    opted_out = changes.pop("opted_out", False) if "opted_out" in changes else False
    texted = make_texted(session, house, **changes)  # type: ignore[arg-type]
    if opted_out:
        with transaction(session):
            session.get_one(Conversation, texted.thread_id).opted_out_at = NOW
        changes["opted_out"] = True
    page = page_of(adviser, texted.id)
    assert sentence in page.words and "Log an attempt to reach" in page.buttons
    assert not page.tree.all("textarea", id="words"), "no box, since nothing can be sent"
    crafted = send(adviser, texted.id, "Hello")
    assert crafted.status == 409 and sentence in crafted.errors[0]
    session.rollback()
    waiting = select(OutboxMessage).where(OutboxMessage.state == MessageState.WAITING)
    assert [row.template for row in session.scalars(waiting)] == []
    assert list(session.scalars(select(ContactAttempt))) == []


@pytest.mark.rule("EV-2")
def test_whether_it_is_safe_is_asked_once_in_answer_to_them_with_nothing_of_the_matter(
    session: Session, house: House, adviser: Staff
) -> None:
    texted = make_texted(session, house, safe=Safe.UNSET)
    page = page_of(adviser, texted.id)
    asked = adviser.post(f"{ENQUIRIES}/{texted.id}/ask-safe", version=page.version)
    assert asked.location.endswith("?done=asked_safe")
    (row,) = session.scalars(select(OutboxMessage).where(OutboxMessage.template == "is_it_safe"))
    reference = format_reference(get_row(session, texted.id).reference)
    session.refresh(row)
    words = row.body["text"]
    assert reference in words and "999" in words and house.settings.duty_line in words
    assert "school" not in words and "9" not in words.replace("999", "").replace(house.settings.duty_line, "").replace(
        reference, ""
    )
    again = page_of(adviser, texted.id)
    assert "Ask whether it is safe" not in again.buttons
    assert adviser.post(f"{ENQUIRIES}/{texted.id}/ask-safe", version=again.version).status == 409
    adviser.post(f"{ENQUIRIES}/{texted.id}/safe", version=again.version, safe="yes")
    assert "Send text" in page_of(adviser, texted.id).buttons


@pytest.mark.rule("EV-2")
def test_not_safe_is_recorded_by_a_person_for_every_way_to_them(session: Session, house: House, adviser: Staff) -> None:
    texted = make_texted(session, house, safe=Safe.UNSET)
    page = page_of(adviser, texted.id)
    assert adviser.post(f"{ENQUIRIES}/{texted.id}/safe", version=page.version).status == 400
    adviser.post(f"{ENQUIRIES}/{texted.id}/safe", version=page.version, safe="no")
    session.rollback()
    assert session.get_one(Conversation, texted.thread_id).safe is Safe.NO
    assert "not safe to reach them there" in page_of(adviser, texted.id).words


# ---------------------------------------------------------------- a reply


@pytest.mark.rule("SE-2")
@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"age": "17"}, "16 to 25: they may also ask in their own right"),
        ({"age": "17", "enquirer": "young_person"}, "16 to 25: they ask in their own right"),
        ({"birth_on": "2010-11-17"}, "16 to 25: they may also ask in their own right"),  # 16 today
        ({"birth_on": "2010-11-18"}, ""),
        ({"age": "9"}, ""),
        ({"age": ""}, ""),
    ],
)
def test_the_page_says_that_a_young_person_of_16_to_25_is_served_in_their_own_right(
    session: Session, house: House, adviser: Staff, facts: dict[str, str], said: str
) -> None:
    told = make_texted(session, house, facts=facts)
    page = page_of(adviser, told.id).words
    assert said in page and bool(said) == ("own right" in page)


@pytest.mark.rule("EV-6")
def test_a_reply_that_names_the_child_is_held_back_before_it_leaves(
    app: Flask, session: Session, house: House, adviser: Staff, carrier: Account, later: time_machine.Traveller
) -> None:
    texted = make_texted(session, house, facts={"age": "9", "name": "Mairead Corrigan"})
    send(adviser, texted.id, "Hello Mairead Corrigan, keep the letter.")
    app.extensions["worker"].run_all_due()
    assert carrier.sent_to(MOTHER) == []
    page = page_of(adviser, texted.id)
    assert "held back: it may say too much" in page.words
    (task,) = session.scalars(select(Task).where(Task.kind == TaskKind.HELD_BACK))
    assert f"/staff/held-back/{task.about_id}" in page.html


def test_a_text_is_counted_and_a_saved_answer_added_without_anything_being_sent(
    session: Session, house: House, adviser: Staff
) -> None:
    texted = make_texted(session, house)
    body = "A permanent exclusion can be challenged. " * 4
    adviser.post("/staff/saved-answers/new", title="Exclusion", kind="factsheet", body=body)
    answer = session.scalars(select(SavedAnswer)).one()
    address = f"{ENQUIRIES}/{texted.id}/reply"
    page = page_of(adviser, texted.id)
    added = adviser.post(address, act="add", words="Hello.", answer=str(answer.id), version=page.version)
    assert added.value("words").strip() == f"Hello.\n\n{body.strip()}"
    assert "2 texts long, 171 of 306 characters." in added.words
    counted = adviser.post(address, act="count", words="Привет, " * 10, version=page.version)
    assert "2 texts long, 80 of 134 characters." in counted.words
    session.rollback()
    assert session.scalars(select(ContactAttempt)).first() is None


def test_a_reply_typed_on_a_page_that_is_out_of_date_is_kept_and_not_sent(
    session: Session, house: House, adviser: Staff
) -> None:
    texted = make_texted(session, house)
    old = page_of(adviser, texted.id).version
    adviser.post(f"{ENQUIRIES}/{texted.id}/take", version=old)
    address = f"{ENQUIRIES}/{texted.id}/reply"
    for token, status in (("made by hand", 400), (None, 409)):
        kept = adviser.post(address, token=token, act="send", words="Keep the letter.", version=old)
        assert kept.status == status and kept.value("words") == "Keep the letter."
    assert adviser.post(address, act="send", words=" ").errors == ["Enter what you want to tell them"]
    session.rollback()
    assert session.scalars(select(ContactAttempt)).first() is None


@pytest.mark.rule("EV-3")
def test_a_reply_that_is_sent_twice_leaves_once(session: Session, house: House, adviser: Staff) -> None:
    texted = make_texted(session, house)
    version = page_of(adviser, texted.id).version
    address = f"{ENQUIRIES}/{texted.id}/reply"
    pressed = [adviser.post(address, act="send", words="Keep it.", version=version).status for _ in range(2)]
    assert pressed == [302, 409]
    session.rollback()
    owed = [row.body["text"] for row in session.scalars(select(OutboxMessage)) if row.body["text"] == "Keep it."]
    assert owed == ["Keep it."]


def test_who_left_an_address_as_well_is_answered_by_the_way_that_the_adviser_chooses(
    session: Session, house: House, adviser: Staff
) -> None:
    texted = make_texted(session, house, email="mairead@corrigan.example")
    page = page_of(adviser, texted.id)
    assert "Text to 07700 900" in page.words and "Email to mairead@corrigan.example" in page.words
    send(adviser, texted.id, "We can meet next week.", channel="email")
    session.rollback()
    (row,) = session.scalars(select(OutboxMessage).where(OutboxMessage.template == "adviser_reply_email"))
    reference = format_reference(get_row(session, texted.id).reference)
    assert row.to == "mairead@corrigan.example" and row.body["subject"] == f"{reference}: an answer from an adviser"
    assert "We can meet next week." in row.body["text"] and "999" in row.body["text"]


# ---------------------------------------------------------------- danger


@pytest.mark.rule("SE-10")
@pytest.mark.rule("EV-10")
def test_danger_stands_above_every_deadline_until_a_person_has_seen_to_it(
    session: Session, house: House, adviser: Staff, later: time_machine.Traveller
) -> None:
    letter = make_texted(session, house, number="+447700900462")
    danger = make_texted(session, house, story=DANGER, facts={})
    with transaction(session):
        alert_danger(session, get_row(session, danger.id), now=NOW, house=house)
    links = [
        one.attributes["href"]
        for one in adviser.get(ENQUIRIES).tree.all("a")
        if "/enquiries/" in one.attributes["href"]
    ]
    assert list(dict.fromkeys(link for link in links if link.endswith((str(danger.id), str(letter.id))))) == [
        f"{ENQUIRIES}/{danger.id}",
        f"{ENQUIRIES}/{letter.id}",
    ]
    page = page_of(adviser, danger.id)
    assert "If a child is in danger now, call 999" in page.words and "I have seen to it" in page.buttons
    assert DANGER in page.words, "nothing is hidden"
    assert "Send text" in page.buttons, "nothing is blocked"
    later.shift(timedelta(minutes=1))
    adviser.post(f"{ENQUIRIES}/{danger.id}/danger")
    seen = page_of(adviser, danger.id)
    assert "I have seen to it" not in seen.buttons and "said that they have seen to the danger" in seen.words
    session.rollback()
    (task,) = session.scalars(select(Task).where(Task.kind == TaskKind.DANGER))
    assert task.done_at == NOW + timedelta(minutes=1)
    shared = session.scalars(select(ServiceRequest).where(ServiceRequest.channel == Channel.SHARE)).first()
    assert shared is None, "no machine shares"
    with transaction(session):
        get_enquiry(session, danger.id).danger_at = NOW + timedelta(minutes=2)
    assert "I have seen to it" in page_of(adviser, danger.id).buttons, "new words bring it back"


# ---------------------------------------------------------------- the queue


def waiting_in(page: Page) -> dict[str, str]:
    """Return the views with their counts."""
    links = page.tree.all(class_="fd-views")[0].all("a")
    counted = (one.all("span") for one in links)  # filed mail is not: nothing waits there
    return {spans[0].text: spans[1].text for spans in counted if len(spans) > 1}


@pytest.mark.rule("SE-3")
def test_a_statutory_deadline_jumps_the_queue_and_each_view_counts_its_own(
    session: Session, house: House, adviser: Staff, user: User, later: time_machine.Traveller
) -> None:
    first = make_texted(session, house, number="+447700900471", facts={}, now=NOW - 3 * DAY, story="how do i appeal")
    letter = make_texted(session, house, number="+447700900472")
    page = adviser.get(ENQUIRIES)
    assert page.html.index(str(letter.id)) < page.html.index(str(first.id)), "though the other has waited longer"
    assert "12 school days left" in page.words and "3 working days left" in page.words
    assert waiting_in(page) == {
        "All open": "2", "Deadline first": "1", "To reach": "2", "Mine": "0", "Waiting for them": "0", "Held": "0",
        "From professionals": "0", "Closed": "0", "Filed mail": "0",
    }  # fmt: skip
    send(adviser, first.id, "We can help with that.")
    views = waiting_in(adviser.get(ENQUIRIES))
    assert (views["Mine"], views["Waiting for them"]) == ("1", "1")
    mine = adviser.get(f"{ENQUIRIES}?view=mine")
    assert str(first.id) in mine.html and str(letter.id) not in mine.html
    only = adviser.get(f"{ENQUIRIES}?view=deadline")
    assert str(letter.id) in only.html and str(first.id) not in only.html
    assert "Nothing is closed" in adviser.get(f"{ENQUIRIES}?view=closed").words
    assert adviser.get(f"{ENQUIRIES}?view=nonsense&after=nonsense").status == 200


@pytest.mark.rule("SE-3")
def test_a_date_that_the_law_sets_goes_first_though_they_were_reached(
    session: Session, house: House, adviser: Staff, user: User
) -> None:
    waits = make_texted(session, house, number="+447700900471", facts={}, now=NOW - 3 * DAY)
    letter = make_texted(session, house, number="+447700900472")
    log_attempt(session, request_id=letter.id, channel=Channel.PHONE, reached=True, by=user, now=NOW, house=house)
    page = adviser.get(ENQUIRIES)
    assert page.html.index(str(letter.id)) < page.html.index(str(waits.id))
    assert page.words.index("A date that the law sets (1)") < page.words.index("To reach (1)")


def test_a_reply_silences_a_thread_that_joined_after_it_was_taken(session: Session, house: House, user: User) -> None:
    texted = make_texted(session, house)
    take(session, request_id=texted.id, by=user, now=NOW)
    with transaction(session):
        thread = session.get_one(Conversation, texted.thread_id)
        thread.silenced = thread.silenced_at = None
    replying.reply(session, request_id=texted.id, words="Hello.", by=user, now=NOW, house=house)
    session.rollback()
    assert session.get_one(Conversation, texted.thread_id).silenced is Silenced.PERSON_TOOK


@pytest.mark.rule("SE-3")
def test_a_promise_that_was_missed_says_how_late_it_is(
    session: Session, house: House, adviser: Staff, later: time_machine.Traveller
) -> None:
    make_texted(session, house, facts={}, now=NOW - 8 * DAY)
    assert "16 h late" in adviser.get(ENQUIRIES).words


def test_a_long_list_goes_on_where_the_page_before_ended(
    session: Session, house: House, adviser: Staff, later: time_machine.Traveller
) -> None:
    made = []
    for number in range(27):
        at = NOW - timedelta(hours=number)
        facts: dict[str, str] | None = {} if number % 5 else None
        made.append(make_texted(session, house, number=f"+4477009005{number:02}", facts=facts, now=at).id)
    page = adviser.get(ENQUIRIES)
    first = [one for one in made if f"/{one}" in page.html]
    link = next(one.attributes["href"] for one in page.tree.all("a") if one.attributes.get("rel") == "next")
    rest = [one for one in made if f"/{one}" in adviser.get(link.replace("&amp;", "&")).html]
    assert len(first) == 25 and sorted([*first, *rest]) == sorted(made)


@pytest.mark.rule("SE-5")
@pytest.mark.rule("EV-5")
def test_each_page_of_an_enquiry_is_one_look_inside_and_nobody_outside_opens_it(
    session: Session, house: House, adviser: Staff, officer: Staff, user: User
) -> None:
    texted = make_texted(session, house)
    for address in ("", f"/{texted.id}", f"/{texted.id}/attempt", "/held"):
        assert adviser.get(ENQUIRIES + address).status == 200
        assert officer.get(ENQUIRIES + address).status in (403, 404), address
    session.rollback()
    looks = [(row.act, row.wall.value) for row in session.scalars(select(AccessLog).order_by(AccessLog.id))]
    assert sorted(looks) == sorted([(Access.LIST, "sendiass"), (Access.VIEW, "sendiass")] * 2)
    posts = ("take", "danger", "reply", "note", "attempt", "safe", "ask-safe")
    assert {officer.post(f"{ENQUIRIES}/{texted.id}/{act}").status for act in posts} == {404}


# ---------------------------------------------------------------- taking, notes, what was handed over


def test_who_takes_it_silences_the_questions_and_a_colleague_can_take_it_over(
    session: Session, house: House, adviser: Staff, user: User
) -> None:
    texted = make_texted(session, house)
    version = page_of(adviser, texted.id).version
    adviser.post(f"{ENQUIRIES}/{texted.id}/take", version=version)
    again = adviser.post(f"{ENQUIRIES}/{texted.id}/take", version=version)
    assert again.status == 302, "a second press is harmless"
    session.rollback()
    thread = session.get_one(Conversation, texted.thread_id)
    assert (thread.silenced, get_row(session, texted.id).assignee_id) == (Silenced.PERSON_TOOK, user.id)
    page = page_of(adviser, texted.id)
    assert "Automatic questions stopped when you took it" in page.words and "Taken by Nuala Byrne" in page.words


def test_what_they_said_stays_untouched_with_what_was_understood_beneath(
    session: Session, house: House, adviser: Staff
) -> None:
    texted = make_texted(session, house)
    hear(session, texted, "8 sorry 9 <b>&", now=NOW + timedelta(minutes=6), understood="age 9, corrected from 8")
    page = page_of(adviser, texted.id)
    bubbles = [one.all("bdi")[0].text for one in page.tree.all(class_="fd-bubble") if one.all("bdi")]
    assert bubbles == [STORY_OF_TEXT, "8 sorry 9 <b>&"]
    assert "Understood: age 9, corrected from 8" in page.words
    assert '<bdi>Automatic</bdi>, <span class="fd-num">today 09:00</span>, delivered' in page.html
    assert "Parent of a boy, 9" in page.words


def test_what_was_done_in_one_moment_stands_in_its_order(
    session: Session, house: House, adviser: Staff, later: time_machine.Traveller
) -> None:
    texted = make_texted(session, house)
    later.shift(timedelta(minutes=1))
    send(adviser, texted.id, "Keep the letter.")
    talk = page_of(adviser, texted.id).words
    assert talk.index("Taken by Nuala Byrne") < talk.index("Keep the letter."), "who replies has taken it"


def test_a_note_is_for_staff_and_leaves_by_no_way(session: Session, house: House, adviser: Staff) -> None:
    texted = make_texted(session, house)
    address = f"{ENQUIRIES}/{texted.id}/note"
    assert adviser.post(address, **{"note-words": " "}).errors == ["Enter your note"]
    adviser.post(address, **{"note-words": "The head rang back."})
    page = page_of(adviser, texted.id)
    assert "The head rang back." in page.words and "Staff only, never sent" in page.words
    session.rollback()
    assert [row for row in session.scalars(select(OutboxMessage)) if "head rang" in row.body["text"]] == []


@pytest.mark.rule("SE-5")
def test_what_was_handed_over_is_shown_whole_with_its_promise(
    session: Session, house: House, adviser: Staff, county: County
) -> None:
    request_id = make_enquiry(session, county, house)
    page = page_of(adviser, request_id)
    assert "Tadhg Corrigan" in page.words and "The school will not keep his place" in page.words
    assert "Mairead Corrigan" in page.words and "5 working days left" in page.words
    assert "Handed over to SENDIASS by Grace Oyelaran" in page.words
    assert send(adviser, request_id, "We can help.").location.endswith("?done=replied")


# ---------------------------------------------------------------- what is held


@pytest.mark.rule("EV-1")
def test_what_nothing_could_read_waits_for_a_person_who_makes_an_enquiry_of_it(
    session: Session, house: House, adviser: Staff, later: time_machine.Traveller
) -> None:
    held = make_held(session, "pls help ?? my girl", now=NOW - DAY)
    page = adviser.get(ENQUIRIES)
    assert waiting_in(page)["Held"] == "1" and f"/held/{held}" in page.html
    shown = adviser.get(f"{ENQUIRIES}/held/{held}")
    assert "pls help ?? my girl" in shown.words and MOTHER in shown.words
    opened = adviser.post(f"{ENQUIRIES}/held/{held}", act="open")
    assert opened.status == 302
    request_id = UUID(opened.location.rsplit("/", 1)[1].split("?")[0])
    session.rollback()
    row = session.get_one(Arrival, held)
    assert (row.disposition, row.request_id) == (Disposition.REQUEST, request_id)
    assert get_row(session, request_id).received_at == NOW - DAY, "its clock runs from receipt"
    assert first_contact(session, request_id).ended_at is None
    assert "pls help ?? my girl" in page_of(adviser, request_id).words
    assert adviser.get(f"{ENQUIRIES}/held/{held}").status == 404, "it waits no more"
    assert waiting_in(adviser.get(ENQUIRIES))["Held"] == "0"


@pytest.mark.rule("SE-1")
def test_what_was_held_is_kept_and_set_aside_with_a_reason(session: Session, adviser: Staff) -> None:
    held = make_held(session, "WIN A CRUISE", sender=None)
    address = f"{ENQUIRIES}/held/{held}"
    assert adviser.post(address, act="set_aside").errors == ["Select why it is not an enquiry"]
    adviser.post(address, act="set_aside", reason="junk")
    session.rollback()
    row = session.get_one(Arrival, held)
    assert (row.disposition, row.reason, row.request_id) == (Disposition.NOT_A_REQUEST, "junk", None)
    assert session.scalars(select(ServiceRequest)).first() is None


@pytest.mark.rule("EV-3")
def test_what_was_held_joins_the_enquiry_that_is_open_in_its_thread(
    session: Session, house: House, adviser: Staff
) -> None:
    texted = make_texted(session, house)
    held = make_held(session, "and this")
    opened = adviser.post(f"{ENQUIRIES}/held/{held}", act="open")
    assert str(texted.id) in opened.location and "and this" in page_of(adviser, texted.id).words


# ---------------------------------------------------------------- saved answers


def test_saved_answers_are_added_changed_and_given_up_by_advisers(
    session: Session, house: House, adviser: Staff, officer: Staff, later: time_machine.Traveller
) -> None:
    assert "There is none yet" in adviser.get("/staff/saved-answers").words
    assert adviser.post("/staff/saved-answers/new").errors == ["Enter a title", "Select what it is", "Enter the words"]
    adviser.post("/staff/saved-answers/new", title="Appeals", kind="signpost", body="You can appeal.")
    row = session.scalars(select(SavedAnswer)).one()
    address = f"/staff/saved-answers/{row.id}"
    assert adviser.get(address).value("body").strip() == "You can appeal."
    later.shift(timedelta(minutes=1))
    adviser.post(address, title="Appeals", kind="signpost", body="You can appeal within two months.")
    assert "within two months" in adviser.get("/staff/saved-answers").words
    later.shift(timedelta(minutes=1))
    adviser.post(f"{address}/give-up")
    assert "within two months" not in adviser.get("/staff/saved-answers").words
    assert officer.get("/staff/saved-answers").status in (403, 404)
    assert officer.get(address).status == 404
    assert adviser.get("/staff/answers").status in (403, 404), "the other desk has its own"


# ---------------------------------------------------------------- what it asks of the database


def test_the_queue_and_the_page_of_an_enquiry_ask_the_database_as_often_as_is_written_here(
    session: Session, house: House, adviser: Staff, queries: Queries
) -> None:
    texted = make_texted(session, house)
    for number in range(5):
        make_texted(session, house, number=f"+44770090048{number}", facts={})
    adviser.get(ENQUIRIES)
    queries.statements.clear()
    adviser.get(ENQUIRIES)
    assert len(queries.statements) == 6, queries.statements
    queries.statements.clear()
    page_of(adviser, texted.id)
    assert len(queries.statements) == 15, queries.statements
    send_all(session, now=NOW)


@pytest.mark.rule("EV-2")
def test_a_yes_to_the_question_whether_it_is_safe_lets_the_adviser_answer(
    app: Flask, session: Session, adviser: Staff, carrier: Account, later: time_machine.Traveller
) -> None:
    mother = Phone(app.test_client(), session, later, MOTHER)
    mother.say(STORY)
    request_id = mother.request.id
    adviser.post(f"{ENQUIRIES}/{request_id}/take", version=page_of(adviser, request_id).version)
    page = page_of(adviser, request_id)
    assert "Send text" not in page.buttons
    later.shift(timedelta(minutes=1))
    adviser.post(f"{ENQUIRIES}/{request_id}/ask-safe", version=page.version)
    mother.work()
    assert "Is it safe to text you here?" in carrier.sent_to(MOTHER)[-1].body
    mother.say("1")
    assert mother.thread.safe is Safe.YES
    assert first_contact(session, request_id).ended_at is None, "a question that any of us asks reaches nobody"
    assert "Send text" in page_of(adviser, request_id).buttons


@pytest.mark.rule("SE-5")
def test_what_was_handed_over_before_enquiries_had_a_row_is_still_shown_whole(
    session: Session, house: House, adviser: Staff, county: County
) -> None:
    request_id = make_enquiry(session, county, house)
    with transaction(session):
        session.delete(get_enquiry(session, request_id))
    page = page_of(adviser, request_id)
    assert "Tadhg Corrigan" in page.words and "The school will not keep his place" in page.words
    assert "Make a safeguarding share" in page.buttons
    assert f"/{request_id}" in adviser.get(ENQUIRIES).html
