"""What is known of an enquiry is put right by a person; what it said before is kept (SE-6, EV-5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from helpdesk.domain.enquiry_refusals import NothingChangedError
from helpdesk.services.acting import note
from helpdesk.services.enquiries.acting import INSIDE, act_on, check_goes_on, conversations_of, lock_enquiry
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.domain.language_names import language_name
from service_request.domain.phones import plain_number
from service_request.domain.states import RequestState
from service_request.models import Enquiry, Referrer, Safe, ServiceRequest, TaskKind
from service_request.pathways.sendiass.codes import EnquirerKind, InArea
from service_request.pathways.sendiass.reading import labels, words_of
from service_request.services.enquiries.telling_facts import PLACES, apply_facts
from service_request.services.sight.desk import ReferrerFacts
from service_request.services.tasks import need_task

CONTACT = ("phone", "email", "safe")  # of the one who asks, and no facts of the enquiry
LANGUAGE = "language"  # of an interpreter
NOT_SAID = "not said"


def change_facts(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    answers: Mapping[str, str],
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Write the answers that differ; each old one stays readable beside the new, in a note that nobody can change.

    An answer that is empty takes away what was there. Whether it is ours follows from the new ones (SE-2); whether it
    is safe to reach them is obeyed by every later message (EV-2). Raises NothingChangedError, StaleEditError.
    """
    with transaction(session):
        request, enquiry = lock_enquiry(session, request_id, by, version=version, mine=dict(answers))
        check_goes_on(request)
        before = known(request.referrer, enquiry.facts or {}, enquiry.enquirer, enquiry.language)
        changed = {name: text.strip() for name, text in answers.items() if text.strip() != before.get(name, "")}
        if not changed:
            raise NothingChangedError
        note(session, request, "facts_changed", "\n".join(_lines(before, changed)), by=by, now=now)
        _write_contact(session, request, changed)
        if LANGUAGE in changed:
            _write_language(session, enquiry, changed[LANGUAGE] or None, now)
        gone = {name for name, text in changed.items() if not text}
        enquiry.facts = {name: text for name, text in enquiry.facts.items() if name not in gone}
        is_signposted = request.state is RequestState.SIGNPOSTED
        if gone & set(PLACES) and not is_signposted and not any(enquiry.facts.get(name) for name in PLACES):
            enquiry.in_area = InArea.NOT_GIVEN
        told = {name: text for name, text in changed.items() if text and name not in (*CONTACT, LANGUAGE)}
        who = {"enquirer": changed.get("enquirer") or enquiry.enquirer.value}
        ours = enquiry.eligible, enquiry.in_area
        apply_facts(session, request, enquiry, {**who, **told}, by=by.actor, now=now, house=house)
        if is_signposted:  # a person said so, and they were told where to go
            enquiry.eligible, enquiry.in_area = ours
        if "name" in gone:
            request.referrer.name = None
        act_on(session, request, "change_facts", by=by.actor, now=now, changed=sorted(changed))


def known(
    referrer: Referrer | ReferrerFacts, facts: Mapping[str, Any], enquirer: EnquirerKind, language: str | None
) -> dict[str, str]:
    """Return the answers as they are now, those about the one who asks among them."""
    contact = {"name": referrer.name, "phone": referrer.phone, "email": referrer.email}
    answers = {name: str(value) for name, value in facts.items()}
    answers |= {name: text for name, text in contact.items() if text}
    return {**answers, "enquirer": enquirer.value, "safe": referrer.safe, LANGUAGE: language or ""}


def _write_contact(session: Session, request: ServiceRequest, changed: Mapping[str, str]) -> None:
    referrer = request.referrer
    if "phone" in changed:
        referrer.phone = changed["phone"] or None
        referrer.phone_hash = plain_number(changed["phone"]) or None
    if "email" in changed:
        referrer.email = changed["email"] or None
        referrer.email_hash = changed["email"].lower() or None
    if "safe" in changed:
        safe = Safe(changed["safe"] or Safe.UNSET)
        referrer.safe = safe.value
        for thread in conversations_of(session, request):
            thread.safe = safe


def _write_language(session: Session, enquiry: Enquiry, language: str | None, now: datetime) -> None:
    """Ask for an interpreter for this language, or for none any more; a task is there once for each."""
    enquiry.language, enquiry.needs_interpreter = language, language is not None
    if language is not None:
        need_task(
            session,
            TaskKind.INTERPRETER,
            cause=f"interpreter:{enquiry.request_id}:{language}",
            request_id=enquiry.request_id,
            now=now,
            wall=INSIDE,
        )


def _lines(before: Mapping[str, str], changed: Mapping[str, str]) -> Iterator[str]:
    names = {**labels(), LANGUAGE: "Interpreter"}
    for name, text in changed.items():
        say = language_name if name == LANGUAGE else partial(words_of, name)
        old, new = say(before.get(name, "")), say(text)
        yield f"{names.get(name, name)}: {new or NOT_SAID} (was: {old or NOT_SAID})"
