from datetime import UTC, datetime
from pathlib import Path

import pytest

from infrastructure.files import NotTypesetError, Typesetter, file_size

FONTS = Path(__file__).parents[3] / "templates" / "pdf" / "fonts"
WHEN = datetime(2026, 11, 17, 15, 2, tzinfo=UTC)


@pytest.fixture
def typesetter(tmp_path: Path) -> Typesetter:
    (tmp_path / "fonts").symlink_to(FONTS)
    (tmp_path / "page.typ").write_text(
        '#let form = json(bytes(sys.inputs.form))\n#set document(title: "A page")\n'
        '#set text(font: "Liberation Sans", lang: "en")\n= Title\n#form.words\n'
        "#context [#metadata(counter(page).final().first()) <pages>]\n"
    )
    return Typesetter(tmp_path)


def test_a_page_is_made_the_same_each_time(typesetter: Typesetter) -> None:
    first, again = (typesetter.typeset("page.typ", {"words": "Hello"}, made_at=WHEN) for _ in range(2))
    assert first.pdf.startswith(b"%PDF-1.7")
    assert first.pages == 1
    assert first == again


def test_a_page_is_made_at_any_moment_of_a_second(typesetter: Typesetter) -> None:
    made = typesetter.typeset("page.typ", {"words": "Hello"}, made_at=WHEN.replace(microsecond=123_456))
    assert made.pdf.startswith(b"%PDF-1.7")


def test_an_error_says_nothing_of_the_text(typesetter: Typesetter) -> None:
    with pytest.raises(NotTypesetError) as refused:
        typesetter.typeset("page.typ", {"words": "Marked-name \ue000"}, made_at=WHEN)
    assert str(refused.value) == "page.typ"
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_a_template_that_is_not_there_makes_nothing(typesetter: Typesetter) -> None:
    with pytest.raises(NotTypesetError):
        typesetter.typeset("other.typ", {}, made_at=WHEN)


def test_blank_lines_part_paragraphs_and_line_ends_stay(typesetter: Typesetter) -> None:
    assert typesetter.words("one\ntwo\r\n \r\nمحمد\n\n\n") == [
        {"rtl": False, "lines": ["one", "two"]},
        {"rtl": True, "lines": ["محمد"]},
    ]
    assert typesetter.words(" \n") == []
    assert typesetter.line("one\n two ") == "one two"


@pytest.mark.parametrize(("size", "words"), [(1, "1 KB"), (148_400, "148 KB"), (1_240_000, "1.2 MB")])
def test_a_size_is_said_in_words(size: int, words: str) -> None:
    assert file_size(size) == words
