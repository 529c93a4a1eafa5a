"""The guard on the way out: every message is read against what its request names and tells (EV-6, T20)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.outbox import Letter, OutboxMessage
from infrastructure.outbox.deliver import Caught as Found
from infrastructure.outbox.senders import Parcel
from infrastructure.settings import Settings
from service_request.domain.unspeakable import Caught, Part, Where, catch
from service_request.services.sight.outgoing import read_unspeakable

# What an adviser wrote to the enquirer who asked, where it is safe: it is about their matter, in words that they used
# themselves. Names, birth dates, addresses and numbers stay out of it all the same (EV-6).
BY_A_PERSON = frozenset({"adviser_reply", "adviser_reply_email", "officer_reply"})


def make_guard(settings: Settings) -> Callable[[Session, OutboxMessage, Parcel], Found]:
    """Return the guard: it tells what a message says that it may not, and an empty list when it may leave."""

    def read(session: Session, row: OutboxMessage, parcel: Parcel) -> Found:
        about = (row.about_kind, row.about_id)
        return _read(session, parcel, row.body, template=row.template, about=about, wall=row.wall, settings=settings)

    return read


def read_letter(
    session: Session, letter: Letter, *, to: str, about: tuple[str, UUID], wall: Wall, settings: Settings
) -> Found:
    """Return what a letter that is not owed yet says that it may not, as the guard will read it."""
    parcel = Parcel(to, letter.subject, letter.text, "")
    body = {"subject": letter.subject, "text": letter.text, "own": letter.own}
    return _read(session, parcel, body, template=letter.template, about=about, wall=wall, settings=settings)


def _read(
    session: Session,
    parcel: Parcel,
    body: Mapping[str, object],
    *,
    template: str,
    about: tuple[str, UUID],
    wall: Wall,
    settings: Settings,
) -> Found:
    terms = read_unspeakable(session, wall=wall, kind=about[0], about_id=about[1])
    if template in BY_A_PERSON:
        terms = terms.without_story()
    return [_plain(one) for one in catch(parts_of(parcel, body), terms, is_secure=may_carry_more(parcel.to, settings))]


def may_carry_more(address: str, settings: Settings) -> bool:
    """Tell whether a mail there may be told more: of a domain that is marked secure, over a line that is encrypted."""
    return settings.smtp_starttls and is_secure(address, settings.secure_domain_names)


def parts_of(parcel: Parcel, body: Mapping[str, object]) -> list[Part]:
    """Return the parts of a message as it is about to leave, each with the words that its template says by itself."""
    own = {name: _own(body, name) for name in ("subject", "text")}
    return [
        Part(Where.SUBJECT, parcel.subject, own["subject"]),
        Part(Where.TEXT, parcel.text, own["text"]),
        *(Part(Where.FILE_NAME, name) for name in parcel.file_names),
    ]


def _own(body: Mapping[str, object], name: str) -> str:
    """Return the words of a part that are ours; none where nobody wrote down which they are."""
    own, text = body.get("own"), body.get(name)
    if not isinstance(own, dict) or not isinstance(text, str):
        return ""
    return "\n".join(text[start:end] for start, end in own.get(name, []))


def is_secure(address: str, domains: tuple[str, ...]) -> bool:
    """Tell whether an address is of a domain that is marked secure, or of one under it."""
    domain = address.rpartition("@")[2].strip().rstrip(".>").lower()
    return any(domain == one or domain.endswith(f".{one}") for one in domains)


def _plain(caught: Caught) -> dict[str, str]:
    return {"where": caught.where.value, "telling": caught.telling.value, "words": caught.words}
