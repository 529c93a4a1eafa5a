"""Which team a decided subject goes to: the most specific routing rule that fits (GL-10, GL-12)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.identity.models import Team, TeamKind
from service_request.models import Area, RoutingRule, ServiceRequest
from service_request.pathways.social_care.needs import in_order
from service_request.pathways.social_care.rules import LINE_CHOICES, LineChoice

NOT_DESTINATIONS = (TeamKind.DESK, TeamKind.SENDIASS, TeamKind.COMMISSIONING)


@dataclass(frozen=True)
class Destinations:
    """Where a decided subject goes: to the team of the most specific rule, and to those that are given it beside."""

    main: Team | None = None
    beside: tuple[Team, ...] = ()

    @property
    def every(self) -> tuple[Team, ...]:
        """Return all of them, the main one first."""
        return (*([self.main] if self.main else []), *self.beside)

    @property
    def words(self) -> str | None:
        """Return their names as they stand in a sentence; None where no team is set up."""
        return " and ".join(team.name for team in self.every) or None


Rules = Sequence[tuple[RoutingRule, Team]]


def find_destinations(
    session: Session,
    *,
    pathway: str,
    choice: LineChoice,
    area_id: UUID | None,
    needs: Sequence[str] = (),
    now: datetime,
) -> Destinations:
    """Return the open teams that a decided subject with these needs goes to; no area counts as the default area.

    What names more goes first, and a need before an area: who cares for somebody goes to those who help carers,
    wherever they live. Of several needs the first of the form's list counts. Rules beside are all followed.
    """
    rules = _rules(session, pathway, area_id, now)
    return _choose(rules, choice, needs)


def name_destinations(
    session: Session,
    *,
    pathway: str,
    area_id: UUID | None,
    needs_of: Callable[[], Sequence[Sequence[str]]],
    now: datetime,
) -> dict[LineChoice, str | None]:
    """Return the teams that each decision goes to now, by name, or None where no team is set up, in one query.

    `needs_of`: what each child needs, asked for only where a rule names a need; children who differ are said so.
    """
    rules = _rules(session, pathway, area_id, now)
    needs = needs_of() if any(rule.need for rule, _ in rules) else [()]
    found: dict[LineChoice, str | None] = {}
    for one in LINE_CHOICES:
        if one.needs_destination:
            names = dict.fromkeys(_choose(rules, one, each).words for each in needs)
            found[one] = " or ".join(name or "no team" for name in names) if any(names) else None
    return found


def find_nearest(session: Session, request: ServiceRequest, choice: LineChoice, *, now: datetime) -> Team | None:
    """Return the open team that the rules name for this decision, to be offered instead of one that is closed (A1)."""
    return find_destinations(
        session, pathway=request.pathway, choice=choice, area_id=request.area_id, needs=request.worries, now=now
    ).main


def _rules(session: Session, pathway: str, area_id: UUID | None, now: datetime) -> Rules:
    default = select(Area.id).where(Area.is_default).limit(1).scalar_subquery()
    query = (
        select(RoutingRule, Team)
        .join(Team, Team.id == RoutingRule.team_id)
        .where(
            RoutingRule.pathway == pathway,
            or_(RoutingRule.area_id == (area_id or default), RoutingRule.area_id.is_(None)),
            RoutingRule.since <= now,
            or_(RoutingRule.until.is_(None), RoutingRule.until > now),
            *_is_open(now),
        )
        .order_by(RoutingRule.since.desc(), RoutingRule.id.desc())
    )
    return [(rule, team) for rule, team in session.execute(query)]


def _choose(rules: Rules, choice: LineChoice, needs: Sequence[str]) -> Destinations:
    counted = in_order(needs)
    fitting = [
        (rule, team)
        for rule, team in rules
        if rule.standing == choice.standing
        and rule.option == (choice.action or choice.contact_reason)
        and (rule.need is None or rule.need in counted)
    ]

    def rank(rule: RoutingRule) -> tuple[int, bool]:
        return (counted.index(rule.need) if rule.need else len(counted), rule.area_id is None)

    mains = [(rank(rule), team) for rule, team in fitting if not rule.is_beside]
    main = min(mains, key=lambda one: one[0])[1] if mains else None
    beside = {team.id: team for rule, team in fitting if rule.is_beside and team is not main}
    return Destinations(main, tuple(sorted(beside.values(), key=lambda team: team.name)))


def find_default_area(session: Session) -> UUID | None:
    """Return the area whose manager decides what has no address (GL-8)."""
    return session.scalars(select(Area.id).where(Area.is_default).limit(1)).one_or_none()


def list_destinations(session: Session, *, now: datetime) -> list[Team]:
    """Return the teams that take work now, by name, for the desk to choose from."""
    query = select(Team).where(*_is_open(now), Team.kind.not_in(NOT_DESTINATIONS)).order_by(Team.name)
    return list(session.scalars(query))


def _is_open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Team.wall == Wall.OPEN, Team.open_from <= now, or_(Team.open_to.is_(None), Team.open_to > now))


def takes_work(team: Team, now: datetime) -> bool:
    """Tell whether work may be sent to this team now."""
    is_open = team.open_from <= now and (team.open_to is None or team.open_to > now)
    return is_open and team.wall is Wall.OPEN and team.kind not in NOT_DESTINATIONS
