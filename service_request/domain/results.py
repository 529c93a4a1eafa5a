"""Numbers that may be published: none that is small, and none that can be worked out from the others (SE-8, SE-9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """The answers to one question. A number that is hidden is None, and so is its percentage."""

    total: int | None
    counts: Mapping[str, int | None]

    def percent(self, code: str) -> int | None:
        """Return the share of an answer in whole numbers."""
        count = self.counts[code]
        return None if count is None or not self.total else round(100 * count / self.total)


def publish(counts: Mapping[str, int], smallest: int) -> Published:
    """Hide every number below `smallest`, nought too, and larger ones until no hidden one can be worked out.

    Whoever subtracts knows the sum of what is hidden, and may know this rule. So the next larger number goes with them,
    and all that are equal to it, until the sum leaves each of them at least two values. A test tries every table there
    is. Fewer answers than `smallest` are hidden altogether.
    """
    total = sum(counts.values())
    if total < smallest:
        return Published(None, dict.fromkeys(counts))
    hidden = {code for code, count in counts.items() if count < smallest}
    while hidden and hidden != set(counts) and _tells(hidden, counts, smallest):
        next_larger = min(count for code, count in counts.items() if code not in hidden)
        hidden |= {code for code, count in counts.items() if count == next_larger}
    if len(hidden) == 1:
        return Published(None, dict.fromkeys(counts))
    return Published(total, {code: None if code in hidden else count for code, count in counts.items()})


def _tells(hidden: set[str], counts: Mapping[str, int], smallest: int) -> bool:
    """Tell whether the sum of what is hidden gives one of them away: too few, too little, or each at its highest."""
    together = sum(counts[code] for code in hidden)
    all_small = all(counts[code] < smallest for code in hidden)
    return len(hidden) < 2 or together < smallest or (all_small and together == len(hidden) * (smallest - 1))
