"""Change what was sent, in the form's own questions: the new answers stand beside the old ones, which stay (GL-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.database import transaction
from infrastructure.database.transaction import failpoint
from infrastructure.house import House
from service_request.domain.errors import DomainError
from service_request.models import Draft, FormResponse, ReasonKind, ServiceRequest
from service_request.pathways.social_care import forms
from service_request.pathways.social_care.codes import WITH_FILES
from service_request.pathways.social_care.forms import Answers, FormKind
from service_request.services.adding_answers import add_answers, overlaid
from service_request.services.drafts import begin, find_amending, get_draft
from service_request.services.files.adding import move_to_request
from service_request.services.holding import Held
from service_request.services.late_news import come_up
from service_request.services.outside import PROOFS
from service_request.services.refusals import AnswersChangedError, DraftNotFoundError
from service_request.services.send_form import REFERRER, NotReadyError, answers_digest, context_for
from service_request.services.sight.holder import get_for_holder
from service_request.services.sight.mine import find_answers, get_mine, latest_of_mine
from service_request.services.withdrawing import Why, say_why, tell

AMENDABLE = (FormKind.FULL, FormKind.IN_PRINCIPLE)


class UnprovenError(DomainError):
    """Refuse to show a form again to an address that nothing proved when it was sent (GL-14)."""

    sentence = (
        "Your work address was not proven before you sent this request, so we do not show what it said. "
        "Ring the helpdesk and say your reference: an officer can confirm who you are."
    )


class NoFormError(DomainError):
    """Refuse to change what was not sent by our form."""

    sentence = "This request did not come by our form. Ring the helpdesk and say what has changed."


class NothingChangedError(DomainError):
    """Refuse to send changes where nothing is another than before."""

    sentence = "You have not changed anything yet"


@dataclass(frozen=True)
class Begun:
    """A draft that holds what was sent, to be changed."""

    id: UUID
    device: str


def may_amend(request: ServiceRequest) -> bool:
    """Tell whether the sender may change what they sent: its form may go back to them (GL-14)."""
    return request.kind in AMENDABLE and request.referrer.proof in PROOFS


def begin_amending(
    session: Session, *, request_id: UUID, held: Held, device: str | None, now: datetime, house: House
) -> Begun:
    """Begin a draft with the answers that stand last, or go on with the one that this device has begun."""
    with transaction(session):
        request = get_mine(session, request_id, held.address)
        response = latest_of_mine(session, request)
        if request.kind not in AMENDABLE or response is None:
            raise NoFormError
        if not may_amend(request):
            raise UnprovenError
        earlier = find_amending(session, response.id, device, now=now)
        if earlier is not None and device:
            return Begun(earlier, device)
        begun = begin(
            session,
            kind=FormKind(response.kind),
            device=device,
            completes=None,
            answers=response.answers or {},
            amends=(response.id, held.address),
            now=now,
            house=house,
        )
        return Begun(begun.id, begun.device)


def changes_in(before: Answers, after: Answers) -> dict[str, dict[str, list[str]]]:
    """Return only what is another than before, page by page; what was emptied or taken out has no values."""
    nothing: dict[str, list[str]] = {}
    changed: dict[str, dict[str, list[str]]] = {}
    for key in sorted({*before, *after}):
        old, new = before.get(key, nothing), after.get(key, nothing)
        page = {
            name: list(new.get(name, ()))
            for name in sorted({*old, *new})
            if _told(old.get(name, ())) != _told(new.get(name, ()))
        }
        if page:
            changed[key] = page
    return changed


def _told(values: object) -> list[str]:
    """Return what was said; a blank says as little as nothing."""
    return [value for value in values if value.strip()] if isinstance(values, (list, tuple)) else []


@dataclass(frozen=True)
class Amending:
    """What was sent, what is to stand instead, and the request that it belongs to."""

    request: ServiceRequest
    before: Answers
    after: Answers

    @property
    def changed(self) -> dict[str, dict[str, list[str]]]:
        """Return only what differs."""
        return changes_in(self.before, self.after)


def look_at_changes(session: Session, draft_id: UUID, *, device: str | None, now: datetime) -> Amending:
    """Return what the holder of this draft has changed so far; raise DraftNotFoundError for any other draft."""
    draft = get_draft(session, draft_id, device, now=now)
    return _amending(session, draft, lock=False)


def _amending(session: Session, draft: Draft, *, lock: bool) -> Amending:
    sent: FormResponse | None = find_answers(session, draft.amends_id)
    if sent is None:
        raise DraftNotFoundError
    request = get_for_holder(session, sent.request_id, lock=lock)
    if (draft.proven_email or "").lower() != (request.referrer.email or "").lower():
        raise DraftNotFoundError  # the address was corrected since: who had the other one changes nothing (GL-14)
    return Amending(request, sent.answers or {}, forms.of_kind(FormKind(draft.kind), draft.answers or {}))


def send_changes(
    session: Session,
    draft_id: UUID,
    *,
    device: str | None,
    digest: str,
    why: Why,
    now: datetime,
    house: House,
) -> UUID:
    """Add what was changed to the request, once, whoever presses how often; return the request (EV-3).

    What the desk or another sender changed meanwhile stays: only what differs from what this draft began with is
    laid over the answers that stand last. The desk is told by a task; nothing is ever too late to be taken (EV-1).
    """
    with transaction(session):
        draft = get_draft(session, draft_id, device, now=now, lock=True)
        if draft.sent_request_id is not None:
            return draft.sent_request_id
        amending = _amending(session, draft, lock=True)
        request, kind = amending.request, FormKind(draft.kind)
        if digest != answers_digest(draft.answers or {}):
            raise AnswersChangedError
        why = say_why(session, ReasonKind.AMEND, why)
        if not amending.changed and not draft.files:
            raise NothingChangedError
        whole = overlaid(amending.before, amending.changed)
        if problems := forms.problems(kind, whole, context_for(session, kind, house, now)):
            raise NotReadyError(problems)
        kept = add_answers(
            session,
            request,
            amending.changed,
            why="amend",
            reason=why.reason,
            words=why.said,
            by=REFERRER,
            now=now,
            house=house,
        )
        if kind in WITH_FILES:
            move_to_request(session, draft, request, by=REFERRER, now=now)
        come_up(session, request, cause=f"amended:{draft.id}", about_id=kept.id, by=REFERRER, now=now)
        tell(session, request, "changes_received", cause=draft.id, now=now, house=house)
        draft.sent_request_id, draft.sent_digest = request.id, bytes.fromhex(digest)
        failpoint("before_send_commit")
        return request.id
