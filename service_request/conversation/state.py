"""What a dialogue is between two messages, and what one turn of it gives back. Plain values, kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, Self

from service_request.conversation.words import Words


class Flag(StrEnum):
    """What a turn tells the caller beside its answers."""

    DANGER = "danger"
    WANTS_PERSON = "wants_person"
    ASKED_TO_STOP = "asked_to_stop"
    LANGUAGE = "language"
    TO_SPLIT = "to_split"  # two people or several children
    CORRECTED = "corrected"
    SAFE = "safe"  # they said that it is safe to write to them here (EV-2)
    UNSAFE = "unsafe"
    FINISHED = "finished"
    NOT_UNDERSTOOD = "not_understood"  # asked twice, kindly


class SafeHere(StrEnum):
    """Whether it is safe to write to them here (EV-2)."""

    UNSET = "unset"
    YES = "yes"
    NO = "no"


Answers = Mapping[str, list[str]]
Span = tuple[int, int]


@dataclass(frozen=True)
class Manner:
    """How this conversation is held: by which channel, for which service, on what promise, in which words."""

    channel: Literal["sms", "whatsapp", "chat", "email"]
    service: str  # who we are, as the public reads it
    reference: str  # as it is read out: "4TRX-W7HK"
    by_when: datetime  # the promise, said in their language
    duty_line: str
    phone: str  # the service's own number
    write_to: str  # our number or address, as it is passed on (SE-1)
    opens_at: datetime | None  # out of hours: when somebody is there again (SE-7)
    today: date
    words: Words  # of any language; the engine goes on in theirs
    all_at_once: bool = False  # by email: every missing question in one mail


@dataclass(frozen=True)
class Heard:
    """One message of theirs."""

    text: str
    at: datetime
    pictures: int = 0  # or files of any kind, by email


@dataclass(frozen=True)
class Reply:
    """What we say. `own` are the spans that are our own words; between them stands what they told us (EV-6)."""

    text: str
    own: list[Span]


@dataclass(frozen=True)
class Dialogue:
    """Where a dialogue stands. `answers` hold values as a form posts them; "safe" is never among them."""

    script: str
    answers: dict[str, list[str]] = field(default_factory=dict)
    safe: SafeHere = SafeHere.UNSET
    asked: tuple[str, ...] = ()  # the open question; by email, all that the last mail asked, in its order
    listed: tuple[str, ...] = ()  # by email, what the last mail asked, in its order: an answer may come after the end
    past: tuple[str, ...] = ()  # the questions that were asked before, the latest last
    skipped: tuple[str, ...] = ()
    asks: int = 0  # how many questions went out: going back and forth ends with a person, too
    misses: dict[str, int] = field(default_factory=dict)  # how often each was answered with no answer
    said: tuple[str, ...] = ()  # every text that was no answer, whole and in order
    began: bool = False
    follows: bool = False  # an enquiry of theirs that is closed
    explained: bool = False  # that a question can be skipped and a person asked for
    language: str | None = None
    is_in_latin: bool = False  # they write that language in Latin letters
    silenced: str | None = None  # why the engine says nothing more: a code of models.Silenced
    heard_at: str | None = None  # ISO
    warned_at: str | None = None  # ISO: when 999 was last said because of danger words

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        kept = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return what `to_json` gave; a part that a later version added has its default."""
        known = {one.name: kept[one.name] for one in fields(cls) if one.name in kept}
        for name in ("asked", "listed", "past", "skipped", "said"):
            known[name] = tuple(known.get(name, ()))
        known["safe"] = SafeHere(known.get("safe", SafeHere.UNSET))
        known["answers"] = {key: list(values) for key, values in known.get("answers", {}).items()}
        known["misses"] = dict(known.get("misses", {}))
        return cls(**known)


@dataclass(frozen=True)
class Turn:
    """What came of some messages: the dialogue as it stands now, at most one reply, and what was understood of each."""

    dialogue: Dialogue
    reply: Reply | None
    flags: frozenset[Flag]
    understood: tuple[str | None, ...]  # one for each Heard: "age 9, corrected from 8"
    silenced: str | None
    language: str | None
