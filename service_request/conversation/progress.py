"""How far a dialogue is in the middle of a turn, and what comes next: a question, the same once more, or a person."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from service_request.conversation.readings import Reading
from service_request.conversation.script import SAFE, Question, Script
from service_request.conversation.state import Dialogue, Flag, Manner, SafeHere
from service_request.conversation.words import Said, Words

MOST_MISSES = 2  # asked, repeated once kindly; then a person goes on
ENOUGH = 2  # times the questions of a script: whoever goes back and forth longer speaks with a person
FINISHED, WANTS_PERSON, NOT_UNDERSTOOD = "finished", "wants_person", "not_understood"  # codes of models.Silenced
ASKED_TO_STOP, UNSAFE = "asked_to_stop", "unsafe"
NEVER_ANSWERED = frozenset({ASKED_TO_STOP, UNSAFE, "opted_out", "no_way"})  # not even with 999: it may harm


_CHOICES, _NUMBERS = re.compile(r"(\?) 1 (.+)$"), re.compile(r", \d ")


_ALONE = " If not, reply NO"  # of a question that is asked by itself


@dataclass
class Happened:
    """What the reply has to speak of."""

    answered: list[tuple[Question, Reading]] = field(default_factory=list)
    corrected: list[tuple[Question, Reading]] = field(default_factory=list)
    skipped: bool = False
    added: bool = False  # something was kept that nobody asked for
    missed: bool = False
    fault: str = ""  # the form's own sentence about an answer that it does not take
    went_back: bool = False
    restarted: bool = False
    pictures: int = 0
    came_back: bool = False
    warns: bool = False  # 999 is said first


class Progress:
    """Hold the dialogue while a turn is made of it."""

    def __init__(self, script: Script, dialogue: Dialogue, manner: Manner) -> None:
        self.script, self.manner, self.before = script, manner, dialogue
        self.answers = {key: list(values) for key, values in dialogue.answers.items()}
        self.safe, self.asked, self.past = dialogue.safe, dialogue.asked, list(dialogue.past)
        self.listed = dialogue.listed
        self.skipped, self.said, self.asks = list(dialogue.skipped), list(dialogue.said), dialogue.asks
        self.misses, self.explained = dict(dialogue.misses), dialogue.explained
        self.language, self.is_in_latin, self.silenced = dialogue.language, dialogue.is_in_latin, dialogue.silenced
        self.heard_at, self.warned_at = dialogue.heard_at, dialogue.warned_at
        self.flags: set[Flag] = set()
        self.happened = Happened()
        self.open: Question | None = self._open_question()

    @property
    def is_new(self) -> bool:
        return not self.before.began

    @property
    def by_mail(self) -> bool:
        return self.manner.channel == "email"

    @property
    def words(self) -> Words:
        words = self.manner.words.in_language(self.language)
        return words.in_latin_letters() if self.is_in_latin else words

    def ask(self, key: str) -> Said:
        """Return a question in their language, as a child or a grown-up is asked it."""
        one = self.script.find(key)
        is_self = bool(one.say_self) and self.script.asks_child(self.answers)
        english, name = (one.say_self, f"{key}_self") if is_self else (one.say, key)
        said = self.words.ask(f"{self.script.code}.{name}", english)
        in_words = _CHOICES.sub(lambda found: f"{found[1]} ({_NUMBERS.sub(', ', found[2])})", english)
        in_words = in_words.removesuffix(_ALONE)
        # In a mail the questions are numbered, and the choices of one are words; other languages keep the numbers,
        # since we know fewer words for their choices.
        return Said(in_words, ((0, len(in_words)),)) if self.by_mail and said.text == english else said

    def dialogue(self) -> Dialogue:
        return Dialogue(
            script=self.script.code,
            answers=self.answers,
            safe=self.safe,
            asked=self.asked,
            listed=self.listed,
            past=tuple(self.past),
            skipped=tuple(self.skipped),
            asks=self.asks,
            misses=self.misses,
            said=tuple(self.said),
            began=True,
            follows=self.before.follows,
            explained=self.explained,
            language=self.language,
            is_in_latin=self.is_in_latin,
            silenced=self.silenced,
            heard_at=self.heard_at,
            warned_at=self.warned_at,
        )

    def conclude(self) -> None:
        """Decide what comes next: a question, the same once more, or a person."""
        if self.silenced is not None:
            return
        if self.warned_at is not None and self.script.is_child(self.answers):  # no machine questions a child in danger
            self.flags.add(Flag.WANTS_PERSON)
        if Flag.WANTS_PERSON in self.flags:
            self._end(WANTS_PERSON)
        elif self.script.is_not_ours(self.answers):
            self._end(FINISHED, Flag.FINISHED)
        elif self.happened.warns:
            self._ask_nothing()
        elif self.safe is SafeHere.UNSET and SAFE in self.skipped:
            self._end(FINISHED, Flag.FINISHED)
        elif self.safe is SafeHere.UNSET and self.asked != (SAFE,):  # said in an earlier enquiry it is not asked again
            self._ask((SAFE,))
        elif self.asked and self._is_unanswered():
            self._ask_again()
        else:
            self._ask(self._due())

    def previous(self) -> Question | None:
        return self.script.find(self.past[-1]) if self.past else None

    def just_answered(self) -> Question | None:
        return self.happened.answered[-1][0] if self.happened.answered else None

    def all_said(self, text: str) -> str:
        return "\n".join([*self.answers.get(self.script.story.key, ()), *self.said, text])

    def restart(self) -> list[str]:
        story = self.script.story.key
        self.said += [
            values[0] for key, values in self.answers.items() if key != story and self.script.find(key).is_words
        ]
        self.answers = {story: self.answers[story]} if story in self.answers else {}
        self.skipped, self.past, self.misses = [], [], {}
        self.open = None
        self.asked = self.asked if self.asked == (SAFE,) else ()
        self.happened.restarted = True
        return ["started again"]

    def go_back(self) -> list[str]:
        self.happened.went_back = True
        if self.past:
            key = self.past.pop()
            self.asked = (key,)
            if key in self.skipped:
                self.skipped.remove(key)
        self.open = None
        return ["went back"]

    def _open_question(self) -> Question | None:
        return self.script.find(self.asked[0]) if len(self.asked) == 1 else None

    def _due(self) -> tuple[str, ...]:
        """Return what is asked next: one question, or by email all that is missing."""
        due = [
            one.key
            for one in self.script.questions
            if one.key != SAFE
            and one.key not in self.answers
            and one.key not in self.skipped
            and one.when(self.answers)
        ]
        if self.manner.all_at_once:
            return tuple(due)
        return tuple(due[:1])

    def _is_unanswered(self) -> bool:
        if self.happened.went_back or self.happened.restarted:
            return False
        if len(self.asked) > 1:
            return True
        return self.open is not None and self.open.when(self.answers)

    def _ask(self, keys: tuple[str, ...]) -> None:
        if self.happened.went_back:
            keys = self.asked
        elif self.asked and self.asked != (SAFE,):
            self.past = [*(key for key in self.past if key not in self.asked), *self.asked]
        if not keys:
            self._end(FINISHED, Flag.FINISHED)
            return
        if self.asks >= ENOUGH * len(self.script.questions):
            self._end(NOT_UNDERSTOOD, Flag.NOT_UNDERSTOOD)
            return
        self.asked = keys
        self.listed = keys if len(keys) > 1 else self.listed
        self.asks += 1

    def _ask_nothing(self) -> None:
        """Leave the questions for their next text: beside 999 nothing else is to be read and answered (EV-10)."""
        self.asks += 1  # a machine that says "emergency" for ever is answered no longer than anybody
        if self.asks > ENOUGH * len(self.script.questions):
            self._end(NOT_UNDERSTOOD, Flag.NOT_UNDERSTOOD)
        elif self.asked and not self.happened.went_back and not self._is_unanswered():
            self.past = [*(key for key in self.past if key not in self.asked), *self.asked]
            self.asked = ()

    def _ask_again(self) -> None:
        key = self.asked[0]
        if self.happened.missed or not self._said_something():
            self.misses[key] = self.misses.get(key, 0) + 1
        if self.misses.get(key, 0) >= MOST_MISSES or self.asks >= ENOUGH * len(self.script.questions):
            self._end(NOT_UNDERSTOOD, Flag.NOT_UNDERSTOOD)
            return
        self.asks += 1

    def _said_something(self) -> bool:
        happened = self.happened
        return bool(happened.answered or happened.corrected or happened.added or happened.pictures)

    def _end(self, silenced: str, flag: Flag | None = None) -> None:
        if flag is not None:
            self.flags.add(flag)
        self.silenced, self.open = silenced, None
        self.asked = (SAFE,) if self.safe is SafeHere.UNSET and SAFE not in self.skipped else ()
