"""Asked back and answered, still waited for, folded into another, taken back; and who is on duty this week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from demonstration import acts, by_link, desk_acts
from demonstration.answers import Adult, Child, Full, Home, Told, page
from demonstration.clockwork import Story, World
from demonstration.stories.cast import FENWICK, HOLT, PATEL, RAHMAN, WREN


def asked_and_answered(w: World) -> Iterator[datetime]:
    """Two questions went back to the school; its answer came this morning and stands beside the old one."""
    yield w.back(hours=14, minutes=20)
    request = acts.send(
        w,
        Full(
            by=PATEL,
            told=Told(by="Nisha Patel", on=w.today(1)),
            children=[Child("Mabel Thorne", w.born(8, 3, day=11), sex="F", school="St Hilda’s Primary School")],
            home=Home("5 Weir Cottages\nMillbrook", "WM4 6AF"),
            adults=[Adult("Joanne Thorne", phone="07700 900471")],
            worries=["parent_substance", "neglect"],
            narrative="Mabel was brought to school by a neighbour on three mornings. Her mother did not come to the "
            "door. Mabel says that she makes the breakfast.",
        ),
        proven=PATEL.email,
    )  # fmt: skip
    yield w.back(hours=13, minutes=30)
    desk_acts.ask_referrer(
        w, request, "omar", ["views/family_view", "tried/tried"],
        "Thank you. Before the manager decides: what have you tried already, and what does the mother say about it?",
    )  # fmt: skip
    yield w.back(hours=2, minutes=15)
    by_link.answer(
        w, PATEL.email,
        {
            "views": page(family_view="She says that mornings are the worst, and would like somebody to come by."),
            "tried": page(tried="Breakfast club since Monday. A talk with her mother on the phone, which was short."),
        },
        own_words="Her aunt has moved in this week and brings her now.",
    )  # fmt: skip


def waited_for(w: World) -> Iterator[datetime]:
    """Asked this morning; the clock of the decision runs on."""
    yield w.back(hours=8, minutes=10)
    request = acts.send(
        w,
        Full(
            by=WREN,
            told=Told(by="Dr Oliver Wren", on=w.today(), agrees="not_asked"),
            children=[Child("Aaron Pike", w.born(12, 9, day=7), sex="M", school="Larkfield Academy", year="year_8")],
            home=Home("31 Furnace Road\nSaltby", "WM6 4BA"),
            adults=[Adult("Gemma Pike")],
            worries=["school", "child_mental_health"],
            narrative="Aaron has missed four appointments and 31 days of school since September. Letters come back.",
        ),
    )  # fmt: skip
    yield w.back(hours=6, minutes=45)
    desk_acts.ask_referrer(
        w, request, "grace", ["concerns/narrative", "agrees/agrees"],
        "Who has seen Aaron since half term, and has anybody asked his mother whether she would like help?",
    )  # fmt: skip


def two_who_saw_the_same(w: World) -> Iterator[datetime]:
    """A school and a practice write on one day about one girl: the later one is folded into the earlier."""
    child = Child("Lottie Amis", w.born(10, 5, day=22), sex="F", school="Brookfield Primary School", year="year_5")
    home, mother = Home("12 Bell Lane\nMillbrook", "WM4 2QR"), Adult("Carly Amis", phone="07700 900477")
    yield w.back(hours=11, minutes=40)
    first = acts.send(
        w,
        Full(
            by=RAHMAN,
            told=Told(by="Samina Rahman", on=w.today()),
            children=[child],
            home=home,
            adults=[mother],
            worries=["domestic_abuse"],
            narrative="Lottie told her teacher that the police came in the night and that she hid in the bath.",
            tried="A safe adult in school and a plan for the end of the day.",
            family_view="Her mother is glad that somebody asked.",
        ),
        proven=RAHMAN.email,
    )  # fmt: skip
    yield w.back(hours=10, minutes=5)
    second = acts.send(
        w,
        Full(
            by=FENWICK,
            told=Told(by="Dr Judith Fenwick", on=w.today()),
            children=[child],
            home=home,
            adults=[mother],
            worries=["domestic_abuse", "parent_mental_health"],
            narrative="Lottie’s mother came with a broken wrist. She says that the children saw it happen.",
            family_view="She asks what would happen next, and is not against help.",
        ),
    )  # fmt: skip
    yield w.back(hours=8, minutes=50)
    acts.claim(w, first, "grace")
    desk_acts.fold(w, second, first, "grace")
    acts.check_open_case(w, first, "grace")
    acts.pass_on(w, first, "grace")


def wanted_back(w: World) -> Iterator[datetime]:
    """A teacher wants a request back: it stays open until a person has looked."""
    yield w.back(hours=7, minutes=25)
    request = acts.send(
        w,
        Full(
            by=HOLT,
            told=Told(by="Danielle Holt", on=w.today(1)),
            children=[Child("Tyler Shaw", w.born(13, 1, day=17), sex="M", school="Larkfield Academy", year="year_8")],
            home=Home("8 Signal Street\nSaltby", "WM5 9QP"),
            adults=[Adult("Neil Shaw", "father", phone="07700 900479")],
            worries=["physical"],
            narrative="Tyler came with a mark on his cheek and said that he fell. A friend says it was his father.",
            family_view="His father says that boys fall.",
        ),
        proven=HOLT.email,
    )  # fmt: skip
    yield w.back(hours=1, minutes=10)
    by_link.ask_it_back(
        w, request, HOLT.email, "family_asked", "Mr Shaw has been in and would like me to take it back.",
        name="Danielle Holt",
    )  # fmt: skip


def sent_twice(w: World) -> Iterator[datetime]:
    """Sent a second time by mistake last week, asked back by the school, and let go by the desk."""
    yield w.day(7, "10:40")
    request = acts.send(
        w,
        Full(
            by=PATEL,
            told=Told(by="Nisha Patel", on=w.today()),
            children=[Child("Reece Calder", w.born(9, 7, day=3), sex="M", school="St Hilda’s Primary School")],
            home=Home("14 Lock House\nMillbrook", "WM4 5TT"),
            adults=[Adult("Sian Calder", phone="07700 900481")],
            worries=["behaviour"],
            narrative="Reece has left the classroom every day this week. His mother asks for help with the evenings.",
        ),
    )  # fmt: skip
    yield w.day(7, "11:25")
    by_link.ask_it_back(
        w, request, PATEL.email, "help_found", "The locality team rang her yesterday, before I had sent this.",
        name="Nisha Patel",
    )  # fmt: skip
    yield w.day(7, "13:10")
    desk_acts.let_it_go(w, request, "priya")


def on_duty_this_week(w: World) -> Iterator[datetime]:
    """Who hears first when something is late: by day and by night, this week and the next."""
    yield w.day(2, "16:30")
    week = timedelta(days=7)
    start = w.now - timedelta(days=1)
    for who, since in (("priya", start), ("helen", start + week), ("priya", start + 2 * week)):
        desk_acts.put_on_duty(w, who, since, since + week, by="ian")


STORIES: list[Story] = [
    on_duty_this_week,
    sent_twice,
    asked_and_answered,
    two_who_saw_the_same,
    waited_for,
    wanted_back,
]
