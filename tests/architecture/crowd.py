"""Everybody who could ever work here, and one of everything they might try to open: the scene of the matrix (T19)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import AssignmentState
from helpdesk.domain.scopes import Ask, scope_of
from helpdesk.models import Assignment, Decision, DecisionLine, DutyTurn
from infrastructure.database import Wall, transaction
from infrastructure.identity.models import Membership, Role, Team, TeamKind, UserAccount
from infrastructure.outbox import MessageState, OutboxMessage
from service_request.domain.mail.types import MailKind
from service_request.domain.states import RequestState
from service_request.models import (
    Area,
    AreaTeam,
    Arrival,
    AskedFor,
    AskedKind,
    AskedState,
    Channel,
    Clock,
    ClockKind,
    Deadline,
    Disposition,
    Draft,
    Enquiry,
    File,
    FileState,
    FormResponse,
    Grant,
    GrantWhy,
    Mail,
    Outcome,
    OutcomeState,
    SavedAnswer,
    ServiceRequest,
    SightBar,
    Similarity,
    SimilarityState,
    Subject,
    Task,
    TaskKind,
)
from service_request.pathways.sendiass.codes import DeadlineKind, Eligible, EnquirerKind, InArea
from service_request.pathways.social_care.rules import ReferralAction, Standing
from tests.factories import make_request

RECEIVING = (TeamKind.ASSESSMENT, TeamKind.LOCALITY, TeamKind.BROKERAGE, TeamKind.PROVIDER)


class Thing(StrEnum):
    """How a request stands to somebody who tries to open it, or what hangs on it."""

    OWN_AREA = "own area"
    OTHER_AREA = "other area"
    RESTRICTED = "restricted"
    BARRED = "barred"
    INSIDE = "inside the wall"
    ENDED = "ended grant"
    GRANTED = "granted"
    UNKNOWN = "unknown id"


HIDDEN = frozenset({Thing.RESTRICTED, Thing.ENDED, Thing.GRANTED})  # restricted, each with other grants


@dataclass(frozen=True)
class Visitor:
    """Somebody with one role in one team, or nobody."""

    role: Role | None
    kind: TeamKind | None
    user_id: UUID | None = None
    team_id: UUID | None = None

    @property
    def name(self) -> str:
        return f"{self.role} of {self.kind}" if self.role else "nobody signed in"


@dataclass
class Crowd:
    """The visitors, and the ids of each thing by the name that a route gives them."""

    visitors: list[Visitor] = field(default_factory=list)
    ids: dict[Thing, dict[str, UUID]] = field(default_factory=dict)
    assigned: dict[tuple[Thing, TeamKind], UUID] = field(default_factory=dict)
    given: dict[tuple[Thing, UUID], UUID] = field(default_factory=dict)
    draft: UUID = field(default_factory=uuid4)
    bystander: UUID = field(default_factory=uuid4)


def gather(session: Session, now: datetime) -> Crowd:
    """Make every role in every kind of team, two areas, and one request for each way in which it can stand."""
    crowd = Crowd()
    with transaction(session):
        teams = {kind: _team(session, kind) for kind in TeamKind}
        elsewhere = Team(
            name="Assessment elsewhere", kind=TeamKind.ASSESSMENT, wall=Wall.OPEN, email=None, open_from=_long_ago(now)
        )
        areas = [Area(code=code, name=code.title(), is_default=False) for code in ("here", "there")]
        session.add_all([elsewhere, *areas])
        session.flush()
        session.add_all(
            [
                AreaTeam(area_id=areas[0].id, team_id=teams[TeamKind.ASSESSMENT].id),
                AreaTeam(area_id=areas[1].id, team_id=elsewhere.id),
            ]
        )
        crowd.bystander = _account(session, "bystander")
        for kind, team in teams.items():
            for role in Role:
                user_id = _account(session, f"{role}.{kind}")
                session.add(Membership(user_id=user_id, team_id=team.id, role=role, since=_long_ago(now)))
                crowd.visitors.append(Visitor(role, kind, user_id, team.id))
        here, there = areas[0].id, areas[1].id
        team_ids = {kind: team.id for kind, team in teams.items()}
        elsewhere_id = elsewhere.id
    for thing in Thing:
        if thing is Thing.UNKNOWN:
            continue
        area = there if thing is Thing.OTHER_AREA else here
        wall = Wall.SENDIASS if thing is Thing.INSIDE else Wall.OPEN
        request_id = make_request(session, wall=wall, area_id=area, state=RequestState.DECIDED).id
        with transaction(session):
            _hang(session, crowd, thing, request_id, team_ids, elsewhere_id, now)
    with transaction(session):
        crowd.draft = _draft(session, now)
    crowd.visitors.append(Visitor(None, None))
    return crowd


def _team(session: Session, kind: TeamKind) -> Team:
    wall = Wall.SENDIASS if kind is TeamKind.SENDIASS else Wall.OPEN
    team = Team(name=f"The {kind} team", kind=kind, wall=wall, email=None, open_from=datetime(2020, 1, 1).astimezone())
    session.add(team)
    session.flush()
    return team


def _long_ago(now: datetime) -> datetime:
    return now - timedelta(days=900)


def _account(session: Session, name: str) -> UUID:
    account = UserAccount(name=name, email=f"{name}@westmarch.example")
    session.add(account)
    session.flush()
    return account.id


def _hang(
    session: Session,
    crowd: Crowd,
    thing: Thing,
    request_id: UUID,
    teams: dict[TeamKind, UUID],
    elsewhere: UUID,
    now: datetime,
) -> None:
    """Hang on a request one of everything that has an address of its own."""
    row = session.get_one(ServiceRequest, request_id)
    wall = row.wall
    row.restricted = thing in HIDDEN
    subject = session.query(Subject).filter_by(request_id=request_id).one()
    whole = {"wall": wall, "request_id": request_id, "since": now - timedelta(days=1)}
    decision = Decision(wall=wall, request_id=request_id, by_id=crowd.bystander, at=now, reason="Made up.")
    session.add(decision)
    session.flush()
    line = DecisionLine(
        wall=wall,
        decision_id=decision.id,
        subject_id=subject.id,
        standing=Standing.REFERRAL,
        action=ReferralAction.INITIAL_ASSESSMENT,
        current=True,
    )
    glass = Grant(**whole, user_id=crowd.bystander, why=GrantWhy.BREAK_GLASS, until=now + timedelta(hours=1))
    share = Grant(**whole, user_id=crowd.bystander, why=GrantWhy.SHARE, scope=["story"])
    bar = SightBar(**whole, user_id=crowd.bystander, by_id=crowd.bystander, reason_code="other")
    outcome = Outcome(
        wall=wall,
        request_id=request_id,
        decision_id=decision.id,
        audience="professional",
        body={},
        state=OutcomeState.OWED,
        owed_at=now,
    )
    file = File(
        wall=wall, owner_kind="request", owner_id=request_id, name="a.pdf", kind="pdf", size=1,
        state=FileState.WITHHELD, made_at=now,
    )  # fmt: skip
    held = OutboxMessage(
        wall=wall, key=uuid4().hex, channel="email", template="assignment", to="a@westmarch.example",
        to_hash="a@westmarch.example", body={"subject": "x", "text": "x", "facts": {}},
        message_id=f"<{uuid4().hex}@frontdoor>", about_kind="request", about_id=request_id,
        state=MessageState.HELD, owed_at=now, fence=0, tries=0, caught=[],
    )  # fmt: skip
    hint = Similarity(
        wall=wall, request_id=request_id, person_id=subject.person_id, earlier_id=subject.person_id,
        earlier_request_id=request_id, score=90, agrees=[], differs=[], state=SimilarityState.OPEN, found_at=now,
    )  # fmt: skip
    form = FormResponse(
        wall=wall, request_id=request_id, kind="full", form_version="2026-11", answers={}, by_kind="referrer", at=now
    )
    broken = Clock(
        wall=wall, owner_kind="assignment", owner_id=uuid4(), request_id=request_id, kind=ClockKind.ACKNOWLEDGE,
        started_at=_long_ago(now), due_at=_long_ago(now), warn_at=_long_ago(now), escalate_at=_long_ago(now), working=[],
    )  # fmt: skip
    turn = DutyTurn(wall=wall, user_id=crowd.bystander, since=now, until=now + timedelta(hours=9), made_at=now)
    asked = AskedFor(
        wall=wall, request_id=request_id, kind=AskedKind.DETAILS, fields=[], words="Which surgery?",
        state=AskedState.OPEN, asked_at=now, asked_by_id=crowd.bystander,
    )  # fmt: skip
    session.add_all([line, glass, share, bar, outcome, file, held, hint, form, broken, turn, asked])
    session.flush()
    task = _task(row, TaskKind.CALL_BACK, outcome.id, now)
    review = _task(row, TaskKind.GLASS_BROKEN, glass.id, now)
    session.add_all([task, review])
    session.flush()
    _assign(session, crowd, thing, row, subject.id, line.id, teams, elsewhere, now)
    _give(session, crowd, thing, whole, now)
    crowd.ids[thing] = {
        "request_id": request_id, "subject_id": subject.id, "outcome_id": outcome.id, "file_id": file.id,
        "message_id": held.id, "response_id": form.id, "similarity_id": hint.id, "task_id": task.id, "review": review.id, "bar_id": bar.id, "clock_id": broken.id, "asked_id": asked.id, "turn_id": turn.id, "day_id": uuid4(),
        "person_id": _colleague(crowd, thing), "grant_id": share.id, "mail_id": _mail(session, row, now), **_hang_inside(session, row, now),
    }  # fmt: skip


def _colleague(crowd: Crowd, thing: Thing) -> UUID:
    """Return somebody who works on the side of the wall where it stands."""
    kind = TeamKind.SENDIASS if thing is Thing.INSIDE else TeamKind.DESK
    return next(v.user_id for v in crowd.visitors if v.user_id and (v.role, v.kind) == (Role.MEMBER, kind))


def _hang_inside(session: Session, row: ServiceRequest, now: datetime) -> dict[str, UUID]:
    """Hang on it what enquiries have, inside the wall alone; what was held stands on each side."""
    held = Arrival(
        wall=row.wall, channel=Channel.SMS, endpoint="+447700900180", external_id=uuid4().hex, sender="+447700900461",
        raw=b'{"carrier": "twilio", "params": [["Body", "hello"]]}', received_at=now, stored_at=now,
        disposition=Disposition.HELD,
    )  # fmt: skip
    session.add(held)
    session.flush()
    about = Task(wall=row.wall, kind=TaskKind.UNREADABLE, cause=uuid4().hex, about_id=held.id, made_at=now)
    session.add(about)
    ids = {"arrival_id": held.id, "answer_id": uuid4(), "deadline_id": uuid4(), "other_id": row.id}
    answer = SavedAnswer(
        wall=row.wall, id=ids["answer_id"], code=uuid4().hex, title="A", body="B", kind="reply", position=1
    )
    session.add(answer)
    session.flush()
    if row.wall is not Wall.SENDIASS:
        return ids
    row.state = RequestState.OPEN
    enquiry = Enquiry(
        wall=row.wall, request_id=row.id, enquirer=EnquirerKind.PARENT, eligible=Eligible.UNSURE,
        in_area=InArea.NOT_GIVEN, facts={}, needs_interpreter=False, wants_person=False, to_split=False,
    )  # fmt: skip
    date_of_law = Deadline(
        wall=row.wall, id=ids["deadline_id"], request_id=row.id, kind=DeadlineKind.APPEAL, due_on=now.date(),
        working=[], is_checked=False, at=now,
    )  # fmt: skip
    session.add_all([enquiry, date_of_law])
    session.flush()
    return ids


def _mail(session: Session, row: ServiceRequest, now: datetime) -> UUID:
    """Hang a mail on a request, as somebody wrote it."""
    came = Arrival(
        wall=row.wall, channel=Channel.EMAIL, endpoint="help@westmarch.example", external_id=uuid4().hex, raw=b"From: x",
        sender="a@corrigan.example", received_at=now, stored_at=now, disposition=Disposition.MESSAGE, request_id=row.id,
    )  # fmt: skip
    session.add(came)
    session.flush()
    mail = Mail(
        wall=row.wall, arrival_id=came.id, request_id=row.id, at=now, kind=MailKind.PERSON, first_kind=MailKind.PERSON,
        why="", is_verified=False, notes=[], head={"sender": "a@corrigan.example", "subject": "Hello"},
    )  # fmt: skip
    session.add(mail)
    session.flush()
    return mail.id


def _task(row: ServiceRequest, kind: TaskKind, about_id: UUID, now: datetime) -> Task:
    return Task(wall=row.wall, kind=kind, cause=uuid4().hex, request_id=row.id, about_id=about_id, made_at=now)


def _assign(
    session: Session,
    crowd: Crowd,
    thing: Thing,
    row: ServiceRequest,
    subject_id: UUID,
    line_id: UUID,
    teams: dict[TeamKind, UUID],
    elsewhere: UUID,
    now: datetime,
) -> None:
    """Give the child to each team that receives; of the other area, to a team elsewhere."""
    for kind in RECEIVING:
        team_id = elsewhere if thing is Thing.OTHER_AREA else teams[kind]
        assignment = Assignment(
            wall=row.wall, request_id=row.id, subject_id=subject_id, decision_line_id=line_id, team_id=team_id,
            ask=Ask.INITIAL_ASSESSMENT, scope=scope_of(Ask.INITIAL_ASSESSMENT), sent_at=now,
            state=AssignmentState.WITHDRAWN if thing is Thing.ENDED else AssignmentState.SENT,
        )  # fmt: skip
        session.add(assignment)
        session.flush()
        session.add(
            Grant(
                wall=row.wall, request_id=row.id, subject_id=subject_id, team_id=team_id, why=GrantWhy.ASSIGNED,
                assignment_id=assignment.id, since=now, scope=[*scope_of(Ask.INITIAL_ASSESSMENT), "files"],
                until=now if thing is Thing.ENDED else None,
            )
        )  # fmt: skip
        crowd.assigned[thing, kind] = assignment.id


def _give(session: Session, crowd: Crowd, thing: Thing, whole: dict[str, object], now: datetime) -> None:
    """Give, end and bar: for everybody alike, but that only the manager of the area keeps what is restricted."""
    for visitor in crowd.visitors:
        is_theirs = thing in (Thing.OWN_AREA, Thing.BARRED, Thing.ENDED, Thing.GRANTED)
        given = Grant(
            **whole,
            user_id=visitor.user_id if is_theirs else crowd.bystander,
            why=GrantWhy.SHARE,
            scope=None if thing in (Thing.ENDED, Thing.GRANTED) else ["story"],
            until=now if thing is Thing.ENDED else now + timedelta(days=1),
        )
        session.add(given)
        session.flush()
        assert visitor.user_id is not None
        crowd.given[thing, visitor.user_id] = given.id
        if thing is Thing.BARRED:
            session.add(SightBar(**whole, user_id=visitor.user_id, by_id=crowd.bystander, reason_code="own_family"))
        of_area = (visitor.role, visitor.kind) == (Role.MANAGER, TeamKind.ASSESSMENT)
        if of_area and thing in (Thing.RESTRICTED, Thing.GRANTED):
            session.add(Grant(**whole, user_id=visitor.user_id, why=GrantWhy.RESTRICTED))


def _draft(session: Session, now: datetime) -> UUID:
    row = Draft(
        wall=Wall.OPEN, pathway="social_care", kind="full", form_version="2026-11", answers={},
        started_at=now, saved_at=now, lapses_at=now + timedelta(days=9),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


SignIn = Callable[[UUID], FlaskClient]


def browsers(crowd: Crowd, sign_in: SignIn, anyone: FlaskClient) -> Iterator[tuple[Visitor, FlaskClient]]:
    """Give each visitor a browser."""
    for visitor in crowd.visitors:
        yield visitor, sign_in(visitor.user_id) if visitor.user_id else anyone
