"""Who uses what a file would take away, said in numbers."""

from __future__ import annotations

PLURALS = {"person": "people", "child": "children"}


def in_words(**counts: int) -> str:
    """Return "2 routes, 1 person" of what is more than none; "" where nothing is in use."""
    return ", ".join(
        f"{count} {name if count == 1 else PLURALS.get(name, f'{name}s')}" for name, count in counts.items() if count
    )
