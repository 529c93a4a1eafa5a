"""Answers in a mail: numbered as the questions were, or labelled; what is quoted of ours is left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from service_request.conversation.script import Question
from service_request.conversation.words import plain

_NUMBERED = re.compile(r"^\s*[-*(]?\s*(?:q(?:uestion)?\s*)?(\d{1,2})\s*[.):\-]+\s*(\S.*)?$", re.IGNORECASE)
_LABELLED = re.compile(r"^\s*[-*]?\s*([^:\n]{2,60}?)\s*[:=]\s*(\S.*)$")
_QUOTES_BEGIN = re.compile(
    r"^\s*(?:on\b.{4,120}\bwrote:|-{2,}\s*original message\s*-{2,}|from:\s.+@|_{10,}|sent from my )", re.IGNORECASE
)
_LABEL_SURE = 85


def without_quotes(text: str) -> str:
    """Return a mail without what it quotes of another one."""
    kept = []
    for line in text.splitlines():
        if _QUOTES_BEGIN.match(line):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line)
    return "\n".join(kept).strip() or text


def answers_in_mail(text: str, asked: Sequence[Question]) -> tuple[list[tuple[Question, str]], str]:
    """Return each answer with its question, and the lines that are no such thing."""
    found: list[tuple[Question, list[str]]] = []
    rest: list[str] = []
    for line in text.splitlines():
        numbered, labelled = _NUMBERED.match(line), _LABELLED.match(line)
        if numbered and 1 <= int(numbered[1]) <= len(asked):
            found.append((asked[int(numbered[1]) - 1], [numbered[2] or ""]))
        elif labelled and (question := _labelled(labelled[1], asked)):
            found.append((question, [labelled[2]]))
        elif found and line.strip() and (found[-1][0].is_words or not found[-1][1][-1]):
            found[-1][1].append(line)
        else:
            rest.append(line)
    return [(question, "\n".join(lines).strip()) for question, lines in found if "".join(lines).strip()], "\n".join(
        rest
    )


def _labelled(label: str, asked: Sequence[Question]) -> Question | None:
    from rapidfuzz import fuzz

    whole = plain(label)
    scores = [(max(fuzz.ratio(whole, plain(name)) for name in (one.label, one.field)), one) for one in asked]
    score, best = max(scores, key=lambda scored: scored[0])
    return best if score >= _LABEL_SURE else None
