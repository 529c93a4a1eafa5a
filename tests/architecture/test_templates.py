import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STATIC = sorted(path for path in (ROOT / "static").rglob("*") if path.is_file())
OTHER_ORIGIN = re.compile(r"(?:src|href|action|srcset|content)\s*=\s*[\"']?(?:https?:)?//", re.IGNORECASE)


class _Attributes(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.found += [(tag, name) for name, _ in attrs]


def parsed(path: Path) -> _Attributes:
    """Read a template's own tags; Jinja's parts are left out, but what they write in is kept."""
    reader = _Attributes()
    reader.feed(re.sub(r"\{#.*?#\}|\{%.*?%\}", " ", path.read_text(), flags=re.DOTALL))
    return reader


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
class TestATemplate:
    def test_has_no_style_attribute_and_no_inline_handler(self, path: Path) -> None:
        found = parsed(path).found
        assert [pair for pair in found if pair[1] == "style" or pair[1].startswith("on")] == []

    def test_has_no_inline_style_and_no_inline_script(self, path: Path) -> None:
        assert "style" not in parsed(path).tags
        assert re.findall(r"<script(?![^>]*\bsrc=)", path.read_text()) == []

    def test_loads_nothing_from_another_origin(self, path: Path) -> None:
        assert OTHER_ORIGIN.findall(path.read_text()) == []

    def test_leads_nowhere_by_a_dead_link(self, path: Path) -> None:
        assert re.findall(r"href=([\"'])(?:#|javascript:[^\"']*)?\1", path.read_text()) == []

    def test_does_not_take_a_block_name_of_gov_uk(self, path: Path) -> None:
        names = re.findall(r"\{%-?\s*block\s+(\w+)", path.read_text())
        assert "main" not in names
        assert path.name == "base.html" or "content" not in names


@pytest.mark.parametrize("path", STATIC, ids=lambda path: path.relative_to(ROOT / "static").as_posix())
def test_a_static_file_carries_nothing_that_is_not_ours_to_use_and_asks_nothing_of_elsewhere(path: Path) -> None:
    text = path.read_text()
    for mark in ("GDS Transport", "@font-face", "crest", "sourceMappingURL"):
        assert mark not in text, mark
    if path.suffix == ".css":
        assert [u for u in re.findall(r"url\(([^)]*)\)", text) if not u.strip("\"'").startswith("data:")] == []
        assert "@import" not in text


def test_the_vendored_files_are_those_that_the_script_makes() -> None:
    assert {path.name for path in (ROOT / "static" / "govuk" / "6.3.0").iterdir()} == {
        "LICENCE.txt",
        "govuk-frontend.min.css",
        "govuk-frontend.min.js",
    }


def test_the_brand_is_carried_by_nine_properties_and_by_nothing_else() -> None:
    css = (ROOT / "static" / "frontdoor.css").read_text()
    head, rest = css.split("}", 1)
    assert len(re.findall(r"--[\w-]+:", head)) == 9
    assert "#0f4c55" not in rest
    assert re.findall(r"\bwm-", css) == []


def test_forced_colours_and_print_are_provided_for() -> None:
    css = (ROOT / "static" / "frontdoor.css").read_text()
    assert "@media (forced-colors: active)" in css
    assert "@media print" in css
