"""What a turn makes of the messages in it, one after the other: answers, wishes, corrections, and what is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service_request.conversation.ages import ages_told
from service_request.conversation.choices import choice_of
from service_request.conversation.languages import language_of
from service_request.conversation.mails import answers_in_mail, without_quotes
from service_request.conversation.noting import note
from service_request.conversation.readings import Reading
from service_request.conversation.script import SAFE, Question, Script
from service_request.conversation.state import Dialogue, Flag, Heard, Manner, SafeHere
from service_request.conversation.taking_back import split_taken_back, takes_back, takes_back_the_last
from service_request.conversation.understanding import find_plain, read_answer
from service_request.conversation.wishes import (
    Command,
    asks_to_stop,
    command_of,
    is_about_several,
    is_another_person,
    is_no_answer,
    is_question,
    is_story,
)
from service_request.conversation.words import Words
from service_request.domain.danger import danger_words
from service_request.domain.typed import NARRATIVE_MAX, clean_typed

LONG_SILENCE = timedelta(days=3)  # after it, they are told that all was kept
WARN_AGAIN = timedelta(hours=1)  # a machine that answers with "emergency" gets no more than this
MOST_MISSES = 2  # asked, repeated once kindly; then a person goes on
ENOUGH = 2  # times the questions of a script: whoever goes back and forth longer speaks with a person
FINISHED, WANTS_PERSON, NOT_UNDERSTOOD = "finished", "wants_person", "not_understood"  # codes of models.Silenced
ASKED_TO_STOP, UNSAFE = "asked_to_stop", "unsafe"
NEVER_ANSWERED = frozenset({ASKED_TO_STOP, UNSAFE, "opted_out", "no_way"})  # not even with 999: it may harm
_UNSURE = frozenset({"not_known", "none", "maybe", "no"})  # answers that a plain word said later outdoes
_WISH = 9  # words of a message that asks for a person and tells nothing
_SHORT = 5  # words of a message that says one thing and nothing else


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


class Listener:
    """Hold the dialogue while a turn is made of it."""

    def __init__(self, script: Script, dialogue: Dialogue, manner: Manner) -> None:
        self.script, self.manner, self.before = script, manner, dialogue
        self.answers = {key: list(values) for key, values in dialogue.answers.items()}
        self.safe, self.asked, self.past = dialogue.safe, dialogue.asked, list(dialogue.past)
        self.skipped, self.said, self.asks = list(dialogue.skipped), list(dialogue.said), dialogue.asks
        self.misses, self.explained = dict(dialogue.misses), dialogue.explained
        self.language, self.silenced = dialogue.language, dialogue.silenced
        self.heard_at, self.warned_at = dialogue.heard_at, dialogue.warned_at
        self.flags: set[Flag] = set()
        self.happened = Happened()
        self.open: Question | None = self._open_question()

    @property
    def is_new(self) -> bool:
        return not self.before.began

    @property
    def words(self) -> Words:
        return self.manner.words.in_language(self.language)

    def dialogue(self) -> Dialogue:
        return Dialogue(
            script=self.script.code,
            answers=self.answers,
            safe=self.safe,
            asked=self.asked,
            past=tuple(self.past),
            skipped=tuple(self.skipped),
            asks=self.asks,
            misses=self.misses,
            said=tuple(self.said),
            began=True,
            explained=self.explained,
            language=self.language,
            silenced=self.silenced,
            heard_at=self.heard_at,
            warned_at=self.warned_at,
        )

    def hear(self, heard: Heard) -> str | None:
        """Take one message and return what was understood of it, for a person to check."""
        text, _ = clean_typed(heard.text)
        if self.manner.channel == "email":
            text = without_quotes(text)
        self._mind_the_time(heard.at)
        self._look_around(text, heard.at)
        notes = []
        if heard.pictures:
            self.happened.pictures += heard.pictures
            notes.append("a picture" if heard.pictures == 1 else f"{heard.pictures} pictures")
        if Flag.DANGER in self.flags and danger_words(text):
            notes.append("danger words")
        if asks_to_stop(text, self.words):
            self.flags.add(Flag.ASKED_TO_STOP)
            self.silenced, self.asked = ASKED_TO_STOP, ()
            self.said.append(text)
            return "; ".join([*notes, "asked us to stop"])
        if text.strip():
            if self.silenced is not None:
                notes += self._hear_silenced(text)
            elif self.is_new:
                notes += self._hear_first(text)
            else:
                notes += self._hear_next(text)
        return "; ".join(notes) or None

    def conclude(self) -> None:
        """Decide what comes next: a question, the same once more, or a person."""
        if self.silenced is not None:
            return
        if Flag.WANTS_PERSON in self.flags:
            self._end(WANTS_PERSON)
        elif self.script.is_not_ours(self.answers):
            self._end(FINISHED, Flag.FINISHED)
        elif self.is_new and self.safe is SafeHere.UNSET:  # who said so in an earlier enquiry is not asked again
            self._ask((SAFE,))
        elif self.safe is SafeHere.UNSET and SAFE in self.skipped:
            self._end(FINISHED, Flag.FINISHED)
        elif self.asked and self._is_unanswered():
            self._ask_again()
        else:
            self._ask(self._due())

    # what is looked for in every message

    def _mind_the_time(self, at: datetime) -> None:
        last = datetime.fromisoformat(self.heard_at) if self.heard_at else None
        if last is None or at > last:
            self.happened.came_back = last is not None and at - last >= LONG_SILENCE
            self.heard_at = at.isoformat()

    def _look_around(self, text: str, at: datetime) -> None:
        if danger_words(text):
            self.flags.add(Flag.DANGER)
            last = datetime.fromisoformat(self.warned_at) if self.warned_at else None
            if self.before.silenced is None or last is None or abs(at - last) >= WARN_AGAIN:
                self.happened.warns, self.warned_at = True, at.isoformat()
        if self.language is None and (language := language_of(text)):
            self.language = language
            self.flags.add(Flag.LANGUAGE)
        several_ages = len(ages_told(text)) > 1 and not takes_back(text)
        if is_about_several(text) or several_ages or (not self.is_new and is_another_person(text)):
            self.flags.add(Flag.TO_SPLIT)

    # the three times of a dialogue

    def _hear_first(self, text: str) -> list[str]:
        wants_person = command_of(text, self.words) is Command.HUMAN
        if wants_person:
            self.flags.add(Flag.WANTS_PERSON)
        notes = self._keep_words(text)
        if wants_person:
            notes.append("asked for a person")
        return notes + self._take_plain(text, beside=())

    def _hear_next(self, text: str) -> list[str]:
        command = command_of(text, self.words, self.open)
        if command is Command.HUMAN:
            self.flags.add(Flag.WANTS_PERSON)
            return [*self._keep_words(text), *self._take_plain(text, beside=()), "asked for a person"]
        if len(self.asked) > 1:
            return self._hear_mail(text)
        if self.open is None:
            return self._hear_beside(text)
        if command is Command.RESTART:
            return self._restart()
        if command is Command.BACK:
            return self._go_back()
        if command is Command.SKIP:
            return self._skip(self.open)
        if self.open.key == SAFE:
            return self._hear_safe(text)
        return self._hear_answer(self.open, text)

    def _hear_silenced(self, text: str) -> list[str]:
        if self.safe is SafeHere.UNSET and self.silenced not in NEVER_ANSWERED and (notes := self._read_safe(text)):
            return notes
        return self._hear_beside(text)

    # answers

    def _hear_answer(self, question: Question, text: str) -> list[str]:
        corrections = self._corrections(text, but=question.key)
        answer = read_answer(question, text, today=self.manner.today, words=self.words, all_said=self._all_said(text))
        if corrections and (question.is_words or answer.reading is None):
            return self._correct(corrections)
        earlier = self._previous()
        if takes_back(text) and earlier and not earlier.is_words:
            before_that = takes_back_the_last(text) or answer.reading is None
            if before_that and (notes := self._correct_last(earlier, text)):
                return notes
        if answer.reading is not None:
            self.open = None
            notes = self._accept(question, answer.reading)
            return notes + self._take_plain(text, beside=(question.key,), but=question.key)
        if answer.skips:
            return self._skip(question) + self._take_plain(text, beside=(), but=question.key)
        notes = self._take_plain(text, beside=())
        if question.key in self.answers and self.before.answers.get(question.key) != self.answers[question.key]:
            self.open = None
            return notes
        self.happened.fault = self.happened.fault or answer.fault
        notes += self._keep_words(text)
        if not notes:
            self.happened.missed = True
        return notes

    def _hear_beside(self, text: str) -> list[str]:
        """Read a message that answers no open question: for corrections, plain facts and words to keep."""
        corrections = self._corrections(text)
        if corrections:
            return self._correct(corrections)
        last = self._just_answered() or self._previous()
        if takes_back(text) and last and not last.is_words and (notes := self._correct_last(last, text)):
            return notes
        return [*self._keep_words(text), *self._take_plain(text, beside=())]

    def _hear_mail(self, text: str) -> list[str]:
        """Read numbered and labelled answers of one mail; what stands beside them is read for what it says plainly."""
        asked = [self.script.find(key) for key in self.asked]
        parts, rest = answers_in_mail(text, asked)
        notes: list[str] = []
        for question, part in parts:
            command = command_of(part, self.words, question)
            answer = read_answer(
                question, part, today=self.manner.today, words=self.words, all_said=self._all_said(part)
            )
            if command is Command.SKIP or answer.skips:
                notes += self._skip(question)
            elif answer.reading is not None:
                notes += self._accept(question, answer.reading)
                notes += self._take_plain(part, beside=(question.key,), but=question.key)
            else:
                rest = f"{rest}\n{part}"
        if rest.strip():
            notes += self._correct(self._corrections(rest)) or self._keep_words(rest.strip())
            notes += self._take_plain(rest, beside=self.asked)
        if self.happened.answered or self.happened.skipped:
            self.skipped += [key for key in self.asked if key not in self.answers and key not in self.skipped]
            self.asked = ()
        else:
            self.happened.missed = True
        return notes

    def _hear_safe(self, text: str) -> list[str]:
        if notes := self._read_safe(text):
            return notes + (self._take_plain(text, beside=()) if self.silenced is None else [])
        self.happened.missed = True
        return [*self._keep_words(text), *self._take_plain(text, beside=())]

    def _read_safe(self, text: str) -> list[str]:
        question = self.script.find(SAFE)
        nothing = is_no_answer(text) or is_question(text)  # "ok" is polite, and no word that it is safe
        reading = None if nothing else choice_of(text, question, self.words, "")
        if reading is None:
            answer = read_answer(question, text, today=self.manner.today, words=self.words, all_said="")
            return self._skip(question) if answer.skips and self.silenced is None else []
        self.open = None
        if reading.value == SafeHere.NO.value:
            self.safe, self.silenced, self.asked = SafeHere.NO, UNSAFE, ()
            self.flags.add(Flag.UNSAFE)
        else:
            self.safe, self.asked = SafeHere.YES, self.asked if self.silenced is None else ()
            self.flags.add(Flag.SAFE)
        if len(text.split()) > _SHORT:
            self.said.append(text)
        return [note(question, reading)]

    def _accept(self, question: Question, reading: Reading) -> list[str]:
        had = self.answers.get(question.key)
        if had and had != [reading.value] and not reading.instead_of and not question.is_words:
            reading = replace_reading(reading, had[0])
        self.answers[question.key] = [reading.value]
        if question.key in self.skipped:
            self.skipped.remove(question.key)
        if reading.instead_of:
            self.flags.add(Flag.CORRECTED)
        if reading.value in question.dangers:
            self.flags.add(Flag.DANGER)
            self.happened.warns, self.warned_at = True, self.heard_at
        self.happened.answered.append((question, reading))
        return [note(question, reading)]

    def _skip(self, question: Question) -> list[str]:
        if question.key not in self.skipped:
            self.skipped.append(question.key)
        if question.key not in self.answers:
            self.happened.skipped = True
        self.open = None
        return [f"{question.label}: skipped"]

    def _take_plain(self, text: str, *, beside: tuple[str, ...], but: str = "") -> list[str]:
        """Keep what was said plainly and is not known yet."""
        found = find_plain(self.script, text, today=self.manner.today, beside=beside, answers=self.answers)
        if Flag.TO_SPLIT in self.flags:
            found.pop("age", None)
        notes = []
        for key, reading in found.items():
            question = self.script.find(key)
            is_said_anew = question.part_of in beside and bool(question.part_of)
            if key != but and (key not in self.answers or is_said_anew or self._outdoes(key, reading)):
                self.answers[key] = [reading.value]
                if reading.instead_of:
                    self.flags.add(Flag.CORRECTED)
                self.happened.added = True
                notes.append(note(question, reading))
        return notes

    # corrections

    def _corrections(self, text: str, but: str = "") -> dict[str, Reading]:
        """Return what a message says otherwise than before, where it takes something back or says only that."""
        found = find_plain(self.script, text, today=self.manner.today, beside=(), answers=self.answers)
        is_meant = takes_back(text) or len(text.split()) <= _SHORT
        return {
            key: reading
            for key, reading in found.items()
            if key != but
            and (not but or self.script.find(key).part_of != but)
            and key in self.answers
            and self.answers[key] != [reading.value]
            and (is_meant or reading.instead_of == self.answers[key][0])
            and not (Flag.TO_SPLIT in self.flags and not takes_back(text))
        }

    def _correct(self, corrections: dict[str, Reading]) -> list[str]:
        notes = []
        for key, reading in corrections.items():
            question = self.script.find(key)
            told = replace_reading(reading, self.answers[key][0])
            self.answers[key] = [reading.value]
            self.happened.corrected.append((question, told))
            self.flags.add(Flag.CORRECTED)
            notes.append(note(question, told))
        return notes

    def _correct_last(self, question: Question, text: str) -> list[str]:
        now, _ = split_taken_back(text)
        answer = read_answer(question, now, today=self.manner.today, words=self.words, all_said=self._all_said(text))
        if answer.reading is None or self.answers.get(question.key) == [answer.reading.value]:
            return []
        if question.key in self.skipped:
            self.skipped.remove(question.key)
        if question.key not in self.answers:
            return self._accept(question, answer.reading)
        return self._correct({question.key: answer.reading})

    def _outdoes(self, key: str, reading: Reading) -> bool:
        return self.answers[key][0] in _UNSURE and reading.value not in _UNSURE

    # where the dialogue stands

    def _open_question(self) -> Question | None:
        return self.script.find(self.asked[0]) if len(self.asked) == 1 else None

    def _previous(self) -> Question | None:
        return self.script.find(self.past[-1]) if self.past else None

    def _just_answered(self) -> Question | None:
        return self.happened.answered[-1][0] if self.happened.answered else None

    def _all_said(self, text: str) -> str:
        return "\n".join([*self.answers.get(self.script.story.key, ()), *self.said, text])

    def _keep_words(self, text: str) -> list[str]:
        """Keep what is no answer: as the story where there is none yet, else beside it; nothing is lost."""
        story = self.script.story.key
        if not is_story(text) or (len(text.split()) <= _WISH and command_of(text, self.words) is Command.HUMAN):
            self.said.append(text)
            return []
        told = self.answers.get(story, [""])[0]
        if told and not self.is_new:
            self.said.append(text)
            self.happened.added = True
            return ["more in their own words"]
        self.answers[story] = [f"{told}\n{text}".strip()[:NARRATIVE_MAX].strip()]
        self.happened.added = True
        if story in self.skipped:
            self.skipped.remove(story)
        return ["what it is about, in their own words"]

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
        self.asks += 1

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

    def _restart(self) -> list[str]:
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

    def _go_back(self) -> list[str]:
        self.happened.went_back = True
        if self.past:
            key = self.past.pop()
            self.asked = (key,)
            if key in self.skipped:
                self.skipped.remove(key)
        self.open = None
        return ["went back"]


def replace_reading(reading: Reading, instead_of: str) -> Reading:
    return Reading(reading.value, instead_of)
