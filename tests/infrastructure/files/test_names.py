"""A name is shown as it is, and leads nobody astray."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.files.kinds import kind_by_name
from infrastructure.files.names import LONGEST, clean_name


@pytest.mark.threat("U6")
@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\Samina\\Desktop\\letter.pdf", "letter.pdf"),
        ("../../x", "x"),
        ("....", "file"),
        ("", "file"),
        ("letter\r\nBcc: x@y.example.pdf", "letter Bcc- x@y.example.pdf"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\x00b.pdf", "a b.pdf"),
        ("con.txt", "file-con.txt"),
        ("Größe der Anlage.pdf", "Größe der Anlage.pdf"),
        ("\u0631\u0633\u0627\u0644\u0629.pdf", "\u0631\u0633\u0627\u0644\u0629.pdf"),
        (".pdf", "file.pdf"),
        ("  spaces   here .docx ", "spaces here.docx"),
        ('a"b<c>.pdf', "a-b-c-.pdf"),
    ],
)
def test_a_name_is_cleaned(raw: str, shown: str) -> None:
    assert clean_name(raw) == shown.replace("-.pdf", ".pdf")


@pytest.mark.threat("U6")
def test_a_long_name_keeps_its_extension() -> None:
    name = clean_name("x" * 300 + ".docx")
    assert len(name) == LONGEST
    assert name.endswith(".docx")


@pytest.mark.threat("U6")
@given(st.text(max_size=400))
def test_no_name_has_a_path_a_control_or_a_direction_mark_nor_is_too_long_or_empty(raw: str) -> None:
    name = clean_name(raw)
    assert 0 < len(name) <= LONGEST
    assert not set(name) & set('/\\<>:"|?*%\r\n\0')
    assert not any(unicodedata.category(character).startswith("C") for character in name)
    assert not name.startswith((".", " "))
    assert not name.endswith((".", " "))
    assert clean_name(name) == name


@given(st.text(max_size=200), st.sampled_from(["exe", "svg", "docm", "html"]))
def test_cleaning_never_makes_a_kind_that_is_taken_of_one_that_is_not(stem: str, extension: str) -> None:
    assert kind_by_name(clean_name(f"{stem}.{extension}")) is None
