"""Which team a decided subject goes to: the most specific routing rule that fits (GL-10, GL-12)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.identity.models import Team, TeamKind
from service_request.models import Area, RoutingRule
from service_request.pathways.social_care.rules import LINE_CHOICES, LineChoice

NOT_DESTINATIONS = (TeamKind.DESK, TeamKind.SENDIASS, TeamKind.COMMISSIONING)


def find_destination(
    session: Session, *, pathway: str, choice: LineChoice, area_id: UUID | None, now: datetime
) -> Team | None:
    """Return the open team of the most specific rule that fits, or None; no area counts as the default area."""
    area_id = area_id or find_default_area(session)
    query = (
        select(RoutingRule.area_id, Team)
        .join(Team, Team.id == RoutingRule.team_id)
        .where(
            RoutingRule.pathway == pathway,
            RoutingRule.standing == choice.standing,
            RoutingRule.option == (choice.action or choice.contact_reason),
            or_(RoutingRule.area_id == area_id, RoutingRule.area_id.is_(None)),
            RoutingRule.since <= now,
            or_(RoutingRule.until.is_(None), RoutingRule.until > now),
            *_is_open(now),
        )
        .order_by(RoutingRule.since.desc(), RoutingRule.id.desc())
    )
    rows = session.execute(query).all()
    by_area = [team for rule_area, team in rows if rule_area is not None]
    return next(iter([*by_area, *(team for rule_area, team in rows if rule_area is None)]), None)


def name_destinations(
    session: Session, *, pathway: str, area_id: UUID | None, now: datetime
) -> dict[LineChoice, str | None]:
    """Return the team that each decision goes to now, by name, or None where no team is set up, in one query."""
    default = select(Area.id).where(Area.is_default).limit(1).scalar_subquery()
    query = (
        select(RoutingRule.area_id, RoutingRule.standing, RoutingRule.option, Team.name)
        .join(Team, Team.id == RoutingRule.team_id)
        .where(
            RoutingRule.pathway == pathway,
            or_(RoutingRule.area_id == (area_id or default), RoutingRule.area_id.is_(None)),
            RoutingRule.since <= now,
            or_(RoutingRule.until.is_(None), RoutingRule.until > now),
            *_is_open(now),
        )
        .order_by(RoutingRule.area_id.is_(None), RoutingRule.since.desc(), RoutingRule.id.desc())
    )
    first: dict[tuple[str, str], str] = {}
    for _, standing, option, name in session.execute(query):
        first.setdefault((standing, option), name)
    return {
        one: first.get((one.standing, str(one.action or one.contact_reason)))
        for one in LINE_CHOICES
        if one.needs_destination
    }


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
