"""The pages of the desk among few requests and among many: the queue, and one request."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

from flask import Flask

from benchmarks import large
from benchmarks.clients import Round, drive, open_page, send_bare
from benchmarks.counting import counting
from benchmarks.installing import (
    Sqlite,
    let_go,
    make_bare_tables,
    serve_bare,
    serve_product,
    stopped_at_end,
)
from benchmarks.measuring import Ratio, Row
from benchmarks.preparing import Insider, sign_in_officer
from infrastructure.database import db

QUEUE = "/staff/queue"
SAMPLE = 80  # how many requests are opened in a round, the same in each


@dataclass(frozen=True)
class Desk:
    """A database of requests, with an officer signed in."""

    app: Flask
    url: str
    rows: int
    token: str

    @classmethod
    def of(cls, app: Flask, url: str, rows: int) -> Desk:
        """Sign an officer in."""
        return cls(app, url, rows, sign_in_officer(app))

    @property
    def cookie(self) -> str:
        """Return the officer's cookie."""
        return f"__Host-staff={self.token}"

    def requests(self) -> list[str]:
        """Return the addresses of requests that have a whole form, spread over all of them."""
        numbers = range(0, self.rows, large.OPENED)
        chosen = Random(3).choices(numbers, k=SAMPLE)
        return [f"/staff/requests/{large.request_id(number)}" for number in chosen]

    def count(self, path: str) -> int:
        """Return how many queries a page sends, everything included: session, reading, access log."""
        officer = Insider(self.app, "staff", self.token)
        with self.app.app_context():
            engine = db.engine
        with counting(engine) as counted:
            answer = officer.get(path)
        with self.app.app_context():
            let_go()
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
        return counted.queries


def measure_desk(few: Desk, many: Desk, folder: Path, *, rounds: int, a_round: int) -> list[Row]:
    """Let eight officers open the queue and requests among few and among many, and a bare list, by turns."""
    bare_url = Sqlite(folder).url("bare-list")
    make_bare_tables(bare_url)
    servers = serve_product(few.url, folder), serve_product(many.url, folder), serve_bare(bare_url, folder)
    on_few, on_many, bare = servers
    kept: dict[str, list[Round]] = {name: [] for name in ("queue few", "queue many", "bare", "page few", "page many")}
    opened = {name: desk.requests()[:a_round] for name, desk in (("few", few), ("many", many))}
    with stopped_at_end(*servers):
        drive(bare, [partial(send_bare, words="Both boys have come in hungry")] * 100)
        for number in range(rounds + 1):
            tasks = {
                "queue few": (on_few, [partial(_open, QUEUE, few.cookie, b"fd-queue")] * a_round),
                "queue many": (on_many, [partial(_open, QUEUE, many.cookie, b"fd-queue")] * a_round),
                "bare": (bare, [partial(_open, "/queue", "", b"<table>")] * a_round * 4),
                "page few": (on_few, [partial(_open, path, few.cookie, b"Hartley") for path in opened["few"]]),
                "page many": (on_many, [partial(_open, path, many.cookie, b"Hartley") for path in opened["many"]]),
            }
            for name, (server, work) in tasks.items():
                made = drive(server, work)
                if number:  # the first is to warm up
                    kept[name].append(made)
    return _rows(few, many, kept)


def _open(path: str, cookie: str, holds: bytes, port: int) -> float:
    return open_page(port, path, cookie, holds)


def _beside(one: list[Round], other: list[Round]) -> Ratio:
    return Ratio([made.seconds / made.done for made in one], [made.seconds / made.done for made in other])


def _ms(ratio: Ratio) -> str:
    ours, theirs = median(ratio.ours) * 1000, median(ratio.theirs) * 1000
    return f"{ours:.1f} ms beside {theirs:.1f} ms of the server for one"


def _rows(few: Desk, many: Desk, kept: dict[str, list[Round]]) -> list[Row]:
    among = f"at {many.rows:,} requests beside {few.rows:,}"
    queue = _beside(kept["queue many"], kept["queue few"])
    page = _beside(kept["page many"], kept["page few"])
    bare = _beside(kept["queue few"], kept["bare"])
    queue_queries, page_queries = many.count(QUEUE), max(many.count(path) for path in many.requests()[:10])
    return [
        Row(f"queue page {among}", str(queue), queue.value, at_least=1.3, aim=1.1, note=_ms(queue)),
        Row(
            f"queue page (25 rows of {few.rows:,}) beside a bare queue page of 25 rows",
            str(bare),
            bare.value,
            at_least=8,
            aim=4,
            note=_ms(bare),
        ),
        Row("queries of the queue page", f"{queue_queries}", queue_queries, at_least=6, aim=4),
        Row(f"request page {among}", str(page), page.value, at_least=1.3, aim=1.1, note=_ms(page)),
        Row("queries of the request page (the most of ten)", f"{page_queries}", page_queries, at_least=12, aim=8),
    ]
