"""What the form returned says, and how it becomes a PDF: the decision first, then the form as it was sent (GL-14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from infrastructure.files import Typeset, Typesetter

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "pdf"
TEMPLATE = "returned_form.typ"
NAME_COLUMN = 24  # characters of a name without a space that fit into the first column of the children


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """One question in its own words, and what was answered; `tag` stands instead of an answer ("Missing")."""

    label: str
    value: str
    tag: str = ""


@dataclass(frozen=True, slots=True)
class ReturnedSection:
    """The questions that stood together."""

    title: str
    rows: tuple[ReturnedRow, ...]


@dataclass(frozen=True, slots=True)
class ReturnedChild:
    """What was decided for one child."""

    label: str
    decision: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class ReturnedAction:
    """What was done, and when, in words."""

    at: str
    what: str


@dataclass(frozen=True, slots=True)
class ReturnedForm:
    """Everything that the form returned says, in words."""

    authority: str
    brand_colour: str  # "#0f4c55"
    reference: str  # formatted
    received_at: str
    headline: str  # the decision in one sentence
    lead: str = ""
    children: tuple[ReturnedChild, ...] = ()
    reason: str = ""
    decided: str = ""  # by whom, and when
    actions: tuple[ReturnedAction, ...] = ()
    note: str = ""  # how to keep it
    sections: tuple[ReturnedSection, ...] = ()
    names_children: bool = True
    made_at: datetime | None = None

    @property
    def title(self) -> str:
        """Return the title of the document: the reference and no more (EV-6)."""
        return f"Request {self.reference}"

    @property
    def file_name(self) -> str:
        """Return the name to save it under: the reference and no more (EV-6)."""
        return f"request-{self.reference}.pdf"

    @property
    def marking(self) -> str:
        """Return what stands at the foot of each page, so that a loose sheet is handled as what it is."""
        return "Official-sensitive: names children" if self.names_children else "Official-sensitive"


def typeset(content: ReturnedForm) -> Typeset:
    """Make the PDF, tagged and titled for a screen reader; raise NotTypesetError when it can't be made."""
    return _typesetter().typeset(TEMPLATE, laid_out(content), made_at=content.made_at)


def laid_out(content: ReturnedForm) -> dict[str, Any]:
    """Return the data that the template reads; every text that a person wrote is made showable."""
    words, line = _typesetter().words, _typesetter().line
    return {
        "title": content.title,
        "authority": line(content.authority),
        "brand": content.brand_colour,
        "reference": content.reference,
        "marking": content.marking,
        "received": line(content.received_at),
        "headline": line(content.headline, unbroken=NAME_COLUMN),
        "lead": words(content.lead),
        "children": [
            {
                "label": words(child.label, unbroken=NAME_COLUMN),
                "decision": words(child.decision, unbroken=NAME_COLUMN),
                "action": words(child.action, unbroken=NAME_COLUMN),
            }
            for child in content.children
        ],
        "reason": words(content.reason),
        "decided": words(content.decided),
        "actions": [{"at": words(action.at), "what": words(action.what)} for action in content.actions],
        "note": words(content.note),
        "sections": [
            {
                "title": line(section.title),
                "rows": [
                    {
                        "label": words(row.label, unbroken=NAME_COLUMN),
                        "value": words(row.value),
                        "tag": row.tag,
                    }
                    for row in section.rows
                ],
            }
            for section in content.sections
            if section.rows
        ],
    }


@cache
def _typesetter() -> Typesetter:
    return Typesetter(TEMPLATES)
