"""References that a person can read over a phone: random, without look-alikes, with a check character."""

import secrets
import unicodedata
from collections.abc import Callable, Sequence

# 23 characters, a prime: then a weighted sum finds every wrong character and every swap. Left out are all that look
# or sound like another (0 O, 1 I L, 2 Z, 5 S, 8 B, U V) and vowels that would make words.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
LENGTH = 8
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 1)
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_REMAINDER = 1  # not 0, or the emptiest of all, 3333-3333, would pass

_CODE_WORDS = (
    "Alpha", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "Juliett", "Kilo", "Mike",
    "November", "Papa", "Quebec", "Romeo", "Tango", "Whiskey", "X-ray", "Yankee",
)  # fmt: skip
_CODE_WORD = {word[0]: word for word in _CODE_WORDS}

# What this alphabet can spell and nobody wants to read out to a family.
_RUDE_WORDS = """
CRAP DAMN DEAD DEATH DYKE FAG FANNY FART FAT FCK FECK FKK GAY GYP HAG HANG HATE KKE KKK MAD NAKED NAFF NEGRA PAKY PEE
PERK RAPE RETARD TARD TART TEAT TRAMP TWAT TWERK WANK WEE WRECK XXX CNT DCK PRCK NGGR MENACE DAFT MEAN
"""
_RUDE = frozenset(_RUDE_WORDS.split())
_READS_AS = str.maketrans("34679", "EAGTG")


def new_reference(choose: Callable[[Sequence[str]], str] = secrets.choice) -> str:
    """Draw a reference, unformatted, that spells nothing rude and hints at nothing."""
    while True:
        body = "".join(choose(ALPHABET) for _ in range(LENGTH - 1))
        reference = body + check_character(body)
        if not is_rude(reference):
            return reference


def check_character(body: str) -> str:
    """Return the character that, put last, finds every single wrong character and every swap of two."""
    total = sum(weight * _VALUE[character] for weight, character in zip(_WEIGHTS, body, strict=False))
    return ALPHABET[(_REMAINDER - total) % len(ALPHABET)]


def is_rude(reference: str) -> bool:
    """Tell whether the reference spells a word that nobody should have to say, digits read as letters too."""
    spellings = (reference, reference.translate(_READS_AS))
    return any(word in spelling for word in _RUDE for spelling in spellings)


def format_reference(reference: str) -> str:
    """Write a reference in two groups of four: K7RM-4TXC."""
    return f"{reference[:4]}-{reference[4:]}"


def parse_reference(text: str) -> str | None:
    """Read a reference however it was typed (case, spaces, hyphens), or None when it cannot be one."""
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKC", text)
        if not character.isspace() and unicodedata.category(character) not in {"Pd", "Cf"} and character not in "-_."
    ).upper()
    if len(plain) != LENGTH or not set(plain) <= _VALUE.keys():
        return None
    return plain if check_character(plain[:-1]) == plain[-1] else None


def spoken(reference: str) -> str:
    """Return the words to say the reference by: "Kilo, 7, Romeo, Mike, then 4, Tango, X-ray, Charlie"."""
    words = [_CODE_WORD.get(character, character) for character in reference]
    return f"{', '.join(words[:4])}, then {', '.join(words[4:])}"
