"""What one reading of somebody's words gives."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """An answer as it was read, and the one that it took back in the same breath ("8 sorry 9")."""

    value: str
    instead_of: str = ""
