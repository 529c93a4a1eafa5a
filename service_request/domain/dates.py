"""A date typed in three boxes (W2)."""

from datetime import date

from service_request.domain.errors import DomainError

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EARLIEST_YEAR = 1900
_LATEST_YEAR = 2200


class NotADateError(DomainError):
    """Refuse what is no day of the calendar."""

    sentence = "Enter a real date, like 27 3 2017"


def read_date(day: str, month: str, year: str) -> date | None:
    """Return the date of three boxes, None when all are empty; raise NotADateError and say what to enter."""
    day, month, year = day.strip(), month.strip(), year.strip()
    if not (day or month or year):
        return None
    missing = [name for name, text in (("day", day), ("month", month), ("year", year)) if not text]
    if missing:
        raise NotADateError(f"Enter the {' and the '.join(missing)} as well")
    number = _number(year)
    if number is not None and number < 100 and len(year) < 4:
        raise NotADateError("Enter the year with 4 figures, like 2017")
    try:
        read = date(number or 0, _month(month), _number(day) or 0)
    except ValueError:
        raise NotADateError from None
    if not _EARLIEST_YEAR <= read.year <= _LATEST_YEAR:
        raise NotADateError
    return read


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= 4 else None


def _month(text: str) -> int:
    number = _number(text)
    if number is not None:
        return number
    name = text.casefold().rstrip(".")
    return next((n for n, short in enumerate(_MONTHS, start=1) if len(name) >= 3 and name.startswith(short)), 0)
