"""The usual way through the front door, for stories in which nothing else happens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from demonstration import acts
from demonstration.clockwork import World
from helpdesk.domain.closures import Closure


@dataclass(frozen=True)
class Record:
    """What a manager writes, and decides for each child in turn (one choice: the same for all)."""

    choices: tuple[str, ...]
    information: str
    analysis: str
    reason: str


def decide(
    world: World,
    request: UUID,
    by: str,
    record: Record,
    *,
    override: tuple[str, str] | None = None,
    why: str | None = None,
    ask_caf: bool = False,
) -> None:
    """Save the decision as written."""
    acts.decides(
        world, request, by, *record.choices, information=record.information, analysis=record.analysis,
        reason=record.reason, override=override, why=why, ask_caf=ask_caf,
    )  # fmt: skip


def to_decision(
    world: World,
    request: UUID,
    record: Record,
    *,
    desk: str,
    manager: str,
    hours: float = 4.5,
    hints: tuple[bool, ...] = (),
    rang: str = "",
    agrees: bool = False,
    ask_caf: bool = False,
) -> Iterator[datetime]:
    """Claim, check the case system, ring, pass on and decide, within the day."""
    start = world.now
    yield start + timedelta(minutes=35)
    acts.claim(world, request, desk)
    yield start + timedelta(hours=hours / 3)
    acts.check_open_case(world, request, desk)
    if rang:
        acts.ring(world, request, desk, rang)
    if agrees:
        acts.hear_agreement(world, request, desk)
    if hints:
        acts.answer_hints(world, request, desk, *hints)
    acts.pass_on(world, request, desk)
    yield start + timedelta(hours=hours)
    decide(world, request, manager, record, ask_caf=ask_caf)


def through_team(
    world: World,
    request: UUID,
    member: str,
    words: str,
    *,
    days: int = 8,
    closure: Closure | None = None,
    close_after: int = 0,
) -> Iterator[datetime]:
    """Have the team take on all it was given, do it in that many working days, and say when the referral closed."""
    start = world.now
    yield start + timedelta(minutes=80)
    for assignment in acts.assigned(world, request):
        acts.take_on(world, assignment, member)
    yield world.later(start, days, "14:40")
    for assignment in acts.assigned(world, request):
        acts.finish(world, assignment, member, words)
    if closure is not None:
        yield world.later(start, days + close_after, "11:20")
        for assignment in acts.assigned(world, request):
            acts.close_referral(world, assignment, member, closure)
