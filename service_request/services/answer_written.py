"""An answer as it is written so far: what was asked, what is typed, what is still wrong in it (GL-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.house import House
from service_request.asking.steps import FormContext, within
from service_request.asking.validity import wrong_answers
from service_request.domain.consent import Told
from service_request.domain.references import format_reference
from service_request.models import AskedFor, AskedKind, AskedState, Draft, ServiceRequest
from service_request.pathways.social_care.asked_pages import AskedPage, pages_asked, without_what_was_said
from service_request.pathways.social_care.codes import WITH_FILES
from service_request.pathways.social_care.forms import FormKind, Problem, step_values
from service_request.services.adding_answers import overlaid
from service_request.services.asking import AFTER_DECISION
from service_request.services.drafts import Answers
from service_request.services.outside import PROOFS
from service_request.services.send_form import answers_digest, context_for
from service_request.services.sight.holder import latest_form

OWN_WORDS = "answer"  # the page of the draft that holds what is no question of the form


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
    def is_after_decision(self) -> bool:
        """Tell whether it was asked because of what was decided: no outcome is still to come for it."""
        return self.kind in AFTER_DECISION

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


def is_answered(asked: AskedFor) -> bool:
    """Tell whether the referrer answered; what an officer marked as answered may be answered by them all the same."""
    return asked.state is AskedState.ANSWERED and asked.ended_by_id is None


def find_draft_of(session: Session, asked: AskedFor) -> Draft | None:
    """Return the draft in which the answer is written, as it stands now; None before anything was saved."""
    if asked.draft_id is None:
        return None
    query = select(Draft).where(Draft.wall == Wall.OPEN, Draft.id == asked.draft_id)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def read_answering(
    session: Session,
    asked: AskedFor,
    request: ServiceRequest,
    draft: Draft | None,
    now: datetime,
    house: House,
) -> Answering:
    """Put together what was asked and what its draft says so far."""
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
        is_sent=is_answered(asked) or (draft is not None and draft.sent_request_id is not None),
        is_wanted=asked.state is AskedState.OPEN,
        may_see=request.referrer.proof in PROOFS,  # to the address that is proven now, no other (GL-14)
        before=before,
        pages=tuple(pages),
        typed=typed,
        draft_id=draft.id if draft else None,
        files=draft.files if draft else 0,
        context=context_for(session, kind, house, now),
    )
