"""A phone of somebody in the stories: its texts are kept as the webhook keeps them, and stand at the carrier too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from demonstration.carrier.account import Account, Text
from demonstration.carrier.webhooks import params_of
from demonstration.clockwork import World
from demonstration.phone import ask_carrier
from infrastructure.database import Wall
from infrastructure.texting.numbers import endpoints
from service_request.models import Arrival
from service_request.services.keep import keep
from service_request.services.texts import text_from_twilio

INSIDE = Wall.SENDIASS
STILL = timedelta(seconds=6)  # more than the worker waits for somebody who texts on


@dataclass(frozen=True)
class Handset:
    """One phone that writes to SENDIASS, by text or by WhatsApp."""

    world: World
    number: str
    channel: str = "sms"

    def says(self, *texts: str) -> UUID:
        """Send texts one after the other and let the worker answer; return the enquiry that the last one belongs to."""
        arrival_id = None
        for body in texts:
            arrival_id = self._send(body)
            self.world.now += STILL
            self.world.work()
        session = self.world.session
        query = select(Arrival.request_id).where(Arrival.wall == INSIDE, Arrival.id == arrival_id)
        request_id = session.scalars(query).one()
        session.rollback()
        if request_id is None:
            raise RuntimeError("the text of a story became no enquiry")
        return request_id

    def answers(self, *texts: str) -> None:
        """Send texts that answer our questions and belong to no enquiry of their own."""
        for body in texts:
            self._send(body)
            self.world.now += STILL
            self.world.work()

    def _send(self, body: str) -> UUID:
        settings, now = self.world.house.settings, self.world.now
        ours = next(one for one in endpoints(settings) if one.wall is INSIDE and one.channel == self.channel)
        sender, to = self._address(self.number), self._address(ours.number)
        said = {"From": sender, "To": to, "Body": body, "At": now.isoformat()}
        sid = str(ask_carrier(settings, "/play/past", said)["sid"])
        text = Text(sid, sender, to, body, "received", now, "inbound")
        params = params_of(Account(settings.twilio_account_sid, ""), text)
        new = text_from_twilio(params, settings=settings, received_at=now)
        if new is None:
            raise RuntimeError("the text of a story was taken for a report")
        return keep(self.world.session, new, now=now).id

    def _address(self, number: str) -> str:
        return f"whatsapp:{number}" if self.channel == "whatsapp" else number
