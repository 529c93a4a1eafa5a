"""What people asked SENDIASS: by text, WhatsApp, the web form and at the counter, at every stage (SE-1 to SE-8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from demonstration.clockwork import Story, World
from demonstration.handset import Handset
from demonstration.people import DESK
from helpdesk.services import sharing
from helpdesk.services.enquiries import (
    attempts,
    calls,
    danger,
    facts,
    finishing,
    folding,
    levels,
    replying,
    same_family,
    signposting,
    taking,
)
from service_request.asking.steps import Typed
from service_request.domain.clocks import first_contact_due
from service_request.domain.consent import Told
from service_request.models import Channel
from service_request.pathways.sendiass import questions
from service_request.pathways.sendiass.codes import Level
from service_request.services.enquiries import asking
from service_request.services.enquiries.evaluation_answers import wording_of


def a_boy_kept_out_of_school(w: World) -> Iterator[datetime]:
    """She has a letter; Nuala takes it, she is reached, and Nuala waits for her answer (pictures 12a and 12b)."""
    phone = Handset(w, "+447700900470")
    yield w.day(1, "12:31")
    start, letter = w.now, w.calendar.local_day(w.day(8))
    phone.says("school won't let my son in, dont know what to do")
    yield start + timedelta(minutes=2)
    phone.says("1")
    yield start + timedelta(minutes=5)
    phone.says(f"yes pls its from the head. {spoken(letter)}")
    yield start + timedelta(minutes=6)
    request = phone.says("8 sorry 9")
    yield start + timedelta(minutes=13)
    take(w, request, "nuala")
    yield start + timedelta(minutes=15)
    reply(
        w,
        request,
        "nuala",
        "Hello, I am Nuala, an adviser. I am sorry, that sounds hard. Does the letter say how many days he is "
        "suspended for?",
    )
    yield start + timedelta(minutes=21)
    phone.says("it says permanently. he has an ehcp. we are in saltby WM5 2QT")
    yield start + timedelta(minutes=27)
    facts.change_facts(
        w.session, request_id=request, answers={"gender": "male", "send": "yes", "place": "Saltby"},
        by=w.user("nuala"), now=w.now, house=w.house,
    )  # fmt: skip
    yield start + timedelta(minutes=28)
    rise(w, request, "nuala", Level.ONE, why="She needs to know what the governors may decide, and by when.",
         outcome="I didnt know anyone could go to that meeting")  # fmt: skip
    reply(
        w,
        request,
        "nuala",
        "Thank you. A permanent exclusion can be challenged, and his plan matters here. There is a meeting you can "
        "speak at. Please keep the letter. Can I ring you between 2 and 3? It is free, and you choose what to do.",
    )


def a_father_who_writes_in_polish(w: World) -> Iterator[datetime]:
    """He writes by WhatsApp, and waits for a person who can read him."""
    phone = Handset(w, "+447700900471", "whatsapp")
    yield w.back(hours=3, minutes=10)
    start = w.now
    phone.says("Dzień dobry, szkoła nie chce przyjąć mojego syna z autyzmem, nie wiem co robić")
    yield start + timedelta(minutes=3)
    phone.says("tak")
    yield start + timedelta(minutes=4)
    phone.says("1")


def a_girl_who_is_afraid_to_go_home(w: World) -> Iterator[datetime]:
    """Danger in her second text: 999 at once, a person within minutes, and a share of the least that serves (SE-5)."""
    phone = Handset(w, "+447700900472")
    yield w.back(hours=2, minutes=30)
    start = w.now
    phone.says("im 13 can i talk to u about school")
    yield start + timedelta(minutes=2)
    request = phone.says("yes", "i got excluded and my stepdad hits me when i get in trouble. im scared to go home")
    yield start + timedelta(minutes=7)
    danger.see_to_danger(w.session, request_id=request, by=w.user("nuala"), now=w.now)
    reply(
        w,
        request,
        "nuala",
        "This is Nuala, a person. Thank you for telling me. If you are not safe now, ring 999. I have to tell people "
        "whose job it is to keep you safe, and I will stay with you. Where are you now?",
    )
    yield start + timedelta(minutes=10)
    phone.says("im at my nans, she doesnt know")
    yield start + timedelta(minutes=16)
    share(
        w,
        request,
        "nuala",
        why="She says that she is hit at home and is afraid to go there today. She knows that I tell you.",
        concern="A girl of 13 says that her stepfather hits her when she is in trouble at school, and that she is "
        "afraid to go home today. She is at her grandmother’s now. Ring me for the way to reach her.",
    )


def a_mother_who_is_glad(w: World) -> Iterator[datetime]:
    """Finished at level 2 with what came of it in her words; three months later she says how it went (SE-4, SE-8)."""
    phone = Handset(w, "+447700900473")
    yield w.day(110, "10:05")
    start = w.now
    phone.says("my daughter has adhd and school say she cant have an assessment, she is 7 and has no plan. WM2 4LT")
    yield start + timedelta(minutes=2)
    request = phone.says("1")
    yield w.later(start, 1, "09:40")
    take(w, request, "marta")
    ring(w, request, "marta", "She did not know that she can ask for the assessment herself. I told her how.")
    rise(w, request, "marta", Level.ONE, why="She asks what the law says about assessments.",
         outcome="I know now that I can ask and the school cant say no for me")  # fmt: skip
    yield w.later(start, 6, "14:20")
    ring(w, request, "marta", "We wrote her letter to the council together.")
    rise(w, request, "marta", Level.TWO, why="She wants somebody beside her when she writes to the council.",
         outcome="we wrote the letter together and I sent it")  # fmt: skip
    yield w.later(start, 12, "11:10")
    finishing.finish(
        w.session, request_id=request, outcome="they said yes!! i was ready to give up before i texted u",
        by=w.user("marta"), now=w.now, house=w.house,
    )  # fmt: skip
    yield w.day(5, "19:20")
    asked = wording_of(w.house).for_level(Level.TWO)
    phone.answers("GO", *("1" if number % 4 else "2" for number, _ in enumerate(asked, 1)), "1")


def a_mother_from_over_the_border(w: World) -> Iterator[datetime]:
    """She lives in another authority's area, and is told who helps there (SE-2)."""
    phone = Handset(w, "+447700900474")
    yield w.day(6, "13:15")
    start = w.now
    phone.says("school have excluded my son but i live over the border")
    yield start + timedelta(minutes=1)
    request = phone.says("yes", spoken(w.today(4)), "15", "yes", "no", "ZZ9 9ZZ")
    yield start + timedelta(minutes=55)
    signposting.signpost(
        w.session, request_id=request, reason=signposting.Signpost.OUT_OF_AREA, told=signposting.Told.SEND,
        where="Your own area has a service like ours, free as well: Eastmarch SENDIASS, 01632 960177. They know the "
        "schools where you live. If they cannot help, text us again.",
        by=w.user("nuala"), now=w.now, house=w.house,
    )  # fmt: skip


def a_school_that_asks_for_a_family(w: World) -> Iterator[datetime]:
    """A professional asks for a family: told how the family gets in touch, and not counted (SE-1)."""
    phone = Handset(w, "+447700900475")
    yield w.day(4, "15:40")
    phone.says("Hello, I am the SENCO at a primary school. I would like to refer a family I work with for an appeal.")


def a_grandfather_at_the_counter(w: World) -> Iterator[datetime]:
    """He walked in; Marta wrote it down while he spoke. That night he asks again by the form, and it is one (SE-1)."""
    yield w.day(2, "11:25")
    answers = {
        "story": "He looks after his grandson, who is in Year 2 and is sent home at lunch most days. Nobody has put "
        "it in writing. He wants to know whether they may do that.",
        "enquirer": "carer", "age": "6", "gender": "male", "send": "maybe", "plan": "no", "letter": "none",
        "place": "Aldermoor", "postcode": "WM8 3FD", "name": "Walter", "phone": "01632 960155", "safe": "yes",
        "reach": "by phone, mornings",
    }  # fmt: skip
    request = calls.log_call(
        w.session, new=calls.NewCall(uuid4(), Channel.IN_PERSON, answers), by=w.user("marta"), now=w.now, house=w.house
    )
    rise(w, request, "marta", Level.ONE, why="He needs the rules on part days in writing.",
         outcome="Nobody told me that they have to write it down")  # fmt: skip
    yield w.day(2, "20:15")
    typed = {
        questions.Story: Typed(story=["It is about my grandson, who is sent home at lunch. I forgot to ask: does it "
        "count as an exclusion, and can I see what they wrote down?"]),
        questions.WhoAsks: Typed(enquirer=["carer"]),
        questions.Letter: Typed(letter=["none"]),
        questions.Reach: Typed(name=["Walter"], phone=["01632 960155"], safe=["yes"], reach=["mornings"]),
    }  # fmt: skip
    asking.ask(w.session, form_id=uuid4(), answers=typed, now=w.now, house=w.house)
    yield w.day(1, "09:25")
    marta = w.user("marta")
    (hint,) = same_family.list_hints(w.session, request, marta, phone="01632 960155", email=None)
    again = hint.other.id
    w.session.rollback()
    same_family.answer(
        w.session, request_id=again, other_id=request, same=True, by=marta, now=w.now, house=w.house
    )  # fmt: skip
    folding.fold(
        w.session, request_id=again, into_id=request, why="He asks about the same lunches.", by=marta, now=w.now,
        house=w.house,
    )  # fmt: skip


def a_form_that_is_due_today(w: World) -> Iterator[datetime]:
    """She asked by the web form five working days ago, and nobody has reached her yet (SE-3)."""
    yield due_today(w)
    typed = {
        questions.Story: Typed(story=["The school has changed what is in my daughter’s plan without asking me. The "
        "review is next month. I would like somebody to read it with me."]),
        questions.WhoAsks: Typed(enquirer=["parent"]),
        questions.Letter: Typed(letter=["none"]),
        questions.AboutChild: Typed(age=["11"], gender=["female"], send=["yes"], plan=["yes"], need=["asd"]),
        questions.Place: Typed(place=["Millbrook"], postcode=["WM1 5NB"]),
        questions.Reach: Typed(name=["Yasmin"], phone=["07700 900476"], email=["yasmin.k@mailbox.example"],
                               safe=["yes"], reach=["a call after 4"]),
    }  # fmt: skip
    asking.ask(w.session, form_id=uuid4(), answers=typed, now=w.now, house=w.house)


def a_phone_that_is_read_by_another(w: World) -> Iterator[datetime]:
    """It is not safe to text her: after that no text leaves, and a person finds another way (EV-2)."""
    phone = Handset(w, "+447700900478")
    yield w.day(1, "19:40")
    start = w.now
    phone.says("hi i need help with my sons school he checks my phone tho")
    yield start + timedelta(minutes=1)
    phone.says("2")


def take(w: World, request: UUID, by: str) -> None:
    """Take an enquiry."""
    taking.take(w.session, request_id=request, by=w.user(by), now=w.now)


def reply(w: World, request: UUID, by: str, words: str) -> None:
    """Write to them by their own channel."""
    replying.reply(w.session, request_id=request, words=words, by=w.user(by), now=w.now, house=w.house)


def ring(w: World, request: UUID, by: str, words: str) -> None:
    """Ring them, who answer."""
    attempts.log_attempt(
        w.session, request_id=request, channel=Channel.PHONE, reached=True, words=words, by=w.user(by), now=w.now,
        house=w.house,
    )  # fmt: skip


def rise(w: World, request: UUID, by: str, level: Level, *, why: str, outcome: str) -> None:
    """Raise the level, with what came of the one before in their own words."""
    levels.rise(
        w.session, request_id=request, level=level, reason=why, outcome=outcome, by=w.user(by), now=w.now,
        house=w.house,
    )  # fmt: skip


def share(w: World, request: UUID, by: str, *, why: str, concern: str) -> None:
    """Share a concern with the helpdesk, in words that were written for it."""
    desk = next(team for team, name in sharing.list_teams_to_share_with(w.session, w.now) if name == DESK)
    new = sharing.NewShare(uuid4(), desk, why, concern, "today", Told.NOT_ESTABLISHED)
    sharing.share(w.session, request_id=request, new=new, by=w.user(by), now=w.now, house=w.house)


def due_today(w: World) -> datetime:
    """Return when that came which is due on this working day, or the next one."""
    calendar = w.calendar
    today = calendar.add_working_days(calendar.local_day(w.end), 0)
    days = (w.day(days, "11:05") for days in range(1, 30))
    return next(at for at in days if calendar.local_day(first_contact_due(at, calendar).due_at) == today)


def spoken(day: date) -> str:
    """Write a day as people type it: 12th of nov."""
    ending = "th" if 11 <= day.day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return f"{day.day}{ending} of {day:%b}".lower()


STORIES: list[Story] = [
    a_boy_kept_out_of_school,
    a_father_who_writes_in_polish,
    a_girl_who_is_afraid_to_go_home,
    a_mother_who_is_glad,
    a_mother_from_over_the_border,
    a_school_that_asks_for_a_family,
    a_grandfather_at_the_counter,
    a_form_that_is_due_today,
    a_phone_that_is_read_by_another,
]
