"""A name with the s of possession and no apostrophe, as people text it, is that name (EV-6)."""

from __future__ import annotations

import pytest

from service_request.domain.unspeakable import Part, Where, catch, terms_of

pytestmark = pytest.mark.rule("EV-6")
TERMS = terms_of([("Tadhg Corrigan", {}), ("Thi Le", {})])


@pytest.mark.parametrize("text", ["We wrote to Tadhgs school", "the Corrigans house", "Tadhg's school", "TADHGS plan"])
def test_a_name_is_caught_with_its_s(text: str) -> None:
    assert [one.words for one in catch([Part(Where.TEXT, text, "")], TERMS)] != []


@pytest.mark.parametrize("text", ["We wrote to this school", "The plans are theirs", "The s stands alone"])
def test_an_everyday_word_is_no_name_with_an_s(text: str) -> None:
    assert catch([Part(Where.TEXT, text, "")], TERMS) == []
