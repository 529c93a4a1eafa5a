"""What of a request's answers a team sees: those its scope names, of the children only its own (EV-5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from helpdesk.web import saying
from helpdesk.web.household import agreed_for
from service_request.pathways.social_care.reading import ReadRow, ReadSection
from service_request.services.sight.granted import Granted
from service_request.services.sight.parts import ConsentFacts, ResponseFacts, SubjectFacts

CALLER_FIELDS = frozenset({"caller_name", "caller", "agency", "phone", "email", "safe"})
CHILD_FIELDS = frozenset({"child_name", "birth_on", "expected_on", "age_band"})


def agreed_for_own(
    consent: ConsentFacts | None,
    response: ResponseFacts | None,
    sections: Sequence[ReadSection],
    granted: Granted,
) -> str:
    """Return who agreed for whom, unless those words name a child of whom this team knows nothing (EV-5)."""
    if consent is None or consent.by:
        return ""
    own = own_section(sections, granted.subject)
    others = [one.title for one in sections if one.number is not None and one is not own]
    return agreed_for(response, consent.agrees, others)


def within_scope(sections: Sequence[ReadSection], scope: Sequence[str], granted: Granted) -> list[ReadSection]:
    """Return the answers that the assignment's scope names: of the children only the granted one's (EV-5)."""
    own = own_section(sections, granted.subject)
    found = []
    for section in sections:
        if section.key in saying.NOT_A_SECTION or (section.number is not None and section is not own):
            continue
        rows = tuple(row for row in section.rows if _is_in(row, scope, own, granted.subject))
        if rows:
            found.append(replace(section, rows=rows))
    return found


def own_section(sections: Sequence[ReadSection], subject: SubjectFacts) -> ReadSection | None:
    """Return the section of this child: by the name, since a form that followed a call may number children anew."""
    of_children = [section for section in sections if section.number is not None]
    if subject.name:
        named = [one for one in of_children if one.title.casefold().split() == subject.name.casefold().split()]
        return named[0] if len(named) == 1 else None
    unnamed = [one for one in of_children if one.number == subject.number and not _has_name(one)]
    return unnamed[0] if unnamed else None


def _has_name(section: ReadSection) -> bool:
    return any(row.field == "name" and row.state == "answered" for row in section.rows)


def _is_in(row: ReadRow, scope: Sequence[str], own: ReadSection | None, subject: SubjectFacts) -> bool:
    step = row.step_key.split(".")[0]
    if step not in scope:
        return False
    if step == "child":
        return own is not None and row.step_key.split(".")[1] == str(own.number)
    if step != "call":
        return True
    if row.field in CALLER_FIELDS:
        return "you" in scope
    if row.field in CHILD_FIELDS:
        return subject.number == 1
    return not row.field.startswith(("child_2", "child_3")) or row.field.startswith(f"child_{subject.number}_")
