"""HEIC photos: Exif and XMP are overwritten with zeros where they stand, so that all places in the file stay right."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from infrastructure.inspection.verdicts import NotCleanedError

BOXES = 10_000


def clean_heic(data: bytes) -> bytes:
    """Return the photo with what the camera wrote about it blanked, or raise NotCleanedError."""
    out = bytearray(data)
    try:
        for kind, start, stop in _boxes(data, 0, len(data)):
            if kind == b"uuid":  # XMP, and whatever else a camera puts beside the picture
                out[start:stop] = bytes(stop - start)
            elif kind == b"meta":
                for begin, length in _told_places(data, start + 4, stop):
                    out[begin : begin + length] = bytes(length)
            elif kind not in (b"ftyp", b"mdat", b"free", b"skip"):
                raise NotCleanedError  # a film or something newer
    except (struct.error, IndexError, ValueError):
        raise NotCleanedError from None
    return bytes(out)


def _boxes(data: bytes, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the kind and the content's bounds of each box."""
    for _ in range(BOXES):
        if start >= stop:
            return
        size, kind = struct.unpack(">I4s", data[start : start + 8])
        head = 8
        if size == 1:
            size, head = struct.unpack(">Q", data[start + 8 : start + 16])[0], 16
        end = stop if size == 0 else start + size
        if end > stop or end < start + head:
            raise NotCleanedError
        yield kind, start + head, end
        start = end
    raise NotCleanedError


def _told_places(data: bytes, start: int, stop: int) -> list[tuple[int, int]]:
    """Return where the items stand that tell of the picture."""
    inside = {kind: (begin, end) for kind, begin, end in _boxes(data, start, stop)}
    if b"iinf" not in inside or b"iloc" not in inside:
        raise NotCleanedError
    items = _telling_items(data, *inside[b"iinf"])
    places = _places(data, *inside[b"iloc"], inside.get(b"idat", (0, 0)))
    if not items <= places.keys():
        raise NotCleanedError
    found = [place for item in items for place in places[item]]
    if any(begin + length > len(data) for begin, length in found):
        raise NotCleanedError
    return found


def _telling_items(data: bytes, start: int, stop: int) -> set[int]:
    version = data[start]
    start += 6 if version == 0 else 8
    items = set()
    for kind, begin, _ in _boxes(data, start, stop):
        if kind != b"infe":
            continue
        entry = data[begin]
        if entry < 2:
            raise NotCleanedError
        wide = 4 if entry > 2 else 2
        item = int.from_bytes(data[begin + 4 : begin + 4 + wide], "big")
        if data[begin + 6 + wide : begin + 10 + wide] in (b"Exif", b"mime", b"uri "):
            items.add(item)
    return items


def _places(data: bytes, start: int, stop: int, store: tuple[int, int]) -> dict[int, list[tuple[int, int]]]:
    version, sizes = data[start], struct.unpack(">H", data[start + 4 : start + 6])[0]
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version in (1, 2) else 0
    reader = _Numbers(data, start + 6, stop)
    found: dict[int, list[tuple[int, int]]] = {}
    for _ in range(reader.take(4 if version == 2 else 2)):
        item = reader.take(4 if version == 2 else 2)
        way = reader.take(2) & 15 if version in (1, 2) else 0
        if reader.take(2) or way > 1:  # in another file, or made of other items
            raise NotCleanedError
        base = reader.take(base_size) + (store[0] if way == 1 else 0)
        places = []
        for _ in range(reader.take(2)):
            reader.take(index_size)
            offset = reader.take(offset_size)
            places.append((base + offset, reader.take(length_size)))
        found[item] = places
    return found


class _Numbers:
    def __init__(self, data: bytes, place: int, stop: int) -> None:
        self.data, self.place, self.stop = data, place, stop

    def take(self, size: int) -> int:
        if self.place + size > self.stop:
            raise NotCleanedError
        self.place += size
        return int.from_bytes(self.data[self.place - size : self.place], "big")
