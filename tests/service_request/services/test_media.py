"""Pictures of texts are fetched from the carrier with our account, from nowhere else, and filed once (S1, T15, T33)."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, db, transaction
from infrastructure.house import House
from infrastructure.texting import media as texting
from service_request.models import (
    Arrival,
    ArrivalMedia,
    Channel,
    Disposition,
    File,
    FileState,
    FileWhy,
    MediaState,
    ServiceRequest,
    Task,
    TaskKind,
)
from service_request.services import media
from service_request.services.enquiries.opening import Opening, open_enquiry
from service_request.services.files.checking import check_file, list_unchecked
from service_request.services.keep import NewArrival, NewMedia, keep
from tests.factories import NOW, make_request
from tests.made_files import EXE, PDF, SENT, jpeg
from tests.plugins.house import ACCOUNT, KEYS, SENDIASS_NUMBER
from tests.texting import MOTHER, new_sid
from tests.wall.stolen import Thief

pytestmark = pytest.mark.storage

PICTURE = jpeg()


@dataclass
class Holder:
    """The carrier's shelf on loopback: asks for the account, and answers as it is told to."""

    port: int = 0
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    answers: list[tuple[int, str]] = field(default_factory=list)  # a status and a Location, before any file
    asked: list[tuple[str, str]] = field(default_factory=list)  # path and Authorization


@pytest.fixture
def holder() -> Iterator[Holder]:
    shelf = Holder()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shelf.asked.append((self.path, self.headers.get("Authorization", "")))
            if shelf.answers:
                status, location = shelf.answers.pop(0)
                self.send_response(status)
                self.send_header("Location", location)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            kind, body = shelf.files.get(self.path.rpartition("/")[2], ("", b""))
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shelf.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield shelf
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def app(make_app: Callable[..., Flask], holder: Holder) -> Iterator[Flask]:
    made = make_app(twilio_api_base=f"http://127.0.0.1:{holder.port}", upload_max_bytes=100_000, upload_most=3)
    with made.app_context(), time_machine.travel(NOW, tick=False):
        yield made


def send(
    session: Session, house: House, *urls: str, kind: str = "image/jpeg", sid: str = "", is_open: bool = False
) -> Arrival:
    """Keep a text with pictures, and place it, as the worker does after it was understood."""
    kept = keep(
        session,
        NewArrival(
            channel=Channel.SMS,
            endpoint=SENDIASS_NUMBER,
            external_id=sid or new_sid("MM"),
            sender=MOTHER,
            raw=b"{}",
            received_at=NOW,
            wall=Wall.OPEN if is_open else Wall.SENDIASS,
            media=tuple(NewMedia(url, kind) for url in urls),
        ),
        now=NOW,
    )
    place(session, house, kept.id, is_open=is_open)
    return session.scalars(select(Arrival).where(Arrival.id == kept.id)).one()


def place(session: Session, house: House, arrival_id: Any, *, is_open: bool = False) -> None:
    made = make_request(session) if is_open else None
    with transaction(session):
        if made is None:
            made, _ = open_enquiry(session, Opening(Channel.SMS, NOW, story="x"), now=NOW, house=house)
        row = session.get_one(Arrival, arrival_id)
        row.request_id, row.disposition = made.id, Disposition.REQUEST


def url_of(shelf: Holder, body: bytes = PICTURE, kind: str = "image/jpeg", *, sid: str = "") -> str:
    """Put a file on the shelf; return its address as a webhook gives it."""
    name = new_sid("ME")
    shelf.files[name] = (kind, body)
    return f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid or new_sid('MM')}/Media/{name}"


def fetch_all(session: Session, house: House) -> None:
    for one in media.list_waiting(session, NOW):
        media.fetch(session, one, now=lambda: NOW, house=house)


def check_all(session: Session, house: House) -> None:
    for one in list_unchecked(session, NOW):
        check_file(session, one, now=lambda: NOW, house=house)
    session.expire_all()


def rows(session: Session) -> list[ArrivalMedia]:
    session.rollback()
    return list(session.scalars(select(ArrivalMedia).order_by(ArrivalMedia.number)))


def files(session: Session) -> list[File]:
    return sorted(session.scalars(select(File)), key=lambda one: str(one.name))


def tasks(session: Session) -> list[tuple[TaskKind, Wall]]:
    return [(task.kind, task.wall) for task in session.scalars(select(Task))]


@pytest.mark.rule("EV-1")
@pytest.mark.threat("S1")
@pytest.mark.parametrize("is_open", [False, True], ids=["to SENDIASS", "to the council"])
def test_pictures_are_fetched_with_our_account_and_filed_with_the_request(
    is_open: bool, app: Flask, holder: Holder, session: Session, house: House
) -> None:
    sid = new_sid("MM")
    row = send(session, house, url_of(holder, sid=sid), url_of(holder, PICTURE, sid=sid), sid=sid, is_open=is_open)
    fetch_all(session, house)
    found = files(session)
    wall = Wall.OPEN if is_open else Wall.SENDIASS
    assert {(one.owner_kind, one.owner_id, one.wall, one.state) for one in found} == {
        ("request", row.request_id, wall, FileState.PENDING)
    }
    assert [one.name for one in found] == ["picture-1.jpg", "picture-2.jpg"]
    assert [(one.state, one.file_id, one.next_at) for one in rows(session)] == [
        (MediaState.FETCHED, one.id, None) for one in found
    ]
    account = base64.b64encode(f"{ACCOUNT}:{KEYS['twilio_auth_token']}".encode()).decode()
    assert {asked[1] for asked in holder.asked} == {f"Basic {account}"}
    assert all(f"/Accounts/{ACCOUNT}/Messages/{sid}/Media/ME" in asked[0] for asked in holder.asked)
    fetch_all(session, house)
    assert len(files(session)) == 2


@pytest.mark.rule("SE-5")
def test_of_a_picture_to_sendiass_the_councils_keys_open_nothing(
    app: Flask, holder: Holder, session: Session, house: House
) -> None:
    url = url_of(holder)
    send(session, house, url)
    fetch_all(session, house)
    said = [text for _, text in Thief(house.settings).read(session)]
    assert not any(url.rpartition("/")[2] in text or "picture-1" in text for text in said)


def test_a_picture_waits_with_its_text_until_somebody_has_placed_it(
    app: Flask, holder: Holder, session: Session, house: House
) -> None:
    row = send(session, house, url_of(holder))
    with transaction(session):
        session.get_one(Arrival, row.id).request_id = None
    assert media.list_waiting(session, NOW) == []
    place(session, house, row.id)
    assert len(media.list_waiting(session, NOW)) == 1


FORGED = [
    "https://evil.example/secret",
    "https://evil.example/2010-04-01/Accounts/AC1/Messages/MM1/Media/../../etc",
    "http://169.254.169.254/latest/meta-data/",
    "http://127.0.0.1:1/x",
    "file:///etc/passwd",
    "//evil.example/Media/",
    "",
    "x",
    "https://[::1]/Media/ME" + "z" * 32,
    "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME123",
]


@pytest.mark.threat("T15")
@pytest.mark.threat("T33")
@pytest.mark.parametrize("url", FORGED)
def test_an_address_that_is_no_picture_of_the_carriers_asks_nobody_anything(
    url: str, app: Flask, holder: Holder, session: Session, house: House
) -> None:
    row = send(session, house, url)
    fetch_all(session, house)
    assert holder.asked == []
    assert [(one.state, one.why) for one in rows(session)] == [(MediaState.FAILED, "elsewhere")]
    assert tasks(session) == [(TaskKind.MEDIA_FAILED, Wall.SENDIASS)]
    assert session.scalars(select(Task.request_id)).one() == row.request_id


@pytest.mark.threat("T15")
@pytest.mark.threat("T33")
def test_a_name_on_a_forged_host_is_asked_of_the_carrier_alone(
    app: Flask, holder: Holder, session: Session, house: House
) -> None:
    send(session, house, url_of(holder).replace("https://api.twilio.com", "https://evil.example"))
    fetch_all(session, house)
    assert len(holder.asked) == 1
    assert [one.state for one in rows(session)] == [MediaState.FETCHED]


@pytest.mark.threat("T15")
@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/x", "http://mms.twiliocdn.com/x", "https://mms.twiliocdn.com:8443/x", "/x", "file:///etc/passwd",
        "https://mms.twiliocdn.com@evil.example/", "https://mms.twiliocdn.com.evil.example/", "https://169.254.169.254/",
    ],
)  # fmt: skip
def test_a_redirect_away_from_the_carrier_is_not_followed(
    place: str, app: Flask, holder: Holder, session: Session, house: House
) -> None:
    holder.answers.append((307, place))
    send(session, house, url_of(holder))
    fetch_all(session, house)
    assert len(holder.asked) == 1
    assert [(one.state, one.why) for one in rows(session)] == [(MediaState.FAILED, "elsewhere")]


@pytest.mark.threat("T15")
def test_where_the_carrier_hands_a_picture_out_elsewhere_our_account_is_not_told(
    app: Flask, holder: Holder, session: Session, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, Any]] = []
    real = texting._get

    def get(url: str, account: Any, settings: Any) -> Any:
        told.append((url, account))
        if url.startswith("https://mms.twiliocdn.com/"):  # the same shelf stands for it
            url = f"http://127.0.0.1:{holder.port}/{url.rpartition('/')[2]}"
        return real(url, account, settings)

    monkeypatch.setattr(texting, "_get", get)
    url = url_of(holder)
    holder.answers.append((307, f"https://mms.twiliocdn.com/{url.rpartition('/')[2]}"))
    send(session, house, url)
    fetch_all(session, house)
    assert [one.state for one in rows(session)] == [MediaState.FETCHED]
    assert [account is None for _, account in told] == [False, True]
    assert [bool(asked) for _, asked in holder.asked] == [True, False]


@pytest.mark.rule("EV-1")
def test_a_carrier_that_is_away_is_asked_again_later_and_in_the_end_a_person_asks(
    app: Flask, holder: Holder, session: Session, house: House
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        from infrastructure.database import utc_now

        holder.answers += [(500, ""), (401, "")]
        send(session, house, url_of(holder))
        (media_id,) = media.list_waiting(session, utc_now())
        for tries in (1, 2):
            media.fetch(session, media_id, now=utc_now, house=house)
            (row,) = rows(session)
            assert (row.state, row.tries, row.lease_until) == (MediaState.WAITING, tries, None)
            assert row.next_at is not None and row.next_at > utc_now()
            clock.shift(timedelta(minutes=10))
        holder.answers.append((500, ""))
        clock.shift(timedelta(hours=house.settings.retry_hours))
        media.fetch(session, media_id, now=utc_now, house=house)
        assert [(one.state, one.why) for one in rows(session)] == [(MediaState.FAILED, "away")]
        assert tasks(session) == [(TaskKind.MEDIA_FAILED, Wall.SENDIASS)]


def test_a_picture_that_is_gone_is_asked_for_three_times(
    app: Flask, holder: Holder, session: Session, house: House
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        from infrastructure.database import utc_now

        url = url_of(holder)
        holder.files.clear()
        send(session, house, url)
        (media_id,) = media.list_waiting(session, utc_now())
        for _ in range(4):
            media.fetch(session, media_id, now=utc_now, house=house)
            clock.shift(timedelta(hours=1))
        assert len(holder.asked) == 3
        assert [(one.state, one.why) for one in rows(session)] == [(MediaState.FAILED, "gone")]


@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [
        (b"\xff\xd8\xff" + b"x" * 100_000, "image/jpeg", "too_big"),
        (b"<html>", "image/jpeg", "not_as_named"),
    ],
)
def test_what_no_form_would_take_is_not_taken_by_text(
    body: bytes, kind: str, why: str, app: Flask, holder: Holder, session: Session, house: House
) -> None:
    send(session, house, url_of(holder, body, kind), kind=kind)
    fetch_all(session, house)
    assert [(one.state, one.why) for one in rows(session)] == [(MediaState.FAILED, why)]
    assert tasks(session) == [(TaskKind.MEDIA_FAILED, Wall.SENDIASS)]
    assert files(session) == []


@pytest.mark.rule("EV-1")
def test_what_a_messenger_sends_is_filed_whatever_it_is(
    app: Flask, holder: Holder, session: Session, house: House
) -> None:
    for kind, body in SENT.values():
        send(session, house, url_of(holder, body, kind), kind=kind)
    fetch_all(session, house)
    check_all(session, house)
    assert {(one.state, one.why) for one in rows(session)} == {(MediaState.FETCHED, None)}
    found = {(one.name, one.size, one.state, one.why) for one in files(session)}
    assert found == {(name, len(body), FileState.CLEAN, None) for name, (_, body) in SENT.items()}
    assert tasks(session) == []


@pytest.mark.rule("EV-1")
@pytest.mark.threat("T17")
def test_what_is_of_no_kind_we_know_is_kept_withheld_and_told(
    app: Flask, holder: Holder, session: Session, house: House
) -> None:
    send(session, house, url_of(holder, EXE, "application/x-msdownload"), kind="application/x-msdownload")
    fetch_all(session, house)
    check_all(session, house)
    (kept,) = files(session)
    assert (kept.name, kept.state, kept.why) == ("file-1.bin", FileState.WITHHELD, FileWhy.OTHER_KIND)
    assert kept.store_key and kept.served_store_key is None
    assert tasks(session) == [(TaskKind.FILE, Wall.SENDIASS)]


def test_more_files_than_a_form_takes_wait_for_a_person(
    app: Flask, holder: Holder, session: Session, house: House
) -> None:
    send(session, house, *(url_of(holder, PDF, "application/pdf") for _ in range(5)), kind="application/pdf")
    fetch_all(session, house)
    assert [one.why for one in rows(session)] == [None, None, None, "too_many", "too_many"]
    assert [one.name for one in files(session)] == ["file-1.pdf", "file-2.pdf", "file-3.pdf"]


@pytest.mark.rule("EV-3")
def test_of_two_workers_one_files_it(app: Flask, holder: Holder, session: Session, house: House) -> None:
    send(session, house, url_of(holder))
    (media_id,) = media.list_waiting(session, NOW)
    first = media._claim(session, media_id, NOW, house)
    media.fetch(session, media_id, now=lambda: NOW, house=house)
    assert (first is not None, holder.asked) == (True, [])
    later = NOW + timedelta(minutes=1)
    media.fetch(session, media_id, now=lambda: later, house=house)
    assert first is not None
    assert media._file(session, first, media._bring(first, house), lambda: later, house) is False
    assert len(files(session)) == 1


@pytest.mark.rule("SE-5")
def test_a_request_that_crossed_the_wall_meanwhile_is_filed_for_on_its_new_side(
    app: Flask, holder: Holder, session: Session, house: House
) -> None:
    row = send(session, house, url_of(holder), is_open=True)
    (media_id,) = media.list_waiting(session, NOW)
    claimed = media._claim(session, media_id, NOW, house)
    assert claimed is not None
    brought = media._bring(claimed, house)
    with transaction(session):
        session.get_one(ServiceRequest, row.request_id).wall = Wall.SENDIASS
    assert media._file(session, claimed, brought, lambda: NOW, house) is False
    assert files(session) == []
    assert not list(db.session.scalars(select(File.id)))
