"""A photo that is handed out does not say where it was taken, and looks as it did."""

from __future__ import annotations

import pytest

from infrastructure.inspection.__main__ import inspect
from tests.made_files import EXE, PLACE, film, heic, jpeg, package, png, webp


@pytest.mark.threat("U7")
@pytest.mark.threat("T17")
@pytest.mark.parametrize(
    ("kind", "photo"),
    [("jpg", jpeg()), ("png", png()), ("heic", heic()), ("webp", webp())],
    ids=["jpg", "png", "heic", "webp"],
)
def test_where_a_photo_was_taken_is_taken_out(kind: str, photo: bytes) -> None:
    verdict = inspect(kind, photo)
    assert PLACE in photo
    assert verdict.why == ""
    assert verdict.copy is not None
    assert PLACE not in verdict.copy
    again = inspect(kind, verdict.copy)
    assert (again.why, again.copy) == ("", None), "what is clean stays as it is"


@pytest.mark.parametrize(
    ("kind", "photo"), [("jpg", jpeg(told=False)), ("png", png(told=False)), ("heic", heic(told=False)), ("webp", webp(told=False))],
    ids=["jpg", "png", "heic", "webp"],
)  # fmt: skip
def test_a_photo_that_tells_nothing_is_handed_out_as_it_is(kind: str, photo: bytes) -> None:
    verdict = inspect(kind, photo)
    assert (verdict.why, verdict.copy) == ("", None)


def test_the_pixels_stay_and_the_photo_stays_the_right_way_up() -> None:
    copy = inspect("jpg", jpeg(orientation=6)).copy
    assert copy is not None
    plain = jpeg(told=False)
    exif = copy[2 : 2 + 2 + int.from_bytes(copy[4:6], "big")]
    assert exif[4:10] == b"Exif\0\0"
    assert exif.count(b"\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00") == 1
    assert copy.replace(exif, b"", 1) == plain
    assert inspect("png", png()).copy == png(told=False)
    assert inspect("jpg", jpeg(orientation=1)).copy == plain


@pytest.mark.threat("T17")
@pytest.mark.parametrize(
    "hidden",
    [EXE, package({"evil.exe": EXE}), b"<script>alert(1)</script>", jpeg()],
    ids=["exe", "zip", "html", "photo"],
)
def test_what_hangs_on_after_the_end_of_a_picture_is_not_handed_out(hidden: bytes) -> None:
    assert inspect("jpg", jpeg(told=False, after=hidden)).copy == jpeg(told=False)
    assert inspect("png", png(told=False, after=hidden)).copy == png(told=False)
    assert inspect("webp", webp(told=False) + hidden).copy == webp(told=False)


@pytest.mark.parametrize(
    ("kind", "photo"),
    [("jpg", jpeg()[:-10]), ("png", png()[:-20]), ("heic", heic(strange=True)), ("heic", heic()[:60]), ("webp", webp()[:40]), ("jpg", b"\xff\xd8\xff\xe1\x00\x00")],
)  # fmt: skip
def test_a_picture_that_is_not_understood_is_told_so(kind: str, photo: bytes) -> None:
    assert inspect(kind, photo).why == "place_kept"


@pytest.mark.threat("U7")
@pytest.mark.parametrize("kind", ["mp4", "m4a", "3gp"])
def test_a_recording_that_may_say_where_it_was_made_is_marked(kind: str) -> None:
    assert inspect(kind, film()).why == "place_kept"
    assert inspect(kind, film(told=False)).why == ""
