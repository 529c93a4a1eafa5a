"""A mail taken in whole, fetching aside: kept, read under limits, understood; beside a bare intake in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from statistics import median
from uuid import uuid4

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks import bare_mail
from benchmarks.counting import Counted, counting
from benchmarks.installing import MAILBOX, Postgresql, Sqlite, let_go, make_app, migrate
from benchmarks.measuring import Ratio, Row, per_second
from infrastructure.database import db, utc_now
from infrastructure.house import House
from infrastructure.mailboxes import Mailbox
from service_request.models import Arrival
from service_request.models.arrival import Disposition
from service_request.services.mail.keeping import find_box, keep_mail
from service_request.services.mail.understanding import understand_mail

WORDS = "My son is nine and has not been in school since September. Nobody answers us. Can somebody ring me?\n"
EARLIER = (
    "\nOn Mon, 23 Nov 2026 at 09:31, Oak School <office@oak.example> wrote:\n" + "> We cannot keep him here.\n" * 40
)
FILE = bytes(range(256)) * 200  # 50 kB


def measure_mails(database: Sqlite | Postgresql, folder: Path, *, rounds: int, a_round: int) -> list[Row]:
    """Take in mails as they are, by turns with the bare intake of others like them: each round of the same kinds."""
    folder.mkdir()
    url, bare_url = database.url("mails"), database.url("letters")
    migrate(url, folder)
    app = make_app(database.served(url), folder)
    rates: tuple[list[float], list[float]] = ([], [])
    with app.app_context():
        house: House = app.extensions["house"]
        bare, session = bare_mail.open_session(bare_url), db.session()
        for number in range(rounds + 1):
            ours = _rate(_mails(a_round), lambda raw: _take(session, raw, house))
            theirs = _rate(_mails(a_round), lambda raw: bare_mail.take(bare, raw))
            if number:  # the first is to warm up, and starts the reader
                rates[0].append(ours)
                rates[1].append(theirs)
        _check(session, a_round * (rounds + 1))
        bare.close()
        let_go()
    ratio = Ratio(*rates)
    return [
        Row(
            f"mail intake whole beside the standard library's parser and one commit, {database.name}",
            str(ratio),
            ratio.value,
            at_least=0.40,
            aim=1.0,
            note=f"{per_second(ratio.ours)} beside {per_second(ratio.theirs)}, one after the other; of four, an "
            f"answer with a long quote, one with a file of 50 kB, one in HTML alone, one automatic reply; "
            f"{1000 / median(ratio.ours):.1f} ms each",
            less_is_better=False,
        )
    ]


def count_mail(app: Flask) -> tuple[Counted, Counted]:
    """Take in one mail of a person in this process; return what keeping and understanding it asked of the database."""
    with app.app_context():
        house, session, engine = app.extensions["house"], db.session(), db.engine
        raw, box, now = bytes(_mail("Our son", WORDS)), Mailbox(address=MAILBOX, pathway="social_care"), utc_now()
        _ = house.calendar  # read once in half a minute, whatever comes
        with counting(engine) as keeping:
            kept = keep_mail(session, box, raw, received_at=None, now=now, house=house)
        with counting(engine) as understanding:
            understand_mail(session, kept.id, now=now, house=house)
    return keeping, understanding


def _rate(mails: list[bytes], take: Callable[[bytes], None]) -> float:
    began = time.perf_counter()
    for raw in mails:
        take(raw)
    return len(mails) / (time.perf_counter() - began)


def _take(session: Session, raw: bytes, house: House) -> None:
    """Do what the worker does with one mail: keep and commit, then understand and commit."""
    now = utc_now()
    box = find_box(house.settings, MAILBOX)
    assert box is not None
    kept = keep_mail(session, box, raw, received_at=None, now=now, house=house)
    understand_mail(session, kept.id, now=now, house=house)


def _check(session: Session, expected: int) -> None:
    """A mail that was held or left waiting would make us look fast."""
    counted = select(Arrival.disposition, func.count()).group_by(Arrival.disposition)
    done: dict[Disposition, int] = dict(session.execute(counted).tuples().all())
    if done.get(Disposition.KEPT, 0) or done.get(Disposition.HELD, 0) or sum(done.values()) != expected:
        raise RuntimeError(f"{expected} mails were sent, {done} are there")


def _mails(how_many: int) -> list[bytes]:
    kinds = _kinds()
    return [next(kinds) for _ in range(how_many)]


def _kinds() -> Iterator[bytes]:
    while True:
        yield bytes(_mail("Re: School place", WORDS + EARLIER))
        with_file = _mail("The letter from his school", WORDS)
        with_file.add_attachment(FILE, maintype="application", subtype="octet-stream", filename="letter.bin")
        yield bytes(with_file)
        html = _mail("Our son", "")
        html.set_content(f"<html><body><p>{WORDS}</p><p>Thank you</p></body></html>", subtype="html")
        yield bytes(html)
        away = _mail("Automatic reply: Your enquiry", "I am out of the office until Monday.")
        away["Auto-Submitted"] = "auto-replied"
        yield bytes(away)


def _mail(subject: str, words: str) -> EmailMessage:
    """Return a mail of somebody who has not written before: who floods us is not answered."""
    name = uuid4().hex
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"Parent <p.{name}@home-{name[:6]}.example>"
    mail["To"] = MAILBOX
    mail["Subject"] = subject
    mail["Date"] = utc_now()
    mail["Message-ID"] = f"<{name}@home.example>"
    mail.set_content(words)
    return mail
