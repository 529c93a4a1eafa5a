"""What was asked is answered on a page behind a link and a code, in the form's own questions, once (GL-3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction
from infrastructure.database.transaction import failpoint
from infrastructure.house import House
from infrastructure.identity.links import find_link, keep_open, make_link, open_for_holder
from infrastructure.identity.models import LinkPurpose, SecretLink
from infrastructure.trail import Access, Actor, Stream, log_access, record
from service_request.asking.steps import FormContext, within
from service_request.asking.validity import wrong_answers
from service_request.domain.consent import Told
from service_request.domain.danger import danger_words
from service_request.domain.errors import DomainError
from service_request.domain.identifying import find_identifying
from service_request.domain.references import format_reference
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
from service_request.pathways.social_care.asked_pages import AskedPage, pages_asked, without_what_was_said
from service_request.pathways.social_care.codes import WITH_FILES
from service_request.pathways.social_care.forms import FormKind, Problem, step_values
from service_request.pathways.social_care.rules import LIFECYCLE, RequestAct
from service_request.services.adding_answers import add_answers, overlaid
from service_request.services.alerting import alert_danger
from service_request.services.asking import ABOUT, end_one, list_open
from service_request.services.drafts import PATHWAY, Answers
from service_request.services.files.adding import move_to_request
from service_request.services.holding import Held
from service_request.services.late_news import come_up
from service_request.services.outside import PROOFS, asked_behind, holder_of, proven
from service_request.services.refusals import AnswersChangedError, DraftSentError, NotYoursError
from service_request.services.send_form import NotReadyError, answers_digest, context_for
from service_request.services.sight.holder import find_asked_for_holder, latest_form
from service_request.services.sight.mine import get_mine

OWN_WORDS = "answer"  # the page of the draft that holds what is no question of the form


class NothingAnsweredError(DomainError):
    """Refuse to send an answer that says nothing."""

    sentence = "Answer at least one question before you send"


@dataclass(frozen=True)
class Answering:
    """What was asked of the holder of a link, and the answer as far as it is written."""

    asked_id: UUID
    request_id: UUID
    reference: str
    kind: AskedKind
    form: FormKind
    form_version: str
    words: str
    asked_at: datetime
    is_sent: bool
    is_wanted: bool  # neither answered nor given up
    may_see: bool  # that what the form said stands on the pages (GL-14)
    before: Answers  # the answers as they stand; never shown where they may not be seen
    pages: tuple[AskedPage, ...]
    typed: Answers
    draft_id: UUID | None
    files: int
    context: FormContext

    @property
    def takes_files(self) -> bool:
        """Tell whether files go with this form; a talk without names has none (GL-6)."""
        return self.form in WITH_FILES

    @property
    def shown(self) -> Answers:
        """Return the answers as the holder may see them, with what was typed since."""
        known = self.before if self.may_see else without_what_was_said(self.before, self.pages)
        return overlaid(known, self.changed)

    @property
    def changed(self) -> dict[str, dict[str, list[str]]]:
        """Return what is answered so far, by page."""
        said = {page.key: page.said(self.typed.get(page.key, {})) for page in self.pages}
        if self.form is FormKind.FULL and said.get("told", {}).get("told") == [Told.IN_PRINCIPLE]:
            del said["told"]  # a request with names is no talk without them any more (GL-6)
        return {key: page for key, page in said.items() if page}

    def own(self, name: str) -> str:
        """Return what was written beside the form's questions: "words", or "name" for who answers."""
        return next(iter(self.typed.get(OWN_WORDS, {}).get(name, [])), "").strip()

    @property
    def says_anything(self) -> bool:
        """Tell whether there is anything to send."""
        return bool(self.changed or self.own("words") or self.files)

    @property
    def problems(self) -> list[Problem]:
        """Return what is wrong in what was answered: it stops sending, as it does on a form (GL-3)."""
        after = overlaid(self.before, self.changed)
        return [
            Problem(page.key, field, sentence)
            for page in self.pages
            if page.key in self.changed
            for field, sentence in wrong_answers(
                page.placed.form_class,
                within(page.placed.form_class, step_values(after, page.placed), self.context),
                self.context,
            )
            if field in page.names
        ]

    @property
    def digest(self) -> str:
        """Return the digest of what is written: what is sent is what was shown (W12)."""
        return answers_digest({key: {n: list(v) for n, v in page.items()} for key, page in self.typed.items()})


def open_answering(session: Session, *, token: str, browser: str | None, now: datetime, house: House) -> Answering:
    """Return what was asked to the proven holder, and log that it was read.

    Raise NotProvenError, or LinkRefusedError where there is no such link, or the request is not there any more.
    """
    link = proven(session, token, browser, now=now, house=house, purpose=LinkPurpose.ANSWER)
    asked, request = asked_behind(session, link)
    answering = _answering(session, asked, request, link, _find_draft(session, asked, now), now, house)
    log_access(session, Access.VIEW, by=holder_of(link), now=now, request_id=request.id)
    return answering


def peek_page(session: Session, *, token: str, now: datetime, house: House) -> Answering:
    """Return the questions that a link asks, with nothing that was said or written: for a browser that has to prove
    itself again while it still holds what was typed (W13). Raise LinkRefusedError."""
    link = find_link(session, token, LinkPurpose.ANSWER, now=now)
    whole = _answering(session, *asked_behind(session, link), link, None, now, house)
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
        link, asked, request, draft = _lock(session, token, browser, now, house)
        if draft.sent_request_id is not None or _is_answered(asked):
            raise DraftSentError
        draft.answers = {**(draft.answers or {}), key: {name: list(values) for name, values in typed.items()}}
        draft.saved_at, draft.lapses_at = now, _until(now, house)
        keep_open(session, browser, now=now)
        return _answering(session, asked, request, link, draft, now, house)


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
        answering = _answering(session, asked, request, link, draft, now, house)
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
    draft = _find_draft(session, asked, now)
    if draft is None and _is_answered(asked):  # long ago: what was written is with the request
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


def _is_answered(asked: AskedFor) -> bool:
    """Tell whether the referrer answered; what an officer marked as answered may be answered by them all the same."""
    return asked.state is AskedState.ANSWERED and asked.ended_by_id is None


def _find_draft(session: Session, asked: AskedFor, now: datetime) -> Draft | None:
    if asked.draft_id is None:
        return None
    query = select(Draft).where(Draft.wall == Wall.OPEN, Draft.id == asked.draft_id)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _answering(
    session: Session,
    asked: AskedFor,
    request: ServiceRequest,
    link: SecretLink,
    draft: Draft | None,
    now: datetime,
    house: House,
) -> Answering:
    earlier = latest_form(session, request.id)
    kind = FormKind(earlier.kind if earlier else request.kind)
    before: Answers = (earlier.answers or {}) if earlier else {}
    typed: Answers = (draft.answers or {}) if draft else {}
    pages = pages_asked(kind, overlaid(before, typed), asked.fields)
    return Answering(
        asked_id=asked.id,
        request_id=request.id,
        reference=format_reference(request.reference),
        kind=asked.kind,
        form=kind,
        form_version=earlier.form_version if earlier else request.form_version,
        words=asked.words or "",
        asked_at=asked.asked_at,
        is_sent=_is_answered(asked) or (draft is not None and draft.sent_request_id is not None),
        is_wanted=asked.state is AskedState.OPEN,
        may_see=request.referrer.proof in PROOFS,  # to the address that is proven now, no other (GL-14)
        before=before,
        pages=tuple(pages),
        typed=typed,
        draft_id=draft.id if draft else None,
        files=draft.files if draft else 0,
        context=context_for(session, kind, house, now),
    )


@dataclass(frozen=True)
class WayIn:
    """Where whoever proved the address of a request answers what it was asked; the browser's secret for an answer."""

    token: str
    browser: str | None  # None: the written form, which begins on this device


def open_for_mailbox(session: Session, asked_id: UUID, *, held: Held, now: datetime, house: House) -> WayIn:
    """Open what was asked to the browser that proved the address of its request: no mail and no second code (GL-14).

    Raise NotYoursError for anything that is not of a request from that address.
    """
    with transaction(session):
        found = find_asked_for_holder(session, asked_id)
        if found is None:
            raise NotYoursError
        asked = found[0]
        request = get_mine(session, asked.request_id, held.address, lock=True)
        is_form = asked.kind is AskedKind.WRITTEN_FORM
        link = make_link(
            session,
            LinkPurpose.COMPLETE if is_form else LinkPurpose.ANSWER,
            about=("request", request.id) if is_form else (ABOUT, asked.id),
            address=request.referrer.email,
            now=now,
            days=1,
        )
        session.flush()
        row = find_link(session, link.token, LinkPurpose.COMPLETE if is_form else LinkPurpose.ANSWER, now=now)
        record(session, Stream("link", row.id), "opened_for_mailbox", by=held.actor, now=now, asked=asked.id)
        browser = None if is_form else open_for_holder(session, row, settings=house.settings, now=now)
        return WayIn(link.token, browser)
