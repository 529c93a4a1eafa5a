"""How often something was tried is forgotten when no limit asks for it any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import transaction
from infrastructure.identity import attempts
from infrastructure.identity.attempts import Forgetting, count_attempt
from infrastructure.identity.models import AttemptCount
from tests.factories import NOW

pytestmark = [pytest.mark.storage, pytest.mark.rule("EV-8")]
A_DAY, TEN_YEARS = timedelta(days=1), timedelta(days=3_650)


def attempt(session: Session, key: str, *, before: timedelta, window: timedelta = A_DAY) -> bool:
    """Count one try of a while ago."""
    with time_machine.travel(NOW - before, tick=False), transaction(session):
        return count_attempt(session, key, tries=1, window=window, now=NOW - before)


def left(session: Session) -> int:
    session.rollback()
    return len(session.scalars(select(AttemptCount.id)).all())


def test_what_counts_no_more_is_forgotten_and_what_still_counts_is_kept(
    app: Flask, session: Session, monkeypatch: Any
) -> None:
    monkeypatch.setattr(attempts, "BATCH", 2)
    for n in range(5):
        attempt(session, f"code:{n}@brookfield.example", before=timedelta(days=3, hours=n))
    attempt(session, "oidc:used once", before=timedelta(days=3), window=TEN_YEARS)  # its sign-in was over in minutes
    assert attempt(session, "ack:s.rahman@brookfield.example", before=timedelta(hours=3))
    assert attempt(session, "oidc:used now", before=timedelta(0), window=TEN_YEARS)
    with time_machine.travel(NOW, tick=False):
        app.extensions["worker"].jobs["forget_attempts"].run(session, UUID(int=0))
    assert left(session) == 2
    assert not attempt(session, "ack:s.rahman@brookfield.example", before=timedelta(hours=2))
    assert not attempt(session, "oidc:used now", before=timedelta(0), window=TEN_YEARS)


def test_it_is_looked_for_once_an_hour(session: Session, monkeypatch: Any) -> None:
    forgetting = Forgetting()
    assert forgetting.list_due(session, NOW) == []
    forgetting.due_at = 0.0
    assert len(forgetting.list_due(session, NOW)) == 1
    forgetting.run(session, now=NOW)
    assert forgetting.list_due(session, NOW) == []
