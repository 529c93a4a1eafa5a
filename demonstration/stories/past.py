"""Requests of professionals that ended in the last year: after an assessment, with no action, as a contact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from demonstration import acts, desk_acts
from demonstration.answers import Adult, Child, Full, Home, Told, in_principle
from demonstration.clockwork import Story, World
from demonstration.stories.cast import ADEYEMI, BYRNE, FENWICK, GRANT, IVES, MORROW, PATEL, STOKES
from demonstration.stories.usual import Record, decide, through_team, to_decision
from helpdesk.domain.closures import Closure, OpenCase
from service_request.pathways.social_care.forms import FormKind


def a_baby_expected(w: World) -> Iterator[datetime]:
    """Unborn, with a plan made before the birth; closed when the baby was four months old."""
    yield w.day(331, "10:40")
    request = acts.send(
        w,
        Full(
            by=ADEYEMI,
            told=Told(by="Bisi Adeyemi", on=w.today(), detail="Leanne Tovey"),
            children=[
                Child(expected=w.due_in(14), gp="Harbour Surgery", booked_at="Saltby Hospital", young_mother="no")
            ],
            home=Home("Flat 3, 9 Rope Walk\nSaltby", "WM5 1HT"),
            adults=[Adult("Leanne Tovey", phone="07700 900401"), Adult("Scott Tovey", "father", at_home="no")],
            worries=["unborn", "parent_substance"],
            narrative="Leanne told me at booking that she drinks most evenings and would like to stop. She has missed "
            "two scans and came to the third with her sister. She has no cot and nowhere to put one.",
            agencies=["substance", "midwife"],
            tried="Referral to the drug and alcohol service. Her sister comes to appointments.",
            well="She talks openly and keeps what she has promised to her sister.",
            change="A plan before the birth, and a home that is ready.",
            family_view="She is afraid that the baby will be taken and wants to be told what to do.",
        ),
    )  # fmt: skip
    record = Record(
        ("referral-initial_assessment",),
        "Form of the midwife; drug and alcohol service by phone with agreement.",
        "Fourteen weeks remain. The mother is open and has begun treatment, and there is nothing ready for a baby.",
        "An assessment before the birth will settle what support is in place on the day the baby comes home.",
    )
    yield from to_decision(w, request, record, desk="omar", manager="marcus")
    yield from through_team(
        w, request, "bronwen", "Pre-birth assessment done, and a plan agreed with the mother and the midwife.",
        days=21, closure=Closure.HELP_GIVEN, close_after=120,
    )  # fmt: skip


def a_fall_explained(w: World) -> Iterator[datetime]:
    """From the emergency department: accepted, and closed with the decision."""
    yield w.day(209, "16:10")
    request = acts.send(
        w,
        Full(
            by=MORROW,
            told=Told(by="Dr Sean Morrow", on=w.today(), who=("mother", "father")),
            children=[
                Child(
                    "Theo Baxendale", w.born(2, 1, day=20), sex="M", gp="Quayside Practice", nhs=310,
                    says="He is settled with both parents.",
                )
            ],
            home=Home("5 Chandlery Court\nSaltby", "WM7 2PE"),
            adults=[Adult("Amy Baxendale"), Adult("Chris Baxendale", "father")],
            worries=["physical"],
            narrative="Theo came with a broken collarbone after falling from a settee. The fall was seen by his "
            "grandmother and fits the injury. We send every fracture under three.",
            agencies=["paediatrics", "health_visitor"],
            change="A second look at the history.",
            family_view="Both parents were shocked and stayed all night.",
        ),
    )  # fmt: skip
    record = Record(
        ("referral-none",),
        "Form; paediatric report; health visitor by phone.",
        "The account is consistent, was witnessed, and fits the injury. The health visitor has no worry.",
        "We looked into it as the hospital asked, and no further action is needed.",
    )
    yield from to_decision(w, request, record, desk="grace", manager="marcus", hours=3.6)


def twins_too_small(w: World) -> Iterator[datetime]:
    """Twins; late: decided after 25 hours, and the service manager was told."""
    start = w.day(171, "09:10")
    yield start
    request = acts.send(
        w,
        Full(
            by=IVES,
            told=Told(by="Marian Ives", on=w.today(), detail="Both parents were at home", agrees_who="both_parents"),
            children=[
                Child("Amara Whitlock", w.born(0, 11, day=6), sex="F", ethnicity="MWBA", gp="Moor Road Surgery"),
                Child("Zuri Whitlock", w.born(0, 11, day=6), sex="F", ethnicity="MWBA", gp="Moor Road Surgery"),
            ],
            home=Home("Upper Farm Cottage\nAldermoor", "WM8 4SN"),
            adults=[Adult("Grace Whitlock", phone="07700 900422"), Adult("Daniel Whitlock", "father")],
            worries=["neglect", "parent_mental_health"],
            narrative="Both twins have lost weight since the six week check and feeds are being stretched. Their "
            "mother "
            "is exhausted and cried through the visit. Their father works away four nights a week.",
            tried="Two extra visits and an infant feeding worker.",
            well="The home is warm and the twins are clean and held.",
            change="Help in the house in the evenings.",
            family_view="They want the twins weighed more often and somebody to talk to.",
        ),
    )  # fmt: skip
    yield w.day(171, "09:55")
    acts.claim(w, request, "grace")
    yield w.day(171, "15:20")
    acts.check_open_case(w, request, "grace")
    acts.pass_on(w, request, "grace")
    yield w.later(start, 1, "10:25")
    decide(
        w, request, "shirin",
        Record(
            ("referral-provide_information",),
            "Form; infant feeding worker; GP weights.",
            "Feeding rather than care is the difficulty. Weight is already coming back with the feeding plan.",
            "We will give the parents information on support that starts this week, and ask the health visitor to "
            "weigh the twins twice a week.",
        ),
    )  # fmt: skip
    yield w.later(start, 1, "11:10")
    desk_acts.say_why_late(
        w, request, "shirin", "waiting_for_agency", "The weights were only with the practice, which opened at nine."
    )
    yield from through_team(
        w, request, "kofi", "Parents given a home visiting volunteer and a feeding plan.",
        days=4, closure=Closure.ASSESSED_NO_HELP, close_after=25,
    )  # fmt: skip


def a_question_about_the_file(w: World) -> Iterator[datetime]:
    """A request for information, kept as a contact."""
    yield w.day(148, "11:30")
    request = acts.send(
        w,
        Full(
            by=FENWICK,
            told=Told(by="Dr Judith Fenwick", on=w.today(5), agrees="not_asked"),
            children=[Child("Molly Ansell", w.born(6, 5, day=28), sex="F", gp="St Hilda’s Surgery", nhs=340)],
            home=Home("27 Teasel Street\nMillbrook", "WM1 3GD"),
            adults=[Adult("Joanne Ansell")],
            worries=["other"],
            narrative="Molly has joined our list and her notes from another county are thin. Could you tell us whether "
            "she is known to you, and who has parental responsibility?",
            family_view="Her mother knows that we are asking.",
        ),
    )  # fmt: skip
    record = Record(
        ("contact-information",),
        "Form; case system.",
        "No concern is raised. The surgery asks what is on our file.",
        "There is nothing on our file. Parental responsibility is shown on the birth certificate, which the mother "
        "can bring.",
    )
    yield from to_decision(w, request, record, desk="omar", manager="helen", hours=2.4)


def already_with_a_social_worker(w: World) -> Iterator[datetime]:
    """Information on a case already open."""
    yield w.day(96, "13:05")
    request = acts.send(
        w,
        Full(
            by=BYRNE,
            told=Told("risk", reason="The adult who was arrested lives in the home and has not been interviewed yet."),
            children=[
                Child("Jaydon Pike", w.born(13, 2, day=11), sex="M", school="Larkfield Academy", year="year_9"),
                Child("Kacey Pike", w.born(10, 7, day=23), sex="F", school="St Hilda’s Primary School", year="year_6"),
            ],
            home=Home("66 Furnace Road\nSaltby", "WM6 4BA"),
            adults=[Adult("Michelle Pike"), Adult("Darren Coyle", "partner", pr="no")],
            worries=["domestic_abuse"],
            urgency="urgent",
            narrative="Officers were called at 02:10 to a fight between the adults. Both children were in bed and were "
            "spoken to by the officers. Mr Coyle was arrested and is bailed to another address.",
            agencies=["police", "social_worker"],
            risks="yes",
            risks_detail="Mr Coyle has assaulted a visiting officer before. He is bailed away from the address.",
        ),
    )  # fmt: skip
    yield w.day(96, "13:20")
    acts.claim(w, request, "grace")
    acts.check_open_case(w, request, "grace", OpenCase.OPEN_ELSEWHERE)
    acts.ring(w, request, "grace", "Rang DS Byrne. The social worker on the open case was told at once.")
    acts.pass_on(w, request, "grace")
    yield w.day(96, "15:00")
    decide(
        w, request, "marcus",
        Record(
            ("contact-open_case",),
            "Police form; our case system; the social worker by phone.",
            "Both children have a plan and a social worker, who will see them today.",
            "The children have an allocated social worker. She has this information and will ring the police today.",
        ),
    )  # fmt: skip


def talked_through_without_names(w: World) -> Iterator[datetime]:
    """In principle: stays anonymous."""
    yield w.day(74, "12:15")
    request = acts.send(
        w,
        in_principle(
            STOKES,
            [("1_4", "aldermoor")],
            worries=["neglect"],
            narrative="A girl in our toddler room often has the same nappy on at ten that she had at eight. Her mother "
            "is new to the area and always in a hurry.",
            question="Is this something for you, or for the health visitor?",
            tried="We have offered the mother a coffee and a chat. She has come once.",
        ),
        FormKind.IN_PRINCIPLE,
    )
    record = Record(
        ("contact-anonymous",),
        "Form without names; health visiting lead asked in general terms.",
        "What is described is for the nursery and the health visitor to begin with.",
        "Talk to her mother and to the health visitor first. Send a named request if it goes on for another two "
        "weeks, or at once if it grows worse.",
    )
    yield from to_decision(w, request, record, desk="grace", manager="shirin", hours=3.0, rang="Talked it through.")


def a_house_too_cold(w: World) -> Iterator[datetime]:
    """Other actions: closed as passed on."""
    yield w.day(128, "15:35")
    request = acts.send(
        w,
        Full(
            by=GRANT,
            told=Told(by="Moira Grant", on=w.today(), detail="Sheila Rook, for all three"),
            children=[
                Child("Tyler Rook", w.born(11, 1, day=3), sex="M", school="St Hilda’s Primary School", year="year_6"),
                Child("Jasmine Rook", w.born(8, 9, day=17), sex="F", school="St Hilda’s Primary School", year="year_4"),
                Child("Bobby Rook", w.born(3, 4, day=30), sex="M", school="none", gp="St Hilda’s Surgery"),
            ],
            home=Home("12 Weavers Yard\nMillbrook", "WM2 6QX"),
            adults=[Adult("Sheila Rook", "grandparent", pr="no"), Adult("Gemma Rook", at_home="no")],
            worries=["housing", "money", "alone"],
            narrative="The children have lived with their grandmother since Easter. The boiler is broken, there "
            "are two "
            "beds for four people, and she has no money for them because the benefits go to their mother.",
            change="Money to reach the household, and the children’s standing with her made clear.",
            family_view="Sheila says she would never turn them away but cannot go on like this.",
        ),
    )  # fmt: skip
    record = Record(
        ("referral-other",),
        "Form; benefits office; the mother by phone.",
        "The children are safe and loved where they are. Nobody has settled who is responsible or who pays.",
        "We will hold a family meeting, settle who the children live with, and pay for a boiler repair.",
    )
    yield from to_decision(w, request, record, desk="omar", manager="helen", hours=6)
    yield from through_team(
        w, request, "tom", "Family meeting held. Benefits moved, and the grandmother has applied for guardianship.",
        days=12, closure=Closure.PASSED_ON, close_after=30,
    )  # fmt: skip


def out_of_the_county(w: World) -> Iterator[datetime]:
    """An address outside: signposted by the manager of the default area."""
    yield w.day(57, "10:05")
    request = acts.send(
        w,
        Full(
            by=PATEL,
            told=Told(by="Nisha Patel", on=w.today(1), agrees="not_asked"),
            children=[Child("Freya Sandell", w.born(7, 0, day=8), sex="F", school="St Hilda’s Primary School")],
            home=Home("4 Ferry Lane\nNorthmere", "NX2 5AB"),
            adults=[Adult("Paula Sandell")],
            worries=["conflict"],
            narrative="Freya’s parents are parting and she is passed between two homes over the county border. She "
            "cries on Fridays.",
            family_view="Her mother says that it will settle.",
        ),
    )  # fmt: skip
    record = Record(
        ("contact-signpost",),
        "Form; the neighbouring county’s front door by phone.",
        "The family lives in another county, which will answer.",
        "The family lives outside Westmarch. We have passed the school to the front door of the county they live in.",
    )
    yield from to_decision(w, request, record, desk="omar", manager="helen", hours=2.8)


STORIES: list[Story] = [
    a_baby_expected,
    a_fall_explained,
    twins_too_small,
    a_question_about_the_file,
    a_house_too_cold,
    already_with_a_social_worker,
    talked_through_without_names,
    out_of_the_county,
]
