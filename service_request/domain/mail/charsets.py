"""Bytes to text, whatever the label says: labels lie in known ways, and a wrong guess must never lose a letter."""

from __future__ import annotations

import codecs
import re
import unicodedata

# What browsers do with the labels that are most often wrong (WHATWG Encoding): the wider set is meant.
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
}
_OTHER_NAMES = {
    "ks-c-5601-1987": "cp949",
    "ks-c-5601": "cp949",
    "8859-1": "iso8859-1",
    "win-1252": "cp1252",
    "cp-850": "cp850",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "x-macintosh": "mac-roman",
    "ansi": "cp1252",
    "iso-10646-ucs-2": "utf-16",
    "unicode": "utf-16",
}
_LABEL = re.compile(r"[a-z0-9][a-z0-9_.:-]*")
# Codecs that make text of bytes in a time that grows with their number; "idna" or "punycode" is no charset.
_CODECS = re.compile(
    r"ascii|utf-(7|8|16|16-le|16-be|32|32-le|32-be)|iso8859-\d{1,2}|koi8-[rtu]|cp(437|7\d\d|8\d\d|9\d\d|125\d)|mac-[a-z]+"
    r"|gb2312|gbk|gb18030|hz|big5|big5hkscs|shift_jis\w*|euc_\w+|iso2022_\w+|tis-620|johab|kz1048|ptcp154"
)
_SINGLE = re.compile(
    r"ascii|iso8859-\d{1,2}|koi8-[rtu]|cp(437|7\d\d|8[0-79]\d|125\d)|mac-[a-z]+|tis-620|kz1048|ptcp154"
)
_SHIFTED = re.compile(r"utf-7|utf-(16|32).*|hz|iso2022_.*")  # letters that look like ASCII mean something else
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Signs that stand inside a word in Polish or Romanian, and in no western language.
_CENTRAL_ISO = re.compile(rb"[A-Za-z][\xb1\xb6\xbc][a-z]")
_CENTRAL_WINDOWS = re.compile(rb"[A-Za-z][\xb9\xb3\xbf\x9c\x9f\xba\xfe][a-z]")
_ENOUGH_LETTERS = 12
_HIGH = re.compile(rb"[\x80-\xff]")
_DROPPED = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160), 0xFEFF))
_JOINERS = "\u200c\u200d"  # without them a word of Persian or an emoji is another
_SURROGATES = re.compile("[\ud800-\udfff]")


def codec_of(label: str) -> str | None:
    """Return the codec that a label names, None where it names none that is a charset."""
    said = _LABEL.search(label[:80].lower().removeprefix("3d"))
    name = said[0].replace("_", "-") if said else ""
    try:
        found = codecs.lookup(_OTHER_NAMES.get(name) or name.removeprefix("cs")).name
    except (LookupError, ValueError):
        return None
    return found if _CODECS.fullmatch(found) else None


def decode(data: bytes, label: str = "") -> tuple[str, bool]:
    """Return the text of some bytes, and whether their label is known; nothing is dropped, nothing raised."""
    codec = codec_of(label) if label.strip(" \"'") else "ascii"
    return _decoded(data, codec), codec is not None


def tidy(text: str) -> str:
    """Return text as it is kept: lines end with a line feed, no NUL or other control, no half of a character."""
    text = (
        text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n").replace("\x85", "\n").replace("\x0b", "\n")
    )
    return _SURROGATES.sub("�", text.translate(_DROPPED))


def one_line(text: str, longest: int) -> str:
    """Return text as one line of at most so many characters: what an encoded newline would begin is part of it (E8)."""
    shown = text[: longest * 20]
    if not (shown.isascii() and shown.isprintable()):  # most headers hold nothing that needs a look sign by sign
        shown = "".join(_on_a_line(each) for each in shown)
    return _SURROGATES.sub("�", " ".join(shown.split()))[:longest].strip()


def _on_a_line(sign: str) -> str:
    """Keep letters, also of a newer Unicode; what turns the writing around or can't be seen is no part of it."""
    category = unicodedata.category(sign)
    if category in ("Cf", "Co"):
        return sign if sign in _JOINERS else ""
    return " " if category == "Cc" or category[0] == "Z" else sign


def _decoded(data: bytes, codec: str | None) -> str:
    if codec == "ascii" and data.isascii():
        return data.decode("ascii")
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return data.decode(marked, "replace")
    if codec and codec.startswith(("utf-16", "utf-32")) and b"\0" not in data:
        codec = "utf-8"  # a text of letters has a NUL in every second place
    if data.isascii() and not (codec and _SHIFTED.fullmatch(codec)):
        return data.decode("ascii")
    if codec is None or codec == "utf-8" or _SINGLE.fullmatch(codec):
        try:
            return data.decode("utf-8")  # by chance no text in another charset reads as UTF-8
        except UnicodeDecodeError:
            pass
    if codec in (None, "ascii", "utf-8"):
        return _mixed(data)
    return _labelled(data, str(codec))


def _labelled(data: bytes, codec: str) -> str:
    meant = _MEANT.get(codec, codec)
    if (
        len(_HIGH.findall(data[:10_000])) >= _ENOUGH_LETTERS
    ):  # a word of Chinese may look like UTF-8, a sentence does not
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    if meant == "cp1252":
        return _single(data)
    try:
        return data.decode(meant)
    except UnicodeDecodeError:
        pass
    for other in (codec, "utf-8"):
        try:
            return data.decode(other)
        except UnicodeDecodeError:
            continue
    return data.decode(meant, "replace")


def _mixed(data: bytes) -> str:
    """Read what is called UTF-8 and is not, or not all of it: letter by letter what is, the rest by the likeliest."""
    high = len(_HIGH.findall(data))
    in_letters = sum(len(each.encode()) for each in data.decode("utf-8", "ignore") if each > "\x7f")
    if in_letters * 2 >= high:
        return data.decode("utf-8", "front-door-windows")
    return _single(data)


def _single(data: bytes) -> str:
    """Read a text of one byte for each letter whose charset nobody says."""
    sample = data[:20_000]
    low = sum(65 <= (byte | 32) - 32 <= 90 for byte in sample if byte < 128)
    upper, lower = (sum(first <= byte < first + 32 for byte in sample) for first in (0xC0, 0xE0))
    if upper + lower > 2 * low:  # next to no Latin letter: Cyrillic, whose two charsets have small and capital turned
        return data.decode("cp1251" if lower >= upper else "koi8-r", "replace")
    if _CENTRAL_ISO.search(sample):
        return data.decode("iso8859-2", "replace")
    if _CENTRAL_WINDOWS.search(sample):
        return data.decode("cp1250", "replace")
    return data.decode("cp1252", "front-door-windows")


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    spoilt = error.object[error.start : error.end]
    return "".join(_WINDOWS[byte] for byte in spoilt), error.end


_WINDOWS = [bytes([byte]).decode("cp1252", "replace") for byte in range(256)]
codecs.register_error("front-door-windows", _as_windows)
