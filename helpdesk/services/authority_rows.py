"""Bring the rows of areas, teams, agencies and routes to what is said, whichever file says it (GL-8, GL-10, A4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.services.authority_file import AgencySaid, AreaSaid, RouteSaid, TeamSaid
from infrastructure.database import Wall
from infrastructure.identity.models import Team, TeamKind
from service_request.domain.errors import DomainError
from service_request.models import Agency, AgencyDomain, Area, AreaPrefix, AreaTeam, RoutingRule
from service_request.pathways.social_care.sources import source_of

WALLS = {TeamKind.SENDIASS: Wall.SENDIASS}


class TeamCrossesError(DomainError):
    """Refuse to take a team through the wall with all its people (SE-5)."""

    def __init__(self, name: str) -> None:
        super().__init__(f"team {name}: it cannot come inside the wall of SENDIASS, or leave it. Make a new team.")


@dataclass
class Changes:
    """What a loading changed; `left` names what the database has and the file does not, and nobody touched."""

    added: int = 0
    changed: int = 0
    ended: int = 0
    left: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Tell whether anything was changed at all."""
        return bool(self.added or self.changed or self.ended)


def wall_of(kind: TeamKind) -> Wall:
    """Return the side of the wall on which a team of this kind works."""
    return WALLS.get(kind, Wall.OPEN)


def set_values(row: object, changes: Changes, **values: object) -> None:
    """Set what differs, and count the row once."""
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    changes.changed += bool(different)


def bring_areas(session: Session, said: Iterable[AreaSaid], changes: Changes) -> dict[str, Area]:
    """Add or change areas; one that is not said stays, but is the default no more. Return all, by code."""
    said = tuple(said)
    rows = {row.code: row for row in session.scalars(select(Area))}
    for one in said:
        row = rows.get(one.code)
        if row is None:
            rows[one.code] = row = Area(code=one.code, name=one.name, is_default=one.default)
            session.add(row)
            changes.added += 1
        else:
            set_values(row, changes, name=one.name, is_default=one.default)
    for code in set(rows) - {one.code for one in said}:
        set_values(rows[code], changes, is_default=False)
    return rows


def bring_teams(session: Session, said: Iterable[TeamSaid], changes: Changes, now: datetime) -> dict[str, Team]:
    """Add or change teams, and open again one that was closed; return all, by name, or raise TeamCrossesError."""
    rows = {row.name: row for row in session.scalars(select(Team))}
    for one in said:
        wall, row = wall_of(one.kind), rows.get(one.name)
        if row is None:
            rows[one.name] = row = Team(
                name=one.name, kind=one.kind, wall=wall, email=one.email, hours=one.hours, open_from=now
            )
            session.add(row)
            changes.added += 1
            continue
        if row.wall is not wall:
            raise TeamCrossesError(one.name)
        set_values(row, changes, kind=one.kind, email=one.email, hours=one.hours, open_to=None)
    return rows


def bring_agencies(session: Session, said: Iterable[AgencySaid], changes: Changes) -> dict[str, Agency]:
    """Add or change agencies; return all, by name."""
    rows = {row.name: row for row in session.scalars(select(Agency))}
    for one in said:
        source, row = source_of(one.kind), rows.get(one.name)
        if row is None:
            rows[one.name] = row = Agency(name=one.name, kind=one.kind, source_code=source)
            session.add(row)
            changes.added += 1
        else:
            set_values(row, changes, kind=one.kind, source_code=source)
    return rows


def bring_prefixes(session: Session, said: Iterable[AreaSaid], areas: dict[str, Area], changes: Changes) -> None:
    """Make the beginnings of postcodes those that are said."""
    wanted = {prefix: areas[one.code].id for one in said for prefix in one.prefixes}
    rows = {row.prefix: row for row in session.scalars(select(AreaPrefix))}
    for prefix, area_id in wanted.items():
        if prefix not in rows:
            session.add(AreaPrefix(prefix=prefix, area_id=area_id))
            changes.added += 1
        else:
            set_values(rows[prefix], changes, area_id=area_id)
    _end(session, [row for prefix, row in rows.items() if prefix not in wanted], changes)


def bring_served(
    session: Session, said: Iterable[TeamSaid], areas: dict[str, Area], teams: dict[str, Team], changes: Changes
) -> None:
    """Make the areas that each team serves those that are said."""
    wanted = {(areas[code].id, teams[one.name].id) for one in said for code in one.areas}
    rows = {(row.area_id, row.team_id): row for row in session.scalars(select(AreaTeam))}
    for area_id, team_id in wanted - rows.keys():
        session.add(AreaTeam(area_id=area_id, team_id=team_id))
        changes.added += 1
    _end(session, [row for key, row in rows.items() if key not in wanted], changes)


def bring_domains(session: Session, said: Iterable[AgencySaid], agencies: dict[str, Agency], changes: Changes) -> None:
    """Make the mail domains of each agency those that are said."""
    wanted = {domain: agencies[one.name].id for one in said for domain in one.domains}
    rows = {row.domain: row for row in session.scalars(select(AgencyDomain))}
    for domain, agency_id in wanted.items():
        if domain not in rows:
            session.add(AgencyDomain(domain=domain, agency_id=agency_id))
            changes.added += 1
        else:
            set_values(rows[domain], changes, agency_id=agency_id)
    _end(session, [row for domain, row in rows.items() if domain not in wanted], changes)


def bring_routes(
    session: Session,
    said: Iterable[RouteSaid],
    areas: dict[str, Area],
    teams: dict[str, Team],
    changes: Changes,
    now: datetime,
) -> None:
    """Make the routes those that are said; one that ends still says where things went until then."""
    wanted = {
        (
            one.pathway,
            str(one.standing),
            option,
            one.need,
            areas[one.area].id if one.area else None,
            teams[one.team].id,
            one.beside,
        )
        for one in said
        for option in one.options
    }
    for rule in session.scalars(select(RoutingRule).where(RoutingRule.until.is_(None))):
        key = (rule.pathway, rule.standing, rule.option, rule.need, rule.area_id, rule.team_id, rule.is_beside)
        if key in wanted:
            wanted.remove(key)
        else:
            rule.until = now
            changes.ended += 1
    for pathway, standing, option, need, area_id, team_id, is_beside in wanted:
        session.add(
            RoutingRule(
                pathway=pathway,
                standing=standing,
                option=option,
                need=need,
                area_id=area_id,
                team_id=team_id,
                is_beside=is_beside,
                since=now,
            )
        )
        changes.added += 1


def _end(session: Session, rows: list[AreaPrefix] | list[AreaTeam] | list[AgencyDomain], changes: Changes) -> None:
    for row in rows:
        session.delete(row)
        changes.ended += 1
