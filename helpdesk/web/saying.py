"""What a request says, in words for its page: clock, answers, what is missing, proof, timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from helpdesk.services.deciders import InLine
from helpdesk.web.timeline import as_heard_once, as_one_look, is_shown_by_a_message, words_of_act, words_of_message
from infrastructure.calendar import LONDON
from infrastructure.house import House
from infrastructure.web.say_time import clock_state, staff_moment, time_left
from service_request.asking.steps import FormContext
from service_request.models import ClockEnd, Direction
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.reading import ReadSection, missing_of, read_back
from service_request.services.sight.desk import ClockFacts, ReferrerFacts, RequestFacts
from service_request.services.sight.parts import ResponseFacts
from service_request.services.sight.timeline import Happening, Said

NOT_A_SECTION = ("told",)  # read in the part about consent, where later answers stand beside it
READ_FIRST = ("call", "concerns", "home")
TITLES = {  # as staff say them
    "You": "Referrer",
    "Your concerns": "Concerns",
    "Your details": "Referrer",
    "In your words": "In their words",
    "How to reach you": "How to reach them",
    "About you": "The child who asks",
}
TO_DECIDE = ("narrative", "question", "child_view", "family_view")
NAMED = 2  # people in a line; more are counted
STOPPED: dict[ClockEnd, str] = {  # why a promise has no end of its own
    ClockEnd.FOLDED: "two requests about the same child are one; the earlier of the two times holds",
    ClockEnd.SUPERSEDED: "a new decision took the work back",
    ClockEnd.WITHDRAWN: "it was set aside or taken back; if it comes back, the same time holds",
    ClockEnd.HANDED_OVER: "it was handed over to SENDIASS",
}
SHOWN: dict[str, tuple[str, ...]] = {
    "messages": (Direction.IN, Direction.OUT),
    "notes": (Direction.NOTE, Direction.CALL),
    "changes": ("change",),
}


@dataclass(frozen=True)
class ClockWords:
    """A promise as its panel says it."""

    clock: ClockFacts
    left: str
    moment: str
    state: str  # running, soon, late, ended
    working: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Entry:
    """One line of the timeline; `kind` is in, out, note, call or change."""

    at: datetime
    moment: str
    kind: str
    head: str
    tail: str
    body: str


def clock_words(clock: ClockFacts, now: datetime, ended: str = "Ended", in_line: InLine | None = None) -> ClockWords:
    """Say what is left, or how it ended, with the working beneath; `in_line` names who will be told."""
    extra = [
        (label, staff_moment(at, now))
        for label, at in (("Warned", clock.warned_at), ("Next in line told", clock.escalated_at))
        if at is not None
    ]
    working = (*_with_names(clock, in_line), *extra)
    moment = staff_moment(clock.due_at, now)
    if clock.ended_at is None:
        left = time_left(clock.due_at, now)
        said = left if clock.due_at <= now else f"Due in {left}"
        return ClockWords(clock, said, moment, clock_state(clock.due_at, clock.warn_at, now), working)
    if clock.end is not ClockEnd.MET:
        why = f"{staff_moment(clock.ended_at, now)}: {STOPPED[clock.end]}" if clock.end else ""
        return ClockWords(clock, "Stopped", moment, "ended", (*working, ("Stopped", why)))
    late = time_left(clock.due_at, clock.ended_at) if clock.ended_at > clock.due_at else "in time"
    return ClockWords(clock, f"{ended} {late}", staff_moment(clock.ended_at, now), "ended", working)


def _with_names(clock: ClockFacts, in_line: InLine | None) -> list[tuple[str, str]]:
    """Name who will be warned and told; of what was done already the names may have been others."""
    ahead: dict[str, tuple[str, ...]] = {}
    if in_line and clock.warned_at is None:
        ahead["Warns"] = in_line.warned
    if in_line and clock.escalated_at is None:
        ahead["Escalates"] = in_line.told_late
        if in_line.on_duty:
            first = _names(in_line.on_duty)
            then = _names(tuple(one for one in in_line.told_late if one not in in_line.on_duty))
            ahead["Escalates"] = (f"{first} on duty" + (f", then {then}" if then else ""),)
    return [(term, f"{words}, {_names(ahead[term])}" if ahead.get(term) else words) for term, words in clock.working]


def _names(people: tuple[str, ...]) -> str:
    if len(people) <= NAMED:
        return " and ".join(people)
    return f"{people[0]} and {len(people) - 1} others"


def context_of(request: RequestFacts, house: House, now: datetime) -> FormContext:
    """Return what is needed to read answers back: the authority's exceptions, and the area that was found."""
    areas = ((request.area_code, request.area),) if request.area_code and request.area else ()
    return FormContext(
        today=now.astimezone(LONDON).date(), extra_exceptions=house.settings.extra_exceptions, areas=areas
    )


def read_sections(response: ResponseFacts, context: FormContext) -> list[ReadSection]:
    """Return every answer of a form in words, what the concern is first."""
    read = read_back(FormKind(response.kind), response.answers, context, version=response.form_version)
    sections = [replace(one, title=TITLES.get(one.title, one.title)) for one in read]
    return sorted(sections, key=lambda one: READ_FIRST.index(one.key) if one.key in READ_FIRST else len(READ_FIRST))


def context_of_given(house: House, now: datetime) -> FormContext:
    """Return what is needed to read back the answers that somebody was given a part of."""
    return FormContext(today=now.astimezone(LONDON).date(), extra_exceptions=house.settings.extra_exceptions, areas=())


def answered_only(sections: Sequence[ReadSection]) -> list[ReadSection]:
    """Return what was answered: of what was not given nobody is told that it is missing."""
    kept = [replace(one, rows=tuple(row for row in one.rows if row.state == "answered")) for one in sections]
    return [one for one in kept if one.rows]


def narrative_and_views(sections: Sequence[ReadSection]) -> list[ReadSection]:
    """Return what worries the referrer and what the family says: what a manager keeps in sight while writing."""
    first = [one for one in sections if one.key in READ_FIRST]
    short = [replace(one, rows=tuple(row for row in one.rows if row.field in TO_DECIDE)) for one in first]
    return [one for one in short if one.rows]


def missing_words(sections: Sequence[ReadSection]) -> list[str]:
    """Return what was not answered, with the child it belongs to: "Ryan Hartley: GP surgery"."""
    return list(missing_by_field(sections).values())


def missing_by_field(sections: Sequence[ReadSection]) -> dict[str, str]:
    """Return the same by the name under which it is asked of the referrer: "child.2.where/gp"."""
    titles = {row: section.title for section in sections if section.number for row in section.rows}
    return {
        f"{row.step_key}/{row.field}": f"{titles[row]}: {_lower(row.label)}" if row in titles else row.label
        for row in missing_of(list(sections))
    }


def proof_words(referrer: ReferrerFacts, now: datetime) -> str:
    """Say why the form can go back to this referrer, or what stands in the way (GL-14)."""
    if not referrer.is_professional:
        return "Told that we heard them, and what comes next. No form goes back."
    if not referrer.email:
        return "No email address. Tell them the outcome by phone."
    when = f", {staff_moment(referrer.proven_at, now)}" if referrer.proven_at else ""
    return {
        "code": f"Proven by code{when}. The form can go back here.",
        "agency_domain": "The address of a known agency. The form can go back here.",
        "phone": f"Confirmed by phone{when}. The form can go back here.",
    }.get(referrer.proof or "", "Not proven. They read what was done, but the form cannot go back here.")


def timeline_of(
    happenings: Sequence[Happening], said: Sequence[Said], referrer: str, now: datetime, show: str = "all"
) -> list[Entry]:
    """Put acts and messages into one line of time, the latest first; `show` keeps messages, notes or changes only."""
    entries = []
    for message in said:  # before the act of the same moment that owed it, so above it
        head, tail = words_of_message(message, referrer, now)
        moment = _first_upper(staff_moment(message.at, now))
        entries.append(Entry(message.at, moment, message.direction.value, head, tail, message.body))
    entries += [
        Entry(one.at, _first_upper(staff_moment(one.at, now)), "change", words_of_act(one), "", "")
        for one in as_heard_once(as_one_look(happenings))
        if not is_shown_by_a_message(one)
    ]
    kept = {
        "messages": (Direction.IN, Direction.OUT),
        "notes": (Direction.NOTE, Direction.CALL),
        "changes": ("change",),
    }
    if show in kept:
        entries = [entry for entry in entries if entry.kind in kept[show]]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _first_upper(words: str) -> str:
    return words[:1].upper() + words[1:]


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:] if words[1:2].islower() else words
