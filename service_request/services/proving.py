"""A referrer proves a work address by code, before sending (GL-14)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.attempts import TooManyAttemptsError, count_attempt
from infrastructure.identity.links import issue_code, make_link, use_code
from infrastructure.identity.models import LinkPurpose, SecretLink
from infrastructure.outbox import owe
from service_request.services.drafts import get_draft
from service_request.services.refusals import DraftSentError

CODES, WINDOW = 5, timedelta(hours=1)


def ask_code(session: Session, draft_id: UUID, *, device: str | None, email: str, now: datetime, house: House) -> None:
    """Owe a six-digit code to the address; raise TooManyAttemptsError past five an hour for one address."""
    address = email.strip()
    with transaction(session):
        draft = get_draft(session, draft_id, device, now=now, lock=True)
        if draft.sent_request_id is not None:
            raise DraftSentError
        allowed = count_attempt(session, f"code:{address.lower()}", tries=CODES, window=WINDOW, now=now)
        if allowed:
            made = make_link(session, LinkPurpose.PROVE, about=("draft", draft.id), address=address, now=now, days=1)
            session.flush()
            link = session.get_one(SecretLink, made.id)
            code = issue_code(link, settings=house.settings, now=now)
            letter = house.write("code", code=code, minutes=str(house.settings.code_minutes))
            owe(session, letter, to=address, cause=link.id, about=("draft", draft.id), now=now)
    if not allowed:
        raise TooManyAttemptsError


def address_asked(session: Session, draft_id: UUID, *, device: str | None, now: datetime) -> str | None:
    """Return the address that the latest code was sent to, while one may still be typed."""
    draft = get_draft(session, draft_id, device, now=now)
    link = _latest(session, draft.id, now)
    return link.address if link is not None else None


def prove_email(session: Session, draft_id: UUID, *, device: str | None, code: str, now: datetime) -> bool:
    """Take the code from the mail; True marks the address as proven, and the draft as findable by it."""
    with transaction(session):
        draft = get_draft(session, draft_id, device, now=now, lock=True)
        link = _latest(session, draft.id, now, lock=True)
        if link is None or draft.sent_request_id is not None or not use_code(link, code, now=now):
            return False
        address = link.address or ""
        draft.proven_email, draft.owner_hash, draft.proven_at = address, address.lower(), now
        link.used_at = now
        return True


def _latest(session: Session, draft_id: UUID, now: datetime, *, lock: bool = False) -> SecretLink | None:
    query = (
        select(SecretLink)
        .where(
            SecretLink.wall == Wall.OPEN,
            SecretLink.about_kind == "draft",
            SecretLink.about_id == draft_id,
            SecretLink.purpose == LinkPurpose.PROVE,
            SecretLink.expires_at > now,
        )
        .order_by(SecretLink.id.desc())
        .limit(1)
    )
    return session.scalars(query.with_for_update(of=SecretLink) if lock else query).one_or_none()
