"""What every service is handed: the settings, the office calendar, and how to say and link things."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from infrastructure.calendar import OfficeCalendar
from infrastructure.office import Office
from infrastructure.outbox import Letter
from infrastructure.settings import Settings


@dataclass(frozen=True)
class House:
    """The parts of the installation that a service may lean on.

    `write("acknowledgement", reference=..., link=...)` renders templates/messages/email/acknowledgement.txt;
    `say("danger_alert", reference=..., link=...)` renders a text, templates/messages/text/danger_alert.txt;
    `link("outcome.page", token=...)` builds an absolute address from PUBLIC_URL, never from a request.
    """

    settings: Settings
    office: Office
    write: Callable[..., Letter]
    link: Callable[..., str]
    say: Callable[..., Letter]

    @property
    def calendar(self) -> OfficeCalendar:
        """Return the office calendar that holds now: ask anew for each act, it may change while the process runs."""
        return self.office.calendar()
