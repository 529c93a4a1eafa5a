"""What families, young people and neighbours asked in the last year, and how it ended (GL-16, EV-2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from demonstration import acts
from demonstration.answers import Answers, page
from demonstration.clockwork import Story, World
from demonstration.stories.usual import Record, through_team, to_decision
from helpdesk.domain.closures import NotToldReason
from service_request.pathways.social_care.forms import FormKind
from service_request.pathways.social_care.rules import SetAsideReason


def family(  # what a parent types
    *,
    story: str,
    children: list[tuple[str, str]],
    postcode: str,
    name: str,
    email: str = "",
    phone: str = "",
    safe: str = "",
) -> Answers:
    """Return the short form of a family: (name, age band) for each child."""
    return {
        "safety": page(urgency="routine"),
        "concerns": page(narrative=story),
        **{f"child.{n}.brief": page(name=child, age_band=band) for n, (child, band) in enumerate(children, 1)},
        "home": page(postcode=postcode),
        "you": page(name=name, relationship="parent"),
        "reach": page(email=email, phone=phone, safe=safe),
    }


def a_family_that_asked(w: World) -> Iterator[datetime]:
    """A father asks for help: early help, agreed, done and closed."""
    yield w.day(110, "20:40")
    request = acts.send(
        w,
        family(
            story="My wife died in January and I am on my own with the three of them. I am managing but the little one "
            "wakes every night and the big one has stopped talking to me. I do not know where to start.",
            children=[("Hannah Kitto", "10_13"), ("Jory Kitto", "5_9"), ("Elowen Kitto", "1_4")],
            postcode="WM8 2LK",
            name="Simon Kitto",
            email="simon.kitto@mailbox.example",
            phone="07700 900512",
            safe="yes",
        ),
        FormKind.PUBLIC_FAMILY,
    )
    record = Record(
        ("contact-criteria",),
        "The father’s own words; a talk with him by phone.",
        "A grieving family with a father who asks early. He agrees to early help, and the children are well cared for.",
        "Your locality team will ring you to talk about bereavement support and help at bedtime.",
    )
    yield from to_decision(
        w, request, record, desk="grace", manager="shirin", hours=15, rang="Rang Simon Kitto.", agrees=True
    )
    yield from through_team(
        w,
        request,
        "agnes",
        "Bereavement group for the older two, and a family worker at bedtimes for a month.",
        days=35,
    )


def a_young_person_who_must_not_be_written_to(w: World) -> Iterator[datetime]:
    """It is not safe to reach them: nothing is sent, and the request may close."""
    yield w.day(44, "22:15")
    request = acts.send(
        w,
        {
            "safety": page(urgency="routine"),
            "concerns": page(
                narrative="my mum reads my phone so dont text me. my stepdad shouts at her most nights and i "
                "cant sleep. "
                "i just wanted to know if there is someone at school i can talk to"
            ),
            "child.1.brief": page(name="Lottie", age_band="14_15", area="teasel_vale"),
            "reach": page(email="lottie.x@mailbox.example", safe="no"),
        },
        FormKind.PUBLIC_CHILD,
    )
    record = Record(
        ("contact-signpost",),
        "What the young person wrote. Only a first name is known.",
        "Domestic abuse is possible. She asks for somebody at school. Writing to her is not safe.",
        "There is a trusted adult in every school. Ours will be told to look out for a girl who wants to talk.",
    )
    yield from to_decision(w, request, record, desk="omar", manager="helen", hours=14)


def a_neighbour_without_a_name(w: World) -> Iterator[datetime]:
    """Anonymous, with no way to be reached: nobody can be told."""
    yield w.day(83, "18:50")
    request = acts.send(
        w,
        {
            "safety": page(urgency="routine"),
            "concerns": page(
                narrative="There is a lot of shouting from number 8 late at night and two little ones at the window. "
                "I have heard it three Saturdays running."
            ),
            "child.1.brief": page(age_band="1_4"),
            "child.2.brief": page(age_band="5_9"),
            "home": page(address="8 Glebe Terrace\nSaltby", postcode="WM6 2TU"),
            "you": page(relationship="neighbour"),
        },
        FormKind.PUBLIC_WORRIED,
    )
    record = Record(
        ("contact-criteria",),
        "The neighbour’s words; health visitor and school for the address.",
        "Health visitor and school see both children and have no worry. One call about noise is known to the police.",
        "Nothing more is to be done by us now. The school and the health visitor will keep an eye out.",
    )
    yield from to_decision(w, request, record, desk="grace", manager="marcus", hours=16)
    yield w.later(w.day(83), 2, "10:10")
    acts.close(w, request, "grace")
    acts.finish_tasks(w, request, "grace")  # there is nobody to ask for the family's agreement


def a_grandfather_told_by_phone(w: World) -> Iterator[datetime]:
    """No email, and safe to ring: told by a call, which counts as sent."""
    yield w.day(38, "11:45")
    request = acts.send(
        w,
        {
            "safety": page(urgency="routine"),
            "concerns": page(
                narrative="My grandson looks after his mum who has MS. He does the shopping and gets her up. He "
                "is doing "
                "well at school but he never goes out."
            ),
            "child.1.brief": page(name="Dylan Frew", age_band="14_15"),
            "home": page(postcode="WM3 5HN"),
            "you": page(name="Alec Frew", relationship="relative"),
            "reach": page(phone="01632 960451", safe="yes"),
        },
        FormKind.PUBLIC_WORRIED,
    )
    record = Record(
        ("contact-signpost",),
        "The grandfather’s words; the young carers’ service by phone.",
        "A young carer with a family around him. The young carers’ service has a place.",
        "The young carers’ service will write to Dylan and his mother this week.",
    )
    yield from to_decision(w, request, record, desk="grace", manager="helen", hours=5)
    yield w.later(w.now, 1, "09:20")
    acts.tell_by_phone(w, request, "grace", "Rang Mr Frew and told him that we had considered what he said.")


def nobody_answers(w: World) -> Iterator[datetime]:
    """Only a number, and nobody there: after three calls it is recorded that nobody can be told."""
    yield w.day(52, "09:35")
    request = acts.send(
        w,
        {
            "safety": page(urgency="routine"),
            "concerns": page(narrative="A girl of about ten waits alone at the bus station until after eight "
            "most evenings."),
            "child.1.brief": page(age_band="10_13"),
            "home": page(address="Bus station, Saltby"),
            "you": page(relationship="stranger"),
            "reach": page(phone="07700 900544", safe="yes"),
        },
        FormKind.PUBLIC_WORRIED,
    )  # fmt: skip
    record = Record(
        ("contact-criteria",),
        "The caller’s words; the bus station’s staff; the neighbourhood police team.",
        "The police know the girl: her mother works at the station café and finishes at eight.",
        "The child is waiting for her mother, who works there. Nothing more is to be done.",
    )
    yield from to_decision(w, request, record, desk="omar", manager="helen", hours=7)
    for days in (1, 2, 3):
        yield w.later(w.day(52), days, "15:10")
        acts.ring(w, request, "omar", "Nobody answered.", reached=False)
    acts.cannot_tell(w, request, "omar", NotToldReason.NOT_REACHED)
    acts.close(w, request, "omar")
    acts.finish_tasks(w, request, "omar")


def an_advertisement(w: World) -> Iterator[datetime]:
    """Junk: set aside with a reason, and counted."""
    yield w.day(17, "03:20")
    request = acts.send(
        w,
        {
            "concerns": page(
                narrative="Rank first on every search engine. Reply for a free audit of your website today."
            )
        },
        FormKind.PUBLIC_WORRIED,
    )
    yield w.day(17, "08:45")
    acts.set_aside(w, request, "grace", SetAsideReason.JUNK)


def a_test_of_the_form(w: World) -> Iterator[datetime]:
    """A test by a new member of staff, set aside."""
    yield w.day(29, "16:30")
    request = acts.send(
        w,
        family(story="Testing 123", children=[], postcode="WM1 1AA", name="Test Test"),
        FormKind.PUBLIC_FAMILY,
    )
    yield w.day(29, "16:45")
    acts.set_aside(w, request, "omar", SetAsideReason.TEST)


STORIES: list[Story] = [
    a_family_that_asked,
    a_neighbour_without_a_name,
    nobody_answers,
    a_young_person_who_must_not_be_written_to,
    a_grandfather_told_by_phone,
    a_test_of_the_form,
    an_advertisement,
]
