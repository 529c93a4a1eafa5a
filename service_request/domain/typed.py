"""What people type, made safe to store without changing a word of it (W4, W5)."""

import re

NARRATIVE_MAX = 20_000  # characters of one long answer
NOTE_MAX = 5_000
REASON_MAX = 2_000
LINE_MAX = 200
NAME_MAX = 150
EMAIL_MAX = 254  # RFC 5321
PHONE_MAX = 50

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")  # Word and PDF readers paste all of these
# PostgreSQL can't hold NUL, UTF-8 can't hold a lone surrogate, and no person types the rest.
_TAKEN_OUT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def clean_typed(text: str) -> tuple[str, bool]:
    """Return the text with its lines ended by a newline and control characters gone, and whether any were."""
    if text.isprintable():  # as most are: each character that is changed or taken out is none that can be printed
        return text, False
    cleaned, taken_out = _TAKEN_OUT.subn("", _LINE_ENDS.sub("\n", text))
    return cleaned, taken_out > 0
