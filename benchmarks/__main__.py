"""Measure the promises of speed in one run, and print them beside what was promised."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from benchmarks import children, large
from benchmarks.desk import Desk, measure_desk
from benchmarks.installing import Postgresql, Sqlite, make_app, migrate
from benchmarks.keeping import measure_keeping
from benchmarks.mails import measure_mails
from benchmarks.measuring import Row, load, machine, table
from benchmarks.sending import measure_sending
from benchmarks.starting import measure_starting
from benchmarks.texts import measure_texts

FEW_REQUESTS, FEW_CHILDREN = 1_000, 10_000
FEWER, LONGEST_BUILD = 200_000, 180.0
BYTES_EACH = 8_000  # of disk for one request with its children's keys, about


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    rounds: int
    sends: int
    pages: int
    searches: int
    starts: int
    large: int


WHOLE = Effort(rounds=8, sends=120, pages=80, searches=15, starts=8, large=1_000_000)
QUICK = Effort(rounds=3, sends=40, pages=40, searches=5, starts=2, large=20_000)
PARTS = ("sending", "texts", "mails", "postgresql", "desk", "children", "starting")


def main() -> int:
    """Run what was asked for; the exit code says only whether it could be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--large", type=int, help="requests and children in the large databases")
    parser.add_argument("--quick", action="store_true", help="a few rounds, to see that it runs")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="a part of it")
    asked = parser.parse_args()
    effort = QUICK if asked.quick or os.environ.get("EFFORT") == "quick" else WHOLE
    rows = Bench(effort, asked.large).run(asked.only)
    print("\n" + table(rows))
    return 0


class Bench:
    """One run: its databases in a folder of their own, gone when it ends."""

    def __init__(self, effort: Effort, rows: int | None) -> None:
        self.effort, self.rows, self.may_be_fewer = effort, rows or effort.large, rows is None
        self.began = time.monotonic()

    def run(self, parts: tuple[str, ...]) -> list[Row]:
        """Measure one part after the other, never two at once."""
        self._say(machine())
        self._say(f"load at the start: {load()}")
        rows: list[Row] = []
        with tempfile.TemporaryDirectory(prefix="front-door-bench-") as place:
            folder = Path(place)
            if "sending" in parts:
                rows += self._part("sending, SQLite", lambda: self._sending(Sqlite(_new(folder / "files")), folder))
            if "texts" in parts:
                rows += self._part("texts, SQLite", lambda: self._texts(Sqlite(_new(folder / "text-files")), folder))
            if "mails" in parts:
                rows += self._part("mails, SQLite", lambda: self._mails(Sqlite(_new(folder / "mail-files")), folder))
            if "postgresql" in parts:
                with _postgresql() as server:
                    self._say(f"PostgreSQL: {server.durability()}")
                    rows += self._part("sending, PostgreSQL", lambda: self._sending(server, folder))
                    rows += self._part("texts, PostgreSQL", lambda: self._texts(server, folder))
                    rows += self._part("mails, PostgreSQL", lambda: self._mails(server, folder))
            if "starting" in parts:
                rows += self._part("starting", lambda: measure_starting(folder / "starting", rounds=self.effort.starts))
            if {"desk", "children"} & set(parts):
                rows += self._among_many(folder, parts)
        self._say(f"load at the end: {load()}; {time.monotonic() - self.began:.0f} seconds in all")
        return rows

    def _sending(self, database: Sqlite | Postgresql, folder: Path) -> list[Row]:
        where = folder / f"sending-{database.name}"
        return measure_sending(database, where, rounds=self.effort.rounds, a_round=self.effort.sends)

    def _texts(self, database: Sqlite | Postgresql, folder: Path) -> list[Row]:
        where = folder / f"texts-{database.name}"
        return measure_texts(database, where, rounds=self.effort.rounds, a_round=self.effort.sends)

    def _mails(self, database: Sqlite | Postgresql, folder: Path) -> list[Row]:
        where = folder / f"mails-{database.name}"
        return measure_mails(database, where, rounds=self.effort.rounds, a_round=self.effort.sends)

    def _among_many(self, folder: Path, parts: tuple[str, ...]) -> list[Row]:
        """Fill the large databases side by side, then measure one after the other."""
        if self.may_be_fewer and shutil.disk_usage(folder).free < 2 * BYTES_EACH * self.rows:
            self.rows = FEWER
        wanted = [
            (name, rows)
            for name, rows in (
                ("desk-few", FEW_REQUESTS),
                ("desk-many", self.rows),
                ("children-few", FEW_CHILDREN),
                ("children-many", self.rows),
            )
            if name.partition("-")[0] in parts
        ]
        self._say(f"filling {', '.join(f'{name} {rows:,}' for name, rows in wanted)}")
        made = {}
        with ProcessPoolExecutor(2, get_context("fork")) as pool:
            asked: dict[str, Future[tuple[str, int]]] = {
                name: pool.submit(_make, name, str(folder), rows, may_be_fewer=self.may_be_fewer)
                for name, rows in sorted(wanted, key=lambda pair: -pair[1])
            }
            for name, future in asked.items():
                url, rows = future.result()
                made[name] = (make_app(url, folder), url, rows)
                self._say(f"{name}: {rows:,} rows")
        found: list[Row] = []
        effort = self.effort
        if "desk" in parts:
            few, many = Desk.of(*made["desk-few"]), Desk.of(*made["desk-many"])
            found += self._part(
                "desk", lambda: measure_desk(few, many, folder, rounds=effort.rounds, a_round=effort.pages)
            )
            found += self._part("keeping", lambda: measure_keeping(few, rounds=effort.rounds, a_round=effort.pages))
        if "children" in parts:
            (few_app, _, few_rows), (many_app, _, many_rows) = made["children-few"], made["children-many"]
            found += self._part(
                "children",
                lambda: [
                    children.measure_matches(
                        few_app, few_rows, many_app, many_rows, rounds=effort.rounds, a_round=effort.searches
                    )
                ],
            )
        return found

    def _part(self, name: str, measure: Callable[[], list[Row]]) -> list[Row]:
        self._say(f"{name} ...")
        return measure()

    def _say(self, words: str) -> None:
        print(f"[{time.monotonic() - self.began:4.0f} s] {words}", file=sys.stderr, flush=True)


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _make(name: str, place: str, rows: int, *, may_be_fewer: bool) -> tuple[str, int]:
    """Make one database, in a process of its own; return its address and how many rows it got."""
    folder = Path(place)
    url = Sqlite(folder).url(name)
    migrate(url, folder)
    app = make_app(url, folder)
    is_desk = name.startswith("desk")
    seconds = LONGEST_BUILD if may_be_fewer else 1e9
    budget = large.Budget(rows, seconds=seconds * (1 if is_desk else 0.25), fewer=FEWER)
    large.fill(app, budget, () if is_desk else large.FOR_CHILDREN)
    if not is_desk:
        budget = large.Budget(budget.rows, seconds=seconds * 0.6, fewer=FEWER)
        children.add_keys(app, budget)
    return url, budget.rows


@contextmanager
def _postgresql() -> Iterator[Postgresql]:
    # A folder of its own that others may enter: the server runs as another user.
    server = Postgresql(Path(tempfile.mkdtemp(prefix="front-door-bench-pg-")))
    try:
        yield server
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
