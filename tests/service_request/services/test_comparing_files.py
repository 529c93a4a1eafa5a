"""Store and rows are compared both ways, by the worker each hour and by hand: nothing is lost in silence."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from infrastructure.database import db, utc_now
from infrastructure.files.stores import StoreAwayError, object_name, store_of
from infrastructure.house import House
from service_request.models import File, FileState, Task, TaskKind
from service_request.services.files.comparing import EVERY_SECONDS, Comparing, compare
from tests.made_files import PDF, docx, jpeg
from tests.plugins.outside import S3
from tests.service_request.services.test_checking_files import Place, place  # noqa: F401 - a fixture


def later() -> Any:
    return utc_now() + timedelta(hours=2)


def stray(here: Place) -> str:
    """Leave an object whose row never came, as a process does that dies between the two."""
    from infrastructure.database import uuid7

    store = store_of(here.house.settings)
    path = store.incoming / "stray.part"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    name = object_name("ef" * 32, uuid7())
    store.keep(path, name)
    return name


@pytest.mark.storage
@pytest.mark.parametrize("kind", ["disk", "s3"])
def test_an_object_without_a_row_is_removed_after_an_hour_and_no_sooner(
    place: Callable[..., Place],  # noqa: F811
    kind: str,
    request: pytest.FixtureRequest,
) -> None:
    here = place(**(request.getfixturevalue("s3").settings() if kind == "s3" else {}))
    kept = here.add("photo.jpg", jpeg())
    here.work()
    name, store = stray(here), store_of(here.house.settings)
    now = compare(here.session, now=utc_now(), house=here.house, remove=True)
    assert (now.orphans, store.has(name)) == ([], True)
    told = compare(here.session, now=later(), house=here.house, remove=False)
    assert name in told.orphans
    assert store.has(name)
    removed = compare(here.session, now=later(), house=here.house, remove=True)
    assert name in removed.orphans
    assert not store.has(name)
    row = here.file(kept)
    assert store.has(row.store_key or "")
    assert store.has(row.served_store_key or "")


@pytest.mark.storage
def test_a_row_without_its_object_is_a_task_once_and_the_page_says_so(place: Callable[..., Place]) -> None:  # noqa: F811
    here = place()
    ids = [here.add("a.pdf", PDF), here.add("b.docx", docx())]
    here.work()
    store_of(here.house.settings).remove(here.file(ids[0]).store_key or "")
    for _ in range(2):
        compare(here.session, now=later(), house=here.house, remove=True)
    assert [here.file(one).state for one in ids] == [FileState.MISSING, FileState.CLEAN]
    assert [task.about_id for task in here.tasks()] == [ids[0]]
    assert here.acts().count("file_missing") == 1


def test_so_many_missing_means_the_wrong_folder_and_marks_none(place: Callable[..., Place]) -> None:  # noqa: F811
    here = place()
    ids = [here.add(f"{n}.txt", b"words %d" % n) for n in range(12)]
    here.work()
    store: Any = store_of(here.house.settings)
    for path in list(store.objects.glob("*/*")):
        path.unlink()
    found = compare(here.session, now=later(), house=here.house, remove=True)
    assert found.is_doubtful
    assert {here.file(one).state for one in ids} == {FileState.CLEAN}
    assert len(here.tasks(TaskKind.ALERT)) == 1
    assert here.tasks() == []


def test_what_never_arrived_whole_is_swept_from_this_machine(place: Callable[..., Place]) -> None:  # noqa: F811
    here = place()
    here.add("a.pdf", PDF)
    path = store_of(here.house.settings).incoming / "dead.part"
    path.write_bytes(b"sealed bytes")
    here.work()
    assert compare(here.session, now=utc_now(), house=here.house, remove=True).half_arrived == 0
    old = time.time() - 3 * 3600
    os.utime(path, (old, old))
    assert compare(here.session, now=utc_now() + timedelta(days=3), house=here.house, remove=True).half_arrived >= 1
    assert not path.exists()


def test_a_store_that_is_away_changes_nothing(place: Callable[..., Place], s3_that_fails: Callable[[], S3]) -> None:  # noqa: F811
    running = s3_that_fails()
    here = place(**running.settings())
    file_id = here.add("a.pdf", PDF)
    here.work()
    assert here.file(file_id).state is FileState.CLEAN
    running.stop()
    with pytest.raises(StoreAwayError):
        compare(here.session, now=later(), house=here.house, remove=True)
    assert here.file(file_id).state is FileState.CLEAN
    assert here.tasks() == []


def test_the_worker_compares_each_hour_and_not_in_the_first(
    house: House, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = Comparing(house)
    assert turn.list_due(session, utc_now()) == []
    began = time.monotonic()
    monkeypatch.setattr("service_request.services.files.comparing.time.monotonic", lambda: began + EVERY_SECONDS + 1)
    assert len(turn.list_due(session, utc_now())) == 1
    turn.run(session, now=utc_now())
    assert turn.list_due(session, utc_now()) == []


def test_the_command_says_what_it_found_and_fails_on_what_is_lost(place: Callable[..., Place], tmp_path: Path) -> None:  # noqa: F811
    here = place()
    file_id = here.add("Callum Hartley report.pdf", PDF)
    here.work()
    runner = here.app.test_cli_runner()
    said = runner.invoke(args=["files", "check"])
    assert said.exit_code == 0, said.output
    assert "1 stored files and 1 rows compared: 0 that no row names, 0 lost." in said.output
    store_of(here.house.settings).remove(here.file(file_id).store_key or "")
    here.session.rollback()
    said = runner.invoke(args=["files", "check", "--remove"])
    assert said.exit_code == 1
    assert f"Lost: file {file_id}" in said.output
    assert "Callum" not in said.output


def test_the_whole_way_over_s3(make_app: Callable[..., Flask], s3: S3) -> None:
    from tests.service_request.channels.web.test_files import add
    from tests.service_request.channels.web.walking import NAMED, Person

    app = make_app(**s3.settings())
    with app.app_context():
        person = Person(app.test_client())
        draft = person.begin().fill(NAMED)
        assert add(draft, ("letter.pdf", PDF), ("photo.jpg", jpeg())) == []
        draft.send()
        app.extensions["worker"].run_all_due()
        db.session.remove()
        states = {row.name: row.state for row in db.session.scalars(select(File))}
        assert states == {"letter.pdf": FileState.CLEAN, "photo.jpg": FileState.CLEAN}
        assert db.session.scalars(select(Task)).all() == []
        db.session.remove()


@pytest.mark.threat("F12")
def test_an_s3_store_that_refuses_is_said_at_once_and_the_request_is_sent(
    make_app: Callable[..., Flask], s3_that_fails: Callable[[], S3]
) -> None:
    from tests.service_request.channels.web.test_files import add
    from tests.service_request.channels.web.walking import NAMED, Person

    running = s3_that_fails()
    app = make_app(**running.settings(files_secret_key="wrong"))
    with app.app_context():
        person = Person(app.test_client())
        draft = person.begin().fill(NAMED)
        assert "could not be stored" in add(draft, ("letter.pdf", PDF))[0]
        running.stop()
        assert "could not be stored" in add(draft, ("letter.pdf", PDF))[0]
        draft.send()
        assert "Request sent" in person.words
        assert db.session.scalars(select(File)).all() == []
        db.session.remove()
