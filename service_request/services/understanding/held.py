"""What a person made sense of where no machine could: a request, or a message of the one that is open (GL-16)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from infrastructure.house import House
from service_request.domain.danger import danger_words
from service_request.domain.inbound_text import InboundText
from service_request.models import Arrival, ServiceRequest, Silenced
from service_request.services.alerting import alert_danger
from service_request.services.understanding.conversations import begin_anew, lock_thread, silence
from service_request.services.understanding.outside import PublicTexts
from service_request.services.understanding.replying import write_down
from service_request.services.understanding.sides import Moment, Text


def open_by_hand(
    session: Session, arrival: Arrival, said: InboundText, *, now: datetime, house: House
) -> ServiceRequest:
    """Write what was held outside the wall into its thread, in the caller's transaction; no machine answers it."""
    side, text = PublicTexts(), Text(arrival, said)
    thread, request = lock_thread(session, arrival, now=now)
    at = Moment(session, thread, now, house)
    if request is not None and not side.takes(at, request):
        begin_anew(thread, now)
        request = None
    opened = request is None
    if request is None:
        request = side.begin(at, [text])
        begin_anew(thread, now)
        thread.request_id = request.id
        silence(thread, Silenced.PERSON_TOOK, now)
    write_down(at, request, [text], {}, opened=opened)
    if danger_words(said.body):
        side.mark_danger(at, request)
        alert_danger(session, request, now=now, house=house)
    return request
