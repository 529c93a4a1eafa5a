"""Find what is wrong on a step where no page is shown: the same checks as the page's own, on the fields that need them.

Sending binds some 150 fields of 25 steps; most can't be wrong (a choice that was offered, a short text, an optional
answer left out). Only the others are made into fields. A test holds this to what the whole form says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm

from infrastructure.questions import DateParts, PlainForm
from service_request.asking.checks import AtMost, Demand
from service_request.asking.steps import FormContext, Step, Typed


class _Meta(PlainForm.Meta):
    context: FormContext


@dataclass(frozen=True, slots=True)
class _Watched:
    """What there is to check of one field: whether it must be answered, what else, beside which field, how long."""

    name: str
    unbound: UnboundField[Any]
    demands: bool
    is_checked: bool
    beside: tuple[str, ...]
    limit: int | None

    def needs_look(self, values: Typed) -> bool:
        if self.demands:
            return True
        texts = values.get(self.name)
        if not texts:
            return False
        return self.is_checked or (self.limit is not None and len(texts[0]) > self.limit)


@cache
def _watched(form_class: type[Step]) -> tuple[_Watched, ...]:
    bound = form_class()
    unbound: Mapping[str, UnboundField[Any]] = dict(form_class._unbound_fields or ())
    return tuple(
        _Watched(
            name,
            unbound[name],
            demands=any(isinstance(check, Demand) for check in field.validators),
            is_checked=isinstance(field, DateParts) or any(not isinstance(check, AtMost) for check in field.validators),
            beside=tuple(check.other for check in field.validators if isinstance(check, Demand) and check.other),
            limit=next((check.limit for check in field.validators if isinstance(check, AtMost)), None),
        )
        for name, field in bound._fields.items()
    )


def wrong_answers(form_class: type[Step], values: Typed, context: FormContext) -> list[tuple[str, str]]:
    """Return (field, sentence) for every answer that stops sending; `values` are those in sight."""
    looked_at = [one for one in _watched(form_class) if one.needs_look(values)]
    if not looked_at:
        return []
    names = {one.name for one in looked_at} | {other for one in looked_at for other in one.beside}
    meta = _Meta()
    meta.context = context
    form = BaseForm([(one.name, one.unbound) for one in _watched(form_class) if one.name in names], meta=meta)
    form.process(values)
    if form.validate():
        return []
    return [(field.short_name, str(field.errors[0])) for field in form if field.errors]
