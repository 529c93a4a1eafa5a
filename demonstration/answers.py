"""What the people of the stories type: whole forms, page by page, as a browser would post them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from stdnum.gb import nhs

Page = dict[str, list[str]]
Answers = dict[str, Page]


def page(**answers: str | Sequence[str] | date | None) -> Page:
    """Return one page as posted: a date as its three parts, nothing for what was left empty."""
    typed: Page = {}
    for name, answer in answers.items():
        if isinstance(answer, date):
            typed[name] = [str(answer.day), str(answer.month), str(answer.year)]
        elif isinstance(answer, str):
            if answer:
                typed[name] = [answer]
        elif answer:
            typed[name] = list(answer)
    return typed


def nhs_number(serial: int) -> str:
    """Return an NHS number from 999, a range that is never given to anybody."""
    stem = f"999{serial:06d}"
    check = next((digit for digit in "0123456789" if nhs.is_valid(stem + digit)), None)
    if check is None:  # no check digit fits this one: the next serves as well
        return nhs_number(serial + 500_000)
    return nhs.format(stem + check)


@dataclass(frozen=True)
class Professional:
    """Who asks, for an agency."""

    name: str
    role: str
    agency: str
    kind: str
    email: str
    phone: str = ""
    best_time: str = ""

    def page(self, *, own_lead: str = "yes", knows_child: str = "") -> Page:
        """Return the page about the referrer."""
        return page(
            name=self.name, role=self.role, agency=self.agency, agency_kind=self.kind, email=self.email,
            phone=self.phone, best_time=self.best_time, own_lead=own_lead, knows_child=knows_child,
        )  # fmt: skip


@dataclass(frozen=True)
class Home:
    """Where a family lives; without an address, why."""

    address: str = ""
    postcode: str = ""
    lives: str = "address"
    area: str = ""
    lives_with: str = ""


@dataclass(frozen=True)
class Child:
    """A child of a full form, born or not yet."""

    name: str = ""
    born: date | None = None
    expected: date | None = None
    sex: str = ""
    ethnicity: str = "WBRI"
    language: str = "en"
    interpreter: str = ""
    school: str = ""
    year: str = ""
    gp: str = ""
    needs: Sequence[str] = ("NONE",)
    needs_detail: str = ""
    communication: str = "none"
    sen: str = "N"
    legal: str = "none"
    nhs: int = 0
    says: str = ""
    also_known: str = ""
    is_parent: str = ""
    young_mother: str = ""
    booked_at: str = ""

    def pages(self, number: int, home: Home) -> Answers:
        """Return the pages about this child; a page is left out where nothing on it was answered."""
        birth = "born" if self.born else "unborn" if self.expected else "date_not_known"
        who = page(
            name=self.name, name_not_known="" if self.name else "yes", also_known=self.also_known, birth=birth,
            birth_on=self.born, expected_on=self.expected, sex=self.sex, ethnicity=self.ethnicity if self.born else "",
            language=self.language if self.born else "", interpreter=self.interpreter, is_parent=self.is_parent,
            young_mother=self.young_mother,
        )  # fmt: skip
        same = number > 1 and home.lives == "address"
        where = page(
            lives="same" if same else home.lives, address="" if same else home.address,
            postcode=home.postcode, area=home.area, lives_with=home.lives_with if self.born else "",
            school=self.school, school_year=self.year, gp=self.gp, legal_status=self.legal if self.born else "",
            booked_at=self.booked_at,
        )  # fmt: skip
        pages = {f"child.{number}.who": who, f"child.{number}.where": where}
        if self.expected is None:
            pages[f"child.{number}.needs"] = page(
                needs=self.needs, needs_detail=self.needs_detail, communication=self.communication, sen=self.sen,
                nhs_number=nhs_number(self.nhs) if self.nhs else "",
            )  # fmt: skip
            if self.says:
                pages[f"child.{number}.views"] = page(child_view=self.says)
        return pages


@dataclass(frozen=True)
class Adult:
    """An adult in the children's lives."""

    name: str
    relationship: str = "mother"
    pr: str = "yes"
    at_home: str = "yes"
    phone: str = ""
    safe: str = ""
    language: str = "en"
    needs: str = ""

    def page(self) -> Page:
        """Return the page about this adult."""
        return page(
            name=self.name, relationship=self.relationship, parental_responsibility=self.pr,
            same_household=self.at_home, phone=self.phone,
            safe_to_contact=self.safe or ("yes" if self.phone else ""), language=self.language, needs=self.needs,
        )  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What the family was told and agrees to (GL-4)."""

    told: str = "yes"
    reason: str = ""
    who: Sequence[str] = ("mother",)
    by: str = ""
    on: date | None = None
    agrees: str = "yes"
    agrees_who: str = "parent"
    detail: str = ""
    basis: str = "public_task"

    def pages(self) -> Answers:
        """Return the gate's page and the one that follows its answer."""
        gate = {"told": page(told=self.told, risk_reason=self.reason)}
        if self.told != "yes":
            return {**gate, "agrees": page(lawful_basis=self.basis)}
        asked = self.agrees in ("yes", "no")
        agrees = page(
            who_told=self.who, told_by=self.by, told_on=self.on, agrees=self.agrees,
            agrees_who=self.agrees_who if asked else "", agrees_detail=self.detail, lawful_basis=self.basis,
        )  # fmt: skip
        return {**gate, "agrees": agrees}


@dataclass(frozen=True)
class Full:
    """A whole multi-agency form."""

    by: Professional
    told: Told
    children: Sequence[Child]
    home: Home
    worries: Sequence[str]
    narrative: str
    adults: Sequence[Adult] = ()
    urgency: str = "routine"
    called: str = ""  # the reference of the call that this form follows
    siblings: str = "None"
    agencies: Sequence[str] = ("none",)
    agencies_detail: str = ""
    history: str = ""
    capacity: str = ""
    tried: str = ""
    result: str = ""
    assessment: str = "no"
    well: str = ""
    change: str = ""
    family_view: str = ""
    risks: str = "no"
    risks_detail: str = ""
    said: str = ""
    knows: str = ""

    def answers(self) -> Answers:
        """Return every page, in the order of the form."""
        pages: Answers = {
            "safety": page(
                urgency=self.urgency, already="yes" if self.called else "no", call_reference=self.called
            ),
            **self.told.pages(),
        }  # fmt: skip
        for number, child in enumerate(self.children, 1):
            pages |= child.pages(number, self.home)
        pages |= {f"adult.{number}": adult.page() for number, adult in enumerate(self.adults, 1)}
        pages |= {
            "household": page(siblings=self.siblings),
            "agencies": page(agencies=self.agencies, agencies_detail=self.agencies_detail),
            "concerns": page(worries=self.worries, narrative=self.narrative),
            "harm": page(said=self.said),
            "background": page(
                history=self.history, history_not_known="" if self.history else "yes",
                capacity=self.capacity, capacity_not_known="" if self.capacity else "yes",
            ),
            "tried": page(
                tried=self.tried, tried_not_known="" if self.tried else "yes", tried_result=self.result,
                assessment=self.assessment, working_well=self.well, needs_to_change=self.change,
                needs_to_change_not_known="" if self.change else "yes",
            ),
            "views": page(family_view=self.family_view, family_view_not_known="" if self.family_view else "yes"),
            "risks": page(risks=self.risks, risks_detail=self.risks_detail),
            "you": self.by.page(knows_child=self.knows),
        }  # fmt: skip
        return {key: typed for key, typed in pages.items() if typed}


def in_principle(
    by: Professional,
    bands: Sequence[tuple[str, str]],
    *,
    worries: Sequence[str],
    narrative: str,
    question: str,
    tried: str = "",
) -> Answers:
    """Return a discussion without names: (age band, area) for each child (GL-6)."""
    return {
        "safety": page(urgency="routine", already="no"),
        "told": page(told="in_principle"),
        **{f"child.{n}.band": page(age_band=band, area=area) for n, (band, area) in enumerate(bands, 1)},
        "concerns": page(worries=worries, narrative=narrative, question=question),
        "tried": page(tried=tried, tried_not_known="" if tried else "yes", assessment="not_known"),
        "you": by.page(),
    }
