"""A worker that dies at any point while it understands a mail: it is understood once, and thanked once (EV-1, EV-3)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import func, select

from infrastructure.database import db
from infrastructure.outbox import OutboxMessage
from service_request.models import Arrival, Disposition, File, Mail, Message, ServiceRequest, Task
from tests.faults.test_mail_in import run
from tests.faults.test_nothing_is_lost import close
from tests.plugins.server import Installation
from tests.posting import DESK, OURS, SENDIASS, bounce, with_files, write

pytestmark = pytest.mark.fault
Inside = Callable[[], AbstractContextManager[Any]]
POINTS = [
    "mail_read",
    "mail_opened",
    "mail_written",
    "before_mail_commit",
    "after_mail_commit",
    "media_fetched",
    "file_stored",
    "before_media_commit",
    "",
]
# One start of the product, and a child of it for each point; between them the leases of the dead are over.
UNDERSTAND = """
import json, os, sys
from app import create_app
from infrastructure.database import db, utc_now
from infrastructure.database.transaction import arm
from infrastructure.settings import read_settings
from service_request.models import ArrivalMedia
from service_request.services.mail.keeping import find_box, keep_mail

said = json.load(sys.stdin)
app = create_app(read_settings())
house = app.extensions["house"]

def work(point):
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(ArrivalMedia.__table__.update().values(lease_until=None))
        arm(f"{point}:exit9" if point else "")
        for name in ("understand_mail", "fetch_media", "deliver"):
            job = app.extensions["worker"].jobs[name]
            while found := job.list_due(db.session(), utc_now()):
                for row_id in found:
                    job.run(db.session(), row_id)

def child(act, *given):
    number = os.fork()
    if number == 0:
        code = 1
        try:
            act(*given)
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])

def keep(box, raw):
    with app.app_context():
        box = find_box(house.settings, box)
        keep_mail(db.session(), box, raw.encode(), received_at=None, now=utc_now(), house=house)

for box, raw in said["mails"]:
    child(keep, box, raw)
print(*[child(work, point) for point in said["points"]])
"""


def understand(installation: Installation, mails: list[tuple[str, bytes]], points: list[str]) -> list[str]:
    given = json.dumps({"mails": [[box, raw.decode()] for box, raw in mails], "points": points}).encode()
    code, said = run([sys.executable, "-c", UNDERSTAND], installation.settings(mailboxes=OURS), given)
    assert code == 0, said
    return next(line for line in reversed(said.splitlines()) if line and line[0] in "-0123456789").split()


def count(model: type[Any]) -> int:
    return int(db.session.scalar(select(func.count()).select_from(model)) or 0)


@pytest.mark.storage
@pytest.mark.rule("EV-1")
@pytest.mark.rule("EV-3")
@pytest.mark.threat("F33")
def test_a_mail_is_understood_once_whenever_the_worker_dies(installation: Installation, inside: Inside) -> None:
    check(installation, inside, DESK)


@pytest.mark.rule("EV-1")
@pytest.mark.rule("SE-3")
@pytest.mark.threat("F33")
def test_a_mail_to_sendiass_is_understood_once_whenever_the_worker_dies(
    installation: Installation, inside: Inside
) -> None:
    check(installation, inside, SENDIASS)


def check(installation: Installation, inside: Inside, box: str) -> None:
    """Let a worker die at each point over one mail with a file, and count what came of it."""
    raw = with_files(write("Tadhg was sent home", to=box), ("letter.txt", b"Excluded"))
    ends = understand(installation, [(box, raw)], POINTS)
    assert ends == ["-9"] * (len(POINTS) - 1) + ["0"]
    with inside():
        assert [count(model) for model in (Arrival, ServiceRequest, Mail, File)] == [1, 1, 1, 1]
        assert (count(Message), count(OutboxMessage)) == (2, 1)
        assert db.session.scalars(select(Arrival.disposition)).one() is Disposition.REQUEST
        close()


@pytest.mark.rule("EV-3")
@pytest.mark.threat("F21")
def test_a_bounce_is_matched_once_whenever_the_worker_dies(installation: Installation, inside: Inside) -> None:
    understand(installation, [(DESK, write())], [""])
    with inside():
        raw = bounce(db.session.scalars(select(OutboxMessage)).one(), to=DESK)
        close()
    assert understand(installation, [(DESK, raw)], ["mail_read", "before_mail_commit", "after_mail_commit", ""]) == [
        "-9", "-9", "-9", "0",
    ]  # fmt: skip
    with inside():
        assert [task.kind.value for task in db.session.scalars(select(Task))] == ["delivery_failed"]
        assert count(Mail) == 2
        close()
