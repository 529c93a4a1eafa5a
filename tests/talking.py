"""Hold a conversation with the engine alone: what a test says, and every turn that came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from infrastructure.web.say_time import public_moment
from service_request.conversation.engine import begin, hear
from service_request.conversation.script import Script
from service_request.conversation.state import Dialogue, Flag, Heard, Manner, Turn
from service_request.conversation.words import read_words
from service_request.pathways.sendiass.script import SENDIASS

BEGAN_AT = datetime(2026, 11, 17, 12, 31, tzinfo=UTC)
TODAY = date(2026, 11, 17)
DUE_AT = datetime(2026, 11, 24, 17, tzinfo=UTC)
REFERENCE, BY_WHEN, DUTY_LINE = "4TRX-W7HK", public_moment(DUE_AT), "01632 960 120"

Said = str | timedelta | Sequence[str]


def make_manner(**changes: Any) -> Manner:
    usual: dict[str, Any] = {
        "channel": "sms",
        "service": "Westmarch SENDIASS",
        "reference": REFERENCE,
        "by_when": DUE_AT,
        "duty_line": DUTY_LINE,
        "phone": "01632 960 180",
        "write_to": "07700 900180",
        "opens_at": None,
        "today": TODAY,
        "words": read_words(),
    }
    return Manner(**{**usual, **changes})


@dataclass
class Talk:
    """What came of a conversation."""

    turns: list[Turn]

    @property
    def last(self) -> Turn:
        return self.turns[-1]

    @property
    def dialogue(self) -> Dialogue:
        return self.last.dialogue

    @property
    def replies(self) -> list[str]:
        return [turn.reply.text if turn.reply else "" for turn in self.turns]

    @property
    def flags(self) -> set[Flag]:
        return {flag for turn in self.turns for flag in turn.flags}

    @property
    def understood(self) -> list[str]:
        return [note for turn in self.turns for note in turn.understood if note]

    def answer(self, key: str) -> str | None:
        values = self.dialogue.answers.get(key)
        return values[0] if values else None


def talk(*said: Said, script: Script = SENDIASS, after: Dialogue | None = None, **manner: Any) -> Talk:
    """Say each in turn, two minutes apart: a list is heard at once, a timedelta is a silence."""
    how = make_manner(**manner)
    dialogue, at, turns = after or begin(script, manner=how), BEGAN_AT, []
    for one in said:
        if isinstance(one, timedelta):
            at += one
            continue
        texts = [one] if isinstance(one, str) else one
        turns.append(hear(script, dialogue, [Heard(text, at) for text in texts], how))
        dialogue = Dialogue.from_json(turns[-1].dialogue.to_json())
        at += timedelta(minutes=2)
    return Talk(turns)


def asked(field: str, answer: str, script: Script = SENDIASS, **known: str) -> Turn:
    """Give one answer to one question, as if nothing had been asked before."""
    dialogue = Dialogue.from_json(
        {
            **begin(script, manner=make_manner()).to_json(),
            "answers": {script.story.key: ["It is about school"], **{key: [value] for key, value in known.items()}},
            "safe": "yes",
            "began": True,
            "explained": True,
            "asked": [field],
            "asks": 2,
        }
    )
    return hear(script, dialogue, [Heard(answer, BEGAN_AT)], make_manner())
