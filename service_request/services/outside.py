"""The outcome as read outside: by link and code, and by nobody else (GL-14, EV-6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.attempts import TooManyAttemptsError, count_attempt
from infrastructure.identity.links import (
    CodeRefusedError,
    LinkRefusedError,
    find_link,
    is_open_for,
    issue_code,
    open_for_holder,
    use_code,
)
from infrastructure.identity.models import LinkPurpose, SecretLink
from infrastructure.outbox import owe
from infrastructure.trail import Access, Actor, ActorKind, Stream, log_access, record
from service_request.domain.references import format_reference
from service_request.models import AskedFor, Audience, File, Outcome, ServiceRequest
from service_request.services.outcomes import body_for_reader
from service_request.services.sight.holder import (
    find_asked_for_holder,
    find_file_for_holder,
    get_for_holder,
    list_outcomes_for_holder,
)

CODES, WINDOW = 5, timedelta(hours=1)
PROOFS = frozenset({"code", "agency_domain", "phone"})  # GL-14


@dataclass(frozen=True)
class LinkPage:
    """What a link shows before the code: enough to know what it is, nothing of the matter."""

    reference: str  # empty where it is about no one request
    masked_address: str
    code_was_sent: bool


@dataclass(frozen=True)
class FormReturned:
    """The form returned, as a file."""

    name: str
    pages: int | None
    size: int


@dataclass(frozen=True)
class OutcomePage:
    """The outcome behind the link. `may_see_form` is false for an address that nothing proves (GL-14)."""

    reference: str
    received_at: datetime
    audience: Audience
    body: dict[str, Any]
    may_see_form: bool
    form: FormReturned | None
    form_is_coming: bool
    is_corrected: bool


class NotProvenError(Exception):
    """This browser has not typed the code for this link, or too long ago."""


def look_at_link(
    session: Session, *, token: str, now: datetime, purpose: LinkPurpose = LinkPurpose.OUTCOME
) -> LinkPage:
    """Return what the link is about; raise LinkRefusedError when it is unknown or has run out. Uses nothing up."""
    link = find_link(session, token, purpose, now=now)
    reference = _reference_of(session, link)
    has_code = link.code is not None and link.code_expires_at is not None and link.code_expires_at > now
    return LinkPage(reference, mask(link.address or ""), has_code)


def _reference_of(session: Session, link: SecretLink) -> str:
    if link.about_kind == "asked":
        return format_reference(asked_behind(session, link)[1].reference)
    is_of_one = link.about_kind == "request"
    return format_reference(get_for_holder(session, link.about_id).reference) if is_of_one else ""


def asked_behind(session: Session, link: SecretLink, *, lock: bool = False) -> tuple[AskedFor, ServiceRequest]:
    """Return what was asked and its request, which is locked first, or raise LinkRefusedError.

    A link to an address that is the referrer's no more has ended: what the right one writes now stands behind it, and
    what was asked of them (EV-6).
    """
    found = find_asked_for_holder(session, link.about_id, lock=lock)
    if found is None or not _is_theirs(link.address, found[1]):
        raise LinkRefusedError
    return found


def ask_link_code(
    session: Session, *, token: str, now: datetime, house: House, purpose: LinkPurpose = LinkPurpose.OUTCOME
) -> None:
    """Owe a fresh code to the address that the link was sent to."""
    with transaction(session):
        link = find_link(session, token, purpose, now=now, lock=True)
        allowed = count_attempt(session, f"outcome-code:{link.id}", tries=CODES, window=WINDOW, now=now)
        if allowed:
            code = issue_code(link, settings=house.settings, now=now)
            letter = house.write("code", code=code, minutes=str(house.settings.code_minutes))
            issued = record(session, Stream("link", link.id), "code_issued", by=holder_of(link), now=now)
            owe(session, letter, to=link.address or "", cause=issued.id, about=("link", link.id), now=now)
    if not allowed:
        raise TooManyAttemptsError


def take_link_code(
    session: Session, *, token: str, code: str, now: datetime, house: House, purpose: LinkPurpose = LinkPurpose.OUTCOME
) -> str:
    """Take the code; return the token of a session for this link alone, or raise CodeRefusedError."""
    opened = None
    with transaction(session):
        link = find_link(session, token, purpose, now=now, lock=True)
        if use_code(link, code, now=now):
            opened = open_for_holder(session, link, settings=house.settings, now=now)
            record(session, Stream("link", link.id), "code_used", by=holder_of(link), now=now)
        else:
            record(session, Stream("link", link.id), "code_refused", by=holder_of(link), now=now)
    if opened is None:
        raise CodeRefusedError
    return opened


def read_outcome(session: Session, *, token: str, browser: str | None, now: datetime, house: House) -> OutcomePage:
    """Return the latest outcome to the proven holder, and log that it was read; raise NotProvenError otherwise."""
    link = proven(session, token, browser, now=now, house=house)
    request = get_for_holder(session, link.about_id)
    return show_outcome(session, request, address=link.address or "", by=holder_of(link), now=now)


def show_outcome(session: Session, request: ServiceRequest, *, address: str, by: Actor, now: datetime) -> OutcomePage:
    """Return the latest outcome to whoever proved this address just now, and log that it was read (GL-14)."""
    outcomes = list_outcomes_for_holder(session, request.id)
    if not outcomes:
        raise LinkRefusedError
    latest = outcomes[0]
    may_see = _may_see_form(address, latest, request)
    file = find_file_for_holder(session, latest.file_id) if may_see and latest.file_id else None
    page = OutcomePage(
        reference=format_reference(request.reference),
        received_at=request.received_at,
        audience=latest.audience,
        body=body_for_reader(latest, may_see_form=may_see),
        may_see_form=may_see,
        form=FormReturned(file.name or "", file.pages, file.size) if file else None,
        form_is_coming=may_see and file is None and latest.pdf_wanted_at is not None,
        is_corrected=bool((latest.body or {}).get("is_corrected")),
    )
    log_access(session, Access.VIEW, by=by, now=now, request_id=request.id)
    return page


def read_form_file(
    session: Session, *, token: str, browser: str | None, now: datetime, house: House
) -> tuple[str, bytes]:
    """Return the form returned, as (file name, content), to the proven professional; else NotProvenError."""
    link = proven(session, token, browser, now=now, house=house)
    request = get_for_holder(session, link.about_id)
    return take_form_file(session, request, address=link.address or "", by=holder_of(link), now=now)


def take_form_file(
    session: Session, request: ServiceRequest, *, address: str, by: Actor, now: datetime
) -> tuple[str, bytes]:
    """Return the form returned to whoever proved this address just now, and log that it was taken (GL-14)."""
    latest = next(iter(list_outcomes_for_holder(session, request.id)), None)
    file: File | None = None
    if latest is not None and latest.file_id and _may_see_form(address, latest, request):
        file = find_file_for_holder(session, latest.file_id)
    if file is None or file.content is None:
        raise NotProvenError
    name, content, request_id = file.name or "form.pdf", file.content, request.id
    log_access(session, Access.EXPORT, by=by, now=now, request_id=request_id)
    return name, content


def mask(address: str) -> str:
    """Return an address that its owner knows again and nobody else can use: "s•••n@brookfield.example"."""
    name, at, domain = address.partition("@")
    if not at:
        return ""
    return f"{name[:1]}•••{name[-1:] if len(name) > 2 else ''}@{domain}"


def proven(
    session: Session,
    token: str,
    browser: str | None,
    *,
    now: datetime,
    house: House,
    purpose: LinkPurpose = LinkPurpose.OUTCOME,
) -> SecretLink:
    """Return the link to a browser that typed its code; raise NotProvenError otherwise."""
    link = find_link(session, token, purpose, now=now)
    if not is_open_for(session, link, browser, settings=house.settings, now=now):
        raise NotProvenError
    return link


def _may_see_form(address: str, outcome: Outcome, request: ServiceRequest) -> bool:
    """Tell whether the form may go back to this address: it is the referrer's own, and proven now (GL-14)."""
    is_proven = request.referrer.proof in PROOFS and _is_theirs(address, request)
    return outcome.audience is Audience.PROFESSIONAL and is_proven


def _is_theirs(address: str | None, request: ServiceRequest) -> bool:
    """Tell whether an address is that of the referrer, as it stands now."""
    return (address or "").strip().lower() == (request.referrer.email or "").strip().lower()


def holder_of(link: SecretLink) -> Actor:
    """Return who holds a link, as the trail names them."""
    return Actor(ActorKind.REFERRER, link.id)
