"""Danger was said: a person is told by name and at once, on their own side of the wall (EV-10, SE-10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.database import Wall, uuid7
from infrastructure.house import House
from infrastructure.identity.models import Role, TeamKind
from infrastructure.identity.users import list_holders
from infrastructure.outbox import owe, owe_text
from infrastructure.settings import split
from infrastructure.texting.numbers import endpoints
from infrastructure.trail import SYSTEM, Stream, record
from service_request.domain.danger import danger_words
from service_request.domain.inbound_text import read_text
from service_request.domain.references import format_reference
from service_request.models import Arrival, Channel, ServiceRequest, TaskKind
from service_request.services.sight.kept import count_unread, count_unseen_danger, find_proof, last_danger_at
from service_request.services.sight.system import lock_survivor
from service_request.services.tasks import need_task

DANGER = "danger"
BURST = timedelta(minutes=15)  # several messages of one moment are one alert
ONE_BY_ONE = 10  # alerts in a quarter of an hour that nobody has seen to yet: what comes after them is told together
TOGETHER = "danger_many:"  # how the cause of a task begins that is told with others, by alerting_together
SPOKEN = (Channel.PHONE, Channel.IN_PERSON)  # somebody of ours took it down: no flood comes that way
PROVEN = ("code", "phone")  # an address that was shown to be theirs


def alert_danger(session: Session, request: ServiceRequest, *, now: datetime, house: House) -> bool:
    """Put a task first and owe the named persons a mail and a text, in the caller's transaction (SE-10).

    Once a burst, unless somebody has seen to it meanwhile, whatever the hour; in a flood of strangers together with
    others, within minutes (alerting_together). Reference and link go out, and nothing of the matter (EV-6); nothing is
    blocked or hidden by it, and no machine passes it on (EV-10, SE-10). The caller holds the request's lock. False:
    they know.
    What was said of a folded request puts the one first that it was folded into: nobody works on the other any more.
    """
    if request.folded_into_id is not None:
        lock_survivor(session, request).urgency = DANGER
    last = last_danger_at(session, request.id, wall=request.wall)
    if last is not None and now - last < BURST:
        return False
    many = _is_one_of_many(session, request, now)
    need_task(
        session,
        TaskKind.DANGER,
        cause=f"{TOGETHER if many else 'danger:'}{request.id}:{now.isoformat()}",
        request_id=request.id,
        due_at=now,
        now=now,
        wall=request.wall,
    )
    if many:
        record(session, Stream("request", request.id), "gather_danger", by=SYSTEM, now=now)
        return True
    inside = request.wall is Wall.SENDIASS
    link = house.link("desk.enquiry" if inside else "desk.request_page", request_id=request.id)
    facts = {"reference": format_reference(request.reference), "link": link}
    about = ("request", request.id)
    told = owe_alert(
        session, "danger_alert", facts, wall=request.wall, cause=uuid7(), about=about, now=now, house=house
    )
    record(session, Stream("request", request.id), "alert_danger", by=SYSTEM, now=now, told=told)
    return True


def alert_held(session: Session, arrival: Arrival, *, now: datetime, house: House, words: str | None = None) -> bool:
    """Owe the named persons the same of what waits for a person unread: nothing that is held hides danger (SE-10).

    Once for each, in the caller's transaction, which makes its task. What cannot be read for it is looked at as well;
    `words` is what it says, where the caller could read it.
    """
    may_tell = _may_tell_of_danger(arrival.raw or b"") if words is None else bool(danger_words(words))
    if not may_tell:
        return False
    if count_unread(session, wall=arrival.wall, since=now - BURST, most=ONE_BY_ONE) >= ONE_BY_ONE:
        cause = f"{TOGETHER}{arrival.id}"
        need_task(session, TaskKind.DANGER, cause=cause, due_at=now, now=now, wall=arrival.wall)
        return True
    inside = arrival.wall is Wall.SENDIASS
    link = house.link("desk.held_enquiry" if inside else "desk.held_text", arrival_id=arrival.id)
    about = ("arrival", arrival.id)
    told = owe_alert(
        session, "danger_held", {"link": link}, wall=arrival.wall, cause=arrival.id, about=about, now=now, house=house
    )
    record(session, Stream("arrival", arrival.id), "alert_danger", by=SYSTEM, now=now, told=told)
    return True


def _is_one_of_many(session: Session, request: ServiceRequest, now: datetime) -> bool:
    """Tell whether so many strangers speak of danger this way that one more alert would be lost among them.

    Whoever proved who they are, or was spoken to, is told of by name of their reference all the same.
    """
    if request.channel in SPOKEN:
        return False
    since = now - BURST
    unseen = count_unseen_danger(session, request.channel, wall=request.wall, since=since, most=ONE_BY_ONE)
    return unseen >= ONE_BY_ONE and find_proof(session, request) not in PROVEN


def _may_tell_of_danger(raw: bytes) -> bool:
    try:
        return bool(danger_words(read_text(raw).body))
    except Exception:  # what no code of ours can read is held all the same, and a person looks at it now
        return True


def owe_alert(
    session: Session,
    template: str,
    facts: dict[str, str],
    *,
    wall: Wall,
    cause: UUID,
    about: tuple[str, UUID],
    now: datetime,
    house: House,
) -> int:
    """Owe each named person of that side a mail and a text, and return how many there are."""
    mails, phones = list_alerted(session, wall, now=now, house=house)
    for address in mails:
        letter = house.write(template, **facts)
        owe(session, letter, to=address, cause=cause, about=about, now=now, wall=wall)
    number = next((one for one in endpoints(house.settings) if one.channel == "sms" and one.wall is wall), None)
    for phone in phones if number is not None else []:
        assert number is not None
        text = house.say(template, **facts)
        owe_text(
            session,
            text,
            channel="sms",
            endpoint=number.number,
            to=phone,
            cause=cause,
            about=about,
            now=now,
            wall=wall,
        )
    return len({*mails, *phones})


def list_alerted(session: Session, wall: Wall, *, now: datetime, house: House) -> tuple[list[str], list[str]]:
    """Return the mailboxes and phones of the named persons; with nobody named inside, SENDIASS's advisers."""
    settings = house.settings
    if wall is Wall.OPEN:
        return split(settings.duty_alert), split(settings.duty_alert_phones)
    mails, phones = split(settings.sendiass_alert), split(settings.sendiass_alert_phones)
    if not mails:
        advisers = list_holders(session, role=Role.MEMBER, kind=TeamKind.SENDIASS, wall=wall, now=now)
        mails = [one.email for one in advisers]
    return mails, phones
