"""Letters without case, accents and marks between words: what phrases of many languages are looked for in."""

import re
import unicodedata
from collections.abc import Iterable

# Vowel signs of India's scripts are no part of a word to Python, and two of its full stops stand among them.
_NOT_WORDS = re.compile("(?:[^\\w\u0900-\u0dff\0]|[_\u0964\u0965])+")
_MARKS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u0640\u200c-\u200f]")  # accents, Arabic vowels, joiners
_ALIKE = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"}  # strokes that are no mark to Unicode
    | {
        "ي": "ی",
        "ى": "ی",
        "ك": "ک",
        "ه": "ہ",
        "ة": "ہ",
        "ۂ": "ہ",
        "ھ": "ہ",
        "ە": "ہ",
    }  # Arabic, Persian and Urdu keyboards
)


BETWEEN = "\0"  # stands as a word of its own between two texts, and in none of them


def plain_words(text: str) -> str:
    """Return the words with one space between them: "Pomiń, proszę!" is "pomin prosze", "can’t" is "can t"."""
    return plain_words_of([text])


def plain_words_of(texts: Iterable[str]) -> str:
    """Return the words of several texts in one go, with BETWEEN between two of them; each once."""
    letters = f" {BETWEEN} ".join([text.replace(BETWEEN, " ") for text in dict.fromkeys(texts)]).casefold()
    if not letters.isascii():
        letters = _MARKS.sub("", unicodedata.normalize("NFKD", letters)).translate(_ALIKE)
    return _NOT_WORDS.sub(" ", letters).strip()
