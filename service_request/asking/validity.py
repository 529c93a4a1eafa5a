"""Find what is wrong on a step where no page is shown: the same checks as the page's own, on the fields that need them.

Sending binds some 150 fields of 25 steps; most can't be wrong (a choice that was offered, a short text, an optional
answer left out, one that is demanded and given). Only the others are made into fields. A test holds this to what the
whole form says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm

from infrastructure.questions import DateParts, PlainForm, day_of
from service_request.asking.checks import Demand, Readable
from service_request.asking.steps import FormContext, Step, Typed


class _Meta(PlainForm.Meta):
    context: FormContext


@dataclass(frozen=True, slots=True)
class _Watched:
    """What there is to check of one field: by what can be told without it, by what else, and beside which field."""

    name: str
    unbound: UnboundField[Any]
    readable: tuple[Readable, ...]
    is_checked: bool
    is_day: bool
    demands: bool
    beside: tuple[str, ...]

    def needs_look(self, values: Typed, today: date) -> bool:
        texts = values.get(self.name)
        if not texts:
            return self.demands and not all(check.surely_holds((), values, today) for check in self.readable)
        may_be_wrong = self.is_checked or (self.is_day and day_of(texts) is None)
        if may_be_wrong and any(map(str.strip, texts)):
            return True
        return not all(check.surely_holds(texts, values, today) for check in self.readable)


@cache
def _watched(form_class: type[Step]) -> tuple[_Watched, ...]:
    """Return the fields that any answer could make wrong."""
    bound = form_class()
    unbound: Mapping[str, UnboundField[Any]] = dict(form_class._unbound_fields or ())
    return tuple(
        _Watched(
            name,
            unbound[name],
            readable=tuple(check for check in field.validators if isinstance(check, Readable)),
            is_checked=any(not isinstance(check, Readable) for check in field.validators),
            is_day=isinstance(field, DateParts),
            demands=any(isinstance(check, Demand) for check in field.validators),
            beside=tuple(check.other for check in field.validators if isinstance(check, Demand) and check.other),
        )
        for name, field in bound._fields.items()
        if field.validators or isinstance(field, DateParts)
    )


def wrong_answers(form_class: type[Step], values: Typed, context: FormContext) -> list[tuple[str, str]]:
    """Return (field, sentence) for every answer that stops sending; `values` are those in sight."""
    looked_at = [one for one in _watched(form_class) if one.needs_look(values, context.today)]
    if not looked_at:
        return []
    names = {one.name for one in looked_at} | {other for one in looked_at for other in one.beside}
    meta = _Meta()
    meta.context = context
    form = BaseForm([(name, field) for name, field in form_class._unbound_fields or () if name in names], meta=meta)
    form.process(values)
    if form.validate():
        return []
    return [(field.short_name, str(field.errors[0])) for field in form if field.errors]
