"""Who proved a work address on this browser, for how long: the way to their own requests (GL-14, EV-6)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction, uuid7
from infrastructure.house import House
from infrastructure.identity.attempts import count_attempt
from infrastructure.identity.links import CodeRefusedError, find_link, make_link, open_for_holder, use_code
from infrastructure.identity.models import LinkPurpose, SecretLink, WebSession
from infrastructure.outbox import owe
from infrastructure.trail import Actor, ActorKind, Stream, record
from service_request.services.drafts import close_on_device
from service_request.services.outside import holder_of
from service_request.services.sight.mine import knows_address

LINKS, WINDOW = 5, timedelta(hours=1)  # links to one's requests, to one address


@dataclass(frozen=True)
class Held:
    """An address that somebody at this browser proved; several people may share it."""

    address: str
    link_id: UUID
    is_remembered: bool
    ends_at: datetime

    @property
    def actor(self) -> Actor:
        """Return whoever this is, as the trail names them."""
        return Actor(ActorKind.REFERRER, self.link_id)


_PROVEN = (
    select(WebSession, SecretLink)
    .join(SecretLink, SecretLink.id == WebSession.link_id)
    .where(
        SecretLink.wall == Wall.OPEN,
        SecretLink.purpose == LinkPurpose.MINE,
        WebSession.token == bindparam("token"),
        WebSession.ends_at > bindparam("now"),
    )
)

_OPENED = (
    select(WebSession, SecretLink)
    .join(SecretLink, SecretLink.id == WebSession.link_id)
    .where(SecretLink.wall == Wall.OPEN)
)


def held_address(session: Session, browser: str | None, *, now: datetime, house: House) -> Held | None:
    """Return the address proven on this browser, or None: never proven, signed out, idle too long, or its time is up.

    Remembered for a shift it is not idle; when it was last seen is written once a minute at most.
    """
    if not browser:
        return None
    found = session.execute(_PROVEN, {"token": browser, "now": now}).one_or_none()
    if found is None:
        return None
    kept, link = found
    idle = now - kept.seen_at
    if idle > timedelta(minutes=house.settings.referrer_idle_minutes) and not kept.is_remembered:
        return None
    held = Held((link.address or "").lower(), link.id, kept.is_remembered, kept.ends_at)
    if idle > timedelta(minutes=1):
        kept_id = kept.id
        with transaction(session):
            session.get_one(WebSession, kept_id).seen_at = now
    return held


def ask_for_mine(session: Session, *, email: str, now: datetime, house: House) -> None:
    """Owe a link to what an address asked for; the page says the same whether there is anything or not."""
    address = email.strip().lower()
    with transaction(session):
        known = knows_address(session, address, now=now)
        # Counted whether it is known or not: the time that a write takes would tell.
        is_allowed = count_attempt(session, f"mine:{address}", tries=LINKS, window=WINDOW, now=now)
        if not known or not is_allowed:
            return
        link = make_link(session, LinkPurpose.MINE, about=("address", uuid7()), address=address, now=now, days=1)
        letter = house.write("your_requests", link=house.link("web.mine", token=link.token))
        owe(session, letter, to=address, cause=link.id, about=("link", link.id), now=now)


def take_code(
    session: Session, *, token: str, code: str, remember: bool, before: str | None, now: datetime, house: House
) -> str:
    """Take the code; return what this browser is known by from now on, or raise CodeRefusedError.

    `remember`: for a shift, at their wish. What the browser held `before` ends: nothing is carried over.
    """
    opened = None
    with transaction(session):
        link = find_link(session, token, LinkPurpose.MINE, now=now, lock=True)
        if use_code(link, code, now=now):
            if before:
                session.execute(delete(WebSession).where(WebSession.token == before))
            opened = open_for_holder(session, link, settings=house.settings, now=now)
            session.flush()
            row = session.scalars(select(WebSession).where(WebSession.token == opened)).one()
            row.how, row.is_remembered = "code", remember
            row.ends_at = now + timedelta(hours=house.settings.shift_hours)
        act = "code_used" if opened is not None else "code_refused"
        record(session, Stream("link", link.id), act, by=holder_of(link), now=now)
    if opened is None:
        raise CodeRefusedError
    return opened


def let_go(
    session: Session, *, browser: str | None, device: str | None, opened: Collection[str] = (), now: datetime
) -> None:
    """Sign this browser out for good, and close on this device what was reached by the address (EV-6).

    `opened`: by what the browser is known behind other links; those to the same address are closed as well.
    """
    if not browser:
        return
    with transaction(session):
        found = session.execute(_PROVEN, {"token": browser, "now": now}).one_or_none()
        if found is None:
            return
        kept, link = found
        close_on_device(session, device=device, address=(link.address or "").lower())
        for other, to in session.execute(_OPENED.where(WebSession.token.in_(list(opened)))).all():
            if (to.address or "").lower() == (link.address or "").lower():
                session.delete(other)
        record(session, Stream("link", link.id), "let_go", by=holder_of(link), now=now)
        session.delete(kept)
