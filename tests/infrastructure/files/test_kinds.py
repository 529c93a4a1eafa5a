"""What is taken: by its name and by its content, both; of a file that is two things at once, only what its name says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.files.kinds import (
    EXTENSIONS,
    HEAD_BYTES,
    OF_A_FORM,
    SENT_EXTENSIONS,
    Kind,
    begins_as,
    is_plain,
    kind_by_mime,
    kind_by_name,
    kind_of_sent,
)
from tests import made_files
from tests.made_files import CARD, EXE, GOOD, HTML, PDF, SENT, SVG, TEXT


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_is_what_its_name_says_and_nothing_else(name: str) -> None:
    kind = kind_by_name(name)
    assert kind is not None
    assert begins_as(kind, GOOD[name][:HEAD_BYTES])
    others = [other for other in OF_A_FORM if other is not kind and begins_as(other, GOOD[name][:HEAD_BYTES])]
    packages = {Kind.DOCX, Kind.XLSX}  # told apart by the worker, who may look inside
    assert set(others) <= (packages if kind in packages else set())


@pytest.mark.threat("T17")
@pytest.mark.parametrize(
    "name",
    "a.exe a.docm a.xlsm a.doc a.xls a.rtf a.svg a.html a.htm a.zip a.js a.pdf.exe a.php a.txt.lnk a .pdf. a.p\u202edf".split(
        " "
    ),
)
def test_what_is_not_on_the_list_is_not_taken(name: str) -> None:
    assert kind_by_name(name) is None


@pytest.mark.threat("U3")
@pytest.mark.threat("T17")
@pytest.mark.parametrize("content", [EXE, HTML, SVG, b"GIF89a", b"#!/bin/sh\n", b"\x7fELF", b"", b"{\\rtf1}"], ids=repr)
@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.OTHER])
def test_another_thing_under_a_name_that_is_taken_is_refused(kind: Kind, content: bytes) -> None:
    letters = kind is Kind.TEXT and content in (b"", b"GIF89a")  # letters are letters: it is handed out as text
    if not letters and not (kind is Kind.GIF and content == b"GIF89a"):
        assert not begins_as(kind, content)


@pytest.mark.threat("U3")
@pytest.mark.threat("T17")
def test_a_polyglot_is_refused_where_its_name_is_not_what_it_begins_as() -> None:
    assert not begins_as(Kind.PDF, EXE + PDF)
    assert not begins_as(Kind.PDF, b"\n" * 10 + PDF)
    assert not begins_as(Kind.JPEG, HTML + made_files.jpeg())
    assert not begins_as(Kind.PNG, made_files.jpeg())
    assert not begins_as(Kind.DOCX, made_files.package({"evil.exe": EXE, "[Content_Types].xml": b""}))
    assert not begins_as(Kind.ODT, made_files.package({"mimetype": b"application/zip"}, stored=("mimetype",)))
    assert not begins_as(Kind.TEXT, b"\xef\xbb\xbf \n\t<sCrIpT>")
    assert not begins_as(Kind.TEXT, "\ufeff<html>".encode("utf-16-le"))
    assert not begins_as(Kind.HEIC, b"\0\0\0\x18ftypmp42" + bytes(20))


@given(st.sampled_from(OF_A_FORM), st.binary(max_size=400))
def test_no_content_makes_the_look_fail_and_chance_makes_none_of_the_list_but_text(kind: Kind, content: bytes) -> None:
    taken = begins_as(kind, content)
    if kind is Kind.TEXT:
        assert not taken or content.startswith((b"\xff\xfe", b"\xfe\xff")) or is_plain(content)
    elif taken:  # hypothesis knows no magic numbers: it would have to draw four right bytes
        assert content[:4] in (b"%PDF", b"\xff\xd8\xff", b"\x89PNG", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), max_size=300))
def test_whatever_people_type_is_text_unless_it_begins_like_a_page(words: str) -> None:
    content = words.encode()
    assert is_plain(content)
    if not words.lstrip("\ufeff \t\r\n").startswith(("<", "%PDF-", "{\\rtf", "MZ", "#!", "PK")):
        assert begins_as(Kind.TEXT, content) or not words.isascii()


def test_every_extension_leads_to_a_kind_and_the_browser_is_offered_the_same() -> None:
    assert set(EXTENSIONS.values()) == set(OF_A_FORM)
    assert set(SENT_EXTENSIONS.values()) == set(Kind)
    assert begins_as(Kind.TEXT, TEXT)


@pytest.mark.rule("EV-1")
@pytest.mark.parametrize("name", SENT)
def test_what_a_messenger_sends_is_what_its_type_says_and_no_form_takes_it(name: str) -> None:
    content_type, content = SENT[name]
    kind = kind_by_mime(content_type)
    assert kind_of_sent(name) is kind is not Kind.OTHER
    assert begins_as(kind, content)
    assert kind_by_name(name) is None
    films = {Kind.MP4, Kind.M4A, Kind.THREE_GP}  # one box of many brands, which phones name as they like
    others = {other for other in Kind if other is not kind and begins_as(other, content)} - {Kind.OTHER, Kind.TEXT}
    assert others <= (films if kind in films else set())


@pytest.mark.threat("T17")
def test_what_is_of_no_kind_we_know_is_kept_and_only_kept() -> None:
    for name in ("a.exe", "a.docm", "a.svg", "a", "a.pdf.scr"):
        assert kind_of_sent(name) is Kind.OTHER
    assert kind_by_mime("application/x-msdownload") is kind_by_mime("") is Kind.OTHER
    assert begins_as(Kind.OTHER, EXE) and not begins_as(Kind.OTHER, b"")
    assert not begins_as(Kind.CARD, HTML + CARD)
