"""A text coming in, signed and kept, beside a bare signed webhook; and the same again beside its first delivery."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from uuid import uuid4

from flask import Flask
from sqlalchemy import create_engine, func, select
from twilio.request_validator import RequestValidator

from benchmarks import bare_hook
from benchmarks.clients import Round, UnexpectedAnswerError, Visit, drive
from benchmarks.counting import Counted, counting
from benchmarks.installing import (
    ACCOUNT,
    ADDRESS,
    SECRETS,
    TEXT_NUMBER,
    Postgresql,
    Server,
    Sqlite,
    free_port,
    let_go,
    make_app,
    migrate,
    serve_product,
    stopped_at_end,
)
from benchmarks.measuring import Ratio, Row, per_second
from infrastructure.database import db
from service_request.models import Arrival

MESSAGE = "/hooks/twilio/message"
WORDS = "Hi, school wont let my son in since monday, dont know what to do. He is 8, waits for his plan. Can you help?"
TIMES = 4  # a webhook is so much shorter than a form that a round needs more of it


def measure_texts(database: Sqlite | Postgresql, folder: Path, *, rounds: int, a_round: int) -> list[Row]:
    """Let eight connections deliver texts to ours, the same once more, and others to the bare one, by turns."""
    folder.mkdir()
    url, bare_url = database.url("texts"), database.url("hook")
    migrate(url, folder)
    url = database.served(url)
    engine = create_engine(bare_url)
    bare_hook.Base.metadata.create_all(engine)
    engine.dispose()
    app, each = make_app(url, folder), a_round * TIMES
    counts = _count(database.name, app)
    ours, theirs = serve_product(url, folder), _serve_bare(bare_url, folder)
    found: list[tuple[Round, Round, Round]] = []
    with stopped_at_end(ours, theirs):
        for number in range(rounds + 1):
            texts, others = [_text() for _ in range(each)], [_text() for _ in range(each)]
            three = drive(ours, texts), drive(ours, texts), drive(theirs, others)
            if number:  # the first is to warm up
                found.append(three)
    with app.app_context():
        stored = db.session.scalar(select(func.count()).select_from(Arrival))
        let_go()
    if stored != (rounds + 1) * each + 1:
        raise RuntimeError(f"{(rounds + 1) * each + 1} texts were delivered, {stored} are kept")
    first, again, bare = ([three[place] for three in found] for place in range(3))
    return _timed(database.name, first, again, bare) + counts


def _serve_bare(url: str, folder: Path) -> Server:
    said = {"BARE_DATABASE_URL": url, "BARE_TOKEN": SECRETS["twilio_auth_token"], "BARE_ADDRESS": ADDRESS}
    return Server("benchmarks.bare_hook:create_app()", said, folder, free_port(), 2)


def _params() -> dict[str, str]:
    """Return the parameters of a captured text, in their order, with a name of its own."""
    sid = f"SM{uuid4().hex}"
    return {
        "ToCountry": "GB", "ToState": "", "SmsMessageSid": sid, "NumMedia": "0", "ToCity": "", "FromZip": "",
        "SmsSid": sid, "FromState": "", "SmsStatus": "received", "FromCity": "", "Body": WORDS, "FromCountry": "GB",
        "To": TEXT_NUMBER, "ToZip": "", "NumSegments": "1", "MessageSid": sid, "AccountSid": ACCOUNT,
        "From": f"+447700900{uuid4().int % 1000:03}", "ApiVersion": "2010-04-01",
    }  # fmt: skip


def _signed(params: dict[str, str]) -> str:
    return str(RequestValidator(SECRETS["twilio_auth_token"]).compute_signature(ADDRESS + MESSAGE, params))


def _text() -> Callable[[int], float]:
    """Return what delivers one text, signed beforehand."""
    params = _params()
    return partial(_deliver, params, _signed(params))


def _deliver(params: dict[str, str], signature: str, port: int) -> float:
    with Visit(port) as visit:
        answer = visit.ask("POST", MESSAGE, params, more=f"X-Twilio-Signature: {signature}\r\n")
    if b"<Response/>" not in answer.body:
        raise UnexpectedAnswerError("no TwiML")
    return answer.seconds


def _timed(name: str, first: list[Round], again: list[Round], bare: list[Round]) -> list[Row]:
    rate = Ratio([one.rate for one in first], [one.rate for one in bare])
    cpu = Ratio([one.cpu_ms for one in first], [one.cpu_ms for one in bare])
    repeat = Ratio([one.rate for one in again], [one.rate for one in first])
    return [
        Row(
            f"a text coming in beside a bare signed webhook with one insert, {name}",
            str(rate),
            rate.value,
            at_least=0.60,
            aim=0.85,
            note=f"{per_second(rate.ours)} beside {per_second(rate.theirs)}; "
            f"{median(cpu.ours):.1f} ms of the server beside {median(cpu.theirs):.1f} ms",
            less_is_better=False,
        ),
        Row(
            f"the same text again beside its first delivery, {name}",
            str(repeat),
            repeat.value,
            at_least=1.0,
            aim=1.2,
            note=f"{per_second(repeat.ours)} beside {per_second(repeat.theirs)}; "
            f"{median(one.cpu_ms for one in again):.1f} ms of the server beside {median(cpu.ours):.1f} ms",
            less_is_better=False,
        ),
    ]


def count_text(app: Flask) -> dict[str, Counted]:
    """Deliver one text twice in this process; return what each delivery asked of the database."""
    params = _params()
    settings = app.extensions["house"].settings
    validator = RequestValidator(settings.listed("twilio_auth_token")[0])
    signed = {"X-Twilio-Signature": validator.compute_signature(settings.public_url + MESSAGE, params)}
    host = {"base_url": settings.public_url}
    with app.app_context():
        engine = db.engine
    client, counted = app.test_client(), {}
    with counting(engine) as counted["first"]:
        first = client.post(MESSAGE, data=params, headers=signed, **host)
    with counting(engine) as counted["again"]:
        again = client.post(MESSAGE, data=params, headers=signed, **host)
    if (first.status_code, again.status_code) != (200, 200):
        raise RuntimeError("the text was not taken")
    return counted


def _count(name: str, app: Flask) -> list[Row]:
    first = count_text(app)["first"]
    with app.app_context():
        let_go()
    return [
        Row(f"commits of a text coming in, {name}", f"{first.commits}", first.commits, at_least=1, aim=1),
        Row(f"queries of a text coming in, {name}", f"{first.queries}", first.queries, at_least=2, aim=1),
    ]
