"""A promise measured: the figure of this run beside what was promised, and whether it is met."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from os import cpu_count, getloadavg
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Ratio:
    """One thing beside another: medians over interleaved rounds, and how far the rounds lie apart."""

    ours: Sequence[float]
    theirs: Sequence[float]

    @property
    def value(self) -> float:
        """Return the ratio of the medians."""
        return median(self.ours) / median(self.theirs)

    def __str__(self) -> str:
        """Say the ratio, with the lowest and highest of the rounds."""
        each = sorted(one / other for one, other in zip(self.ours, self.theirs, strict=True))
        return f"{self.value:.2f} x [{each[0]:.2f} to {each[-1]:.2f}]"


@dataclass(frozen=True)
class Row:
    """One line of the table. `less_is_better` says which way the promise is kept; without one it is a cost, told."""

    what: str
    said: str
    value: float
    at_least: float | None = None
    aim: float | None = None
    note: str = ""
    less_is_better: bool = True

    @property
    def verdict(self) -> str:
        """Say how far the promise is kept."""
        if self.at_least is None or self.aim is None:
            return ""
        sign = 1 if self.less_is_better else -1
        if self.value * sign <= self.aim * sign:
            return "aim met"
        return "met" if self.value * sign <= self.at_least * sign else "NOT MET"


def table(rows: Sequence[Row]) -> str:
    """Lay the rows out as a Markdown table."""
    lines = ["| what | measured | at least | aim | | beside it |", "| --- | --- | --- | --- | --- | --- |"]
    lines += [
        f"| {r.what} | {r.said} | {_figure(r.at_least)} | {_figure(r.aim)} | {r.verdict} | {r.note} |" for r in rows
    ]
    return "\n".join(lines)


def _figure(promised: float | None) -> str:
    return "" if promised is None else f"{promised:g}"


def per_second(rates: Sequence[float]) -> str:
    """Say the middle rate."""
    return f"{median(rates):.1f} a second"


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value below which this part of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def machine() -> str:
    """Say what this was measured on; a figure without its machine says nothing."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "unknown"
    )
    total = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return (
        f"{cpu_count()} x {model}, {total / 1024**2:.0f} GiB of memory, "
        f"{platform.system()} {platform.release().split('-')[0]}, Python {platform.python_version()}"
    )


def load() -> str:
    """Say how busy the machine is now."""
    return " ".join(f"{one:.2f}" for one in getloadavg())


def _lines(path: str) -> list[str]:
    where = Path(path)
    return where.read_text().splitlines() if where.exists() else []
