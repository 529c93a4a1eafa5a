"""What was asked is answered on a page behind a link and a code, in the form's own questions, once (GL-3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import transaction
from infrastructure.database.transaction import failpoint
from infrastructure.house import House
from infrastructure.identity.links import find_link, keep_open, make_link, open_for_holder
from infrastructure.identity.models import LinkPurpose, SecretLink
from infrastructure.trail import Access, Actor, Stream, log_access, record
from service_request.domain.danger import danger_words
from service_request.domain.errors import DomainError
from service_request.domain.identifying import find_identifying
from service_request.domain.states import RequestState
from service_request.models import (
    AskedFor,
    AskedKind,
    AskedState,
    DeviceDraftKey,
    Direction,
    Draft,
    Message,
    ServiceRequest,
)
from service_request.pathways.social_care.forms import FormKind
from service_request.pathways.social_care.rules import LIFECYCLE, RequestAct
from service_request.services.adding_answers import add_answers
from service_request.services.alerting import alert_danger
from service_request.services.answer_written import Answering, find_draft_of, is_answered, read_answering
from service_request.services.asking import ABOUT, end_one, list_open
from service_request.services.completing import begin_for_holder
from service_request.services.drafts import PATHWAY, StartedDraft
from service_request.services.files.adding import move_to_request
from service_request.services.holding import Held
from service_request.services.late_news import come_up
from service_request.services.outside import asked_behind, holder_of, proven
from service_request.services.refusals import AnswersChangedError, DraftSentError, NotYoursError
from service_request.services.send_form import NotReadyError
from service_request.services.sight.holder import find_asked_for_holder
from service_request.services.sight.mine import get_mine


class NothingAnsweredError(DomainError):
    """Refuse to send an answer that says nothing."""

    sentence = "Answer at least one question before you send"


def open_answering(session: Session, *, token: str, browser: str | None, now: datetime, house: House) -> Answering:
    """Return what was asked to the proven holder, and log that it was read.

    Raise NotProvenError, or LinkRefusedError where there is no such link, or the request is not there any more.
    """
    link = proven(session, token, browser, now=now, house=house, purpose=LinkPurpose.ANSWER)
    asked, request = asked_behind(session, link)
    answering = read_answering(session, asked, request, find_draft_of(session, asked), now, house)
    log_access(session, Access.VIEW, by=holder_of(link), now=now, request_id=request.id)
    return answering


def peek_page(session: Session, *, token: str, now: datetime, house: House) -> Answering:
    """Return the questions that a link asks, with nothing that was said or written: for a browser that has to prove
    itself again while it still holds what was typed (W13). Raise LinkRefusedError."""
    link = find_link(session, token, LinkPurpose.ANSWER, now=now)
    whole = read_answering(session, *asked_behind(session, link), None, now, house)
    return replace(whole, may_see=False, words="")


def save_page(
    session: Session,
    *,
    token: str,
    browser: str | None,
    key: str,
    typed: dict[str, list[str]],
    now: datetime,
    house: House,
) -> Answering:
    """Keep what was typed on one page, right or wrong, and keep the page open a while more (W13).

    Raise NotProvenError, LinkRefusedError or DraftSentError.
    """
    with transaction(session):
        _, asked, request, draft = _lock(session, token, browser, now, house)
        if draft.sent_request_id is not None or is_answered(asked):
            raise DraftSentError
        draft.answers = {**(draft.answers or {}), key: {name: list(values) for name, values in typed.items()}}
        draft.saved_at, draft.lapses_at = now, _until(now, house)
        keep_open(session, browser, now=now)
        return read_answering(session, asked, request, draft, now, house)


def hold_draft(session: Session, *, token: str, browser: str | None, now: datetime, house: House) -> UUID:
    """Return the draft of the answer, which this browser may add files to."""
    with transaction(session):
        *_, draft = _lock(session, token, browser, now, house)
        keep_open(session, browser, now=now)
        return draft.id


def send_answer(session: Session, *, token: str, browser: str | None, digest: str, now: datetime, house: House) -> None:
    """Give the answer to its request, once, however often it is sent and wherever the request stands (EV-1, EV-3).

    What was waiting goes on in triage; what nobody waits for comes up at the desk as new. Raise NotProvenError,
    LinkRefusedError, AnswersChangedError, NothingAnsweredError or NotReadyError.
    """
    with transaction(session):
        try:
            link, asked, request, draft = _lock(session, token, browser, now, house)
        except DraftSentError:
            return
        if draft.sent_request_id is not None:
            return
        answering = read_answering(session, asked, request, draft, now, house)
        if answering.digest != digest:
            raise AnswersChangedError
        if not answering.says_anything:
            raise NothingAnsweredError
        if problems := answering.problems:
            raise NotReadyError(problems)
        _take(session, answering, asked, request, draft, by=holder_of(link), now=now, house=house)
        failpoint("before_answer_commit")
    failpoint("after_answer_commit")


def _take(
    session: Session,
    answering: Answering,
    asked: AskedFor,
    request: ServiceRequest,
    draft: Draft,
    *,
    by: Actor,
    now: datetime,
    house: House,
) -> None:
    if answering.changed:
        kept = add_answers(session, request, answering.changed, why="answer", by=by, now=now, house=house)
        session.flush()
        asked.response_id = kept.id
    _hear(session, request, answering, by=by, now=now, house=house)
    if answering.takes_files:
        move_to_request(session, draft, request, by=by, now=now)
    draft.sent_request_id, draft.sent_digest = request.id, bytes.fromhex(answering.digest)
    end_one(session, asked, state=AskedState.ANSWERED, by=by, now=now)
    session.flush()
    waits = request.state is RequestState.AWAITING_INFORMATION and asked.kind is AskedKind.DETAILS
    if waits and not list_open(session, request, {AskedKind.DETAILS}):
        was = request.state
        request.state = LIFECYCLE.next_state(was, RequestAct.ANSWER)
        record(session, Stream("request", request.id), RequestAct.ANSWER, by=by, now=now, moved=(was, request.state))
    come_up(session, request, cause=f"answered:{draft.id}", about_id=asked.id, by=by, now=now)


def _hear(
    session: Session, request: ServiceRequest, answering: Answering, *, by: Actor, now: datetime, house: House
) -> None:
    """Keep what they wrote in their own words beside the form's questions, and who they say they are."""
    words, name = answering.own("words"), answering.own("name")
    said = "\n\n".join(part for part in (words, f"Answered by: {name}" if name else "") if part)
    if not said:
        return
    session.add(
        Message(
            wall=request.wall,
            request_id=request.id,
            direction=Direction.IN,
            kind="answered",
            at=now,
            by_kind=by.kind,
            by_id=by.id,
            body=said,
        )
    )
    if answering.form is FormKind.IN_PRINCIPLE:  # the manager is told that words may name somebody (GL-6)
        request.names_found += len(find_identifying(words))
    if danger_words(words):
        request.urgency = "danger"
        alert_danger(session, request, now=now, house=house)


def _lock(
    session: Session, token: str, browser: str | None, now: datetime, house: House
) -> tuple[SecretLink, AskedFor, ServiceRequest, Draft]:
    """Return what a proven holder may write, the request locked first; the answer is begun by its first page."""
    link = proven(session, token, browser, now=now, house=house, purpose=LinkPurpose.ANSWER)
    asked, request = asked_behind(session, link, lock=True)
    draft = find_draft_of(session, asked)
    if draft is None and is_answered(asked):  # long ago: what was written is with the request
        raise DraftSentError
    draft = draft or _begin(session, asked, request, now, house)
    held = select(DeviceDraftKey.id).where(DeviceDraftKey.token == browser, DeviceDraftKey.draft_id == draft.id)
    if session.scalars(held).first() is None:
        session.add(DeviceDraftKey(token=browser, draft_id=draft.id, seen_at=now))
    return link, asked, request, draft


def _begin(session: Session, asked: AskedFor, request: ServiceRequest, now: datetime, house: House) -> Draft:
    draft = Draft(
        wall=request.wall,
        pathway=PATHWAY,
        kind=request.kind,
        form_version=request.form_version,
        answers={},
        asked_for_id=asked.id,
        started_at=now,
        saved_at=now,
        lapses_at=_until(now, house),
    )
    session.add(draft)
    session.flush()
    asked.draft_id = draft.id
    return draft


def _until(now: datetime, house: House) -> datetime:
    """Return how long an answer is kept that is being written: as long as a link that was sent now."""
    return now + timedelta(days=house.settings.link_days)


@dataclass(frozen=True)
class WayIn:
    """How a proven browser comes to what was asked: a link of its own that is open already."""

    token: str
    browser: str


def open_for_mailbox(
    session: Session, asked_id: UUID, *, held: Held, device: str | None, now: datetime, house: House
) -> WayIn | StartedDraft:
    """Open what was asked to the browser that proved the address of its request: no mail and no second code (GL-14).

    The written form begins at once, on this device; no link is made that would open it without a code. Raise
    NotYoursError for anything that is not of a request from that address.
    """
    with transaction(session):
        found = find_asked_for_holder(session, asked_id)
        if found is None:
            raise NotYoursError
        asked = found[0]
        request = get_mine(session, asked.request_id, held.address, lock=True)
        if asked.kind is AskedKind.WRITTEN_FORM:
            return begin_for_holder(session, request, held=held, device=device, now=now, house=house)
        about = (ABOUT, asked.id)
        link = make_link(session, LinkPurpose.ANSWER, about=about, address=request.referrer.email, now=now, days=1)
        session.flush()
        row = find_link(session, link.token, LinkPurpose.ANSWER, now=now)
        record(session, Stream("link", row.id), "opened_for_mailbox", by=held.actor, now=now, asked=asked.id)
        return WayIn(link.token, open_for_holder(session, row, settings=house.settings, now=now))
