"""What went inside the wall: a call that was SENDIASS's, taken by the helpdesk and handed over (SE-5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from demonstration import acts
from demonstration.answers import page
from demonstration.clockwork import Story, World


def a_mother_against_the_councils_plan(w: World) -> Iterator[datetime]:
    """She asks for help with an appeal: the helpdesk takes the call, sees whose it is, and cannot open it again."""
    yield w.back(hours=5, minutes=20)
    request = acts.call(
        w,
        page(
            urgency="routine",
            caller="parent",
            caller_name="Siobhan Ferris",
            phone="07700 900534",
            email="siobhan.ferris@mailbox.example",
            safe="yes",
            child_name="Rory Ferris",
            birth_on=w.born(11, 5, day=8),
            postcode="WM3 4HD",
            area="teasel_vale",
            told="yes",
            narrative="Rory’s plan names a school an hour away. I have until the end of the month to appeal, and I do "
            "not understand the papers. I do not want the council to know that I am asking.",
        ),
        by="omar",
    )
    yield w.back(hours=5)
    acts.hand_over(w, request, "omar")


STORIES: list[Story] = [a_mother_against_the_councils_plan]
