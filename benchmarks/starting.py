"""What a web process costs before anybody comes: its start, its memory; and what a first visit transfers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from urllib.parse import urljoin

from benchmarks.clients import Visit, drive, open_page
from benchmarks.installing import Server, Sqlite, make_bare_tables, migrate, serve_bare, serve_product, stopped_at_end
from benchmarks.measuring import Ratio, Row

LINKED = re.compile(r'<(?:link[^>]*?href|script[^>]*?src)="(/[^"]+)"')
IMPORTED = re.compile(r"""(?:from|import)\s*["'](\.{1,2}/[^"']+)["']""")
WARM, WORKERS = 160, 4  # pages, and as many processes as the documentation has


def measure_starting(folder: Path, *, rounds: int) -> list[Row]:
    """Start the product and the bare application by turns, and look at what each worker holds."""
    folder.mkdir()
    database = Sqlite(folder)
    url, bare_url = database.url("product"), database.url("bare")
    migrate(url, folder)
    make_bare_tables(bare_url)
    starts: list[tuple[float, float]] = []
    memory: list[tuple[float, float]] = []
    shares: list[tuple[float, float]] = []
    visit: list[Row] = []
    for number in range(rounds + 1):
        measured = []
        for server, path in (
            (serve_product(url, folder, workers=WORKERS), "/"),
            (serve_bare(bare_url, folder, workers=WORKERS, alone=True), "/"),
        ):
            with stopped_at_end(server):
                drive(server, [partial(_open, path)] * WARM)
                measured.append((server.start_seconds, server.memory_mib(), server.share_mib()))
                if not visit:
                    visit = [_first_visit(server)]
        if number:  # the first compiles
            starts.append((measured[0][0], measured[1][0]))
            memory.append((measured[0][1], measured[1][1]))
            shares.append((measured[0][2], measured[1][2]))
    held, took = Ratio(*zip(*memory, strict=True)), Ratio(*zip(*starts, strict=True))
    share = Ratio(*zip(*shares, strict=True))
    return [
        Row(
            "memory of a worker beside a bare SQLAlchemy app",
            str(held),
            held.value,
            at_least=1.6,
            aim=1.3,
            note=f"{median(held.ours):.0f} MiB beside {median(held.theirs):.0f} MiB, resident, after {WARM} pages",
        ),
        Row(
            f"the same, what {WORKERS} workers share counted once",
            str(share),
            share.value,
            note=f"{median(share.ours):.0f} MiB beside {median(share.theirs):.0f} MiB for each, all processes counted",
        ),
        Row(
            "cold start beside a bare SQLAlchemy app",
            str(took),
            took.value,
            at_least=2,
            aim=1.4,
            note=f"{median(took.ours):.2f} s beside {median(took.theirs):.2f} s to the first answer",
        ),
        *visit,
    ]


def _open(path: str, port: int) -> float:
    return open_page(port, path, "", b"<")


@dataclass(frozen=True)
class Fetched:
    """One file of a visit, and how many bytes came for it, head and body."""

    path: str
    size: int


def _first_visit(server: Server) -> Row:
    """Fetch the first page and all it names, as a browser does that was never here, and count what comes."""
    with Visit(server.port) as visit:
        page = visit.ask("GET", "/")
        fetched = [Fetched("page", len(page.head) + len(page.body))]
        waiting = list(dict.fromkeys(LINKED.findall(page.body.decode())))
        seen: set[str] = set()
        while waiting:
            path = waiting.pop(0)
            if path in seen:
                continue
            seen.add(path)
            answer = visit.ask("GET", path)
            fetched.append(Fetched(path.rpartition("/")[2], len(answer.head) + len(answer.body)))
            if path.endswith(".js"):
                waiting += [urljoin(path, one) for one in IMPORTED.findall(answer.text)]
    kilobytes = sum(one.size for one in fetched) / 1000
    parts = ", ".join(f"{one.path} {one.size / 1000:.1f}" for one in fetched)
    return Row(
        "first visit to a public page, as transferred",
        f"{kilobytes:.1f} KB",
        kilobytes,
        at_least=60,
        aim=40,
        note=parts,
    )
