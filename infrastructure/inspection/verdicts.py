"""What can be found in a file, and the copy that may be served."""

from __future__ import annotations

from dataclasses import dataclass


class FoundError(Exception):
    """The file may not be served. `why` is macros, password, not_as_named or too_complex."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class NotCleanedError(Exception):
    """The picture's structure is not understood, so what it says of itself could not be taken out."""


@dataclass(frozen=True)
class Verdict:
    """`why` is empty when the file may be served; `copy` is the cleaned one, or None when it may be served as it is."""

    why: str = ""
    copy: bytes | None = None
