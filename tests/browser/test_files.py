"""Files in a real browser: chosen, refused by name, taken out, sent, looked into, and saved by the helpdesk."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, expect

from infrastructure.database import db
from infrastructure.identity.signing_in import start_session
from infrastructure.settings import Settings
from tests.answers import FULL_FORM
from tests.browser.filling import answer_every_page
from tests.browser.visiting import Visitor, wait_for
from tests.factories import make_county
from tests.made_files import EICAR, EXE, PDF, PLACE, docx, jpeg
from tests.plugins.outside import Clamd
from tests.plugins.server import Installation

Inside = Callable[[], AbstractContextManager[Any]]


def choose(visitor: Visitor, *files: tuple[str, bytes]) -> None:
    """Choose files as from a folder."""
    chosen: list[FilePayload] = [{"name": name, "mimeType": "", "buffer": content} for name, content in files]
    visitor.page.locator("#files").set_input_files(chosen)


def staff_of(inside: Inside, settings: Settings) -> str:
    """Make a county, and return the token of Grace's session."""
    from infrastructure.database import utc_now

    with inside():
        grace = make_county(db.session()).officer
        token = start_session(db.session(), user_id=grace.id, settings=settings, now=utc_now())
        db.session.remove()
        db.engine.dispose()
    return token


@pytest.mark.threat("T17")
@pytest.mark.rule("EV-9")
@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_files_go_with_a_request_and_the_helpdesk_saves_them(
    installation: Installation,
    inside: Inside,
    come: Callable[..., Visitor],
    check: Callable[..., None],
    clamd: Clamd,
    javascript: bool,
    tmp_path: Path,
) -> None:
    token = staff_of(inside, installation.settings())
    installation.web(scanner=clamd.address)
    installation.worker(sweep_seconds=0.2, scanner=clamd.address)
    teacher = come(installation.address, javascript=javascript)
    teacher.open("/")
    teacher.choose("I work with children or families")
    teacher.press("Continue")
    teacher.choose("Yes, this is a request about named children")
    teacher.press("Continue")
    answer_every_page(teacher, FULL_FORM)

    teacher.follow("Add files")
    choose(teacher, ("Attendance.pdf", PDF), ("IMG_2041.jpg", jpeg()), ("Invoice.pdf", EXE))
    teacher.press("Add files")
    assert teacher.errors() == [
        "“Invoice.pdf”: its content does not match its name. Save it again as what it is, then add it"
    ]
    if javascript:
        check(teacher.page, (1280, 375))
        teacher.page.set_viewport_size({"width": 1280, "height": 900})
    choose(teacher, ("Old list.txt", b"Not this one\n"), ("Minutes.docx", docx(more={"word/media/a.bin": EICAR})))
    teacher.press("Add files")
    expect(teacher.page.locator("#main-content dt")).to_have_count(4)
    teacher.page.get_by_role("button", name="Remove Old list.txt").click()
    expect(teacher.page.locator("#main-content dt")).to_have_count(3)
    teacher.press("Continue")
    assert teacher.h1 == "Check your answers"
    assert "Attendance.pdf" in teacher.words
    teacher.press("Send request")
    expect(teacher.page.locator(".govuk-panel__title")).to_have_text("Request sent")
    assert "IMG_2041.jpg" in teacher.words

    grace = come(installation.address, javascript=javascript)
    grace.context.add_cookies([{"name": "staff", "value": token, "url": installation.address}])
    grace.open("/staff/queue")
    grace.page.locator("tbody td a").first.click()
    grace.page.wait_for_load_state()

    def looked_into() -> bool:
        grace.page.reload()
        return "File withheld" in grace.words and "Being checked" not in grace.words

    wait_for(looked_into, "the worker looked into every file", 40)
    assert "Not scanned" not in grace.words
    if javascript:
        check(grace.page, (1280, 375))
        grace.page.set_viewport_size({"width": 1280, "height": 900})
    saved = {}
    for name in ("Attendance.pdf", "IMG_2041.jpg"):
        with grace.page.expect_download() as download:
            grace.page.get_by_role("link", name=name).click()
        path = tmp_path / name
        download.value.save_as(path)
        assert download.value.suggested_filename == name
        saved[name] = path.read_bytes()
    assert saved["Attendance.pdf"] == PDF
    assert PLACE not in saved["IMG_2041.jpg"]
    assert grace.page.get_by_role("link", name="Minutes.docx").count() == 0
    assert "Dangerous content was found in it" in grace.words
    grace.open("/staff/tasks/file")
    assert grace.h1 == "Files to ask for"
    assert "Callum Hartley" in grace.words


@pytest.mark.threat("U2")
def test_a_film_that_is_far_too_big_is_refused_with_words_and_everything_else_stays(
    installation: Installation, come: Callable[..., Visitor], tmp_path: Path
) -> None:
    installation.web(upload_most=1)
    parent = come(installation.address, width=375)
    parent.open("/")
    parent.choose("I am a parent or carer, and my family needs help")
    parent.press("Continue")
    parent.open(f"{parent.path.split('/step')[0]}/files")
    film = tmp_path / "film.jpg"
    film.write_bytes(jpeg() + bytes(30_000_000))
    parent.page.locator("#files").set_input_files(film)
    parent.press("Add files")
    assert parent.errors() == [
        "That is too much at once. A file can be up to 10 MB. For more, ring 01632 960100 and ask how to send it"
    ]
    choose(parent, ("IMG_1.jpg", jpeg()))
    parent.press("Add files")
    assert "IMG_1.jpg" in parent.words
