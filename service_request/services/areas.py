"""Which area a request belongs to: the longest postcode prefix, the area chosen, or the default (GL-8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from service_request.domain import postcodes
from service_request.models import Area, AreaPrefix


@dataclass(frozen=True)
class Located:
    """The area of a request, and why: postcode, chosen, default or outside."""

    area_id: UUID | None
    reason: str


# Put together once: they are asked whenever a form is sent.
_WHERE = (
    select(Area.id, Area.code, Area.is_default, AreaPrefix.prefix)
    .outerjoin(
        AreaPrefix,
        (AreaPrefix.area_id == Area.id) & AreaPrefix.prefix.in_(bindparam("wanted", expanding=True)),
    )
    .where(or_(Area.is_default, Area.code == bindparam("chosen"), AreaPrefix.prefix.is_not(None)))
    .order_by(func.length(func.coalesce(AreaPrefix.prefix, "")).desc())
)
_BY_DEFAULT = select(Area.id).where(Area.is_default).limit(1)
_NAMED = select(Area.code, Area.name).order_by(Area.name)


def locate(session: Session, *, typed_postcodes: Iterable[str], chosen: str) -> Located:
    """Return the area: of the first postcode that lies in one, else the chosen one, else the default's.

    An address outside every prefix, no fixed abode and an unknown address go to the default area's manager (GL-8).
    """
    wanted = [prefix for text in typed_postcodes if text for prefix in postcodes.prefixes(text)]
    if not (wanted or chosen):
        return Located(session.connection().scalar(_BY_DEFAULT), "default")
    asked = {"wanted": list(dict.fromkeys(wanted)), "chosen": chosen}  # children of one address ask for the same
    rows = session.connection().execute(_WHERE, asked).all()
    by_prefix = {row.prefix: row.id for row in rows if row.prefix}
    for prefix in wanted:
        if prefix in by_prefix:
            return Located(by_prefix[prefix], "postcode")
    for row in rows:
        if chosen and row.code == chosen:
            return Located(row.id, "chosen")
    default = next((row.id for row in rows if row.is_default), None)
    return Located(default, "outside" if wanted else "default")


def list_areas(session: Session) -> tuple[tuple[str, str], ...]:
    """Return the areas as (code, name) choices, by name."""
    return tuple((code, name) for code, name in session.connection().execute(_NAMED))
