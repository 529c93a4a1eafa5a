"""HTML to text: what a reader would see, with quotes marked, in one pass, with nothing fetched.

Not by a library: libxml2 looks through every open tag for each end tag that fits none (2 MB took 150 seconds), and a
browser-like layout pads each line of a table to its longest cell (gigabytes from a small mail).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from service_request.domain.mail.limits import MAX_HTML, MAX_HTML_DEPTH, MAX_TEXT

_RAW = {"script", "style", "title"}  # what stands in them is no markup
_SILENT = {"template", "object", "svg", "math", "iframe"}
_VOID = set("area base br col embed hr img input link meta param source track wbr".split())
_BLOCKS = set(
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr"
    " li main nav ol p pre section table tbody tr ul".split()
)
_APART = set("blockquote h1 h2 h3 h4 h5 h6 ol p pre ul".split())  # an empty line stands around them
_ENDED_BY_NEXT = {"p", "li", "td", "th", "tr", "dd", "dt", "option"}  # an end tag may be left out
_OUTLOOK_LINE = re.compile(r"\bmso(normal|plaintext)", re.IGNORECASE)
_HIDDEN = re.compile(
    r"display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}hidden|mso-hide\s{0,5}:\s{0,5}all", re.IGNORECASE
)
_QUOTED = re.compile(r"gmail_quote|moz-cite|yahoo_quoted|protonmail_quote", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9:-]{0,30}")
_ATTRIBUTE = re.compile(r"""([A-Za-z-]{1,30})\s{0,5}=\s{0,5}("[^"]*"|'[^']*'|[^\s"'>]+)|\b(hidden)\b""")
_HUGE_NUMBER = re.compile(r"&#\d{8,}")
_SPACES = re.compile(r"[ \t\n\r\xa0]+")
_MANY_LINES = re.compile(r"\n{3,}")
_MAX_QUOTES = 10
_LONGEST_LINK = 300
_LONGEST_TAG = 20_000


def text_of_html(markup: str) -> str:
    """Return the words of some HTML as lines; where all of it claims to be hidden, those too."""
    markup = markup[:MAX_HTML]
    return _read(markup, hides=True) or _read(markup, hides=False)


def _read(markup: str, *, hides: bool) -> str:
    reader = _Reader(hides=hides)
    for kind, what, rest in _tokens(markup):
        if kind == "text":
            reader.data(_unescaped(what))
        elif kind == "start":
            reader.start(what, _attributes(rest))
        else:
            reader.end(what)
        if reader.length > MAX_TEXT:
            break
    return reader.close()


def _tokens(markup: str) -> Iterator[tuple[str, str, str]]:
    """Tell tags from text: each sign is looked at a fixed number of times, however broken the markup."""
    at, small, missing = 0, markup.lower() if "<" in markup else "", set[str]()
    while (tag := markup.find("<", at)) >= 0:
        if tag > at:
            yield "text", markup[at:tag], ""
        if markup.startswith("<!--", tag):
            end = -1 if "-->" in missing else markup.find("-->", tag + 4)
            if end < 0:
                missing.add("-->")
            at = end + 3 if end >= 0 else tag + 4
            continue
        is_end = markup.startswith("</", tag)
        named = _NAME.match(markup, tag + 1 + is_end)
        if named is None:
            if markup[tag + 1 : tag + 2] in ("!", "?", "/"):
                end = markup.find(">", tag, tag + _LONGEST_TAG)
                at = end + 1 if end >= 0 else tag + 2
            else:  # "under 5 < 7"
                yield "text", "<", ""
                at = tag + 1
            continue
        name, end = named[0].lower(), _end_of_tag(markup, named.end())
        yield "end" if is_end else "start", name, "" if is_end else markup[named.end() : end]
        at = end + 1
        if name in _RAW and not is_end and name not in missing:
            close = small.find(f"</{name}", at)
            if close < 0:
                missing.add(name)
            at = close if close >= 0 else at
    if at < len(markup):
        yield "text", markup[at:], ""


def _end_of_tag(markup: str, at: int) -> int:
    """Find where a tag ends: at the first ">" that stands in no quotes, if it is near."""
    first = markup.find(">", at, at + _LONGEST_TAG)
    end = first
    for _ in range(5):
        if end < 0:
            break
        said = markup[at:end]
        if said.count('"') % 2 == 0:
            return end
        end = markup.find(">", end + 1, at + _LONGEST_TAG)
    if first >= 0:
        return first
    following = markup.find("<", at, at + _LONGEST_TAG)
    return (following if following >= 0 else min(len(markup), at + _LONGEST_TAG)) - 1


def _attributes(text: str) -> dict[str, str]:
    found = dict[str, str]()
    for name, value, hidden in _ATTRIBUTE.findall(text[:_LONGEST_TAG]):
        found.setdefault(name.lower() or hidden, _unescaped(value.strip("\"'")))
    return found


def _unescaped(text: str) -> str:
    return html.unescape(_HUGE_NUMBER.sub("", text)) if "&" in text else text


class _Reader:
    """Hears each tag and each text as it comes, and keeps lines."""

    def __init__(self, *, hides: bool) -> None:
        self.hides = hides
        self.lines: list[str] = []
        self.line: list[str] = []
        self.length = 0
        self.open: list[tuple[str, bool, bool, str]] = []  # tag, silent, quoted, where its link leads
        self.silent = self.quoted = self.pre = 0
        self.numbers: list[int] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _ENDED_BY_NEXT and self.open and self.open[-1][0] == tag:
            self.pop()
        if tag in _BLOCKS:
            self.end_line(apart=_is_apart(tag, attributes))
        if tag == "br":
            self.end_line(always=True)
        elif tag == "img":
            self.picture(attributes)
        elif tag in ("td", "th") and self.line:
            self.write("  ", keep=True)
        elif tag == "li":
            self.bullet()
        if tag in _VOID or len(self.open) >= MAX_HTML_DEPTH:
            return
        is_silent = self.hides and (
            tag in _SILENT | _RAW or "hidden" in attributes or _HIDDEN.search(attributes.get("style", "")) is not None
        )
        is_quoted = tag == "blockquote" and _is_quote(attributes)
        if tag in ("ol", "ul"):
            self.numbers.append(0 if tag == "ol" else -1)
        self.silent += is_silent
        self.quoted += is_quoted
        self.pre += tag == "pre"
        self.open.append((tag, is_silent, is_quoted, attributes.get("href", "") if tag == "a" else ""))

    def end(self, tag: str) -> None:
        """Close a tag and those inside it that nobody closed; an end that fits none closes nothing."""
        if tag in _BLOCKS:
            self.end_line(apart=tag in _APART)
        if not any(each[0] == tag for each in self.open):  # at most MAX_HTML_DEPTH
            return
        while self.pop() != tag:
            pass

    def pop(self) -> str:
        tag, was_silent, was_quoted, link = self.open.pop()
        if tag in ("ol", "ul") and self.numbers:
            self.numbers.pop()
        if link.startswith(("http://", "https://")) and len(link) <= _LONGEST_LINK:
            said = "".join(self.line[-20:])
            if said.strip() and link.split("://")[1].rstrip("/") not in said:
                self.write(f" <{link}>", keep=True)
        self.end_line() if was_quoted else None
        self.silent -= was_silent
        self.quoted -= was_quoted
        self.pre -= tag == "pre"
        return tag

    def data(self, text: str) -> None:
        if self.silent:
            return
        if self.pre:
            first, *others = text.split("\n")
            self.write(first, keep=True)
            for line in others:
                self.end_line(always=True)
                self.write(line, keep=True)
            return
        self.write(_SPACES.sub(" ", text))

    def close(self) -> str:
        self.end_line()
        return _MANY_LINES.sub("\n\n", "\n".join(self.lines)).strip("\n")

    def picture(self, attributes: dict[str, str]) -> None:
        """Say what a picture shows, if it says so; one that only tells that a mail was opened says nothing."""
        words = " ".join(attributes.get("alt", "").split())
        if words and attributes.get("width", "") not in ("0", "1") and attributes.get("height", "") not in ("0", "1"):
            self.write(words[:100])

    def bullet(self) -> None:
        if self.numbers and self.numbers[-1] >= 0:
            self.numbers[-1] += 1
            self.write(f"{self.numbers[-1]}. ", keep=True)
        else:
            self.write("- ", keep=True)

    def write(self, text: str, *, keep: bool = False) -> None:
        if self.silent or self.length > MAX_TEXT:
            return
        if not keep and text.startswith(" ") and (not self.line or self.line[-1].endswith(" ")):
            text = text[1:]
        if text:
            self.line.append(text)
            self.length += len(text)

    def end_line(self, *, apart: bool = False, always: bool = False) -> None:
        text = "".join(self.line).rstrip()
        text = "-- " if text == "--" else text  # the line above a signature
        self.line = []
        mark = "> " * min(self.quoted, _MAX_QUOTES)
        is_room = self.length <= MAX_TEXT
        if text or (always and is_room):
            self.lines.append(mark + text if text else mark.rstrip())
            self.length += len(mark) + 1
        if apart and is_room and self.lines and self.lines[-1].strip("> "):
            self.lines.append(mark.rstrip())
            self.length += len(mark) + 1


def _is_quote(attributes: dict[str, str]) -> bool:
    """Tell a quote of another mail from words that somebody moved to the right."""
    return (
        attributes.get("type", "").lower() == "cite"
        or _QUOTED.search(attributes.get("class", "")) is not None
        or "border-left" in attributes.get("style", "").lower()
    )


def _is_apart(tag: str, attributes: dict[str, str]) -> bool:
    return tag in _APART and not _OUTLOOK_LINE.search(attributes.get("class", ""))
