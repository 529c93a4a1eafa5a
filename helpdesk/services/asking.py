"""The desk asks the referrer, says that the answer is there, or gives it up: the clock runs on (GL-3, GL-17, EV-7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from helpdesk.domain.decision import said
from helpdesk.domain.placeholders import check_filled
from helpdesk.services.acting import lock_for, move, note
from helpdesk.services.triage import take_on
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.outbox import Letter
from service_request.domain.errors import DomainError
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.models import AskedFor, AskedKind, AskedState, FormResponse, ReasonKind, ServiceRequest
from service_request.pathways.social_care.asked_pages import Askable, AskableGroup, list_askable
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.rules import RequestAct
from service_request.services.asking import ASKED, end_one, list_open, may_write_to, owe_asking
from service_request.services.drafts import Answers
from service_request.services.reasons import OTHER, check_reason
from service_request.services.refusals import NotYoursError
from service_request.services.send_form import context_for
from service_request.services.sight.asked_for import get_asked, latest_to_ask
from service_request.services.sight.visible import get_request

LONGEST = 5000
NO_LINK = "(a link of their own)"  # where the link will stand, in what the officer is shown


class NothingAskedError(DomainError):
    """Refuse to ask for nothing."""

    sentence = "Select what you need, or write what you ask"


class AskedAlreadyError(DomainError):
    """Refuse a second asking beside an open one: the referrer is asked once, kindly."""

    sentence = "The referrer has been asked already. Say that it is answered, or give it up, before you ask again."


class NotAskedError(DomainError):
    """Refuse to end what is ended."""

    sentence = "This is not asked any more: read below what became of it"


class WhyMissingError(DomainError):
    """Refuse the other reason without its words."""

    sentence = "Enter why you give it up"


@dataclass(frozen=True)
class ToAsk:
    """What can be asked of the referrer of a request, and how they would be asked."""

    groups: tuple[AskableGroup, ...]
    missing: tuple[str, ...]
    may_write: bool
    letter: Letter | None

    def labels(self, fields: Sequence[str]) -> list[str]:
        """Return what the chosen fields are called, as the page of the request calls them."""
        return [one.whole for group in self.groups for one in group.fields if one.field in fields]

    @property
    def left_out(self) -> list[Askable]:
        """Return the questions that were not answered, in the order of the form."""
        return [one for group in self.groups for one in group.fields if one.is_missing]


def read_to_ask(session: Session, request_id: UUID, *, by: User, now: datetime, house: House) -> ToAsk:
    """Return every question of the form by page and child, the gaps marked, and the mail as it will be sent (EV-6)."""
    request = get_request(session, request_id, by)
    _check(request)
    groups = _askable(session, request, by, now, house)
    may_write = may_write_to(request)
    letter = None
    if may_write:
        days = str(house.settings.link_days)
        reference = format_reference(request.reference)
        letter = house.write(ASKED, reference=reference, link=NO_LINK, days=days, decided="")
    missing = tuple(one.field for group in groups for one in group.fields if one.is_missing)
    return ToAsk(tuple(groups), missing, may_write, letter)


def ask(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    fields: Sequence[str] = (),
    words: str = "",
    by: User,
    now: datetime,
    house: House,
) -> AskedFor:
    """Send a request back with what is needed: one message, by field; its decision clock runs on (GL-3, EV-7).

    A request that nobody claimed is claimed by it. Raises NothingAskedError, AskedAlreadyError, StaleEditError with the
    words, TransitionRefusedError.
    """
    text = said(words, sentence="Enter what you ask", most=LONGEST) if words.strip() else ""
    check_filled(text)
    with transaction(session):
        request = lock_for(session, request_id, by, version=version, mine={"words": text})
        _check(request)
        askable = {one.field for group in _askable(session, request, by, now, house) for one in group.fields}
        chosen = [field for field in dict.fromkeys(fields) if field in askable]
        if not chosen and not text:
            raise NothingAskedError
        if list_open(session, request, {AskedKind.DETAILS}):
            raise AskedAlreadyError
        if request.state is RequestState.RECEIVED:
            take_on(session, request, by, now)
        move(session, request, RequestAct.ASK, by=by.actor, now=now)
        return owe_asking(
            session, request, kind=AskedKind.DETAILS, fields=chosen, words=text, by=by.actor, now=now, house=house
        )


def mark_answered(
    session: Session,
    *,
    request_id: UUID,
    asked_id: UUID,
    version: int | None = None,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Say that what was asked is answered, by phone, mail or text: it is in triage again, nothing more is chased."""
    with transaction(session):
        request, asked = _lock_open(session, request_id, asked_id, by, version)
        end_one(session, asked, state=AskedState.ANSWERED, by=by.actor, now=now)
        _go_on(session, request, asked, RequestAct.ANSWER, by, now)


def give_up(
    session: Session,
    *,
    request_id: UUID,
    asked_id: UUID,
    version: int | None = None,
    reason: str,
    words: str = "",
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Go on without an answer, with a coded reason; what still comes is taken, and can be asked again (EV-1)."""
    check_reason(session, ReasonKind.GIVE_UP, reason)
    if reason == OTHER and not words.strip():
        raise WhyMissingError
    with transaction(session):
        request, asked = _lock_open(session, request_id, asked_id, by, version, mine={"words": words})
        end_one(session, asked, state=AskedState.GIVEN_UP, by=by.actor, now=now, reason=reason)
        if words.strip():
            note(session, request, "gave_up", said(words), by=by, now=now)
        _go_on(session, request, asked, RequestAct.GIVE_UP, by, now)


def _go_on(
    session: Session, request: ServiceRequest, asked: AskedFor, act: RequestAct, by: User, now: datetime
) -> None:
    waits = request.state is RequestState.AWAITING_INFORMATION and asked.kind is AskedKind.DETAILS
    if waits and not list_open(session, request, {AskedKind.DETAILS}):
        move(session, request, act, by=by.actor, now=now, reason=asked.reason_code)


def _lock_open(
    session: Session,
    request_id: UUID,
    asked_id: UUID,
    by: User,
    version: int | None,
    mine: dict[str, str] | None = None,
) -> tuple[ServiceRequest, AskedFor]:
    request = lock_for(session, request_id, by, version=version, mine=mine)
    asked = get_asked(session, asked_id, by)
    if asked.request_id != request.id:
        raise NotYoursError
    if asked.state is not AskedState.OPEN:
        raise NotAskedError
    return request, asked


def _check(request: ServiceRequest) -> None:
    if request.wall is not Wall.OPEN:  # SENDIASS asks in its own ways
        raise NotYoursError


def _askable(session: Session, request: ServiceRequest, by: User, now: datetime, house: House) -> list[AskableGroup]:
    """Return what the form asks; what came by phone or mail has no form yet, and is asked in words."""
    if request.kind == FormKind.CALL:
        return []
    row = latest_to_ask(session, request.id, by)
    answers: Answers = (row.answers or {}) if row else {}
    return list_askable(FormKind(_kind_of(row, request)), answers, context_for(session, request.kind, house, now))


def _kind_of(row: FormResponse | None, request: ServiceRequest) -> str:
    return row.kind if row else request.kind
