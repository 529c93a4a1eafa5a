"""Write into docs/rules.md, beside each rule, the tests that prove it: `python -m scripts.rules_page`."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "rules.md"
SECTION = re.compile(r"^## ([A-Z]{2}-\d+) ", re.MULTILINE)
LIST = re.compile(r"<!-- proof ([A-Z]{2}-\d+) -->\n.*?<!-- end -->", re.DOTALL)


def list_proofs(tests: Path) -> dict[str, list[str]]:
    """Return, for each rule id, the tests marked with it as `path::name`, in order; the marks are read, not run."""
    proofs: dict[str, list[str]] = {}
    for path in sorted(tests.rglob("test_*.py")):
        place = path.relative_to(tests.parent).as_posix()
        for rule, name in _marks(ast.parse(path.read_text())):
            proofs.setdefault(rule, []).append(f"{place}::{name}")
    return {rule: sorted(set(names)) for rule, names in proofs.items()}


def _marks(module: ast.Module) -> Iterator[tuple[str, str]]:
    shared = _declared(module.body)
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            common = shared | _rules(node.decorator_list) | _declared(node.body)
            yield from _of_tests(node.body, common, f"{node.name}::")
        else:
            yield from _of_tests([node], shared, "")


def _of_tests(body: list[ast.stmt], common: set[str], prefix: str) -> Iterator[tuple[str, str]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            for rule in common | _rules(node.decorator_list):
                yield rule, prefix + node.name


def _declared(body: list[ast.stmt]) -> set[str]:
    """Return the rules of `pytestmark = ...` in a module or a class."""
    marked = [
        node.value
        for node in body
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets)
    ]
    return _rules(marked)


def _rules(marks: list[ast.expr]) -> set[str]:
    return {
        argument.value
        for mark in marks
        for call in ast.walk(mark)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "rule"
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def list_sections(page: str) -> list[str]:
    """Return the ids of the rules that the page has a section for, in its order."""
    return SECTION.findall(page)


def rewrite(page: str, proofs: dict[str, list[str]]) -> str:
    """Return the page with every list made anew from the marks."""

    def listed(found: re.Match[str]) -> str:
        lines = [f"- `{name}`" for name in proofs.get(found[1], [])] or ["- no test yet"]
        return "\n".join([f"<!-- proof {found[1]} -->", *lines, "<!-- end -->"])

    return LIST.sub(listed, page)


def main() -> None:
    """Write the page; exit 1 when a test names a rule that the page does not explain."""
    proofs, page = list_proofs(ROOT / "tests"), PAGE.read_text()
    PAGE.write_text(rewrite(page, proofs))
    if unknown := sorted(set(proofs) - set(list_sections(page))):
        sys.exit(f"docs/rules.md has no section for: {', '.join(unknown)}")


if __name__ == "__main__":
    main()
