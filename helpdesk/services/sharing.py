"""The one door in the wall: an adviser shares a safeguarding concern, on purpose, in words written for it (SE-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpdesk.domain.decision import said
from helpdesk.domain.refusals import TeamGoneError
from helpdesk.services.acting import lock_for, note
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.models import Team, TeamKind
from infrastructure.identity.users import User
from infrastructure.outbox import owe
from infrastructure.trail import Stream, record
from service_request.domain.consent import Told
from service_request.domain.references import format_reference
from service_request.domain.typed import NOTE_MAX, REASON_MAX
from service_request.models import AreaTeam, Channel, LinkKind, RequestLink, ServiceRequest, TaskKind
from service_request.pathways.social_care import forms
from service_request.pathways.social_care.facts import facts as read_facts
from service_request.pathways.social_care.forms import FORM_VERSION, FormKind
from service_request.services.refusals import NotYoursError
from service_request.services.send_form import NotReadyError, context_for, receive
from service_request.services.sight.system import references_of
from service_request.services.tasks import need_task

FROM = "SENDIASS"
TAKES_SHARES = (TeamKind.DESK, TeamKind.ASSESSMENT)


@dataclass(frozen=True)
class NewShare:
    """What an adviser writes for a team outside: nothing else of the enquiry goes there.

    `reason` is why the confidence is broken, and stays inside; all the rest goes out.
    """

    id: UUID  # of the page it was written on: pressed twice, it is one share
    team_id: UUID
    reason: str
    concern: str
    urgency: str
    told: Told
    risk_reason: str = ""
    child_name: str = ""
    birth_on: date | None = None


@dataclass(frozen=True)
class Shared:
    """The new contact, as the adviser may speak of it."""

    reference: str
    team: str


def share(session: Session, *, request_id: UUID, new: NewShare, by: User, now: datetime, house: House) -> Shared:
    """Make a contact outside from what was written, and note inside that it was: nothing outside leads back (SE-5).

    The contact has its own decision clock from now, rows sealed outside, and a team that is told by name. Raises
    NotYoursError, TeamGoneError, NotReadyError, WordsMissingError.
    """
    reason = said(new.reason, sentence="Enter why you share this", most=REASON_MAX)
    said(new.concern, sentence="Enter what the team needs to know", most=NOTE_MAX)
    context = context_for(session, FormKind.CALL, house, now)
    try:
        with transaction(session):
            enquiry = _lock(session, request_id, by)
            if found := _again(session, enquiry, new):
                return found
            team = _team(session, new.team_id, now)
            answers = _answers(new, by, _mailbox(session, by))
            if problems := forms.problems(FormKind.CALL, answers, context):
                raise NotReadyError(problems)
            contact = receive(
                session,
                read_facts(FormKind.CALL, answers, context),
                answers,
                kind=FormKind.CALL,
                form_version=FORM_VERSION,
                missing=[],
                channel=Channel.SHARE,
                external_id=str(new.id),
                proven=(None, None),
                by=by.actor,
                now=now,
                house=house,
            )
            _give_to(session, contact, team, now, house)
            _note_inside(session, enquiry, contact, team, new, reason, by, now)
            return Shared(contact.reference, team.name)
    except IntegrityError:  # pressed twice at the same moment
        with transaction(session):
            found = _again(session, _lock(session, request_id, by), new)
        if found is None:
            raise
        return found


def list_teams_to_share_with(session: Session, now: datetime) -> list[tuple[UUID, str]]:
    """Return the teams outside that may get a concern: the desk, then those that decide."""
    query = select(Team.id, Team.name, Team.kind).where(_takes(now)).order_by(Team.name)
    return [(row.id, row.name) for row in sorted(session.execute(query), key=lambda row: row.kind is not TeamKind.DESK)]


def _takes(now: datetime):  # type: ignore[no-untyped-def]
    return (Team.wall == Wall.OPEN) & Team.kind.in_(TAKES_SHARES) & or_(Team.open_to.is_(None), Team.open_to > now)


def _lock(session: Session, request_id: UUID, by: User) -> ServiceRequest:
    enquiry = lock_for(session, request_id, by)
    if enquiry.wall is Wall.OPEN:
        raise NotYoursError
    return enquiry


def _team(session: Session, team_id: UUID, now: datetime) -> Team:
    team = session.scalars(select(Team).where(Team.id == team_id, _takes(now))).one_or_none()
    if team is None:
        raise TeamGoneError
    return team


def _mailbox(session: Session, by: User) -> str:
    """Return where the team outside may answer: the adviser's team's mailbox, or the adviser's own address."""
    query = select(Team.email).where(Team.id.in_(by.teams()), Team.wall == by.wall, Team.email.is_not(None))
    return session.scalars(query.limit(1)).first() or by.email


def _answers(new: NewShare, by: User, mailbox: str) -> dict[str, dict[str, list[str]]]:
    """Return the page of a call, filled with what was written for the team and with who shares it."""
    page: dict[str, list[str]] = {
        "urgency": [new.urgency],
        "narrative": [new.concern],
        "caller": ["other"],
        "caller_name": [by.name],
        "agency": [FROM],
        "email": [mailbox],
        "child_name": [new.child_name],
        "birth_on": [str(part) for part in (new.birth_on.day, new.birth_on.month, new.birth_on.year)]
        if new.birth_on
        else [],
        "told": [new.told],
        "risk_reason": [new.risk_reason] if new.told is Told.RISK else [],
    }
    return {"call": {name: values for name, values in page.items() if any(values)}}


def _give_to(session: Session, contact: ServiceRequest, team: Team, now: datetime, house: House) -> None:
    """Let the named team have it: its area, a task, and a mail to its mailbox that says that it is there."""
    own = select(AreaTeam.area_id).where(AreaTeam.team_id == team.id).limit(1)
    if (area_id := session.scalars(own).first()) is not None:
        contact.area_id, contact.area_reason = area_id, "chosen"
    need_task(
        session,
        TaskKind.SHARED,
        cause=f"shared:{contact.id}",
        request_id=contact.id,
        team_id=team.id,
        due_at=contact.next_due_at,
        now=now,
    )
    if team.email:
        letter = house.write(
            "concern_shared",
            reference=format_reference(contact.reference),
            link=house.link("desk.request_page", request_id=contact.id),
        )
        owe(session, letter, to=team.email, cause=contact.id, about=("request", contact.id), now=now)


def _note_inside(
    session: Session,
    enquiry: ServiceRequest,
    contact: ServiceRequest,
    team: Team,
    new: NewShare,
    reason: str,
    by: User,
    now: datetime,
) -> None:
    """Keep inside why it was shared, with whom and in which words; the row that joins the two stands here alone."""
    child = " ".join(part for part in (new.child_name, f"{new.birth_on:%-d %B %Y}" if new.birth_on else "") if part)
    words = [f"Shared with {team.name} as {format_reference(contact.reference)}.", f"Why: {reason}"]
    words += [f"Child: {child}"] if child else []
    row = note(session, enquiry, "shared", "\n".join([*words, f"What they were told: {new.concern}"]), by=by, now=now)
    session.add(
        RequestLink(
            id=new.id,
            wall=enquiry.wall,
            from_id=enquiry.id,
            to_id=contact.id,
            kind=LinkKind.SAFEGUARDING_SHARE,
            by_id=by.id,
            at=now,
        )
    )
    record(session, Stream("request", enquiry.id), "share", by=by.actor, now=now, team=team.id, message=row.id)


def _again(session: Session, enquiry: ServiceRequest, new: NewShare) -> Shared | None:
    query = select(RequestLink.to_id).where(
        RequestLink.wall == enquiry.wall, RequestLink.id == new.id, RequestLink.from_id == enquiry.id
    )
    contact_id = session.scalars(query).one_or_none()
    if contact_id is None:
        return None
    team = session.scalars(select(Team.name).where(Team.id == new.team_id)).one_or_none()
    return Shared(references_of(session, [contact_id], wall=Wall.OPEN)[contact_id], team or "")
