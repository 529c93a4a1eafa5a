"""A part of a draft that a colleague of the same agency fills in: the pages they were asked for, no other (GL-14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.attempts import TooManyAttemptsError, count_attempt
from infrastructure.identity.links import LinkRefusedError, make_link
from infrastructure.identity.models import LinkPurpose, SecretLink
from infrastructure.outbox import owe
from service_request.domain.errors import DomainError
from service_request.models import Draft, DraftPart
from service_request.pathways.social_care.forms import (
    Answers,
    FormKind,
    PlacedStep,
    find_step,
    numbers_of,
    of_kind,
    page_title,
    steps_of,
    typed_one,
)
from service_request.services.drafts import get_draft
from service_request.services.outside import holder_of, mask, proven
from service_request.services.part_events import ASK, FINISH, TAKE_BACK, holder_of_draft, record_part
from service_request.services.recording import find_agency
from service_request.services.refusals import DraftSentError, NotYoursError

ABOUT = "part"
NEVER = frozenset({"told", "agrees", "you"})  # whoever sends answers for the gate, and for who they are (GL-5)
PARTS, WINDOW = 10, timedelta(hours=1)
OF_WORK = (FormKind.FULL, FormKind.IN_PRINCIPLE)


class NotYetProvenError(DomainError):
    """Refuse to ask a colleague before the holder's own work address is proven."""

    sentence = "Prove your own work email address first. Then we know which agency you both work for."


class AnotherAgencyError(DomainError):
    """Refuse an address that is not of the holder's own agency (GL-14)."""

    sentence = (
        "Enter an address of your own agency. We only send a part of a form to the same mail domain, and only where we "
        "know the agency by it."
    )


class NoStepsError(DomainError):
    """Refuse to ask a colleague for nothing."""

    sentence = "Select the pages that your colleague is to fill in"


@dataclass(frozen=True)
class PartSeen:
    """A part, as the holder of the draft sees it."""

    id: UUID
    address: str
    steps: tuple[str, ...]
    asked_at: datetime
    done_at: datetime | None
    ended_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Tell whether the colleague may still fill it in."""
        return self.done_at is None and self.ended_at is None


@dataclass(frozen=True)
class PartPage:
    """A part in the hands of the colleague: its own pages with what stands on them, and no other answer.

    Who asks and which children it is about go with it: nobody could answer for a child without knowing which one.
    """

    id: UUID
    draft_id: UUID
    kind: FormKind
    steps: tuple[PlacedStep, ...]
    titles: dict[str, str]
    asked_by: str
    children: tuple[str, ...]
    answers: Answers
    done_at: datetime | None
    was_sent: bool

    def step(self, key: str) -> PlacedStep | None:
        """Return a page of this part, or None."""
        return next((placed for placed in self.steps if placed.key == key), None)

    def is_filled(self, key: str) -> bool:
        """Tell whether anything at all stands on a page."""
        return any(value.strip() for values in self.answers.get(key, {}).values() for value in values)


def steps_to_give(kind: FormKind, answers: Answers) -> list[PlacedStep]:
    """Return the pages that a colleague may be asked for."""
    return [placed for placed in steps_of(kind, answers) if placed.form_class.slug not in NEVER]


def ask_colleague(
    session: Session,
    draft_id: UUID,
    *,
    device: str | None,
    steps: list[str],
    address: str,
    now: datetime,
    house: House,
) -> None:
    """Ask a colleague for pages of this draft: one mail with a link, and no word of the matter (EV-6).

    Both must be of one known agency, by the mail domain that the holder proved; the pages stay open for the holder too.
    """
    to = address.strip().lower()
    is_allowed = True
    with transaction(session):
        draft = get_draft(session, draft_id, device, now=now, lock=True)
        _check_open(draft)
        domain = (draft.proven_email or "").rpartition("@")[2].lower()
        if not domain:
            raise NotYetProvenError
        if to.rpartition("@")[2] != domain or find_agency(session, to) is None:
            raise AnotherAgencyError
        known = {placed.key for placed in steps_to_give(FormKind(draft.kind), draft.answers or {})}
        wanted = [key for key in dict.fromkeys(steps) if key in known]
        if not wanted:
            raise NoStepsError
        is_allowed = count_attempt(session, f"part:{draft.id}", tries=PARTS, window=WINDOW, now=now)
        if is_allowed:
            part = DraftPart(wall=draft.wall, draft_id=draft.id, address=to, steps=wanted, asked_at=now)
            session.add(part)
            session.flush()
            draft.parts += 1
            record_part(session, ASK, draft, part, by=holder_of_draft(draft), now=now)
            days = max((draft.lapses_at - now).days, 1)
            link = make_link(session, LinkPurpose.PART, about=(ABOUT, part.id), address=to, now=now, days=days)
            part.link_id = link.id
            letter = house.write("part_of_form", link=house.link("web.part", token=link.token))
            owe(session, letter, to=to, cause=part.id, about=("link", link.id), now=now)
    if not is_allowed:
        raise TooManyAttemptsError


def list_parts(session: Session, draft_id: UUID, *, device: str | None, now: datetime) -> list[PartSeen]:
    """Return what was asked of colleagues, the latest first, to the holder of the draft."""
    draft = get_draft(session, draft_id, device, now=now)
    query = (
        select(DraftPart)
        .where(DraftPart.wall == draft.wall, DraftPart.draft_id == draft.id)
        .order_by(DraftPart.asked_at.desc(), DraftPart.id.desc())
    )
    return [
        PartSeen(row.id, mask(row.address or ""), tuple(row.steps), row.asked_at, row.done_at, row.ended_at)
        for row in session.scalars(query)
    ]


def take_back(session: Session, draft_id: UUID, part_id: UUID, *, device: str | None, now: datetime) -> None:
    """End what a colleague was asked for: their link opens nothing any more, and what they saved stays."""
    with transaction(session):
        draft = get_draft(session, draft_id, device, now=now, lock=True)
        query = select(DraftPart).where(
            DraftPart.wall == draft.wall, DraftPart.draft_id == draft.id, DraftPart.id == part_id
        )
        part = session.scalars(query).one_or_none()
        if part is None:
            raise NotYoursError
        if part.ended_at is None:
            part.ended_at = now
            record_part(session, TAKE_BACK, draft, part, by=holder_of_draft(draft), now=now)
            _end_link(session, part, now)


def open_part(session: Session, *, token: str, browser: str | None, now: datetime, house: House) -> PartPage:
    """Return the part to a browser that typed the code; raise NotProvenError or LinkRefusedError."""
    link = proven(session, token, browser, now=now, house=house, purpose=LinkPurpose.PART)
    part, draft = _of_link(session, link, now=now)
    return _page(part, draft)


def save_part(
    session: Session,
    *,
    token: str,
    browser: str | None,
    key: str,
    typed: dict[str, list[str]],
    now: datetime,
    house: House,
) -> PartPage:
    """Keep one page as it was typed, right or wrong; a page that was not asked for is not there."""
    with transaction(session):
        link = proven(session, token, browser, now=now, house=house, purpose=LinkPurpose.PART)
        part, draft = _of_link(session, link, now=now, lock=True)
        if (
            draft.sent_request_id is not None
            or part.done_at is not None
            or key not in {placed.key for placed in _page(part, draft).steps}
        ):
            raise NotYoursError
        answers = draft.answers or {}
        answers[key] = {name: list(values) for name, values in typed.items()}
        draft.answers = answers
        draft.saved_at, draft.reminded_at = now, None
        draft.lapses_at = max(draft.lapses_at, now + timedelta(days=house.settings.draft_days))
        return _page(part, draft)


def finish_part(session: Session, *, token: str, browser: str | None, now: datetime, house: House) -> None:
    """Say that the part is done: the holder is told, and the colleague changes nothing any more."""
    with transaction(session):
        link = proven(session, token, browser, now=now, house=house, purpose=LinkPurpose.PART)
        part, draft = _of_link(session, link, now=now, lock=True)
        if part.done_at is None:
            part.done_at = now
            record_part(session, FINISH, draft, part, by=holder_of(link), now=now)
            if draft.sent_request_id is None and draft.proven_email:
                letter = house.write("part_done", link=house.link("web.your_requests"))
                owe(session, letter, to=draft.proven_email, cause=part.id, about=("link", link.id), now=now)


def _of_link(session: Session, link: SecretLink, *, now: datetime, lock: bool = False) -> tuple[DraftPart, Draft]:
    query = (
        select(DraftPart, Draft)
        .join(Draft, (Draft.wall == DraftPart.wall) & (Draft.id == DraftPart.draft_id))
        .where(
            DraftPart.wall == Wall.OPEN,
            Draft.wall == Wall.OPEN,
            DraftPart.id == link.about_id,
            DraftPart.ended_at.is_(None),
            Draft.lapses_at > now,
        )
    )
    found = session.execute(query.with_for_update(of=Draft) if lock else query).one_or_none()
    if found is None:
        raise LinkRefusedError
    part, draft = found
    return part, draft


def _page(part: DraftPart, draft: Draft) -> PartPage:
    kind, answers = FormKind(draft.kind), draft.answers or {}
    placed = [find_step(kind, answers, key) for key in part.steps]
    steps = tuple(step for step in placed if step is not None and step.form_class.slug not in NEVER)
    own = {step.key: answers[step.key] for step in steps if step.key in answers}
    sent = of_kind(kind, answers)  # no name that was typed before the fork (GL-6)
    was_sent = draft.sent_request_id is not None
    named = {step.number for step in steps if step.form_class.repeats == "child"}
    is_of_all = any(step.form_class.repeats != "child" for step in steps)  # else no child is named that none is about
    return PartPage(
        part.id,
        draft.id,
        kind,
        steps,
        {step.key: page_title(step, sent) for step in steps},
        typed_one(sent, "you", "name") or draft.proven_email or "",
        tuple(
            typed_one(sent, f"child.{number}.who", "name")
            for number in numbers_of(sent, "child")
            if is_of_all or number in named
        ),
        own,
        part.done_at or (draft.saved_at if was_sent else None),
        was_sent,
    )


def _check_open(draft: Draft) -> None:
    """Refuse a draft that was sent; what amends or answers is one person's own, and no short form has parts."""
    if draft.sent_request_id is not None:
        raise DraftSentError
    if draft.kind not in OF_WORK or draft.asked_for_id is not None or draft.amends_id is not None:
        raise NotYoursError


def _end_link(session: Session, part: DraftPart, now: datetime) -> None:
    query = select(SecretLink).where(SecretLink.wall == part.wall, SecretLink.id == part.link_id)
    link = session.scalars(query).one_or_none()
    if link is not None:
        link.expires_at = now
