"""One contract, kept by a folder and by a real store that speaks S3."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infrastructure.database import uuid7
from infrastructure.files.stores import (
    DiskStore,
    NoObjectError,
    NotStoredError,
    Store,
    StoreAwayError,
    object_name,
    store_of,
)
from tests.plugins.house import settings_for
from tests.plugins.outside import S3, S3_PASSWORD

NAME = object_name("ab" * 32, uuid7())


@pytest.fixture(params=["disk", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Both kinds of store in turn."""
    changes: dict[str, Any] = {"files_dir": str(tmp_path)}
    if request.param == "s3":
        changes |= request.getfixturevalue("s3").settings()
    return store_of(settings_for("sqlite://", tmp_path, 25, **changes))


@pytest.fixture
def kept(store: Store, tmp_path: Path) -> Callable[[bytes, str], str]:
    """Keep some bytes under a name of their own."""

    def keep(content: bytes, name: str = "") -> str:
        name = name or object_name("cd" * 32, uuid7())
        path = tmp_path / "arriving.part"
        path.write_bytes(content)
        store.keep(path, name)
        return name

    return keep


@pytest.mark.parametrize("size", [0, 1, 5_000_000])
def test_what_is_kept_is_read_and_is_gone_when_removed(store: Store, kept: Callable[..., str], size: int) -> None:
    content = bytes(n % 251 for n in range(size))
    name = kept(content)
    with store.open(name) as source:
        assert source.read() == content
    assert store.has(name)
    assert name in dict(store.names())
    store.remove(name)
    store.remove(name)
    assert not store.has(name)
    assert name not in dict(store.names())
    with pytest.raises(NoObjectError):
        store.open(name)


def test_each_is_listed_with_the_time_it_was_kept(store: Store, kept: Callable[..., str]) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    names = {kept(b"a"), kept(b"b")}
    found = dict(store.names())
    assert names <= set(found)
    assert all(before <= found[name] <= datetime.now(UTC) + timedelta(seconds=2) for name in names)


def test_kept_again_under_one_name_is_the_latest(store: Store, kept: Callable[..., str]) -> None:
    name = kept(b"first")
    kept(b"second", name)
    with store.open(name) as source:
        assert source.read() == b"second"


@pytest.mark.threat("U6")
@pytest.mark.parametrize("name", ["../../etc/passwd", "a/../../b", "/etc/passwd", "a\\b", "a/.hidden"])
def test_a_folder_is_left_by_no_name(tmp_path: Path, name: str) -> None:
    store = DiskStore(tmp_path)
    store.objects.mkdir()
    with pytest.raises(NoObjectError):
        store.open(name)


def test_a_folder_that_is_not_there_is_away_not_empty(tmp_path: Path) -> None:
    store = DiskStore(tmp_path / "unmounted")
    for ask in (store.open, store.has):
        with pytest.raises(StoreAwayError):
            ask(NAME)


def test_a_folder_that_takes_nothing_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    (tmp_path / "objects").write_text("a file where the folder should be")
    path = tmp_path / "arriving.part"
    path.write_bytes(b"x")
    with pytest.raises(NotStoredError):
        store.keep(path, NAME)


def test_stored_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    path = tmp_path / "arriving.part"
    path.touch(0o600)
    path.write_bytes(b"x")
    store.keep(path, NAME)
    assert (store.objects / NAME).stat().st_mode & 0o077 == 0
    assert (store.objects / NAME).parent.stat().st_mode & 0o077 == 0


@pytest.mark.threat("F12")
def test_a_store_that_refuses_or_is_gone_is_told_apart_from_a_file_that_is_not_there(
    s3_that_fails: Callable[[], S3], tmp_path: Path
) -> None:
    running = s3_that_fails()
    path = tmp_path / "arriving.part"
    path.write_bytes(b"x")
    for changes in ({"files_secret_key": "another"}, {"files_bucket": "nothere"}):
        refusing = store_of(settings_for("sqlite://", tmp_path, 25, **running.settings(**changes)))
        with pytest.raises(NotStoredError) as refused:
            refusing.keep(path, NAME)
        assert S3_PASSWORD not in str(refused.value)
        with pytest.raises((StoreAwayError, NoObjectError)):
            refusing.open(NAME)
    store = store_of(settings_for("sqlite://", tmp_path, 25, **running.settings()))
    store.keep(path, NAME)
    running.stop()
    with pytest.raises(NotStoredError):
        store.keep(path, NAME)
    with pytest.raises(StoreAwayError):
        store.open(NAME)
    with pytest.raises(StoreAwayError):
        store.has(NAME)
    with pytest.raises(StoreAwayError):
        list(store.names())
