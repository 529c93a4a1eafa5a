"""A text becomes an enquiry, with its clock and a reference, from the first message on (SE-1, SE-3, EV-1, EV-2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from demonstration.carrier.account import Account
from infrastructure.database import Wall, db, transaction, utc_now, uuid7
from infrastructure.house import House
from infrastructure.outbox import Letter, MessageState, owe_text
from infrastructure.trail import Access, log_access
from infrastructure.web.say_time import public_moment
from service_request.conversation import engine
from service_request.domain.inbound_text import read_text, write_raw
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.models import (
    Arrival,
    Channel,
    Clock,
    ClockEnd,
    ClockKind,
    Conversation,
    Deadline,
    Enquiry,
    LinkKind,
    Message,
    RequestLink,
    Safe,
    ServiceRequest,
    Silenced,
)
from service_request.services.alerting import list_alerted
from service_request.services.keep import NewArrival, keep
from service_request.services.understanding.understand import list_kept, understand
from tests.plugins.house import SENDIASS_NUMBER, Mailbox
from tests.service_request.services.understanding.conftest import STORY, Phone
from tests.texting import MOTHER, new_sid, text
from tests.wall.inside import make_adviser

pytestmark = pytest.mark.storage


@pytest.mark.rule("SE-1")
@pytest.mark.rule("SE-3")
@pytest.mark.rule("EV-2")
@pytest.mark.rule("EV-10")
def test_the_first_text_is_an_enquiry_with_its_clock_and_the_reply_has_the_reference_and_999(phone: Phone) -> None:
    (reply,) = phone.say(STORY)
    request, enquiry = phone.request, phone.enquiry
    assert request.state is RequestState.RECEIVED and enquiry.facts["story"] == STORY
    assert format_reference(request.reference) in reply and "999" in reply
    assert "Tadhg" not in reply and "school" not in reply
    (clock,) = phone.rows(Clock)
    assert (clock.kind, clock.ended_at) == (ClockKind.FIRST_CONTACT, None)
    assert phone.said() == [("in", STORY), ("out", reply)]
    assert phone.arrivals() == ["request"]
    assert phone.sides() == {Wall.SENDIASS}
    assert phone.thread.request_id == request.id


@pytest.mark.rule("SE-1")
def test_a_whole_dialogue_ends_in_facts_a_summary_and_silence(phone: Phone) -> None:
    phone.say(STORY)
    (_,) = phone.say("1")
    assert phone.thread.safe is Safe.YES and phone.request.referrer_id
    answers = ["im his mum", "7", "hes 9", "yes", "asked for one", "WM4 2QT", "Mairead", "after 4pm text only", "no"]
    replies = [phone.say(answer) for answer in answers]
    assert all(len(one) == 1 for one in replies), replies
    facts = phone.enquiry.facts
    assert (facts["enquirer"], facts["age"], facts["send"], facts["plan"]) == ("parent", "9", "yes", "asked")
    assert (phone.enquiry.enquirer, phone.enquiry.eligible) == ("parent", "yes")
    assert phone.thread.silenced is Silenced.FINISHED
    assert format_reference(phone.request.reference) in replies[-1][0]
    assert "Mairead" not in " ".join(text for one in replies for text in one)  # EV-6
    assert {row.state for row in phone.owed()} == {MessageState.SENT}  # the guard finds nothing to hold
    assert [said for way, said in phone.said() if way == "in"] == [STORY, "1", *answers]
    assert phone.tasks() == []


@pytest.mark.rule("EV-1")
def test_what_was_understood_stands_beside_their_own_words(phone: Phone) -> None:
    phone.say(STORY)
    phone.say("1")
    phone.say("no letter yet")
    said = {row.body: row.understood or "" for row in phone.rows(Message) if row.direction.value == "in"}
    assert "safe" in said["1"] and "letter" in said["no letter yet"]


@pytest.mark.rule("SE-3")
def test_a_letter_with_its_date_is_a_deadline_that_a_person_checks(phone: Phone) -> None:
    phone.say(STORY)
    phone.say("1")
    phone.say("mum")
    phone.say("5")  # a draft plan
    phone.say("10th november")
    (deadline,) = phone.rows(Deadline)
    assert (deadline.kind.value, deadline.letter_on.isoformat(), deadline.is_checked) == (
        "draft_plan",
        "2026-11-10",
        False,
    )
    assert phone.enquiry.deadline_on == deadline.due_on
    assert {clock.kind for clock in phone.rows(Clock)} == {ClockKind.FIRST_CONTACT, ClockKind.STATUTORY}


@pytest.mark.rule("SE-7")
def test_out_of_hours_the_first_reply_says_when_somebody_is_there(phone: Phone) -> None:
    phone.wait(12 * 3600)
    (reply,) = phone.say(STORY)
    assert "We are closed now." in reply and "999" in reply
    assert f"An adviser will reply by {public_moment(phone.rows(Clock)[0].due_at)}." in reply
    assert reply.count(" on ") == 1  # at night one date is enough to read


@pytest.mark.rule("EV-2")
class TestSafe:
    def test_no_is_never_answered_and_obeyed_by_every_later_message(
        self, phone: Phone, carrier: Account, house: House
    ) -> None:
        (first,) = phone.say(STORY)
        assert phone.say("2") == []
        assert phone.thread.safe is Safe.NO and phone.thread.silenced is Silenced.UNSAFE
        assert phone.say("he is hitting me now") == []
        assert phone.say("hello?") == []
        with transaction(phone.session):
            owe_text(
                phone.session, Letter("adviser_reply", "", "Hello", {}, None), channel="sms", endpoint=SENDIASS_NUMBER,
                to=phone.number, cause=uuid7(), about=("request", phone.request.id), now=utc_now(), wall=Wall.SENDIASS,
            )  # fmt: skip
        phone.work()
        assert [one.body for one in carrier.sent_to(phone.number)] == [first]
        assert [said for way, said in phone.said() if way == "in"] == [STORY, "2", "he is hitting me now", "hello?"]

    def test_a_reply_that_waits_is_not_sent_once_they_said_no(self, phone: Phone, carrier: Account) -> None:
        phone.say(STORY)
        first = carrier.sent_to(phone.number)
        phone.send("he is reading this")
        understand_all(phone)
        phone.send("2")
        understand_all(phone)
        phone.work()
        assert carrier.sent_to(phone.number) == first
        assert "delivery_failed" in phone.tasks()

    def test_unset_after_one_kind_repeat_goes_to_a_person(self, phone: Phone) -> None:
        phone.say(STORY)
        phone.say("why do you ask")
        phone.say("whatever it is")
        assert phone.thread.silenced is not None and phone.thread.safe is Safe.UNSET
        assert phone.request.state is RequestState.RECEIVED


def understand_all(phone: Phone) -> None:
    """Understand what waits, and send nothing."""
    phone.wait(1)
    house = phone.client.application.extensions["house"]
    for arrival_id in list_kept(phone.session, utc_now(), house.settings):
        understand(phone.session, arrival_id, now=utc_now(), house=house)


@pytest.mark.rule("EV-2")
@pytest.mark.threat("S3")
class TestLeaving:
    @pytest.mark.parametrize("word", ["STOP", "stop", "Unsubscribe", "CANCEL", "end", "Quit", "STOPALL"])
    def test_the_carriers_word_is_kept_and_never_answered_and_a_person_finds_another_way(
        self, phone: Phone, word: str
    ) -> None:
        phone.say(STORY)
        assert phone.say(word) == []
        assert phone.thread.opted_out_at is not None and phone.thread.silenced is Silenced.OPTED_OUT
        assert phone.tasks() == ["asked_to_stop"]
        assert phone.request.state is RequestState.RECEIVED
        assert phone.say("are you there") == []
        assert [said for way, said in phone.said() if way == "in"] == [STORY, word, "are you there"]

    @pytest.mark.parametrize("cry", ["stop him hitting me", "please make it stop", "end this pls he wont stop"])
    def test_a_cry_for_help_is_no_such_word(self, phone: Phone, cry: str) -> None:
        phone.say(STORY)
        assert len(phone.say(cry)) == 1
        assert phone.thread.opted_out_at is None and phone.thread.silenced is None

    def test_start_lets_the_questions_go_on(self, phone: Phone) -> None:
        phone.say(STORY)
        phone.say("STOP")
        assert phone.say("START") == []
        assert phone.thread.opted_out_at is None and phone.thread.silenced is None
        assert len(phone.say("1")) == 1
        assert len(phone.rows(ServiceRequest)) == 1

    def test_yes_alone_is_an_answer_where_nobody_had_left(self, phone: Phone) -> None:
        phone.say(STORY)
        assert len(phone.say("YES")) == 1
        assert phone.thread.safe is Safe.YES

    @pytest.mark.rule("EV-10")
    def test_help_alone_is_answered_with_999_and_looked_at_by_a_person(self, phone: Phone) -> None:
        (reply,) = phone.say("HELP")  # a carrier answers it with words of its own at best, and by WhatsApp not at all
        assert phone.tasks() == ["wants_person"] and phone.request.state is RequestState.RECEIVED
        assert format_reference(phone.request.reference) in reply and "999" in reply

    @pytest.mark.parametrize(
        "wish", ["dont text this number", "stop texting me please", "leave me alone with these texts"]
    )
    def test_a_plain_wish_silences_at_once_and_goes_to_a_person(self, phone: Phone, wish: str) -> None:
        phone.say(STORY)
        assert phone.say(wish) == []
        assert phone.thread.silenced is Silenced.ASKED_TO_STOP and phone.thread.opted_out_at is None
        assert phone.tasks() == ["asked_to_stop"]
        assert phone.say("he is hitting me now") == []  # who reads along may be the danger: a person is alerted
        assert "danger" in phone.tasks()


class TestBursts:
    @pytest.mark.rule("EV-3")
    @pytest.mark.threat("S5")
    def test_a_text_delivered_again_is_one_message_and_one_reply(self, phone: Phone) -> None:
        sid = new_sid()
        phone.say(STORY, MessageSid=sid)
        assert phone.say(STORY, MessageSid=sid) == []
        assert [way for way, _ in phone.said()] == ["in", "out"]
        assert len(phone.rows(ServiceRequest)) == 1

    @pytest.mark.rule("EV-1")
    def test_several_at_once_are_one_enquiry_with_one_reply_and_every_word(self, phone: Phone) -> None:
        said = ["hello", "its about my son", "school keep sending him home"]
        assert len(phone.say(*said)) == 1
        assert [one for way, one in phone.said() if way == "in"] == said
        assert phone.arrivals() == ["request", "message", "message"]

    def test_texts_in_a_row_are_left_to_finish(self, make_app: Callable[..., Flask], clock: Any) -> None:
        app = make_app(text_settle_seconds=8)
        with app.app_context():
            phone = Phone(app.test_client(), db.session(), clock, MOTHER)
            for body in ("hi", "my son", STORY):
                phone.send(body)
                phone.wait(4)
                phone.work()
            assert phone.owed() == [] and phone.arrivals() == ["kept"] * 3
            phone.wait(8)
            phone.work()
            assert len(phone.owed()) == 1 and len(phone.said()) == 4

    def test_who_never_stops_is_answered_all_the_same(self, make_app: Callable[..., Flask], clock: Any) -> None:
        app = make_app(text_settle_seconds=8)
        with app.app_context():
            phone = Phone(app.test_client(), db.session(), clock, MOTHER)
            for number in range(9):
                phone.send(f"and another thing {number}")
                phone.wait(4)
                phone.work()
            assert phone.owed() != []

    @pytest.mark.rule("EV-1")
    @pytest.mark.threat("F26")
    def test_a_late_one_is_kept_and_stands_in_its_place(self, phone: Phone) -> None:
        phone.say(STORY)
        phone.wait(3600)
        early = utc_now() - timedelta(minutes=50)
        raw = write_raw("twilio", text("hes 9 by the way", From=phone.number))
        new = NewArrival(Channel.SMS, SENDIASS_NUMBER, new_sid(), phone.number, raw, early, Wall.SENDIASS, is_late=True)
        phone.say("1")
        keep(phone.session, new, now=utc_now())
        phone.wait(1)
        phone.work()
        assert [one for way, one in phone.said() if way == "in"] == [STORY, "hes 9 by the way", "1"]
        assert len(phone.rows(ServiceRequest)) == 1

    @pytest.mark.threat("S1")
    def test_a_picture_alone_or_an_empty_text_is_an_enquiry_too(self, phone: Phone) -> None:
        assert len(phone.say("")) == 1
        assert len(phone.rows(ServiceRequest)) == 1
        assert phone.said()[0] == ("in", "")


@pytest.mark.threat("S4")
class TestWhoCannotBeAnswered:
    @pytest.mark.parametrize("sender", ["60777", "HMRC"])
    def test_a_short_code_or_letters_are_kept_opened_and_not_answered(
        self, another: Callable[[str], Phone], sender: str
    ) -> None:
        phone = another(sender)
        assert phone.say(STORY) == []
        assert phone.enquiry.facts["story"] == STORY
        assert phone.thread.silenced is Silenced.NO_WAY and phone.tasks() == ["wants_person"]
        assert phone.say("more") == [] and len(phone.rows(ServiceRequest)) == 1

    @pytest.mark.parametrize("sender", ["+266696687", "anonymous"])
    def test_a_withheld_number_is_held_for_a_person(self, another: Callable[[str], Phone], sender: str) -> None:
        phone = another(sender)
        assert phone.say(STORY) == []
        assert phone.arrivals() == ["held"] and phone.tasks() == ["unreadable"]
        assert phone.rows(Conversation) == []


@pytest.mark.rule("SE-1")
class TestAfterwards:
    def test_a_text_after_the_end_is_a_new_enquiry_linked_and_not_asked_again_whether_it_is_safe(
        self, phone: Phone
    ) -> None:
        phone.say(STORY)
        phone.say("1")
        first = close(phone)
        (reply,) = phone.say("its me again, now they say he cant go on the trip")
        requests = sorted(phone.rows(ServiceRequest), key=lambda row: row.received_at)
        assert [row.state for row in requests] == [RequestState.CLOSED, RequestState.RECEIVED]
        (link,) = phone.rows(RequestLink)
        assert (link.from_id, link.to_id, link.kind) == (requests[1].id, first, LinkKind.AFTER_CLOSED)
        assert (link.wall, phone.sides()) == (Wall.SENDIASS, {Wall.SENDIASS})
        assert format_reference(requests[1].reference) in reply and "999" in reply
        assert "safe to text" not in reply
        assert phone.thread.request_id == requests[1].id

    def test_who_they_are_is_known_from_the_enquiry_before_and_said_to_be_a_new_one(self, phone: Phone) -> None:
        phone.say(STORY)
        phone.say("1")
        first = close(phone)
        with transaction(phone.session):
            before = phone.session.scalars(select(Enquiry).where(Enquiry.request_id == first)).one()
            before.facts = {**(before.facts or {}), "name": "Kelly", "place": "Westmarch", "age": "9"}
        (reply,) = phone.say("its me again, now they say he cant go on the trip")
        after = next(row for row in phone.rows(Enquiry) if row.request_id != first)
        assert "We have opened a new enquiry for you." in reply and "Who are you" not in reply
        assert {name: (after.facts or {}).get(name) for name in ("enquirer", "name", "place", "age")} == {
            "enquirer": "parent",
            "name": "Kelly",
            "place": "Westmarch",
            "age": None,  # it may be about another child
        }

    def test_a_stop_long_after_opens_nothing(self, phone: Phone) -> None:
        phone.say(STORY)
        first = close(phone)
        assert phone.say("STOP") == []
        assert [row.id for row in phone.rows(ServiceRequest)] == [first]
        assert phone.tasks() == ["asked_to_stop"]

    def test_a_professional_is_told_how_the_family_reaches_us_and_is_not_counted(self, phone: Phone) -> None:
        phone.say("hello i am the senco at a school and i want to refer a family to you")
        phone.say("1")
        assert phone.request.state is RequestState.SET_ASIDE, phone.said()
        assert phone.request.set_aside_reason == "professional"
        assert [clock.end for clock in phone.rows(Clock)] == [ClockEnd.WITHDRAWN]
        assert phone.say("thanks i will tell them") == []
        assert len(phone.rows(ServiceRequest)) == 1 and phone.tasks() == ["new_information", "professional"]
        phone.wait(24 * 3600)
        phone.say("my own daughter needs help too, im her mum")
        assert len(phone.rows(ServiceRequest)) == 2


def close(phone: Phone) -> UUID:
    """Close the enquiry as an adviser would."""
    with transaction(phone.session):
        (row,) = phone.session.scalars(select(ServiceRequest).where(ServiceRequest.wall == Wall.SENDIASS))
        row.state = RequestState.CLOSED
        return row.id


@pytest.mark.rule("SE-1")
def test_another_language_is_noticed_kept_and_flagged_for_an_interpreter(phone: Phone) -> None:
    (reply,) = phone.say("Dzień dobry, szkoła nie chce przyjąć mojego syna i nie wiem co robić")
    assert (phone.enquiry.language, phone.enquiry.needs_interpreter) == ("pl", True)
    assert phone.thread.language == "pl" and phone.tasks() == ["interpreter"]
    assert "999" in reply and "Twoj" in reply


@pytest.mark.rule("SE-1")
def test_several_children_or_two_people_are_one_open_enquiry_for_a_person_to_split(phone: Phone) -> None:
    phone.say(STORY)
    phone.say("1")
    phone.say("this is his dad now using her phone")
    phone.say("my kids are 7 and 9")
    assert phone.enquiry.to_split and phone.tasks() == ["split"]
    assert len(phone.rows(ServiceRequest)) == 1


def test_who_wants_a_person_gets_one_after_the_first_reply(phone: Phone) -> None:
    phone.say(STORY)
    assert len(phone.say("can i talk to a human please")) == 1
    assert phone.enquiry.wants_person and phone.tasks() == ["wants_person"]
    assert phone.thread.silenced is Silenced.WANTS_PERSON


@pytest.mark.rule("SE-10")
@pytest.mark.rule("EV-10")
class TestDanger:
    def test_is_answered_at_once_put_first_and_told_to_named_persons(
        self, make_app: Callable[..., Flask], clock: Any, mailbox: Mailbox, carrier: Account
    ) -> None:
        app = make_app(sendiass_alert="nuala@sendiass.example", sendiass_alert_phones="+447700900950")
        with app.app_context():
            phone = Phone(app.test_client(), db.session(), clock, MOTHER)
            phone.wait(14 * 3600)  # at night
            (reply,) = phone.say("he is hitting me now and i cant get out")
            assert "999" in reply and phone.client.application.extensions["house"].settings.duty_line in reply
            assert phone.request.urgency == "danger" and phone.enquiry.danger_at is not None
            assert phone.tasks() == ["danger"]
            (mail,) = mailbox.to("nuala@sendiass.example")
            reference = format_reference(phone.request.reference)
            assert reference in str(mail["Subject"]) and "hitting" not in mailbox.words(mail)
            assert f"/staff/enquiries/{phone.request.id}" in mailbox.words(mail)
            (alert,) = carrier.sent_to("+447700900950")
            assert reference in alert.body and "hitting" not in alert.body
            phone.say("he is hitting me now")  # the same moment: they know
            assert phone.tasks() == ["danger"] and len(mailbox.to("nuala@sendiass.example")) == 1
            phone.wait(3600)
            phone.say("he is hitting me again now")
            assert phone.tasks().count("danger") == 2
            assert phone.sides() == {Wall.SENDIASS}

    def test_reaches_the_advisers_where_nobody_is_named(self, make_app: Callable[..., Flask]) -> None:
        app = make_app(sendiass_alert="", sendiass_alert_phones="", text_carrier="", text_numbers="")
        with app.app_context():
            make_adviser(db.session())
            house = app.extensions["house"]
            mails, phones = list_alerted(db.session(), Wall.SENDIASS, now=utc_now(), house=house)
            assert (mails, phones) == (["nuala.byrne@westmarch.example"], [])

    @pytest.mark.parametrize("silenced", [Silenced.FINISHED, Silenced.PERSON_TOOK, Silenced.WANTS_PERSON])
    def test_is_answered_though_a_person_goes_on(self, phone: Phone, silenced: Silenced) -> None:
        phone.say(STORY)
        phone.say("1")
        quiet(phone, silenced)
        assert phone.say("thank you") == []
        (reply,) = phone.say("he is strangling my mum")
        assert "999" in reply

    def test_blocks_and_hides_nothing(self, phone: Phone) -> None:
        phone.say(STORY)
        (reply,) = phone.say("he is hitting me now")
        assert "?" not in reply and "999" in reply  # the question still stands, and is not asked beside 999
        phone.say("1")
        assert phone.thread.safe is Safe.YES
        assert len(phone.say("im the mum")) == 1
        assert [said for way, said in phone.said() if way == "in"] == [STORY, "he is hitting me now", "1", "im the mum"]


def quiet(phone: Phone, why: Silenced) -> None:
    """Let a person go on instead of the engine."""
    with transaction(phone.session):
        row = phone.session.scalars(select(Conversation).where(Conversation.wall == Wall.SENDIASS)).one()
        row.silenced, row.silenced_at = why, utc_now()


class TestToAnAdviser:
    @pytest.mark.rule("SE-3")
    def test_what_they_write_is_kept_and_the_team_hears_once_until_somebody_looks(
        self, phone: Phone, mailbox: Mailbox
    ) -> None:
        adviser = make_adviser(phone.session)
        phone.say(STORY)
        phone.say("1")
        quiet(phone, Silenced.PERSON_TOOK)
        assert phone.say("when will you ring") == []
        assert phone.say("hello??") == []
        mails = mailbox.to("sendiass@westmarch.example")
        assert len(mails) == 1 and "when will" not in mailbox.words(mails[0])
        assert phone.enquiry.waits_since is not None
        phone.wait(60)
        log_access(
            phone.session, Access.VIEW, by=adviser.actor, now=utc_now(), request_id=phone.request.id, wall=Wall.SENDIASS
        )
        phone.wait(60)
        phone.say("anyone")
        assert len(mailbox.to("sendiass@westmarch.example")) == 2


@pytest.mark.rule("EV-1")
class TestPoison:
    def test_what_no_code_of_ours_can_read_is_held_and_what_comes_after_goes_on(
        self, phone: Phone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = engine.hear

        def spoilt(script: Any, dialogue: Any, heard: Any, manner: Any) -> Any:
            if any("\u0001bad" in one.text for one in heard):
                raise RuntimeError("no such text was thought of")
            return real(script, dialogue, heard, manner)

        monkeypatch.setattr(engine, "hear", spoilt)
        replies = phone.say(STORY, "\u0001bad", "are you there")
        assert phone.arrivals() == ["request", "held", "message"]
        assert [said for way, said in phone.said() if way == "in"] == [STORY, "are you there"]
        assert len(replies) in (1, 2) and phone.tasks() == ["unreadable"]
        (held,) = [row for row in phone.rows(Arrival) if row.disposition.value == "held"]
        assert read_text(held.raw or b"").body == "\u0001bad"
        phone.say("1")
        assert len(phone.rows(ServiceRequest)) == 1 and phone.thread.safe is Safe.YES

    def test_what_was_kept_and_is_no_text_at_all_is_held(self, phone: Phone) -> None:
        phone.send(STORY)
        raw = NewArrival(Channel.SMS, SENDIASS_NUMBER, "SMbad", phone.number, b"\xff", utc_now(), Wall.SENDIASS)
        keep(phone.session, raw, now=utc_now())
        phone.wait(1)
        phone.work()
        assert sorted(phone.arrivals()) == ["held", "request"] and phone.tasks() == ["unreadable"]
