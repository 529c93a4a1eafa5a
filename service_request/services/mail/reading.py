"""Have a mail read by a program that is held by limits: whatever a mail does to it, the next one is read (F32)."""

from __future__ import annotations

import atexit
import json
import re
import subprocess  # nosec B404 - our own program, with no shell and no argument of anybody's
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from service_request.domain.mail.carrying import from_carried
from service_request.domain.mail.limits import MAX_HEAD
from service_request.domain.mail.types import MailKind, MailNote, ParsedEmail

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 60.0  # for one mail
PROGRAM = [sys.executable, "-E", "-s", "-m", "service_request.domain.mail"]


class CouldNotReadError(Exception):
    """The program died of a mail, or did not come to an end with it."""


@dataclass(frozen=True)
class Understood:
    """What a mail says, and how large each of its files is."""

    mail: ParsedEmail
    sizes: tuple[int, ...]


class Reader:
    """The program, started when the first mail is read; it goes by itself when none has come for a while."""

    def __init__(self, seconds: float = SECONDS, program: list[str] | None = None) -> None:
        self.seconds, self.program = seconds, program or PROGRAM
        self._process: subprocess.Popen[bytes] | None = None
        self._one_at_a_time = threading.Lock()

    def read(self, raw: bytes, *, most: int | None = None) -> Understood:
        """Return what a mail says, of one with more than `most` bytes its headers alone (E3); raise CouldNotReadError.

        What a person wrote that is too large is unreadable; what its headers show to be a machine's is filed as that.
        """
        is_too_large = most is not None and len(raw) > most
        said, _ = self._ask(_headers_of(raw) if is_too_large else raw, None)
        mail, sizes = from_carried(said["mail"])
        if is_too_large:
            is_person = mail.kind is MailKind.PERSON
            told = {"kind": MailKind.UNREADABLE, "why": MailNote.TOO_LARGE.value} if is_person else {}
            mail = replace(mail, notes=mail.notes | {MailNote.TOO_LARGE}, **told)  # type: ignore[arg-type]
        return Understood(mail, sizes)

    def read_file(self, raw: bytes, number: int) -> bytes | None:
        """Return one file of a mail, counted from 0; None where it has no such file. Raise CouldNotReadError."""
        said, content = self._ask(raw, number)
        return content if said["found"] else None

    def close(self) -> None:
        """End the program."""
        with self._one_at_a_time:
            self._end()

    def _ask(self, raw: bytes, part: int | None) -> tuple[dict[str, Any], bytes]:
        with self._one_at_a_time:
            is_old, began = self._process is not None, time.monotonic()
            try:
                return self._once(raw, part)
            except CouldNotReadError:
                if not is_old or time.monotonic() - began >= self.seconds:
                    raise
            return self._once(raw, part)  # it may have gone by itself just then: that is no fault of this mail

    def _once(self, raw: bytes, part: int | None) -> tuple[dict[str, Any], bytes]:
        process = self._process or self._begin()
        assert process.stdin is not None
        assert process.stdout is not None
        limit = threading.Timer(self.seconds, process.kill)
        limit.start()
        try:
            process.stdin.write(json.dumps({"size": len(raw), "part": part}).encode() + b"\n")
            process.stdin.write(raw)
            process.stdin.flush()
            said: dict[str, Any] = json.loads(process.stdout.readline())
            content = process.stdout.read(said["size"])
        except (OSError, ValueError) as error:
            self._end()
            raise CouldNotReadError from error
        finally:
            limit.cancel()
        if len(content) != said["size"]:
            self._end()
            raise CouldNotReadError
        return said, content

    def _begin(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(  # nosec B603
            self.program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, env={}
        )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def _headers_of(raw: bytes) -> bytes:
    end = re.search(rb"\r?\n\r?\n", raw[:MAX_HEAD])
    return raw[: end.end()] if end else raw[:MAX_HEAD]


READER = Reader()
atexit.register(READER.close)
