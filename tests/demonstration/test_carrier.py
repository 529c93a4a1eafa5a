"""The demonstration's carrier: a phone is played over HTTP, each text reaches the product signed, and all is kept."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode

import pytest
from twilio.request_validator import RequestValidator

from demonstration.carrier.server import Carrier, start_carrier

ACCOUNT, TOKEN = "AC" + "7" * 32, "t" * 32
MOTHER, OURS = "+447700900461", "+447700900180"


class Product:
    """Takes webhooks, and notes whether each is signed."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, str], bool]] = []
        self.address = ""


@pytest.fixture
def product() -> Iterator[Product]:
    made = Product()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = dict(
                parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True)
            )
            signature = self.headers["X-Twilio-Signature"]
            is_signed = RequestValidator(TOKEN).validate(f"{made.address}{self.path}", said, signature)
            made.heard.append((self.path, said, is_signed))
            self.send_response(200 if is_signed else 403)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def carrier(product: Product, tmp_path: Path) -> Iterator[Carrier]:
    made = start_carrier(tmp_path, account_sid=ACCOUNT, token=TOKEN, public_url=product.address)
    yield made
    made.stop()


def ask(address: str, form: dict[str, str] | None = None) -> Any:
    data = urlencode(form).encode() if form is not None else None
    with urllib.request.urlopen(address, data, timeout=10) as answer:
        return json.loads(answer.read())


def play(carrier: Carrier, body: str, **more: str) -> Any:
    return ask(f"{carrier.address}/play/texts", {"From": MOTHER, "To": OURS, "Body": body, **more})


def thread_of(carrier: Carrier, channel: str = "sms") -> Any:
    where = urlencode({"phone": MOTHER, "number": OURS, "channel": channel})
    return ask(f"{carrier.address}/play/thread?{where}")


def test_a_text_reaches_the_product_signed_again_under_its_name_and_forged_it_is_refused(
    carrier: Carrier, product: Product
) -> None:
    first = play(carrier, "school wont let my son in")
    assert (first["status"], first["took_ms"] >= 0) == (200, True)
    again = play(carrier, "", again=first["sid"])
    assert (again["sid"], again["status"]) == (first["sid"], 200)
    assert play(carrier, "not from us", tamper="1")["status"] == 403
    bodies = [(path, said["Body"], signed) for path, said, signed in product.heard]
    assert bodies == [
        ("/hooks/twilio/message", "school wont let my son in", True),
        ("/hooks/twilio/message", "school wont let my son in", True),
        ("/hooks/twilio/message", "not from us", False),
    ]


def test_a_late_one_is_delivered_behind_the_next(carrier: Carrier, product: Product) -> None:
    assert play(carrier, "one", late="1")["status"] == 0
    play(carrier, "two")
    assert [said["Body"] for _, said, _ in product.heard] == ["two", "one"]
    assert [one["body"] for one in thread_of(carrier)] == ["one", "two"]


def test_a_picture_is_served_to_who_knows_the_account_alone(carrier: Carrier, product: Product) -> None:
    asked = urllib.request.Request(f"{carrier.address}/play/media", b"\x89PNG", {"Content-Type": "image/png"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        url = json.loads(answer.read())["url"]
    play(carrier, "", From=f"whatsapp:{MOTHER}", To=f"whatsapp:{OURS}", MediaUrl0=url, MediaContentType0="image/png")
    said = product.heard[-1][1]
    assert (said["NumMedia"], said["MediaUrl0"], said["MediaContentType0"]) == ("1", url, "image/png")
    assert [one["url"] for one in thread_of(carrier, "whatsapp")[0]["media"]] == [url]
    with pytest.raises(HTTPError, match="401") as refused:
        urllib.request.urlopen(url, timeout=10)
    refused.value.close()
    keys = urllib.request.HTTPPasswordMgrWithPriorAuth()
    keys.add_password(None, url, ACCOUNT, TOKEN, is_authenticated=True)
    with urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(keys)).open(url, timeout=10) as answer:
        assert (answer.read(), answer.headers["Content-Type"]) == (b"\x89PNG", "image/png")


def test_what_it_has_is_there_again_after_a_restart(carrier: Carrier, product: Product, tmp_path: Path) -> None:
    play(carrier, "STOP")
    carrier.account.ring(MOTHER, OURS)
    again = start_carrier(tmp_path, account_sid=ACCOUNT, token=TOKEN, public_url=product.address)
    try:
        assert [one["body"] for one in thread_of(again)] == ["STOP"]
        assert again.account.blocked == {(OURS, MOTHER)}
        assert again.account.calls == carrier.account.calls and again.account.texts == carrier.account.texts
    finally:
        again.stop()
