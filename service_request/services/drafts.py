"""Drafts: what was typed is kept on the server, under a key that this device holds (W13, GL-5)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, false, select
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE, Wall, transaction
from infrastructure.house import House
from infrastructure.identity.attempts import count_attempt
from infrastructure.identity.links import find_link, make_link
from infrastructure.identity.models import LinkPurpose
from infrastructure.outbox import owe
from service_request.models import DeviceDraftKey, Draft
from service_request.pathways.social_care.forms import FORM_VERSION, FormKind
from service_request.services.files.dropping import drop_files_of_draft, remove_objects
from service_request.services.refusals import DraftNotFoundError, DraftSentError

PATHWAY = "social_care"
LINKS, WINDOW = 5, timedelta(hours=1)  # links to saved drafts, to one address
Answers = dict[str, dict[str, list[str]]]


@dataclass(frozen=True)
class StartedDraft:
    """A draft just made, and the token that this device keeps for it and for others."""

    id: UUID
    device: str


@dataclass(frozen=True)
class OpenDraft:
    """A draft as its holder sees it."""

    id: UUID
    kind: FormKind
    form_version: str
    answers: Answers
    proven_email: str | None
    proven_at: datetime | None
    sent_request_id: UUID | None
    completes_id: UUID | None
    saved_at: datetime
    lapses_at: datetime
    files: int = 0  # a page about a draft without any asks for none
    amends_id: UUID | None = None  # the answers that were sent, which this changes


def start_draft(
    session: Session,
    *,
    kind: FormKind,
    device: str | None,
    completes: UUID | None = None,
    answers: Answers | None = None,
    now: datetime,
    house: House,
) -> StartedDraft:
    """Begin a form, with what a fork before it already settled; the device keeps one token for all its drafts."""
    with transaction(session):
        return begin(session, kind=kind, device=device, completes=completes, answers=answers, now=now, house=house)


def begin(
    session: Session,
    *,
    kind: FormKind,
    device: str | None,
    completes: UUID | None,
    answers: Answers | None = None,
    amends: tuple[UUID, str] | None = None,
    owner: str | None = None,
    now: datetime,
    house: House,
) -> StartedDraft:
    """Begin a form inside the caller's transaction; `amends`: the answers that it changes, and a proven address.

    `owner`: an address that was proven on this browser, whose draft it is from the first page on.
    """
    response_id, owner = amends or (None, owner)
    device = device or secrets.token_urlsafe(32)
    draft = Draft(
        wall=Wall.OPEN,
        pathway=PATHWAY,
        kind=kind,
        form_version=FORM_VERSION,
        answers=answers or {},
        completes_id=completes,
        amends_id=response_id,
        proven_email=owner,
        owner_hash=owner,
        proven_at=now if owner else None,
        started_at=now,
        saved_at=now,
        lapses_at=now + timedelta(days=house.settings.draft_days),
    )
    session.add(draft)
    session.flush()
    session.add(DeviceDraftKey(token=device, draft_id=draft.id, seen_at=now))
    return StartedDraft(draft.id, device)


# Put together once: it is asked on every page of a form.
_HELD = (
    select(Draft)
    .join(DeviceDraftKey, DeviceDraftKey.draft_id == Draft.id)
    .where(
        Draft.wall.in_(EITHER_SIDE),
        Draft.id == bindparam("draft_id"),
        DeviceDraftKey.token == bindparam("device"),
        Draft.lapses_at > bindparam("now"),
    )
)
_HELD_TO_CHANGE = _HELD.with_for_update(of=Draft)
_LOOKED_AT = _HELD.with_only_columns(*Draft.__table__.columns)  # for a page that shows it: no row to be changed


def get_draft(session: Session, draft_id: UUID, device: str | None, *, now: datetime, lock: bool = False) -> Draft:
    """Return the draft that this device may open, or raise DraftNotFoundError."""
    row = session.scalars(_HELD_TO_CHANGE if lock else _HELD, _asked(draft_id, device, now)).one_or_none()
    if row is None:
        raise DraftNotFoundError
    return row


def _asked(draft_id: UUID, device: str | None, now: datetime) -> dict[str, object]:
    """Return what a draft is looked for by; without the secret of a device there is none."""
    if not device:
        raise DraftNotFoundError
    return {"draft_id": draft_id, "device": device, "now": now}


def open_draft(session: Session, draft_id: UUID, *, device: str | None, now: datetime) -> OpenDraft:
    """Return the draft as typed."""
    row = session.connection().execute(_LOOKED_AT, _asked(draft_id, device, now)).one_or_none()
    if row is None:
        raise DraftNotFoundError
    proven = row.proven_email_sealed
    return OpenDraft(
        row.id,
        FormKind(row.kind),
        row.form_version,
        Draft.answers.open(row.wall, row.answers_sealed) or {},
        None if proven is None else Draft.proven_email.open(row.wall, proven),
        row.proven_at,
        row.sent_request_id,
        row.completes_id,
        row.saved_at,
        row.lapses_at,
        row.files,
        row.amends_id,
    )


def save_step(
    session: Session,
    draft_id: UUID,
    *,
    device: str | None,
    key: str,
    typed: dict[str, list[str]],
    now: datetime,
    house: House,
) -> OpenDraft:
    """Keep what was typed on one page, whether it can be sent or not; the draft's life begins again."""

    def change(answers: Answers) -> None:
        answers[key] = {name: list(values) for name, values in typed.items()}

    return _change(session, draft_id, device, change, now, house)


def remove_step_group(
    session: Session, draft_id: UUID, *, device: str | None, prefix: str, now: datetime, house: House
) -> OpenDraft:
    """Take a child or an adult out of the draft ("child.2")."""

    def change(answers: Answers) -> None:
        for key in [key for key in answers if key == prefix or key.startswith(prefix + ".")]:
            del answers[key]

    return _change(session, draft_id, device, change, now, house)


def change_kind(
    session: Session, draft_id: UUID, *, device: str | None, kind: FormKind, now: datetime, house: House
) -> OpenDraft:
    """Turn the draft into another kind of form; what both ask is kept."""
    return _change(session, draft_id, device, lambda _: None, now, house, kind=kind)


def delete_draft(session: Session, draft_id: UUID, *, device: str | None, now: datetime, house: House) -> None:
    """Throw the draft away, at the word of its holder; one that was sent stays as the receipt."""
    with transaction(session):
        draft = get_draft(session, draft_id, device, now=now, lock=True)
        if draft.sent_request_id is not None:
            raise DraftSentError
        dropped = _delete(session, draft)
    remove_objects(dropped, house)


def list_lapsed(session: Session, now: datetime) -> list[UUID]:
    """Return the drafts whose time has run out, for the worker."""
    found = list(session.scalars(select(Draft.id).where(Draft.wall.in_(EITHER_SIDE), Draft.lapses_at <= now).limit(50)))
    session.rollback()
    return found


def lapse(session: Session, draft_id: UUID, *, now: datetime, house: House) -> None:
    """Delete one draft whose time has run out, with its files; what was sent from it stays with the request."""
    dropped: list[str] = []
    with transaction(session):
        draft = session.scalars(
            select(Draft).where(Draft.wall.in_(EITHER_SIDE), Draft.id == draft_id).with_for_update()
        ).one_or_none()
        if draft is not None and draft.lapses_at <= now:
            dropped = _delete(session, draft)
    remove_objects(dropped, house)


def ask_for_drafts(session: Session, *, email: str, now: datetime, house: House) -> None:
    """Owe a link to the drafts proven with this address; the page says the same whether there are any or not."""
    address = email.strip().lower()
    with transaction(session):
        known = session.scalars(
            select(Draft.id).where(
                Draft.wall == Wall.OPEN,
                Draft.owner_hash == address,
                Draft.lapses_at > now,
                Draft.sent_request_id.is_(None),
            )
        ).first()
        # Counted whether there are any or not: the time that a write takes would tell.
        is_allowed = count_attempt(session, f"drafts:{address}", tries=LINKS, window=WINDOW, now=now)
        if known is None or not is_allowed:
            return
        link = make_link(session, LinkPurpose.FIND_DRAFTS, about=("draft", known), address=address, now=now, days=1)
        letter = house.write("find_drafts", link=house.link("web.found_drafts", token=link.token))
        owe(session, letter, to=address, cause=link.id, about=("draft", known), now=now)


def open_found_drafts(
    session: Session, *, token: str, device: str | None, now: datetime
) -> tuple[str, list[OpenDraft]]:
    """Let this device open every unsent draft of the address that the link was sent to; the link is used up."""
    device = device or secrets.token_urlsafe(32)
    with transaction(session):
        link = find_link(session, token, LinkPurpose.FIND_DRAFTS, now=now, lock=True)
        link.expires_at = now
        link.used_at = now
        drafts = list(
            session.scalars(
                select(Draft).where(
                    Draft.wall == Wall.OPEN,
                    Draft.owner_hash == (link.address or ""),
                    Draft.lapses_at > now,
                    Draft.sent_request_id.is_(None),
                )
            )
        )
        held = set(session.scalars(select(DeviceDraftKey.draft_id).where(DeviceDraftKey.token == device)))
        for draft in drafts:
            if draft.id not in held:
                session.add(DeviceDraftKey(token=device, draft_id=draft.id, seen_at=now))
        return device, [_seen(draft) for draft in drafts]


def list_owned(session: Session, *, address: str, device: str | None, now: datetime) -> list[tuple[OpenDraft, bool]]:
    """Return the unsent drafts that a proven address owns, each with whether this device may open it (20 at most)."""
    held = select(DeviceDraftKey.draft_id).where(DeviceDraftKey.token == device) if device else None
    query = (
        select(Draft, Draft.id.in_(held) if held is not None else false())
        .where(
            Draft.wall == Wall.OPEN,
            Draft.owner_hash == address,
            Draft.lapses_at > now,
            Draft.sent_request_id.is_(None),
        )
        .order_by(Draft.saved_at.desc())
        .limit(20)
    )
    return [(_seen(draft), bool(is_here)) for draft, is_here in session.execute(query)]


def open_owned(session: Session, draft_id: UUID, *, address: str, device: str | None, now: datetime) -> str:
    """Let this device open one unsent draft of the address that was proven on it; return what the device keeps."""
    device = device or secrets.token_urlsafe(32)
    with transaction(session):
        draft = session.scalars(
            select(Draft.id).where(
                Draft.wall == Wall.OPEN,
                Draft.id == draft_id,
                Draft.owner_hash == address,
                Draft.lapses_at > now,
                Draft.sent_request_id.is_(None),
            )
        ).one_or_none()
        if draft is None:
            raise DraftNotFoundError
        held = select(DeviceDraftKey.id).where(DeviceDraftKey.token == device, DeviceDraftKey.draft_id == draft)
        if session.scalars(held).one_or_none() is None:
            session.add(DeviceDraftKey(token=device, draft_id=draft, seen_at=now))
    return device


def find_completing(
    session: Session, request_id: UUID, *, address: str, device: str | None, now: datetime
) -> UUID | None:
    """Return the written form of a request that a proven address has begun on this device, not sent yet."""
    query = (
        select(Draft.id)
        .join(DeviceDraftKey, DeviceDraftKey.draft_id == Draft.id)
        .where(
            Draft.wall == Wall.OPEN,
            Draft.completes_id == request_id,
            Draft.owner_hash == address,
            DeviceDraftKey.token == (device or ""),
            Draft.lapses_at > now,
            Draft.sent_request_id.is_(None),
        )
    )
    return session.scalars(query.limit(1)).first()


def find_amending(session: Session, response_id: UUID, device: str | None, *, now: datetime) -> UUID | None:
    """Return the draft in which this device has begun to change these answers, not sent yet."""
    query = (
        select(Draft.id)
        .join(DeviceDraftKey, DeviceDraftKey.draft_id == Draft.id)
        .where(
            Draft.wall == Wall.OPEN,
            Draft.amends_id == response_id,
            DeviceDraftKey.token == (device or ""),
            Draft.lapses_at > now,
            Draft.sent_request_id.is_(None),
        )
    )
    return session.scalars(query.limit(1)).first()


def close_on_device(session: Session, *, device: str | None, address: str) -> None:
    """Close on this device, inside the caller's transaction, the unsent drafts that the address finds again."""
    if not device:
        return
    owned = select(Draft.id).where(
        Draft.wall == Wall.OPEN, Draft.owner_hash == address, Draft.sent_request_id.is_(None)
    )
    session.execute(
        delete(DeviceDraftKey).where(DeviceDraftKey.token == device, DeviceDraftKey.draft_id.in_(owned)),
        execution_options={"synchronize_session": False},
    )


def list_drafts(session: Session, *, device: str | None, now: datetime) -> list[OpenDraft]:
    """Return this device's unsent drafts, the latest saved first (20 at most)."""
    if not device:
        return []
    query = (
        select(Draft)
        .join(DeviceDraftKey, DeviceDraftKey.draft_id == Draft.id)
        .where(
            Draft.wall == Wall.OPEN,
            DeviceDraftKey.token == device,
            Draft.lapses_at > now,
            Draft.sent_request_id.is_(None),
        )
        .order_by(Draft.saved_at.desc())
        .limit(20)
    )
    return [_seen(draft) for draft in session.scalars(query)]


def _change(
    session: Session,
    draft_id: UUID,
    device: str | None,
    change: Any,
    now: datetime,
    house: House,
    kind: FormKind | None = None,
) -> OpenDraft:
    with transaction(session):
        draft = get_draft(session, draft_id, device, now=now, lock=True)
        if draft.sent_request_id is not None:
            raise DraftSentError
        answers: Answers = draft.answers or {}
        change(answers)
        draft.answers = answers
        draft.kind = kind or draft.kind
        draft.saved_at = now
        draft.lapses_at = now + timedelta(days=house.settings.draft_days)
        draft.reminded_at = None  # its life begins again
    return _seen(draft)


def _delete(session: Session, draft: Draft) -> list[str]:
    dropped = drop_files_of_draft(session, draft)
    session.execute(delete(DeviceDraftKey).where(DeviceDraftKey.draft_id == draft.id))
    session.execute(delete(Draft).where(Draft.wall.in_(EITHER_SIDE), Draft.id == draft.id))
    return dropped


def _seen(draft: Draft) -> OpenDraft:
    return OpenDraft(
        draft.id,
        FormKind(draft.kind),
        draft.form_version,
        draft.answers or {},
        draft.proven_email,
        draft.proven_at,
        draft.sent_request_id,
        draft.completes_id,
        draft.saved_at,
        draft.lapses_at,
        draft.files,
        draft.amends_id,
    )
