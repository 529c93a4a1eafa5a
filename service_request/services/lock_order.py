"""In which order rows are locked: a request first, then its thread, then its messages. No two wait for each other."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy.orm import Session

from infrastructure.outbox import OutboxMessage
from service_request.models import Channel
from service_request.services.refusals import NotYoursError
from service_request.services.sight.addressed import find_thread
from service_request.services.sight.outgoing import find_matter
from service_request.services.sight.system import lock_request

BY_TEXT = (Channel.SMS, Channel.WHATSAPP)  # from here a carrier may tell that somebody left, which ends their thread


def lock_matter(session: Session, row: OutboxMessage) -> None:
    """Lock what a message is about before the message itself: the request, and the one that its thread goes on with.

    Whoever acts on a request locks it first and its messages after it. Two requests are locked in the order in which
    they came.
    """
    about = find_matter(session, kind=row.about_kind, about_id=row.about_id)
    thread = find_thread(session, row) if row.channel in BY_TEXT else None
    for request_id in sorted(filter(None, {about, thread.request_id if thread is not None else None})):
        with suppress(NotYoursError):  # it is not there: the guard says so, and holds the message
            lock_request(session, request_id)
