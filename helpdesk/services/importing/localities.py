"""Localities: the areas, and by which beginnings of postcodes they are found (GL-8)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpdesk.services.authority_file import AreaSaid, stored_prefix
from helpdesk.services.authority_rows import bring_areas, bring_prefixes
from helpdesk.services.importing.format import NO, YES, Bringing, Format
from helpdesk.services.importing.in_use import in_words
from helpdesk.services.importing.reading import Row
from service_request.models import Area, AreaPrefix, AreaTeam, RoutingRule

CODE = re.compile(r"[a-z][a-z0-9_]{0,40}")


def _bring(doing: Bringing, rows: Sequence[Row]) -> None:
    said = _read(doing, rows)
    if sum(one.default for one in said) != 1:
        doing.fault(None, "default", "default_one")
    if doing.faults:
        return
    areas = bring_areas(doing.session, said, doing.changes)
    doing.session.flush()
    bring_prefixes(doing.session, said, areas, doing.changes)
    doing.session.flush()
    for code in sorted(areas.keys() - {one.code for one in said}):
        _remove(doing, areas[code])


def _read(doing: Bringing, rows: Sequence[Row]) -> list[AreaSaid]:
    first: dict[str, tuple[str, bool]] = {}
    prefixes: dict[str, str] = {}
    seen: set[object] = set()
    for row in rows:
        if not doing.needs(row, "area", "name"):
            continue
        code, is_default = row["area"], doing.says_yes(row, "default")
        if CODE.fullmatch(code) is None:
            doing.fault(row, "area", "code_bad")
        if first.setdefault(code, (row["name"], is_default)) != (row["name"], is_default):
            doing.fault(row, "area", "area_differs")
        try:
            prefix = stored_prefix(row["prefix"]) if row["prefix"] else ""
        except ValueError:
            doing.fault(row, "prefix", "prefix_bad")
            continue
        is_new = doing.is_new(row, (code, prefix), seen, "prefix", "row_twice")
        if is_new and prefix and prefixes.setdefault(prefix, code) != code:
            doing.fault(row, "prefix", "prefix_twice")
    return [
        AreaSaid(
            code=code,
            name=name,
            default=is_default,
            prefixes=tuple(prefix for prefix, area in prefixes.items() if area == code),
        )
        for code, (name, is_default) in first.items()
    ]


def _remove(doing: Bringing, area: Area) -> None:
    """Take out an area that is in the file no more; one that anything hangs on stays, and the file is refused."""
    session = doing.session
    teams = select(func.count()).select_from(AreaTeam).where(AreaTeam.area_id == area.id)
    routes = select(func.count()).select_from(RoutingRule)
    routes = routes.where(RoutingRule.area_id == area.id, RoutingRule.until.is_(None))
    name = area.name
    used = in_words(team=session.scalars(teams).one(), route=session.scalars(routes).one())
    if used:
        doing.fault(None, "area", "area_in_use", f"{name}: {used}")
        return
    try:
        with session.begin_nested():
            session.delete(area)
            session.flush()
        doing.changes.ended += 1
    except IntegrityError:  # what was decided or asked for there hangs on it, and is not ours to count
        doing.fault(None, "area", "area_in_use", f"{name}: requests, or routes that have ended")


def _list(session: Session, now: datetime) -> Iterator[Sequence[str]]:
    query = select(Area, AreaPrefix.prefix).outerjoin(AreaPrefix, AreaPrefix.area_id == Area.id)
    for area, prefix in session.execute(query.order_by(Area.code, AreaPrefix.prefix)):
        yield (area.code, area.name, YES if area.is_default else NO, prefix or "")


LOCALITIES = Format(
    "localities",
    "Localities",
    "One row for each beginning of a postcode, with the area that it lies in. One area is the default.",
    ("area", "name", "default", "prefix"),
    _bring,
    _list,
)
