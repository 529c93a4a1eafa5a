"""A day of the month and a year as people spell them out: the third of September, twenty fourteen."""

from __future__ import annotations

_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
_ONES += "seventeen eighteen nineteen".split()
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_FIRST = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
_FIRST += [f"{word}th" for word in _ONES[13:]]
GAP = r"[\s\-]{0,3}"  # twenty-third, twenty third, twentythird


def day_in_words(day: int) -> str:
    """Return what finds a day of the month in words: third, or the three as one might say it."""
    tens, ones = divmod(day, 10)
    if day < len(_FIRST):
        return f"(?:{_FIRST[day]}|{_ONES[day]})"
    if ones == 0:
        return rf"(?:{_TENS[tens][:-1]}ieth|{_TENS[tens]})"
    return rf"{_TENS[tens]}{GAP}(?:{_FIRST[ones]}|{_ONES[ones]})"


def any_day_in_words() -> str:
    """Return what finds any day of the month in words, as an ordinal: the longest first."""
    tens = rf"(?:twenty|thirty){GAP}(?:{'|'.join(_FIRST[1:10])})"
    return rf"(?:{tens}|{'|'.join(reversed(_FIRST[1:]))}|twentieth|thirtieth)"


def year_in_words(year: int) -> str:
    """Return what finds a year in words: twenty fourteen, two thousand and fourteen, nineteen ninety-nine."""
    century, rest = divmod(year, 100)
    ways = [rf"{_below_hundred(century)}{GAP}(?:(?:oh|o|nought){GAP})?{_below_hundred(rest)}" if rest else ""]
    if century % 10 == 0:
        thousands = rf"{_ONES[century // 10]}{GAP}thousand"
        ways.append(rf"{thousands}{GAP}(?:and{GAP})?{_below_hundred(rest)}" if rest else thousands)
    elif not rest:
        ways.append(rf"{_below_hundred(century)}{GAP}hundred")
    return f"(?:{'|'.join(filter(None, ways))})"


def any_year_in_words() -> str:
    """Return what finds the beginning of any year of the last hundred in words, and what follows of it."""
    below = "|".join([*_TENS[2:], *_ONES[1:]])
    rest = rf"(?:(?:oh|o){GAP})?(?:{below})(?:{GAP}(?:{below}))?"
    return rf"(?:(?:nineteen|twenty){GAP}{rest}|two{GAP}thousand(?:{GAP}(?:and{GAP})?{rest})?)"


def _below_hundred(number: int) -> str:
    tens, ones = divmod(number, 10)
    if number < len(_ONES):
        return _ONES[number]
    return rf"{_TENS[tens]}{GAP}{_ONES[ones]}" if ones else _TENS[tens]
