"""Every page of the product in the states it can be seen in: who opens it, and what they do there."""

from __future__ import annotations

from tests.browser.states.acting import Look
from tests.browser.states.desk import QUEUE, REQUEST, SIGNING_IN, TEAM, WHO_SEES
from tests.browser.states.inside import ENQUIRIES, INSIDE, TALKS
from tests.browser.states.outside import ANYONE, DEMONSTRATION, HOLDER, READERS

__all__ = ["LOOKS", "Look"]

LOOKS = [
    *ANYONE,
    *READERS,
    *HOLDER,
    *SIGNING_IN,
    *QUEUE,
    *REQUEST,
    *WHO_SEES,
    *TEAM,
    *INSIDE,
    *ENQUIRIES,
    *TALKS,
    *DEMONSTRATION,
]
