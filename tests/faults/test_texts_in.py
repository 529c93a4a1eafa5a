"""A burst of texts, and a web server or worker that dies while one is taken or its picture fetched: nothing is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.client import HTTPConnection, HTTPException
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from demonstration.carrier.account import Account
from infrastructure.database import db
from service_request.models import Arrival, ArrivalMedia, File, MediaState
from tests.faults.test_nothing_is_lost import close
from tests.faults.test_texts import post_and_work
from tests.made_files import jpeg
from tests.plugins.house import CARRIER_AT
from tests.plugins.server import Installation
from tests.texting import FORM, MESSAGE, Params, sign, text

pytestmark = [pytest.mark.storage, pytest.mark.fault]
Inside = Callable[[], AbstractContextManager[Any]]
TEXTS, AT_ONCE = 200, 20
PATIENCE = 15.0  # Twilio's; then it tells us again


def post(installation: Installation, params: Params) -> int:
    """Post a text as Twilio does; 0 says that the line went dead."""
    url = f"{installation.address}{MESSAGE}"
    headers = {"Content-Type": FORM, "X-Twilio-Signature": sign(url, params)}
    connection = HTTPConnection("localhost", installation.port, timeout=PATIENCE)
    try:
        connection.request("POST", MESSAGE, urlencode(params), headers)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()


@pytest.mark.rule("EV-1")
@pytest.mark.threat("F25")
def test_a_burst_of_texts_is_taken_within_the_carriers_patience_and_kept_whole(
    installation: Installation, inside: Inside
) -> None:
    installation.web(workers=2, posts_a_minute=30)  # the limit that holds for people
    waiting: SimpleQueue[Params] = SimpleQueue()
    for number in range(TEXTS):
        waiting.put(text(f"text {number}", From=f"+447700900{number:03}"))
    answers: list[int] = []
    waits: list[float] = []

    def deliver() -> None:
        while True:
            try:
                params = waiting.get_nowait()
            except Empty:
                return
            began = time.monotonic()
            answers.append(post(installation, params))
            waits.append(time.monotonic() - began)

    threads = [threading.Thread(target=deliver) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * TEXTS
    assert max(waits) < PATIENCE
    with inside():
        found = db.session.scalars(select(Arrival.sender_hash)).all()
        assert (len(found), len(set(map(bytes, found)))) == (TEXTS, TEXTS)
        close()


@pytest.mark.rule("EV-3")
@pytest.mark.threat("T4")
def test_a_web_server_that_dies_before_it_answers_has_kept_the_text_and_knows_it_again(
    installation: Installation, inside: Inside
) -> None:
    params = text()
    dying = installation.web(workers=1, failpoint="after_keep_commit:exit9")
    assert post(installation, params) == 0
    dying.kill()
    with inside():
        first = db.session.scalars(select(Arrival.id)).one()
        close()
    installation.web(workers=1)
    assert [post(installation, params) for _ in range(2)] == [200, 200]
    with inside():
        assert db.session.scalars(select(Arrival.id)).one() == first
        close()


@pytest.mark.rule("EV-1")
@pytest.mark.threat("S1")
def test_a_picture_whose_worker_died_is_fetched_again_and_filed_once(
    installation: Installation, inside: Inside, carrier: Account
) -> None:
    points = ("media_fetched", "before_media_commit")
    for number, point in enumerate(points):
        media = carrier.add_file("image/jpeg", jpeg(), CARRIER_AT)
        sender = f"+4477009008{number:02}"
        params = text("", From=sender, NumMedia="1", MediaUrl0=media.url, MediaContentType0=media.kind)
        assert post_and_work(installation, params, failpoint=f"{point}:exit9") == -9
    with inside():
        assert db.session.scalar(select(func.count()).select_from(File)) == 0
        assert set(db.session.scalars(select(ArrivalMedia.state))) == {MediaState.WAITING}
        with db.engine.begin() as connection:  # the leases of the dead are over
            connection.execute(ArrivalMedia.__table__.update().values(lease_until=None))
        close()
    assert post_and_work(installation) == 0
    with inside():
        rows = db.session.scalars(select(ArrivalMedia)).all()
        assert {row.state for row in rows} == {MediaState.FETCHED}
        assert {row.file_id for row in rows} == set(db.session.scalars(select(File.id)))
        assert len(rows) == len(points)
        close()
