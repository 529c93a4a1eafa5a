"""Eight people at once, as cheap as Python can play them: the time measured is to be the server's, not theirs."""

from __future__ import annotations

import gzip
import itertools
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from urllib.parse import urlencode

from benchmarks.installing import HOST, Server
from benchmarks.preparing import FilledDraft

CLIENTS = 8
_visits = itertools.count()
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
COOKIE = re.compile(rb"\r\nset-cookie: *([^;\r]+)", re.IGNORECASE)
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


class UnexpectedAnswerError(RuntimeError):
    """The server did not answer as somebody who sends a form must be answered: nothing was measured."""


@dataclass(frozen=True)
class Answer:
    """What came back, and after how long."""

    status: int
    head: bytes
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        """Return what was said, decompressed."""
        is_compressed = b"content-encoding: gzip" in self.head.lower()
        return (gzip.decompress(self.body) if is_compressed else self.body).decode()


class Visit:
    """One visitor's connection, kept for as long as the visit lasts."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port, self.cookie = port, cookie
        number = next(_visits)
        self.address = f"198.51.{number // 250 % 250}.{number % 250}"  # each its own: floods from one are held back
        self.talk = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.talk.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.talk.close()

    def ask(
        self, method: str, path: str, fields: dict[str, str] | None = None, *, expect: int = 200, more: str = ""
    ) -> Answer:
        """Ask for one page, with more lines in the head; a redirect is an answer like any other."""
        body = urlencode(fields).encode() if fields is not None else b""
        kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n" if body else ""
        cookie = f"Cookie: {self.cookie}\r\n" if self.cookie else ""
        heads = f"Host: {HOST}\r\nAccept-Encoding: gzip\r\nX-Forwarded-Proto: https\r\n"
        heads += f"X-Forwarded-For: {self.address}\r\n{more}"
        asked = f"{method} {path} HTTP/1.1\r\n{heads}{cookie}{kind}\r\n"
        began = time.perf_counter()
        self.talk.sendall(asked.encode() + body)
        head, content = self._read()
        seconds = time.perf_counter() - began
        status = int(head[9:12])
        if status != expect:
            raise UnexpectedAnswerError(f"{method} {path}: {status}\n{content.decode(errors='replace')[:2000]}")
        for one in COOKIE.findall(head):
            self.cookie = "; ".join(part for part in (self.cookie, one.decode()) if part)
        return Answer(status, head, content, seconds)

    def _read(self) -> tuple[bytes, bytes]:
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if length is None:
            raise UnexpectedAnswerError("an answer without its length")
        while len(body) < int(length[1]):
            body += self._more()
        return head, body

    def _more(self) -> bytes:
        more = self.talk.recv(262_144)
        if not more:
            raise UnexpectedAnswerError("the server closed the connection")
        return more


def send_draft(port: int, draft: FilledDraft) -> float:
    """Check the answers, send them and read the confirmation; return how long the sending itself took."""
    at = f"/request/{draft.id}"
    with Visit(port, f"__Host-device={draft.device}") as visit:
        page = visit.ask("GET", f"{at}/check").body.decode()
        sending = visit.ask("POST", f"{at}/send", dict(HIDDEN.findall(page)), expect=302)
        receipt = visit.ask("GET", f"{at}/sent").body
    if b"Request sent" not in receipt:
        raise UnexpectedAnswerError("no confirmation")
    return sending.seconds


def send_bare(port: int, words: str) -> float:
    """Open the bare form, send it and read the thanks; return how long the sending itself took."""
    with Visit(port) as visit:
        visit.ask("GET", "/")
        sending = visit.ask("POST", "/", {"name": "Samina Rahman", "words": words}, expect=302)
        location = re.search(rb"\r\nlocation: *(\S+)", sending.head, re.IGNORECASE)
        assert location is not None
        if b"Thank you" not in visit.ask("GET", location[1].decode()).body:
            raise UnexpectedAnswerError("no thanks")
    return sending.seconds


def open_page(port: int, path: str, cookie: str, holds: bytes) -> float:
    """Open one page as somebody signed in; return how long it took."""
    with Visit(port, cookie) as visit:
        answer = visit.ask("GET", path)
    if holds not in answer.body:
        raise UnexpectedAnswerError(f"{path} lacks {holds!r}")
    return answer.seconds


@dataclass
class Round:
    """What eight clients did: how many, in how long, with how much of the server's processors."""

    done: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    each: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Return how many were done a second."""
        return self.done / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Return the server's processor time for one, in milliseconds."""
        return self.cpu / self.done * 1000


def drive(server: Server, tasks: Iterable[Callable[[int], float]], clients: int = CLIENTS) -> Round:
    """Let the clients work the tasks off together; a task is given the port and returns the seconds to keep."""
    waiting, lock = list(tasks)[::-1], threading.Lock()
    made = Round(done=len(waiting))
    failed: list[Exception] = []
    start = threading.Barrier(clients + 1)

    def work() -> None:
        start.wait()
        while True:
            with lock:
                if not waiting or failed:
                    return
                task = waiting.pop()
            try:
                made.each.append(task(server.port))
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    cpu_before, began = server.cpu_seconds(), time.perf_counter()
    start.wait()
    for thread in threads:
        thread.join()
    made.seconds, made.cpu = time.perf_counter() - began, server.cpu_seconds() - cpu_before
    if failed:
        raise failed[0]
    return made
