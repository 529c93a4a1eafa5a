"""Make the database hold what an authority's file says: any authority runs by configuration alone (GL-8, GL-10)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.services.authority_file import Authority, AuthorityFileError
from helpdesk.services.authority_rows import (
    Changes,
    TeamCrossesError,
    bring_agencies,
    bring_areas,
    bring_domains,
    bring_prefixes,
    bring_routes,
    bring_served,
    bring_teams,
)
from infrastructure.database import transaction
from infrastructure.trail import SYSTEM, Stream, record
from service_request.models import Area

STREAM = Stream("setting", uuid5(UUID(int=0), "authority"))


def load_authority(session: Session, authority: Authority, *, now: datetime) -> Changes:
    """Bring areas, teams, agencies and routes to what the file says, in one transaction; again, and nothing changes.

    Prefixes, served areas, domains and routes that the file no longer has are ended. An area, team or agency that it
    no longer has is left alone, since requests hang on it, and named in the answer.
    """
    changes = Changes()
    with transaction(session):
        session.scalars(select(Area).with_for_update(of=Area)).all()
        areas = bring_areas(session, authority.areas, changes)
        try:
            teams = bring_teams(session, authority.teams, changes, now)
        except TeamCrossesError as refusal:
            raise AuthorityFileError([refusal.sentence]) from None
        agencies = bring_agencies(session, authority.agencies, changes)
        session.flush()
        bring_prefixes(session, authority.areas, areas, changes)
        bring_served(session, authority.teams, areas, teams, changes)
        bring_domains(session, authority.agencies, agencies, changes)
        bring_routes(session, authority.routes, areas, teams, changes, now)
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
