"""A made-up county in an installation of its own: its places, its staff, and what happened there before today."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from demonstration.people import STAFF
from demonstration.staff import employ
from helpdesk.domain.closures import Closure
from helpdesk.models import Assignment, Decision
from helpdesk.services import assignments
from helpdesk.services.authority import load_authority
from helpdesk.services.authority_file import read_file
from helpdesk.services.decide import NewLine, decide
from infrastructure.database import db, utc_now
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.domain.states import RequestState
from service_request.models import Area, ServiceRequest, Subject
from tests.factories import Child, accept, make_decision, make_request
from tests.plugins.house import ROOT

COUNTY = ROOT / "demonstration" / "westmarch.toml"
PASSWORDS = {person.first_name: (person.email, person.password) for person in STAFF}
Inside = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Westmarch:
    """An open door to the database of an installation, as its own application has it."""

    app: Flask
    session: Session
    house: House
    staff: dict[str, User]

    def area(self, code: str) -> UUID:
        """Return the id of an area."""
        return self.session.scalars(select(Area.id).where(Area.code == code)).one()

    def subjects(self, request_id: UUID) -> list[UUID]:
        """Return the children of a request, in order."""
        query = select(Subject.id).where(Subject.request_id == request_id).order_by(Subject.number)
        return list(self.session.scalars(query))

    def assignments(self, request_id: UUID) -> list[UUID]:
        """Return what was sent to teams from a request."""
        query = select(Assignment.id).where(Assignment.request_id == request_id).order_by(Assignment.id)
        return list(self.session.scalars(query))

    def request(self, **changes: Any) -> ServiceRequest:
        """Make a request of Teasel Vale that came an hour ago."""
        came = {"received_at": utc_now() - timedelta(hours=1), "area_id": self.area("teasel_vale")}
        return make_request(self.session, **{**came, **changes})

    def waiting(self, **changes: Any) -> ServiceRequest:
        """Make a request that waits for Helen's decision."""
        return self.request(**{"state": RequestState.AWAITING_DECISION, **changes})

    def decided(
        self, *, at: datetime | None = None, choose: Callable[[UUID], NewLine] = accept, **changes: Any
    ) -> tuple[ServiceRequest, Decision]:
        """Make a request that Helen has decided: each child an initial assessment, unless said otherwise."""
        now = at or utc_now()
        request = self.waiting(**{"received_at": now - timedelta(hours=3), **changes})
        return request, self.decide(request.id, choose=choose, now=now)

    def decide(self, request_id: UUID, *, choose: Callable[[UUID], NewLine] = accept, now: datetime) -> Decision:
        """Decide a request as Helen, with a line for each child."""
        lines = [choose(subject) for subject in self.subjects(request_id)]
        return decide(
            self.session,
            request_id=request_id,
            decision=make_decision(*lines),
            version=None,
            by=self.staff["helen"],
            now=now,
            house=self.house,
        )

    def closed_referral(self, children: Sequence[Child], *, accepted: datetime, closed: datetime) -> ServiceRequest:
        """Make a referral that Tom's team took on and closed."""
        request, _ = self.decided(at=accepted, children=children, matched=False)
        for assignment_id in self.assignments(request.id):
            own: dict[str, Any] = {"assignment_id": assignment_id, "by": self.staff["tom"], "house": self.house}
            assignments.acknowledge(self.session, now=accepted + timedelta(hours=1), **own)
            assignments.finish(self.session, words="Help was given at home.", now=closed, **own)
            assignments.close_referral(
                self.session, closure=Closure.HELP_GIVEN, closed_on=closed.date(), now=closed, **own
            )
        return request


@contextmanager
def westmarch(inside: Inside, county: Path = COUNTY) -> Iterator[Westmarch]:
    """Load the county and employ its staff, a year ago; yield what more can be made there."""
    with inside():
        session, house, app = db.session(), current_app.extensions["house"], current_app._get_current_object()  # type: ignore[attr-defined]
        a_year_ago = utc_now() - timedelta(days=365)
        load_authority(session, read_file(county), now=a_year_ago)
        yield Westmarch(app, session, house, employ(session, settings=house.settings, now=a_year_ago))
        db.session.remove()
        db.engine.dispose()
