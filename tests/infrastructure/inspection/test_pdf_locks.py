"""A PDF that is locked against changes opens for everybody; one with a password opens for nobody here."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfWriter

from infrastructure.inspection.__main__ import inspect
from infrastructure.inspection.pdf_locks import opens_without_password


def locked(algorithm: str, password: str) -> bytes:
    """Return a page locked by another program's hand."""
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt(user_password=password, owner_password="of the school", algorithm=algorithm)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.threat("U4")
@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256-R5"])
def test_a_lock_against_changes_is_told_from_a_password(algorithm: str) -> None:
    assert inspect("pdf", locked(algorithm, "")).why == ""
    assert inspect("pdf", locked(algorithm, "secret")).why == "password"


@pytest.mark.threat("U4")
def test_a_lock_that_we_cannot_try_counts_as_a_password() -> None:
    assert inspect("pdf", locked("AES-256", "")).why == "password"
    assert inspect("pdf", locked("AES-256", "secret")).why == "password"


@pytest.mark.threat("T18")
@given(st.integers(0, 3000), st.binary(max_size=8))
def test_no_damage_to_the_lock_is_a_fault_of_ours(place: int, dirt: bytes) -> None:
    whole = locked("RC4-128", "secret")
    at = place % len(whole)
    assert opens_without_password(whole[:at] + dirt + whole[at + len(dirt) :]) is False
