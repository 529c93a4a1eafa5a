"""What an enquirer told, by text, form or call, becomes the record of the enquiry, in one place (SE-1 to SE-3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.calendar import LONDON
from infrastructure.house import House
from infrastructure.trail import Actor
from service_request.domain.postcodes import tidy
from service_request.models import Area, AreaPrefix, Enquiry, ServiceRequest
from service_request.pathways.sendiass.codes import DeadlineKind, EnquirerKind
from service_request.pathways.sendiass.eligibility import eligible, in_area
from service_request.services.enquiries.deadlines import open_deadline
from service_request.services.enquiries.opening import KINDS

PLACES = ("place", "postcode")
Code = TypeVar("Code", bound=StrEnum)


def apply_facts(
    session: Session,
    request: ServiceRequest,
    enquiry: Enquiry,
    facts: Mapping[str, str],
    *,
    by: Actor,
    now: datetime,
    house: House,
) -> None:
    """Write these answers beside those that are known, in the caller's transaction and with the request locked.

    Who asks, whether the service is theirs and their area follow from them (SE-2); a letter with its date becomes a
    deadline that a person checks (SE-3). An answer that is empty takes nothing away.
    """
    told = {name: value for name, value in facts.items() if value.strip()}
    if not told:
        return
    known: dict[str, str] = {**(enquiry.facts or {}), **told}
    enquiry.facts = known
    today = now.astimezone(LONDON).date()
    kind = _code(EnquirerKind, known.get("enquirer", "")) or EnquirerKind.NOT_KNOWN
    enquiry.enquirer, request.referrer.kind = kind, KINDS[kind]
    request.referrer.name = known.get("name") or request.referrer.name
    enquiry.eligible = eligible(
        enquirer=kind,
        age=known.get("age", ""),
        birth_on=_day(known.get("birth_on", "")),
        send=known.get("send", ""),
        today=today,
    )
    if told.keys() & set(PLACES):
        prefixes = frozenset(session.scalars(select(AreaPrefix.prefix)))
        areas = frozenset(name.lower() for name in session.scalars(select(Area.name)))
        postcode = tidy(known.get("postcode", "")) or ""
        enquiry.in_area = in_area(postcode=postcode, place=known.get("place", ""), prefixes=prefixes, areas=areas)
    letter, letter_on = _code(DeadlineKind, known.get("letter", "")), _day(known.get("letter_on", ""))
    if letter is not None and letter_on is not None and told.keys() & {"letter", "letter_on"}:
        open_deadline(
            session,
            request,
            enquiry,
            kind=letter,
            letter_on=letter_on,
            by=by.id,
            is_checked=False,
            now=now,
            house=house,
        )


def _code(codes: type[Code], text: str) -> Code | None:
    return codes(text) if text in {one.value for one in codes} else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
