"""The words about the product are true of the product: settings, commands, links."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from flask import Flask
from pydantic import SecretStr

from infrastructure.settings import Settings, SettingsRefusedError

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
OPERATING = (ROOT / "docs" / "operating.md").read_text()
ROW = re.compile(r"^\| `FRONTDOOR_(\w+)`( \*)? \| (?:`([^`]*)`)? ?\| (.+) \|$", re.MULTILINE)
PICTURES = "docs/pictures/"  # of the running product; a clone without them is still a product


def test_every_setting_is_explained_with_its_default_and_no_other() -> None:
    said = {name.lower(): default for name, _, default, _ in ROW.findall(OPERATING)}
    assert set(said) == set(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        assert said[name] == str(getattr(value, "value", value)), name


def test_what_must_be_set_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"FRONTDOOR_{name.upper()}", raising=False)
    with pytest.raises(SettingsRefusedError) as refused:
        Settings()
    missing = {found[1] for fault in refused.value.faults if (found := re.match(r"FRONTDOOR_(\w+)", fault))}
    assert {name for name, must, _, _ in ROW.findall(OPERATING) if must} == missing


def test_every_command_named_exists(app: Flask) -> None:
    named = set(re.findall(r"flask (?:--app app )?(worker|trail verify|people \w+|authority \w+|files \w+)", OPERATING))
    assert {
        "worker",
        "trail verify",
        "people add",
        "people reset",
        "people end",
        "authority load",
        "files check",
    } <= named
    for words in named:
        command: click.Command | None = app.cli
        for word in words.split():
            assert isinstance(command, click.Group)
            command = command.commands.get(word)
        assert command is not None, words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
        if target.startswith("http") or (target.startswith(PICTURES) and not (ROOT / PICTURES).exists()):
            continue
        assert (page.parent / target).exists(), target


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"`(?:\w+=\w+ )?make (\w+)`", page.read_text())}
    assert {"run", "test", "lint", "bench", "pages"} <= named
    assert named <= targets


def test_every_file_that_the_pages_name_exists() -> None:
    inside = ("", "service_request/", "service_request/services/", "helpdesk/services/", "docs/")
    for page in PAGES:
        for name in re.findall(r"`((?:[\w.]+/)+[\w*]+\.(?:py|txt|toml|html|md))`", page.read_text()):
            assert any(list(ROOT.glob(folder + name)) for folder in inside), f"{page.name}: {name}"


def test_nothing_says_where_it_was_made() -> None:
    for page in PAGES:
        assert re.findall(r"/(?:work|home|root|tmp)/\w+", page.read_text()) == []
