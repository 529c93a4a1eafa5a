"""How it went, as somebody says it: with the enquiry, or without a name, and then so that nobody joins them (SE-8).

What is said without a name becomes a row of its own, and the row that was planned stays as it is for those who never
answered: nothing in it says that they did. The new row has an id that chance drew, so that no order tells its age; the
year and no day; no level, since few reach some; no event, no look and no message is written with it. That the link was
used is told by a hash of the link and another word: without the link, which stands nowhere here once it was sent, the
two hashes cannot be joined.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from uuid import uuid4

from dateutil.relativedelta import relativedelta
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.calendar import LONDON
from infrastructure.database import Wall, digests, transaction
from infrastructure.house import House
from infrastructure.identity.links import LinkRefusedError
from infrastructure.trail import Actor, ActorKind, Stream, record
from service_request.models import Evaluation, EvaluationState
from service_request.pathways.sendiass.codes import Level
from service_request.pathways.sendiass.evaluation import Asked, Wording, read_evaluation

INSIDE = Wall.SENDIASS
ENQUIRER = Actor(ActorKind.REFERRER)
USED = "used:"  # a link that answered without a name is known again by the hash of this and its token


class Standing(StrEnum):
    """How far the holder of a link has come."""

    OPEN = "open"
    ANSWERED = "answered"
    DECLINED = "declined"


@dataclass(frozen=True)
class EvaluationPage:
    """What the holder of a link sees."""

    standing: Standing
    questions: tuple[Asked, ...]


def read_evaluation_page(session: Session, *, token: str, now: datetime, house: House) -> EvaluationPage:
    """Return what the link opens, with nothing of the enquiry; raise LinkRefusedError for one that is over."""
    if _is_used(session, token):
        return EvaluationPage(Standing.ANSWERED, ())
    row = _find(session, token, now)
    if row.state is EvaluationState.ANSWERED:
        return EvaluationPage(Standing.ANSWERED, ())
    if row.state is EvaluationState.OPTED_OUT:
        return EvaluationPage(Standing.DECLINED, ())
    return EvaluationPage(Standing.OPEN, questions_for(row, house))


def answer_evaluation(
    session: Session, *, token: str, answers: Mapping[str, str], with_name: bool, now: datetime, house: House
) -> None:
    """Keep the answers, once for each link; a second time changes nothing. Raise LinkRefusedError when it is over."""
    with transaction(session):
        row = _find(session, token, now, lock=True)
        if row.state is not EvaluationState.SENT or _is_used(session, token):
            return
        told = known(answers, questions_for(row, house))
        if with_name:
            keep_named(session, row, told, now=now)
        else:
            session.add(nameless(row.wording, told, now=now, link=token, days=house.settings.link_days))


def decline_evaluation(session: Session, *, token: str, now: datetime) -> None:
    """Ask this person no more, after this enquiry and after any other of theirs."""
    with transaction(session):
        row = _find(session, token, now, lock=True)
        if row.state is not EvaluationState.SENT or _is_used(session, token) or row.request_id is None:
            return
        row.state, row.next_at = EvaluationState.OPTED_OUT, None
        row.answers = None
        record(session, Stream("request", row.request_id), "decline_evaluation", by=ENQUIRER, now=now)


def questions_for(row: Evaluation, house: House) -> tuple[Asked, ...]:
    """Return what this evaluation asks."""
    return wording_of(house).for_level(row.level or Level.CONTACT)


def wording_of(house: House) -> Wording:
    """Return the questions of this authority, or those that come with the product."""
    path = house.settings.evaluation_file
    return read_evaluation(Path(path) if path else None)


def known(answers: Mapping[str, str], questions: tuple[Asked, ...]) -> dict[str, str]:
    """Return the answers that were offered; every question can be left out."""
    return {one.code: answers[one.code] for one in questions if answers.get(one.code) in dict(one.scale)}


def keep_named(session: Session, row: Evaluation, answers: dict[str, str], *, now: datetime) -> None:
    """Keep the answers with their enquiry, in the caller's transaction."""
    row.state, row.is_anonymous, row.answers, row.next_at = EvaluationState.ANSWERED, False, answers, None
    row.answered_on = now.astimezone(LONDON).date()
    assert row.request_id is not None
    record(session, Stream("request", row.request_id), "answer_evaluation", by=ENQUIRER, now=now)


def nameless(wording: str, answers: dict[str, str], *, now: datetime, link: str = "", days: int = 0) -> Evaluation:
    """Return answers that belong to nobody: an id by chance, the year, and no more (SE-8).

    `link`: the token that they came by, so that it is not used again; kept to the end of the month after its last day.
    """
    today = now.astimezone(LONDON).date()
    over = (today + relativedelta(days=days)).replace(day=1) + relativedelta(months=1)
    return Evaluation(
        id=uuid4(),
        wall=INSIDE,
        state=EvaluationState.ANSWERED,
        wording=wording,
        due_on=date(today.year, 1, 1),
        answered_on=date(today.year, 1, 1),
        is_anonymous=True,
        token=f"{USED}{link}" if link else None,
        ends_at=datetime(over.year, over.month, 1, tzinfo=UTC) if link else None,
        answers=answers,
    )


def _find(session: Session, token: str, now: datetime, *, lock: bool = False) -> Evaluation:
    query = select(Evaluation).where(
        Evaluation.wall == INSIDE,
        Evaluation.token.in_(digests("evaluation", token, INSIDE)),
        Evaluation.ends_at > now,
        Evaluation.request_id.is_not(None),
    )
    row = session.scalars(query.with_for_update(of=Evaluation) if lock else query).one_or_none()
    if row is None:
        raise LinkRefusedError
    return row


def _is_used(session: Session, token: str) -> bool:
    query = select(Evaluation.id).where(
        Evaluation.wall == INSIDE, Evaluation.token.in_(digests("evaluation", f"{USED}{token}", INSIDE))
    )
    return session.scalars(query.limit(1)).first() is not None
