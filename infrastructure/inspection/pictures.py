"""Photos without what the camera wrote into them: copied part by part, never decoded, so that no picture is too large.

What stays is what the picture needs to look the same: its pixels, colours, and which way up it is.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from infrastructure.inspection.verdicts import FoundError, NotCleanedError

_STANDALONE = {0x01, *range(0xD0, 0xD8)}
_UPRIGHT = 1
_PARTS_MOST = 20_000  # no camera writes a hundredth of it
_PNG_KEPT = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"pHYs", b"bKGD", b"sBIT",
    b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip

_WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
_WEBP_TELLS = 0x08 | 0x04  # the flags of Exif and XMP in the head of the picture


def clean_jpeg(data: bytes) -> bytes:
    """Return the photo without Exif, XMP, IPTC, comments, further pictures, and anything after its end."""
    kept = [b"\xff\xd8"]
    orientation = _UPRIGHT
    for count, (marker, segment) in enumerate(_segments(data)):
        if count > _PARTS_MOST:
            raise FoundError("too_complex")
        if marker == 0xE1 and segment[4:10] == b"Exif\0\0":
            orientation = _orientation(segment[10:]) or orientation
        elif not _tells_of_itself(marker, segment):
            kept.append(segment)
    if orientation != _UPRIGHT:
        kept.insert(1, _only_orientation(orientation))
    return b"".join(kept)


def _tells_of_itself(marker: int, segment: bytes) -> bool:
    if marker == 0xFE:  # a comment
        return True
    if not 0xE0 <= marker <= 0xEF:
        return False
    needed = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}.get(marker)
    return needed is None or not segment[4:].startswith(needed)


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each marker with its bytes as they stand, the picture's own data with the marker that begins it."""
    place, end = 2, len(data)
    while True:
        if place + 2 > end or data[place] != 0xFF:
            raise NotCleanedError
        marker = data[place + 1]
        if marker == 0xFF:  # filling
            place += 1
            continue
        if marker == 0xD9:
            yield marker, data[place : place + 2]
            return
        if marker in _STANDALONE:
            yield marker, data[place : place + 2]
            place += 2
            continue
        if place + 4 > end:
            raise NotCleanedError
        stop = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if stop > end or stop < place + 4:
            raise NotCleanedError
        if marker == 0xDA:
            stop = _end_of_scan(data, stop)
        yield marker, data[place:stop]
        place = stop


def _end_of_scan(data: bytes, place: int) -> int:
    while True:
        place = data.find(b"\xff", place)
        if place < 0 or place + 1 >= len(data):
            raise NotCleanedError
        following = data[place + 1]
        if following not in (0x00, 0xFF) and following not in _STANDALONE:
            return place
        place += 1 if following == 0xFF else 2


def _orientation(tiff: bytes) -> int | None:
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return None
    try:
        start = struct.unpack(f"{order}I", tiff[4:8])[0]
        count = struct.unpack(f"{order}H", tiff[start : start + 2])[0]
        for n in range(min(count, 100)):
            entry = tiff[start + 2 + 12 * n : start + 14 + 12 * n]
            tag, kind, many, value = struct.unpack(f"{order}HHIH", entry[:10])
            if (tag, kind, many) == (0x0112, 3, 1):
                return int(value) if 1 <= value <= 8 else None
    except struct.error:
        return None
    return None


def _only_orientation(orientation: int) -> bytes:
    tiff = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def clean_png(data: bytes) -> bytes:
    """Return the picture without texts, Exif and times, and anything after its end."""
    kept, place = [data[:8]], 8
    for _ in range(_PARTS_MOST):
        if place + 12 > len(data):
            raise NotCleanedError
        length = int.from_bytes(data[place : place + 4], "big")
        kind, stop = data[place + 4 : place + 8], place + 12 + length
        if stop > len(data):
            raise NotCleanedError
        if kind in _PNG_KEPT:
            kept.append(data[place:stop])
        elif not kind[0] & 0x20:  # a part that must be understood, and is not
            raise NotCleanedError
        if kind == b"IEND":
            return b"".join(kept)
        place = stop
    raise FoundError("too_complex")


def clean_webp(data: bytes) -> bytes:
    """Return the picture without Exif, XMP and parts unknown, and anything after its end."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise NotCleanedError
    kept, place = [b"WEBP"], 12
    for _ in range(_PARTS_MOST):
        if place >= end:
            body = b"".join(kept)
            return b"RIFF" + struct.pack("<I", len(body)) + body
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        kind, stop = data[place : place + 4], place + 8 + length + length % 2
        if place + 8 > end or stop > end:
            raise NotCleanedError
        if kind == b"VP8X" and length:
            flags = data[place + 8] & ~_WEBP_TELLS
            kept.append(data[place : place + 8] + bytes([flags]) + data[place + 9 : stop])
        elif kind in _WEBP_KEPT:
            kept.append(data[place:stop])
        place = stop
    raise FoundError("too_complex")
