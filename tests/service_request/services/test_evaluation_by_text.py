"""How it went, by text: one numbered question at a time, and words that belong to nobody are nowhere (SE-8)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.outbox import OutboxMessage
from service_request.models import (
    Arrival,
    Channel,
    Conversation,
    Disposition,
    Evaluation,
    EvaluationState,
    Safe,
    Silenced,
)
from service_request.services.enquiries.evaluation_answers import Standing, read_evaluation_page
from service_request.services.enquiries.evaluation_texts import hear, stop
from service_request.services.enquiries.evaluations import act_on_evaluation, list_due
from tests.evaluating import evaluation_of, make_reached, send_out, token_in_outbox
from tests.plugins.house import SENDIASS_NUMBER

pytestmark = [pytest.mark.rule("SE-8"), pytest.mark.storage]
INSIDE = Wall.SENDIASS
NOW = datetime(2027, 3, 2, 10, 0, tzinfo=UTC)
MUM = "+447700900461"


class Talk:
    """A mother who texts us, three months after."""

    def __init__(self, session: Session, house: House, **changes: str) -> None:
        self.session, self.house, self.sent = session, house, 0
        self.request_id = make_reached(session, house, now=NOW, email="", phone=MUM, **changes)
        with transaction(session):
            thread = Conversation(
                wall=INSIDE,
                channel=Channel.SMS,
                endpoint=SENDIASS_NUMBER,
                counterpart=MUM,
                counterpart_hash=MUM,
                safe=Safe.YES,
                last_request_id=self.request_id,
                heard_at=NOW,
            )
            session.add(thread)
        self.thread_id = thread.id
        session.rollback()

    @property
    def thread(self) -> Conversation:
        query = select(Conversation).where(Conversation.wall == INSIDE, Conversation.id == self.thread_id)
        return self.session.scalars(query).one()

    def say(self, words: str) -> bool:
        """Text this; tell whether it was taken as an answer."""
        self.sent += 1
        at = NOW + timedelta(minutes=self.sent)
        raw = json.dumps({"carrier": "twilio", "params": [["Body", words]]}).encode()
        self.session.rollback()
        with transaction(self.session):
            arrival = Arrival(
                wall=INSIDE,
                channel=Channel.SMS,
                endpoint=SENDIASS_NUMBER,
                external_id=f"SM{self.sent}",
                sender=MUM,
                sender_hash=MUM,
                raw=raw,
                received_at=at,
                stored_at=at,
                disposition=Disposition.KEPT,
            )
            self.session.add(arrival)
            self.session.flush()
            taken = hear(self.session, self.thread, arrival, words, now=at, house=self.house)
        self.session.rollback()
        return taken

    def texts(self) -> list[str]:
        """Return what we texted, in order."""
        self.session.rollback()
        query = select(OutboxMessage).where(OutboxMessage.wall == INSIDE, OutboxMessage.channel == Channel.SMS)
        return [row.body["text"] for row in self.session.scalars(query.order_by(OutboxMessage.owed_at))]

    def rows(self) -> list[Evaluation]:
        self.session.rollback()
        return list(self.session.scalars(select(Evaluation).where(Evaluation.wall == INSIDE)))

    def arrivals(self) -> list[Arrival]:
        self.session.rollback()
        query = select(Arrival).where(Arrival.wall == INSIDE, Arrival.channel == Channel.SMS)
        return list(self.session.scalars(query.order_by(Arrival.received_at)))


@pytest.fixture
def talk(session: Session, house: House) -> Talk:
    made = Talk(session, house)
    send_out(session, house, made.request_id, now=NOW)
    return made


@pytest.mark.rule("EV-6")
def test_it_is_asked_by_text_where_they_wrote_themselves(talk: Talk) -> None:
    [first] = talk.texts()
    assert "GO" in first and "STOP" in first and "/how-it-went/" in first
    for told in ("Tadhg", "Mairead", "SENDIASS", "school"):
        assert told.lower() not in first.lower()


def test_one_numbered_question_at_a_time_and_a_name_only_for_who_says_so(talk: Talk) -> None:
    for words in ("Go", "1", "2", "skip", "3", "1.", "5", "1"):
        assert talk.say(words), words
    said = talk.texts()
    assert said[1].startswith("1 of 6. How easy was it to get in touch with us? 1 Very easy, 2 Easy")
    assert [text[:6] for text in said[1:7]] == [f"{n} of 6" for n in range(1, 7)]
    assert said[-1] == "Thank you for telling us. We ask nothing more."
    row = evaluation_of(talk.session, talk.request_id)
    assert (row.state, row.is_anonymous) == (EvaluationState.ANSWERED, False)
    assert row.answers == {"reach": "5", "satisfied": "4", "neutral": "3", "recommend": "5", "difference": "1"}
    assert {one.disposition for one in talk.arrivals()} == {Disposition.MESSAGE}


@pytest.mark.rule("SE-5")
def test_without_a_name_the_answers_are_with_nobody_and_the_texts_have_lost_their_words(talk: Talk) -> None:
    for words in ("go", "1", "2", "3", "3", "1", "5", "2"):
        assert talk.say(words)
    planned = evaluation_of(talk.session, talk.request_id)
    assert (planned.answers, planned.answered_on, planned.is_anonymous) == (None, None, True)
    [kept] = [row for row in talk.rows() if row.answers]
    assert kept.id.version == 4
    assert (kept.request_id, kept.conversation_id, kept.level, kept.token, kept.ends_at) == (None,) * 5
    assert kept.answers["difference"] == "1"
    assert [one.raw for one in talk.arrivals()] == [None] * 8


def test_their_own_words_are_never_taken_for_an_answer(talk: Talk) -> None:
    for words in ("1", "hello, is Nuala there", "stop him hitting me", "gone again"):
        assert not talk.say(words), words
    assert talk.say("go")
    for words in ("9", "he is excluded again and I need help", "4 days off school", "yes"):
        assert not talk.say(words), words
    assert talk.say("4")
    assert {one.disposition for one in talk.arrivals()} == {Disposition.KEPT, Disposition.MESSAGE}


def test_while_the_engine_asks_for_a_new_enquiry_a_number_is_its(talk: Talk) -> None:
    assert talk.say("go")
    with transaction(talk.session):
        talk.thread.request_id = talk.request_id
    assert not talk.say("1")
    with transaction(talk.session):
        talk.thread.silenced = Silenced.FINISHED
    assert talk.say("1")


def test_who_stops_is_asked_no_more_and_nothing_that_was_half_said_is_kept(talk: Talk) -> None:
    assert talk.say("go") and talk.say("1")
    with transaction(talk.session):
        stop(talk.session, talk.thread, now=NOW)
    row = evaluation_of(talk.session, talk.request_id)
    assert (row.state, row.answers, row.next_at) == (EvaluationState.OPTED_OUT, None, None)
    assert not talk.say("2")


def test_what_was_left_halfway_is_counted_without_a_name_when_its_time_is_over(talk: Talk) -> None:
    assert talk.say("go") and talk.say("1") and talk.say("2")
    row = evaluation_of(talk.session, talk.request_id)
    over = row.ends_at
    assert over is not None
    talk.session.rollback()
    assert list_due(talk.session, over - timedelta(minutes=1)) == []
    [due] = list_due(talk.session, over)
    act_on_evaluation(talk.session, due, now=over, house=talk.house)
    [kept] = [one for one in talk.rows() if one.answers]
    assert (kept.answers, kept.request_id) == ({"reach": "5", "satisfied": "4"}, None)
    assert list_due(talk.session, over) == []


def test_the_link_says_thanks_to_who_answered_by_text(talk: Talk) -> None:
    token = token_in_outbox(talk.session, talk.request_id)
    for words in ("go", "1", "2", "3", "3", "1", "5", "2"):
        talk.say(words)
    page = read_evaluation_page(talk.session, token=token, now=NOW, house=talk.house)
    assert page.standing is Standing.ANSWERED


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize(
    ("safe", "silenced", "opted_out", "why"),
    [
        (Safe.NO, None, None, "not_safe"),
        (Safe.YES, Silenced.UNSAFE, None, "not_safe"),
        (Safe.YES, Silenced.ASKED_TO_STOP, None, "opted_out"),
        (Safe.YES, None, NOW, "opted_out"),
    ],
)
def test_never_to_a_phone_that_is_not_safe_or_that_left(
    session: Session, house: House, safe: Safe, silenced: Silenced | None, opted_out: datetime | None, why: str
) -> None:
    talk = Talk(session, house)
    with transaction(session):
        talk.thread.safe, talk.thread.silenced, talk.thread.opted_out_at = safe, silenced, opted_out
    row = send_out(session, house, talk.request_id, now=NOW)
    assert (row.state, row.why) == (EvaluationState.NOT_SENT, why)
    assert talk.texts() == []
