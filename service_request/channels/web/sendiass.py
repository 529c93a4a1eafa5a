"""What anybody can read about SENDIASS: what it is, how to reach it, and what it tells whom (SE-1, SE-6, SE-7)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from infrastructure.database import utc_now
from infrastructure.house import House
from infrastructure.texting.numbers import as_dialled, endpoints
from infrastructure.web.current import current_house
from infrastructure.web.guard import guarded
from service_request.channels.web.blueprint import ANYONE_TO_SENDIASS, web
from service_request.domain.opening_hours import closed_words, hours_in_words
from service_request.models import Channel
from service_request.services.enquiries.opening import PATHWAY


@dataclass(frozen=True)
class Sendiass:
    """The service as its pages say it; `closed` is empty while somebody is there."""

    name: str
    phone: str
    hours: str
    closed: str
    text: str
    whatsapp: str


def about_sendiass(house: House) -> Sendiass:
    """Return what pages say of SENDIASS at this moment (SE-7)."""
    settings = house.settings
    ours = {one.channel: as_dialled(one.number) for one in reversed(endpoints(settings)) if one.pathway == PATHWAY}
    return Sendiass(
        name=settings.sendiass_name,
        phone=settings.sendiass_phone,
        hours=hours_in_words(settings),
        closed=closed_words(utc_now(), house.calendar, settings, emergency=False),
        text=ours.get(Channel.SMS, ""),
        whatsapp=ours.get(Channel.WHATSAPP, ""),
    )


@web.get("/sendiass")
@guarded(ANYONE_TO_SENDIASS)
def sendiass() -> ResponseReturnValue:
    """Say what SENDIASS is and every way to reach it; 999 stands first (SE-1, EV-10)."""
    return render_template("web/sendiass/start.html", sendiass=about_sendiass(current_house()))


@web.get("/sendiass/confidentiality")
@guarded(ANYONE_TO_SENDIASS)
def sendiass_confidentiality() -> ResponseReturnValue:
    """Say what SENDIASS keeps to itself, and when it may not (SE-6)."""
    return render_template("web/sendiass/confidentiality.html", sendiass=about_sendiass(current_house()))


@web.get("/sendiass/professionals")
@guarded(ANYONE_TO_SENDIASS)
def sendiass_professionals() -> ResponseReturnValue:
    """Tell a professional how the family gets in touch, with words to pass on (SE-1)."""
    house = current_house()
    return render_template(
        "web/sendiass/professionals.html", sendiass=about_sendiass(house), address=house.link("web.sendiass")
    )
