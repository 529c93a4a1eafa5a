"""winmail.dat (MS-OXTNEF): the words and files that Outlook hides in one file when it takes us for Exchange.

Not by a library: the one there is believes every count in the file; forty bytes ask it for four thousand million.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import error as EndsEarlyError  # noqa: N812
from struct import unpack_from

from service_request.domain.mail.charsets import decode
from service_request.domain.mail.limits import MAX_NESTED_LEVELS, MAX_WINMAIL
from service_request.domain.mail.markup import text_of_html
from service_request.domain.mail.rich_text import text_of_compressed_rtf

_SIGNATURE = 0x223E9F78
_SUBJECT, _BODY, _TITLE, _DATA = 0x8004, 0x800C, 0x8010, 0x800F
_RENDERED, _PROPERTIES, _FILE_PROPERTIES, _CODEPAGE = 0x9002, 0x9003, 0x9005, 0x9007
_P_BODY, _P_HTML, _P_RTF, _P_CODEPAGE = 0x1000, 0x1013, 0x1009, 0x3FDE
_P_LONG_NAME, _P_SHORT_NAME, _P_DISPLAY, _P_DATA, _P_TYPE = 0x3707, 0x3704, 0x3001, 0x3701, 0x370E
_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")  # IID_IMessage: another winmail.dat follows
_SIZES = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}  # short ones are filled up to four
_TEXT, _WIDE, _OBJECT, _BINARY = 0x1E, 0x1F, 0x0D, 0x102


@dataclass
class WinmailFile:
    """One file from a winmail.dat."""

    name: str = ""
    content_type: str = ""
    content: bytes = b""


@dataclass
class Winmail:
    """What a winmail.dat holds."""

    text: str = ""
    files: list[WinmailFile] = field(default_factory=list)


class _Reader:
    def __init__(self, data: bytes, level: int) -> None:
        self.data, self.level, self.charset, self.left = data, level, "cp1252", MAX_WINMAIL
        self.plain = self.marked = self.rich = ""
        self.files: list[WinmailFile] = []
        self.inner: list[WinmailFile] = []

    def read(self) -> Winmail:
        for name, value in self.attributes():
            if name == _CODEPAGE:
                self.charset = f"cp{_number(value)}"
            elif name == _BODY:
                self.plain = self.plain or self.text(value)
            elif name == _PROPERTIES:
                self.take_properties(value)
            elif name == _RENDERED:
                self.files.append(WinmailFile())
            elif self.files and name in (_TITLE, _DATA, _FILE_PROPERTIES):
                self.take_file(self.files[-1], name, value)
        files = [file for file in self.files if file.content or file.name]
        return Winmail(self.plain.strip() or self.marked or self.rich, files + self.inner)

    def attributes(self) -> Iterator[tuple[int, bytes]]:
        at = 6
        while at + 9 <= len(self.data) and self.left > 0:
            self.left -= 1
            name, _, length = unpack_from("<HHI", self.data, at + 1)
            if self.data[at] not in (1, 2):
                return
            yield name, self.data[at + 9 : at + 9 + length]
            at += 9 + length + 2

    def take_properties(self, value: bytes) -> None:
        found = dict(self.properties(value))
        codepage = f"cp{_number(found[_P_CODEPAGE])}" if _P_CODEPAGE in found else self.charset
        self.plain = self.plain or self.text(found.get(_P_BODY, ""))
        if markup := found.get(_P_HTML):
            self.marked = text_of_html(markup if isinstance(markup, str) else decode(markup, codepage)[0])
        if isinstance(packed := found.get(_P_RTF), bytes):
            self.rich = text_of_compressed_rtf(packed)

    def take_file(self, file: WinmailFile, name: int, value: bytes) -> None:
        if name == _TITLE:
            file.name = file.name or self.text(value)
        elif name == _DATA:
            file.content = value
        else:
            found = dict(self.properties(value))
            named = (found.get(each) for each in (_P_LONG_NAME, _P_SHORT_NAME, _P_DISPLAY))
            file.name = next((self.text(each) for each in named if each), "") or file.name
            file.content_type = self.text(found.get(_P_TYPE, ""))
            inside = found.get(_P_DATA)
            if isinstance(inside, bytes) and inside.startswith(_MESSAGE):
                self.take_inner(file, inside[len(_MESSAGE) :])
            elif isinstance(inside, bytes) and not file.content:
                file.content = inside

    def take_inner(self, file: WinmailFile, data: bytes) -> None:
        file.content = data
        if self.level < MAX_NESTED_LEVELS and (inner := unpack_winmail(data, level=self.level + 1)) is not None:
            file.name, file.content_type = f"{file.name or 'mail'}.txt", "text/plain"
            file.content = inner.text.encode()
            self.inner += inner.files

    def properties(self, value: bytes) -> Iterator[tuple[int, str | bytes]]:
        """Read a list of properties, as far as it goes: (number, value), the last one of several values."""
        try:
            (count,), at = unpack_from("<I", value), 4
            for _ in range(min(count, self.left)):
                self.left -= 1
                kind, number = unpack_from("<HH", value, at)
                at += 4
                if number >= 0x8000:
                    at = _after_name(value, at)
                is_several, kind = bool(kind & 0x1000), kind & ~0x1000
                if kind not in _SIZES or is_several:
                    (several,) = unpack_from("<I", value, at)
                    at += 4
                else:
                    several = 1
                for _ in range(min(several, self.left)):
                    self.left -= is_several
                    if kind in _SIZES:
                        length = padded = _SIZES[kind]
                    elif kind in (_TEXT, _WIDE, _OBJECT, _BINARY):
                        (length,) = unpack_from("<I", value, at)
                        at, padded = at + 4, (length + 3) // 4 * 4
                    else:
                        return
                    if at + length > len(value):
                        return
                    yield number, self.typed(kind, value[at : at + length])
                    at += padded
        except EndsEarlyError:
            return

    def typed(self, kind: int, value: bytes) -> str | bytes:
        if kind == _WIDE:
            return value.decode("utf-16-le", "replace").rstrip("\0")
        return self.text(value) if kind == _TEXT else value

    def text(self, value: str | bytes) -> str:
        return value if isinstance(value, str) else decode(value.rstrip(b"\0"), self.charset)[0]


def unpack_winmail(data: bytes, *, level: int = 0) -> Winmail | None:
    """Return what a winmail.dat holds, in time that grows with its size; None where it is none or can't be read."""
    if len(data) < 6 or unpack_from("<I", data)[0] != _SIGNATURE:
        return None
    found = _Reader(data, level).read()
    return found if found.text or found.files or level else None


def _after_name(value: bytes, at: int) -> int:
    (kind,) = unpack_from("<I", value, at + 16)
    at += 20
    if kind == 0:
        return at + 4
    (length,) = unpack_from("<I", value, at)
    return int(at + 4 + (length + 3) // 4 * 4)


def _number(value: str | bytes) -> int:
    return int.from_bytes(value[:4], "little") if isinstance(value, bytes) else 0
