"""Postcodes by their shape, never by their existence: made-up areas and new ones pass (W7, GL-8)."""

import re
import unicodedata

_INWARD_LENGTH = 3
_WHOLE = re.compile(r"([A-Z]{1,2})(\d{1,2}|\d[A-Z])(\d)([A-Z]{2})")
_OUTWARD = re.compile(r"([A-Z]{1,2})(\d{1,2}|\d[A-Z])")
_NO_DIGIT = str.maketrans("OIL", "011")  # the inward part begins with a digit, so these can only be slips


def tidy(text: str) -> str | None:
    """Return a postcode as it is written ("wm4 2qt" is "WM4 2QT"), or None when it has not the shape of one."""
    plain = _plain(text)
    inward = plain[-_INWARD_LENGTH:]
    if len(inward) == _INWARD_LENGTH:
        plain = plain[:-_INWARD_LENGTH] + inward[0].translate(_NO_DIGIT) + inward[1:]
    if not _WHOLE.fullmatch(plain):
        return None
    return f"{plain[:-_INWARD_LENGTH]} {plain[-_INWARD_LENGTH:]}"


def district(text: str) -> str | None:
    """Return the part before the space ("WM4"), also when that is all there is; None when it is no postcode."""
    whole = tidy(text)
    if whole is not None:
        return whole.split()[0]
    plain = _plain(text)
    return plain if _OUTWARD.fullmatch(plain) else None


def prefixes(text: str) -> list[str]:
    """Return what a routing table may hold for a postcode, the longest first; nothing when it is no postcode.

    "WM4 2QT" gives WM4 2QT, WM4 2Q, WM4 2, WM4, WM. A district of two digits is never cut to one: WM12 is not WM1.
    """
    outward = district(text)
    match = _OUTWARD.fullmatch(outward) if outward else None
    if outward is None or match is None:
        return []
    area, number = match.groups()
    whole = tidy(text)
    inward = whole.split()[1] if whole else ""
    longest = [f"{outward} {inward[:length]}" for length in range(len(inward), 0, -1)]
    without_letter = [area + number[0]] if number[-1].isalpha() else []
    return [*longest, outward, *without_letter, area]


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())
