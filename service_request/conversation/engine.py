"""One turn of a conversation: messages in, the dialogue as it stands and at most one reply out (SE-1 to SE-3, SE-6).

A question is asked, repeated once kindly, and then a person goes on: nobody is trapped and no word is lost. A plain
answer counts wherever it stands, a correction whenever it comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from service_request.conversation import listening
from service_request.conversation.progress import Progress
from service_request.conversation.saying import Speaker
from service_request.conversation.script import Script, who_they_are
from service_request.conversation.state import Answers, Dialogue, Heard, Manner, Reply, SafeHere, Turn


def begin(script: Script, *, manner: Manner) -> Dialogue:
    """Return a dialogue in which nothing was said yet."""
    return Dialogue(script.code, language=manner.words.language if manner.words.language != "en" else None)


def begin_again(script: Script, *, known: Answers, safe: SafeHere, language: str | None, manner: Manner) -> Dialogue:
    """Return a dialogue with somebody whose earlier enquiry is closed: who they are is not asked again (SE-1)."""
    answers = {key: list(values) for key, values in who_they_are(script, known).items()}
    return replace(begin(script, manner=manner), safe=safe, language=language, answers=answers, follows=True)


def hush(dialogue: Dialogue, why: str) -> Dialogue:
    """Silence the engine, because a person goes on or the carrier's own word was said; what they say is still read."""
    return replace(dialogue, silenced=why)


def hear(script: Script, dialogue: Dialogue, heard: Sequence[Heard], manner: Manner) -> Turn:
    """Read what they wrote, in its order, and say what there is to say: the first time who we are and that it is kept.

    EV-2: until they said that it is safe, a reply tells only the reference, what happens next, 999 and that question.
    """
    progress = Progress(script, dialogue, manner)
    notes = tuple(listening.hear(progress, one) for one in heard)
    progress.conclude()
    said = Speaker(script, manner, progress).reply()
    after = progress.dialogue()
    return Turn(
        dialogue=after,
        reply=Reply(said.text, list(said.own)) if said is not None and said.text else None,
        flags=frozenset(progress.flags),
        understood=notes,
        silenced=after.silenced,
        language=after.language,
    )
