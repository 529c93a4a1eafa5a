"""Calls that officers took: with and without the written form that should follow (GL-1, GL-7, GL-17)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from demonstration import acts
from demonstration.answers import Adult, Child, Full, Home, Told, page
from demonstration.clockwork import Story, World
from demonstration.stories.cast import ADEYEMI, BYRNE, IVES, MORROW
from demonstration.stories.usual import Record, decide
from helpdesk.domain.closures import Closure
from service_request.pathways.social_care.rules import SetAsideReason


def overdue_since_half_an_hour(w: World) -> Iterator[datetime]:
    """The decision is late: the manager was warned, the service manager was told."""
    yield w.back(hours=24, minutes=25)
    request = acts.call(
        w,
        page(
            urgency="routine",
            caller="health_visitor",
            caller_name=IVES.name,
            agency="Teasel Vale Clinic, health visitor",
            phone=IVES.phone,
            email=IVES.email,
            child_name="Amelia Okoro",
            birth_on=w.born(4, 3, day=25),
            address="15 Cooper’s Close\nMillbrook",
            postcode="WM3 8QH",
            told="not_established",
            narrative="Amelia’s mother has been unwell since her own mother died and spends whole days in bed. Amelia "
            "answers the door. A neighbour gives her breakfast.",
        ),
        by="omar",
    )
    yield w.back(hours=23, minutes=10)
    acts.claim(w, request, "omar")
    yield w.back(hours=20)
    acts.note(w, request, "omar", "The neighbour, Mrs Lund, has Amelia until six each day this week.")
    acts.check_open_case(w, request, "omar")
    acts.pass_on(w, request, "omar")


def police_at_the_door(w: World) -> Iterator[datetime]:
    """An urgent call by the police; the written form is owed, its clock runs."""
    yield w.back(hours=6, minutes=10)
    request = acts.call(
        w,
        page(
            urgency="urgent",
            caller="police",
            caller_name=BYRNE.name,
            agency="Westmarch Police, child protection unit",
            phone=BYRNE.phone,
            email=BYRNE.email,
            child_name="Kieran Pell",
            birth_on=w.born(14, 10, day=7),
            address="22 Harbour Street\nSaltby",
            postcode="WM5 8KX",
            told="risk",
            risk_reason="The uncle who is thought to give him the parcels lives in the home.",
            narrative="Kieran was stopped at the station with two phones and £400. He says he found the money. He has "
            "been seen with older lads from out of the county for a month.",
        ),
        by="grace",
    )
    yield w.back(hours=5, minutes=50)
    acts.claim(w, request, "grace")
    acts.ring(w, request, "grace", "DS Byrne will send the form tonight. A unit stays near the address.")


def a_call_and_then_the_form(w: World) -> Iterator[datetime]:
    """An urgent call by a midwife; the form came six hours later and completed the same request; decided at once."""
    yield w.day(12, "09:40")
    called = acts.call(
        w,
        page(
            urgency="urgent",
            caller="midwife",
            caller_name=ADEYEMI.name,
            agency="Saltby Hospital, community midwife",
            phone=ADEYEMI.phone,
            email=ADEYEMI.email,
            child_name="Baby Fairclough",
            expected_on=w.due_in(5),
            postcode="WM7 6YE",
            told="risk",
            risk_reason="He checks her phone and is in the room at each visit.",
            narrative="She has a bruise on her forearm that she covered when he came in. She whispered that she is "
            "frightened of what happens when the baby cries.",
        ),
        by="grace",
    )
    yield w.day(12, "10:05")
    acts.claim(w, called, "grace")
    yield w.day(12, "15:45")
    acts.complete(
        w,
        called,
        Full(
            by=ADEYEMI,
            told=Told("risk", reason="He checks her phone and is in the room at each visit."),
            children=[
                Child("Baby Fairclough", expected=w.due_in(5), gp="Harbour Surgery", booked_at="Saltby Hospital")
            ],
            home=Home("Flat 1, 3 Mast Lane\nSaltby", "WM7 6YE"),
            adults=[
                Adult("Sophie Fairclough", phone="07700 900477", safe="no"),
                Adult("Ryan Dace", "father", pr="not_known"),
            ],
            worries=["domestic_abuse", "unborn"],
            urgency="urgent",
            narrative="Bruise on the forearm, seen today. She says he pushed her against the sink. She has nobody in "
            "the county. She wants to go to her aunt and does not know how.",
            agencies=["midwife", "domestic_abuse"],
            tried="Given the number of the domestic abuse service on a lip balm.",
            change="A safe way out before the baby comes.",
            risks="yes",
            risks_detail="Do not visit together with him, and do not ring her phone.",
        ),
    )
    yield w.day(12, "16:10")
    acts.check_open_case(w, called, "grace")
    acts.pass_on(w, called, "grace")
    yield w.day(12, "17:20")
    decide(
        w, called, "marcus",
        Record(
            ("referral-initial_assessment",),
            "Call and form of the midwife; police call log for the address.",
            "An assault this week on a woman who is 35 weeks pregnant, with control of her phone. The risk is now.",
            "An assessment starts tonight, through the maternity ward so that she can be seen alone.",
        ),
    )  # fmt: skip
    yield w.day(12, "18:05")
    for assignment in acts.assigned(w, called):
        acts.take_on(w, assignment, "bronwen")


def accepted_against_nobody_knowing(w: World) -> Iterator[datetime]:
    """Told was not established; the manager records an override, and the form went back by a confirmed phone number."""
    yield w.day(33, "19:25")
    request = acts.call(
        w,
        page(
            urgency="urgent",
            caller="emergency",
            caller_name=MORROW.name,
            agency="Saltby Hospital, emergency department",
            phone=MORROW.phone,
            child_name="Poppy Lyle",
            birth_on=w.born(5, 0, day=12),
            address="Caravan 14, Dunes Park\nSaltby",
            postcode="WM7 1AA",
            narrative="Poppy came by ambulance after taking some of her mother’s tablets. She is well now. Her mother "
            "left the department before anyone could speak to her.",
        ),
        by="priya",
    )
    yield w.day(33, "19:40")
    acts.claim(w, request, "priya")
    acts.confirm_by_phone(w, request, "priya", "Rang the switchboard and was put through to Dr Morrow.")
    acts.pass_on(w, request, "priya")
    yield w.day(33, "20:30")
    decide(
        w, request, "marcus",
        Record(
            ("referral-initial_assessment",),
            "Call of the registrar; ambulance record; our case system.",
            "A child of five had tablets within reach, and her mother left. Nobody could be asked.",
            "An assessment starts tonight on the ward. We go on without having told the family, for Poppy’s safety.",
        ),
        override=("vital_interests", "Her mother cannot be found and Poppy must not be discharged before she is."),
    )  # fmt: skip
    yield w.later(w.day(33), 1, "09:05")
    for assignment in acts.assigned(w, request):
        acts.take_on(w, assignment, "bronwen")
    yield w.later(w.day(33), 9, "16:00")
    for assignment in acts.assigned(w, request):
        acts.finish(w, assignment, "bronwen", "Assessment done with the mother, who had gone for her medicine.")
        acts.close_referral(w, assignment, "bronwen", Closure.ASSESSED_NO_HELP)
    yield w.later(w.day(33), 9, "16:30")
    acts.tell_by_phone(w, request, "priya", "Told Dr Morrow by phone. He left no address to write to.")


def the_wrong_number(w: World) -> Iterator[datetime]:
    """A wrong number, set aside."""
    yield w.day(6, "14:05")
    request = acts.call(
        w,
        page(
            urgency="routine",
            caller="not_known",
            narrative="Wanted the registrar for a birth certificate. Put through.",
        ),
        by="omar",
    )
    yield w.day(6, "14:10")
    acts.set_aside(w, request, "omar", SetAsideReason.WRONG_NUMBER)


def a_father_who_lives_elsewhere(w: World) -> Iterator[datetime]:
    """A father rings about two children; not safe to say what he was told; held by an officer."""
    yield w.back(hours=3, minutes=20)
    request = acts.call(
        w,
        page(
            urgency="routine",
            caller="parent",
            caller_name="Matthew Penrose",
            phone="07700 900420",
            safe="yes",
            child_name="Isla Penrose",
            birth_on=w.born(2, 7, day=16),
            child_2_name="Finn Penrose",
            child_2_birth_on=w.born(5, 1, day=29),
            area="teasel_vale",
            told="not_established",
            narrative="He has the children every other weekend. They come in clothes that smell of smoke and damp, and "
            "Finn says there is no light upstairs.",
        ),
        by="grace",
    )
    yield w.back(hours=2, minutes=40)
    acts.claim(w, request, "grace")


STORIES: list[Story] = [
    accepted_against_nobody_knowing,
    a_call_and_then_the_form,
    the_wrong_number,
    overdue_since_half_an_hour,
    police_at_the_door,
    a_father_who_lives_elsewhere,
]
