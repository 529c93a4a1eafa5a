"""How a question of this pathway is put: steps, what was typed on them, and the short ways to write a field."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, ClassVar, Protocol

from wtforms import EmailField, RadioField, SelectMultipleField, StringField
from wtforms.fields import Field, TelField

from infrastructure.questions import DateParts, PlainForm, choice, day_of
from service_request.asking.checks import Demand, Enter
from service_request.asking.code_sets import NOT_KNOWN_CODES, Codes
from service_request.domain.typed import clean_typed

NOT_KNOWN_SUFFIX = "_not_known"
DATE_PARTS = 3


class Getlist(Protocol):
    """What a posted form and a kept page have in common."""

    def getlist(self, key: str, /) -> list[Any]: ...


@dataclass(frozen=True, slots=True)
class FormContext:
    """Carry into the questions what they may not look up: the day, and the authority's own choices."""

    today: date
    extra_exceptions: Codes = ()
    areas: Codes = ()
    agencies: Codes = ()


class Typed(dict[str, list[str]]):
    """Hold what was typed on one step, as `{field: [values]}`; WTForms can bind it (P16)."""

    changed: tuple[str, ...] = ()  # fields from which a character was taken that no database can hold

    def getlist(self, key: str) -> list[str]:
        return self.get(key, [])

    def text(self, name: str) -> str:
        values = self.get(name)
        return values[0].strip() if values else ""

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(filter(str.strip, self.get(name, ())))

    def has(self, name: str) -> bool:
        return any(map(str.strip, self.get(name, ())))

    def says_anything(self) -> bool:
        return any(self.has(name) for name in self)

    def ticked(self, name: str) -> bool:
        return self.text(name) not in ("", "false")

    def known_not(self, name: str) -> bool:
        """Tell whether "not known" is the answer: ticked beside the question, or chosen among its answers."""
        said = self.all(name)
        return NOT_KNOWN_CODES.issuperset(said) if said else self.ticked(name + NOT_KNOWN_SUFFIX)

    def answered(self, name: str) -> bool:
        return self.has(name) or self.ticked(name + NOT_KNOWN_SUFFIX)

    def code(self, name: str) -> str:
        """Return the chosen code, and nothing where that code says "not known"."""
        chosen = self.text(name)
        return "" if chosen in NOT_KNOWN_CODES else chosen

    def day(self, name: str) -> date | None:
        """Return the date, or None where there is none in the calendar."""
        return day_of(self.get(name, ()))


@dataclass(frozen=True, slots=True)
class Question:
    """Describe a field without binding it: what reading, gaps and the guard over free text need."""

    name: str
    label: str
    row: str
    type: type[Field]
    choices: Codes
    is_required: bool
    labels: Mapping[str, str] = field(compare=False)  # of its choices, by code

    @property
    def is_free_text(self) -> bool:
        return issubclass(self.type, StringField) and not issubclass(self.type, (EmailField, TelField))

    @property
    def room(self) -> int:
        """Return how many posted values can belong to this question."""
        if issubclass(self.type, DateParts):
            return DATE_PARTS
        return max(len(self.choices), 1) if issubclass(self.type, SelectMultipleField) else 1


class Step(PlainForm):
    """One page of questions. Its text lives here, so that every channel asks in the same words.

    `asked` names what is shown as missing when left empty; few fields are required, and those carry an `Enter`.
    `{child}` in a title or row stands for the child's name; `named` is the title once the page's own name is there.
    """

    slug: ClassVar[str]
    title: ClassVar[str]
    named: ClassVar[str] = ""
    short: ClassVar[str]
    group: ClassVar[str]
    hint: ClassVar[str] = ""
    guidance: ClassVar[tuple[str, ...]] = ()
    repeats: ClassVar[str | None] = None
    asked: ClassVar[tuple[str, ...]] = ()
    rows: ClassVar[Mapping[str, str]] = {}
    changed: tuple[str, ...] = ()

    @classmethod
    def wants(cls, typed: Typed) -> Iterable[str]:  # noqa: ARG003  # for those that override it
        """Return the asked fields that still make sense beside the other answers of this step."""
        return cls.asked

    @classmethod
    def hides(cls, typed: Typed) -> set[str]:
        """Return the fields that belong to a choice that was not taken, where another one was."""
        revealed = _revealed(cls)
        if not revealed:
            return set()
        return {name for name, (radio, code) in revealed.items() if (chosen := typed.text(radio)) and chosen != code}

    @classmethod
    def offers(cls, context: FormContext) -> Mapping[str, Codes]:  # noqa: ARG003  # the same
        """Return the choices that an authority sets for itself, by field."""
        return {}

    def offer(self, context: FormContext) -> None:
        """Put those choices on the form, keeping the hints of those it had."""
        for name, codes in self.offers(context).items():
            field: Any = self[name]
            had = {one.value: one for one in field.choices}
            blank = [had[""]] if "" in had else []
            field.choices = blank + [had.get(code) or choice(code, label) for code, label in codes]

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Check every answer in sight; what stands hidden beside another choice stops nobody."""
        super().validate(extra_validators)
        seen = {name: [str(value) for value in field.raw_data or ()] for name, field in self._fields.items()}
        for name in self.hides(Typed(seen)) & self._fields.keys():
            self._fields[name].errors = ()
        return not any(field.errors for field in self)

    def fields_asked(self) -> Iterator[Field]:
        """Yield the fields to show, without the "not known" ticks that stand beside one of them."""
        return (field for field in self if not is_not_known(field.short_name))

    def not_known_beside(self, field: Field) -> Field | None:
        """Return the tick that belongs to `field`, if it has one."""
        return self._fields.get(field.short_name + NOT_KNOWN_SUFFIX)


def is_not_known(name: str) -> bool:
    """Tell a "not known" tick from a question."""
    return name.endswith(NOT_KNOWN_SUFFIX)


@cache
def questions(form_class: type[Step]) -> Mapping[str, Question]:
    """Describe every field of a step, in its order."""
    return {name: _described(form_class, name, bound) for name, bound in form_class()._fields.items()}


@cache
def free_text_questions(form_class: type[Step]) -> Mapping[str, Question]:
    """Return the questions of a step that are answered in a person's own words."""
    return {name: question for name, question in questions(form_class).items() if question.is_free_text}


def _described(form_class: type[Step], name: str, bound: Field) -> Question:
    choices = tuple((one.value, one.label) for one in getattr(bound, "choices", None) or ())
    label = bound.label.text
    is_required = any(isinstance(check, Enter) for check in bound.validators)
    row = form_class.rows.get(name, label)
    return Question(name, label, row, type(bound), choices, is_required, dict(reversed(choices)))


@cache
def _revealed(form_class: type[Step]) -> Mapping[str, tuple[str, str]]:
    """Return, for each field that belongs to one choice of a radio, that radio and that choice."""
    radios: list[Any] = [field for field in form_class() if isinstance(field, RadioField)]
    return {
        choice.render_kw["reveals"]: (field.short_name, choice.value)
        for field in radios
        for choice in field.choices
        if choice.render_kw.get("reveals")
    }


@cache
def belong_with(form_class: type[Step], names: frozenset[str]) -> frozenset[str]:
    """Return these fields with those that make no sense without them: "not known" beside them, a choice that shows
    them and what it shows else, and whatever a check looks at as well."""
    asked, revealed = questions(form_class), _revealed(form_class)
    pairs = {(name, radio) for name, (radio, _) in revealed.items()}
    for bound in form_class():
        pairs |= {
            (bound.short_name, check.other) for check in bound.validators if isinstance(check, Demand) and check.other
        }
    found = set(names & asked.keys())
    while more := {one for pair in pairs if found & set(pair) for one in pair if one in asked} - found:
        found |= more
    return frozenset(found | {name + NOT_KNOWN_SUFFIX for name in found if name + NOT_KNOWN_SUFFIX in asked})


def shown(form_class: type[Step], values: Typed) -> Typed:
    """Drop what stands hidden beside a choice that was not taken."""
    away = form_class.hides(values)
    for name in away & values.keys():
        del values[name]
    return values


@cache
def _own_choices(form_class: type[Step]) -> frozenset[str]:
    """Name the fields whose choices only the authority knows: they are checked when bound, with the context."""
    nothing = FormContext(today=date.min)
    return frozenset(form_class.offers(nothing))


def typed(form_class: type[Step], posted: Getlist) -> Typed:
    """Keep what belongs to this step, as typed: no other field, no choice that was never offered, no extra value."""
    return typed_of(form_class, posted.getlist)


def typed_of(form_class: type[Step], values_of: Callable[[str], Any]) -> Typed:
    """Do the same for answers that were kept, which a hand may have changed: `values_of` a field gives its list."""
    kept, changed = Typed(), []
    for name, room, offered in _places(form_class):
        raw = values_of(name)
        if not raw or not isinstance(raw, list):
            continue
        if len(raw) == 1 and isinstance(text := raw[0], str) and (text in offered if offered else text.isprintable()):
            kept[name] = [text]  # as most are: there is nothing to clean or to leave out
            continue
        if offered is not None and room == 1 and len({text for text in raw if text}) > 1:
            continue  # two answers to a question that takes one are none (W10, W14)
        values = [clean_typed(value) for value in raw[:room] if isinstance(value, str)]
        texts = []
        for text, was_changed in values:
            texts.append(text)
            if was_changed and name not in changed:
                changed.append(name)
        if offered is not None:
            texts = [code for code in dict.fromkeys(texts) if code in offered]
        if texts:
            kept[name] = texts
    kept.changed = tuple(changed)
    return kept


@cache
def _places(form_class: type[Step]) -> tuple[tuple[str, int, frozenset[str] | None], ...]:
    """Return each field with how many values it takes, and which, where this page alone says so."""
    own = _own_choices(form_class)
    return tuple(
        (name, one.room, frozenset(code for code, _ in one.choices) if one.choices and name not in own else None)
        for name, one in questions(form_class).items()
    )


def within(form_class: type[Step], values: Typed, context: FormContext, *, as_kept: bool = False) -> Typed:
    """Drop what the authority does not offer, now that its choices are known.

    `as_kept` is for reading what was sent: an area that the authority has given up since is still what was answered.
    """
    if not _own_choices(form_class):
        return values
    dropped: dict[str, list[str]] = {}
    for name, codes in form_class.offers(context).items():
        offered = {code for code, _ in codes}
        if as_kept:
            offered |= set(values.getlist(name)) - {code for code, _ in questions(form_class)[name].choices}
        if any(code not in offered for code in values.getlist(name)):
            dropped[name] = [code for code in values[name] if code in offered]
    if not dropped:
        return values
    kept = Typed({**values, **dropped})
    kept.changed = values.changed
    return kept
