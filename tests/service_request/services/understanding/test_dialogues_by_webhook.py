"""The thirty dialogues as texts and WhatsApp messages: signed, by the webhook, understood by the worker (EV-1, EV-3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import count, groupby
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction, utc_now
from service_request.domain.states import RequestState
from service_request.models import (
    AreaPrefix,
    Arrival,
    Channel,
    Conversation,
    Deadline,
    Direction,
    Disposition,
    Enquiry,
    Message,
    ServiceRequest,
)
from service_request.pathways.sendiass.rules import LIVE
from service_request.services.understanding.understand import list_kept, understand
from tests.dialogues import STARTS, WRITTEN, Sent, Written
from tests.factories import make_area
from tests.texting import deliver, new_sid, text, whatsapp

pytestmark = pytest.mark.storage
OURS = ("WM1", "WM2", "WM3", "WM4", "WM5", "WM6", "WM7", "WM8")
_FREE = count(100, 2)  # the last figures of numbers that no dialogue has
NUMBERS = {written.name: f"+4477009000{number:02}" for number, written in enumerate(WRITTEN)}


def params(sent: Sent, number: str, channel: Channel, sid: str) -> list[tuple[str, str]]:
    """Return a message as the carrier posts it."""
    more = {"MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "NumMedia": str(sent.pictures)}
    for index in range(sent.pictures):
        more |= {f"MediaUrl{index}": f"http://127.0.0.1:9/{sid}/{index}", f"MediaContentType{index}": "image/jpeg"}
    if channel is Channel.WHATSAPP:
        return whatsapp(sent.text, From=f"whatsapp:{number}", WaId=number[1:], **more)
    if sent.carrier:
        more["OptOutType"] = sent.carrier
    return text(sent.text, From=number, **more)


def understand_all(client: FlaskClient, session: Session) -> None:
    """Do the worker's part for every number that has something waiting."""
    house = client.application.extensions["house"]
    for _ in range(10):
        waiting = list_kept(session, utc_now(), house.settings)
        if not waiting:
            return
        for arrival_id in waiting:
            understand(session, arrival_id, now=utc_now(), house=house)
    raise AssertionError("something is left, however often it is understood")


def by_number(session: Session) -> dict[str, Conversation]:
    return {row.counterpart or "": row for row in session.scalars(select(Conversation))}


@pytest.mark.rule("SE-1")
@pytest.mark.rule("SE-2")
@pytest.mark.rule("SE-3")
@pytest.mark.rule("SE-6")
@pytest.mark.rule("EV-1")
@pytest.mark.parametrize("channel", [Channel.SMS, Channel.WHATSAPP])
def test_thirty_people_at_once_each_end_in_the_right_enquiry_and_no_word_is_lost(
    client: FlaskClient, session: Session, clock: Any, channel: Channel
) -> None:
    area = make_area(session, "Teasel Vale")
    with transaction(session):
        session.add_all(AreaPrefix(area_id=area.id, prefix=prefix) for prefix in OURS)
    due: list[tuple[datetime, str, list[Sent]]] = sorted(
        ((batch[0].at, one.name, batch) for one in WRITTEN for batch in one.batches()), key=lambda at: at[:2]
    )
    for at, batches in groupby(due, key=lambda one: one[0]):
        clock.move_to(at)
        for _, name, batch in batches:
            for sent in batch:
                assert deliver(client, params(sent, NUMBERS[name], channel, new_sid())).status_code == 200
                clock.shift(0.01)
        understand_all(client, session)
    session.expire_all()
    threads = by_number(session)
    requests = {row.id: row for row in session.scalars(select(ServiceRequest))}
    enquiries = {row.request_id: row for row in session.scalars(select(Enquiry))}
    deadlines = {row.request_id: row for row in session.scalars(select(Deadline)) if row.ended_at is None}
    heard = defaultdict(list)
    for row in session.scalars(select(Message).order_by(Message.at, Message.id)):
        if row.direction is Direction.IN:
            heard[row.conversation_id].append(row.body)
    assert len(requests) == len(enquiries) == len(threads) == len(WRITTEN)
    assert {row.wall for row in [*requests.values(), *threads.values()]} == {Wall.SENDIASS}
    wrong: dict[str, Any] = {}
    for written in WRITTEN:
        thread = threads[NUMBERS[written.name]]
        assert thread.channel is channel
        assert [body or "" for body in heard[thread.id]] == [sent.text for sent in written.messages], written.name
        assert thread.request_id is not None
        want, mine = expected(written), thread.request_id
        got = came_of_it(want, thread, requests[mine], enquiries[mine], deadlines.get(mine))
        wrong |= {f"{written.name} {name}": (got[name], want[name]) for name in want if got[name] != want[name]}
    assert not wrong


def expected(written: Written) -> dict[str, Any]:
    """Return what the file of a dialogue says of its enquiry."""
    expect = written.expect
    particular = {"state": RequestState.RECEIVED, "deadline": None, "danger": False, **expect.get("enquiry", {})}
    return {
        **expect["facts"],
        **dict.fromkeys(expect.get("lacks", ())),
        "safe": expect["safe"],
        "ends": expect["ends"],
        "language": expect.get("language"),
        **{f"enquiry.{name}": value for name, value in particular.items()},
    }


def came_of_it(
    names: Iterable[str], thread: Conversation, request: ServiceRequest, enquiry: Enquiry, deadline: Deadline | None
) -> dict[str, Any]:
    """Return the same of what is stored."""
    particular = {
        "enquiry.state": request.state,
        "enquiry.deadline": deadline.due_on.isoformat() if deadline else None,
        "enquiry.danger": enquiry.danger_at is not None and request.urgency == "danger",
    }
    known = {"safe": thread.safe, "ends": thread.silenced, "language": thread.language, **particular}
    facts = enquiry.facts or {}
    return {
        name: known[name]
        if name in known
        else getattr(enquiry, name.removeprefix("enquiry."))
        if name.startswith("enquiry.")
        else facts.get(name)
        for name in names
    }


@pytest.mark.rule("EV-1")
@pytest.mark.rule("EV-3")
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_any_texts_repeated_and_shuffled_are_each_stored_once_with_one_open_enquiry_for_each_number(
    client: FlaskClient, session: Session, clock: Any, data: st.DataObject
) -> None:
    said = [sent.text for written in WRITTEN for sent in written.messages if sent.text]
    texts = data.draw(st.lists(st.tuples(st.integers(0, 1), st.sampled_from(said)), min_size=1, max_size=7))
    known = {new_sid(): one for one in texts}
    order = data.draw(st.lists(st.sampled_from(sorted(known)), max_size=5)) + list(known)
    order = data.draw(st.permutations(order))
    works_at = data.draw(st.sets(st.integers(0, len(order))))
    first = next(_FREE)
    numbers = (f"+447700900{first:03}", f"+447700900{first + 1:03}")  # those of the examples before stay in the tables
    clock.move_to(STARTS)
    for place, sid in enumerate(order):
        phone, body = known[sid]
        clock.shift(1)
        assert deliver(client, text(body, From=numbers[phone], MessageSid=sid, SmsSid=sid)).status_code == 200
        if place in works_at:
            understand_all(client, session)
    understand_all(client, session)
    session.expire_all()
    arrivals = list(session.scalars(select(Arrival).where(Arrival.external_id.in_(known))))
    assert len(arrivals) == len(known)
    assert {row.disposition for row in arrivals} <= {Disposition.REQUEST, Disposition.MESSAGE}
    rows = session.scalars(select(Message).where(Message.arrival_id.in_([row.id for row in arrivals])))
    assert sorted(row.body or "" for row in rows) == sorted(body for _, body in known.values())
    threads = [row for number, row in by_number(session).items() if number in numbers]
    assert len(threads) == len({phone for phone, _ in texts})
    requests = session.scalars(
        select(ServiceRequest).where(ServiceRequest.id.in_({row.request_id for row in arrivals}))
    )
    assert {row.id for row in requests if row.state in LIVE} <= {row.request_id for row in threads}
