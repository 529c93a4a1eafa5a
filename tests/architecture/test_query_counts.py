"""What a page asks of the database, exactly: a changed figure is a decision, written down here, and no accident.

A query is a statement sent; an executemany is one, BEGIN and COMMIT are none. Promised: sending at most 20, the queue at
most 6, a request's page at most 12.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from benchmarks.counting import Counted, counting
from benchmarks.mails import count_mail
from benchmarks.preparing import FilledDraft, Insider, fill_drafts, sign_in_officer
from benchmarks.sending import count_sending
from benchmarks.texts import count_text
from demonstration.staff import employ
from helpdesk.services.authority import load_authority
from helpdesk.services.authority_file import read_file
from infrastructure.database import db, utc_now
from infrastructure.house import House
from service_request.models import ServiceRequest

pytestmark = pytest.mark.storage

WESTMARCH = Path(__file__).resolve().parents[2] / "demonstration" / "westmarch.toml"
TO_SEND, TO_SEND_FROM_AN_UNKNOWN_AGENCY = 17, 18  # an unproven address is counted first (T9)
AT_MOST = {"send": 20, "queue": 6, "request": 12}


@pytest.fixture
def draft(app: Flask) -> FilledDraft:
    """A filled form, that waits to be checked and sent."""
    return fill_drafts(app, 1)[0]


@pytest.fixture
def westmarch(app: Flask, house: House) -> None:
    """The authority's areas, teams, agencies and staff."""
    load_authority(db.session(), read_file(WESTMARCH), now=utc_now())
    employ(db.session(), settings=house.settings, now=utc_now())


@pytest.fixture
def officer(app: Flask, westmarch: None) -> Insider:
    """An officer of the helpdesk at a browser."""
    return Insider(app, "staff", sign_in_officer(app))


@pytest.fixture
def count(app: Flask, officer: Insider) -> Callable[[str], Counted]:
    """Return a function that opens a page and counts."""

    def open_and_count(path: str) -> Counted:
        engine = db.engine
        with counting(engine) as counted:
            answer = officer.get(path)
        assert answer.status_code == 200, answer.text
        return counted

    return open_and_count


def test_sending_is_one_commit_and_the_queries_written_here(app: Flask, westmarch: None, draft: FilledDraft) -> None:
    sent = count_sending(app, draft)["send"]
    assert sent.commits == 1, sent
    assert sent.queries == TO_SEND <= AT_MOST["send"], sent


def test_an_unknown_agency_costs_one_query_more(app: Flask, draft: FilledDraft) -> None:
    sent = count_sending(app, draft)["send"]
    assert sent.commits == 1, sent
    assert sent.queries == TO_SEND_FROM_AN_UNKNOWN_AGENCY <= AT_MOST["send"], sent


@pytest.mark.parametrize(("page", "queries"), [("check", 2), ("sent", 2)])
def test_the_pages_around_sending_write_nothing(app: Flask, draft: FilledDraft, page: str, queries: int) -> None:
    counted = count_sending(app, draft)[page]
    assert counted.commits == 0, counted
    assert counted.queries == queries, counted


def test_the_queue_is_read_and_logged_in_four_queries(
    app: Flask, count: Callable[[str], Counted], draft: FilledDraft
) -> None:
    count_sending(app, draft)
    queue = count("/staff/queue")
    assert queue.commits == 1, queue  # who looked
    assert queue.queries == 4 <= AT_MOST["queue"], queue


def test_a_request_is_read_and_logged_in_nine_queries(
    app: Flask, count: Callable[[str], Counted], draft: FilledDraft
) -> None:
    count_sending(app, draft)
    page = count(f"/staff/requests/{db.session.scalars(select(ServiceRequest.id)).one()}")
    assert page.commits == 1, page  # who looked
    assert page.queries == 9 <= AT_MOST["request"], page


def test_a_text_is_kept_by_one_statement_and_one_commit_and_known_again_by_two(app: Flask) -> None:
    counted = count_text(app)
    assert (counted["first"].commits, counted["first"].queries) == (1, 1), counted["first"]
    assert (counted["again"].commits, counted["again"].queries) == (1, 2), counted["again"]


def test_a_mail_is_kept_by_one_statement_and_understood_by_those_written_here(app: Flask, westmarch: None) -> None:
    keeping, understanding = count_mail(app)
    assert (keeping.commits, keeping.queries) == (1, 1), keeping
    waits_for_turn = db.engine.dialect.name == "postgresql"  # two copies of a mail are placed one after the other
    assert (understanding.commits, understanding.queries) == (1, 19 + waits_for_turn), understanding
