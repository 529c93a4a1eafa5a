"""Who is not for this service is told where to go, and never turned away (SE-1, SE-2)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from helpdesk.domain.decision import said
from helpdesk.services.enquiries.acting import lock_enquiry, move
from helpdesk.services.enquiries.attempts import note_reached
from helpdesk.services.enquiries.finishing import put_aside
from helpdesk.services.enquiries.replying import send_words
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.domain.typed import REASON_MAX
from service_request.models import Channel
from service_request.pathways.sendiass.codes import Eligible, InArea
from service_request.pathways.sendiass.rules import EnquiryAct, NotAnEnquiry


class Signpost(StrEnum):
    """Why it is another service's."""

    OUT_OF_AREA = "out_of_area"
    NOT_ELIGIBLE = "not_eligible"


SIGNPOST_LABELS: dict[Signpost, str] = {
    Signpost.OUT_OF_AREA: "They live in another authority’s area",
    Signpost.NOT_ELIGIBLE: "They are not among those whom SENDIASS helps",
}


class Told(StrEnum):
    """How they hear of it."""

    SEND = "send"  # these words go to them by their own channel, now
    SPOKEN = "spoken"  # a person of ours spoke with them


def signpost(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    reason: Signpost,
    where: str,
    told: Told,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Tell somebody where they can go, and keep why it is not ours (SE-2).

    Words that are sent do not end the five days: only to speak with them does, or to close it with a reason (SE-3).
    What they write next still belongs to it. Raises CannotWriteError where nothing can be sent.
    """
    words = said(where, sentence="Enter where they can go", most=REASON_MAX)
    with transaction(session):
        request, enquiry = lock_enquiry(session, request_id, by, version=version, mine={"where": words})
        if told is Told.SPOKEN:
            note_reached(session, request, enquiry, channel=Channel.PHONE, words=words, by=by, now=now, house=house)
        else:
            send_words(session, request, enquiry, words=words, by=by, now=now, house=house)
        if reason is Signpost.OUT_OF_AREA:
            enquiry.in_area = InArea.NO
        else:
            enquiry.eligible = Eligible.NO
        move(session, request, EnquiryAct.SIGNPOST, by=by.actor, now=now, why=reason, told=told)


def tell_professional(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    words: str,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Send a professional the words to pass on to the family, and set what they wrote aside (SE-1).

    It is kept, and not counted as an enquiry: SENDIASS hears the family itself.
    """
    text = said(words, sentence="Enter the words to pass on", most=REASON_MAX)
    with transaction(session):
        request, enquiry = lock_enquiry(session, request_id, by, version=version, mine={"words": text})
        send_words(session, request, enquiry, words=text, by=by, now=now, house=house)
        put_aside(session, request, enquiry, NotAnEnquiry.PROFESSIONAL, by=by, now=now)
