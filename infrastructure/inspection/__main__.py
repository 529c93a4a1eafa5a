"""Read a kind and a file from standard input; write the verdict in a line of JSON, then the cleaned copy if any."""

from __future__ import annotations

import json
import resource
import sys

from infrastructure.inspection.films import FILMS, says_place
from infrastructure.inspection.heic import clean_heic
from infrastructure.inspection.packages import check_office, check_opendocument
from infrastructure.inspection.pdf import check_pdf
from infrastructure.inspection.pictures import clean_jpeg, clean_png, clean_webp
from infrastructure.inspection.verdicts import FoundError, NotCleanedError, Verdict

CPU_SECONDS, MEMORY_BYTES = 2, 128 * 1024 * 1024
CLEANERS = {"jpg": clean_jpeg, "png": clean_png, "heic": clean_heic, "webp": clean_webp}


def limit_self() -> None:
    """Give this process little: whatever a file does to it, the machine does not feel."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def inspect(kind: str, data: bytes) -> Verdict:
    """Say whether a file may be served, and which copy of it."""
    try:
        if kind in ("docx", "xlsx"):
            check_office(kind, data)
        elif kind == "odt":
            check_opendocument(data)
        elif kind == "pdf":
            check_pdf(data)
        elif kind in CLEANERS:
            copy = CLEANERS[kind](data)
            return Verdict(copy=None if copy == data else copy)
        elif kind in FILMS and says_place(data):
            return Verdict("place_kept")
    except FoundError as found:
        return Verdict(found.why)
    except NotCleanedError:
        return Verdict("place_kept")
    except (MemoryError, RecursionError):
        return Verdict("too_complex")
    return Verdict()


if __name__ == "__main__":
    limit_self()
    asked = sys.stdin.buffer.readline().decode().strip()
    said = inspect(asked, sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps({"why": said.why, "copy": said.copy is not None}).encode() + b"\n")
    sys.stdout.buffer.write(said.copy or b"")
