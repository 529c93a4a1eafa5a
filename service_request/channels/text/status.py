"""What became of a text that we sent: the carrier tells, as often and in whatever order it likes (F27)."""

from __future__ import annotations

from flask import Response

from infrastructure.database import Wall, db, utc_now
from infrastructure.texting.numbers import channel_of, endpoints
from infrastructure.web.current import current_settings
from infrastructure.web.guard import guarded
from service_request.channels.text.blueprint import BY_NOTIFY, BY_TWILIO, text
from service_request.channels.text.messages import posted
from service_request.services.reports import take_report
from service_request.services.texts import find_place, in_column


@text.post("/twilio/status")
@guarded(BY_TWILIO)
def twilio_status() -> Response:
    """Take a report. Fields: MessageSid, MessageStatus, From (our number), To, ErrorCode, others; never a message."""
    said = dict(posted())
    sender = said.get("From", "")
    wall = find_place(current_settings(), channel_of(sender), sender).wall
    _take(said.get("MessageSid", ""), said.get("MessageStatus", ""), said.get("ErrorCode", ""), wall)
    return Response(status=204)


@text.post("/notify/status")
@guarded(BY_NOTIFY)
def notify_status() -> Response:
    """Take a report. JSON: id, status, reference, others; it does not say from which number, so it may be inside."""
    said = dict(posted())
    has_inside = any(one.wall is Wall.SENDIASS for one in endpoints(current_settings()))
    _take(said.get("id", ""), said.get("status", ""), "", Wall.SENDIASS if has_inside else Wall.OPEN)
    return Response(status=204)


def _take(carrier_id: str, status: str, code: str, wall: Wall) -> None:
    if not carrier_id or not status:
        return  # it tells of nothing
    take_report(
        db.session(),
        carrier_id=in_column(carrier_id),
        status=in_column(status),
        code=in_column(code) or None,
        wall=wall,
        now=utc_now(),
    )
