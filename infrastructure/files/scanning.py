"""Ask clamd whether a file is dangerous. A client of our own: the protocol is one page, its only library is of 2014."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from urllib.parse import urlsplit

from infrastructure.settings import Settings


class ScannerAwayError(Exception):
    """The scanner does not answer, or not as it should: the file waits."""


def is_dangerous(pieces: Iterable[bytes], settings: Settings) -> bool:
    """Send a file to clamd by INSTREAM and return its answer; raise ScannerAwayError.

    Each piece goes with its length before it, an empty one ends. "stream: OK" or "stream: <name> FOUND" comes back; the
    name is dropped, so that nobody learns which scanner knows what.
    """
    try:
        with _connected(settings) as line:
            line.sendall(b"zINSTREAM\0")
            for piece in pieces:
                if piece:
                    line.sendall(struct.pack(">I", len(piece)) + piece)
            line.sendall(struct.pack(">I", 0))
            answer = _answer(line)
    except OSError:
        raise ScannerAwayError from None
    if answer.endswith(b" FOUND"):
        return True
    if answer.endswith(b": OK"):
        return False
    raise ScannerAwayError  # for example its own limit of size, which must not be below ours


def _connected(settings: Settings) -> socket.socket:
    where = urlsplit(settings.scanner)
    if where.scheme == "unix":
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(settings.scanner_timeout_seconds)
        try:
            line.connect(where.path)
        except OSError:
            line.close()
            raise
        return line
    return socket.create_connection((where.hostname or "", where.port or 0), settings.scanner_timeout_seconds)


def _answer(line: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"\0") and (part := line.recv(4096)):
        answer += part
    return answer.rstrip(b"\0\n")
