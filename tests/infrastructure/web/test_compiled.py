import sys
from pathlib import Path

import pytest
from flask import Flask, url_for
from jinja2 import DictLoader, Environment

from infrastructure.web import compiled
from infrastructure.web.compiled import KeptTemplates, Route


@pytest.fixture(autouse=True)
def bytecode_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)


def render(folder: Path, text: str) -> tuple[str, int]:
    """Render a template as a process would that has just started; say how many it had to compile."""
    counted: list[str] = []

    class Counting(Environment):
        def _generate(self, *args, **named):
            counted.append("one")
            return super()._generate(*args, **named)

    environment = Counting(loader=DictLoader({"a.html": text}), bytecode_cache=KeptTemplates(folder))
    return environment.get_template("a.html").render(), len(counted)


def test_a_template_is_compiled_by_the_first_process_and_read_by_the_next(tmp_path):
    assert render(tmp_path, "{{ 1 + 1 }}") == ("2", 1)
    assert render(tmp_path, "{{ 1 + 1 }}") == ("2", 0)
    assert [path.parent.name for path in tmp_path.rglob("*.cache")] == ["__pycache__"]


def test_a_template_that_changed_is_compiled_anew_and_so_is_each_by_another_release(tmp_path, monkeypatch):
    assert render(tmp_path, "{{ 1 + 1 }}") == ("2", 1)
    assert render(tmp_path, "{{ 1 + 2 }}") == ("3", 1)
    monkeypatch.setattr(compiled.jinja2, "__version__", "99")
    assert render(tmp_path, "{{ 1 + 2 }}") == ("3", 1)
    assert len(list(tmp_path.rglob("*.cache"))) == 1  # in its place: nothing piles up


def test_a_template_that_was_written_half_is_compiled_again(tmp_path):
    assert render(tmp_path, "{{ 1 + 1 }}") == ("2", 1)
    [kept] = tmp_path.rglob("*.cache")
    for size in (0, 20, 60, 200):
        kept.write_bytes(kept.read_bytes()[:size])
        assert render(tmp_path, "{{ 1 + 1 }}") == ("2", 1), size


def test_a_template_whose_bytes_were_spoilt_is_a_page_all_the_same(tmp_path):
    assert render(tmp_path, "{{ 1 + 1 }}") == ("2", 1)
    [kept] = tmp_path.rglob("*.cache")
    whole = kept.read_bytes()
    for place in range(len(whole) // 2):  # what says how to read the rest
        kept.write_bytes(whole[:place] + b"\xf3" + whole[place + 1 :][:40])
        assert render(tmp_path, "{{ 1 + 1 }}") == ("2", 1), place


def test_a_page_is_served_where_nothing_can_be_kept(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder can be made under this")
    assert render(tmp_path / "file", "{{ 1 + 1 }}") == ("2", 1)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert render(tmp_path / "kept", "{{ 1 + 1 }}") == ("2", 1)
    assert not (tmp_path / "kept").exists()


def test_an_address_is_written_as_werkzeug_writes_it():
    def addresses(rule_class: type) -> list[str]:
        app = Flask("addresses", static_folder=None)
        app.url_rule_class = rule_class
        app.add_url_rule("/", "home", str)
        app.add_url_rule("/of/<rule>/<int:number>", "of", str)
        app.add_url_rule("/of/<rule>/first", "of", str, defaults={"number": 1})
        with app.test_request_context("/"):
            return [
                url_for("home"),
                url_for("home", q="a b"),
                url_for("of", rule="é/x", number=7, _external=True),
                url_for("of", rule="x", number=1, more="1"),
            ] * 2

    assert addresses(Route) == addresses(Flask.url_rule_class)
