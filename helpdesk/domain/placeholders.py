"""What a saved answer leaves open: a few words from a fixed list, put in by us, and no language of templates (T14)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from service_request.domain.errors import DomainError

PLACEHOLDERS: dict[str, str] = {  # as it is written between braces, and what stands there in the end
    "reference": "the reference",
    "service": "what we are called",
    "phone": "our phone number",
    "duty line": "the duty line, which answers at any hour",
    "promise": "by when we promised, like 5pm on Friday 20 November",
}
LISTED = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
_BRACED = re.compile(r"\{([^{}\n]{0,60})\}")


class PlaceholderUnknownError(DomainError):
    """Refuse words that leave something open which nobody will put in."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{{{name}}} is none of {LISTED}. Take it out, or use one of these.")


class PlaceholderLeftError(DomainError):
    """Refuse to send what still has an open place in it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Nothing was there to put in for {{{name}}}. Write your own words in its place.")


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return the words with what is known put in, once: what is put in is never read again for more."""
    return _BRACED.sub(lambda found: values.get(_name(found)) or found.group(), text)


def check_known(text: str) -> None:
    """Raise PlaceholderUnknownError where something stands between braces that is not on the list."""
    for found in _BRACED.finditer(text):
        if _name(found) not in PLACEHOLDERS:
            raise PlaceholderUnknownError(found.group(1))


def check_filled(text: str) -> None:
    """Raise PlaceholderLeftError where a place of the list is still open."""
    for found in _BRACED.finditer(text):
        if _name(found) in PLACEHOLDERS:
            raise PlaceholderLeftError(_name(found))


def _name(found: re.Match[str]) -> str:
    return " ".join(found.group(1).lower().split())
