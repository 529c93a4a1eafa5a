"""Decided in the last weeks, with what can go otherwise: corrected, not delivered, no agreement asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from demonstration import acts, papers
from demonstration.answers import Adult, Child, Full, Home, Told
from demonstration.clockwork import Story, World
from demonstration.stories.cast import FENWICK, GRANT, LINDQVIST, MARSH
from demonstration.stories.decided import EARLY_HELP
from demonstration.stories.usual import Record, decide, through_team, to_decision


def corrected_after_a_week(w: World) -> Iterator[datetime]:
    """A decision replaced by a later one, with a reason: both stay, and the referrer is told again."""
    start = w.day(27, "10:50")
    yield start
    request = acts.send(
        w,
        Full(
            by=FENWICK,
            told=Told(by="Dr Judith Fenwick", on=w.today(), detail="Rebecca Vane"),
            children=[Child("Noah Vane", w.born(6, 1, day=30), sex="M", gp="St Hilda’s Surgery")],
            home=Home("40 Teasel Street\nMillbrook", "WM1 3GE"),
            adults=[Adult("Rebecca Vane", phone="07700 900461")],
            worries=["parent_mental_health"],
            narrative="Noah’s mother has stopped her medicine and told me she is afraid of being alone with him. Her "
            "sister is with them this week.",
            tried="Crisis team, who saw her the same day.",
            family_view="She wants her sister to stay and is glad that I asked.",
        ),
    )  # fmt: skip
    record = Record(
        ("contact-signpost",),
        "Form; crisis team.",
        "The mother is with the crisis team, and her sister is in the house.",
        "The crisis team is the right help, and is already there.",
    )
    yield from to_decision(w, request, record, desk="omar", manager="helen")
    yield w.later(start, 4, "12:10")
    decide(
        w, request, "helen",
        Record(
            ("referral-provide_information",),
            "As before; the crisis team’s letter; the mother’s sister by phone.",
            "The sister has had to leave. The mother is better and asks what there is for Noah when she is tired.",
            "We will tell Noah’s mother what short breaks and family support there are, and who to ring.",
        ),
        why="The mother’s sister left, and the crisis team asked us to look again.",
    )  # fmt: skip
    yield from through_team(
        w, request, "tom", "Visited with a list of short breaks. A family worker will ring weekly.", days=5
    )


def the_mail_that_came_back(w: World) -> Iterator[datetime]:
    """Decided; the outcome could not be delivered, so the desk must find another way."""
    yield w.day(3, "09:30")
    request = acts.send(
        w,
        Full(
            by=MARSH,
            told=Told(by="Jenny Marsh", on=w.today(1)),
            children=[Child("Rosa Delaney", w.born(3, 2, day=15), sex="F", gp="Teasel Vale Medical Centre")],
            home=Home("Flat 6, 1 Tannery Court\nMillbrook", "WM4 3PR"),
            adults=[Adult("Kim Delaney")],
            worries=["money", "housing"],
            narrative="Rosa and her mother sleep on a mattress in a flat with no carpet and eat with us four days in "
            "seven. Her mother asked whether anybody could help with the rent arrears.",
            family_view="She knows that I am writing, and would like help.",
        ),
    )  # fmt: skip
    yield from to_decision(w, request, EARLY_HELP, desk="grace", manager="helen")
    yield w.later(w.day(3), 1, "09:35")
    for assignment in acts.assigned(w, request):
        acts.take_on(w, assignment, "dev")


def agreement_still_to_seek(w: World) -> Iterator[datetime]:
    """Criteria not met, and nobody asked the family; asked twice, and now up at the desk."""
    yield w.day(8, "09:15")
    request = acts.send(
        w,
        Full(
            by=LINDQVIST,
            told=Told(by="Karin Lindqvist", on=w.today(2), agrees="not_asked"),
            children=[Child("Bilal Aziz", w.born(14, 2, day=24), sex="M", ethnicity="APKN", gp="Quayside Practice")],
            home=Home("7 Signal Street\nSaltby", "WM5 9QN"),
            adults=[Adult("Farah Aziz"), Adult("Imran Aziz", "father")],
            worries=["behaviour"],
            narrative="Bilal has been asked to leave the youth club twice for fighting and then sits outside until we "
            "close. He says home is boring and loud.",
            tried="A one-to-one each Tuesday.",
        ),
    )  # fmt: skip
    yield from to_decision(w, request, EARLY_HELP, desk="omar", manager="marcus", ask_caf=True)


def unborn_in_the_tenancy(w: World) -> Iterator[datetime]:
    """Other actions, taken on last week by the Aldermoor team."""
    yield w.day(9, "11:55")
    request = acts.send(
        w,
        Full(
            by=GRANT,
            told=Told(by="Moira Grant", on=w.today(1)),
            children=[
                Child("Ellis Thorne", w.born(1, 6, day=10), sex="M", gp="Moor Road Surgery"),
                Child(expected=w.due_in(20), gp="Moor Road Surgery", young_mother="no"),
            ],
            home=Home("3 Chapel Bank\nAldermoor", "WM9 5DN"),
            adults=[Adult("Megan Thorne", phone="07700 900468"), Adult("Josh Reed", "father", at_home="no")],
            worries=["housing", "unborn"],
            narrative="Black mould in both rooms and an eviction date in five weeks. Ellis has been in hospital twice "
            "with his chest this winter.",
            change="A dry home before the new baby.",
            family_view="Megan would move anywhere on the bus line.",
        ),
        files=[papers.photo("Bedroom corner.png")],
    )  # fmt: skip
    record = Record(
        ("referral-other",),
        "Form; hospital letter; housing options.",
        "A home that harms a child, and a date by which the family loses it. Care itself is good.",
        "We will work with housing on a move before the eviction date, and pay for a dehumidifier now.",
    )
    acts.add_file(
        w, request, "grace", papers.letter("Hospital letter.pdf", papers.HOSPITAL),
        "Hospital letter of October, read out to us first and then sent by post",
    )  # fmt: skip
    yield from to_decision(w, request, record, desk="grace", manager="shirin")
    yield w.later(w.day(9), 1, "12:00")
    for assignment in acts.assigned(w, request):
        acts.take_on(w, assignment, "kofi")


STORIES: list[Story] = [
    corrected_after_a_week,
    unborn_in_the_tenancy,
    agreement_still_to_seek,
    the_mail_that_came_back,
]
