"""Files on the form: several, refused by name, cut off, too big; whatever happens to a file, the request is kept."""

from __future__ import annotations

import errno
import os
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, db, utc_now
from infrastructure.files.stores import DiskStore, store_of
from infrastructure.house import House
from infrastructure.trail import Event
from service_request.models import Draft as DraftRow
from service_request.models import File, FileState, ServiceRequest
from tests.architecture.stage import Stage
from tests.factories import NOW
from tests.made_files import EICAR, EXE, GOOD, HTML, PDF, SVG, docx, jpeg, locked_docx
from tests.plugins.outside import Clamd
from tests.service_request.channels.web.walking import NAMED, WITHOUT_NAMES, Draft, Person, draft_in
from tests.uploading import body_of, post_raw, token_of, upload

MARK = b"ZANZIBARMARKEDWORDS"


def add(draft: Draft, *files: tuple[str, bytes], **fields: Any) -> list[str]:
    """Add files on the page; return what the summary of errors says."""
    draft.person.response = upload(draft.person.client, draft.url("files"), files, **fields)
    return draft.person.errors()


def rows(session: Session, *states: FileState) -> list[File]:
    session.rollback()
    session.expire_all()
    found = list(session.scalars(select(File).order_by(File.id)))
    return [row for row in found if row.state in states] if states else found


def stored(house: House) -> list[str]:
    return [name for name, _ in store_of(house.settings).names()]


def incoming(house: House) -> list[Path]:
    return list(store_of(house.settings).incoming.glob("*"))


# ---------------------------------------------------------------- added, listed, removed, sent


@pytest.mark.storage
def test_files_of_every_kind_go_with_the_request(
    person: Person, draft: Draft, session: Session, house: House, work: Callable[[], None]
) -> None:
    draft.fill(NAMED)
    assert add(draft, *GOOD.items()) == []
    assert person.response is not None
    assert person.response.request.path == draft.url("files")
    for page in ("files", "check"):
        draft.open(page)
        assert all(name in person.words for name in GOOD)
    draft.open()
    assert f"{len(GOOD)} added" in person.words
    draft.send()
    assert all(name in person.words for name in GOOD)
    work()
    request = session.scalars(select(ServiceRequest)).one()
    kept = rows(session)
    assert {row.name: (row.owner_kind, row.owner_id, row.state) for row in kept} == dict.fromkeys(
        GOOD, ("request", request.id, FileState.CLEAN)
    )
    events = session.scalars(select(Event).where(Event.stream_id == request.id, Event.act == "add_files")).all()
    assert [event.facts["count"] for event in events] == [len(GOOD)]
    assert {row.size for row in kept} == {len(content) for content in GOOD.values()}


@pytest.mark.storage
def test_a_file_is_removed_with_its_object(person: Person, draft: Draft, session: Session, house: House) -> None:
    add(draft, ("letter.pdf", PDF), ("report.docx", docx()))
    before = set(stored(house))
    letter = next(row for row in rows(session) if row.name == "letter.pdf")
    name, gone = letter.store_key, letter.id
    person.post(f"{draft.url('files')}/{gone}/remove")
    assert "letter.pdf" not in person.words
    assert "report.docx" in person.words
    assert [row.name for row in rows(session)] == ["report.docx"]
    assert before - set(stored(house)) == {name}
    person.post(f"{draft.url('files')}/{gone}/remove")
    assert person.response is not None
    assert person.response.status_code == 200


@pytest.mark.rule("EV-3")
def test_the_same_file_twice_is_one_file(draft: Draft, session: Session, house: House) -> None:
    before = len(stored(house))
    assert add(draft, ("letter.pdf", PDF), ("copy of letter.pdf", PDF)) == []
    assert add(draft, ("letter.pdf", PDF)) == []
    assert [row.name for row in rows(session)] == ["letter.pdf"]
    assert len(stored(house)) == before + 1


@pytest.mark.rule("GL-6")
def test_a_talk_without_names_takes_no_files_and_sends_none_that_a_draft_held_before(
    person: Person, session: Session, house: House
) -> None:
    draft = person.begin(names=False)
    assert draft.open("files").status_code == 404
    add(draft, ("letter.pdf", PDF))
    assert rows(session) == []
    named = person.begin()
    add(named, ("letter.pdf", PDF))
    named.answer("told", {"told": "in_principle"})
    named.fill(WITHOUT_NAMES)
    named.open("check")
    assert "letter.pdf" not in person.words
    named.send()
    assert [row.owner_kind for row in rows(session)] == ["draft"]


def test_the_draft_of_another_device_takes_and_shows_no_files(draft: Draft, stranger: Person, session: Session) -> None:
    add(draft, ("letter.pdf", PDF))
    response = upload(stranger.client, draft.url("files"), [("mine.pdf", PDF)])
    assert response.status_code == 404
    assert "letter.pdf" not in response.text
    assert stranger.open(draft.url("files")).status_code == 404
    (letter,) = rows(session)
    stranger.post(f"{draft.url('files')}/{letter.id}/remove")
    assert [row.name for row in rows(session)] == ["letter.pdf"]


def test_a_request_that_was_sent_takes_no_more(person: Person, draft: Draft, session: Session) -> None:
    draft.fill(NAMED).send()
    response = upload(person.client, draft.url("files"), [("late.pdf", PDF)])
    assert "Request sent" in response.text
    assert rows(session) == []


@pytest.mark.rule("GL-1")
def test_a_file_on_the_written_form_goes_to_the_request_of_the_call(
    app: Flask, session: Session, house: House, work: Callable[[], None]
) -> None:
    with time_machine.travel(NOW):
        stage = Stage(app, session, house, work)
        request_id, token = stage.received, stage.completing
        person = Person(app.test_client())
        person.post(f"/complete/{token}")
        draft = Draft(person, draft_in(person.address)).fill(NAMED)
        add(draft, ("letter.pdf", PDF))
        draft.send()
    assert [(row.owner_kind, row.owner_id) for row in rows(session)] == [("request", request_id)]


# ---------------------------------------------------------------- refused


@pytest.mark.threat("U1")
@pytest.mark.threat("U3")
@pytest.mark.threat("U5")
@pytest.mark.threat("T17")
@pytest.mark.storage
def test_each_bad_file_is_refused_by_name_and_the_good_one_and_the_answers_are_kept(
    person: Person, draft: Draft, session: Session, house: House
) -> None:
    draft.fill(NAMED)
    said = add(
        draft,
        ("empty.pdf", b""),
        ("invoice.pdf", EXE),
        ("holiday.jpg", HTML),
        ("drawing.svg", SVG),
        ("page.html", HTML),
        ("report.docm", docx()),
        ("all.zip", docx()),
        ("letter.pdf", PDF),
        ("setup.exe", EXE),
    )
    for name, why in {
        "empty.pdf": "is empty",
        "invoice.pdf": "content does not match",
        "holiday.jpg": "content does not match",
        "drawing.svg": "not a kind of file that we take",
        "page.html": "not a kind of file that we take",
        "report.docm": "not a kind of file that we take",
        "all.zip": "not a kind of file that we take",
        "setup.exe": "not a kind of file that we take",
    }.items():
        assert len([line for line in said if name in line and why in line]) == 1, (name, said)
    assert len(said) == 8
    assert [row.name for row in rows(session)] == ["letter.pdf"]
    assert incoming(house) == []
    draft.send()
    assert "letter.pdf" in person.words
    assert "invoice.pdf" not in person.words


@pytest.mark.threat("U6")
def test_a_crafted_name_is_shown_clean_and_names_nothing_on_the_disk(
    draft: Draft, session: Session, house: House
) -> None:
    before = set(stored(house))
    add(draft, ("../../../tmp/x.pdf", PDF), ("x" * 300 + ".pdf", PDF + b"\n"), ("photo\u202efdp.txt", b"words"))
    names = [row.name or "" for row in rows(session)]
    assert sorted(names, key=len)[0] == "x.pdf"
    assert "photofdp.txt" in names
    assert max(map(len, names)) == 100
    fresh = set(stored(house)) - before
    assert len(fresh) == 3
    assert all(name.count("/") == 1 and name.replace("/", "").replace("-", "").isalnum() for name in fresh)
    assert b"x.pdf" not in session.scalars(select(File.name_sealed)).first()  # type: ignore[operator]


@pytest.fixture
def small(make_app: Callable[..., Flask]) -> Flask:
    """An installation that takes little."""
    return make_app(upload_max_bytes=2000, upload_most=3, upload_day_bytes=5000)


def with_small(small: Flask) -> tuple[Person, Draft]:
    person = Person(small.test_client())
    return person, person.begin()


@pytest.mark.threat("U2")
def test_a_file_that_is_too_big_is_refused_with_the_limit_and_another_way_and_the_others_are_kept(small: Flask) -> None:
    with small.app_context():
        _, draft = with_small(small)
        said = add(draft, ("big.pdf", PDF + bytes(3000)), ("letter.pdf", PDF))
        assert said == [
            "“big.pdf” is larger than 0.002 MB. Make it smaller, or ring 01632 960100 and ask how to send it"
        ]
        assert [row.name for row in rows(db.session())] == ["letter.pdf"]


@pytest.mark.threat("U2")
def test_more_than_all_files_together_is_refused_before_it_is_read(small: Flask) -> None:
    with small.app_context():
        person, draft = with_small(small)
        body = body_of(token_of(person.client), [("big.pdf", PDF + bytes(1_000_000))])
        response = person.response = post_raw(person.client, draft.url("files"), body)
        assert response.status_code == 413
        assert "A file can be up to" in person.errors()[0]
        assert "ring 01632 960100" in person.errors()[0]
        told_200_mb = post_raw(person.client, draft.url("files"), body[:1000], length=200_000_000)
        assert told_200_mb.status_code == 413
        assert rows(db.session()) == []


@pytest.mark.threat("U2")
def test_there_is_room_for_so_many_and_no_more(small: Flask) -> None:
    with small.app_context():
        person, draft = with_small(small)
        said = add(draft, *[(f"{n}.txt", b"words %d" % n) for n in range(5)])
        assert [line[:7] for line in said] == ["“3.txt”", "“4.txt”"]
        assert "room for 3 files" in said[0]
        assert add(draft, ("more.txt", b"more"))[0].startswith("There are 3 files already. Remove one to add another")
        draft.open("files")
        assert "There is no room for more files" in person.words
        assert len(rows(db.session())) == 3


@pytest.mark.threat("U2")
def test_a_device_has_a_limit_for_the_day_over_all_its_drafts_and_the_next_day_is_another(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(upload_max_bytes=2000, upload_most=3, upload_day_bytes=3000)
    with app.app_context():
        person = Person(app.test_client())
        first, second = person.begin(), person.begin()
        assert add(first, ("a.txt", b"a" * 1900)) == []
        assert "today’s limit" in add(second, ("b.txt", b"b" * 1900))[0]
        assert add(second, ("c.txt", b"c" * 1100)) == []
        assert "Today’s limit" in add(second, ("d.txt", b"d"))[0]
        with time_machine.travel(utc_now() + timedelta(days=1)):
            assert add(second, ("b.txt", b"b" * 1900)) == []


@pytest.mark.threat("U2")
def test_an_address_has_a_limit_for_the_day_over_all_devices(make_app: Callable[..., Flask]) -> None:
    app = make_app(upload_day_bytes_address=3000)
    with app.app_context():
        assert add(Person(app.test_client()).begin(), ("a.txt", b"a" * 2000)) == []
        assert "today’s limit" in add(Person(app.test_client()).begin(), ("b.txt", b"b" * 2000))[0]


def test_nothing_chosen_is_said_so_and_a_file_without_a_name_is_refused(draft: Draft) -> None:
    assert add(draft) == ["Select a file to add"]
    body = body_of(token_of(draft.person.client), [("", PDF)])
    draft.person.response = post_raw(draft.person.client, draft.url("files"), body)
    assert draft.person.errors()[0].startswith("“file” is not a kind of file that we take")


# ---------------------------------------------------------------- a line that fails


@pytest.mark.threat("U1")
@pytest.mark.storage
def test_an_upload_cut_off_keeps_what_came_whole_and_names_what_did_not(
    person: Person, draft: Draft, session: Session, house: House
) -> None:
    draft.fill(NAMED)
    body = body_of(token_of(person.client), [("letter.pdf", PDF), ("photo.jpg", jpeg() * 5000)])
    for cut in (len(body) // 2, len(body) - 30):
        post_raw(person.client, draft.url("files"), body[:cut], length=len(body))
    assert {row.name: row.state for row in rows(session)} == {
        "letter.pdf": FileState.PENDING,
        "photo.jpg": FileState.REFUSED,
    }
    assert incoming(house) == []
    for page in ("files", "check"):
        draft.open(page)
        assert "Did not arrive whole" in person.words
    draft.open()
    assert "To correct" in person.words
    draft.send()
    assert "Request sent" in person.words
    assert [row.owner_kind for row in rows(session, FileState.PENDING)] == ["request"]
    assert "Did not arrive whole" in person.words


@pytest.mark.threat("U1")
def test_a_cut_before_the_first_file_changes_nothing(
    person: Person, draft: Draft, session: Session, house: House
) -> None:
    body = body_of(token_of(person.client), [("letter.pdf", PDF)])
    for cut in (0, 5, 60, body.find(b"filename") + 3):
        post_raw(person.client, draft.url("files"), body[:cut], length=len(body))
    assert rows(session) == []
    assert incoming(house) == []


def test_a_post_without_its_token_keeps_nothing_and_the_page_says_what_to_do(
    draft: Draft, session: Session, house: House
) -> None:
    before = stored(house)
    assert add(draft, ("letter.pdf", PDF), csrf_token="forged")[0].startswith("This page was open for too long")
    body = body_of("", [("letter.pdf", PDF)]).replace(b"csrf_token", b"other")
    assert post_raw(draft.person.client, draft.url("files"), body).status_code == 400
    assert post_raw(draft.person.client, draft.url("files"), b"not a form").status_code == 400
    assert draft.person.client.post(draft.url("files"), data={"a": "b"}).status_code == 400
    assert rows(session) == []
    assert (stored(house), incoming(house)) == (before, [])


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_no_damage_to_the_body_is_a_fault_of_ours(draft: Draft, house: House, data: st.DataObject) -> None:
    body = bytearray(body_of(token_of(draft.person.client), [("letter.pdf", PDF), ("note.txt", b"words")]))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
    response = post_raw(draft.person.client, draft.url("files"), bytes(body))
    assert response.status_code < 500
    assert incoming(house) == []


@pytest.mark.threat("F12")
def test_a_disk_that_is_full_for_files_alone_is_said_at_once_and_the_request_is_sent(
    person: Person, draft: Draft, session: Session, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    draft.fill(NAMED)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        said = add(draft, ("letter.pdf", PDF))
    assert said == [
        "“letter.pdf” could not be stored. The rest of your request is safe. Try again later, or ring 01632 960100 and ask how to send it"
    ]
    with monkeypatch.context() as patch:
        patch.setattr("infrastructure.files.sealed_stream.SealingWriter.write", full)
        assert "could not be stored" in add(draft, ("letter.pdf", PDF))[0]
    assert rows(session) == []
    assert incoming(house) == []
    draft.send()
    assert "Request sent" in person.words


# ---------------------------------------------------------------- at rest


@pytest.mark.threat("T26")
def test_no_clear_byte_of_a_file_or_its_name_is_in_the_store_the_database_or_a_temporary_file(
    person: Person,
    draft: Draft,
    session: Session,
    house: House,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    work: Callable[[], None],
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    marked = PDF + MARK * 40_000
    seen: list[bytes] = []
    keep = DiskStore.keep

    def looked(self: DiskStore, path: Path, name: str) -> None:
        seen.append(path.read_bytes())
        keep(self, path, name)

    monkeypatch.setattr(DiskStore, "keep", looked)
    draft.fill(NAMED)
    add(draft, (MARK.decode() + ".pdf", marked))
    assert len(seen) == 1
    (row,) = rows(session)
    with store_of(house.settings).open(row.store_key or "") as source:
        assert MARK not in source.read()
    assert MARK not in seen[0]
    everything = [
        value for value in session.execute(select(File)).scalar_one().__dict__.values() if isinstance(value, bytes)
    ]
    assert not any(MARK in value for value in everything)
    assert not any(MARK in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert row.sha256 is None
    work()
    assert MARK.decode() not in "".join(capfd.readouterr())


@pytest.mark.threat("T26")
def test_a_file_posted_where_none_is_taken_is_written_nowhere(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made: list[object] = []
    monkeypatch.setattr("tempfile.TemporaryFile", lambda *a, **k: made.append(a))
    monkeypatch.setattr("tempfile.SpooledTemporaryFile", lambda *a, **k: made.append(a))
    assert upload(client, "/", [("letter.pdf", MARK * 100_000)], who="work").status_code == 200
    assert made == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.threat("T18")
def test_a_file_is_never_whole_in_memory_while_it_arrives(draft: Draft, session: Session) -> None:
    body = body_of(token_of(draft.person.client), [("scan.pdf", PDF + os.urandom(9_000_000))])
    draft.open("files")
    tracemalloc.start()
    try:
        post_raw(draft.person.client, draft.url("files"), body)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [row.size for row in rows(session)] == [9_000_000 + len(PDF)]
    assert peak < 3_000_000, f"{peak} bytes"


@pytest.mark.storage
def test_a_draft_thrown_away_or_run_out_takes_its_files_along(
    person: Person, draft: Draft, session: Session, house: House, work: Callable[[], None]
) -> None:
    before = set(stored(house))
    add(draft, ("letter.pdf", PDF))
    other = person.begin()
    add(other, ("report.docx", docx()))
    assert len(set(stored(house)) - before) == 2
    person.post(draft.url("delete"))
    assert [row.name for row in rows(session)] == ["report.docx"]
    with time_machine.travel(utc_now() + timedelta(days=15)):
        work()
    assert rows(session) == []
    assert set(stored(house)) == before
    assert session.scalars(select(DraftRow)).all() == []


@pytest.mark.threat("U4")
def test_a_document_with_a_password_is_accepted_and_its_sender_told_what_helps(
    person: Person, draft: Draft, session: Session, work: Callable[[], None]
) -> None:
    assert add(draft, ("plan.docx", locked_docx())) == []
    work()
    db.session.remove()  # as between two requests of a real browser
    draft.open("files")
    assert "It has a password" in person.words
    assert [row.wall for row in rows(session, FileState.CANNOT_SCAN)] == [Wall.OPEN]


@pytest.mark.threat("U8")
def test_the_sender_of_a_dangerous_file_reads_that_we_cannot_accept_it_and_nothing_of_the_scanner(
    make_app: Callable[..., Flask], clamd: Clamd
) -> None:
    app = make_app(scanner=clamd.address)
    with app.app_context():
        person = Person(app.test_client())
        draft = person.begin().fill(NAMED)
        assert add(draft, ("report.docx", docx(more={"word/media/a.bin": EICAR}))) == []
        app.extensions["worker"].run_all_due()
        for page in ("files", "check", ""):
            db.session.remove()
            draft.open(page)
            words = person.words.lower()
            assert not {"clam", "scanner", "signature", "virus", "malware"} & set(words.split()), page
        draft.open("files")
        assert "We cannot accept this file" in person.words
        draft.send()
        assert "We cannot accept this file" in person.words
        db.session.remove()
