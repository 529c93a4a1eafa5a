"""How the questions of a step stand on its page: which is the heading, and what stands beside which."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from wtforms.fields import Field

from infrastructure.questions import revealed_by
from service_request.pathways.social_care.forms import Step

GATE = "told"  # its guidance is long, and stands folded beneath the answers


@dataclass(frozen=True)
class FieldRow:
    """A question as it is shown, and its "not known" tick, if it has one."""

    question: Markup
    not_known: Markup | None


def heads_the_page(form: Step) -> bool:
    """Tell whether the one question of a step is the heading of its page; guidance else stands between the two."""
    shown = shown_fields(form)
    is_alone = len(shown) == 1 and shown[0].label.text == form.title
    return is_alone and (not form.guidance or form.slug == GATE)


def shown_fields(form: Step) -> list[Field]:
    """Return the questions in order, without those that stand beneath a choice."""
    beneath = {name for field in form for name in revealed_by(field)}
    return [field for field in form.fields_asked() if field.short_name not in beneath]


def field_rows(form: Step) -> list[FieldRow]:
    """Render the questions of a step in order."""
    heads = heads_the_page(form)
    return [_row(form, field, heading=heads) for field in shown_fields(form)]


def _row(form: Step, field: Field, *, heading: bool) -> FieldRow:
    if heading:
        return FieldRow(field(heading=True), None)
    hidden = field.label.text == form.title
    question = field(hide_label=True) if hidden else field(size="s")
    tick = form.not_known_beside(field)
    if tick is None:
        return FieldRow(question, None)
    return FieldRow(question, tick(small=True, **{"aria-label": f"{tick.label.text}: {field.label.text}"}))
