"""What the desk and its managers do besides deciding: ask, fold, let go, say why it was late, be on duty."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from demonstration.clockwork import World
from helpdesk.domain.office import NewTurn
from helpdesk.services import asking, folding, lateness, rota, withdrawals
from service_request.models import Clock, ClockKind
from service_request.services.sight.system import list_subjects


def ask_referrer(world: World, request: UUID, by: str, fields: Sequence[str], words: str) -> None:
    """Send a request back with what is needed."""
    asking.ask(
        world.session, request_id=request, fields=fields, words=words, by=world.user(by), now=world.now,
        house=world.house,
    )  # fmt: skip


def fold(world: World, request: UUID, into: UUID, by: str) -> None:
    """Fold a request into the other one about the same children, who stand in the same order."""
    session = world.session
    pairs = zip(list_subjects(session, request), list_subjects(session, into), strict=True)
    same = {mine.id: theirs.id for mine, theirs in pairs}
    session.rollback()
    folding.fold(
        session, request_id=request, into_id=into, same=same, by=world.user(by), now=world.now, house=world.house
    )


def let_it_go(world: World, request: UUID, by: str) -> None:
    """Close a request as its referrer asked."""
    withdrawals.let_it_go(world.session, request_id=request, by=world.user(by), now=world.now, house=world.house)


def say_why_late(world: World, request: UUID, by: str, reason: str, words: str) -> None:
    """Say why the decision about a request was late."""
    query = select(Clock.id).where(Clock.request_id == request, Clock.kind == ClockKind.DECISION)
    clock_id = world.session.scalars(query).one()
    world.session.rollback()
    lateness.say_why(
        world.session, request_id=request, clock_id=clock_id, reason=reason, words=words, by=world.user(by),
        now=world.now,
    )  # fmt: skip


def put_on_duty(world: World, who: str, since: datetime, until: datetime, *, by: str) -> None:
    """Write a turn into the rota, for every area."""
    new = NewTurn(since, until)
    rota.add_turn(
        world.session, user_id=world.user(who).id, area_id=None, new=new, by=world.user(by), now=world.now
    )  # fmt: skip
