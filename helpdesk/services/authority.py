"""Make the database hold what an authority's file says: any authority runs by configuration alone (GL-8, GL-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.services.authority_file import AgencySaid, AreaSaid, Authority, RouteSaid, TeamSaid
from infrastructure.database import Wall, transaction
from infrastructure.identity.models import Team, TeamKind
from infrastructure.trail import SYSTEM, Stream, record
from service_request.models import Agency, AgencyDomain, Area, AreaPrefix, AreaTeam, RoutingRule
from service_request.pathways.social_care.sources import source_of

STREAM = Stream("setting", uuid5(UUID(int=0), "authority"))
WALLS = {TeamKind.SENDIASS: Wall.SENDIASS}


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


def load_authority(session: Session, authority: Authority, *, now: datetime) -> Changes:
    """Bring areas, teams, agencies and routes to what the file says, in one transaction; again, and nothing changes.

    Prefixes, served areas, domains and routes that the file no longer has are ended. An area, team or agency that it
    no longer has is left alone, since requests hang on it, and named in the answer.
    """
    changes = Changes()
    with transaction(session):
        session.scalars(select(Area).with_for_update(of=Area)).all()
        areas = _areas(session, authority.areas, changes)
        teams = _teams(session, authority.teams, changes, now)
        agencies = _agencies(session, authority.agencies, changes)
        session.flush()
        _prefixes(session, authority.areas, areas, changes)
        _served(session, authority.teams, areas, teams, changes)
        _domains(session, authority.agencies, agencies, changes)
        _routes(session, authority.routes, areas, teams, changes, now)
        changes.left = tuple(
            f"{what} {name}"
            for what, rows, said in (
                ("area", areas, {area.code for area in authority.areas}),
                ("team", teams, {team.name for team in authority.teams}),
                ("agency", agencies, {agency.name for agency in authority.agencies}),
            )
            for name in sorted(set(rows) - said)
        )
        if changes.any:
            record(
                session, STREAM, "load_authority", by=SYSTEM, now=now,
                added=changes.added, changed=changes.changed, ended=changes.ended,
            )  # fmt: skip
    return changes


def _set(row: object, changes: Changes, **values: object) -> None:
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    changes.changed += bool(different)


def _areas(session: Session, said: tuple[AreaSaid, ...], changes: Changes) -> dict[str, Area]:
    rows = {row.code: row for row in session.scalars(select(Area))}
    for one in said:
        row = rows.get(one.code)
        if row is None:
            rows[one.code] = row = Area(code=one.code, name=one.name, is_default=one.default)
            session.add(row)
            changes.added += 1
        else:
            _set(row, changes, name=one.name, is_default=one.default)
    for code in set(rows) - {one.code for one in said}:
        _set(rows[code], changes, is_default=False)
    return rows


def _teams(session: Session, said: tuple[TeamSaid, ...], changes: Changes, now: datetime) -> dict[str, Team]:
    rows = {row.name: row for row in session.scalars(select(Team))}
    for one in said:
        wall, row = WALLS.get(one.kind, Wall.OPEN), rows.get(one.name)
        if row is None:
            rows[one.name] = row = Team(name=one.name, kind=one.kind, wall=wall, email=one.email, open_from=now)
            session.add(row)
            changes.added += 1
        else:
            _set(row, changes, kind=one.kind, wall=wall, email=one.email)
    return rows


def _agencies(session: Session, said: tuple[AgencySaid, ...], changes: Changes) -> dict[str, Agency]:
    rows = {row.name: row for row in session.scalars(select(Agency))}
    for one in said:
        source, row = source_of(one.kind), rows.get(one.name)
        if row is None:
            rows[one.name] = row = Agency(name=one.name, kind=one.kind, source_code=source)
            session.add(row)
            changes.added += 1
        else:
            _set(row, changes, kind=one.kind, source_code=source)
    return rows


def _prefixes(session: Session, said: tuple[AreaSaid, ...], areas: dict[str, Area], changes: Changes) -> None:
    wanted = {prefix: areas[one.code].id for one in said for prefix in one.prefixes}
    rows = {row.prefix: row for row in session.scalars(select(AreaPrefix))}
    for prefix, area_id in wanted.items():
        if prefix not in rows:
            session.add(AreaPrefix(prefix=prefix, area_id=area_id))
            changes.added += 1
        else:
            _set(rows[prefix], changes, area_id=area_id)
    _end(session, [row for prefix, row in rows.items() if prefix not in wanted], changes)


def _served(
    session: Session, said: tuple[TeamSaid, ...], areas: dict[str, Area], teams: dict[str, Team], changes: Changes
) -> None:
    wanted = {(areas[code].id, teams[one.name].id) for one in said for code in one.areas}
    rows = {(row.area_id, row.team_id): row for row in session.scalars(select(AreaTeam))}
    for area_id, team_id in wanted - rows.keys():
        session.add(AreaTeam(area_id=area_id, team_id=team_id))
        changes.added += 1
    _end(session, [row for key, row in rows.items() if key not in wanted], changes)


def _domains(session: Session, said: tuple[AgencySaid, ...], agencies: dict[str, Agency], changes: Changes) -> None:
    wanted = {domain: agencies[one.name].id for one in said for domain in one.domains}
    rows = {row.domain: row for row in session.scalars(select(AgencyDomain))}
    for domain, agency_id in wanted.items():
        if domain not in rows:
            session.add(AgencyDomain(domain=domain, agency_id=agency_id))
            changes.added += 1
        else:
            _set(rows[domain], changes, agency_id=agency_id)
    _end(session, [row for domain, row in rows.items() if domain not in wanted], changes)


def _routes(
    session: Session,
    said: tuple[RouteSaid, ...],
    areas: dict[str, Area],
    teams: dict[str, Team],
    changes: Changes,
    now: datetime,
) -> None:
    wanted = {
        (one.pathway, str(one.standing), option, areas[one.area].id if one.area else None): teams[one.team].id
        for one in said
        for option in one.options
    }
    for rule in session.scalars(select(RoutingRule).where(RoutingRule.until.is_(None))):
        key = (rule.pathway, rule.standing, rule.option, rule.area_id)
        if wanted.get(key) == rule.team_id:
            del wanted[key]
        else:
            rule.until = now
            changes.ended += 1
    for (pathway, standing, option, area_id), team_id in wanted.items():
        session.add(
            RoutingRule(pathway=pathway, standing=standing, option=option, area_id=area_id, team_id=team_id, since=now)
        )
        changes.added += 1


def _end(session: Session, rows: list[AreaPrefix] | list[AreaTeam] | list[AgencyDomain], changes: Changes) -> None:
    for row in rows:
        session.delete(row)
        changes.ended += 1
