"""Answers as somebody would type them: Samina Rahman's request about two brothers, and shorter ones."""

from __future__ import annotations

from typing import Any

Answers = dict[str, dict[str, list[str]]]


def typed(**fields: Any) -> dict[str, list[str]]:
    """Return one page as typed: a date as three parts, anything else as a list of texts."""
    return {
        name: [str(one) for one in (value if isinstance(value, list | tuple) else [value])]
        for name, value in fields.items()
    }


def child_pages(n: int, name: str, born: tuple[int, int, int], **changes: Any) -> Answers:
    """Return the pages of one child."""
    return {
        f"child.{n}.who": typed(name=name, birth="born", birth_on=born, sex="M", ethnicity="WBRI", language="en", interpreter="none"),
        f"child.{n}.where": typed(
            lives="address", address="18 Tanners Row\nMillbrook", postcode="WM4 2QT", lives_with="Mother",
            school="Brookfield Primary School", school_year="year_5", gp="Teasel Vale Medical Centre", legal_status="none",
        ),
        f"child.{n}.needs": typed(needs=["COMM"], needs_detail="Speech and language", communication="None", sen="K"),
        f"child.{n}.views": typed(child_view="I do the tea. It's all right."),
    }  # fmt: skip


FULL_FORM: Answers = {
    "safety": typed(urgency="routine", already="no"),
    "told": typed(told="yes"),
    "agrees": typed(
        who_told=["mother"], told_by="Samina Rahman", told_on=(16, 11, 2026), agrees="yes", agrees_who="parent",
        agrees_detail="Donna Hartley, for both children", lawful_basis="public_task",
    ),
    **child_pages(1, "Callum Hartley", (14, 3, 2017)),
    **child_pages(2, "Ryan Hartley", (2, 8, 2020)),
    "adult.1": typed(name="Donna Hartley", relationship="mother", parental_responsibility="yes", same_household="yes", phone="07700 900312"),
    "household": typed(siblings="None"),
    "agencies": typed(agencies=["school_nurse"]),
    "concerns": typed(worries=["neglect"], narrative="Both boys have come in hungry for two weeks, often late and in the same clothes."),
    "background": typed(history="Their grandmother died in August.", capacity="Donna says she can't get up some days."),
    "tried": typed(tried="Breakfast club since 2 November.", assessment="no", working_well="They look after each other.", needs_to_change="Help in the mornings."),
    "views": typed(family_view="She would like help and is worried about losing the boys."),
    "risks": typed(risks="no"),
    "you": typed(
        name="Samina Rahman", role="Designated safeguarding lead", agency="Brookfield Primary School", agency_kind="school",
        email="s.rahman@brookfield.example", phone="01632 960355", own_lead="i_am",
    ),
}  # fmt: skip
