"""Sending the multi-agency form beside the bare flow: rate, processor time, the slowest wait, and what is queried."""

from __future__ import annotations

from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median

from flask import Flask
from sqlalchemy import func, select

from benchmarks.clients import HIDDEN, Round, drive, send_bare, send_draft
from benchmarks.counting import Counted, counting
from benchmarks.installing import (
    Postgresql,
    Sqlite,
    let_go,
    make_app,
    make_bare_tables,
    migrate,
    serve_bare,
    serve_product,
    stopped_at_end,
)
from benchmarks.measuring import Ratio, Row, per_second, percentile
from benchmarks.preparing import FilledDraft, Insider, fill_drafts
from infrastructure.database import db
from infrastructure.outbox import OutboxMessage
from service_request.models import ServiceRequest
from tests.answers import FULL_FORM

WORDS = FULL_FORM["concerns"]["narrative"][0]
BARE_TIMES = 4  # the bare flow is so much shorter that a round needs more of it
SLOWEST = {"SQLite": (5.0, 3.0), "PostgreSQL": (3.0, 2.0)}


def measure_sending(database: Sqlite | Postgresql, folder: Path, *, rounds: int, a_round: int) -> list[Row]:
    """Let eight clients send prepared drafts and bare forms by turns, on one kind of database."""
    folder.mkdir()
    url, bare_url = database.url("product"), database.url("bare")
    migrate(url, folder)
    url = database.served(url)
    make_bare_tables(bare_url)
    app = make_app(url, folder)
    in_all = (rounds + 1) * a_round
    drafts = fill_drafts(app, in_all + 1)
    counts = _count(database.name, app, drafts.pop())
    waiting = iter(drafts)
    ours, theirs = serve_product(url, folder), serve_bare(bare_url, folder)
    sent: list[tuple[Round, Round]] = []
    with stopped_at_end(ours, theirs):
        for number in range(rounds + 1):
            pair = (
                drive(ours, [partial(_send, draft) for draft in islice(waiting, a_round)]),
                drive(theirs, [_send_bare] * (a_round * BARE_TIMES)),
            )
            if number:  # the first is to warm up
                sent.append(pair)
    _all_arrived(app, in_all + 1)
    return _timed(database.name, [one for one, _ in sent], [one for _, one in sent]) + counts


def _send(draft: FilledDraft, port: int) -> float:
    return send_draft(port, draft)


def _send_bare(port: int) -> float:
    return send_bare(port, WORDS)


def _all_arrived(app: Flask, expected: int) -> None:
    """Refuse to tell how fast something was that did not happen."""
    with app.app_context():
        stored = db.session.scalar(select(func.count()).select_from(ServiceRequest))
        owed = db.session.scalar(select(func.count()).select_from(OutboxMessage))
        let_go()
    if (stored, owed) != (expected, expected):
        raise RuntimeError(f"{expected} were sent, {stored} stored, {owed} acknowledgements owed")


def _timed(name: str, ours: list[Round], theirs: list[Round]) -> list[Row]:
    rate = Ratio([one.rate for one in ours], [one.rate for one in theirs])
    cpu = Ratio([one.cpu_ms for one in ours], [one.cpu_ms for one in theirs])
    waits = [seconds for one in ours for seconds in one.each]
    bare_waits = [seconds for one in theirs for seconds in one.each]
    middle, slow = percentile(waits, 0.50), percentile(waits, 0.99)
    bare_middle, bare_slow = percentile(bare_waits, 0.50), percentile(bare_waits, 0.99)
    return [
        Row(
            f"sending the multi-agency form beside the bare flow, {name}",
            str(rate),
            rate.value,
            at_least=0.30,
            aim=0.50,
            note=f"{per_second(rate.ours)} beside {per_second(rate.theirs)}",
            less_is_better=False,
        ),
        Row(
            f"the same in server processor time, {name}",
            str(cpu),
            cpu.value,
            at_least=4,
            aim=2.2,
            note=f"{median(cpu.ours):.1f} ms beside {median(cpu.theirs):.1f} ms for one sending",
        ),
        Row(
            f"p99 beside p50 of the POST that sends, 8 at once, {name}",
            f"{slow / middle:.2f} x",
            slow / middle,
            *SLOWEST[name],
            note=f"{slow * 1000:.0f} ms beside {middle * 1000:.0f} ms of {len(waits)}; "
            f"the bare POST {bare_slow * 1000:.0f} ms beside {bare_middle * 1000:.0f} ms",
        ),
    ]


def count_sending(app: Flask, draft: FilledDraft) -> dict[str, Counted]:
    """Send one draft in this process; return what each of its three pages asked of the database."""
    referrer = Insider(app, "device", draft.device)
    at = f"/request/{draft.id}"
    with app.app_context():
        engine = db.engine
    counted = {}
    with counting(engine) as counted["check"]:
        page = referrer.get(f"{at}/check")
    with counting(engine) as counted["send"]:
        answer = referrer.post(f"{at}/send", dict(HIDDEN.findall(page.text)))
    with counting(engine) as counted["sent"]:
        receipt = referrer.get(f"{at}/sent")
    if (page.status_code, answer.status_code, receipt.status_code) != (200, 302, 200):
        raise RuntimeError("the draft could not be sent")
    return counted


def _count(name: str, app: Flask, draft: FilledDraft) -> list[Row]:
    counted = count_sending(app, draft)
    with app.app_context():
        let_go()
    check, send, sent = counted["check"], counted["send"], counted["sent"]
    aside = f"check answers {check.queries}, confirmation {sent.queries}"
    return [
        Row(f"commits of the POST that sends, {name}", f"{send.commits}", send.commits, at_least=1, aim=1),
        Row(
            f"queries of the POST that sends, {name}", f"{send.queries}", send.queries, at_least=20, aim=14, note=aside
        ),
    ]
