"""Names of files as people are shown them: cleaned of what could lead astray. On disk a file never bears its name."""

from __future__ import annotations

import unicodedata

LONGEST = 100
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_TO_DASH = set('<>:"|?*%')


def clean_name(raw: str, *, empty: str = "file") -> str:
    """Return the last part of a name, without control and direction marks, short enough, with its extension kept.

    `../../x` becomes `x`; a mark that turns the writing is taken out, so that the end of the name is its true end.
    """
    text = unicodedata.normalize("NFC", raw).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(_shown(character) for character in text)
    stem, extension = _split(" ".join(kept.split()))
    stem = stem.strip(". -") or empty
    if stem.split(".")[0].lower() in _RESERVED:
        stem = f"{empty}-{stem}"
    tail = f".{extension}" if extension else ""
    return stem[: LONGEST - len(tail)].rstrip(". ") + tail


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Zs", "Zl", "Zp", "Cc"):
        return " "
    if category[0] == "C":  # direction marks, unassigned, private, lone surrogates
        return ""
    return "-" if character in _TO_DASH else character


def _split(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    extension = extension.strip()
    if not dot or not extension or len(extension) > 10 or not extension.isascii() or not extension.isalnum():
        return name, ""
    return stem, extension
