"""What the worker finds in a file: served, withheld or waiting; with a real scanner, one that is gone, and none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from cryptography.fernet import Fernet, InvalidToken
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select

from helpdesk.services.handing_over import hand_over
from infrastructure.database import KeyRings, Wall, db, transaction, use_keys, utc_now
from infrastructure.database.rotating import rotate
from infrastructure.database.sealing import unseal
from infrastructure.files.arriving import Arrived, arrive_from_bytes
from infrastructure.files.sealed_stream import content_hasher, unsealed
from infrastructure.files.stores import store_of
from infrastructure.house import House
from infrastructure.identity.models import Role, TeamKind
from infrastructure.trail import Event
from service_request.models import File, FileState, FileWhy, ReferrerKind, Task, TaskKind
from service_request.pathways.social_care.codes import FormKind
from service_request.services.drafts import StartedDraft, start_draft
from service_request.services.files import adding, checking
from service_request.services.files.adding import Sender, add_to_request
from service_request.services.send_form import answers_digest, send_form
from tests.answers import FULL_FORM
from tests.factories import NOW, County, make_county, make_request, make_team, make_user
from tests.made_files import EICAR, LOCKED_PDF, PDF, PLACE, docx, heic, jpeg, package, png
from tests.plugins.house import KEYS
from tests.plugins.outside import Clamd

DANGEROUS = docx(more={"word/media/a.bin": EICAR})


@pytest.fixture(autouse=True)
def tuesday_at_nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


class Place:
    """An installation with a county and one request, to which Grace adds files."""

    def __init__(self, app: Flask) -> None:
        self.app, self.session = app, db.session()
        self.house: House = app.extensions["house"]
        self.county: County = make_county(self.session)
        self.request_id: UUID = make_request(self.session, area_id=self.county.teasel).id

    def arrived(self, name: str, content: bytes) -> Arrived:
        store = store_of(self.house.settings)
        arrived = arrive_from_bytes(name, content, store, Wall.OPEN, longest=10_000_000)
        assert isinstance(arrived, Arrived)
        return arrived

    def add(self, name: str, content: bytes) -> UUID:
        return add_to_request(
            self.session, self.request_id, arrived=self.arrived(name, content), note="A letter",
            by=self.county.officer, now=utc_now(), house=self.house,
        )  # fmt: skip

    def work(self) -> None:
        self.app.extensions["worker"].run_all_due()

    def file(self, file_id: UUID) -> File:
        self.session.rollback()
        self.session.expire_all()
        return self.session.get_one(File, file_id)

    def tasks(self, kind: TaskKind = TaskKind.FILE) -> list[Task]:
        self.session.rollback()
        return list(self.session.scalars(select(Task).where(Task.kind == kind).order_by(Task.id)))

    def acts(self) -> list[str]:
        return list(
            self.session.scalars(select(Event.act).where(Event.stream_id == self.request_id).order_by(Event.seq))
        )

    def served(self, row: File) -> bytes:
        name, key = (row.served_store_key, row.served_key) if row.served_store_key else (row.store_key, row.key)
        with store_of(self.house.settings).open(name or "") as source:
            return b"".join(unsealed(source, key or b""))


@pytest.fixture
def place(make_app: Callable[..., Flask]) -> Iterator[Callable[..., Place]]:
    """Make an installation with settings of its own."""
    contexts: list[Any] = []

    def make(**changes: Any) -> Place:
        app = make_app(**changes)
        contexts.append(app.app_context())
        contexts[-1].push()
        return Place(app)

    yield make
    for context in contexts:
        context.pop()


@pytest.mark.threat("U8")
@pytest.mark.threat("T17")
@pytest.mark.storage
def test_the_test_signature_is_withheld_with_a_task_and_its_letter_is_served(
    place: Callable[..., Place], clamd: Clamd
) -> None:
    here = place(scanner=clamd.address)
    bad, good = here.add("report.docx", DANGEROUS), here.add("letter.pdf", PDF)
    assert here.file(bad).state is here.file(good).state is FileState.PENDING
    here.work()
    row = here.file(bad)
    assert (row.state, row.why) == (FileState.WITHHELD, FileWhy.MALWARE)
    assert (here.file(good).state, here.file(good).scanned_at) == (FileState.CLEAN, NOW)
    assert [(task.request_id, task.about_id) for task in here.tasks()] == [(here.request_id, bad)]
    assert here.acts()[-1] == "file_withheld"
    here.work()
    assert len(here.tasks()) == 1


@pytest.mark.threat("F36")
@pytest.mark.storage
def test_while_the_scanner_is_gone_files_wait_and_a_person_hears_and_then_they_are_scanned(
    place: Callable[..., Place], clamd: Clamd, tuesday_at_nine: time_machine.Traveller
) -> None:
    here = place(scanner=clamd.address)
    file_id = here.add("letter.pdf", PDF)
    clamd.stop()
    try:
        here.work()
        assert here.file(file_id).state is FileState.PENDING
        assert here.tasks(TaskKind.ALERT) == []
        tuesday_at_nine.shift(timedelta(minutes=16))
        here.work()
        assert here.file(file_id).state is FileState.PENDING
        assert len(here.tasks(TaskKind.ALERT)) == 1
    finally:
        clamd.start()
    tuesday_at_nine.shift(timedelta(minutes=6))
    here.work()
    assert here.file(file_id).state is FileState.CLEAN


@pytest.mark.threat("T17")
@pytest.mark.parametrize(
    ("name", "content", "state", "why"),
    [
        ("plan.docx", docx(more={"word/vbaProject.bin": b"x"}), FileState.WITHHELD, FileWhy.MACROS),
        (
            "plan.docx",
            package({"[Content_Types].xml": b"<Types/>", "a.exe": b"MZ"}),
            FileState.WITHHELD,
            FileWhy.NOT_AS_NAMED,
        ),
        ("plan.docx", package({"[Content_Types].xml": b" " * 3_000_000}), FileState.WITHHELD, FileWhy.TOO_COMPLEX),
        ("plan.pdf", LOCKED_PDF, FileState.CANNOT_SCAN, FileWhy.PASSWORD),
        ("plan.pdf", PDF, FileState.CLEAN, None),
        ("photo.heic", heic(strange=True), FileState.CLEAN, FileWhy.PLACE_KEPT),
    ],
    ids=["macros", "another thing", "bomb", "password", "letter", "strange photo"],
)
def test_each_file_ends_where_it_should_without_a_scanner_too(
    place: Callable[..., Place], name: str, content: bytes, state: FileState, why: FileWhy | None
) -> None:
    here = place(scanner="none")
    file_id = here.add(name, content)
    here.work()
    row = here.file(file_id)
    assert (row.state, row.why, row.scanned_at) == (state, why, None)
    assert len(here.tasks()) == (state is not FileState.CLEAN)


@pytest.mark.threat("U7")
@pytest.mark.parametrize(("name", "content"), [("a.jpg", jpeg()), ("a.png", png()), ("a.heic", heic())])
def test_what_is_served_of_a_photo_does_not_say_where_it_was_taken_and_the_original_is_kept(
    place: Callable[..., Place], name: str, content: bytes
) -> None:
    here = place()
    file_id = here.add(name, content)
    here.work()
    row = here.file(file_id)
    assert PLACE not in here.served(row)
    assert row.served_size == len(here.served(row))
    with store_of(here.house.settings).open(row.store_key or "") as original:
        assert b"".join(unsealed(original, row.key or b"")) == content


def test_a_photo_that_tells_nothing_is_stored_once(place: Callable[..., Place]) -> None:
    here = place()
    file_id = here.add("a.jpg", jpeg(told=False))
    here.work()
    assert here.file(file_id).served_store_key is None


@pytest.mark.threat("U4")
@pytest.mark.storage
def test_a_file_found_bad_before_the_form_is_sent_is_a_task_once_it_is_sent(place: Callable[..., Place]) -> None:
    here = place()
    now = utc_now()
    draft: StartedDraft = start_draft(
        here.session, kind=FormKind.FULL, device=None, answers=FULL_FORM, now=now, house=here.house
    )
    sender = Sender(draft.device, "127.0.0.1")
    for name, content in (("plan.pdf", LOCKED_PDF), ("letter.pdf", PDF)):
        adding.add_to_draft(
            here.session, draft.id, arrived=here.arrived(name, content), sender=sender, now=now, house=here.house
        )
    here.work()
    assert here.tasks() == []
    receipt = send_form(
        here.session,
        draft_id=draft.id,
        device=draft.device,
        digest=answers_digest(FULL_FORM),
        now=now,
        house=here.house,
    )
    assert [task.request_id for task in here.tasks()] == [receipt.request_id]


@pytest.mark.storage
def test_a_late_worker_changes_nothing_after_another_has_looked(
    place: Callable[..., Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = place()
    file_id = here.add("a.jpg", jpeg())
    before = {name for name, _ in store_of(here.house.settings).names()}
    look = checking._look

    def slow(claimed: Any, house: House) -> Any:
        looked = look(claimed, house)
        if claimed.fence == 1:  # our lease runs out, and another worker does it all
            with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
                checking.check_file(here.session, file_id, now=utc_now, house=here.house)
        return looked

    monkeypatch.setattr(checking, "_look", slow)
    checking.check_file(here.session, file_id, now=utc_now, house=here.house)
    row = here.file(file_id)
    assert (row.state, row.fence) == (FileState.CLEAN, 2)
    after = {name for name, _ in store_of(here.house.settings).names()}
    assert after - before == {row.served_store_key}, "the late copy is gone again"


def test_a_file_that_was_removed_meanwhile_is_let_go(
    place: Callable[..., Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = place()
    file_id = here.add("a.jpg", jpeg())
    look = checking._look

    def removed(claimed: Any, house: House) -> Any:
        looked = look(claimed, house)
        with transaction(here.session):
            here.session.delete(here.session.get_one(File, file_id))
        return looked

    monkeypatch.setattr(checking, "_look", removed)
    checking.check_file(here.session, file_id, now=utc_now, house=here.house)
    assert [
        name for name, _ in store_of(here.house.settings).names() if file_id.hex not in name and name.endswith("x")
    ] == []


@pytest.mark.rule("EV-5")
def test_an_object_that_is_gone_or_altered_is_a_task_and_never_silent(place: Callable[..., Place]) -> None:
    here = place()
    gone, altered = here.add("a.pdf", PDF), here.add("b.pdf", PDF + b"\n")
    store: Any = store_of(here.house.settings)
    store.remove(here.file(gone).store_key)
    path = store._path(here.file(altered).store_key)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    here.work()
    assert here.file(gone).state is here.file(altered).state is FileState.MISSING
    assert {task.about_id for task in here.tasks()} == {gone, altered}


def test_a_store_that_is_not_there_at_all_loses_nothing(place: Callable[..., Place]) -> None:
    here = place()
    file_id = here.add("a.pdf", PDF)
    store: Any = store_of(here.house.settings)
    store.objects.rename(store.objects.with_name("unmounted"))
    try:
        here.work()
        assert here.file(file_id).state is FileState.PENDING
    finally:
        store.objects.with_name("unmounted").rename(store.objects)


@pytest.mark.rule("SE-5")
@pytest.mark.storage
def test_a_file_that_goes_inside_the_wall_gets_a_key_and_a_name_that_tell_nothing_outside(
    place: Callable[..., Place],
) -> None:
    here = place()
    call = make_request(
        here.session, kind="call", area_id=here.county.teasel, referrer={"kind": ReferrerKind.FAMILY}
    ).id
    inside = make_team(here.session, "SENDIASS", TeamKind.SENDIASS, wall=Wall.SENDIASS)
    make_user(here.session, "Noor Haddad", (inside, Role.OFFICER))
    here.request_id = call
    ids = [here.add("a.jpg", jpeg()), here.add("b.pdf", PDF)]
    here.work()
    outside = [name for one in ids for name in (here.file(one).store_key, here.file(one).served_store_key) if name]
    served = [here.served(here.file(one)) for one in ids]
    hand_over(here.session, request_id=call, by=here.county.officer, now=utc_now(), house=here.house)
    here.work()
    store = store_of(here.house.settings)
    assert not any(store.has(name) for name in outside)
    for one, content in zip(ids, served, strict=True):
        row = here.file(one)
        assert (row.wall, row.state) == (Wall.SENDIASS, FileState.CLEAN)
        assert here.served(row) == content
        assert unseal(Wall.SENDIASS, row.key_sealed or b"") == row.key
        with pytest.raises(InvalidToken):
            unseal(Wall.OPEN, row.key_sealed or b"")
        hasher = content_hasher(Wall.SENDIASS)
        with store.open(row.store_key or "") as source:
            for piece in unsealed(source, row.key or b""):
                hasher.update(piece)
        assert hasher.hexdigest() in (row.store_key or "")
    hashes = {name.split("/")[1].split("-")[0] for name in outside}
    assert not hashes & {name.split("/")[1].split("-")[0] for name, _ in store.names()}


@pytest.mark.storage
def test_rotation_seals_a_files_key_anew_and_leaves_the_stored_file(place: Callable[..., Place]) -> None:
    here = place()
    file_id = here.add("a.jpg", jpeg())
    here.work()
    row = here.file(file_id)
    served, was = here.served(row), (row.key_sealed, row.served_key_sealed)
    old, fresh = KEYS["open_keys"], Fernet.generate_key().decode()
    for keys in (f"{fresh},{old}", fresh):
        changed = here.house.settings.model_copy(update={"open_keys": SecretStr(keys)})
        use_keys(KeyRings.from_settings(changed))
        if old in keys:
            assert sum(tally.lost for tally in rotate(here.session)) == 0
    row = here.file(file_id)
    assert here.served(row) == served
    assert row.key_sealed not in was
    assert row.served_key_sealed not in was
