"""The words of a mail: which of its parts they stand in, decoded, once each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from service_request.domain.mail.charsets import codec_of, decode, tidy
from service_request.domain.mail.limits import MAX_HTML, MAX_TEXT
from service_request.domain.mail.markup import text_of_html
from service_request.domain.mail.roles import Role
from service_request.domain.mail.structure import Part
from service_request.domain.mail.types import MailNote

_BYTES_OF_TEXT = MAX_TEXT * 4  # a character takes at most four
_PICTURE_IN_MARKUP = re.compile(rb"data:[a-z]{1,20}/[a-z0-9.+-]{1,50};base64,[A-Za-z0-9+/=%\s]*", re.IGNORECASE)
_ENRICHED = re.compile(r"<<|</?[A-Za-z][A-Za-z0-9-]{0,60}>")
_PARAM = re.compile(r"<param>[^<]{0,200}</param>", re.IGNORECASE)
_IS_HTML = re.compile(rb"\s{0,100}(<!doctype html|<html\b)", re.IGNORECASE)  # whatever it is called
_FEW_WORDS = 10  # "Please view this mail in HTML"
_OF_MIME = re.compile(r"\bMIME\b|multi-?part", re.IGNORECASE)


@dataclass
class Words:
    """One text of a mail, read when it is asked for."""

    read: Callable[[], str]
    is_html: bool = False
    _text: str | None = None

    @property
    def text(self) -> str:
        if self._text is None:
            self._text = self.read()
        return self._text


@dataclass
class TextReader:
    """Makes text of parts, and knows how much of it may still be made."""

    notes: set[MailNote] = field(default_factory=set)
    html_left: int = MAX_HTML

    def words(self, part: Part, content: bytes) -> Words:
        if part.content_type == "text/html" or _IS_HTML.match(content):
            return Words(lambda: self.of_html(content, part.type.get("charset")), is_html=True)
        return Words(lambda: self.of_plain(part, content))

    def of_plain(self, part: Part, content: bytes) -> str:
        text = tidy(self.decoded(content, part.type.get("charset"), _BYTES_OF_TEXT))
        if part.content_type in ("text/enriched", "text/richtext"):
            text = _ENRICHED.sub(lambda tag: "<" if tag[0] == "<<" else "", _PARAM.sub("", text))
        if part.type.get("format").strip().lower() == "flowed":
            text = unflowed(text, joins=part.type.get("delsp").strip().lower() == "yes")
        return self.cut(text)

    def of_html(self, content: bytes, charset: str) -> str:
        content = _PICTURE_IN_MARKUP.sub(b"", content) if b"base64," in content else content
        markup = tidy(self.decoded(content, charset or _charset_inside(content), MAX_HTML * 2))
        if len(markup) > self.html_left:
            self.notes.add(MailNote.CUT_SHORT)
        markup, self.html_left = markup[: self.html_left], max(0, self.html_left - len(markup))
        return self.cut(tidy(text_of_html(markup)))

    def decoded(self, content: bytes, charset: str, longest: int) -> str:
        if len(content) > longest:
            self.notes.add(MailNote.CUT_SHORT)
            content = _cut_between_letters(content, longest)
        text, is_known = decode(content, charset)
        if not is_known:
            self.notes.add(MailNote.UNKNOWN_CHARSET)
        return text

    def cut(self, text: str) -> str:
        if len(text) > MAX_TEXT:
            self.notes.add(MailNote.CUT_SHORT)
        return text[:MAX_TEXT]


def chosen(parts: list[Part], roles: list[Role], words: dict[int, Words]) -> list[Words]:
    """Return the texts that are the mail's words; of alternatives, the plain one unless it says nothing."""
    held: list[list[Words]] = [[] for _ in parts]
    for at in range(len(parts) - 1, -1, -1):  # what is inside a part stands after it
        part = parts[at]
        if roles[at] is Role.TEXT:
            held[at] = [words[at]]
        elif roles[at] is Role.HOLDS_PARTS:
            inside = [held[child] for child in part.children if held[child]]
            if part.content_type == "multipart/alternative":
                held[at] = _best(inside)
            elif part.content_type == "multipart/related":
                held[at] = next((each for each in inside if _says(each)), [])
            elif len(inside) == 1:
                held[at] = inside[0]
            else:
                held[at] = [each for texts in inside for each in texts]
    return held[0]


def joined(texts: list[Words]) -> str:
    """Return texts as one, without what an HTML part only says again."""
    said = list[str]()
    for each in texts:
        text = each.text.strip("\n")
        if not text.strip() or (each.is_html and _plainly(text) in _plainly("\n".join(said))):
            continue
        said.append(text)
        if sum(map(len, said)) > MAX_TEXT:
            break
    return "\n\n".join(said)


def between(data: bytes, part: Part) -> str:
    """Return the words that stand outside any part, where no program looks and somebody may have written."""
    found = (tidy(decode(data[start : min(end, start + MAX_TEXT)])[0]).strip() for start, end in part.loose)
    return "\n\n".join(text for text in found if text and not (len(text) < 200 and _OF_MIME.search(text)))


def unflowed(text: str, *, joins: bool) -> str:
    """Join the lines that a program broke softly (RFC 3676)."""
    lines, open_mark = list[str](), None
    for line in text.split("\n"):
        words = line.lstrip(">")
        mark = line[: len(line) - len(words)]
        words = words.removeprefix(" ")
        is_soft = words.endswith(" ") and words != "-- "
        ending = words[:-1] if is_soft and joins else words
        if open_mark == mark and words != "-- ":
            lines.append(ending)
        else:
            lines.append(("\n" if lines else "") + mark + (" " if mark and ending else "") + ending)
        open_mark = mark if is_soft else None
    return "".join(lines)


def _best(inside: list[list[Words]]) -> list[Words]:
    plain = next((each for each in inside if not any(text.is_html for text in each) and _says(each)), None)
    marked = next((each for each in reversed(inside) if any(text.is_html for text in each)), None)
    if plain is None:
        return marked or (inside[0] if inside else [])
    if marked is None:
        return plain
    count = len(joined(plain).split())
    return marked if count < _FEW_WORDS and len(joined(marked).split()) > 3 * count else plain


def _says(texts: list[Words]) -> bool:
    return any(each.text.strip() for each in texts)


def _plainly(text: str) -> str:
    return "".join(each for each in text.lower() if each.isalnum())


def _charset_inside(markup: bytes) -> str:
    found = re.search(
        rb"<meta[^<>]{0,200}charset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9_-]{2,30})", markup[:4_000], re.IGNORECASE
    )
    name = found[1].decode("ascii") if found else ""
    return name if codec_of(name) else ""


def _cut_between_letters(content: bytes, longest: int) -> bytes:
    while longest and content[longest] & 0xC0 == 0x80:
        longest -= 1
    return content[:longest]
