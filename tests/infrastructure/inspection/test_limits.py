"""Whatever a file does to the program that looks into it, the machine does not feel it (T18)."""

from __future__ import annotations

import os
import struct
import subprocess
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from infrastructure.files.inspecting import PROGRAM, ROOT, inspect
from infrastructure.files.kinds import Kind
from tests import made_files
from tests.made_files import docx, jpeg, package, png

MB = 1024 * 1024


def _chunks() -> bytes:
    return png()[:33] + b"".join(made_files._chunk(b"tEXt", b"a") for _ in range(600_000)) + png()[33:]


def _texts() -> bytes:
    return png()[:33] + made_files._chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(60 * MB))) + png()[33:]


def _types() -> bytes:
    return package({"[Content_Types].xml": b"<Types>" + b" " * (60 * MB), "word/document.xml": b""})


def _many(said: int | None = None) -> bytes:
    """A document of very many parts, written by hand: `said` is how many it says it has."""
    count = 150_000
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<HHH", 6, 0, 0) + bytes(12)
    parts = b"".join(entry + b"%06d" % n for n in range(count))
    shown = min(count, 65_535) if said is None else said
    head = docx()[:100]
    return head + parts + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, shown, shown, len(parts), len(head), 0)


BOMBS: dict[str, tuple[Kind, Callable[[], bytes]]] = {
    "a picture of a billion pixels": (Kind.PNG, lambda: png(width=60_000, height=60_000)),
    "a text that unpacks to 60 MB": (Kind.PNG, _texts),
    "a list of types of 60 MB": (Kind.DOCX, _types),
    "zips in zips": (Kind.DOCX, lambda: docx(more={"a.zip": package({f"{n}.zip": _types() for n in range(2)})})),
    "150,000 parts": (Kind.DOCX, _many),
    "150,000 parts that say they are 3": (Kind.DOCX, lambda: _many(3)),
    "600,000 chunks": (Kind.PNG, _chunks),
    "10 MB of markers": (Kind.JPEG, lambda: b"\xff\xd8" + b"\xff\xd0" * 5_000_000),
    "10 MB of filling": (Kind.JPEG, lambda: b"\xff\xd8" + b"\xff" * 10_000_000),
    "10 MB of a scan": (Kind.JPEG, lambda: jpeg(told=False)[:-2] + b"\xff\x00" * 5_000_000 + b"\xff\xd9"),
    "10 MB of locks": (Kind.PDF, lambda: made_files.PDF + b"/Encrypt 1 " * 900_000),
    "10 MB of launches": (Kind.PDF, lambda: made_files.PDF + b"/S /S /S" + b" " * 10_000_000),
    "boxes without end": (Kind.HEIC, lambda: made_files.heic()[:24] + b"\0\0\0\x08free" * 1_200_000),
}
# A small process starts the program and says what it used: a child begins with the memory of whoever forks it.
MEASURE = (
    "import resource, subprocess, sys\n"
    "done = subprocess.run(sys.argv[1:], stdin=0, stdout=subprocess.DEVNULL)\n"
    "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
    "print(done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss)"
)


@pytest.mark.threat("U5")
@pytest.mark.threat("T18")
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_less_than_a_second_and_100_megabytes(name: str) -> None:
    kind, make = BOMBS[name]
    content = make()
    assert len(content) <= 11_000_000, "or it would be too big to be taken"
    small = [PROGRAM[0], "-E", "-s", "-S", "-c", MEASURE, *PROGRAM]
    said = subprocess.run(
        small, input=kind.value.encode() + b"\n" + content, cwd=ROOT, env={}, capture_output=True, check=True
    ).stdout.split()
    code, seconds, kilobytes = int(said[0]), float(said[1]), int(said[2])
    assert code in (0, 1), "it says what it found, or that it ran out"
    assert seconds < 1.0
    assert kilobytes < 100 * 1024


@pytest.mark.threat("T18")
def test_a_look_that_takes_too_long_ends_as_too_complex(monkeypatch: pytest.MonkeyPatch) -> None:
    import infrastructure.files.inspecting as inspecting

    began, usual = time.monotonic(), inspecting.SECONDS
    monkeypatch.setattr(inspecting, "SECONDS", 0.001)
    assert inspect(Kind.DOCX, docx()).why == "too_complex"
    assert time.monotonic() - began < usual


@pytest.mark.threat("T18")
@pytest.mark.parametrize(
    "code", ["while True: pass", "x = bytearray(10**9)", "open('never', 'wb', 0).write(b'x')", "import os; os.fork()"]
)
def test_the_program_is_held_by_its_limits(code: str, tmp_path: Path) -> None:
    held = f"import os\nfrom infrastructure.inspection.__main__ import limit_self; limit_self(); os.chdir({str(tmp_path)!r})\n{code}"
    began = time.monotonic()
    python = PROGRAM[: PROGRAM.index("-m")]
    done = subprocess.run([*python, "-c", held], cwd=ROOT, env={}, capture_output=True, check=False)
    if code.startswith("import os") and os.geteuid() == 0:
        return  # root is not counted by RLIMIT_NPROC
    assert done.returncode != 0
    assert time.monotonic() - began < 10


def test_the_copy_comes_back_through_the_pipe() -> None:
    assert inspect(Kind.JPEG, jpeg(orientation=1)).copy == jpeg(told=False)
    assert inspect(Kind.DOCX, docx()).why == ""
