"""The headers of a mail or of a part: told apart, unfolded, and read with whatever charset they were written in."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from service_request.domain.mail.charsets import decode, one_line
from service_request.domain.mail.limits import MAX_HEAD, MAX_VALUE
from service_request.domain.mail.transfer import base64

_LINE = re.compile(rb"[^\n]*\n?")
_NAMED = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_KNOWN = re.compile(
    rb"(?:from|to|cc|bcc|subject|date|message-id|mime-version|content-[a-z-]+|received|reply-to|sender|references"
    rb"|in-reply-to|return-path|delivered-to|list-[a-z-]+|auto-submitted|dkim-signature|authentication-results"
    rb"|x-[a-z0-9-]+|thread-[a-z]+|importance|user-agent)[ \t]*:",
    re.IGNORECASE,
)
_WORD_HEAD = re.compile(r"=\?([^?\s=]{0,60})\?([bBqQ])\?")
_PARAMETER = re.compile(r';\s*([^=;\s"]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
_CONTINUED = re.compile(r"([^*]+)\*(\d{1,3})(\*?)")
_MOST_REPEATS = 50
_END_OF_HEAD = re.compile(rb"\n\r*\n")


@dataclass
class Headers:
    """Headers in their order, repeats kept: names in lower case, values as bytes, unfolded."""

    items: list[tuple[str, bytes]] = field(default_factory=list)
    first: dict[str, bytes] = field(default_factory=dict)

    def add(self, name: str, value: bytes) -> None:
        self.items.append((name, value))
        self.first.setdefault(name, value)

    def text(self, name: str) -> str:
        """Return the first header of that name as it stands, "" where there is none; encoded words stay as they are."""
        return raw_text(self.first.get(name, b""))

    def words(self, name: str, longest: int) -> str:
        return one_line(decode_words(self.text(name)), longest)

    def every(self, name: str) -> list[str]:
        """Return each header of that name, as far as anybody repeats one for a reason."""
        return [
            raw_text(value) for value in islice((value for each, value in self.items if each == name), _MOST_REPEATS)
        ]

    def value(self, name: str) -> Value:
        return value_with_parameters(self.text(name))


@dataclass(frozen=True)
class Value:
    """A header such as `text/plain; charset=utf-8`, in lower case but for what its parameters say."""

    main: str
    parameters: dict[str, str]

    def get(self, name: str) -> str:
        return self.parameters.get(name, "")


def split_head(data: bytes, start: int, end: int, *, longest: int = MAX_HEAD) -> tuple[Headers, int]:
    """Tell the headers of a mail or part from its body; return them with where the body begins.

    Lines that go on without the space that should begin them belong to the header above as long as another header that
    is known follows; else the body began there, without the empty line that should have stood between.
    """
    lines, body = _lines(data, start, min(end, start + longest))
    if body is None:
        found = _END_OF_HEAD.search(data, start + longest, end) if end - start > longest else None
        body = found.end() if found else end
        lines = lines[:-1] if end - start > longest else lines  # the last one is cut somewhere
    known = max((at for at, (_, line) in enumerate(lines) if _KNOWN.match(line)), default=-1)
    headers, name, pieces = Headers(), "", list[bytes]()
    for at, (offset, line) in enumerate(lines):
        named = _NAMED.match(line)
        if at == 0 and line.startswith((b"From ", b">From ")):  # how a mailbox file begins each mail
            continue
        if line[:1] in (b" ", b"\t") and name:
            pieces.append(line)
        elif named:
            _add(headers, name, pieces)
            name, pieces = named[1].decode("ascii").lower(), [line[named.end() :]]
        elif at < known:
            pieces.append(b" " + line)
        else:
            body = offset
            break
    _add(headers, name, pieces)
    return headers, body


def raw_text(value: bytes) -> str:
    """Return the text of a header that may hold letters it should not."""
    return decode(value)[0]


def decode_words(text: str) -> str:
    """Read encoded words (RFC 2047), also those split in the middle of a character; what is none stays as it is."""
    if "=?" not in text:
        return text
    read = list[str]()
    run: list[tuple[str, str]] = []
    charset = ""
    for kind, label, payload in _pieces(text):
        if kind == "":
            if run and payload.isspace():
                continue  # the space between two encoded words is not meant
            _flush(read, run, charset)
            read.append(payload)
            continue
        if run and label.lower() != charset.lower():
            _flush(read, run, charset)
        charset = label
        run.append((kind, payload))
    _flush(read, run, charset)
    return "".join(read)


def value_with_parameters(text: str) -> Value:
    """Read a header with parameters, leniently: missing marks, RFC 2231 in pieces, encoded words where none may be."""
    main = text.partition(";")[0].strip().strip("\"'").lower()
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    rest = text[len(text.partition(";")[0]) :]
    if not rest and " " in main:  # "text/plain charset=utf-8"
        main, _, after = main.partition(" ")
        rest = ";" + after
    for name, value in _PARAMETER.findall(rest):
        key, value = name.strip().lower(), _unquoted(value)
        if continued := _CONTINUED.fullmatch(key):
            pieces.setdefault(continued[1], {})[int(continued[2])] = value, bool(continued[3])
        elif key.endswith("*"):
            plain[key[:-1]] = _extended([(value, True)])
        else:
            plain.setdefault(key, value)
    for key, numbered in pieces.items():
        plain[key] = _extended([numbered[at] for at in sorted(numbered)])
    return Value(main, plain)


def _lines(data: bytes, start: int, end: int) -> tuple[list[tuple[int, bytes]], int | None]:
    lines = list[tuple[int, bytes]]()
    for found in _LINE.finditer(data, start, end):
        line = found[0].rstrip(b"\r\n").replace(b"\0", b"")
        if not line:
            return lines, found.end() if found[0] else None
        lines.append((found.start(), line))
    return lines, None


def _add(headers: Headers, name: str, pieces: list[bytes]) -> None:
    if name:
        headers.add(name, b"".join(pieces).strip()[:MAX_VALUE])


def _pieces(text: str) -> Iterator[tuple[str, str, str]]:
    """Cut text into ("", "", words) and (packing, charset, what is packed), each character looked at once or twice."""
    at, end = 0, -1
    while (start := text.find("=?", at)) >= 0:
        head = _WORD_HEAD.match(text, start)
        if head is None:
            yield "", "", text[at : start + 2]
            at = start + 2
            continue
        if end < head.end():
            end = text.find("?=", head.end())
            if end < 0:
                break
        inner = text.find("=?", head.end(), end)
        if inner >= 0 and _WORD_HEAD.match(text, inner):  # this one never ends: the next begins before
            yield "", "", text[at:inner]
            at = inner
            continue
        if start > at:
            yield "", "", text[at:start]
        yield head[2].lower(), head[1], text[head.end() : end]
        at = end + 2
    if at < len(text):
        yield "", "", text[at:]


def _unpacked(kind: str, payload: str) -> bytes:
    packed = payload.encode("utf-8", "replace")
    if kind == "b":
        return base64(packed)[0]
    return binascii.a2b_qp(packed.replace(b"\n", b""), header=True)


def _flush(read: list[str], run: list[tuple[str, str]], charset: str) -> None:
    """Read encoded words of one charset together: one may end inside a character, or inside four base64 signs."""
    data, packed = list[bytes](), ""
    for kind, payload in run:
        if packed and (kind == "q" or packed.endswith("=") or len(packed) % 4 == 0):
            data.append(_unpacked("b", packed))
            packed = ""
        if kind == "b":
            packed += payload.replace(" ", "")
        else:
            data.append(_unpacked(kind, payload))
    if run:
        read.append(decode(b"".join([*data, _unpacked("b", packed)]), charset)[0])
        run.clear()


def _unquoted(value: str) -> str:
    value = value.strip()
    if value.startswith('"'):
        return re.sub(r"\\(.)", r"\1", value.strip('"')) if '\\"' in value else value.strip('"')
    return value.strip("'") if value.count("'") != 2 else value


def _extended(pieces: list[tuple[str, bool]]) -> str:
    """Read RFC 2231: `utf-8''a%20b`, in one piece or several, some of them written plainly."""
    charset, data = "", b""
    for at, (value, is_extended) in enumerate(pieces):
        if at == 0 and is_extended and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        data += _percent(value) if is_extended else value.encode("utf-8", "replace")
    return decode(data, charset or "utf-8")[0]


def _percent(value: str) -> bytes:
    raw = value.encode("utf-8", "replace")
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), raw)
