"""How easily a password is guessed: what others chose before, and how people disguise it (NIST 800-63B)."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

LIST = Path(__file__).with_name("common_passwords.txt.gz")
FAMOUS = ("correcthorsebatterystaple", "threerandomwords")  # examples of good ones, and so none any more
COMMONEST = 2_000  # two of these together are one guess of a few million
_DISGUISE = str.maketrans("0134578@$!", "oieastbasi")  # p4ssw0rd is password
_ROWS = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
_RUN = 4  # of neighbours on a row, forwards or back


@lru_cache(maxsize=1)
def common() -> dict[str, int]:
    """Return the passwords seen most often, with their place: read when the first password is set."""
    words = [*gzip.decompress(LIST.read_bytes()).decode().split("\n"), *FAMOUS]
    return {word: place for place, word in enumerate(words)}


def is_common(password: str) -> bool:
    """Tell whether a password is one that many chose: repeated, disguised, with digits around it, or two in a row."""
    plain = "".join(sign for sign in password.casefold() if sign.isalnum())
    as_words = "".join(sign for sign in password.casefold().translate(_DISGUISE) if sign.isalnum())
    for one in {plain, as_words, plain.strip("0123456789"), as_words.strip("oieastb")}:
        whole = _once(one)
        if whole in common() or _once(whole.strip("0123456789")) in common() or _is_two(whole):
            return True
    return _is_walk(plain)


def _once(text: str) -> str:
    """Return what is repeated, once: "passpasspass" is "pass"."""
    for size in range(1, len(text) // 2 + 1):
        if len(text) % size == 0 and text == text[:size] * (len(text) // size):
            return text[:size]
    return text


def _is_two(text: str) -> bool:
    known = common()
    return any(
        known.get(text[:at], COMMONEST) < COMMONEST and known.get(text[at:], COMMONEST) < COMMONEST
        for at in range(3, len(text) - 2)
    )


def _is_walk(text: str) -> bool:
    """Tell whether it is made of runs along a row of the keyboard or the alphabet, and of nothing else."""
    at = 0
    while at < len(text):
        longest = max(_run(text, at, row) for way in _ROWS for row in (way, way[::-1]))
        if longest < _RUN:
            return False
        at += longest
    return bool(text)


def _run(text: str, at: int, row: str) -> int:
    """Return how many signs from here on are neighbours on the row, which begins anew at its end."""
    twice, length = row + row, 0
    while at + length < len(text) and length < len(row) and text[at : at + length + 1] in twice:
        length += 1
    return length
