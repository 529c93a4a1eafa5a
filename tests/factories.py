"""Plain functions that make what a test needs: staff, a small county, requests. Everybody here is made up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from helpdesk.services.decide import NewDecision, NewLine, NewOverride
from infrastructure.calendar import OfficeCalendar
from infrastructure.database import Wall, transaction, uuid7
from infrastructure.identity.models import Membership, Role, Team, TeamKind, UserAccount
from infrastructure.identity.users import Place, User
from infrastructure.trail import Actor, ActorKind, Stream, record
from service_request.domain.clocks import DecisionPromise, decision_due
from service_request.domain.consent import Agrees, Told
from service_request.domain.people import initials
from service_request.domain.references import new_reference
from service_request.domain.standing import ReferralKind
from service_request.domain.states import RequestState
from service_request.models import (
    Area,
    AreaTeam,
    Channel,
    ClockKind,
    Consent,
    Person,
    Referrer,
    ReferrerKind,
    RoutingRule,
    ServiceRequest,
    Subject,
)
from service_request.pathways.social_care.rules import ContactReason, ReferralAction, Standing
from service_request.services.clocks import start_clock

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)  # a Tuesday
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
REFERRER = Actor(ActorKind.REFERRER)


@dataclass(frozen=True)
class Child:
    """A child as a request describes them."""

    name: str | None = "Callum Hartley"
    birth_on: date | None = date(2017, 3, 14)
    postcode: str = "WM4 2QT"
    nhs_number: str = ""


CALLUM = Child()
RYAN = Child("Ryan Hartley", date(2020, 8, 2))


def make_team(session: Session, name: str, kind: TeamKind, **changes: Any) -> Team:
    """Make a team that is open; its mailbox is named for it."""
    address = name.lower().replace(" ", "-").replace("'", "")
    values = {"wall": Wall.OPEN, "email": f"{address}@westmarch.example", "open_from": LONG_AGO, **changes}
    with transaction(session):
        team = Team(name=name, kind=kind, **values)
        session.add(team)
    return team


def make_user(session: Session, name: str, *places: tuple[Team, Role]) -> User:
    """Make a member of staff with these places, and return them as the signed-in user."""
    email = f"{name.lower().replace(' ', '.')}@westmarch.example"
    held = [(team.id, team.name, team.kind, team.wall, role) for team, role in places]
    with transaction(session):
        account = UserAccount(name=name, email=email)
        session.add(account)
        session.flush()
        for team_id, *_, role in held:
            session.add(Membership(user_id=account.id, team_id=team_id, role=role, since=LONG_AGO))
        user_id = account.id
    return User(user_id, name, email, tuple(Place(*one) for one in held))


def make_area(session: Session, name: str, *teams: Team, is_default: bool = False) -> Area:
    """Make an area that these teams serve."""
    ids = [team.id for team in teams]
    with transaction(session):
        area = Area(code=name.lower().replace(" ", "_"), name=name, is_default=is_default)
        session.add(area)
        session.flush()
        session.add_all(AreaTeam(area_id=area.id, team_id=team_id) for team_id in ids)
    return area


def make_rule(
    session: Session,
    team_id: UUID,
    standing: Standing,
    option: ReferralAction | ContactReason,
    area_id: UUID | None = None,
    **changes: Any,
) -> RoutingRule:
    """Make a routing rule for the pathway of Gloucestershire's source."""
    with transaction(session):
        rule = RoutingRule(
            pathway="social_care",
            standing=standing,
            option=option,
            area_id=area_id,
            team_id=team_id,
            **{"since": LONG_AGO, **changes},
        )
        session.add(rule)
    return rule


@dataclass(frozen=True)
class County:
    """Two areas with their teams and people; Teasel Vale is the default."""

    teasel: UUID
    aldermoor: UUID
    desk: UUID
    assessment: UUID
    assessment_aldermoor: UUID
    locality: UUID
    officer: User
    officer_two: User
    manager: User
    manager_aldermoor: User
    service_manager: User
    social_worker: User
    locality_worker: User
    administrator: User


def make_county(session: Session) -> County:
    """Make the people and places that most tests need."""
    desk = make_team(session, "Helpdesk", TeamKind.DESK)
    assessment = make_team(session, "Assessment Teasel Vale", TeamKind.ASSESSMENT)
    assessment_two = make_team(session, "Assessment Aldermoor", TeamKind.ASSESSMENT)
    locality = make_team(session, "Teasel Vale locality team", TeamKind.LOCALITY)
    teasel = make_area(session, "Teasel Vale", assessment, locality, is_default=True).id
    aldermoor = make_area(session, "Aldermoor", assessment_two).id
    for option in (ReferralAction.INITIAL_ASSESSMENT, ReferralAction.PROVIDE_INFORMATION, ReferralAction.OTHER):
        make_rule(session, assessment.id, Standing.REFERRAL, option, teasel)
    make_rule(session, locality.id, Standing.CONTACT, ContactReason.CRITERIA, teasel)
    return County(
        teasel=teasel,
        aldermoor=aldermoor,
        desk=desk.id,
        assessment=assessment.id,
        assessment_aldermoor=assessment_two.id,
        locality=locality.id,
        officer=make_user(session, "Grace Oyelaran", (desk, Role.OFFICER)),
        officer_two=make_user(session, "Tom Birch", (desk, Role.OFFICER)),
        manager=make_user(session, "Helen Prosser", (assessment, Role.MANAGER)),
        manager_aldermoor=make_user(session, "Idris Vaughan", (assessment_two, Role.MANAGER)),
        service_manager=make_user(session, "Ian Castell", (desk, Role.SERVICE_MANAGER)),
        social_worker=make_user(session, "Wren Abara", (assessment, Role.MEMBER)),
        locality_worker=make_user(session, "Dev Anand", (locality, Role.MEMBER)),
        administrator=make_user(session, "Ada Moss", (desk, Role.ADMINISTRATOR)),
    )


def make_request(
    session: Session,
    *,
    children: Sequence[Child] = (CALLUM,),
    told: Told = Told.YES,
    agrees: Agrees = Agrees.NOT_ASKED,
    extra_code: str | None = None,
    referrer: dict[str, Any] | None = None,
    matched: bool = True,
    **changes: Any,
) -> ServiceRequest:
    """Make a request as the sending of a form leaves it: people, subjects, consent, clock, first event.

    `matched` says that the worker has looked for earlier children; `referrer` changes who asks.
    """
    received_at: datetime = changes.get("received_at", NOW - timedelta(hours=1))
    request_id = uuid7()
    kind = changes.get("kind", "full")
    with transaction(session):
        wall = Wall(changes.get("wall", Wall.OPEN))
        who = make_referrer(**{"wall": wall, **(referrer or {})})
        session.add(who)
        request = ServiceRequest(
            **{
                "wall": wall,
                "id": request_id,
                "reference": new_reference(),
                "pathway": "social_care",
                "kind": kind,
                "form_version": "2026-11",
                "channel": Channel.WEB,
                "received_at": received_at,
                "state": RequestState.RECEIVED,
                "urgency": "routine",
                "area_reason": "postcode",
                "referrer": who,
                "authority": "local",
                "told": told,
                "worries": ["neglect"],
                "headline": {
                    "children": [child.name or "A child" for child in children],
                    "initials": ", ".join(initials(child.name) for child in children if child.name),
                    "asked_by": ["Brookfield Primary School", ""],
                },
                "missing": [],
                **changes,
            }
        )
        session.add(request)
        session.flush()
        for number, child in enumerate(children, start=1):
            _add_child(session, request_id, number, child, kind, None if matched else received_at, wall)
        session.add(
            Consent(
                wall=wall,
                request_id=request_id,
                told=told,
                extra_code=extra_code,
                agrees=agrees,
                by_kind=ActorKind.REFERRER,
                at=received_at,
            )
        )
        if request.state not in (RequestState.DECIDED, RequestState.CLOSED):
            due = decision_due(received_at, DecisionPromise.HOURS_24, OfficeCalendar())
            start_clock(
                session,
                owner=("request", request_id),
                request=request,
                kind=ClockKind.DECISION,
                due=due,
                now=received_at,
            )
        moved = (None, request.state)
        stream = Stream("request", request_id)
        record(session, stream, "receive", by=REFERRER, now=received_at, moved=moved, is_first=True)
    return request


def make_referrer(**changes: Any) -> Referrer:
    """Make a teacher whose address a code has proven; a family or the public says so by `kind`."""
    is_professional = changes.get("kind", ReferrerKind.PROFESSIONAL) is ReferrerKind.PROFESSIONAL
    email = changes.get("email", "s.rahman@brookfield.example")
    values = {
        "wall": Wall.OPEN,
        "kind": ReferrerKind.PROFESSIONAL,
        "name": "Samina Rahman",
        "agency_name": "Brookfield Primary School" if is_professional else None,
        "email": email,
        "email_hash": email.lower() if email else None,
        "phone": "01632 960355",
        "safe": "yes" if is_professional else "unset",
        "proof": "code" if is_professional else None,
        **changes,
    }
    return Referrer(**values)


def _add_child(
    session: Session,
    request_id: UUID,
    number: int,
    child: Child,
    kind: str,
    wanted_at: datetime | None,
    wall: Wall = Wall.OPEN,
) -> None:
    facts = {
        "birth_on": child.birth_on.isoformat() if child.birth_on else None,
        "postcode": child.postcode,
        "nhs_number": child.nhs_number,
    }
    person = Person(
        wall=wall,
        request_id=request_id,
        is_child=True,
        name=child.name,
        facts={name: value for name, value in facts.items() if value},
        nhs_hash=child.nhs_number or None,
        match_wanted_at=wanted_at,
    )
    session.add(person)
    session.flush()
    session.add(
        Subject(
            wall=wall,
            request_id=request_id,
            number=number,
            person_id=person.id,
            label=child.name or f"A child, number {number}",
            is_anonymous=kind == "in_principle" or child.name is None,
        )
    )


def make_waiting(session: Session, county: County, **changes: Any) -> ServiceRequest:
    """Make a request that waits for the decision of the manager of Teasel Vale."""
    return make_request(session, **{"area_id": county.teasel, "state": RequestState.AWAITING_DECISION, **changes})


def accept(
    subject_id: UUID,
    action: ReferralAction = ReferralAction.INITIAL_ASSESSMENT,
    kind: ReferralKind | None = ReferralKind.REFERRAL,
) -> NewLine:
    """Choose a referral for one subject."""
    return NewLine(subject_id, Standing.REFERRAL, action=action, kind=kind)


def keep(subject_id: UUID, reason: ContactReason = ContactReason.INFORMATION, **changes: Any) -> NewLine:
    """Choose a contact for one subject."""
    return NewLine(subject_id, Standing.CONTACT, contact_reason=reason, **changes)


def make_decision(*lines: NewLine, **changes: Any) -> NewDecision:
    """Write a decision that is whole."""
    values: dict[str, Any] = {
        "information": "The form of 16 November and a call with the school nurse.",
        "analysis": "Hunger and lateness for two weeks. No danger now.",
        "reason": "An assessment will look at what help the family wants.",
        **changes,
    }
    return NewDecision(lines=lines, **values)


OVERRIDE = NewOverride(basis="Public task: safeguarding children", reason="The child may be hurt again tonight.")
