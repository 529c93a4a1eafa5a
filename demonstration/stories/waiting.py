"""What professionals asked since yesterday and nobody has decided yet: the queue as an officer finds it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from demonstration import acts
from demonstration.answers import Adult, Child, Full, Home, Told, in_principle
from demonstration.clockwork import Story, World
from demonstration.stories.cast import ADEYEMI, FENWICK, IVES, LINDQVIST, QUILL, RAHMAN, STOKES, WREN
from service_request.pathways.social_care.forms import FormKind


def a_baby_not_born_yet(w: World) -> Iterator[datetime]:
    """Not told, for risk; passed to Saltby; its manager was warned."""
    yield w.back(hours=22, minutes=40)
    request = acts.send(
        w,
        Full(
            by=ADEYEMI,
            told=Told("risk", reason="Her partner has said that he will take her abroad if anybody asks questions."),
            children=[
                Child(
                    "Baby Whitcombe", expected=w.due_in(8), gp="Quayside Practice", booked_at="Saltby Hospital",
                    young_mother="no",
                )
            ],
            home=Home("11 Net Loft\nSaltby", "WM5 2GW"),
            adults=[Adult("Elin Whitcombe", phone="07700 900489", safe="no"), Adult("Marek Hulme", "father")],
            worries=["domestic_abuse", "unborn"],
            urgency="urgent",
            narrative="Elin came alone for the first time and said that her partner keeps her passport and her bank "
            "card. She has not been hit. She is 32 weeks.",
            tried="A safe word for when she rings the ward.",
            change="A plan that she can hold in her head and not on paper.",
            risks="yes",
            risks_detail="Ring the ward, never her own phone. He reads it.",
        ),
    )  # fmt: skip
    yield w.back(hours=22)
    acts.claim(w, request, "grace")
    acts.ring(w, request, "grace", "Bisi Adeyemi sees her again tomorrow, alone.")
    acts.pass_on(w, request, "grace")


def a_boy_who_goes_missing(w: World) -> Iterator[datetime]:
    """In triage with an officer who rang and found nobody."""
    yield w.back(hours=19, minutes=25)
    request = acts.send(
        w,
        Full(
            by=QUILL,
            told=Told(by="PC Laura Quill", on=w.today(), agrees="no"),
            children=[
                Child(
                    "Leon Marsh", w.born(15, 3, day=1), sex="M", ethnicity="MWBC", school="Larkfield Academy",
                    year="year_10", says="“I go out. It’s not a crime.”",
                )
            ],
            home=Home("53 Mill Bank\nMillbrook", "WM3 2FA"),
            adults=[Adult("Denise Marsh", phone="07700 900423")],
            worries=["missing", "criminal_exploitation"],
            narrative="Seven missing episodes in ten weeks, the longest of two nights. He comes back with money and "
            "without his own phone. His mother rings us within the hour each time.",
            agencies=["police", "school"],
            tried="Return interviews; he would not speak.",
            family_view="She wants him home and does not want social workers in the house.",
        ),
        proven=QUILL.email,
    )  # fmt: skip
    yield w.back(hours=10, minutes=20)
    acts.claim(w, request, "grace")
    yield w.back(hours=2, minutes=35)
    acts.ring(w, request, "grace", "Rang PC Quill for the return interviews. Nobody answered.", reached=False)


def without_names_and_yet(w: World) -> Iterator[datetime]:
    """In principle, with words left in that may say who it is: the manager will see them marked."""
    yield w.back(hours=16, minutes=55)
    request = acts.send(
        w,
        in_principle(
            FENWICK,
            [("5_9", "teasel_vale")],
            worries=["physical"],
            narrative="A boy I saw with his grandmother had a bruise behind the ear that did not fit with falling off "
            "the swings at Millbrook Park. She called him Jacob and said that he is at Brookfield.",
            question="Should I talk to the family first, or will you?",
            tried="I have asked to see him again on Friday.",
        ),
        FormKind.IN_PRINCIPLE,
    )
    yield w.back(hours=9)
    acts.claim(w, request, "omar")


def twins_from_another_country(w: World) -> Iterator[datetime]:
    """Waiting for the Aldermoor manager."""
    yield w.back(hours=9, minutes=15)
    request = acts.send(
        w,
        Full(
            by=STOKES,
            told=Told(who=("mother", "father"), by="Beth Stokes", on=w.today(), agrees_who="both_parents"),
            children=[
                Child(
                    "Daryna Koval", w.born(3, 10, day=27), sex="F", ethnicity="WOTH", language="uk",
                    interpreter="spoken", gp="Moor Road Surgery", needs=("COMM",), sen="K",
                ),
                Child(
                    "Danylo Koval", w.born(3, 10, day=27), sex="M", ethnicity="WOTH", language="uk",
                    interpreter="spoken", gp="Moor Road Surgery",
                ),
            ],
            home=Home("The Old Forge\nAldermoor", "WM8 7RA", lives_with="Their parents and a host family"),
            adults=[Adult("Oksana Koval", language="uk"), Adult("Yuri Koval", "father", language="uk")],
            worries=["housing", "conflict"],
            narrative="The host family has asked the Kovals to be gone by Friday. Daryna does not speak at nursery "
            "and hides under the table when a door slams. Danylo speaks for both.",
            tried="An interpreter for the parents twice a week.",
            change="Somewhere to live, and somebody who knows about children who have seen war.",
            family_view="The parents ask for a home first and everything else after.",
        ),
    )  # fmt: skip
    yield w.back(hours=8)
    acts.claim(w, request, "grace")
    acts.check_open_case(w, request, "grace")
    acts.pass_on(w, request, "grace")


def returned_for_more(w: World) -> Iterator[datetime]:
    """Passed on too soon: the manager gave it back with a reason."""
    yield w.back(hours=12, minutes=30)
    request = acts.send(
        w,
        Full(
            by=WREN,
            told=Told(who=("young_person",), by="Dr Oliver Wren", on=w.today(), agrees_who="young_person"),
            children=[Child("Imogen Sharpe", w.born(16, 8, day=9), sex="F", gp="Moor Road Surgery")],
            home=Home("6 Priory Walk\nAldermoor", "WM8 1TN"),
            adults=[Adult("Fiona Sharpe", phone="07700 900499")],
            worries=["self_harm", "child_mental_health"],
            narrative="Imogen has told me of thoughts of ending her life, without a plan. She lives with her mother, "
            "who knows. We see her twice a week.",
            agencies=["camhs"],
            tried="Safety plan, and a bed held on our ward.",
            family_view="Her mother sleeps in her room.",
        ),
    )  # fmt: skip
    yield w.back(hours=11, minutes=50)
    acts.pass_on(w, request, "omar")
    yield w.back(hours=9, minutes=40)
    acts.give_back(
        w, request, "shirin", "What does Dr Wren ask of us that his own service does not do? Ring him first."
    )


def left_alone(w: World) -> Iterator[datetime]:
    """Received a moment ago."""
    yield w.back(minutes=6)
    acts.send(
        w,
        Full(
            by=LINDQVIST,
            told=Told(by="Karin Lindqvist", on=w.today(), agrees="not_asked"),
            children=[
                Child(
                    "Oskar Wieczorek", w.born(10, 5, day=12), sex="M", ethnicity="WOTH", language="pl",
                    interpreter="none", school="St Hilda’s Primary School", year="year_6",
                )
            ],
            home=Home("28 Harbour Street\nSaltby", "WM5 8KR"),
            adults=[Adult("Beata Wieczorek", language="pl", phone="07700 900477")],
            worries=["neglect"],
            narrative="Oskar comes to the club straight from school and stays until we close at nine. He says that "
            "his mother is back at eleven and that he heats soup.",
            tried="We walk him home.",
            risks="",
        ),
    )  # fmt: skip


def passed_today(w: World) -> Iterator[datetime]:
    """A baby of seven months, waiting for Helen Prosser."""
    yield w.back(hours=7, minutes=5)
    request = acts.send(
        w,
        Full(
            by=IVES,
            told=Told(by="Marian Ives", on=w.today(), agrees="yes"),
            children=[Child("Arlo Finch", w.born(0, 7, day=19), sex="M", gp="Teasel Vale Medical Centre", nhs=410)],
            home=Home("1 Station Villas\nMillbrook", "WM2 4DH"),
            adults=[Adult("Holly Finch", phone="07700 900481"), Adult("Lee Finch", "father", at_home="no")],
            worries=["parent_mental_health", "neglect"],
            narrative="Holly cries when Arlo cries and leaves the room. He does not look for her any more. She said "
            "that she sometimes sits in the car so as not to hear him.",
            tried="Listening visits, and the GP has begun treatment.",
            well="Her mother comes on Wednesdays and it goes better for two days.",
            change="More days like Wednesday.",
            family_view="She asked me whether she is a bad mother and whether you would help.",
        ),
        proven=IVES.email,
    )  # fmt: skip
    yield w.back(hours=6, minutes=30)
    acts.claim(w, request, "grace")
    yield w.back(hours=5, minutes=45)
    acts.check_open_case(w, request, "grace")
    acts.note(w, request, "grace", "Her mother can stay until Sunday.")
    acts.pass_on(w, request, "grace")


def a_draft_not_sent(w: World) -> Iterator[datetime]:
    """Begun last night and kept: the family was not told yet, so it waits (GL-5)."""
    yield w.back(hours=18)
    form = Full(
        by=RAHMAN,
        told=Told("not_yet"),
        children=[Child("Josie Penn", w.born(8, 0), sex="F", school="Brookfield Primary School", year="year_4")],
        home=Home(lives="not_known", area="teasel_vale"),
        worries=["neglect"],
        narrative="Josie has come without a coat three days running.",
    )
    acts.fill(w, FormKind.FULL, form.answers())


STORIES: list[Story] = [
    a_baby_not_born_yet,
    a_boy_who_goes_missing,
    a_draft_not_sent,
    without_names_and_yet,
    returned_for_more,
    twins_from_another_country,
    passed_today,
    left_alone,
]
