"""Answers in a mail: numbered or labelled, in the order of the questions, or written inside the quoted questions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from service_request.conversation.courtesies import without_courtesies
from service_request.conversation.script import Question
from service_request.conversation.words import plain

_NUMBERED = re.compile(
    r"^\s*[-*(]?\s*(?:(?:q(?:uestion)?\s*)?(?P<number>\d{1,2})\s*[.):\-]+|q(?:uestion)?\s*(?P<named>\d{1,2})(?=\s))"
    r"\s*(?P<said>\S.*)?$",
    re.IGNORECASE,
)
_BARE = re.compile(r"^\s*(\d{1,2})\s+([^\W\d_].*)$")
_IN_A_ROW = re.compile(r"(?:^|(?<=[\s,;]))(\d{1,2})[.):]\s+(?=\S)")
_LABELLED = re.compile(r"^\s*[-*]?\s*([^:\n]{2,60}?)(?:\s*[:=]\s*|\s+[-–]\s+)(\S.*)$")
_BULLET = re.compile(r"^\s*[-*•·–]\s+")
_QUOTES_BEGIN = re.compile(
    r"^\s*(?:on\b.{4,120}\bwrote:|-{2,}\s*original message\s*-{2,}|from:\s.+@|_{10,}|.{4,120}\bwrote:\s*$)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^\s*(?:>\s?)+")
_SENTENCES = re.compile(r"(?<=[.;!?])\s+|\n+")
_LABEL_SURE, _SAME, _FEWEST_LETTERS = 85, 90, 8
_MOST_MISFITS = 4  # one in so many may be no answer: "8 and 11" says two ages
_MOST = 20_000  # characters in which answers are looked for
_BROKEN_AT = 50  # letters, at which a mail program breaks a line
_MOST_SENTENCES = 200
_LONGEST = 600  # of a line that holds a question and its answer
_SHORT = 6  # words of a line that says one thing


@dataclass(frozen=True)
class Asked:
    """A question as it stood in our mail: its words there, in their language."""

    question: Question
    said: str


@dataclass
class Found:
    """What a mail answers, each question once, and what else it says."""

    answers: dict[str, str] = field(default_factory=dict)
    rest: list[str] = field(default_factory=list)

    @property
    def left(self) -> str:
        return "\n".join(self.rest).strip()


Reads = Callable[[Question, str], bool]  # whether a text answers a question, by the form's own validators


def without_quotes(text: str) -> str:
    """Return a mail without what it quotes of another one; whoever writes beneath the quote is read there."""
    lines = text.splitlines()
    begins = next((at for at, line in enumerate(lines) if _QUOTES_BEGIN.match(line)), len(lines))
    for part in (lines[:begins], lines[begins + 1 :]):
        if kept := "\n".join(line for line in part if not _QUOTED.match(line)).strip():
            return kept
    return text


def theirs(text: str, asked: Sequence[Asked], ours: Sequence[str]) -> str:
    """Return what they wrote themselves, beside and inside our questions; "in danger" of ours is none of theirs."""
    inside = _inside(text[:_MOST], asked, ours)
    if inside.answers:
        return "\n".join([*inside.rest, *inside.answers.values(), text[_MOST:]]).strip()
    return without_quotes(text)


def answers_in_mail(text: str, asked: Sequence[Asked], reads: Reads, ours: Sequence[str]) -> Found:
    """Return what a mail answers in whichever way it does; `ours` are words by which lines of our own are known."""
    text, beyond = text[:_MOST], text[_MOST:]
    found = _found(text, asked, reads, ours)
    found.rest += [beyond] if beyond.strip() else []
    return found


def _found(text: str, asked: Sequence[Asked], reads: Reads, ours: Sequence[str]) -> Found:
    inside = _inside(text, asked, ours)
    if inside.answers:
        return inside
    core = without_courtesies(without_quotes(text))
    listed = _listed(core, [one.question for one in asked], reads)
    if listed.answers:
        return listed
    return _in_order(core, asked, reads) or _in_prose(core, asked, reads)


def _inside(text: str, asked: Sequence[Asked], ours: Sequence[str]) -> Found:
    """Read what stands beneath or behind each quoted question."""
    found, now, left_to_come, is_copied = Found(), "", "", False
    for line in text.splitlines():
        content = _QUOTED.sub("", line)
        is_quoted = content != line
        whole = plain(content)
        if (hit := _question_in(content, asked)) is not None:
            one, after = hit
            now, left_to_come = one.question.key, _still_to_come(one.said, content)
            found.answers[now] = after
        elif left_to_come and whole and left_to_come.startswith(whole):
            left_to_come = left_to_come[len(whole) :].strip()
        elif _QUOTES_BEGIN.match(content) or any(word in content for word in ours):
            now, is_copied = "", True
        elif is_quoted or not whole:
            continue
        elif now:
            left_to_come = ""
            found.answers[now] = f"{found.answers[now]}\n{content}".strip()
        elif not is_copied:
            found.rest.append(line)
    found.answers = {key: kept for key, said in found.answers.items() if (kept := without_courtesies(said))}
    found.rest = [without_courtesies("\n".join(found.rest))]
    return found


def _question_in(line: str, asked: Sequence[Asked]) -> tuple[Asked, str] | None:
    """Return the question that a line holds or begins, and what stands behind it."""
    from rapidfuzz import fuzz

    if len(line) > _LONGEST:
        return None
    numbered = _numbered(line)
    body = numbered[1] if numbered else line.strip()
    whole = plain(body)
    if len(whole) < _FEWEST_LETTERS:
        return None
    if numbered and 1 <= numbered[0] <= len(asked):
        asked = [asked[numbered[0] - 1]]
    for one in asked:
        said = plain(one.said)
        if body.casefold().startswith(one.said.casefold()):
            return one, body[len(one.said) :].strip()
        if said.startswith(whole) or (numbered and fuzz.ratio(whole, said[: len(whole)]) >= _SAME):
            return one, ""
    return None


def _still_to_come(said: str, line: str) -> str:
    """Return what of a question stands in the next lines, where a mail program broke it."""
    numbered = _numbered(line)
    whole = plain(numbered[1] if numbered else line)
    said = plain(said)
    return said[len(whole) :].strip() if said.startswith(whole) else ""


def _listed(text: str, asked: Sequence[Question], reads: Reads) -> Found:
    """Read answers that are numbered as the questions were, or labelled; a line beneath one may be the next answer."""
    found, now, gap = Found(), -1, False
    names = {plain(name): number for number, one in enumerate(asked) for name in (one.label, one.field)}
    lines = list(_apart(text, len(asked)))
    taken = {hit[0] - 1 for line in lines if (hit := _numbered(line))}
    for line in lines:
        numbered, labelled = _numbered(line), _LABELLED.match(line)
        bare = _BARE.match(line) if taken else None
        if numbered and 1 <= numbered[0] <= len(asked):
            now = numbered[0] - 1
            found.answers[asked[now].key] = numbered[1]
        elif bare and int(bare[1]) == now + 2 <= len(asked) and now + 1 not in taken:
            now += 1
            found.answers[asked[now].key] = bare[2]
        elif labelled and (name := _labelled(labelled[1], names)) is not None:
            now = name
            found.answers[asked[now].key] = labelled[2]
        elif not line.strip():
            gap = True
            continue
        elif now < 0:
            found.rest.append(line)
        elif not found.answers[asked[now].key] or _goes_on(asked[now], found.answers[asked[now].key], gap):
            found.answers[asked[now].key] = f"{found.answers[asked[now].key]}\n{line}".strip()
        elif _is_next(asked, now, taken, line, reads):
            now += 1
            found.answers[asked[now].key] = line.strip()
        else:
            found.rest.append(line)
        gap = False
    found.answers = {key: said.strip() for key, said in found.answers.items() if said.strip()}
    return found


def _numbered(line: str) -> tuple[int, str] | None:
    """Return the number at the start of a line and what stands behind it: "2. nine", "2) nine", "Q2 nine"."""
    found = _NUMBERED.match(line)
    return (int(found["number"] or found["named"]), found["said"] or "") if found else None


def _goes_on(question: Question, said: str, gap: bool) -> bool:
    """Tell an answer of several lines: a long one, or one that a mail program broke."""
    return not gap and (question.is_long or len(said.splitlines()[-1]) >= _BROKEN_AT)


def _is_next(asked: Sequence[Question], now: int, taken: set[int], line: str, reads: Reads) -> bool:
    """Tell whether a line without a number answers the question after the one that was answered last."""
    following = now + 1
    if following >= len(asked) or following in taken or len(line.split()) > _SHORT:
        return False
    return reads(asked[following], line)


def _apart(text: str, most: int) -> Iterable[str]:
    """Part a line that holds several numbered answers: "1. parent 2. no 3. 9"."""
    for line in text.splitlines():
        marks = [mark for mark in _IN_A_ROW.finditer(line) if 1 <= int(mark[1]) <= most]
        numbers = [int(mark[1]) for mark in marks]
        if len(marks) < 2 or numbers != sorted(set(numbers)) or line[: marks[0].start()].strip():
            yield line
            continue
        ends = [mark.start() for mark in marks[1:]] + [len(line)]
        yield from (line[mark.start() : end].strip(" ,;") for mark, end in zip(marks, ends, strict=True))


def _labelled(label: str, names: Mapping[str, int]) -> int | None:
    from rapidfuzz import fuzz, process

    best = process.extractOne(plain(label), names.keys(), scorer=fuzz.ratio, score_cutoff=_LABEL_SURE)
    return names[best[0]] if best else None


def _in_order(text: str, asked: Sequence[Asked], reads: Reads) -> Found | None:
    """Read one answer after the other, where there are as many as questions and each fits its own."""
    lines = [_BULLET.sub("", line).strip() for line in text.splitlines() if line.strip()]
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    sentences = [part.strip(" .;") for part in _SENTENCES.split(text) if part.strip()]
    clauses = [part.strip(" .") for part in text.split(",") if part.strip()] if len(lines) == 1 else []
    for parts in (lines, paragraphs, sentences, clauses):
        pairs = list(zip([one.question for one in asked], parts, strict=False))
        if len(parts) != len(asked):
            continue
        if sum(not reads(question, part) for question, part in pairs) <= len(asked) // _MOST_MISFITS:
            return Found({question.key: part for question, part in pairs})
    return None


def _told(cue: re.Pattern[str], sentence: str) -> str:
    """Return what a sentence tells by a cue: of one that holds several things, the part that does."""
    hits = (cue.search(part) for part in (*sentence.split(","), sentence))
    return next((hit["told"].strip() for hit in hits if hit), "")


def _in_prose(text: str, asked: Sequence[Asked], reads: Reads) -> Found:
    """Read what a sentence says of itself to answer, or what only one of the questions can mean."""
    found = Found()
    for number, sentence in enumerate(filter(None, (part.strip() for part in _SENTENCES.split(text)))):
        if number >= _MOST_SENTENCES:
            found.rest.append(sentence)
            continue
        open_ones = [one.question for one in asked if one.question.key not in found.answers]
        told = {one.key: said for one in open_ones if one.cue and (said := _told(one.cue, sentence))}
        says_one_thing = not told and len(sentence.split()) <= _SHORT
        fits = [one.key for one in open_ones if says_one_thing and not one.is_words and reads(one, sentence)]
        if len(fits) == 1:
            told = {fits[0]: sentence}
        found.answers |= {key: said.strip(" .,;!") for key, said in told.items()}
        if sentence not in told.values() or any(one.is_about_reaching and one.key in told for one in open_ones):
            found.rest.append(sentence)
    return found
