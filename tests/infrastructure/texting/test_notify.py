"""GOV.UK Notify's own client against a server that answers as Notify does (F22, F23)."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from infrastructure.database import utc_now
from infrastructure.outbox import Result
from infrastructure.outbox.senders import Parcel, Sent
from infrastructure.settings import Settings
from infrastructure.texting.notify import NotifySender
from infrastructure.texting.senders import text_senders
from tests.infrastructure.test_settings import NOTIFY, safe

MOTHER = "+447700900811"
WORDS = "We have your message. Your reference is K7RM-4TXC."


class Notify:
    """What Notify has; `answers` are the statuses of the next questions to send, 201 where there is none."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.answers: list[int] = []
        self.takes_anyway = False
        self.asked: list[str] = []
        self.list_status = 200


@pytest.fixture
def notify() -> Iterator[tuple[Notify, str]]:
    state = Notify()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Authorization"].startswith("Bearer ")
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.asked.append("send")
            status = state.answers.pop(0) if state.answers else 201
            if status == 201 or state.takes_anyway:
                state.taken.append({**said, "id": str(uuid4())})
            failed = {
                "status_code": status,
                "errors": [{"error": "Error", "message": f"{said['phone_number']} {WORDS}"}],
            }
            self._answer(status, state.taken[-1] if status == 201 else failed)

        def do_GET(self) -> None:
            state.asked.append("find")
            reference = parse_qs(urlsplit(self.path).query)["reference"][0]
            found = [one for one in state.taken if one["reference"] == reference]
            self._answer(state.list_status, {"notifications": found, "links": {}})

        def _answer(self, status: int, said: dict[str, Any]) -> None:
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield state, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def settings_at(address: str) -> Settings:
    return safe(**{**NOTIFY, "demonstration": True, "notify_base_url": address})


def parcel(**changes: Any) -> Parcel:
    return Parcel(MOTHER, "", WORDS, "<1a2b@frontdoor>", channel="sms", endpoint="+447700900180", **changes)


def test_a_text_leaves_in_our_words_under_our_reference(notify: tuple[Notify, str]) -> None:
    state, address = notify
    sent = text_senders(settings_at(address))["sms"].send(parcel())
    (taken,) = state.taken
    assert sent == Sent(Result.ACCEPTED, "201", taken["id"])
    assert (taken["phone_number"], taken["personalisation"]) == (MOTHER, {"text": WORDS})
    assert (taken["reference"], taken["template_id"]) == ("1a2b@frontdoor", NOTIFY["notify_text_template"])


@pytest.mark.threat("F22")
@pytest.mark.threat("F23")
@pytest.mark.parametrize(
    ("status", "result"),
    [
        (429, Result.TEMPORARY),
        (403, Result.TEMPORARY),
        (400, Result.PERMANENT),
        (500, Result.UNKNOWN),
        (503, Result.UNKNOWN),
    ],
)
def test_a_refusal_is_what_it_means(notify: tuple[Notify, str], status: int, result: Result) -> None:
    state, address = notify
    state.answers.append(status)
    assert NotifySender(settings_at(address)).send(parcel()) == Sent(result, str(status))


@pytest.mark.threat("F23")
def test_what_was_taken_with_an_error_is_found_by_its_reference_and_not_sent_again(notify: tuple[Notify, str]) -> None:
    state, address = notify
    sender = NotifySender(settings_at(address))
    state.answers, state.takes_anyway = [500], True
    assert sender.send(parcel()).result is Result.UNKNOWN
    assert sender.send(parcel(unsure=(utc_now(),))) == Sent(Result.ACCEPTED, "found", state.taken[0]["id"])
    assert (len(state.taken), state.asked) == (1, ["send", "find"])
    twice = (utc_now() - timedelta(minutes=6), utc_now() - timedelta(minutes=1))
    for ago, left in ((0, Result.TEMPORARY), (10, Result.PERMANENT)):
        lost = parcel(unsure=tuple(one - timedelta(minutes=ago) for one in twice))
        assert sender.send(replace(lost, message_id="<9z@frontdoor>")).result is left
    assert len(state.taken) == 1
    state.list_status = 500
    assert sender.send(parcel(unsure=(utc_now(),))).result is Result.TEMPORARY
    assert len(state.taken) == 1


def test_a_carrier_that_is_away_took_nothing(notify: tuple[Notify, str]) -> None:
    sender = NotifySender(settings_at("http://127.0.0.1:9"))
    assert sender.send(parcel()).result is Result.TEMPORARY
    assert sender.send(parcel(unsure=(utc_now(),))).result is Result.TEMPORARY


@pytest.mark.threat("T26")
def test_no_number_and_no_word_of_a_text_is_in_our_log_or_result(
    notify: tuple[Notify, str], capfd: pytest.CaptureFixture[str]
) -> None:
    from infrastructure.logging import configure_logging

    handlers, level = logging.getLogger().handlers, logging.getLogger().level
    try:
        configure_logging("DEBUG")
        state, address = notify
        state.answers.append(400)
        sent = NotifySender(settings_at(address)).send(parcel())
    finally:
        logging.getLogger().handlers = handlers
        logging.getLogger().setLevel(level)
    said = capfd.readouterr().err + str(sent)
    assert all(hidden not in said for hidden in (MOTHER, "K7RM", "message"))
