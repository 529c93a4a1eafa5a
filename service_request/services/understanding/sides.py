"""What the two sides of the wall do differently with a text: how a request opens, and what its answers become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.house import House
from infrastructure.outbox import Thread
from service_request.conversation.script import Script
from service_request.conversation.state import Answers, Dialogue, Manner, Turn
from service_request.domain.inbound_text import InboundText
from service_request.models import Arrival, Conversation, ServiceRequest


@dataclass(frozen=True)
class Text:
    """One text: the row that was kept, and what it says."""

    arrival: Arrival
    said: InboundText


@dataclass(frozen=True)
class Correspondence:
    """Of a mail: where an answer stands in its thread, and whether a machine may answer it at all (T8)."""

    thread: Thread
    may_be_answered: bool


@dataclass(frozen=True)
class Moment:
    """The thread and what is known as a batch of texts is understood."""

    session: Session
    thread: Conversation
    now: datetime
    house: House
    mail: Correspondence | None = None


class Side(Protocol):
    """One pathway by text."""

    @property
    def script(self) -> Script:
        """Return what is asked here."""

    def takes(self, at: Moment, request: ServiceRequest) -> bool:
        """Tell whether what is said next belongs to this request, or to a new one that is linked to it."""

    def begin(self, at: Moment, texts: Sequence[Text]) -> ServiceRequest:
        """Open a request for the first of these texts, with its clock and its event (EV-1)."""

    def knew(self, at: Moment, earlier_id: UUID, said: Answers) -> Answers:
        """Return what is known of them from the request before; `said` is what they answered in this thread."""

    def hears_first(self, at: Moment, text: Text) -> bool:
        """Tell whether a text answers something else that was asked here, and is seen to (SE-8)."""

    def manner(self, at: Moment, request: ServiceRequest) -> Manner:
        """Return how the engine speaks here."""

    def go_on(self, at: Moment, request: ServiceRequest, texts: Sequence[Text], *, is_new: bool) -> None:
        """Note that they wrote, and tell who waits for it."""

    def apply(self, at: Moment, request: ServiceRequest, turn: Turn, before: Dialogue, texts: Sequence[Text]) -> None:
        """Let the record say what was understood."""

    def left(self, at: Moment) -> None:
        """End what else would be asked here, since they want no more."""

    def mark_danger(self, at: Moment, request: ServiceRequest) -> None:
        """Put the request first."""
