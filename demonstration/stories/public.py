"""What families, young people and others asked today (GL-16, EV-10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from demonstration import acts
from demonstration.answers import page
from demonstration.clockwork import Story, World
from demonstration.stories.past_public import family
from service_request.pathways.social_care.forms import FormKind
from service_request.pathways.social_care.rules import SetAsideReason


def in_danger_now(w: World) -> Iterator[datetime]:
    """A young person in danger: the row that stands above all others."""
    yield w.back(minutes=38)
    acts.send(
        w,
        {
            "safety": page(urgency="danger"),
            "concerns": page(
                narrative="my dads been drinking and hes broken the kitchen door. me and my brother are in the "
                "bathroom. "
                "i rang 999 they said stay here"
            ),
            "child.1.brief": page(age_band="10_13", area="saltby"),
            "reach": page(phone="07700 900461", safe="yes"),
        },
        FormKind.PUBLIC_CHILD,
    )


def a_grandmother_who_worries(w: World) -> Iterator[datetime]:
    """Two sisters, by name, from their grandmother."""
    yield w.back(hours=14, minutes=10)
    acts.send(
        w,
        {
            "safety": page(urgency="routine"),
            "concerns": page(
                narrative="My daughter has been drinking again since the summer. The girls ring me at night. "
                "Chloe puts "
                "Mia to bed and gets them both up for school. I live two hours away."
            ),
            "child.1.brief": page(name="Chloe Brandt", birth_on=w.born(11, 2, day=19)),
            "child.2.brief": page(name="Mia Brandt", birth_on=w.born(8, 6, day=4)),
            "home": page(address="31 Moor Road\nAldermoor", postcode="WM9 1BE"),
            "you": page(name="Ingrid Brandt", relationship="relative"),
            "reach": page(email="ingrid.brandt@mailbox.example", phone="01632 960488", safe="yes"),
        },
        FormKind.PUBLIC_WORRIED,
    )


def a_girl_who_cares_for_her_mother(w: World) -> Iterator[datetime]:
    """A young carer asks for herself: claimed."""
    yield w.back(hours=1, minutes=50)
    request = acts.send(
        w,
        {
            "safety": page(urgency="routine"),
            "concerns": page(
                narrative="I look after my mum because her hands do not work properly any more. I have been late every "
                "day this week. She said to ask if there is any help so that I can do my homework."
            ),
            "child.1.brief": page(name="Maisie Dunn", age_band="10_13", area="saltby"),
            "reach": page(email="maisie.dunn@mailbox.example", safe="yes"),
        },
        FormKind.PUBLIC_CHILD,
    )
    yield w.back(hours=1, minutes=5)
    acts.claim(w, request, "omar")


def a_mother_at_the_end_of_the_month(w: World) -> Iterator[datetime]:
    """A mother asks for help; claimed, rung, passed on."""
    yield w.back(hours=11, minutes=20)
    request = acts.send(
        w,
        family(
            story="I have no money until Thursday and the meter is on its last pound. I have a new baby and a boy "
            "of five. "
            "I am not asking for much, just somebody to tell me what I can do.",
            children=[("Alfie Sowden", "5_9"), ("Baby Sowden", "under_1")],
            postcode="WM2 9RT",
            name="Kelly Sowden",
            email="kelly.sowden@mailbox.example",
            phone="07700 900533",
            safe="yes",
        ),
        FormKind.PUBLIC_FAMILY,
    )
    yield w.back(hours=4, minutes=20)
    acts.claim(w, request, "omar")
    acts.ring(w, request, "omar", "Rang Kelly Sowden. A voucher for the meter was sent to her phone while we talked.")
    yield w.back(hours=3, minutes=40)
    acts.pass_on(w, request, "omar")


def meant_for_the_library(w: World) -> Iterator[datetime]:
    """Set aside by mistake and brought back: the clock goes on as if nothing had been."""
    yield w.back(hours=8, minutes=15)
    request = acts.send(
        w,
        family(
            story="Who do I ask about a place for my daughter at the holiday club at the library? She is seven and I "
            "start work in January.",
            children=[("Ruby", "5_9")],
            postcode="WM4 1JD",
            name="Claire",
            email="claire.p@mailbox.example",
            safe="yes",
        ),
        FormKind.PUBLIC_FAMILY,
    )
    yield w.back(hours=7, minutes=30)
    acts.set_aside(w, request, "omar", SetAsideReason.WRONG_NUMBER)
    yield w.back(hours=6, minutes=50)
    acts.restore(w, request, "grace")


STORIES: list[Story] = [
    a_grandmother_who_worries,
    a_mother_at_the_end_of_the_month,
    meant_for_the_library,
    a_girl_who_cares_for_her_mother,
    in_danger_now,
]
