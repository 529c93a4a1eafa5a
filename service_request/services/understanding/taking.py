"""A batch of texts from one number becomes messages, answers, flags, tasks and one reply, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from infrastructure.database.transaction import failpoint
from infrastructure.texting.numbers import can_be_answered
from infrastructure.trail import Stream, record
from service_request.conversation import engine
from service_request.conversation.state import Answers, Dialogue, Flag, Heard, Manner, SafeHere, Turn
from service_request.domain.danger import speak_of_danger
from service_request.domain.inbound_text import OptOut
from service_request.models import Safe, ServiceRequest, Silenced, TaskKind
from service_request.services.alerting import alert_danger
from service_request.services.sight.kept import find_request
from service_request.services.understanding.conversations import begin_anew, silence
from service_request.services.understanding.leaving import ENQUIRER, need_person, tell_of_words, words_for_carrier
from service_request.services.understanding.replying import may_answer, owe_reply, write_down
from service_request.services.understanding.sides import Moment, Side, Text

TASKS = {Flag.WANTS_PERSON: TaskKind.WANTS_PERSON, Flag.NOT_UNDERSTOOD: TaskKind.WANTS_PERSON,
         Flag.TO_SPLIT: TaskKind.SPLIT, Flag.LANGUAGE: TaskKind.INTERPRETER,
         Flag.ASKED_TO_STOP: TaskKind.ASKED_TO_STOP}  # fmt: skip


def take(at: Moment, side: Side, request: ServiceRequest | None, texts: Sequence[Text]) -> None:
    """Understand a batch inside the caller's transaction, thread and request locked.

    At most one request is open in a thread: the one it names, or the one opened here (EV-3, SE-1).
    """
    said = Dialogue.from_json(at.thread.dialogue).answers if at.thread.dialogue else {}
    if request is not None and not side.takes(at, request):
        begin_anew(at.thread, at.now)
        request = None
    words = words_for_carrier(at, texts)
    texts = [text for text in texts if text.arrival.id in words or not side.hears_first(at, text)]
    if not texts:
        return
    spoken = [text for text in texts if words.get(text.arrival.id, OptOut.HELP) is OptOut.HELP]
    heard = [text for text in texts if words.get(text.arrival.id) is not OptOut.STOP]  # to leave answers nobody (SE-3)
    if request is None and not spoken:  # a STOP long after: it belongs to what they had with us
        request = find_request(at.session, at.thread.last_request_id, wall=at.thread.wall)
    opened = request is None
    if request is None:
        request = side.begin(at, texts)
        begin_anew(at.thread, at.now)
        at.thread.request_id = request.id
    by_text = at.mail is None
    if by_text and not can_be_answered(at.thread.counterpart or "") and silence(at.thread, Silenced.NO_WAY, at.now):
        need_person(at, request.id, request.id, TaskKind.WANTS_PERSON)
    failpoint("understand_opened")
    if heard:
        side.go_on(at, request, heard, is_new=opened)
    tell_of_words(at, request.id, words)
    before = _dialogue(at, side, side.manner(at, request), said if opened else None)
    turn = _hear(at, side, request, before, spoken)
    understood = dict(zip([text.arrival.id for text in spoken], turn.understood, strict=False)) if turn else {}
    write_down(at, request, texts, understood, opened=opened)
    failpoint("understand_written")
    # Of a mail the engine says so: it knows which lines are ours, quoted around an answer.
    danger = at.mail is None and speak_of_danger(text.said.body for text in texts)
    if turn is not None:
        side.apply(at, request, turn, before, spoken)
        _obey(at, request, turn, texts[-1].arrival.id)
        danger = danger or Flag.DANGER in turn.flags
        at.thread.dialogue, at.thread.language = turn.dialogue.to_json(), turn.language or at.thread.language
    if at.thread.silenced in (Silenced.OPTED_OUT, Silenced.ASKED_TO_STOP):
        side.left(at)
    if danger:
        side.mark_danger(at, request)
        alert_danger(at.session, request, now=at.now, house=at.house)
    if turn is not None and turn.reply is not None and may_answer(at):
        owe_reply(at, request, turn.reply, texts[-1].arrival.id)
        failpoint("understand_owed")


def _dialogue(at: Moment, side: Side, manner: Manner, said: Answers | None) -> Dialogue:
    """Return where the dialogue stands: begun anew it does not ask again whether it is safe, nor who they are.

    `said` is what they answered before, where this opens another request.
    """
    thread = at.thread
    if thread.dialogue is None and said is not None and thread.last_request_id is not None:
        known = side.knew(at, thread.last_request_id, said)
        safe = SafeHere(thread.safe)
        dialogue = engine.begin_again(side.script, known=known, safe=safe, language=thread.language, manner=manner)
    elif thread.dialogue is None:
        begun = engine.begin(side.script, manner=manner)
        dialogue = replace(begun, safe=SafeHere(thread.safe), language=thread.language)
    else:
        dialogue = Dialogue.from_json(thread.dialogue)
    if thread.silenced is None:
        return replace(dialogue, silenced=None) if dialogue.silenced else dialogue
    return dialogue if dialogue.silenced == thread.silenced else engine.hush(dialogue, thread.silenced)


def _hear(at: Moment, side: Side, request: ServiceRequest, before: Dialogue, spoken: Sequence[Text]) -> Turn | None:
    if not spoken:
        return None
    heard = [Heard(text.said.body, text.arrival.received_at, text.said.media) for text in spoken]
    return engine.hear(side.script, before, heard, side.manner(at, request))


def _obey(at: Moment, request: ServiceRequest, turn: Turn, about_id: UUID) -> None:
    """Do what a turn calls for beside its answers: who is silenced, whether it is safe, what a person must do."""
    session, thread, stream = at.session, at.thread, Stream("request", request.id)
    if Flag.SAFE in turn.flags and thread.safe is not Safe.YES:
        thread.safe, request.referrer.safe = Safe.YES, Safe.YES.value
        record(session, stream, "safe", by=ENQUIRER, now=at.now)
    if Flag.UNSAFE in turn.flags and thread.safe is not Safe.NO:
        thread.safe, request.referrer.safe = Safe.NO, Safe.NO.value
        record(session, stream, "unsafe", by=ENQUIRER, now=at.now)
    if turn.silenced is not None:
        silence(thread, Silenced(turn.silenced), at.now)
    for flag in sorted(turn.flags & TASKS.keys()):
        once = flag in (Flag.LANGUAGE, Flag.TO_SPLIT)
        need_person(at, request.id, request.id if once else about_id, TASKS[flag])
    if Flag.WANTS_PERSON in turn.flags:
        record(session, stream, "wants_person", by=ENQUIRER, now=at.now)
    if Flag.ASKED_TO_STOP in turn.flags:
        record(session, stream, "ask_to_stop", by=ENQUIRER, now=at.now)
