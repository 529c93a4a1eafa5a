"""Write beside each rule (docs/rules.md) and each threat (docs/security.md) the tests that prove it."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Book:
    """A page whose sections are each proved by the tests that carry one kind of mark."""

    mark: str
    page: Path
    ids: str  # what an id looks like

    @property
    def sections(self) -> re.Pattern[str]:
        return re.compile(rf"^##+ ({self.ids}) ", re.MULTILINE)

    @property
    def lists(self) -> re.Pattern[str]:
        return re.compile(rf"<!-- proof ({self.ids}) -->\n.*?<!-- end -->", re.DOTALL)


RULES = Book("rule", ROOT / "docs" / "rules.md", r"[A-Z]{2}-\d+")
THREATS = Book("threat", ROOT / "docs" / "security.md", r"[TUFSEWA]\d+")
BOOKS = (RULES, THREATS)


@lru_cache
def _parsed(tests: Path) -> dict[str, ast.Module]:
    """Return each file of tests by its place, read once."""
    return {
        path.relative_to(tests.parent).as_posix(): ast.parse(path.read_text())
        for path in sorted(tests.rglob("test_*.py"))
    }


def list_proofs(tests: Path, mark: str = RULES.mark) -> dict[str, list[str]]:
    """Return, for each id, the tests marked with it as `path::name`, in order; the marks are read, not run."""
    proofs: dict[str, list[str]] = {}
    for place, module in _parsed(tests).items():
        for rule, name in _marks(module, mark):
            proofs.setdefault(rule, []).append(f"{place}::{name}")
    return {rule: sorted(set(names)) for rule, names in proofs.items()}


def _marks(module: ast.Module, mark: str) -> Iterator[tuple[str, str]]:
    shared = _declared(module.body, mark)
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            common = shared | _ids(node.decorator_list, mark) | _declared(node.body, mark)
            yield from _of_tests(node.body, common, f"{node.name}::", mark)
        else:
            yield from _of_tests([node], shared, "", mark)


def _of_tests(body: list[ast.stmt], common: set[str], prefix: str, mark: str) -> Iterator[tuple[str, str]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            for rule in common | _ids(node.decorator_list, mark):
                yield rule, prefix + node.name


def _declared(body: list[ast.stmt], mark: str) -> set[str]:
    """Return the ids of `pytestmark = ...` in a module or a class."""
    marked = [
        node.value
        for node in body
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets)
    ]
    return _ids(marked, mark)


def _ids(marks: list[ast.expr], kind: str) -> set[str]:
    return {
        argument.value
        for mark in marks
        for call in ast.walk(mark)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == kind
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def list_sections(page: str, book: Book = RULES) -> list[str]:
    """Return the ids that the page has a section for, in its order."""
    return book.sections.findall(page)


def rewrite(page: str, proofs: dict[str, list[str]], book: Book = RULES) -> str:
    """Return the page with every list made anew from the marks."""

    def listed(found: re.Match[str]) -> str:
        lines = [f"- `{name}`" for name in proofs.get(found[1], [])] or ["- no test yet"]
        return "\n".join([f"<!-- proof {found[1]} -->", *lines, "<!-- end -->"])

    return book.lists.sub(listed, page)


def main() -> None:
    """Write the pages; exit 1 when a test names what its page does not explain."""
    for book in BOOKS:
        proofs, page = list_proofs(ROOT / "tests", book.mark), book.page.read_text()
        book.page.write_text(rewrite(page, proofs, book))
        if unknown := sorted(set(proofs) - set(list_sections(page, book))):
            sys.exit(f"{book.page.relative_to(ROOT)} has no section for: {', '.join(unknown)}")


if __name__ == "__main__":
    main()
