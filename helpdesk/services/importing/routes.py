"""Routes: to which team a decided child goes, by decision, need and area (GL-10, GL-12, A1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.services.authority_file import PATHWAY, RouteSaid, choice_of_option
from helpdesk.services.authority_rows import bring_routes
from helpdesk.services.destinations import NOT_DESTINATIONS, takes_work
from helpdesk.services.importing.format import NO, YES, Bringing, Format
from helpdesk.services.importing.reading import Row
from infrastructure.database import Wall
from infrastructure.identity.models import Team
from service_request.models import Area, AreaTeam, RoutingRule
from service_request.pathways.social_care.needs import NEEDS
from service_request.pathways.social_care.rules import Standing


def _bring(doing: Bringing, rows: Sequence[Row]) -> None:
    session = doing.session
    areas = {row.code: row for row in session.scalars(select(Area))}
    teams = {row.name: row for row in session.scalars(select(Team))}
    said = _read(doing, rows, areas, teams)
    if not doing.faults:
        bring_routes(session, said, areas, teams, doing.changes, doing.now)


def _read(
    doing: Bringing, rows: Sequence[Row], areas: Mapping[str, Area], teams: Mapping[str, Team]
) -> list[RouteSaid]:
    said: list[RouteSaid] = []
    seen: set[object] = set()
    first: dict[object, Row] = {}
    for row in rows:
        known = len(doing.faults)
        if not doing.needs(row, "pathway", "standing", "option", "team"):
            continue
        beside = doing.says_yes(row, "beside")
        _check_decision(doing, row)
        if row["need"] and row["need"] not in NEEDS:
            doing.fault(row, "need", "need_unknown", ", ".join(NEEDS))
        if row["area"] and row["area"] not in areas:
            doing.fault(row, "area", "area_unknown")
        _check_team(doing, row, areas, teams)
        key = (row["pathway"], row["standing"], row["option"], row["need"], row["area"])
        if doing.is_new(row, (*key, row["team"], beside), seen, "", "row_twice") and not beside:
            other = first.setdefault(key, row)
            if other is not row:
                doing.fault(row, "team", "tie", f"row {other.number}")
        if len(doing.faults) == known:
            said.append(
                RouteSaid(
                    standing=Standing(row["standing"]),
                    options=(row["option"],),
                    team=row["team"],
                    area=row["area"] or None,
                    need=row["need"] or None,
                    beside=beside,
                    pathway=row["pathway"],
                )
            )
    return said


def _check_decision(doing: Bringing, row: Row) -> None:
    if row["pathway"] != PATHWAY:
        doing.fault(row, "pathway", "pathway_unknown", PATHWAY)
    if row["standing"] not in set(Standing):
        doing.fault(row, "standing", "standing_unknown")
        return
    try:
        choice = choice_of_option(Standing(row["standing"]), row["option"])
    except ValueError:
        doing.fault(row, "option", "option_unknown")
        return
    if not choice.needs_destination:
        doing.fault(row, "option", "option_no_team")


def _check_team(doing: Bringing, row: Row, areas: Mapping[str, Area], teams: Mapping[str, Team]) -> None:
    """Refuse a team that takes no work, and name the nearest that does (A1)."""
    team = teams.get(row["team"])
    if team is None:
        doing.fault(row, "team", "team_unknown")
    elif team.wall is not Wall.OPEN or team.kind in NOT_DESTINATIONS:
        doing.fault(row, "team", "team_no_destination")
    elif not takes_work(team, doing.now):
        doing.fault(row, "team", "team_closed", _nearest(doing, row, team, areas, teams))


def _nearest(doing: Bringing, row: Row, closed: Team, areas: Mapping[str, Area], teams: Mapping[str, Team]) -> str:
    """Return the open team of the same kind that serves the area, or the first of that kind."""
    alike = [team for _, team in sorted(teams.items()) if team.kind is closed.kind and takes_work(team, doing.now)]
    area = areas.get(row["area"])
    serving = set(doing.session.scalars(select(AreaTeam.team_id).where(AreaTeam.area_id == area.id))) if area else set()
    nearest = next((team for team in alike if team.id in serving), alike[0] if alike else None)
    return f"the nearest that does is {nearest.name}" if nearest else ""


def _list(session: Session, now: datetime) -> Iterator[Sequence[str]]:
    query = (
        select(RoutingRule, Area.code, Team.name)
        .join(Team, Team.id == RoutingRule.team_id)
        .outerjoin(Area, Area.id == RoutingRule.area_id)
        .where(RoutingRule.until.is_(None))
    )
    rows = [
        (
            rule.pathway,
            rule.standing,
            rule.option,
            rule.need or "",
            area or "",
            team,
            YES if rule.is_beside else NO,
        )
        for rule, area, team in session.execute(query)
    ]
    yield from sorted(rows)


ROUTES = Format(
    "routes",
    "Routes",
    "One row for each route. An empty need or area means any; what names more goes first, and a need before an area.",
    ("pathway", "standing", "option", "need", "area", "team", "beside"),
    _bring,
    _list,
)
