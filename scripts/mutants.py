"""Take each rule out of a copy of the product, one at a time, and see that its own tests say so.

`python -m scripts.mutants [RULE ...]` exits 1 when a rule can be taken out and every test that is marked with it still
passes. A kill counts only where the same test passes in the copy as it is, so that nothing else can have failed it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.rules_page import ROOT, list_proofs
from scripts.rules_removed import REMOVED, Removed

LEFT_BEHIND = shutil.ignore_patterns(
    ".venv", ".git", "instance", ".hypothesis", ".mypy_cache", ".ruff_cache", ".pytest_cache", "test-results"
)
QUIET = ["-x", "-q", "-n0", "-p", "no:cacheprovider", "-p", "no:randomly", "-m", "not browser", "-k", "not postgresql"]
LONGEST = 900  # seconds for the tests of one rule
SLOW = ("tests/faults", "tests/lifecycle", "tests/demonstration")
NOTHING_RAN = 5  # pytest's word for it
FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - |$)", re.MULTILINE)  # its values may hold spaces


@dataclass(frozen=True)
class Verdict:
    """What became of one removal: the test that noticed it, or why nobody can say that one did."""

    removed: Removed
    noticed_by: str | None
    seconds: float
    said: str = ""


def take_out(root: Path, removed: Removed) -> str:
    """Take a rule out of the copy; return the text as it was. Raise ValueError where its words stand there no more."""
    place = root / removed.place
    text = place.read_text()
    if text.count(removed.words) != 1:
        raise ValueError(f"{removed.rule}: {removed.place} has these words {text.count(removed.words)} times")
    place.write_text(text.replace(removed.words, removed.instead))
    return text


def order(tests: list[str], removed: Removed, root: Path) -> tuple[list[str], list[str]]:
    """Return the likeliest tests, those that name the module that was changed, and then all others, the quick first."""
    module = removed.place.removesuffix(".py").replace("/", ".")
    parent, _, name = module.rpartition(".")

    def knows(test: str) -> bool:
        text = (root / test.partition("::")[0]).read_text()
        return module in text or re.search(rf"from {re.escape(parent)} import [^\n]*\b{name}\b", text) is not None

    near = [test for test in tests if not test.startswith(SLOW) and knows(test)]
    return near, sorted(set(tests) - set(near), key=lambda test: (test.startswith(SLOW), test))


def run(root: Path, tests: list[str]) -> tuple[int, str]:
    """Run tests in a folder, up to the first that fails."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "EFFORT": "quick"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *QUIET, *tests],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    return done.returncode, done.stdout + done.stderr


def judge(root: Path, removed: Removed, tests: list[str]) -> Verdict:
    """Take the rule out, run its tests, put it back, and see that the one that failed does not fail by itself."""
    began = time.monotonic()
    place = root / removed.place
    times = place.stat()
    text = take_out(root, removed)
    code, said = 0, "it has no tests"
    try:
        for some in order(tests, removed, root):
            if some and code in (0, NOTHING_RAN):
                code, said = run(root, some)
    finally:
        place.write_text(text)
        os.utime(place, ns=(times.st_atime_ns, times.st_mtime_ns))
    found = FAILED.search(said)
    noticed_by = found[1] if code == 1 and found else None
    if noticed_by is not None and run(root, [noticed_by])[0] != 0:
        noticed_by, said = None, f"{noticed_by} fails with the rule in its place as well"
    return Verdict(removed, noticed_by, time.monotonic() - began, said)


def judge_all(wanted: set[str]) -> Iterator[Verdict]:
    """Judge every removal, or those of the rules that are named, in a copy that is gone afterwards."""
    proofs = list_proofs(ROOT / "tests")
    with tempfile.TemporaryDirectory(prefix="front-door-mutants-") as folder:
        root = Path(folder) / "copy"
        shutil.copytree(ROOT, root, ignore=LEFT_BEHIND, symlinks=True)
        for removed in REMOVED:
            if not wanted or removed.rule in wanted:
                yield judge(root, removed, proofs.get(removed.rule, []))


def main(arguments: list[str]) -> int:
    """Say of each rule which test noticed that it was gone; return 1 where one was not missed."""
    survivors = 0
    for verdict in judge_all(set(arguments)):
        removed = verdict.removed
        if verdict.noticed_by is None:
            survivors += 1
            print(f"NOT MISSED {removed.rule} ({removed.place}): {removed.promise}\n{verdict.said[-1500:]}", flush=True)
        else:
            print(f"{removed.rule:6} {verdict.seconds:5.0f} s  {removed.promise}: {verdict.noticed_by}", flush=True)
    print(f"{survivors} not missed" if survivors else "every rule is missed by a test of its own")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
