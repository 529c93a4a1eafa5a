"""The scanner, a real one: clean, dangerous, slow, gone, or not speaking its language."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from infrastructure.files.scanning import ScannerAwayError, is_dangerous
from infrastructure.settings import Settings
from tests.made_files import EICAR, PDF, docx
from tests.plugins.house import settings_for
from tests.plugins.outside import Clamd


def scanned_by(where: str, seconds: float = 5.0) -> Settings:
    return settings_for("sqlite://", Path("instance"), 25, scanner=where, scanner_timeout_seconds=seconds)


@pytest.mark.threat("T17")
def test_a_real_clamd_tells_the_test_signature_from_a_letter(clamd: Clamd) -> None:
    settings = scanned_by(clamd.address)
    assert is_dangerous([EICAR], settings) is True
    assert is_dangerous([EICAR[:20], EICAR[20:]], settings) is True
    assert is_dangerous([PDF], settings) is False
    assert is_dangerous([docx(more={"word/media/a.bin": EICAR})], settings) is True, "clamd unpacks, not we"
    assert is_dangerous([], settings) is False


@pytest.fixture
def stub() -> Iterator[tuple[str, list[bytes]]]:
    """Something that listens where a scanner should be, and answers what it is told."""
    listening = socket.create_server(("127.0.0.1", 0))
    answers: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            with line:
                line.settimeout(0.2)
                try:
                    while line.recv(65536):
                        pass
                except OSError:
                    pass
                if answers:
                    line.sendall(answers[0])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"tcp://127.0.0.1:{listening.getsockname()[1]}", answers
    listening.close()


@pytest.mark.threat("F36")
def test_a_scanner_that_is_gone_silent_or_speaks_otherwise_is_away(
    stub: tuple[str, list[bytes]], tmp_path: Path
) -> None:
    where, answers = stub
    for said in (b"", b"INSTREAM size limit exceeded. ERROR\0", b"HTTP/1.1 400 Bad Request\r\n\r\n"):
        answers[:] = [said] if said else []
        with pytest.raises(ScannerAwayError):
            is_dangerous([PDF], scanned_by(where, 1.0))
    for gone in (f"unix:{tmp_path / 'nothing.sock'}", "tcp://127.0.0.1:1"):
        with pytest.raises(ScannerAwayError):
            is_dangerous([PDF], scanned_by(gone))


def test_its_word_is_taken_over_tcp_too(stub: tuple[str, list[bytes]]) -> None:
    where, answers = stub
    answers[:] = [b"stream: Some.Name FOUND\0"]
    assert is_dangerous([PDF], scanned_by(where)) is True
    answers[:] = [b"stream: OK\0"]
    assert is_dangerous([PDF], scanned_by(where)) is False
