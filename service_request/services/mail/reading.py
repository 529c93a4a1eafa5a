"""Have a mail read by a program that is held by limits: whatever a mail does to it, the next one is read (F32)."""

from __future__ import annotations

import atexit
import json
import os
import re
import select
import subprocess  # nosec B404 - our own program, with no shell and no argument of anybody's
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

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
        talk = _Talk(self._process or self._begin(), time.monotonic() + self.seconds)
        try:
            talk.say(json.dumps({"size": len(raw), "part": part}).encode() + b"\n")
            talk.say(raw)
            return talk.hear()
        except (OSError, ValueError) as error:
            self._end()
            raise CouldNotReadError from error

    def _begin(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(  # nosec B603
            self.program,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={},
        )
        os.set_blocking(_file_of(self._process.stdin), False)
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


class _Talk:
    """What is said to the program and heard of it for one mail; after a moment it counts as dead."""

    def __init__(self, process: subprocess.Popen[bytes], until: float) -> None:
        self.until = until
        self.to, self.out_of = _file_of(process.stdin), _file_of(process.stdout)

    def say(self, words: bytes) -> None:
        left = memoryview(words)
        while left:
            self._wait(self.to, select.POLLOUT)
            left = left[os.write(self.to, left) :]

    def hear(self) -> tuple[dict[str, Any], bytes]:
        line = [self._more()]
        while b"\n" not in line[-1]:
            line.append(self._more())
        said, _, rest = b"".join(line).partition(b"\n")
        answer: dict[str, Any] = json.loads(said)
        content = bytearray(rest)
        while len(content) < answer["size"]:
            content += self._more()
        return answer, bytes(content)

    def _more(self) -> bytes:
        self._wait(self.out_of, select.POLLIN)
        more = os.read(self.out_of, 1 << 20)
        if not more:
            raise BrokenPipeError
        return more

    def _wait(self, file: int, event: int) -> None:
        waiting = select.poll()
        waiting.register(file, event)
        if not waiting.poll(max(0.0, self.until - time.monotonic()) * 1000):
            raise TimeoutError


def _file_of(pipe: IO[bytes] | None) -> int:
    assert pipe is not None
    return pipe.fileno()


def _headers_of(raw: bytes) -> bytes:
    end = re.search(rb"\r?\n\r?\n", raw[:MAX_HEAD])
    return raw[: end.end()] if end else raw[:MAX_HEAD]


READER = Reader()
atexit.register(READER.close)
