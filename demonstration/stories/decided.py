"""Decided in the last weeks, and where the teams have got to: taken on, lapsed, handed back, waiting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from demonstration import acts
from demonstration.answers import Adult, Child, Full, Home, Told
from demonstration.clockwork import Story, World
from demonstration.people import LOCALITY
from demonstration.stories.cast import COLE, HOLT, PATEL, QUILL, WREN
from demonstration.stories.usual import Record, decide, to_decision
from helpdesk.domain.assignments import HandBackReason

EARLY_HELP = Record(
    ("contact-criteria",),
    "Form of the school; school nurse by phone.",
    "Worry that grows, with parents who agree to help. Criteria for social care are not met.",
    "Early help fits better than an assessment. The locality team will offer it, and name a lead professional.",
)


def sent_this_morning(w: World) -> Iterator[datetime]:
    """With the Teasel Vale locality team, and not acknowledged yet."""
    yield w.back(hours=9, minutes=30)
    request = acts.send(
        w,
        Full(
            by=PATEL,
            told=Told(who=("father",), by="Nisha Patel", on=w.today(4), detail="Paul Tranter"),
            children=[
                Child(
                    "Evie Tranter", w.born(7, 6, day=8), sex="F", school="St Hilda’s Primary School", year="year_3",
                    gp="Teasel Vale Medical Centre", says="“I like it when Dad takes me.”",
                )
            ],
            home=Home("3 Weir Cottages\nMillbrook", "WM4 6AF", lives_with="Her father"),
            adults=[Adult("Paul Tranter", "father", phone="07700 900418")],
            worries=["child_mental_health", "school"],
            narrative="Evie has been quiet and tearful since her grandmother died in August. She has missed nine days "
            "this term. Her father works nights and asks for help with mornings.",
            tried="A place in the morning group, and a talk with her father each Friday.",
            well="Evie and her father are close, and he comes when we ring.",
            change="Somebody to work with them both on mornings.",
            family_view="He would like help and says so himself.",
        ),
    )  # fmt: skip
    yield w.back(hours=8, minutes=40)
    acts.claim(w, request, "omar")
    acts.check_open_case(w, request, "omar")
    acts.pass_on(w, request, "omar")
    yield w.back(hours=1, minutes=25)
    decide(w, request, "helen", EARLY_HELP)


def nobody_took_it_on(w: World) -> Iterator[datetime]:
    """Accepted a week ago; the team did not acknowledge it in a working day, and it lapsed to the desk."""
    yield w.day(8, "10:20")
    request = acts.send(
        w,
        Full(
            by=HOLT,
            told=Told(by="Danielle Holt", on=w.today()),
            children=[Child("Connor Stead", w.born(13, 5, day=21), sex="M", school="Larkfield Academy", year="year_8")],
            home=Home("90 Furnace Road\nSaltby", "WM6 4BB"),
            adults=[Adult("Lisa Stead", phone="07700 900436")],
            worries=["criminal_exploitation", "school"],
            narrative="Connor has a new phone and new trainers and will not say from whom. He was seen in a car with "
            "two men outside school twice last week. He used to be in the football team.",
            tried="Detached youth work. A talk with his mother and the school officer.",
            family_view="His mother is frightened and wants somebody to ring her.",
        ),
    )  # fmt: skip
    record = Record(
        ("referral-initial_assessment",),
        "Form; school officer; our case system.",
        "Signs of exploitation over several weeks, and a mother who sees it.",
        "An assessment will look at who is around Connor and what would keep him safe.",
    )
    yield from to_decision(w, request, record, desk="grace", manager="marcus")


def over_the_bridge(w: World) -> Iterator[datetime]:
    """Handed back yesterday by the Teasel Vale locality team: a task for the desk."""
    yield w.day(5, "11:10")
    request = acts.send(
        w,
        Full(
            by=COLE,
            told=Told(by="Ade Cole", on=w.today(1)),
            children=[Child("Skye Ormond", w.born(4, 8, day=2), sex="F", school="Harbour Street Nursery")],
            home=Home("9 Bridge End\nMillbrook", "WM4 6ZZ"),
            adults=[Adult("Tara Ormond", phone="07700 900443")],
            worries=["behaviour"],
            narrative="Skye bites and hits at nursery and her mother has begun to keep her at home. She would like "
            "somebody to show her another way.",
            tried="Two sessions with our behaviour nurse.",
            family_view="Her mother would come to a group if it were not on Mondays.",
        ),
    )  # fmt: skip
    yield from to_decision(w, request, EARLY_HELP, desk="omar", manager="helen")
    yield w.later(w.day(5), 1, "09:15")
    acts.hand_back(
        w, acts.assigned(w, request)[-1], "dev", HandBackReason.NOT_OUR_AREA,
        "Bridge End is on the Aldermoor side of the bridge.",
    )  # fmt: skip


def handed_back_and_sent_on(w: World) -> Iterator[datetime]:
    """Handed back three weeks ago, sent to Aldermoor, and under way there."""
    start = w.day(24, "13:30")
    yield start
    request = acts.send(
        w,
        Full(
            by=PATEL,
            told=Told(by="Nisha Patel", on=w.today(2)),
            children=[Child("Harvey Bright", w.born(9, 0, day=13), sex="M", school="St Hilda’s Primary School")],
            home=Home("2 Lock House\nMillbrook", "WM4 5TT"),
            adults=[Adult("Emma Bright", phone="07700 900449")],
            worries=["conflict", "child_mental_health"],
            narrative="Harvey’s parents are parting in the same house. He sleeps at his desk and has told two teachers "
            "that it is his fault.",
            family_view="His mother would like somebody for Harvey to talk to.",
        ),
    )  # fmt: skip
    yield from to_decision(w, request, EARLY_HELP, desk="grace", manager="helen")
    yield w.later(start, 1, "10:00")
    acts.hand_back(
        w, acts.assigned(w, request)[-1], "dev", HandBackReason.ALREADY_WORKING, "His sister is with Aldermoor."
    )
    yield w.later(start, 1, "11:30")
    acts.send_to_team(w, request, "grace", LOCALITY["aldermoor"])
    yield w.later(start, 2, "09:10")
    acts.take_on(w, acts.assigned(w, request)[-1], "agnes")


def with_the_social_worker(w: World) -> Iterator[datetime]:
    """A mother of sixteen and her baby: two children of one request, both being assessed."""
    yield w.day(11, "14:50")
    request = acts.send(
        w,
        Full(
            by=WREN,
            told=Told(who=("young_person",), by="Dr Oliver Wren", on=w.today(), agrees_who="young_person"),
            children=[
                Child(
                    "Tegan Moss", w.born(16, 4, day=18), sex="F", school="Aldermoor College", year="college",
                    gp="Moor Road Surgery", is_parent="pregnant", legal="care_leaver",
                    says="“I want to keep her. I just need a place that is mine.”",
                ),
                Child("Baby Moss", expected=w.due_in(9), gp="Moor Road Surgery", young_mother="yes_worried"),
            ],
            home=Home(lives="no_fixed", area="aldermoor"),
            worries=["housing", "unborn", "child_mental_health"],
            narrative="Tegan is 31 weeks and has slept in four places this month. She keeps every appointment with me "
            "and none with the midwife, because it is two buses away.",
            agencies=["camhs", "midwife", "housing"],
            tried="A letter to housing and a taxi to the midwife.",
            change="One place to live, and one person to ring.",
            family_view="Tegan asked me to send this and read it first.",
        ),
    )  # fmt: skip
    record = Record(
        ("referral-initial_assessment",),
        "Form; housing options by phone; the midwife.",
        "A young woman leaving care, pregnant and without a home. She asks for help and keeps what she is offered.",
        "Tegan and her baby may both be children in need. One social worker will assess both together.",
    )
    yield from to_decision(w, request, record, desk="grace", manager="shirin", rang="Rang Dr Wren.")
    yield w.later(w.day(11), 1, "10:30")
    for assignment in acts.assigned(w, request):
        acts.take_on(w, assignment, "kofi")


def one_of_each(w: World) -> Iterator[datetime]:
    """A brother and a sister decided differently; the brother's part is done and his referral is still open."""
    yield w.day(19, "09:45")
    request = acts.send(
        w,
        Full(
            by=QUILL,
            told=Told(who=("mother", "young_person"), by="PC Quill", on=w.today(), agrees_who="both_parents"),
            children=[
                Child("Jude Hallam", w.born(15, 9, day=26), sex="M", school="Larkfield Academy", year="year_11"),
                Child("Lucy Hallam", w.born(12, 0, day=5), sex="F", school="Larkfield Academy", year="year_7"),
            ],
            home=Home("17 Orchard Rise\nMillbrook", "WM1 7LP"),
            adults=[Adult("Karen Hallam", phone="07700 900455")],
            worries=["missing", "child_substance"],
            narrative="Jude has been missing overnight four times since half term and came back cold and confused on "
            "Sunday. Lucy has begun to wait up for him.",
            agencies=["police", "school"],
            tried="Return interviews after each time. He speaks to the officer but not to his mother.",
            change="Find out where he goes.",
            family_view="His mother would do anything. Jude says everybody should calm down.",
        ),
    )  # fmt: skip
    record = Record(
        ("referral-initial_assessment", "contact-criteria"),
        "Police form; return interviews; the school.",
        "Jude is at risk of harm he does not see. Lucy is affected, and is looked after well at home.",
        "Jude is accepted for an assessment. For Lucy the locality team will offer early help.",
    )
    yield from to_decision(w, request, record, desk="omar", manager="helen")
    yield w.later(w.day(19), 1, "09:00")
    jude, lucy = acts.assigned(w, request)
    acts.take_on(w, jude, "tom")
    acts.take_on(w, lucy, "dev")
    yield w.later(w.day(19), 7, "15:30")
    acts.finish(w, jude, "tom", "Initial assessment done. A youth worker meets Jude twice a week.")


STORIES: list[Story] = [
    handed_back_and_sent_on,
    one_of_each,
    with_the_social_worker,
    nobody_took_it_on,
    over_the_bridge,
    sent_this_morning,
]
