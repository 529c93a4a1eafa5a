"""What a pathway asks in a conversation: its forms' fields in an order, each with the plain words of a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as of
from datetime import date
from functools import cache

from wtforms import RadioField, SelectField, TextAreaField
from wtforms.fields import Field

from infrastructure.questions import DateParts
from service_request.asking.code_sets import Codes
from service_request.asking.steps import FormContext, Step, Typed, questions
from service_request.conversation.readings import Reading
from service_request.conversation.state import Answers

MOST_QUESTIONS = 12
SAFE = "safe"  # the key of the question that every script begins with (EV-2)


SAFE_MEANS: Mapping[str, tuple[str, ...]] = {
    "yes": ("safe", "is safe", "its fine", "only me", "my own phone", "private"),
    "no": (
        "not safe",
        "isnt safe",
        "isn t safe",
        "unsafe",
        "reads my phone",
        "checks my phone",
        "sees my phone",
        "looks at my phone",
        "shared phone",
        "not my phone",
        "not private",
    ),
}


CUES: Mapping[str, re.Pattern[str]] = {
    "name": re.compile(
        r"\b(?:my name(?: is|'?s|s)|names|call me)\s+(?P<told>[\w'’-]+(?: [A-Z][\w'’-]+)?)", re.IGNORECASE
    ),
    "place": re.compile(
        r"\b(?:(?:we|i)(?:'re| are| am|'m)? (?:all )?(?:live|living|based|stay) (?:in|at|near)"
        r"|we(?:'re| are) (?:in|from)(?= (?-i:[A-Z])))\s+(?P<told>[^,.;\n]+?)"
        r"(?=$|[,.;\n]|\s+(?:and|but|so|with|my)\b)",
        re.IGNORECASE,
    ),
    "reach": re.compile(
        r"(?P<told>^.*\b(?:ring|call|text|phone|email|e-mail|whatsapp|contact|reach|speak to|write to) (?:me|us)\b.*$"
        r"|^.*\bbest (?:time|way)\b.*$"
        r"|^.*\b(?:ring|call|text|phone|email)\b.*\b(?:after|before|from|between|any ?time|only|mornings?)\b.*$"
        r"|^.*\b(?:mornings?|afternoons?|evenings?|weekends?) (?:is|are|would be) (?:best|good|fine|ok|better)\b.*$"
        r"|^.*\b(?:free|available|around|reachable) (?:after|before|from|on|in|at|any)\b.*$)",
        re.IGNORECASE,
    ),
}


def always(answers: Answers) -> bool:
    """Ask whatever else was answered."""
    return True


def never(answers: Answers) -> bool:
    """Be so of no answers at all."""
    return False


@dataclass(frozen=True)
class Question:
    """One field of a form, as a conversation asks it. The choices' numbers stand in `say` in the form's order."""

    field: str
    form: type[Step]
    say: str  # "How old is your child?"
    label: str  # "age": in what is understood, in a summary, and beside an answer in a mail
    say_self: str = ""  # asked of the child or young person themselves
    name: str = ""  # where two forms have a field of one name
    offers: tuple[str, ...] = ()  # the codes in the order asked; empty: the form's own
    means: Mapping[str, tuple[str, ...]] = of(default_factory=dict)  # code: other words for it
    says_little: tuple[str, ...] = ()  # among `means`: beside a number they name no other choice
    yes: str | Callable[[str], str] = ""  # the code that a bare "yes" stands for, or what tells it from all they said
    no: str = ""
    unsure: str = ""  # the code of "I do not know"; without one it is skipped
    reads: Callable[[str, date], Reading | None] | None = None  # how an answer is read where the field's kind says less
    finds: Callable[[str, date], Reading | None] | None = None  # the same, said plainly in any message at all
    when: Callable[[Answers], bool] = always
    beside: str = ""  # `finds` looks only where this other question is open or answered in the same message
    recalls: Callable[[str, date], Reading | None] | None = None  # finds it in what was said before it was due
    cue: re.Pattern[str] | None = None  # how a sentence of a mail says that it answers this; the answer is "told" in it
    part_of: str = ""  # an answer to that other question says this one, too (a postcode, of a place)
    is_about_reaching: bool = False  # "ring me" is an answer here, and not a call for a person
    thanks: str = ""  # the key of a sentence said after an answer in `thanks_for`
    thanks_for: frozenset[str] = frozenset()
    dangers: frozenset[str] = frozenset()  # codes that say that somebody is in danger now (EV-10)
    is_story: bool = False
    is_of_them: bool = False  # who they are: known from an earlier enquiry it is not asked again
    is_told_back: bool = False  # the answer may stand in a summary: a number or a choice, never their own words (EV-6)

    @property
    def key(self) -> str:
        return self.name or self.field

    @property
    def kind(self) -> type[Field]:
        return questions(self.form)[self.field].type

    @property
    def is_choice(self) -> bool:
        return issubclass(self.kind, (RadioField, SelectField))

    @property
    def is_day(self) -> bool:
        return issubclass(self.kind, DateParts)

    @property
    def is_long(self) -> bool:
        return issubclass(self.kind, TextAreaField)

    @property
    def is_words(self) -> bool:
        """Tell whether any words at all answer it."""
        return not self.is_choice and not self.is_day and self.reads is None

    def means_yes(self, all_said: str) -> str:
        """Return the code that a bare yes stands for, told from all they said where there are several."""
        if callable(self.yes):
            return self.yes(all_said)
        return self.yes or ("yes" if "yes" in self.labels else "")

    @property
    def means_no(self) -> str:
        return self.no or ("no" if "no" in self.labels else "")

    @property
    def labels(self) -> dict[str, str]:
        """Return what each code of the form is called there."""
        return {str(code): label for code, label in questions(self.form)[self.field].choices if code}

    @property
    def choices(self) -> Codes:
        """Return the choices as they are numbered."""
        return tuple((str(code), self.labels[code]) for code in self.offers or self.labels)


@dataclass(frozen=True)
class Script:
    """What one pathway asks, at most twelve questions; `extras` are never asked and understood all the same."""

    code: str
    questions: tuple[Question, ...]
    extras: tuple[Question, ...] = ()
    asks_child: Callable[[Answers], bool] = never
    is_not_ours: Callable[[Answers], bool] = never  # a professional (SE-1)
    is_child: Callable[[Answers], bool] = never  # who writes for themselves and is under 18

    def __post_init__(self) -> None:
        if len(self.questions) > MOST_QUESTIONS or self.questions[0].key != SAFE:
            raise ValueError(self.code)

    @property
    def all_questions(self) -> tuple[Question, ...]:
        return (*self.questions, *self.extras)

    def find(self, key: str) -> Question:
        return next(one for one in self.all_questions if one.key == key)

    @property
    def story(self) -> Question:
        return next(one for one in self.questions if one.is_story)


@cache
def _meta(today: date) -> dict[str, FormContext]:
    return {"context": FormContext(today=today)}


def fault(question: Question, values: list[str], today: date) -> str:
    """Return the sentence with which the form's own validators refuse these values; empty when they take them."""
    form = question.form(Typed({question.field: values}), meta=_meta(today))
    form.validate()
    if question.is_choice and any(value not in question.labels for value in values):
        return "Select one of the choices shown"
    errors = form[question.field].errors
    return str(errors[0]) if errors else ""


def by_step(script: Script, answers: Answers) -> dict[type[Step], Typed]:
    """Return the answers as each form would have been posted."""
    posted: dict[type[Step], Typed] = {}
    for one in script.all_questions:
        if one.key in answers:
            posted.setdefault(one.form, Typed())[one.field] = list(answers[one.key])
    return posted


def who_they_are(script: Script, known: Answers) -> Answers:
    """Return what of an earlier enquiry holds in the next; who worked with a family may now write of their own."""
    kept = {one.key: known[one.key] for one in script.all_questions if one.is_of_them and one.key in known}
    return {} if script.is_not_ours(kept) else kept


def facts(answers: Answers) -> dict[str, str]:
    """Return the answers as plain strings by question name (Enquiry.facts)."""
    return {key: values[0] for key, values in answers.items() if values and values[0]}
