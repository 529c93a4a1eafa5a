"""Cut a text into what is marked and what is not, so that a template can show the marks without touching a word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service_request.domain.identifying import Found


@dataclass(frozen=True)
class Piece:
    """Words of a text; `number` counts the marks of the page and is 0 where nothing is marked."""

    words: str
    number: int = 0


@dataclass(frozen=True)
class Mark:
    """One row of the table beneath the text."""

    number: int
    words: str
    why: str
    instead: str


@dataclass(frozen=True)
class MarkedText:
    """One answer with its marks, and the page it was typed on."""

    key: str
    label: str
    pieces: tuple[Piece, ...]
    marks: tuple[Mark, ...]


def mark_words(found_in: Iterable[tuple[str, str, str, str, list[Found]]]) -> list[MarkedText]:
    """Number the words found through all the texts of the page, in their order."""
    texts: list[MarkedText] = []
    number = 0
    for key, _, label, text, found in found_in:
        in_order = sorted(found, key=lambda one: one.start)
        pieces: list[Piece] = []
        marks: list[Mark] = []
        at = 0
        for one in in_order:
            number += 1
            pieces += [Piece(text[at : one.start]), Piece(text[one.start : one.end], number)]
            marks.append(Mark(number, one.words, one.why, one.instead))
            at = one.end
        pieces.append(Piece(text[at:]))
        texts.append(MarkedText(key, label, tuple(piece for piece in pieces if piece.words), tuple(marks)))
    return texts
