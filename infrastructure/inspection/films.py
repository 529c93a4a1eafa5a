"""Sounds and videos of a phone: they are not cut open, only read for where they were made."""

from __future__ import annotations

FILMS = frozenset({"mp4", "m4a", "3gp"})
# Where a phone writes the place: QuickTime's user data, 3GPP's location box, Apple's and Android's metadata key.
_PLACES = (b"\xa9xyz", b"loci", b"location.ISO6709", b"com.android.location")


def says_place(data: bytes) -> bool:
    """Tell whether a recording may say where it was made: one mark too many is a warning, one too few is a place."""
    return any(place in data for place in _PLACES)
