"""The page of a message that the outgoing guard held back: what was caught, and the two ways on (EV-6)."""

from __future__ import annotations

import re
from uuid import UUID

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from helpdesk.services import held_back as service
from helpdesk.web.blueprint import READS_HELD, blueprint, me, page_of
from helpdesk.web.forms import CancelForm, ReleaseForm
from helpdesk.web.saving import STALE_PAGE
from helpdesk.web.tasks import MAILS
from infrastructure.database import db, utc_now
from infrastructure.trail import Access, log_access
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.domain.bare_words import squeezed, words_in
from service_request.domain.errors import DomainError
from service_request.domain.unspeakable import Telling, Where
from service_request.services.refusals import NotYoursError
from service_request.services.sight.held import HeldFacts, get_held

WHERE: dict[str, str] = {
    Where.SUBJECT: "in the subject",
    Where.TEXT: "in the text",
    Where.LINK: "in a link",
    Where.FILE_NAME: "in the name of a file",
}
TELLS: dict[str, str] = {
    Telling.NAME: "A name",
    Telling.BIRTH: "A birth date, or the date a child is expected",
    Telling.NUMBER: "A number that only one person has",
    Telling.ADDRESS: "An address",
    Telling.CONTACT: "A phone number or an email address",
    Telling.PLACE: "A school, a surgery or an agency",
    Telling.STORY: "A word of what we were told",
}
BY_CHANNEL = {"email": "an email", "sms": "a text", "whatsapp": "a WhatsApp message"}
_CHUNKS = re.compile(r"(\s+)")


@blueprint.route("/held-back/<uuid:message_id>", methods=["GET", "POST"])
@guarded(READS_HELD, keeps_words=True)
def held_back(message_id: UUID) -> ResponseReturnValue:
    """Show what was caught in a message; send it as it is, or cancel it, with a reason."""
    which = request.form.get("act", "")
    release = ReleaseForm(request.form if which == "release" else None, meta=GOVUK, prefix="release-")
    cancel = CancelForm(request.form if which == "cancel" else None, meta=GOVUK, prefix="cancel-")
    session, user, now = db.session(), me(), utc_now()
    get_held(session, message_id, user)
    problem, status = "", 200
    if request.method == "POST":
        try:
            if not csrf_holds():
                problem, status = STALE_PAGE, 400
            elif which == "release" and release.validate():
                found = service.release(
                    session, message_id=message_id, reason=release.reason.data or "", by=user, now=now
                )
                return redirect(page_of(found, done="released"))
            elif which == "cancel" and cancel.validate():
                found = service.cancel(
                    session, message_id=message_id, reason=cancel.reason.data or "", by=user, now=now
                )
                return redirect(page_of(found, done="cancelled"))
        except NotYoursError:
            raise
        except DomainError as refusal:
            problem, status = refusal.sentence, 409
    facts = get_held(session, message_id, user)
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=facts.request_id, wall=user.wall)
    page = render_template(
        "helpdesk/held_back.html",
        held=facts,
        back=page_of(facts.request_id),
        mail=MAILS.get(facts.template) or BY_CHANNEL[facts.channel],
        caught=caught_words(facts),
        subject=marked(facts.subject, facts),
        text=marked(facts.text, facts),
        release=release,
        cancel=cancel,
        problem=problem,
    )
    return page, status


def caught_words(held: HeldFacts) -> list[tuple[str, str, str]]:
    """Return what was caught, each as (what it tells, the words, where)."""
    return [
        (TELLS[telling], as_written(words, f"{held.subject} {held.text}"), WHERE[where])
        for where, telling, words in held.caught
        if telling in TELLS
    ]


def as_written(words: str, text: str) -> str:
    """Return a word as the message has it, where it stands there by itself."""
    for piece in text.split():
        if words in words_in(piece):
            return piece.strip("\"'.,;:!?()[]")
    return words


def marked(text: str, held: HeldFacts) -> list[tuple[str, bool]]:
    """Cut a text into pieces, each with whether something in it was caught; the pieces joined are the text."""
    return mark_terms(text, {words for _, _, words in held.caught})


def mark_terms(text: str, terms: set[str]) -> list[tuple[str, bool]]:
    """Cut a text into pieces, each with whether it says one of these terms."""
    return [(piece, is_caught(piece, terms)) for piece in _CHUNKS.split(text) if piece]


def is_caught(piece: str, terms: set[str]) -> bool:
    """Tell whether a piece of a text says something that was caught."""
    return bool(words_in(piece).keys() & terms) or any(len(one) > 4 and one in squeezed(piece) for one in terms)
