"""A text as a reader takes it in: without case, marks and hiding places, so that a word is known again (EV-6)."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from urllib.parse import unquote

from service_request.domain.look_alikes import drawn

SHORTEST = 3  # letters of a word that is compared
_LETTERS = re.compile(rf"[^\W\d_]{{{SHORTEST},}}")
_ENCODED_WORD = re.compile(r"=\?[^?\s]{1,40}\?[bqBQ]\?[^?]*\?=")
_NO_MARK = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)  # letters whose stroke is no mark to Unicode
_BLANKS = "\u115f\u1160\u3164\uffa0\u2800"  # letters that nobody sees


def bare(text: str) -> str:
    """Return the text without case, marks and what nobody sees, its digits those of ours."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    seen = (str(unicodedata.decimal(c)) if c.isdecimal() else c for c in apart if not _is_unseen(c))
    return "".join(seen).translate(_NO_MARK)


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me", "Cf") or character in _BLANKS


def readings(text: str) -> tuple[str, str, str, str]:
    """Return each way in which the text may be read.

    As it stands, decoded, with what nobody sees as a gap, and in the Latin letters that other scripts draw alike.
    """
    decoded = text
    for _ in range(3):  # an entity inside a percent sign inside an encoded word
        decoded = unquote(html.unescape(_ENCODED_WORD.sub(_decode_word, decoded)), errors="replace")
    parted = "".join(" " if _is_unseen(c) and unicodedata.category(c) != "Mn" else c for c in decoded)
    return text, decoded, parted, drawn(decoded)


def _decode_word(found: re.Match[str]) -> str:
    try:
        return str(make_header(decode_header(found.group())))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return found.group()


def words_in(text: str) -> Counter[str]:
    """Return the words of three letters and more, each with how often it stands there.

    A word with something inside it counts whole as well: O'Neil, R.y.a.n; and so do the parts of RyanHartley.
    """
    plain, parted = bare(text), bare(_apart_at_capitals(text))
    whole = ("".join(filter(str.isalpha, word)) for word in plain.split())
    return Counter(
        [*_LETTERS.findall(plain), *(word for word in whole if len(word) >= SHORTEST), *_LETTERS.findall(parted)]
    )


def _apart_at_capitals(text: str) -> str:
    said = unicodedata.normalize("NFKC", text)
    pairs = zip(said, (said + " ")[1:], strict=True)
    return "".join(f"{one} " if one.islower() and after.isupper() else one for one, after in pairs)


def squeezed(text: str) -> str:
    """Return letters and digits alone: however a number or a full name is grouped, it is the same."""
    return "".join(filter(str.isalnum, bare(text)))
