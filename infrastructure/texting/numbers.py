"""Our numbers by channel, and the numbers of others: E.164 where they are one, otherwise as they came."""

from __future__ import annotations

from dataclasses import dataclass

from infrastructure.database import Wall
from infrastructure.settings import Settings
from infrastructure.settings_faults import TEXT_NUMBER

WHATSAPP = "whatsapp:"
WALLS = {"sendiass": Wall.SENDIASS}  # behind it from the first byte (SE-5); every other pathway is open
# What a carrier says in place of a number that was withheld: letters on a telephone's keys.
_NOBODY = frozenset({"anonymous", "restricted", "unavailable", "unknown", "private", "withheld"})
_WITHHELD = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})


@dataclass(frozen=True)
class Endpoint:
    """One of our numbers: by which channel, for which pathway, and on which side of the wall."""

    channel: str
    number: str
    pathway: str
    wall: Wall


def endpoints(settings: Settings) -> tuple[Endpoint, ...]:
    """Return our numbers as the settings name them."""
    found = (TEXT_NUMBER.fullmatch(one) for one in settings.listed("text_numbers"))
    return tuple(Endpoint(one[1], one[2], one[3], WALLS.get(one[3], Wall.OPEN)) for one in found if one)


def find_endpoint(settings: Settings, channel: str, raw_to: str) -> Endpoint | None:
    """Return which of our numbers somebody wrote to; None where no pathway has it (S7)."""
    number = plain_number(raw_to)
    return next((one for one in endpoints(settings) if (one.channel, one.number) == (channel, number)), None)


def channel_of(raw: str) -> str:
    """Return by which channel a carrier means a number."""
    return "whatsapp" if raw.strip().lower().startswith(WHATSAPP) else "sms"


def plain_number(raw: str) -> str:
    """Return a number in E.164; a short code, letters and what is no number stay as they came (S4)."""
    text = raw.strip()
    if channel_of(text) == "whatsapp":
        text = text[len(WHATSAPP) :].strip()
    if not text.startswith(("+", "0")):
        return text
    return _e164(text) or text


def as_dialled(number: str) -> str:
    """Return "07700 900180" of "+447700900180", as people here read a number; what is none stays as it is."""
    if not number.startswith("+"):
        return number
    import phonenumbers  # 58 modules: not before it is needed

    return str(phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.NATIONAL))


def can_be_answered(number: str) -> bool:
    """Tell whether a text can go back there: not to a short code, to letters, or to who withholds a number (S4)."""
    return number not in _WITHHELD and _e164(number) == number


def is_withheld(number: str) -> bool:
    """Tell whether a carrier says that there is no number: all who withhold theirs share that word."""
    return number in _WITHHELD or number.lower() in _NOBODY


def _e164(text: str) -> str | None:
    import phonenumbers  # 58 modules: only where a number is read

    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
