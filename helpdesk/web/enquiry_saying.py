"""What an enquiry says, in words for SENDIASS's pages: who it is, what is promised, what was said (SE-3, SE-5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from helpdesk.domain.ways import BY_TEXT
from helpdesk.web.timeline import MAILS, words_of_act
from infrastructure.calendar import LONDON, OfficeCalendar
from infrastructure.outbox.models import MessageState
from infrastructure.web.say_time import short_date, staff_moment, time_left
from service_request.models import Channel, ClockEnd, ClockKind, Direction
from service_request.pathways.sendiass.codes import DeadlineKind, Eligible, EnquirerKind, InArea
from service_request.pathways.sendiass.eligibility import in_own_right
from service_request.pathways.sendiass.reading import words_of
from service_request.services.sight.conversations import Spoken
from service_request.services.sight.desk import ClockFacts
from service_request.services.sight.enquiries import DeadlineFacts, EnquiryFacts
from service_request.services.sight.timeline import Happening

NOT_KNOWN = "Not known who asks"
WHO: dict[EnquirerKind, str] = {
    EnquirerKind.PARENT: "Parent",
    EnquirerKind.CARER: "Carer",
    EnquirerKind.CHILD: "Child",
    EnquirerKind.YOUNG_PERSON: "Young person",
    EnquirerKind.FAMILY: "Relative or friend",
    EnquirerKind.PROFESSIONAL: "Professional",
    EnquirerKind.NOT_KNOWN: NOT_KNOWN,
}
THEMSELVES = (EnquirerKind.CHILD, EnquirerKind.YOUNG_PERSON)
DEADLINES: dict[DeadlineKind, tuple[str, str]] = {  # the short name of its tag, and what must happen by the date
    DeadlineKind.EXCLUSION: ("Exclusion", "Governors must meet by"),
    DeadlineKind.EXCLUSION_REVIEW: ("Exclusion review", "A review must be asked for by"),
    DeadlineKind.APPEAL: ("Appeal", "The appeal must be in by"),
    DeadlineKind.MEDIATION: ("Mediation", "Mediation must be asked for by"),
    DeadlineKind.ANNUAL_REVIEW: ("Annual review", "The review must be done by"),
    DeadlineKind.DRAFT_PLAN: ("Draft plan", "Comments must be in by"),
    DeadlineKind.OTHER: ("Letter", "The letter says by"),
}
ADULT, GROWN = 16, 18
LIES_NEAR = 5  # days before a date that the law sets, from which on it is marked
EXCERPT = 90
UK_NUMBER = len("+447700900461")
STATES: dict[MessageState, str] = {
    MessageState.WAITING: "waiting to be sent",
    MessageState.TRYING_AGAIN: "trying again",
    MessageState.SENT: "sent",
    MessageState.DELIVERED: "delivered",
    MessageState.FAILED: "could not be delivered",
    MessageState.HELD: "held back: it may say too much",
    MessageState.CANCELLED: "cancelled before it was sent",
}
SHOWN_ACTS = frozenset(
    {"take", "reach", "rise", "danger", "alert_danger", "gather_danger", "see_to_danger", "silence", "opt_out",
     "opt_in", "ask_to_stop", "unsafe", "safe", "wants_person", "signpost", "close", "finish", "set_aside", "restore",
     "hand_over", "fold_enquiry", "unfold_enquiry", "take_in_enquiry", "let_out_enquiry"}
)  # fmt: skip
AREAS: dict[InArea, str] = {
    InArea.YES: "in our area",
    InArea.NO: "outside our area",
    InArea.NOT_GIVEN: "not known whether in our area",
}
OPTIONAL = ("anything_else", "birth_on", "eligible")
ELIGIBLE: dict[Eligible, str] = {
    Eligible.YES: "Yes, the service is for them",
    Eligible.NO: "No, signpost them",
    Eligible.UNSURE: "Not sure yet",
}


@dataclass(frozen=True)
class Entry:
    """One thing in the conversation; `side` is theirs, ours, note or act."""

    side: str
    body: str
    who: str
    moment: str
    tail: str = ""
    understood: str = ""
    is_held: UUID | None = None  # the message out that somebody must look at
    has_failed: bool = False


@dataclass(frozen=True)
class Promise:
    """A clock or a deadline as its panel says it."""

    left: str
    state: str  # running, soon, late, ended
    words: str
    day: str
    more: str = ""
    working: tuple[tuple[str, str], ...] = ()
    is_checked: bool = True
    due_at: datetime | None = None


def who_it_is(
    enquirer: EnquirerKind | None, facts: Mapping[str, str], children: Sequence[str] = (), asked_by: Sequence[str] = ()
) -> str:
    """Say whose enquiry it is without a name: "Parent of a boy, 9"; of what was handed over, as its form names them."""
    if children:
        return ", ".join(children)
    if enquirer is None:
        return asked_by[0] if asked_by else NOT_KNOWN
    child, age = _child(facts), facts.get("age", "")
    if enquirer in THEMSELVES:
        return ", ".join(part for part in (WHO[enquirer], age) if part)
    if not (age or facts.get("gender") in ("male", "female")):
        return WHO[enquirer]
    if enquirer is EnquirerKind.NOT_KNOWN:
        return f"About a {child}" + (f", {age}" if age else "")
    return f"{WHO[enquirer]} of a {child}" + (f", {age}" if age else "")


def child_words(facts: Mapping[str, str]) -> str:
    """Say about whom it is: "Boy, 9"."""
    age, birth = facts.get("age", ""), facts.get("birth_on", "")
    born = f"born {words_of('birth_on', birth)}" if birth else ""
    noun = _child(facts)
    parts = [noun[:1].upper() + noun[1:] if facts.get("gender") or age else "", age, born]
    return ", ".join(part for part in parts if part)


def _child(facts: Mapping[str, str]) -> str:
    age = int(facts["age"]) if facts.get("age", "").isdigit() else 0
    by_gender = {"male": ("boy", "young man"), "female": ("girl", "young woman")}
    young, grown = by_gender.get(facts.get("gender", ""), ("child", "young person"))
    return grown if age >= (GROWN if young != "child" else ADULT) else young


def excerpt(story: str) -> str:
    """Return the beginning of what they said, in one line, for a list."""
    line = " ".join(story.split())
    if len(line) <= EXCERPT:
        return line
    return line[:EXCERPT].rsplit(" ", 1)[0] + "…"


def first_contact(clock: ClockFacts, now: datetime, calendar: OfficeCalendar) -> Promise:
    """Say how long is left to reach them, in working days, or how it ended (SE-3)."""
    local = calendar.local(clock.due_at)
    day = f"{day_words(local.date())} {local:%H:%M}"
    if clock.ended_at is not None:
        met = clock.end is ClockEnd.MET
        late = clock.ended_at > clock.due_at
        left = f"Reached {staff_moment(clock.ended_at, now)}" if met else "Promise ended"
        more = ("Promise met" if not late else f"{time_left(clock.due_at, clock.ended_at)}") if met else ""
        if clock.end is ClockEnd.FOLDED:
            more = "It holds for the enquiry that this was folded into, by the earlier of the two times"
        return Promise(left, "ended", "Reach them by", day, more, clock.working)
    state = "late" if now >= clock.due_at else "soon" if now >= clock.warn_at else "running"
    return Promise(working_days_left(clock.due_at, now, calendar), state, "Reach them by", day, "", clock.working)


def working_days_left(due_at: datetime, now: datetime, calendar: OfficeCalendar) -> str:
    """Return "3 working days left"; on the last day and after it what is left of it, or how late it is."""
    today, last = calendar.local_day(now), calendar.local_day(due_at)
    if now >= due_at or today >= last:
        return time_left(due_at, now) if now >= due_at else f"{time_left(due_at, now)} left"
    days, day = 0, today
    while day < last:
        day = calendar.next_working_day(day)
        days += 1
    return "1 working day left" if days == 1 else f"{days} working days left"


def deadline(
    one: DeadlineFacts, today: date, calendar: OfficeCalendar, holidays: Sequence[tuple[date, date]]
) -> Promise:
    """Say how long is left until a date that the law sets, in its own unit, and how the date came about (SE-3)."""
    state = "late" if today > one.due_on else "soon" if today + timedelta(days=LIES_NEAR) >= one.due_on else "running"
    of_letter = f", from the letter of {short_date(one.letter_on)}" if one.letter_on else ""
    return Promise(
        days_until(one.kind, one.due_on, today, calendar, holidays),
        "ended" if one.ended_at is not None else state,
        DEADLINES[one.kind][1],
        day_words(one.due_on),
        of_letter,
        one.working,
        one.is_checked,
    )


def days_until(
    kind: DeadlineKind | None,
    due_on: date,
    today: date,
    calendar: OfficeCalendar,
    holidays: Sequence[tuple[date, date]],
) -> str:
    """Return "12 school days left" for what is counted in them, "16 days left" for all else."""
    if today > due_on:
        late = (today - due_on).days
        return "1 day late" if late == 1 else f"{late} days late"
    if today == due_on:
        return "Today"
    in_school = kind in (DeadlineKind.EXCLUSION, DeadlineKind.EXCLUSION_REVIEW)
    if not in_school:
        left = (due_on - today).days
        return "1 day left" if left == 1 else f"{left} days left"
    left = 0
    day = today
    while day < due_on:
        day = calendar.next_working_day(day)
        left += day <= due_on and not any(begins <= day <= ends for begins, ends in holidays)
    return "1 school day left" if left == 1 else f"{left} school days left"


def day_words(day: date) -> str:
    """Return "Thu 3 Dec"."""
    return f"{day:%a} {day.day} {day:%b}"


def conversation(spoken: Sequence[Spoken], happenings: Sequence[Happening], *, who: str, now: datetime) -> list[Entry]:
    """Put what was said and what was done into one line of time, the earliest first; theirs stay untouched."""
    timed = [(one.at, 0 if one.direction is Direction.IN else 2, _said(one, who, now)) for one in spoken]
    timed += [
        (one.at, 1, Entry("act", "", words_of_act(one), staff_moment(one.at, now)))
        for one in reversed(happenings)  # the latest comes first; of one moment, in the order in which they were done
        if one.act in SHOWN_ACTS
    ]
    return [entry for _, _, entry in sorted(timed, key=lambda pair: (pair[0], pair[1]))]


def _said(one: Spoken, who: str, now: datetime) -> Entry:
    moment = staff_moment(one.at, now)
    if one.direction is Direction.IN:
        return Entry("theirs", one.body, who, moment, understood=one.understood or "")
    if one.direction is Direction.OUT:
        state = STATES.get(one.state, "") if one.state else ""
        held = one.outbox_id if one.state is MessageState.HELD else None
        body = one.body or (MAILS.get(one.kind, "email")[:1].upper() + MAILS.get(one.kind, "email")[1:])
        return Entry(
            "ours",
            body,
            one.by or "Automatic",
            moment,
            state,
            is_held=held,
            has_failed=one.state is MessageState.FAILED,
        )
    head = {"call_reached": "Reached", "call_not_reached": "Tried to reach, nobody answered"}.get(one.kind, "Note")
    return Entry("note", one.body, f"{head}, {one.by or 'the system'}", moment)


def rows_of(enquiry: EnquiryFacts, today: date) -> list[tuple[str, str, str]]:
    """Return what is known, as (field, label, words), for the panel; what was not said stands in one."""
    facts = enquiry.facts
    rows = [
        ("enquirer", "Who", WHO[enquiry.enquirer] if enquiry.enquirer is not EnquirerKind.NOT_KNOWN else ""),
        ("age", "Child", child_words(facts)),
        ("birth_on", "Own right", _own_right(enquiry, today)),
        ("place", "Area", _area(enquiry)),
        ("send", "Needs", _of(facts, "send", "need")),
        ("plan", "Plan", _of(facts, "plan")),
        ("letter", "Letter", _of(facts, "letter", "letter_on")),
        ("name", "Name", facts.get("name") or "Not given. Not needed"),
        ("reach", "Best reached", facts.get("reach", "")),
        ("anything_else", "Also", facts.get("anything_else", "")),
        ("eligible", "For them?", ELIGIBLE[enquiry.eligible] if enquiry.eligible is not Eligible.YES else ""),
    ]
    said = [row for row in rows if row[2]]
    unsaid = [label for field, label, words in rows if not words and field not in OPTIONAL]
    if unsaid:
        said.append(("", "Not said", ", ".join(unsaid[:1] + [label.lower() for label in unsaid[1:]])))
    return said


def _own_right(enquiry: EnquiryFacts, today: date) -> str:
    """Say that a young person is served in their own right, whoever asks (SE-2); nothing where it is not known."""
    birth = enquiry.facts.get("birth_on", "")
    born = date.fromisoformat(birth) if birth else None
    if not in_own_right(age=enquiry.facts.get("age", ""), birth_on=born, today=today):
        return ""
    asks = "they ask" if enquiry.enquirer in THEMSELVES else "they may also ask"
    return f"16 to 25: {asks} in their own right"


def _area(enquiry: EnquiryFacts) -> str:
    place, postcode = enquiry.facts.get("place", ""), enquiry.facts.get("postcode", "")
    where = place if postcode and postcode in place else ", ".join(part for part in (place, postcode) if part)
    if not where:
        return "" if enquiry.in_area is InArea.NOT_GIVEN else AREAS[enquiry.in_area].capitalize()
    return f"{where}, {AREAS[enquiry.in_area]}"


def _of(facts: Mapping[str, str], *names: str) -> str:
    return ", ".join(words_of(name, facts[name]) for name in names if facts.get(name))


def way_words(channel: Channel) -> tuple[str, str]:
    """Return how a reply goes out: the label of its box and of its button."""
    return {
        Channel.SMS: ("Reply by text", "Send text"),
        Channel.WHATSAPP: ("Reply by WhatsApp", "Send WhatsApp"),
        Channel.EMAIL: ("Reply by email", "Send email"),
    }.get(channel, ("Reply", "Send"))


def number_words(address: str) -> str:
    """Return a number of this country as people read it, "07700 900 461"; anything else as it is."""
    if not (address.startswith("+44") and address[1:].isdigit() and len(address) == UK_NUMBER):
        return address
    digits = f"0{address[3:]}"
    return f"{digits[:5]} {digits[5:8]} {digits[8:]}"


def is_text(channel: Channel) -> bool:
    """Tell whether a reply by this way is counted in texts."""
    return channel in BY_TEXT


def running(clocks: Sequence[ClockFacts], kind: ClockKind) -> ClockFacts | None:
    """Return the latest clock of a kind, one that runs first."""
    found = [clock for clock in clocks if clock.kind is kind]
    return next((clock for clock in found if clock.ended_at is None), found[-1] if found else None)


def local_day(now: datetime) -> date:
    """Return the office's date."""
    return now.astimezone(LONDON).date()
