"""Enquiries inside the wall as an adviser finds them: one reached, one set aside, one closed, two of one number."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from helpdesk.services.enquiries import finishing, folding, levels
from helpdesk.services.enquiries.attempts import log_attempt
from infrastructure.database import Wall, transaction
from service_request.models import Channel, Deadline, Enquiry
from service_request.pathways.sendiass.codes import Level
from service_request.pathways.sendiass.rules import NotAnEnquiry
from service_request.services.enquiries.set_aside import put_professional_aside
from service_request.services.sight.system import lock_request
from tests.enquirers import make_open_enquiry
from tests.enquiring import hear, make_texted

NUMBER = "+447700900471"
LONG = "The school has not answered for weeks, and each time I ring they say that somebody will ring me back. "


def make_enquiries_inside(m: Any) -> dict[str, UUID]:
    """Make them in the county of a scene, and return their ids by name."""
    by = {**m.by("nuala")}
    came = m.now - timedelta(days=3)
    told = {
        "age": "9", "gender": "male", "send": "yes", "plan": "yes", "place": "Saltby", "letter": "exclusion",
        "letter_on": (m.now - timedelta(days=10)).date().isoformat(),
    }  # fmt: skip
    texted = make_texted(m.session, m.house, now=came, number=NUMBER, language="pl", facts=told)
    hear(m.session, texted, "his sister has the same trouble, she is 6", now=came + timedelta(minutes=4))
    log_attempt(m.session, request_id=texted.id, channel=Channel.PHONE, reached=True, words="Rang her.", **by)
    levels.rise(
        m.session, request_id=texted.id, level=Level.TWO, reason="A meeting with the head.",
        outcome="I know now what the letter means.", **by,
    )  # fmt: skip
    with transaction(m.session):
        row = m.session.scalars(
            select(Enquiry).where(Enquiry.wall == Wall.SENDIASS, Enquiry.request_id == texted.id)
        ).one()
        row.to_split = True
        deadline = m.session.scalars(select(Deadline.id).where(Deadline.wall == Wall.SENDIASS)).first()
    earlier = make_open_enquiry(
        m.session, m.house, now=m.now - timedelta(days=30), phone="07700 900471", channel=Channel.PHONE, story=LONG * 4
    )
    again = make_open_enquiry(m.session, m.house, now=came, phone="07700 900471", channel=Channel.WEB, story=LONG)
    folded = make_open_enquiry(m.session, m.house, now=came, phone=NUMBER, channel=Channel.WEB, story=LONG)
    folding.fold(m.session, request_id=folded, into_id=texted.id, why="She texted and filled in the form.", **by)
    outside = make_open_enquiry(
        m.session, m.house, now=came, phone="07700900472", story="hello is this the right place",
        facts={"enquirer": "professional", "place": "Elsewhere"},
    )  # fmt: skip
    for days in (0, 6):  # one came today, one was read by nobody for a week
        written = make_open_enquiry(
            m.session, m.house, now=m.now - timedelta(days=days), story="I am a SENCO and want to refer a family",
            facts={"enquirer": "professional"},
        )  # fmt: skip
        with transaction(m.session):
            request = lock_request(m.session, written)
            put_professional_aside(m.session, request, now=m.now - timedelta(days=days), house=m.house)
    aside = make_open_enquiry(m.session, m.house, now=came, story="pizza for two please")
    finishing.set_aside(m.session, request_id=aside, reason=NotAnEnquiry.WRONG_NUMBER, **by)
    finished = make_texted(m.session, m.house, now=came, number="+447700900473", facts={"age": "12"}).id
    log_attempt(m.session, request_id=finished, channel=Channel.PHONE, reached=True, words="Rang him.", **by)
    finishing.finish(m.session, request_id=finished, outcome="She is back at school and I can sleep.", **by)
    assert deadline is not None
    return {
        "reached_inside": texted.id, "deadline_inside": deadline, "earlier_inside": earlier, "outside_area": outside,
        "aside_inside": aside, "finished_inside": finished, "folded_inside": folded,
        "again_inside": again,
    }  # fmt: skip
