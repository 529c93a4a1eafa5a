"""What `make mutants` takes out still stands in the product, and each rule that it names has tests to miss it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from scripts.mutants import take_out
from scripts.rules_page import ROOT, list_proofs
from scripts.rules_removed import REMOVED, Removed

TITLES = [f"{removed.rule}: {removed.promise}" for removed in REMOVED]


@pytest.mark.parametrize("removed", REMOVED, ids=TITLES)
def test_each_rule_that_is_taken_out_stands_where_it_is_said_to(removed: Removed, tmp_path: Path) -> None:
    place = tmp_path / removed.place
    place.parent.mkdir(parents=True)
    place.write_text((ROOT / removed.place).read_text())
    assert take_out(tmp_path, removed) != place.read_text()
    ast.parse(place.read_text())  # a module that cannot be read would fail every test, and prove nothing


def test_twenty_rules_are_taken_out_and_each_has_tests_of_its_own() -> None:
    proofs = list_proofs(ROOT / "tests")
    rules = {removed.rule for removed in REMOVED}
    assert len(rules) >= 20
    assert {f"GL-{n}" for n in (1, *range(3, 15), 16, 17)} | {"EV-2", "EV-3", "EV-4", "EV-7"} <= rules
    assert all(proofs.get(rule) for rule in rules)


def test_a_rule_whose_words_are_gone_is_said_and_nothing_is_changed(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text("one = 1\n")
    with pytest.raises(ValueError, match="0 times"):
        take_out(tmp_path, Removed("GL-1", "a promise", "rules.py", "two = 2", "two = 3"))
    assert (tmp_path / "rules.py").read_text() == "one = 1\n"
