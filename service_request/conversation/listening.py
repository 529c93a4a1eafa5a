"""What a turn makes of each message in it: an answer, a wish, a correction, or words to keep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from service_request.conversation.ages import ages_told
from service_request.conversation.choices import choice_of
from service_request.conversation.conditions import is_doubtful, is_only_a_condition
from service_request.conversation.courtesies import signed_by, without_courtesies
from service_request.conversation.languages import is_in_latin_letters, language_of
from service_request.conversation.mails import Asked, answers_in_mail, theirs, without_quotes
from service_request.conversation.noting import note
from service_request.conversation.progress import ASKED_TO_STOP, NEVER_ANSWERED, UNSAFE, Progress
from service_request.conversation.readings import Reading
from service_request.conversation.script import SAFE, Question
from service_request.conversation.state import Flag, Heard, SafeHere
from service_request.conversation.taking_back import takes_back, takes_back_the_last
from service_request.conversation.taking_down import (
    SHORT,
    accept,
    correct,
    correct_last,
    find_corrections,
    keep_condition,
    keep_name,
    keep_words,
    recall,
    skip,
    take_plain,
)
from service_request.conversation.understanding import find_told, read_answer
from service_request.conversation.wishes import (
    Command,
    asks_to_stop,
    command_of,
    is_about_several,
    is_another_person,
    is_no_answer,
    is_question,
)
from service_request.domain.danger import danger_words
from service_request.domain.typed import clean_typed

LONG_SILENCE = timedelta(days=3)  # after it, they are told that all was kept
WARN_AGAIN = timedelta(hours=1)  # a machine that answers with "emergency" gets no more than this


def hear(turn: Progress, heard: Heard) -> str | None:
    """Take one message and return what was understood of it, for a person to check."""
    text, _ = clean_typed(heard.text)
    mail, text = text, _theirs(turn, text)
    _mind_the_time(turn, heard.at)
    _look_around(turn, text, heard.at)
    notes = []
    if heard.pictures:
        turn.happened.pictures += heard.pictures
        one = "file" if turn.by_mail else "picture"
        notes.append(f"a {one}" if heard.pictures == 1 else f"{heard.pictures} {one}s")
    if Flag.DANGER in turn.flags and danger_words(text):
        notes.append("danger words")
    if asks_to_stop(text, turn.words):
        turn.flags.add(Flag.ASKED_TO_STOP)
        turn.silenced, turn.asked = ASKED_TO_STOP, ()
        turn.said.append(text)
        return "; ".join([*notes, "asked us to stop"])
    if text.strip():
        if turn.silenced is not None:
            notes += _hear_silenced(turn, text, mail)
        elif turn.is_new:
            notes += _hear_first(turn, text)
        elif len(turn.asked) > 1:
            notes += _hear_mail(turn, mail)
        else:
            notes += _hear_next(turn, without_courtesies(text) or text if turn.by_mail else text)
        notes += recall(turn)
    return "; ".join(notes) or None


def _mind_the_time(turn: Progress, at: datetime) -> None:
    last = datetime.fromisoformat(turn.heard_at) if turn.heard_at else None
    if last is None or at > last:
        turn.happened.came_back = last is not None and at - last >= LONG_SILENCE
        turn.heard_at = at.isoformat()


def _look_around(turn: Progress, text: str, at: datetime) -> None:
    if danger_words(text):
        turn.flags.add(Flag.DANGER)
        last = datetime.fromisoformat(turn.warned_at) if turn.warned_at else None
        if turn.before.silenced is None or last is None or abs(at - last) >= WARN_AGAIN:
            turn.happened.warns, turn.warned_at = True, at.isoformat()
    _note_language(turn, text)
    several_ages = len(ages_told(text)) > 1 and not takes_back(text)
    if is_about_several(text) or several_ages or (not turn.is_new and is_another_person(text)):
        turn.flags.add(Flag.TO_SPLIT)


def _note_language(turn: Progress, text: str) -> None:
    """Note in which language they write, once, and in which letters, as often as it can be told."""
    language = language_of(text)
    if turn.language is None and language is not None:
        turn.language = language
        turn.flags.add(Flag.LANGUAGE)
    if language is not None and language == turn.language:
        turn.is_in_latin = is_in_latin_letters(text)


def _hear_first(turn: Progress, text: str) -> list[str]:
    wants_person = command_of(text, turn.words) is Command.HUMAN
    if wants_person:
        turn.flags.add(Flag.WANTS_PERSON)
    notes = keep_words(turn, text) + (keep_name(turn, signed_by(text)) if turn.by_mail else [])
    if wants_person:
        notes.append("asked for a person")
    return notes + take_plain(turn, text, beside=())


def _hear_next(turn: Progress, text: str) -> list[str]:
    command = command_of(text, turn.words, turn.open)
    if command is Command.HUMAN:
        turn.flags.add(Flag.WANTS_PERSON)
        return [*keep_words(turn, text), *take_plain(turn, text, beside=()), "asked for a person"]
    if turn.open is None:
        return _hear_beside(turn, text)
    if command is Command.RESTART:
        return turn.restart()
    if command is Command.BACK:
        return turn.go_back()
    if command is Command.SKIP:
        return skip(turn, turn.open)
    if turn.open.key == SAFE:
        return _hear_safe(turn, text)
    return _hear_answer(turn, turn.open, text)


def _hear_silenced(turn: Progress, text: str, mail: str) -> list[str]:
    text = without_courtesies(text) or text if turn.by_mail else text
    if turn.safe is SafeHere.UNSET and turn.silenced not in NEVER_ANSWERED and (notes := _read_safe(turn, text)):
        return notes
    if turn.by_mail and turn.listed and answers_in_mail(mail, *_listed(turn)).answers:
        return _hear_mail(turn, mail)
    return _hear_beside(turn, text)


def _hear_answer(turn: Progress, question: Question, text: str) -> list[str]:
    corrected = find_corrections(turn, text, but=question.key)
    answer = read_answer(question, text, today=turn.manner.today, words=turn.words, all_said=turn.all_said(text))
    if corrected and (question.is_words or answer.reading is None):
        return correct(turn, corrected)
    earlier = turn.previous()
    if takes_back(text) and earlier and not earlier.is_words:
        before_that = takes_back_the_last(text) or answer.reading is None
        if before_that and (notes := correct_last(turn, earlier, text)):
            return notes
    if answer.reading is not None:
        turn.open = None
        notes = accept(turn, question, answer.reading)
        return notes + take_plain(turn, text, beside=(question.key,), but=question.key)
    if answer.skips:
        return skip(turn, question) + take_plain(turn, text, beside=(), but=question.key)
    notes = take_plain(turn, text, beside=())
    if question.key in turn.answers and turn.before.answers.get(question.key) != turn.answers[question.key]:
        turn.open = None
        return notes
    turn.happened.fault = turn.happened.fault or answer.fault
    notes += keep_words(turn, text)
    if not notes:
        turn.happened.missed = True
    return notes


def _hear_beside(turn: Progress, text: str) -> list[str]:
    """Read a message that answers no open question: for corrections, plain facts and words to keep."""
    corrected = find_corrections(turn, text)
    if corrected:
        return correct(turn, corrected)
    last = turn.just_answered() or turn.previous()
    if takes_back(text) and last and not last.is_words and (notes := correct_last(turn, last, text)):
        return notes
    return [*keep_words(turn, text), *take_plain(turn, text, beside=())]


def _hear_mail(turn: Progress, mail: str) -> list[str]:
    """Read the answers of one mail, however it gives them; what stands beside them is read for what it says plainly.

    What it leaves out is skipped: nobody is asked twice for what they would rather not say (SE-6).
    """
    whole = without_courtesies(without_quotes(mail))
    command = command_of(whole, turn.words)
    if command is Command.RESTART:
        return turn.restart()
    notes: list[str] = []
    found = answers_in_mail(mail, *_listed(turn))
    rest = found.left
    for key in () if command is Command.SKIP else found.answers:
        question, part = turn.script.find(key), found.answers[key]
        answer = read_answer(question, part, today=turn.manner.today, words=turn.words, all_said=turn.all_said(part))
        if command_of(part, turn.words, question) is Command.SKIP or answer.skips:
            notes += skip(turn, question)
        elif reading := answer.reading or find_told(question, part, turn.manner.today):
            notes += accept(turn, question, reading)
            notes += take_plain(turn, part, beside=(key,), but=key)
        else:
            rest = f"{rest}\n{part}".strip()
    if command is not Command.SKIP and any(turn.script.find(key).field == "name" for key in turn.asked):
        notes += keep_name(turn, signed_by(without_quotes(mail)))
    if command_of(rest, turn.words) is Command.HUMAN:
        turn.flags.add(Flag.WANTS_PERSON)
        notes.append("asked for a person")
    if rest and command is not Command.SKIP:
        notes += correct(turn, find_corrections(turn, rest)) or keep_words(turn, rest)
        notes += take_plain(turn, rest, beside=turn.asked)
    if command is Command.SKIP or turn.happened.skipped or any(key in turn.answers for key in turn.asked):
        turn.happened.skipped = turn.happened.skipped or command is Command.SKIP
        turn.skipped += [key for key in turn.asked if key not in turn.answers and key not in turn.skipped]
        turn.past += [key for key in turn.asked if key not in turn.past]
        turn.asked = ()
    else:
        turn.happened.missed = True
    return notes


def _listed(turn: Progress) -> tuple[list[Asked], Callable[[Question, str], bool], tuple[str, ...]]:
    """Return what the last mail asked, how an answer to it is known, and what tells our own lines from theirs."""

    def reads(question: Question, part: str) -> bool:
        answer = read_answer(question, part, today=turn.manner.today, words=turn.words, all_said=turn.all_said(part))
        is_skip = command_of(part, turn.words, question) is Command.SKIP
        told = answer.reading or find_told(question, part, turn.manner.today)
        return is_skip or answer.skips or told is not None

    manner = turn.manner
    ours = tuple(filter(None, (manner.service, manner.reference, manner.duty_line, manner.phone, manner.write_to)))
    return [Asked(turn.script.find(key), turn.ask(key).text) for key in turn.listed], reads, ours


def _theirs(turn: Progress, text: str) -> str:
    if not turn.by_mail:
        return text
    asked, _, ours = _listed(turn)
    return theirs(text, asked, ours)


def _hear_safe(turn: Progress, text: str) -> list[str]:
    if notes := _read_safe(turn, text):
        return notes + (take_plain(turn, text, beside=()) if turn.silenced is None else [])
    turn.happened.missed = True
    return [*keep_words(turn, text), *take_plain(turn, text, beside=())]


def _read_safe(turn: Progress, text: str) -> list[str]:
    question = turn.script.find(SAFE)
    nothing = is_no_answer(text) or is_question(text)  # "ok" is polite, and no word that it is safe
    reading = None if nothing else choice_of(text, question, turn.words, "")
    if reading is None and is_only_a_condition(text):
        reading = Reading(SafeHere.YES.value)
    if reading is not None and reading.value == SafeHere.YES.value and is_doubtful(text):
        return []
    if reading is None:
        answer = read_answer(question, text, today=turn.manner.today, words=turn.words, all_said="")
        return skip(turn, question) if answer.skips and turn.silenced is None else []
    turn.open = None
    notes = [note(question, reading)]
    if reading.value == SafeHere.NO.value:
        turn.safe, turn.silenced, turn.asked = SafeHere.NO, UNSAFE, ()
        turn.flags.add(Flag.UNSAFE)
    else:
        turn.safe, turn.asked = SafeHere.YES, turn.asked if turn.silenced is None else ()
        turn.flags.add(Flag.SAFE)
        notes += keep_condition(turn, text)
    if len(text.split()) > SHORT:
        turn.said.append(text)
    return notes
