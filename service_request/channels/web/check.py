"""Check answers, the words that may name someone, sending, and the receipt (GL-3, GL-6, W11 to W13)."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from infrastructure.database import db, utc_now
from infrastructure.web.current import current_house
from infrastructure.web.guard import csrf_holds, guarded
from service_request.channels.web.blueprint import DRAFT_HOLDER, web
from service_request.channels.web.checking import check_page, stopped_by
from service_request.channels.web.device import this_device
from service_request.channels.web.here import Here, open_here
from service_request.channels.web.marking import mark_words
from service_request.channels.web.way_on import email_given, email_is_proven, says_danger
from service_request.domain.references import format_reference
from service_request.pathways.social_care.forms import names_found, numbers_of, typed_one
from service_request.services.refusals import AnswersChangedError, NamesFoundError, SentDifferentlyError
from service_request.services.send_form import NotReadyError, answers_digest, find_receipt, send_form

AS_IT_IS = "as_it_is"


@web.get("/request/<uuid:draft_id>/check")
@guarded(DRAFT_HOLDER)
def check(draft_id: UUID) -> ResponseReturnValue:
    """Show every answer before it is sent, the missing ones first (GL-3)."""
    here = open_here(draft_id)
    if here.draft.amends_id is not None:
        return redirect(here.url("changes"))
    if here.is_sent:
        return redirect(here.url("sent"))
    return check_page(here)


@web.get("/request/<uuid:draft_id>/marked-words")
@guarded(DRAFT_HOLDER)
def marked_words(draft_id: UUID) -> ResponseReturnValue:
    """Show back what may say who a discussion without names is about (GL-6)."""
    here = open_here(draft_id)
    if here.is_sent:
        return redirect(here.url("sent"))
    return _marked(here)


@web.post("/request/<uuid:draft_id>/send")
@guarded(DRAFT_HOLDER, keeps_words=True)
def send(draft_id: UUID) -> ResponseReturnValue:
    """Send the draft, once: the same press again, or a page gone back to, ends at the same receipt (W11, EV-3)."""
    if not csrf_holds():
        here = open_here(draft_id)
        return _marked(here, has_lapsed=True) if AS_IT_IS in request.form else check_page(here, has_lapsed=True)
    try:
        send_form(
            db.session(),
            draft_id=draft_id,
            device=this_device(),
            digest=request.form.get("digest", ""),
            as_it_is=AS_IT_IS in request.form,
            now=utc_now(),
            house=current_house(),
        )
    except NotReadyError as refused:
        return check_page(open_here(draft_id), problems=refused.problems)
    except NamesFoundError:
        return redirect(url_for("web.marked_words", draft_id=draft_id))
    except AnswersChangedError as refused:
        return check_page(open_here(draft_id), notice=refused.sentence)
    except SentDifferentlyError as refused:
        return open_here(draft_id).show("sent_differently", reference=format_reference(refused.reference)), 409
    return redirect(url_for("web.sent", draft_id=draft_id))


@web.get("/request/<uuid:draft_id>/sent")
@guarded(DRAFT_HOLDER)
def sent(draft_id: UUID) -> ResponseReturnValue:
    """Show the receipt: the reference, and what happens next by when (EV-2)."""
    here = open_here(draft_id)
    receipt = find_receipt(db.session(), here.draft)
    if here.draft.amends_id is not None:
        return redirect(here.url("changes"))
    if receipt is None:
        return redirect(here.url("check"))
    return here.show(
        "sent",
        receipt=receipt,
        reference=format_reference(receipt.reference),
        now=here.now,
        how_many=len(numbers_of(here.answers, "child")) or 1,
        email=_address_written_to(here),
        can_reach=_can_reach(here),
        is_danger=says_danger(here.answers, *here.answers),
        is_proven=email_is_proven(here),
    )


def _address_written_to(here: Here) -> str:
    """Return where the acknowledgement goes, or nothing where it is not safe to write (EV-2)."""
    if here.is_public:
        is_safe = typed_one(here.answers, "reach", "safe") != "no"
        return typed_one(here.answers, "reach", "email") if is_safe else ""
    return email_given(here) or here.draft.proven_email or ""


def _can_reach(here: Here) -> bool:
    """Tell whether there is a safe way to tell them anything; a member of the public may leave none (EV-2, GL-16)."""
    is_safe = typed_one(here.answers, "reach", "safe") != "no"
    return not here.is_public or bool(
        is_safe and (_address_written_to(here) or typed_one(here.answers, "reach", "phone"))
    )


def _marked(here: Here, *, has_lapsed: bool = False) -> ResponseReturnValue:
    texts = mark_words(names_found(here.kind, here.answers))
    if not texts or stopped_by(here):
        return redirect(here.url("check"))
    return here.show(
        "marked_words",
        texts=texts,
        count=sum(len(text.marks) for text in texts),
        digest=answers_digest(here.draft.answers),
        has_lapsed=has_lapsed,
    )
