"""What comes by text is kept whole, once, on its side of the wall, and answered with nothing to say (EV-1, EV-3, SE-5)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.house import House
from service_request.domain.inbound_text import read_text, write_raw
from service_request.models import Arrival, ArrivalMedia, Channel, Disposition, Task, TaskKind
from tests.factories import NOW
from tests.listening import logged
from tests.plugins.house import ACCOUNT, SENDIASS_NUMBER, SOCIAL_CARE_NUMBER
from tests.texting import MOTHER, Params, deliver, new_sid, text, whatsapp, without
from tests.wall.stolen import Thief

pytestmark = pytest.mark.storage

EMPTY = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
ANOTHER_NUMBER = "+447700900199"


def rows(session: Session) -> list[Arrival]:
    session.rollback()
    return list(session.scalars(select(Arrival).order_by(Arrival.stored_at, Arrival.id)))


def the_row(session: Session) -> Arrival:
    (row,) = rows(session)
    return row


def kinds_of_tasks(session: Session) -> list[tuple[TaskKind, Wall]]:
    return [(task.kind, task.wall) for task in session.scalars(select(Task))]


@pytest.mark.rule("EV-1")
@pytest.mark.rule("SE-5")
@pytest.mark.threat("S6")
def test_a_text_is_kept_as_it_came_before_it_is_answered(client: FlaskClient, session: Session) -> None:
    params = text("school wont let my son in", changes=[("Brand-new", "1"), ("Tag", "b"), ("Tag", "a")])
    with time_machine.travel(NOW, tick=False):
        answer = deliver(client, params)
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "text/xml", EMPTY)
    row = the_row(session)
    assert (row.channel, row.endpoint, row.sender) == (Channel.SMS, SENDIASS_NUMBER, MOTHER)
    assert (row.wall, row.disposition, row.received_at, row.is_late) == (Wall.SENDIASS, Disposition.KEPT, NOW, False)
    assert row.external_id == dict(params)["MessageSid"]
    assert sorted(map(tuple, json.loads(row.raw or b"")["params"])) == sorted(params)
    assert row.raw == write_raw("twilio", [(n, v) for n, v in read_text(row.raw or b"").params])


@pytest.mark.rule("EV-1")
def test_a_whatsapp_message_comes_by_the_same_way_under_its_own_channel(client: FlaskClient, session: Session) -> None:
    assert deliver(client, whatsapp("czy ktos mowi po polsku")).data == EMPTY
    row = the_row(session)
    assert (row.channel, row.endpoint, row.sender) == (Channel.WHATSAPP, SENDIASS_NUMBER, MOTHER)
    assert read_text(row.raw or b"").profile_name == "Mairead"


@pytest.mark.rule("EV-1")
def test_a_text_to_the_councils_number_is_on_the_open_side(client: FlaskClient, session: Session) -> None:
    deliver(client, text(To=SOCIAL_CARE_NUMBER))
    row = the_row(session)
    assert (row.wall, row.endpoint, row.disposition) == (Wall.OPEN, SOCIAL_CARE_NUMBER, Disposition.KEPT)


@pytest.mark.threat("S1")
@pytest.mark.parametrize("body", ["", "😭😭", " "])
def test_a_text_of_nothing_an_emoji_or_a_picture_is_kept_with_where_its_pictures_are(
    body: str, client: FlaskClient, session: Session
) -> None:
    sid, media = new_sid("MM"), [new_sid("ME"), new_sid("ME")]
    urls = [f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media/{one}" for one in media]
    more = {
        "MediaUrl0": urls[0],
        "MediaContentType0": "image/jpeg",
        "MediaUrl1": urls[1],
        "MediaContentType1": "image/heic",
    }
    deliver(client, text(body, sid=sid, NumMedia="2", **more))
    row = the_row(session)
    assert (read_text(row.raw or b"").body, read_text(row.raw or b"").media) == (body, 2)
    found = session.scalars(select(ArrivalMedia).order_by(ArrivalMedia.number)).all()
    assert [(one.url, one.content_type, one.wall) for one in found] == [
        (urls[0], "image/jpeg", Wall.SENDIASS),
        (urls[1], "image/heic", Wall.SENDIASS),
    ]


@pytest.mark.threat("S2")
def test_the_longest_text_in_mixed_letters_is_kept_whole_and_in_order(client: FlaskClient, session: Session) -> None:
    words = [f"{n} é ‘q’ 😀 میرے 我 \u202e \x07" for n in range(90)]
    body = " ".join(words)[:1600]
    deliver(client, text(body, NumSegments="24"))
    found = read_text(the_row(session).raw or b"")
    assert (found.body, found.segments) == (body, 24)


@pytest.mark.threat("S3")
@pytest.mark.parametrize("body", ["STOP", "START", "HELP", "stop him hurting me"])
def test_the_carriers_words_are_kept_like_any_others(body: str, client: FlaskClient, session: Session) -> None:
    assert deliver(client, text(body)).data == EMPTY
    row = the_row(session)
    assert (row.disposition, read_text(row.raw or b"").body) == (Disposition.KEPT, body)


@pytest.mark.threat("S4")
@pytest.mark.parametrize("sender", ["+266696687", "60060", "HMRC", "Anonymous", "client:mum"])
def test_a_sender_without_a_number_is_kept_as_it_is_called(sender: str, client: FlaskClient, session: Session) -> None:
    deliver(client, text(From=sender))
    row = the_row(session)
    assert (row.sender, row.disposition) == (sender, Disposition.KEPT)


@pytest.mark.rule("EV-3")
@pytest.mark.threat("T4")
@pytest.mark.threat("S5")
def test_a_text_delivered_a_hundred_times_is_answered_alike_and_kept_once(
    client: FlaskClient, session: Session
) -> None:
    params = text(NumMedia="1", MediaUrl0="https://api.twilio.com/x", To=ANOTHER_NUMBER)
    answers = {(a.status_code, a.data) for a in (deliver(client, params) for _ in range(100))}
    assert answers == {(200, EMPTY)}
    assert len(rows(session)) == 1
    assert len(kinds_of_tasks(session)) == 1
    assert session.scalar(select(func.count()).select_from(ArrivalMedia)) == 1


@pytest.mark.rule("EV-1")
@pytest.mark.threat("S6")
@pytest.mark.parametrize(
    "missing",
    [("From",), ("MessageSid", "SmsSid", "SmsMessageSid"), ("From", "MessageSid", "SmsSid", "SmsMessageSid", "Body")],
)
def test_a_signed_text_without_its_sender_or_name_is_kept_and_held(
    missing: tuple[str, ...], client: FlaskClient, session: Session
) -> None:
    params = without(text("please help"), *missing)
    for _ in range(2):
        assert deliver(client, params).data == EMPTY
    row = the_row(session)
    assert (row.disposition, row.reason, row.wall) == (Disposition.HELD, "incomplete", Wall.SENDIASS)
    assert kinds_of_tasks(session) == [(TaskKind.UNREADABLE, Wall.SENDIASS)]
    deliver(client, [*params, ("Tag", "another")])
    assert len(rows(session)) == (2 if "MessageSid" in missing else 1)


@pytest.mark.rule("EV-1")
@pytest.mark.threat("S7")
@pytest.mark.parametrize("to", [ANOTHER_NUMBER, "", f"whatsapp:{SOCIAL_CARE_NUMBER}", "60777\x00"])
def test_a_text_to_a_number_of_no_pathway_waits_inside_the_wall_for_a_person(
    to: str, client: FlaskClient, session: Session
) -> None:
    assert deliver(client, text(To=to)).data == EMPTY
    row = the_row(session)
    assert (row.disposition, row.reason, row.wall) == (Disposition.HELD, "unrouted", Wall.SENDIASS)
    assert kinds_of_tasks(session) == [(TaskKind.UNROUTED, Wall.SENDIASS)]


@pytest.mark.threat("S7")
def test_where_no_number_is_sendiass_a_forgotten_one_is_the_councils(make_app: object, database: object) -> None:
    app = make_app(text_numbers=f"sms:{SOCIAL_CARE_NUMBER}=social_care")  # type: ignore[operator]
    with app.app_context():
        from infrastructure.database import db

        deliver(app.test_client(), text(To=ANOTHER_NUMBER))
        assert the_row(db.session()).wall is Wall.OPEN
        assert kinds_of_tasks(db.session()) == [(TaskKind.UNROUTED, Wall.OPEN)]


def report(status: str) -> Params:
    return without(text(MessageStatus=status, SmsStatus=status, From=SENDIASS_NUMBER, To=MOTHER), "Body")


@pytest.mark.parametrize("status", ["queued", "sent", "delivered", "undelivered", "failed"])
def test_a_report_on_our_own_text_that_comes_astray_is_no_message(
    status: str, client: FlaskClient, session: Session
) -> None:
    assert deliver(client, report(status)).data == EMPTY
    assert rows(session) == []


@pytest.mark.rule("SE-5")
def test_of_a_text_to_sendiass_the_councils_keys_and_the_log_tell_nothing(
    client: FlaskClient, session: Session, house: House
) -> None:
    sid = new_sid("MM")
    where = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media/{new_sid('ME')}?Corrigan"
    held = without(text("Corrigan again"), "MessageSid", "SmsSid", "SmsMessageSid")
    with logged() as log:
        deliver(
            client, text("my son is Tadhg Corrigan", sid=sid, NumMedia="1", MediaUrl0=where, ProfileName="Corrigan")
        )
        deliver(client, whatsapp("Corrigan on whatsapp"))
        deliver(client, held)
        deliver(client, text("Corrigan", To=ANOTHER_NUMBER))
        deliver(client, text("Corrigan", From="Corrigan"))
    assert log.getvalue() == ""
    assert len(rows(session)) == 5
    thief = Thief(house.settings)
    told = [place for place, said in thief.read(session) if "Corrigan" in said or MOTHER[1:] in said]
    assert told == []
    assert [thief.finds(session, guess) for guess in (MOTHER, "corrigan")] == [[], []]
    assert set(Thief(house.settings, Wall.SENDIASS).finds(session, MOTHER)) == {"arrival.sender_hash"}


@pytest.mark.threat("F26")
def test_a_moment_is_that_of_the_first_delivery(client: FlaskClient, session: Session) -> None:
    params = text()
    with time_machine.travel(NOW, tick=False) as clock:
        deliver(client, params)
        clock.shift(timedelta(hours=1))
        deliver(client, params)
    assert the_row(session).received_at == NOW
