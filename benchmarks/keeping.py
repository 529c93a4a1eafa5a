"""What it costs that nobody sees too much and nothing is altered unseen: the rule of sight, the look, the seal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from time import perf_counter
from uuid import UUID

from flask import Flask
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from benchmarks.desk import Desk
from benchmarks.installing import let_go
from benchmarks.measuring import Ratio, Row
from benchmarks.preparing import OFFICER, Insider
from infrastructure.database import Wall, db, utc_now
from infrastructure.identity.models import UserAccount
from infrastructure.identity.signing_in import start_session
from infrastructure.identity.users import User, find_user
from infrastructure.trail import Access, log_access
from infrastructure.trail.sealing import seal_waiting
from service_request.domain.states import RequestState
from service_request.models import ServiceRequest
from service_request.services.sight.visible import visible_to

BATCH = 500  # looks, all sealed at once
ASKED = 40  # statements in a round
OPEN = (RequestState.RECEIVED, RequestState.IN_TRIAGE, RequestState.AWAITING_DECISION)


def measure_keeping(desk: Desk, *, rounds: int, a_round: int) -> list[Row]:
    """Time the rule of sight, the look and the seal in this process, by turns with what each is beside."""
    took: dict[str, list[float]] = {name: [] for name in ("bare", "sight", "page", "look", "seal", "batch")}
    pages = desk.requests()[:a_round]
    officer = Insider(desk.app, "staff", desk.token)
    for page in pages:
        officer.get(page)  # to warm up
    for _ in range(rounds):
        took["page"].append(_each(lambda: [officer.get(page) for page in pages], len(pages)))
        with desk.app.app_context():
            session, user = db.session(), _user(desk.app)
            took["bare"].append(_each(_asking(session, None), ASKED))
            took["sight"].append(_each(_asking(session, user), ASKED))
            took["look"].append(_each(_looking(session, user, len(pages)), len(pages)))
            seal_waiting(session, now=utc_now())
            took["batch"].append(_each(_looking(session, user, BATCH), BATCH))
            took["seal"].append(_each(lambda: seal_waiting(session, now=utc_now()), BATCH))  # noqa: B023
            let_go()
    return [
        _row(
            "the queue's statement with the whole rule of sight beside the wall and the state alone",
            took,
            "sight",
            "bare",
        ),
        _row("the look on record beside the whole page of a request", took, "look", "page"),
        _row("sealing a look, in the worker, beside writing it", took, "seal", "batch"),
    ]


def _user(app: Flask) -> User:
    session, settings = db.session(), app.extensions["house"].settings
    officer = session.scalars(select(UserAccount.id).where(UserAccount.email == OFFICER)).one()
    token = start_session(session, user_id=officer, settings=settings, now=utc_now())
    user = find_user(session, token, settings=settings, now=utc_now())
    if user is None:
        raise RuntimeError("the officer of the benchmark is gone")
    return user


def _asking(session: Session, user: User | None) -> Callable[[], object]:
    seen = ServiceRequest.wall == Wall.OPEN if user is None else visible_to(user)

    def query() -> Select[UUID]:
        kept = select(ServiceRequest.id).where(seen, ServiceRequest.state.in_(OPEN))
        return kept.order_by(ServiceRequest.next_due_at, ServiceRequest.id).limit(25)

    return lambda: [session.execute(query()).all() for _ in range(ASKED)]


def _looking(session: Session, user: User, times: int) -> Callable[[], object]:
    later = count()

    def look() -> None:
        for _ in range(times):
            moment = utc_now() + timedelta(microseconds=next(later))
            log_access(session, Access.VIEW, by=user.actor, now=moment, request_id=user.id)

    return look


def _each(act: Callable[[], object], times: int) -> float:
    began = perf_counter()
    act()
    return (perf_counter() - began) / times


def _row(what: str, took: dict[str, list[float]], ours: str, theirs: str) -> Row:
    ratio = Ratio(took[ours], took[theirs])
    note = f"{_middle(took[ours]):.2f} ms beside {_middle(took[theirs]):.2f} ms"
    return Row(what, str(ratio), ratio.value, note=note)


def _middle(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) // 2] * 1000
