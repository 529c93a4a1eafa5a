"""Names made comparable: spelling, order, scripts and typing slips (EV-4)."""

import unicodedata
from functools import lru_cache
from typing import Literal

MAX_TOKENS = 6  # more words than that are no name, and would make too many keys
_SHORTEST_MAC = 6  # letters: MacDonald and McDonald are one name, Macy is another
_SHORTEST_SLIP = 3  # letters: in shorter words one other letter is another name
_LETTERS = str.maketrans(
    {
        "ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ŋ": "n",
        # Arabic and Urdu, by consonants; vowels are seldom written
        "ا": "a", "أ": "a", "إ": "i", "آ": "a", "ب": "b", "پ": "p", "ت": "t", "ث": "th", "ج": "j", "چ": "ch", "ح": "h",
        "خ": "kh", "د": "d", "ذ": "dh", "ر": "r", "ز": "z", "س": "s", "ش": "sh", "ص": "s", "ض": "d", "ط": "t", "ظ": "z",
        "ع": "a", "غ": "gh", "ف": "f", "ق": "q", "ك": "k", "ک": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n", "ه": "h",
        "ة": "a", "و": "w", "ي": "y", "ی": "y", "ى": "a", "ئ": "y", "ؤ": "w", "ء": "",
        # Cyrillic
        "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "є": "ie", "ж": "zh", "з": "z", "и": "i",
        "і": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u",
        "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ъ": "", "ы": "y", "ь": "", "э": "e",
        "ю": "yu", "я": "ya",
    }
)  # fmt: skip
# Not a part of a name: titles, what is written when no name is known, particles that come and go.
_NO_NAME_WORDS = """
mr mrs ms miss mx master dr baby unborn unknown child infant boy girl twin not known none na name nee aka
al el de da di du del van von der den bin ibn bint ap of the la le and
"""
_NO_NAME = frozenset(_NO_NAME_WORDS.split())
_SAME_NAMES = """
mohammed muhammad mohamed mohammad mohamad muhammed muhamed muhamad mohamud mohd md mhmd mahomed mehmet mohammod
ahmed ahmad ahmet ahmd hmd
ali aly aliy
hussain hussein husain husein hossain hoseyn hsyn
fatima fatimah fatema fatma fatmh fatma
yusuf yousef yousuf youssef yusef joseph joe josef jozef
alexander alex alexandre aleksander aleksandr oleksandr sasha sandy
abigail abbie abby
andrew andy andrzej andriy
anthony tony antony
benjamin ben benny
catherine katherine kathryn katharine cathryn kate katie cath kathy katy
charlotte lottie
charles charlie
christopher chris
christine christina chrissy
daniel dan danny
david dave
deborah debbie debra
dominic dom
edward eddie ed ted teddy
elizabeth liz lizzie beth betty eliza elisabeth
ellie eleanor elle
francis frank frankie
frederick fred freddie
gabriel gabe
harry harrison
henry hal
isabella isabel isabelle izzy bella
jacob jake jakub
james jim jimmy jamie
jennifer jenny jen
jessica jess jessie
john jack johnny jon johnathan jonathan
joshua josh
kenneth ken kenny
leonard leo lenny
lilian lily lilly
louis lewis luis
lucas luke luca
madeleine maddie madeline
margaret maggie meg peggy
matthew matt mathew
megan meg
michael mike mikey mick michal
nathaniel nathan nate
nicholas nick nicky nicolas
oliver ollie olly
patrick paddy pat
peter pete piotr
philip phil phillip filip
rebecca becky bex becca
richard rick ricky dick
robert rob bob bobby robbie
ronald ron ronnie
samuel sam sammy
samantha sam
sarah sara
sean shaun shawn
sophia sofia sophie
stephen steven steve
susan sue susie
theodore theo
thomas tom tommy tomasz
timothy tim
victoria vicky
william will bill billy
zachary zach zac zak zack
zakariya zakaria zachariah
"""
_CANONICAL: dict[str, str] = {}
for _line in _SAME_NAMES.split("\n"):
    for _name in _line.split():
        _CANONICAL.setdefault(_name, _line.split()[0])

NameLikeness = Literal["same", "order", "spacing", "more", "sound", "slip", "part", "differs"]


def tokens(name: str) -> tuple[str, ...]:
    """Return the words of a name in plain small letters: accents, apostrophes, titles and particles gone."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS)).translate(_LETTERS)
    kept = "".join("" if _is_silent(c) else c if c.isalnum() else " " for c in plain)
    words = f" {kept} ".replace(" mc ", " mc").replace(" mac ", " mac").split()
    names = [word for word in words if word not in _NO_NAME]
    return tuple(names[:MAX_TOKENS])


def canonical(token: str) -> str:
    """Return the one form that stands for a name and its short forms and spellings: Tom is Thomas."""
    if token.startswith("mac") and len(token) >= _SHORTEST_MAC:
        return "mc" + token[3:]
    return _CANONICAL.get(token, token)


@lru_cache(maxsize=16384)
def sound(token: str) -> str:
    """Return how a name sounds: Hartly and Hartley, Stephen and Steven are one."""
    import jellyfish  # like rapidfuzz below: only where children are compared, so that the first page comes sooner

    return jellyfish.nysiis(canonical(token)) or token


def initial(token: str) -> str:
    """Return the first letter, those that are heard alike as one: Catherine and Katherine, Yusuf and Jusuf."""
    first = canonical(token)[:2]
    if first == "ph":
        return "f"
    return {"c": "k", "q": "k", "z": "s", "y": "i", "j": "i", "w": "v"}.get(first[:1], first[:1])


def skeleton(token: str) -> str:
    """Return the consonants, doubles once: what is left of a name between two scripts."""
    letters: list[str] = []
    for letter in token:
        if letter not in "aeiouyw" and letters[-1:] != [letter]:
            letters.append(letter)
    return "".join(letters)


def is_slip(one: str, other: str) -> bool:
    """Tell whether one letter wrong, missing, added or swapped makes the one the other."""
    from rapidfuzz.distance import OSA

    return max(len(one), len(other)) >= _SHORTEST_SLIP and OSA.distance(one, other, score_cutoff=1) == 1


def compare_names(a: str, b: str) -> NameLikeness:
    """Tell how two names are alike, the most alike first."""
    one, other = tokens(a), tokens(b)
    if not one or not other:
        return "differs"
    if one == other:
        return "same"
    if sorted(one) == sorted(other):
        return "order"
    if "".join(one) == "".join(other):
        return "spacing"
    if is_slip("".join(one), "".join(other)) and len(one) != len(other):
        return "slip"  # a blank too many or too few, and nothing else
    short, long = sorted((one, other), key=lambda words: (len(words), words))  # the same whichever name comes first
    pairs = _pair(short, long)
    if len(pairs) < len(short):
        return "part" if any(len(short[at]) >= _SHORTEST_SLIP for at in pairs) else "differs"
    if len(short) == 1 and len(long) > 1:
        return "part"
    unlike = [kind for kind in pairs.values() if kind != "same"]
    if not unlike:
        return "more"
    return "slip" if unlike == ["slip"] and len(short) == len(long) else "sound"


def _pair(short: tuple[str, ...], long: tuple[str, ...]) -> dict[int, str]:
    """Give each word of the shorter name, by its place, its like in the longer, the surest first; some have none."""
    rest = list(long)
    found: dict[int, str] = {}
    for kind in ("same", "slip", "sound"):
        for at, token in enumerate(short):
            if at in found:
                continue
            match = next((other for other in rest if _alike(token, other, kind)), None)
            if match is not None:
                rest.remove(match)
                found[at] = kind
    return found


def _alike(one: str, other: str, kind: str) -> bool:
    if kind == "same":
        return one == other
    if kind == "slip":
        return is_slip(one, other)
    if canonical(one) == canonical(other) or sound(one) == sound(other):
        return True
    bones = skeleton(one)
    return len(bones) >= _SHORTEST_SLIP and bones == skeleton(other)


def _is_silent(character: str) -> bool:
    return character in "'’‘`ʼ´.ـ" or unicodedata.combining(character) > 0
