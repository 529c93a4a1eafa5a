"""The demonstration is made whole or not at all, and what people typed is never taken for a half-made one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from demonstration.places import DATABASE, MAIL, Places


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "instance")


def write_database(folder: Path, words: str) -> None:
    with sqlite3.connect(folder / DATABASE) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE said (words TEXT)")
        connection.execute("INSERT INTO said VALUES (?)", (words,))
    connection.close()


def words_in(places: Places) -> str:
    with sqlite3.connect(places.database) as connection:
        words: str = connection.execute("SELECT words FROM said").fetchone()[0]
    connection.close()
    return words


def test_the_first_start_makes_and_the_second_does_not(places: Places) -> None:
    assert places.begin()
    write_database(places.making, "the year")
    (places.making / MAIL / "one.eml").write_text("a mail")
    places.finish()
    assert words_in(places) == "the year"
    assert [path.name for path in places.mail.iterdir()] == ["one.eml"]
    assert not places.making.exists()
    assert not places.made.exists()
    assert not places.begin()


def test_what_a_killed_making_left_is_made_anew(places: Places) -> None:
    places.begin()
    write_database(places.making, "half a year")
    (places.making / MAIL / "half.eml").write_text("a mail")
    assert places.begin()
    assert not list((places.making / MAIL).iterdir())
    assert not (places.making / DATABASE).exists()
    assert not places.mail.exists()


def test_a_start_killed_between_making_and_moving_is_finished_by_the_next(places: Places) -> None:
    places.begin()
    write_database(places.making, "the year")
    (places.making / MAIL / "one.eml").write_text("a mail")
    places.making.rename(places.made)
    assert not places.begin()
    assert words_in(places) == "the year"
    assert (places.mail / "one.eml").exists()


def test_a_database_that_is_there_is_left_alone_whatever_lies_beside_it(places: Places) -> None:
    places.root.mkdir()
    write_database(places.root, "what somebody typed")
    for leftover in (places.making, places.made):
        (leftover / MAIL).mkdir(parents=True)
        write_database(leftover, "half a year")
    assert not places.begin()
    assert words_in(places) == "what somebody typed"


def test_the_journal_of_a_deleted_database_does_not_spoil_the_new_one(places: Places) -> None:
    places.root.mkdir()
    Path(f"{places.database}-wal").write_bytes(b"of another database")
    places.begin()
    write_database(places.making, "the year")
    places.finish()
    assert words_in(places) == "the year"
