"""What is said in a turn: short, in plain words, ours told apart from theirs (EV-6), never their own words again."""

from __future__ import annotations

from typing import Any

from service_request.conversation.noting import value_in_words
from service_request.conversation.progress import (
    FINISHED,
    NEVER_ANSWERED,
    NOT_UNDERSTOOD,
    WANTS_PERSON,
    Progress,
)
from service_request.conversation.readings import Reading
from service_request.conversation.script import SAFE, Question, Script
from service_request.conversation.state import Flag, Manner, SafeHere
from service_request.conversation.words import Said, join

NOTHING = Said("")
PARAGRAPH = "\n\n"
ENDS = (".", "?", "!", "؟", "।")


class Speaker:
    """Say one reply for a turn."""

    def __init__(self, script: Script, manner: Manner, progress: Progress) -> None:
        self.script, self.manner, self.progress = script, manner, progress
        self.happened = progress.happened

    def reply(self) -> Said | None:
        """Return the one reply of this turn; None where silence is right."""
        progress = self.progress
        if progress.silenced in NEVER_ANSWERED:
            return None
        if progress.before.silenced is not None:
            return join(self._say("danger"), self._say("danger_after")) if self.happened.warns else None
        danger = join(self._say("danger"), self._say("danger_after")) if self.happened.warns else NOTHING
        if progress.is_new:
            return self._join(danger, self._first())
        came_back = self._say("welcome_back") if self.happened.came_back else NOTHING
        return self._join(danger, came_back, self._rest())

    def _join(self, *said: Said) -> Said:
        """Put sentences into one text, and into paragraphs of a mail."""
        return join(*said, by=PARAGRAPH if self.manner.channel == "email" else " ")

    def _first(self) -> Said:
        """Say who we are, that it is kept, the reference, what happens next, 999, and one question (EV-2, EV-10)."""
        progress = self.progress
        not_ours = self.script.is_not_ours(progress.answers)  # no adviser rings a professional: nothing is promised
        return self._join(
            self._say("first_not_ours" if not_ours else "closed_before" if progress.before.follows else "first"),
            NOTHING if not_ours else self._closed(),
            NOTHING if self.happened.warns else self._say("emergency"),
            self._say("language") if Flag.LANGUAGE in progress.flags else NOTHING,
            self._say("professional_first") if not_ours else NOTHING,
            self._say("person_first") if progress.silenced == WANTS_PERSON else NOTHING,
            NOTHING if not_ours or self.happened.warns else self._first_question(),
        )

    def _closed(self) -> Said:
        """Say out of hours that we are closed; a text, which is paid for and read on a phone, holds one date."""
        opens = self.manner.opens_at
        if opens is None:
            return NOTHING
        if not self.progress.by_mail:
            return self._say("closed")
        return self._say("closed_email", opens=self._ours(self.progress.words.moment(opens)))

    def _first_question(self) -> Said:
        """Ask whether it is safe; of who said so in an earlier enquiry, what is due."""
        if self.progress.safe is SafeHere.UNSET:
            return self._safe("safe")
        return self._questions() if self.progress.asked else NOTHING

    def _rest(self) -> Said:
        progress = self.progress
        if self.script.is_not_ours(progress.answers) and progress.silenced == FINISHED:
            return self._say("professional")
        if progress.silenced == WANTS_PERSON:
            return self._join(self._say("person"), self._safe_left())
        if progress.silenced == NOT_UNDERSTOOD:
            return self._join(self._say("passed"), self._safe_left())
        if progress.silenced == FINISHED:
            return (
                self._join(self._say("finished"), self._summary())
                if progress.safe is SafeHere.YES
                else self._say("person")
            )
        if self.happened.warns:
            return NOTHING
        if progress.safe is SafeHere.UNSET:
            is_asked_again = SAFE in progress.before.asked
            return self._join(self._say("already"), self._safe("safe_again" if is_asked_again else "safe"))
        return self._join(self._heard(), self._questions())

    # what is said of what was heard

    def _heard(self) -> Said:
        """Say in a few words what came of it: never more than that it was taken, and a number or none."""
        happened = self.happened
        said = NOTHING
        if happened.corrected:
            said = self._corrected(*happened.corrected[-1])
        elif happened.restarted:
            said = self._say("restarted")
        elif happened.went_back:
            said = self._say("back")
        elif happened.answered:
            said = self._thanks(*happened.answered[-1])
        elif happened.skipped:
            said = self._say("skipped")
        elif happened.pictures:
            said = self._say("thanks" if self.progress.by_mail else "picture")
        elif happened.fault and not self.progress.words.is_abroad:
            return join(self._ours(f"Sorry. {happened.fault}."), self._say("hint_skip"))
        elif happened.added or Flag.SAFE in self.progress.flags:
            said = self._say("thanks")
        elif happened.missed or happened.fault or self.progress.misses.get(self._asked_key(), 0):
            return self._say("sorry")
        return said

    def _thanks(self, question: Question, reading: Reading) -> Said:
        if question.thanks and reading.value in question.thanks_for:
            return join(self._say("thanks"), self._say(question.thanks))
        if question.is_told_back and not question.is_choice:
            return self._say("understood", value=Said(reading.value))
        return self._say("thanks")

    def _corrected(self, question: Question, reading: Reading) -> Said:
        if question.is_told_back and not question.is_choice:
            return self._say("understood", value=Said(reading.value))
        return self._say("changed")

    # questions

    def _asked_key(self) -> str:
        return self.progress.asked[0] if self.progress.asked else ""

    def _questions(self) -> Said:
        keys = self.progress.asked
        if len(keys) > 1:
            numbered = [join(self._ours(f"{number}."), self.progress.ask(key)) for number, key in enumerate(keys, 1)]
            return self._say("email_all", questions=join(*numbered, by="\n"))
        again = bool(self.progress.misses.get(keys[0], 0)) and not self.happened.fault
        hint = again or not self.progress.explained
        self.progress.explained = True
        question = self.progress.ask(keys[0])
        if not hint:
            return question
        ended = join(question, self._ours("" if question.text.endswith(ENDS) else "."), by="")
        return join(ended, self._say("hint_skip"))

    def _safe(self, key: str) -> Said:
        return self._say(f"{key}_email" if self.manner.channel == "email" else key)

    def _safe_left(self) -> Said:
        """Ask once more whether it is safe, where a person goes on and would have to know."""
        progress = self.progress
        left = progress.safe is SafeHere.UNSET and SAFE in progress.asked and not self.happened.warns
        return self._safe("safe") if left else NOTHING

    # the end

    def _summary(self) -> Said:
        """Say what was noted: how many answers, and the numbers and choices among them (EV-6)."""
        answers = self.progress.answers
        count = sum(one.key in answers for one in self.script.questions)
        if not count:
            return NOTHING
        if self.progress.words.is_abroad:
            return self._say("summary", lines=self._say("counted", value=self._ours(str(count))))
        told = [
            join(self._ours(f"{one.label}{':' if one.is_choice else ''}"), self._value(one, answers[one.key][0]))
            for one in self.script.questions
            if one.is_told_back and one.key in answers
        ]
        counted = self._ours(f"{count} answer{'' if count == 1 else 's'}")
        return self._say("summary", lines=join(counted, *told, by=", "))

    def _value(self, question: Question, value: str) -> Said:
        words = value_in_words(question, value)
        return self._ours(words) if question.is_choice else Said(words)

    # words

    def _say(self, key: str, **facts: str | Said) -> Said:
        words = self.progress.words
        own = f"{self.script.code}.{key}"
        return words.say(own if words.has(own) else key, **{**self._facts(), **facts})

    def _facts(self) -> dict[str, Any]:
        manner = self.manner
        ours = ("service", "reference", "duty_line", "phone", "write_to")
        by_when = self.progress.words.moment(manner.by_when)
        return {"by_when": self._ours(by_when), **{name: self._ours(getattr(manner, name)) for name in ours}}

    @staticmethod
    def _ours(text: str) -> Said:
        return Said(text, ((0, len(text)),) if text else ())
