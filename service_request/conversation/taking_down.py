"""How what was heard is taken down: answers, what was said beside them, corrections, and the words themselves."""

from __future__ import annotations

from service_request.conversation.conditions import condition_of
from service_request.conversation.courtesies import without_courtesies
from service_request.conversation.noting import note
from service_request.conversation.progress import Progress
from service_request.conversation.readings import Reading
from service_request.conversation.script import Question, fault
from service_request.conversation.state import Flag
from service_request.conversation.taking_back import split_taken_back, takes_back
from service_request.conversation.understanding import find_plain, read_answer
from service_request.conversation.wishes import Command, command_of, is_story
from service_request.domain.typed import LINE_MAX, NARRATIVE_MAX

SHORT = 5  # words of a message that says one thing and nothing else
_UNSURE = frozenset({"not_known", "none", "maybe", "no"})  # answers that a plain word said later outdoes
_WISH = 9  # words of a message that asks for a person and tells nothing


def accept(turn: Progress, question: Question, reading: Reading) -> list[str]:
    """Take the answer to a question; another one than before replaces it."""
    had = turn.answers.get(question.key)
    if had and had != [reading.value] and not reading.instead_of and not question.is_words:
        reading = _replacing(reading, had[0])
    turn.answers[question.key] = [reading.value]
    if question.key in turn.skipped:
        turn.skipped.remove(question.key)
    if reading.instead_of:
        turn.flags.add(Flag.CORRECTED)
    if reading.value in question.dangers:
        turn.flags.add(Flag.DANGER)
        turn.happened.warns, turn.warned_at = True, turn.heard_at
    turn.happened.answered.append((question, reading))
    return [note(question, reading)]


def skip(turn: Progress, question: Question) -> list[str]:
    """Leave a question, which is not asked again."""
    if question.key not in turn.skipped:
        turn.skipped.append(question.key)
    if question.key not in turn.answers:
        turn.happened.skipped = True
    turn.open = None
    return [f"{question.label}: skipped"]


def take_plain(turn: Progress, text: str, *, beside: tuple[str, ...], but: str = "") -> list[str]:
    """Keep what was said plainly and is not known yet."""
    found = find_plain(turn.script, text, today=turn.manner.today, beside=beside, answers=turn.answers)
    if Flag.TO_SPLIT in turn.flags:
        found.pop("age", None)
    notes = []
    for key, reading in found.items():
        question = turn.script.find(key)
        is_said_anew = question.part_of in beside and bool(question.part_of)
        if key != but and (key not in turn.answers or is_said_anew or _outdoes(turn, key, reading)):
            turn.answers[key] = [reading.value]
            if reading.instead_of:
                turn.flags.add(Flag.CORRECTED)
            turn.happened.added = True
            notes.append(note(question, reading))
    return notes


def recall(turn: Progress) -> list[str]:
    """Find what is due only now in what they said before, so that it is not asked again."""
    notes = []
    for question in turn.script.questions:
        is_due = question.key not in turn.answers and question.key not in turn.skipped and question.when(turn.answers)
        if question.recalls is None or not is_due:
            continue
        reading = question.recalls(turn.all_said(""), turn.manner.today)
        if reading is not None and not fault(question, [reading.value], turn.manner.today):
            turn.answers[question.key] = [reading.value]
            notes.append(note(question, reading))
    return notes


def keep_words(turn: Progress, text: str) -> list[str]:
    """Keep what is no answer: as the story where there is none yet, else beside it; nothing is lost."""
    story = turn.script.story.key
    core = without_courtesies(text) if turn.by_mail else text  # the message itself is kept whole
    if not is_story(core) or (len(core.split()) <= _WISH and command_of(core, turn.words) is Command.HUMAN):
        turn.said.append(text)
        return []
    told = turn.answers.get(story, [""])[0]
    if told and not turn.is_new:
        turn.said.append(text)
        turn.happened.added = True
        return ["more in their own words"]
    turn.answers[story] = [f"{told}\n{core}".strip()[:NARRATIVE_MAX].strip()]
    turn.happened.added = True
    if story in turn.skipped:
        turn.skipped.remove(story)
    return ["what it is about, in their own words"]


def keep_name(turn: Progress, name: str) -> list[str]:
    """Keep the name with which a first mail is signed: who signs it need not say again who they are."""
    question = next((one for one in turn.script.questions if one.is_of_them and one.field == "name"), None)
    if question is None or question.key in turn.answers or not name or fault(question, [name], turn.manner.today):
        return []
    turn.answers[question.key] = [name]
    return [note(question, Reading(name))]


def keep_condition(turn: Progress, text: str) -> list[str]:
    """Keep under which condition they may be reached ("only in the day") as their answer to how and when (EV-2)."""
    told = condition_of(text)
    question = next((one for one in turn.script.questions if one.is_about_reaching), None)
    if not told or question is None or question.key in turn.answers:
        return []
    turn.answers[question.key] = [told[:LINE_MAX].strip()]
    return [note(question, Reading(told))]


def find_corrections(turn: Progress, text: str, but: str = "") -> dict[str, Reading]:
    """Return what a message says otherwise than before, where it takes something back or says only that."""
    found = find_plain(turn.script, text, today=turn.manner.today, beside=(), answers=turn.answers)
    is_meant = takes_back(text) or len(text.split()) <= SHORT
    return {
        key: reading
        for key, reading in found.items()
        if key != but
        and (not but or turn.script.find(key).part_of != but)
        and key in turn.answers
        and turn.answers[key] != [reading.value]
        and (is_meant or reading.instead_of == turn.answers[key][0])
        and not (Flag.TO_SPLIT in turn.flags and not takes_back(text))
    }


def correct(turn: Progress, found: dict[str, Reading]) -> list[str]:
    """Put what was said otherwise in place of what was said before."""
    notes = []
    for key, reading in found.items():
        question = turn.script.find(key)
        told = _replacing(reading, turn.answers[key][0])
        turn.answers[key] = [reading.value]
        turn.happened.corrected.append((question, told))
        turn.flags.add(Flag.CORRECTED)
        notes.append(note(question, told))
    return notes


def correct_last(turn: Progress, question: Question, text: str) -> list[str]:
    """Read a message as another answer to a question that was asked before."""
    now, _ = split_taken_back(text)
    answer = read_answer(question, now, today=turn.manner.today, words=turn.words, all_said=turn.all_said(text))
    if answer.reading is None or turn.answers.get(question.key) == [answer.reading.value]:
        return []
    if question.key in turn.skipped:
        turn.skipped.remove(question.key)
    if question.key not in turn.answers:
        return accept(turn, question, answer.reading)
    return correct(turn, {question.key: answer.reading})


def _outdoes(turn: Progress, key: str, reading: Reading) -> bool:
    return turn.answers[key][0] in _UNSURE and reading.value not in _UNSURE


def _replacing(reading: Reading, instead_of: str) -> Reading:
    return Reading(reading.value, instead_of)
