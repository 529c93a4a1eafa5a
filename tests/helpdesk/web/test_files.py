"""Files on the staff pages: added with what they are, fetched by whoever may see them, and by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.scopes import Ask as AskOf
from helpdesk.domain.scopes import sight_of
from helpdesk.models import Assignment
from infrastructure.database import db, transaction
from infrastructure.files.stores import store_of
from infrastructure.house import House
from infrastructure.trail import Access, AccessLog, Event
from service_request.models import File, FileState, FileWhy, Grant, Task, TaskKind
from tests.factories import County, make_request
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.conftest import SignIn
from tests.helpdesk.web.test_decide import press
from tests.helpdesk.web.walking import Staff
from tests.made_files import EXE, HTML, PDF, PLACE, docx, jpeg
from tests.uploading import forget, upload

LETTER = "School’s attendance letter, by post"


def at(request_id: UUID, *rest: object) -> str:
    return "/".join(["/staff/requests", str(request_id), *map(str, rest)])


def add(staff: Staff, request_id: UUID, name: str = "letter.pdf", content: bytes = PDF, **fields: Any) -> Any:
    """Add a file on its page; return the answer, the page it leads to included."""
    return upload(staff.client, at(request_id, "files"), [(name, content)], **{"words": LETTER, **fields})


def fetch(staff: Staff, address: str) -> Any:
    """Fetch a file whole, as a browser does."""
    forget()
    db.session.remove()
    answer = staff.client.get(address)
    answer.get_data()
    return answer


def only_file() -> File:
    db.session.remove()
    row = db.session.scalars(select(File).where(File.owner_kind == "request")).one()
    db.session.expunge(row)
    db.session.rollback()
    return row


@pytest.fixture
def request_id(session: Session, county: County) -> UUID:
    return make_request(session, area_id=county.teasel).id


@pytest.mark.storage
def test_staff_add_a_file_and_fetch_it_once_it_was_looked_into(
    officer: Staff, request_id: UUID, work: Callable[[], None], ask: Ask
) -> None:
    page = add(officer, request_id)
    for words in ("letter.pdf", LETTER, "Being checked", "Added by Grace Oyelaran"):
        assert words in page.text
    row = only_file()
    address = at(request_id, "files", row.id)
    assert f'href="{address}"' not in page.text
    assert fetch(officer, address).status_code == 409
    work()
    db.session.remove()
    page = officer.get(at(request_id))
    assert f'href="{address}"' in page.html
    assert "1 file added by Grace Oyelaran" in page.words
    answer = fetch(officer, address)
    assert answer.data == PDF
    assert answer.headers["Content-Length"] == str(len(PDF))
    looks = [look for look in ask.all(AccessLog) if look.act is Access.EXPORT]
    assert [(look.request_id, look.ids) for look in looks] == [(request_id, [str(row.id)])] * 2
    events = [event.facts for event in ask.all(Event, Event.act == "add_files")]
    assert events == [{"files": [str(row.id)], "count": 1}]


@pytest.mark.threat("T17")
def test_a_file_is_always_saved_and_never_shown(officer: Staff, request_id: UUID, work: Callable[[], None]) -> None:
    add(officer, request_id, "Größe “x”.docx", docx())
    work()
    answer = fetch(officer, at(request_id, "files", only_file().id))
    said = answer.headers
    assert said["Content-Disposition"].startswith("attachment; filename=")
    assert "filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E2%80%9Cx%E2%80%9D.docx" in said["Content-Disposition"]
    assert said["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in said["Content-Security-Policy"]
    assert "default-src 'none'" in said["Content-Security-Policy"]
    assert said["Cache-Control"] == "no-store"
    assert said["Content-Type"].startswith("application/vnd.openxmlformats")
    assert said["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.threat("U7")
def test_what_is_fetched_of_a_photo_does_not_say_where_it_was_taken(
    officer: Staff, request_id: UUID, work: Callable[[], None]
) -> None:
    add(officer, request_id, "photo.jpg", jpeg())
    work()
    answer = fetch(officer, at(request_id, "files", only_file().id))
    assert answer.status_code == 200
    assert PLACE not in answer.data


@pytest.mark.threat("T17")
@pytest.mark.parametrize(
    ("state", "why", "words"),
    [
        (FileState.PENDING, None, "Being checked"),
        (FileState.WITHHELD, FileWhy.MALWARE, "File withheld"),
        (FileState.WITHHELD, FileWhy.MACROS, "It carries a program"),
        (FileState.CANNOT_SCAN, FileWhy.PASSWORD, "Cannot be checked"),
        (FileState.MISSING, None, "File lost"),
    ],
)
def test_what_is_not_clean_is_named_explained_and_never_served(
    officer: Staff, request_id: UUID, state: FileState, why: FileWhy | None, words: str, work: Callable[[], None]
) -> None:
    add(officer, request_id)
    work()
    row = only_file()
    address = at(request_id, "files", row.id)
    with transaction(db.session()):
        held = db.session.get_one(File, row.id)
        held.state, held.why = state, why
    page = officer.get(at(request_id))
    assert words in page.words
    assert address not in page.html
    answer = fetch(officer, address)
    assert answer.status_code == 409
    assert PDF not in answer.data
    assert "This file cannot be opened" in answer.text


@pytest.mark.threat("T19")
@pytest.mark.rule("EV-5")
@pytest.mark.storage
def test_a_file_of_another_team_is_not_there_by_any_address(
    officer: Staff, sign_in: SignIn, county: County, session: Session, request_id: UUID, work: Callable[[], None]
) -> None:
    other = make_request(session, area_id=county.aldermoor).id
    add(officer, other)
    work()
    file_id = only_file().id
    manager = sign_in(county.manager)  # of Teasel Vale: Aldermoor is not hers
    for address in (
        at(other, "files", file_id),
        at(request_id, "files", file_id),  # a request she sees, with a file of another
        at(request_id, "files", uuid4()),
        f"/staff/assignments/{uuid4()}/files/{file_id}",
    ):
        assert fetch(manager, address).status_code == 404, address
    assert fetch(officer, at(other, "files", file_id)).status_code == 200
    assert fetch(officer, at(request_id, "files", file_id)).status_code == 404
    for user in (county.social_worker, county.locality_worker, county.administrator):
        assert fetch(sign_in(user), at(other, "files", file_id)).status_code == 404
    assert upload(manager.client, at(other, "files"), [("a.pdf", PDF)], words=LETTER).status_code == 404


@pytest.fixture
def given(manager: Staff, passed: UUID, ask: Ask) -> Assignment:
    """An initial assessment of Callum for the assessment team; Ryan was kept as a contact."""
    press(manager, passed, line_1="referral-initial_assessment", line_2="contact-information")
    row: Assignment = ask.one(Assignment)
    return row


@pytest.mark.rule("EV-5")
def test_a_team_sees_files_only_where_its_grant_names_them(
    officer: Staff, sign_in: SignIn, county: County, given: Assignment, work: Callable[[], None]
) -> None:
    request_id, assignment_id = given.request_id, given.id
    add(officer, request_id)
    work()
    file_id = only_file().id
    team, page = sign_in(county.social_worker), f"/staff/assignments/{assignment_id}"
    address = f"{page}/files/{file_id}"
    assert f'href="{address}"' in team.get(page).html
    assert fetch(team, address).data == PDF
    assert fetch(team, at(request_id, "files", file_id)).status_code == 404
    for scope in (["told", "child"], sight_of(AskOf.EARLY_HELP), None):
        with transaction(db.session()):
            db.session.scalars(select(Grant)).one().scope = scope
        assert "letter.pdf" not in team.get(page).html
        assert fetch(team, address).status_code == 404
    with transaction(db.session()):
        db.session.scalars(select(Grant)).one().scope = ["files"]
    assert fetch(team, address).status_code == 200
    assert fetch(sign_in(county.locality_worker), address).status_code == 404


@pytest.mark.threat("U1")
def test_a_bad_file_or_one_without_words_is_refused_and_what_was_typed_stays(officer: Staff, request_id: UUID) -> None:
    for name, content, why in (
        ("invoice.pdf", EXE, "content does not match"),
        ("photo.jpg", HTML, "content does not match"),
        ("page.html", HTML, "not a kind of file"),
        ("empty.pdf", b"", "is empty"),
    ):
        page = add(officer, request_id, name, content)
        assert why in page.text
        assert LETTER in page.text
    page = add(officer, request_id, words="")
    assert "Enter what the file is" in page.text
    assert "Choose the file again" in page.text
    assert "Select a file to add" in upload(officer.client, at(request_id, "files"), [], words=LETTER).text
    assert add(officer, request_id, csrf_token="forged").status_code == 400
    db.session.remove()
    assert db.session.scalars(select(File)).all() == []


@pytest.mark.threat("T10")
@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=alert(1)>.pdf",
        "{{ 7*7 }}.pdf",
        "%22><script>alert(1)</script>.pdf",  # a browser writes a quotation mark so
        "%0d%0aSet-Cookie: a=b.pdf",
    ],
)
def test_a_name_or_note_that_is_code_is_shown_as_words_and_splits_no_header(
    officer: Staff, request_id: UUID, name: str, work: Callable[[], None]
) -> None:
    add(officer, request_id, name, words=name)
    work()
    page = officer.get(at(request_id))
    assert "<img src=x" not in page.html
    assert "<script>alert" not in page.html
    assert "49.pdf" not in page.html
    answer = fetch(officer, at(request_id, "files", only_file().id))
    assert answer.status_code == 200
    assert "Set-Cookie: a" not in str(answer.headers)


@pytest.mark.rule("EV-5")
def test_a_file_that_is_lost_or_altered_in_the_store_is_said_and_is_a_task(
    officer: Staff, request_id: UUID, work: Callable[[], None], house: House, ask: Ask
) -> None:
    add(officer, request_id)
    work()
    row = only_file()
    address, name = at(request_id, "files", row.id), row.store_key or ""
    store: Any = store_of(house.settings)
    store.remove(name)
    answer = fetch(officer, address)
    assert answer.status_code == 409
    assert "damaged or lost" in answer.text
    assert [(task.about_id, task.request_id) for task in ask.all(Task, Task.kind == TaskKind.FILE)] == [
        (row.id, request_id)
    ]
    assert fetch(officer, address).status_code == 409
    assert len(ask.all(Task, Task.kind == TaskKind.FILE)) == 1
    page = officer.get("/staff/tasks/file")
    assert "Files to ask for" in page.words
    assert "Callum Hartley" in page.words


def test_where_no_scanner_is_set_up_the_page_says_so(
    officer: Staff, request_id: UUID, work: Callable[[], None]
) -> None:
    add(officer, request_id)
    work()
    assert "Not scanned" in officer.get(at(request_id)).words


def test_a_reader_who_may_not_act_adds_nothing(sign_in: SignIn, county: County, request_id: UUID) -> None:
    reader = sign_in(county.service_manager)
    assert reader.get(at(request_id)).status == 200
    assert "Add a file" not in reader.get(at(request_id)).words
    assert fetch(reader, at(request_id, "files")).status_code == 404
    assert add(reader, request_id).status_code == 404


def test_a_store_that_is_away_is_said_and_loses_nothing(
    app: Flask, officer: Staff, request_id: UUID, work: Callable[[], None], house: House
) -> None:
    add(officer, request_id)
    work()
    row = only_file()
    store: Any = store_of(house.settings)
    aside = store.objects.with_name("unmounted")
    store.objects.rename(aside)
    try:
        answer = fetch(officer, at(request_id, "files", row.id))
        assert answer.status_code == 503
        assert "Try again in a few minutes" in answer.text
    finally:
        aside.rename(store.objects)
    assert only_file().state is FileState.CLEAN
