"""Children seen before: two brothers whose names others spelt otherwise, and a boy who came back (EV-4, GL-13)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from demonstration import acts, papers
from demonstration.answers import Adult, Child, Full, Home, Told
from demonstration.clockwork import Story, World
from demonstration.stories.cast import COLE, HOLT, IVES, OFFICE, PATEL, RAHMAN
from demonstration.stories.usual import Record, through_team, to_decision
from helpdesk.domain.closures import Closure

TANNERS_ROW = Home("18 Tanners Row\nMillbrook", "WM4 2QT", lives_with="Their mother")
MEDICAL_CENTRE = "Teasel Vale Medical Centre"


def hartly_in_spring(w: World) -> Iterator[datetime]:
    """Callum, spelt Hartly by the school nurse: accepted, assessed and closed."""
    yield w.day(262, "11:05")
    request = acts.send(
        w,
        Full(
            by=COLE,
            told=Told(by="Ade Cole", on=w.today(1), detail="Donna Hartley"),
            children=[
                Child(
                    "Callum Hartly", w.born(9, 8), sex="M", school="Brookfield Primary School", year="year_4",
                    gp=MEDICAL_CENTRE, needs=("COMM",), needs_detail="Waiting for speech and language therapy",
                    sen="K", nhs=100, says="He likes football and his grandad. He worries when his mum is in bed.",
                )
            ],
            home=TANNERS_ROW,
            adults=[Adult("Donna Hartley", phone="07700 900312"), Adult("Craig Hartley", "father", at_home="no")],
            worries=["neglect", "parent_health"],
            narrative="Callum missed three health reviews and came to the fourth in a coat too small to close. "
            "His weight has dropped a centile since the autumn. His mother was tearful and said money ran out "
            "before the end of each month.",
            history="The parents separated two years ago. No earlier worry is known to us.",
            capacity="Mother’s low mood, and money.",
            tried="Healthy Start vouchers, and a food bank referral.",
            well="His mother comes when asked, and is open about what is hard.",
            change="Regular meals, and help for his mother with her mood.",
            family_view="Donna says she would take any help that does not mean the boys leaving home.",
        ),
    )  # fmt: skip
    record = Record(
        ("referral-initial_assessment",),
        "Form of the school nurse; GP record read out by the surgery with the mother’s agreement.",
        "Falling weight and missed reviews over five months, with a mother who is low and short of money. No immediate "
        "danger. She asks for help.",
        "Callum may be a child in need. An initial assessment will look at what he needs and what would help his "
        "mother.",
    )
    yield from to_decision(w, request, record, desk="grace", manager="helen")
    yield from through_team(
        w, request, "tom", "Initial assessment done. A family support worker visited for ten weeks.",
        days=9, closure=Closure.HELP_GIVEN, close_after=66,
    )  # fmt: skip


def another_ryan_hartley(w: World) -> Iterator[datetime]:
    """A boy of the same name, a year older, from the coast: kept as a contact."""
    yield w.day(424, "14:20")
    twin_of_date = w.born(6, 3, day=2)
    request = acts.send(
        w,
        Full(
            by=replace(PATEL, name="Rosie Flint", email="r.flint@st-hildas-primary.example"),
            told=Told(agrees="no", by="Rosie Flint", on=w.today(2)),
            children=[
                Child(
                    "Ryan Hartley", twin_of_date.replace(year=twin_of_date.year - 1), sex="M",
                    school="St Hilda’s Primary School", year="reception", gp="Harbour Surgery",
                    says="He says he is tired because of the trains.",
                )
            ],
            home=Home("2 Signal Cottages\nSaltby", "WM6 1RD"),
            adults=[Adult("Kerry Hartley", phone="07700 900347")],
            worries=["housing"],
            narrative="Ryan falls asleep in class. The family’s flat stands beside the freight line and has damp in "
            "both bedrooms. His mother has asked the landlord for repairs since the summer.",
            tried="Letter to the landlord from the school.",
            change="Help with the housing complaint.",
            family_view="His mother wants the flat mended and nothing else.",
        ),
    )  # fmt: skip
    record = Record(
        ("contact-signpost",),
        "Form of the school; housing officer by phone.",
        "A housing complaint. Nothing suggests that Ryan is not well cared for.",
        "This is for the council’s housing repairs team, and we have given the mother their direct line.",
    )
    yield from to_decision(w, request, record, desk="omar", manager="marcus", hours=3.2)


def the_two_brothers(w: World) -> Iterator[datetime]:
    """The request that the pictures show: in triage, two hints to answer, two answers missing."""
    yield w.back(hours=20, minutes=50)
    request = acts.send(
        w,
        Full(
            by=RAHMAN,
            told=Told(by="Samina Rahman", on=w.today(), detail="Donna Hartley, for both children. Father not asked"),
            children=[
                Child(
                    "Callum Hartley", w.born(9, 8), sex="M", ethnicity="NOBT", school="Brookfield Primary School",
                    year="year_5", gp=MEDICAL_CENTRE, needs=("COMM",), sen="K", nhs=100,
                    says="“I do the tea. It’s all right.”",
                ),
                Child(
                    "Ryan Hartley", w.born(6, 3, day=2), sex="M", ethnicity="NOBT", school="Brookfield Primary School",
                    year="year_2", gp=MEDICAL_CENTRE,
                ),
            ],
            home=TANNERS_ROW,
            adults=[Adult("Donna Hartley", phone="07700 900312"), Adult("Craig Hartley", "father", at_home="no")],
            worries=["neglect", "parent_health"],
            narrative="Both boys have come in hungry for two weeks, often late and in the same clothes. On Thursday "
            "Callum asked our cook for food to take home for his brother. Donna says she “can’t get up some days” "
            "since September.",
            history="A social worker visited in the spring. Donna says it helped while it lasted.",
            capacity="Donna’s mood has been low since September. She is alone with the boys.",
            tried="Breakfast club for two weeks. Three meetings with Donna. School nurse told.",
            well="The boys are close. Their grandfather collects them on Fridays.",
            change="Help for Donna with mornings, and somebody to look at how Callum copes.",
            family_view="She would like help, and is worried about losing the boys.",
            risks="",
            knows="Both boys since reception",
        ),
        proven=RAHMAN.email,
        files=[
            papers.letter("Attendance since September.pdf", papers.ATTENDANCE),
            papers.note("Kitchen notes.txt", papers.FOOD_DIARY),
        ],
    )  # fmt: skip
    yield w.back(hours=3, minutes=15)
    acts.claim(w, request, "grace")
    yield w.back(hours=1, minutes=30)
    acts.ring(
        w, request, "grace", "Rang Samina Rahman. Ryan has the same surgery as Callum, and nobody else is involved "
        "that the school knows of. She will talk to Ryan after lunch.",
    )  # fmt: skip
    yield w.back(minutes=15)
    acts.note(
        w, request, "grace", "Rang the school nurse, Ade Cole: saw both boys last week, weights fine, no marks seen."
    )


def zakariya_before(w: World) -> Iterator[datetime]:
    """A boy who was out of school in the winter: early help, closed."""
    yield w.day(290, "09:25")
    request = acts.send(
        w,
        Full(
            by=HOLT,
            told=Told(who=("father",), by="Danielle Holt", on=w.today(3)),
            children=[
                Child(
                    "Zakariya Noor", w.born(12, 4, day=9), sex="M", ethnicity="BAFR", language="so",
                    interpreter="spoken", school="Larkfield Academy", year="year_7", gp="Quayside Practice", nhs=230,
                    says="He says the bus is full of people who laugh at him.",
                )
            ],
            home=Home("41 Quayside\nSaltby", "WM5 3LJ"),
            adults=[Adult("Abdi Noor", "father", phone="07700 900355", language="so")],
            worries=["school", "online"],
            narrative="Zakariya has missed 19 days since September. He has been called names on the bus and in a group "
            "chat. His father works shifts and hears of it late.",
            tried="A new seat on the bus, and two meetings with his father and an interpreter.",
            change="Somebody to work with the family on mornings.",
            family_view="His father wants him in school and does not know whom to ring.",
        ),
    )  # fmt: skip
    record = Record(
        ("contact-criteria",),
        "Form of the school; father by phone with an interpreter.",
        "Bullying and missed school. His father is willing and the school is active. Criteria for social care are not "
        "met.",
        "Early help fits better. The Saltby locality team will offer it, as the father agrees.",
    )
    yield from to_decision(w, request, record, desk="omar", manager="marcus")
    yield from through_team(
        w, request, "ruth", "A lead professional met the family six times. Zakariya is back in school.", days=40
    )


def zakariya_now(w: World) -> Iterator[datetime]:
    """The same boy again, from a mailbox that is full: the reference cannot reach it yet."""
    yield w.back(hours=4, minutes=40)
    acts.send(
        w,
        Full(
            by=OFFICE,
            told=Told(who=("father",), by="Peter Lomas", on=w.today(), agrees="not_asked"),
            children=[
                Child(
                    "Zakaria Noor", w.born(12, 4, day=9), sex="M", ethnicity="BAFR", language="so",
                    interpreter="spoken", school="Larkfield Academy", year="year_8",
                )
            ],
            home=Home("41 Quayside\nSaltby", "WM5 3LJ"),
            adults=[Adult("Abdi Noor", "father", phone="07700 900355", language="so")],
            worries=["school", "missing"],
            narrative="He has not been in school for eleven days and was not at home when we called twice this week. "
            "His father thought he was with us.",
            tried="Two home visits. Letters in Somali.",
            risks="",
        ),
    )  # fmt: skip


def theo_again(w: World) -> Iterator[datetime]:
    """A boy of whom a fall was explained in the spring: the same child, said a person, so a re-referral (GL-13)."""
    yield w.day(63, "12:40")
    request = acts.send(
        w,
        Full(
            by=IVES,
            told=Told(by="Marian Ives", on=w.today(), detail="Amy Baxendale"),
            children=[
                Child("Theo Baxendale", w.born(2, 1, day=20), sex="M", gp="Quayside Practice", nhs=310, legal="none")
            ],
            home=Home("5 Chandlery Court\nSaltby", "WM7 2PE"),
            adults=[Adult("Amy Baxendale", phone="07700 900484"), Adult("Chris Baxendale", "father", at_home="no")],
            worries=["parent_mental_health", "conflict"],
            narrative="Theo’s father left in August. His mother has begun to drink in the afternoon and told me so. "
            "Theo was in a high chair in front of the television at both of my visits.",
            tried="Two visits, and a place at the stay and play group.",
            family_view="She asked whether somebody could come more often than I can.",
        ),
    )  # fmt: skip
    record = Record(
        ("referral-initial_assessment",),
        "Form of the health visitor; the referral of the spring.",
        "The fall of the spring was explained. What is new is a mother alone who drinks, and asks for help.",
        "An assessment will look at what Theo’s days are like and what would help his mother stop.",
    )
    yield from to_decision(w, request, record, desk="omar", manager="marcus", hints=(True,))
    yield from through_team(
        w, request, "bronwen", "Initial assessment done. A family worker visits three mornings a week.",
        days=10, closure=Closure.HELP_GIVEN, close_after=22,
    )  # fmt: skip


STORIES: list[Story] = [
    another_ryan_hartley,
    hartly_in_spring,
    zakariya_before,
    theo_again,
    the_two_brothers,
    zakariya_now,
]
