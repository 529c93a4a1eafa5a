"""docs/rules.md and docs/security.md say what the tests say: each rule and threat beside the tests that prove it."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from scripts.rules_page import BOOKS, ROOT, RULES, Book, list_proofs, list_sections, rewrite

TO_PROVE = (
    *(f"GL-{n}" for n in (1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 18)),
    *(f"EV-{n}" for n in (1, 2, 3, 6, 7, 9, 10)),
    "SE-5",
)
AGAIN = "write the lists anew: make pages"


@pytest.fixture(scope="module", params=BOOKS, ids=lambda book: book.mark)
def book(request: pytest.FixtureRequest) -> Book:
    found: Book = request.param
    return found


@pytest.fixture(scope="module")
def written(book: Book) -> str:
    return book.page.read_text()


@pytest.fixture(scope="module")
def proofs(book: Book) -> dict[str, list[str]]:
    return list_proofs(ROOT / "tests", book.mark)


def test_the_lists_are_those_of_the_marks(book: Book, written: str, proofs: dict[str, list[str]]) -> None:
    assert rewrite(written, proofs, book) == written, AGAIN


def test_every_section_has_one_list(book: Book, written: str) -> None:
    sections = list_sections(written, book)
    assert len(set(sections)) == len(sections)
    assert re.findall(r"<!-- proof (\S+) -->", written) == sections
    assert written.count("<!-- end -->") == len(sections)


def test_a_test_names_nothing_that_the_page_does_not_explain(
    book: Book, written: str, proofs: dict[str, list[str]]
) -> None:
    assert set(proofs) - set(list_sections(written, book)) == set()


@pytest.mark.parametrize("rule", TO_PROVE)
def test_a_rule_of_this_step_is_proved(rule: str) -> None:
    assert rule in list_sections(RULES.page.read_text())
    assert list_proofs(ROOT / "tests").get(rule), f"no test is marked with {rule}"


def test_no_section_is_without_a_test(written: str) -> None:
    assert "- no test yet" not in written


def test_every_file_that_the_page_names_exists(book: Book, written: str) -> None:
    words = re.sub(r"<!-- proof.*?<!-- end -->", "", written, flags=re.DOTALL)
    named = set(re.findall(r"`([a-z_]+/[\w/*.-]+)`", words))
    assert len(named) > (20 if book is RULES else 0)
    assert [name for name in sorted(named) if not _exists(name)] == []


def _exists(name: str) -> bool:
    inside = ("", "service_request/", "service_request/services/")
    return any(list(ROOT.glob(f"{folder}{name.rstrip('/')}")) for folder in inside)


def test_marks_are_found_wherever_a_test_carries_them(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_some.py").write_text(
        textwrap.dedent(
            """
            import pytest
            pytestmark = [pytest.mark.storage, pytest.mark.rule("GL-1")]
            @pytest.mark.rule("GL-5")
            @pytest.mark.rule("GL-6")
            def test_a(): ...
            class TestB:
                pytestmark = pytest.mark.rule("EV-3")
                @pytest.mark.parametrize("x", [1])
                def test_c(self): ...
                def helper(self): ...
            @pytest.mark.rule("EV-7")
            class TestD:
                async def test_e(self): ...
            """
        )
    )
    here = "tests/test_some.py"
    assert list_proofs(tmp_path / "tests") == {
        "GL-1": [f"{here}::TestB::test_c", f"{here}::TestD::test_e", f"{here}::test_a"],
        "GL-5": [f"{here}::test_a"],
        "GL-6": [f"{here}::test_a"],
        "EV-3": [f"{here}::TestB::test_c"],
        "EV-7": [f"{here}::TestD::test_e"],
    }
