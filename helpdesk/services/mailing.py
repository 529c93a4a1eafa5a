"""An officer writes by mail from a request: plain, or behind a link, to who takes part in it (EV-2, EV-6, T7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from helpdesk.domain.decision import said
from helpdesk.domain.mailing import (
    Addressee,
    MailWay,
    NoMailNowError,
    NotInTheMatterError,
    SaysTooMuchError,
    WayClosedError,
    ways_for,
)
from helpdesk.domain.placeholders import check_filled
from helpdesk.services.acting import lock_for
from infrastructure.database import Wall, transaction, uuid7
from infrastructure.house import House
from infrastructure.identity.links import make_link
from infrastructure.identity.models import LinkPurpose
from infrastructure.identity.users import User
from infrastructure.outbox import Letter, owe
from infrastructure.trail import Stream, record
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.models import Direction, Message, ReferrerKind, Safe, ServiceRequest
from service_request.services.guarding import read_letter
from service_request.services.recording import find_agency
from service_request.services.refusals import NotYoursError
from service_request.services.sight.mail_threads import (
    BEHIND_LINK,
    PLAIN,
    Wrote,
    find_thread,
    last_written_at,
    list_wrote,
)
from service_request.services.sight.visible import get_request

LONGEST = 5000
OVER = (RequestState.SET_ASIDE, RequestState.FOLDED)
AT_WORK = (ReferrerKind.PROFESSIONAL, ReferrerKind.STAFF)
KINDS = {MailWay.MAIL: PLAIN, MailWay.LINK: BEHIND_LINK}


def read_addressees(session: Session, request_id: UUID, user: User) -> list[Addressee]:
    """Return to whom this user may write of a request, the referrer first; raise NotYoursError."""
    return list_addressees(session, get_request(session, request_id, user))


def list_addressees(session: Session, request: ServiceRequest) -> list[Addressee]:
    """Return who takes part in a request by mail: who asked, and whoever wrote in it (T7)."""
    referrer = request.referrer
    wrote = {one.address: one for one in list_wrote(session, request.id, wall=request.wall)}
    asked = (referrer.email or "").strip().lower()
    found = []
    for address in dict.fromkeys([*([asked] if asked else []), *wrote]):
        is_referrer = address == asked
        last = wrote.get(address)
        at_work = referrer.kind in AT_WORK if is_referrer else find_agency(session, address) is not None
        safe = referrer.safe if is_referrer else Safe.UNSET
        waits = last is not None and _waits(session, request, last)
        ways, refused = ways_for(at_work=at_work, safe=safe, waits_for_us=waits)
        name = (referrer.name if is_referrer else "") or (last.name if last is not None else "")
        found.append(Addressee(address, name, is_referrer, ways, refused))
    return found


def write(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    to: str,
    words: str,
    way: MailWay,
    by: User,
    now: datetime,
    house: House,
) -> Message:
    """Owe a mail that an officer wrote, in the thread of what it answers; nothing is owed that would be held back.

    Raises NotInTheMatterError, WayClosedError, SaysTooMuchError with what was caught, StaleEditError with the words.
    """
    text = said(words, sentence="Enter what you want to tell them", most=LONGEST)
    check_filled(text)
    with transaction(session):
        request = lock_for(session, request_id, by, version=version, mine={"words": text})
        if request.wall is not Wall.OPEN:  # SENDIASS writes by its own way, and a link outside opens nothing inside
            raise NotYoursError
        if request.state in OVER:
            raise NoMailNowError
        who = next((one for one in list_addressees(session, request) if one.address == to.strip().lower()), None)
        if who is None:
            raise NotInTheMatterError
        if way not in who.ways:
            raise WayClosedError(who.refused)
        row = _owe(session, request, who.address, text, way, by=by, now=now, house=house)
        flag_modified(request, "state")  # a second press of the same page is a second mail, and is refused (EV-3)
        record(session, Stream("request", request.id), "write_mail", by=by.actor, now=now, message=row.id, way=way)
        return row


def _owe(
    session: Session,
    request: ServiceRequest,
    to: str,
    text: str,
    way: MailWay,
    *,
    by: User,
    now: datetime,
    house: House,
) -> Message:
    row = Message(
        wall=request.wall,
        id=uuid7(),
        request_id=request.id,
        direction=Direction.OUT,
        kind=KINDS[way],
        at=now,
        by_kind=by.actor.kind,
        by_id=by.id,
        body=text,
    )
    about = ("request", request.id)
    letter = _letter(session, request, to, text, way, now, house)
    if caught := read_letter(session, letter, to=to, about=about, wall=request.wall, settings=house.settings):
        raise SaysTooMuchError(caught)
    owed = owe(
        session,
        letter,
        to=to,
        cause=row.id,
        about=about,
        now=now,
        wall=request.wall,
        automatic=way is not MailWay.MAIL,
        thread=find_thread(session, request.id, to, wall=request.wall),
    )
    session.flush()
    row.outbox_id = owed.id
    session.add(row)
    return row


def _letter(
    session: Session, request: ServiceRequest, to: str, text: str, way: MailWay, now: datetime, house: House
) -> Letter:
    reference = format_reference(request.reference)
    if way is MailWay.MAIL:
        return house.write("officer_reply", reference=reference, words=text)
    days = house.settings.link_days
    link = make_link(
        session, LinkPurpose.MESSAGE, about=("request", request.id), address=to, now=now, days=days, wall=request.wall
    )
    address = house.link("web.message", token=link.token)
    return house.write("message_link", reference=reference, link=address, days=str(days))


def _waits(session: Session, request: ServiceRequest, last: Wrote) -> bool:
    """Tell whether somebody wrote, and no officer has answered since."""
    answered_at = last_written_at(session, request.id, last.address, wall=request.wall)
    return answered_at is None or last.at > answered_at
