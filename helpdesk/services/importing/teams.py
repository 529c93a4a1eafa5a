"""Teams: what each is for, its secure mailbox, when it is there, and the areas that it serves (GL-8, GL-17).

An administrator outside the wall neither changes nor adds a team of SENDIASS: its mailbox is told of each enquiry that
waits (SE-5). From the command line they can be brought in; none is closed by being left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import ENDED
from helpdesk.domain.team_hours import TeamHoursError, read_hours
from helpdesk.models import Assignment
from helpdesk.services.authority_file import TeamSaid
from helpdesk.services.authority_rows import bring_served, bring_teams, wall_of
from helpdesk.services.importing.format import Bringing, Format
from helpdesk.services.importing.in_use import in_words
from helpdesk.services.importing.reading import Row
from infrastructure.database import Wall
from infrastructure.identity.models import Membership, Team, TeamKind
from infrastructure.outbox.headers import is_address
from service_request.models import Area, AreaTeam, RoutingRule

_BETWEEN = re.compile(r"[\s,;|]+")


def _bring(doing: Bringing, rows: Sequence[Row]) -> None:
    session, now = doing.session, doing.now
    areas = {row.code: row for row in session.scalars(select(Area))}
    said = _read(doing, rows, set(areas))
    if doing.faults:
        return
    outside = select(Team).where(Team.wall == Wall.OPEN, Team.open_to.is_(None))  # none inside is closed from here
    before = {row.name: row for row in session.scalars(outside)}
    teams = bring_teams(session, said, doing.changes, now)
    session.flush()
    gone = [before[name] for name in sorted(before.keys() - {one.name for one in said})]
    for team in gone:
        _close(doing, team)
    bring_served(session, said, areas, teams, doing.changes)


def _read(doing: Bringing, rows: Sequence[Row], areas: set[str]) -> list[TeamSaid]:
    walls = {row.name: row.wall for row in doing.session.execute(select(Team.name, Team.wall))}
    said: list[TeamSaid] = []
    seen: set[object] = set()
    for row in rows:
        known = len(doing.faults)
        if not doing.needs(row, "name", "kind"):
            continue
        doing.is_new(row, row["name"], seen, "name", "name_twice")
        kind = row["kind"].lower()
        if kind not in set(TeamKind):
            kinds = (one for one in TeamKind if doing.by is None or wall_of(one) is doing.by.wall)
            doing.fault(row, "kind", "team_kind", ", ".join(kinds))
        elif walls.get(row["name"], wall_of(TeamKind(kind))) is not wall_of(TeamKind(kind)):
            doing.fault(row, "kind", "team_wall")
        elif doing.by is not None and wall_of(TeamKind(kind)) is not doing.by.wall:
            doing.fault(row, "kind", "team_inside")
        if row["email"] and not is_address(row["email"]):
            doing.fault(row, "email", "email_bad")
        served = tuple(code for code in _BETWEEN.split(row["areas"]) if code)
        if set(served) - areas:
            doing.fault(row, "areas", "area_unknown")
        try:
            _ = row["hours"] and read_hours(row["hours"])
        except TeamHoursError:
            doing.fault(row, "hours", "hours_bad")
        if len(doing.faults) == known:
            said.append(
                TeamSaid(
                    name=row["name"],
                    kind=TeamKind(kind),
                    email=row["email"].lower() or None,
                    hours=row["hours"].lower() or None,
                    areas=tuple(dict.fromkeys(served)),
                )
            )
    return said


def _close(doing: Bringing, team: Team) -> None:
    """Close a team that is in the file no more; one that still has people, routes or work refuses the file."""
    session = doing.session
    routes = select(func.count()).select_from(RoutingRule)
    routes = routes.where(RoutingRule.team_id == team.id, RoutingRule.until.is_(None))
    people = select(func.count(Membership.user_id.distinct())).where(
        Membership.team_id == team.id, or_(Membership.until.is_(None), Membership.until > doing.now)
    )
    work = (
        select(func.count())
        .select_from(Assignment)
        .where(Assignment.wall == Wall.OPEN, Assignment.team_id == team.id, Assignment.state.not_in(list(ENDED)))
    )
    route, person, child = (session.scalars(query).one() for query in (routes, people, work))
    used = ", ".join(
        part for part in (in_words(route=route, person=person), child and f"work for {in_words(child=child)}") if part
    )
    if used:
        doing.fault(None, "name", "team_in_use", f"{team.name}: {used}")
        return
    team.open_to = doing.now
    doing.changes.ended += 1


def _list(session: Session, now: datetime) -> Iterator[Sequence[str]]:
    codes: dict[object, list[str]] = {}
    served = select(AreaTeam.team_id, Area.code).join(Area, Area.id == AreaTeam.area_id).order_by(Area.code)
    for team_id, code in session.execute(served):
        codes.setdefault(team_id, []).append(code)
    is_open = or_(Team.open_to.is_(None), Team.open_to > now)
    for team in session.scalars(select(Team).where(Team.wall == Wall.OPEN, is_open).order_by(Team.name)):
        yield (team.name, team.kind.value, team.email or "", team.hours or "", " ".join(codes.get(team.id, [])))


TEAMS = Format(
    "teams",
    "Teams",
    "One row for each team: its kind, its secure mailbox, its hours, and the codes of the areas that it serves.",
    ("name", "kind", "email", "hours", "areas"),
    _bring,
    _list,
)
