"""Answers as a referrer types them: the story of two brothers, and shorter ones."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import date

from service_request.pathways.social_care.forms import FormContext

TODAY = date(2026, 11, 16)
AREAS = (("teasel", "Teasel Vale"), ("saltby", "Saltby"))
CONTEXT = FormContext(today=TODAY, areas=AREAS)

Filled = dict[str, dict[str, list[str]]]


class Posted(dict[str, list[str]]):
    """What a browser posts."""

    def getlist(self, key: str) -> list[str]:
        return self.get(key, [])


TWO_BROTHERS: Filled = {
    "safety": {"urgency": ["routine"], "already": ["yes"], "call_reference": ["K7RM 4TXC"]},
    "told": {"told": ["yes"]},
    "agrees": {
        "who_told": ["mother"],
        "told_by": ["Samina Rahman"],
        "told_on": ["16", "11", "2026"],
        "agrees": ["yes"],
        "agrees_who": ["parent"],
        "agrees_detail": ["Donna Hartley, for both children"],
        "lawful_basis": ["public_task"],
    },
    "child.1.who": {
        "name": ["Callum Hartley"],
        "birth": ["born"],
        "birth_on": ["14", "3", "2017"],
        "sex": ["M"],
        "ethnicity": ["NOBT"],
        "language": ["en"],
    },
    "child.1.where": {
        "lives": ["address"],
        "address": ["18 Tanners Row\nMillbrook"],
        "postcode": ["wm4 2qt"],
        "school": ["Brookfield Primary School"],
        "school_year": ["year_5"],
        "gp": ["Teasel Vale Medical Centre"],
    },
    "child.1.needs": {"needs": ["COMM"], "communication": ["Pictures and time"], "sen": ["K"]},
    "child.1.views": {"child_view": ["I do the tea. It's all right."]},
    "child.2.who": {
        "name": ["Ryan Hartley"],
        "birth": ["born"],
        "birth_on": ["2", "8", "2020"],
        "sex": ["M"],
        "ethnicity": ["NOBT"],
    },
    "child.2.where": {"lives": ["same"], "school": ["Brookfield Primary School"], "school_year": ["year_2"]},
    "child.2.needs": {"needs": ["NONE"], "communication_not_known": ["yes"], "sen": ["N"]},
    "adult.1": {
        "name": ["Donna Hartley"],
        "relationship": ["mother"],
        "parental_responsibility": ["yes"],
        "same_household": ["yes"],
        "phone": ["07700 900 312"],
        "safe_to_contact": ["yes"],
    },
    "adult.2": {
        "name": ["Craig Hartley"],
        "relationship": ["father"],
        "parental_responsibility": ["yes"],
        "same_household": ["no"],
    },
    "household": {"siblings": ["None"]},
    "concerns": {
        "worries": ["neglect", "parent_mental_health"],
        "narrative": ["Both boys have come in hungry for two weeks, often late and in the same clothes."],
    },
    "background": {"history_not_known": ["yes"], "capacity": ["Donna says she can't get up some days."]},
    "tried": {
        "tried": ["Breakfast club since 2 November."],
        "assessment": ["yes"],
        "assessment_on": ["3", "10", "2026"],
        "working_well": ["They look after each other."],
        "needs_to_change": ["Regular meals."],
    },
    "views": {"family_view": ["She would like help and is worried about losing the boys."]},
    "you": {
        "name": ["Samina Rahman"],
        "role": ["Designated safeguarding lead"],
        "agency": ["Brookfield Primary School"],
        "agency_kind": ["school"],
        "email": ["s.rahman@brookfield.example"],
        "phone": ["01632 960 355"],
        "best_time": ["until 5pm"],
        "own_lead": ["i_am"],
    },
}

WITHOUT_NAMES: Filled = {
    "safety": {"urgency": ["routine"], "already": ["no"]},
    "told": {"told": ["in_principle"]},
    "child.1.band": {"age_band": ["5_9"], "area": ["teasel"]},
    "concerns": {"worries": ["neglect"], "narrative": ["A boy has come in without lunch for two weeks."]},
    "tried": {"tried": ["Breakfast club"], "assessment": ["no"]},
    "you": {
        "name": ["Samina Rahman"],
        "role": ["Teacher"],
        "agency": ["Brookfield Primary School"],
        "agency_kind": ["school"],
        "email": ["s.rahman@brookfield.example"],
        "phone": ["01632 960 355"],
        "own_lead": ["yes"],
    },
}


def two_brothers(**pages: dict[str, list[str]] | None) -> Filled:
    """Return the whole form, with some pages changed; `child_1_who` is the page child.1.who, None takes it away."""
    return _changed(TWO_BROTHERS, pages)


def without_names(**pages: dict[str, list[str]] | None) -> Filled:
    """Return a discussion without names, with some pages changed."""
    return _changed(WITHOUT_NAMES, pages)


def _changed(answers: Filled, pages: dict[str, dict[str, list[str]] | None]) -> Filled:
    changed = deepcopy(answers)
    for name, page in pages.items():
        key = name.replace("_", ".")
        if page is None:
            changed.pop(key, None)
        else:
            changed[key] = {**changed.get(key, {}), **page}
    return changed


def messages(problems: Iterable[object]) -> Iterator[str]:
    """Return the sentences of problems."""
    return (problem.message for problem in problems)  # type: ignore[attr-defined]
