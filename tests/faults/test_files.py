"""Files when a process dies, the line is slow or cut, or somebody sends what nobody can take: no file is half there."""

from __future__ import annotations

import http.client
import os
import selectors
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import current_app
from sqlalchemy import select

from infrastructure.database import db, utc_now
from infrastructure.files.stores import store_of
from service_request.models import File, FileState
from service_request.services.files.comparing import compare
from tests.faults.test_nothing_is_lost import Browser, close, filled_draft, reference_on
from tests.made_files import PDF, jpeg
from tests.plugins.server import Installation
from tests.uploading import LINE, body_of

pytestmark = [pytest.mark.storage, pytest.mark.fault]
Inside = Callable[[], AbstractContextManager[Any]]
LETTER = [("letter.pdf", PDF)]


class Uploader(Browser):
    """A person at the page of files, on a line that can be watched."""

    def __init__(self, installation: Installation, draft_id: UUID, device: str) -> None:
        super().__init__(installation, draft_id, device)
        self.port, self.path = installation.port, f"/request/{draft_id}/files"
        self.look()

    def head(self, length: int) -> bytes:
        lines = [f"POST {self.path} HTTP/1.1", f"Host: localhost:{self.port}", f"Cookie: {self.cookies}"]
        lines += [
            f"Content-Type: multipart/form-data; boundary={LINE}",
            f"Content-Length: {length}",
            "Connection: close",
        ]
        return "\r\n".join([*lines, "", ""]).encode()

    def begin(self, length: int, sent: bytes) -> socket.socket:
        """Begin an upload of this length, and send the first of it."""
        line = socket.create_connection(("127.0.0.1", self.port), 30)
        line.sendall(self.head(length) + sent)
        return line

    def add(self, files: list[tuple[str, bytes]]) -> tuple[int, str]:
        """Send files whole; return the answer."""
        body = body_of(self.fields["csrf_token"], files)
        with self.begin(len(body), body) as line:
            return answer_on(line)

    def page(self) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", self.path, headers={"Host": f"localhost:{self.port}", "Cookie": self.cookies})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return text


def answer_on(line: socket.socket) -> tuple[int, str]:
    answer = http.client.HTTPResponse(line)
    answer.begin()
    return answer.status, answer.read().decode()


def has_ended(line: socket.socket, seconds: float) -> bool:
    """Tell whether the server says something on the line, or lets it go, within some time."""
    with selectors.DefaultSelector() as watching:
        watching.register(line, selectors.EVENT_READ)
        return bool(watching.select(seconds))


def states() -> list[FileState]:
    return [FileState(state) for state in db.session.scalars(select(File.state).order_by(File.id))]


def objects() -> int:
    return len(list(store_of(current_app.extensions["house"].settings).names()))


@pytest.mark.rule("EV-1")
@pytest.mark.parametrize("where", ["file_stored", "before_file_commit", "after_file_commit"])
def test_the_web_process_killed_between_store_and_commit_leaves_no_row_without_its_file(
    installation: Installation, inside: Inside, where: str
) -> None:
    draft_id, device = filled_draft(inside)
    dying = installation.web(workers=1, failpoint=f"{where}:exit9")
    person = Uploader(installation, draft_id, device)
    with pytest.raises(OSError):
        person.add(LETTER)
    dying.kill()
    is_kept = where == "after_file_commit"
    with inside():
        assert (states(), objects()) == ([FileState.PENDING] if is_kept else [], 1)
        close()
    installation.web(workers=1)
    assert person.add(LETTER)[0] == 302
    person.look()
    assert reference_on(person.send())
    with inside():
        house, later = current_app.extensions["house"], utc_now() + timedelta(hours=2)
        assert states() == [FileState.PENDING]
        found = compare(db.session(), now=later, house=house, remove=True)
        assert (len(found.orphans), found.lost, objects()) == (0 if is_kept else 1, [], 1)
        close()


@pytest.mark.threat("F36")
def test_the_worker_killed_while_it_looks_into_a_photo_leaves_it_unserved_and_another_takes_over(
    installation: Installation, inside: Inside
) -> None:
    draft_id, device = filled_draft(inside)
    installation.web(workers=1)
    person = Uploader(installation, draft_id, device)
    assert person.add([("photo.jpg", jpeg())])[0] == 302
    dying = installation.worker(failpoint="file_looked_into:exit9")
    dying.popen.wait(60)
    died_at = time.monotonic()
    with inside():
        assert states() == [FileState.PENDING]
        close()
    worker = installation.worker()
    with inside():
        while time.monotonic() - died_at < 60 and states() != [FileState.CLEAN]:
            db.session.rollback()
            time.sleep(0.2)
        took = time.monotonic() - died_at
        worker.stop()
        assert states() == [FileState.CLEAN], installation.logs()
        house, later = current_app.extensions["house"], utc_now() + timedelta(hours=2)
        assert objects() == 3, "the photo, the copy that is served, and the copy of the one that died"
        assert len(compare(db.session(), now=later, house=house, remove=True).orphans) == 1
        assert objects() == 2
        close()
    assert took < 30, f"recovery took {took:.1f} s"


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 300 KB for files alone; where nothing may be mounted, a folder that takes nothing at all."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(folder)]
    is_mounted = os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    yield folder if is_mounted else Path("/dev/full")
    if is_mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.threat("F12")
def test_a_disk_that_is_full_for_files_alone_refuses_the_file_by_name_and_the_request_is_sent(
    installation: Installation, inside: Inside, full_disk: Path
) -> None:
    draft_id, device = filled_draft(inside)
    installation.web(workers=1, files_dir=str(full_disk))
    person = Uploader(installation, draft_id, device)
    status, page = person.add([("scan.pdf", PDF + os.urandom(2_000_000))])
    assert status == 200
    assert "“scan.pdf” could not be stored. The rest of your request is safe." in page
    if full_disk.is_dir():
        assert list(full_disk.rglob("*.part")) == []
        assert person.add(LETTER)[0] == 302, "what still fits is taken"
    person.look()
    assert reference_on(person.send())


@pytest.mark.threat("U1")
def test_a_line_that_stalls_is_let_go_and_meanwhile_every_other_page_is_served(
    installation: Installation, inside: Inside
) -> None:
    draft_id, device = filled_draft(inside)
    installation.web(workers=1, upload_idle_seconds=3.0, uploads_at_once=2)
    person = Uploader(installation, draft_id, device)
    body = body_of(person.fields["csrf_token"], [("letter.pdf", PDF), ("photo.jpg", jpeg() + bytes(3_000_000))])
    lines = [person.begin(len(body), body[:200_000]) for _ in range(2)]
    incoming, deadline = store_of(installation.settings()).incoming, time.monotonic() + 20
    while len(list(incoming.glob("*.part"))) < 4 and time.monotonic() < deadline:  # both files of both
        time.sleep(0.02)
    busy, page = person.add(LETTER)
    assert busy == 503
    assert "Wait a minute" in page
    assert "Add files" in person.page()
    assert not any(has_ended(line, 0) for line in lines), "the others are served while the two lines still stall"
    assert all(has_ended(line, 30) for line in lines), "a line that stalls is let go"
    assert person.add([("more.pdf", PDF + b"\n")])[0] == 302
    page = person.page()
    assert "letter.pdf" in page
    assert "Did not arrive whole" in page
    for line in lines:
        line.close()
    person.look()
    assert reference_on(person.send())
    with inside():
        assert sorted(states()) == [FileState.PENDING, FileState.PENDING, FileState.REFUSED]
        close()


@pytest.mark.threat("U1")
def test_a_line_cut_in_the_middle_keeps_what_came_whole_and_names_the_other(
    installation: Installation, inside: Inside
) -> None:
    draft_id, device = filled_draft(inside)
    installation.web(workers=1)
    person = Uploader(installation, draft_id, device)
    body = body_of(person.fields["csrf_token"], [("letter.pdf", PDF), ("photo.jpg", jpeg() + bytes(3_000_000))])
    person.begin(len(body), body[:1_000_000]).close()
    deadline = time.monotonic() + 10
    while "Did not arrive whole" not in person.page() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert "letter.pdf" in person.page()
    with inside():
        assert states() == [FileState.PENDING, FileState.REFUSED]
        store = store_of(current_app.extensions["house"].settings)
        assert list(store.incoming.glob("*")) == []
        close()


@pytest.mark.threat("U2")
def test_200_megabytes_on_a_slow_line_are_refused_before_they_are_read_with_the_limit_and_another_way(
    installation: Installation, inside: Inside
) -> None:
    draft_id, device = filled_draft(inside)
    installation.web(workers=1)
    person = Uploader(installation, draft_id, device)
    began = time.monotonic()
    with person.begin(200_000_000, body_of(person.fields["csrf_token"], [("film.jpg", jpeg())])[:1000]) as line:
        status, page = answer_on(line)
    assert time.monotonic() - began < 15
    assert status == 413
    assert "10 MB" in page
    assert "ring 01632 960100" in page
    with inside():
        assert states() == []
        close()


@pytest.mark.threat("U2")
def test_a_browser_that_sends_15_megabytes_too_much_reads_why(installation: Installation, inside: Inside) -> None:
    draft_id, device = filled_draft(inside)
    installation.web(workers=1, upload_most=1)
    person = Uploader(installation, draft_id, device)
    status, page = person.add([("film.jpg", jpeg() + bytes(25_000_000))])
    assert status == 413
    assert "too much at once" in page
