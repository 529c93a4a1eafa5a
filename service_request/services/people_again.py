"""What later answers say of people who are on record already: the same rows say it from then on (GL-2, GL-3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from service_request.domain.facts import AdultFacts, ChildFacts, RequestFacts
from service_request.models import Person, Relationship, ServiceRequest, Subject
from service_request.services import recording
from service_request.services.sight.holder import list_adults_for_holder, list_subjects_for_holder

Adult = tuple[Person, Relationship | None]


def describe_again(
    session: Session, request: ServiceRequest, before: RequestFacts, after: RequestFacts, *, on: date, now: datetime
) -> list[Subject]:
    """Write what changed about each child and adult, and add those who are new; return every subject.

    Whoever is not named any more stays on record: a subject goes away by no answer, only by a decision. A child of whom
    something changed is looked for again among earlier ones (EV-4).
    """
    subjects = list_subjects_for_holder(session, request.id)
    new_children = _children(subjects, before.children, after.children, on=on, now=now)
    new_adults = _adults(session, request, before.adults, after.adults)
    highest = max((subject.number for subject in subjects), default=0)
    numbered = tuple(replace(child, number=highest + n) for n, child in enumerate(new_children, 1))
    rest = replace(after, children=numbered, adults=tuple(new_adults))
    people = recording.describe_people(request.id, rest, kind=request.kind, on=on, now=now)
    people.store(session)
    return [*subjects, *people.subjects]


def _children(
    subjects: Sequence[Subject],
    before: Sequence[ChildFacts],
    after: Sequence[ChildFacts],
    *,
    on: date,
    now: datetime,
) -> list[ChildFacts]:
    known = _places(subjects, before)
    was = {child.number: child for child in before}
    free = [subject for subject in subjects if subject not in known.values() and _is_nameless(subject)]
    new = []
    for child in after:
        subject = known.get(child.number) or (free.pop(0) if free else None)
        if subject is None or subject.person is None:
            new.append(child)
        elif (earlier := was.get(child.number, ChildFacts(number=child.number))) != child:
            _rewrite(subject.person, earlier, child)
            subject.person.nhs_hash, subject.person.upn_hash = child.nhs_number or None, child.upn or None
            subject.person.match_wanted_at = now
            subject.label = recording.label_of(child, on)
    return new


def _places(subjects: Sequence[Subject], children: Sequence[ChildFacts]) -> dict[int, Subject]:
    """Return which subject each child of the form is: by name first, then by number (a call may count otherwise)."""
    left, found = list(subjects), {}
    for is_same in (_same_name, _same_number):
        for child in children:
            subject = next((one for one in left if child.number not in found and is_same(one, child)), None)
            if subject is not None:
                found[child.number] = subject
                left.remove(subject)
    return found


def _same_name(subject: Subject, child: ChildFacts) -> bool:
    name = (subject.person.name or "") if subject.person else ""
    return bool(child.name) and sorted(name.casefold().split()) == sorted(child.name.casefold().split())


def _same_number(subject: Subject, child: ChildFacts) -> bool:
    return subject.number == child.number


def _is_nameless(subject: Subject) -> bool:
    return subject.person is not None and not subject.person.name


def _adults(
    session: Session, request: ServiceRequest, before: Sequence[AdultFacts], after: Sequence[AdultFacts]
) -> list[AdultFacts]:
    if list(before) == list(after):
        return []
    left: list[Adult] = list_adults_for_holder(session, request.id)
    was = {adult.number: adult for adult in before}
    found: dict[int, Adult] = {}
    for adult in before:  # by name, and else in the order in which they were told of
        same = next((one for one in left if adult.name and one[0].name == adult.name), left[0] if left else None)
        if same is not None:
            found[adult.number] = same
            left.remove(same)
    new = []
    for adult in after:
        if adult.number not in found:
            new.append(adult)
        elif adult != was[adult.number]:
            person, relationship = found[adult.number]
            _rewrite(person, was[adult.number], adult)
            if relationship is not None:
                relationship.kind = adult.relationship or "not_known"
                relationship.parental_responsibility = adult.parental_responsibility or "not_known"
                relationship.same_household = adult.same_household or "not_known"
    return new


def _rewrite(person: Person, before: ChildFacts | AdultFacts, after: ChildFacts | AdultFacts) -> None:
    """Let a person's record say what the answers say now; what came from elsewhere stays."""
    said_before = recording.plain(before)
    kept = {name: value for name, value in (person.facts or {}).items() if name not in said_before}
    person.facts = {**kept, **recording.plain(after)}
    person.name = after.name or person.name
