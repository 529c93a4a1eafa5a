"""The mails of the corpus by IMAP, through everything: each is kept byte for byte, and becomes something or is held."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from infrastructure.database import db
from service_request.models import Arrival, Disposition, Mail, Task, TaskKind
from tests.faults.test_mail_in import setting_of
from tests.plugins.imap_script import ImapScript

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.eml"))
EACH = 1 if os.environ.get("EFFORT") == "full" else 12  # all of them take a quarter of a minute


@pytest.mark.storage
@pytest.mark.rule("EV-1")
@pytest.mark.threat("F32")
@pytest.mark.parametrize(("pathway", "first"), [("desk", 0), ("sendiass", 6)])
def test_each_mail_of_the_corpus_becomes_something_that_a_person_can_act_on(
    make_app: Callable[..., Flask], imap: ImapScript, pathway: str, first: int
) -> None:
    raws = [path.read_bytes() for path in CORPUS[first % EACH :: EACH]]
    for raw in raws:
        imap.put(raw)
    app = make_app(mailboxes=setting_of(imap.box(pathway=pathway, done_folder="Done")))
    app.extensions["worker"].run_all_due()
    assert (imap.raws(), imap.raws("Done")) == ([], raws)
    with app.app_context():
        rows = db.session.scalars(select(Arrival)).all()
        mails = {mail.arrival_id for mail in db.session.scalars(select(Mail))}
        tasks = [task.kind for task in db.session.scalars(select(Task))]
    assert sorted(row.raw or b"" for row in rows) == sorted(raws)
    assert {row.disposition for row in rows} <= set(Disposition) - {Disposition.KEPT}
    assert {row.id for row in rows} == mails
    assert tasks.count(TaskKind.UNREADABLE) == sum(row.disposition is Disposition.HELD for row in rows)
    assert TaskKind.ALERT not in tasks
