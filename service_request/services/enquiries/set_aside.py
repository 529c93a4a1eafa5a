"""What a professional wrote is set aside by itself, and read by a person all the same, within two days (SE-1, EV-1)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from infrastructure.house import House
from infrastructure.trail import SYSTEM, Stream, record
from service_request.models import ClockEnd, ServiceRequest, TaskKind
from service_request.pathways.sendiass.rules import LIFECYCLE, EnquiryAct, NotAnEnquiry
from service_request.services.clocks import end_all_clocks
from service_request.services.sight.system import list_folded_into
from service_request.services.tasks import need_task

READ_WITHIN_DAYS = 2  # working days; then it stands first among what is to be looked into


def put_professional_aside(session: Session, request: ServiceRequest, *, now: datetime, house: House) -> bool:
    """Set a locked enquiry aside inside the caller's transaction; False where its state knows no such way.

    What holds another one that was folded into it is a person's to look at: that one would go with it unseen (EV-1).

    A person can restore it: its clock then goes on with the due time that it had (EV-7).
    """
    was = request.state
    if (was, EnquiryAct.SET_ASIDE) not in LIFECYCLE.table or list_folded_into(session, request):
        return False
    request.state = LIFECYCLE.next_state(was, EnquiryAct.SET_ASIDE)
    request.before_set_aside, request.set_aside_reason = was, NotAnEnquiry.PROFESSIONAL
    end_all_clocks(session, request, ClockEnd.WITHDRAWN, now)
    record(
        session,
        Stream("request", request.id),
        EnquiryAct.SET_ASIDE,
        by=SYSTEM,
        now=now,
        moved=(was, request.state),
        reason=NotAnEnquiry.PROFESSIONAL,
    )
    calendar = house.calendar
    last = calendar.add_working_days(calendar.local_day(now), READ_WITHIN_DAYS)
    need_task(
        session,
        TaskKind.PROFESSIONAL,
        cause=f"{TaskKind.PROFESSIONAL}:{request.id}",
        request_id=request.id,
        about_id=request.id,
        due_at=calendar.end_of_working_day(last),
        now=now,
        wall=request.wall,
    )
    return True
