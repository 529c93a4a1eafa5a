"""What a start costs: no look for garbage while everything is imported, and one as ever from then on."""

from __future__ import annotations

import gc
import subprocess
import sys

from tests.plugins.house import ROOT

COUNTED = """
import gc
before = gc.get_stats()[2]["collections"]
import app
print(gc.get_stats()[2]["collections"] - before, gc.isenabled(), gc.get_freeze_count() > 100_000)
"""


def test_garbage_is_not_looked_for_while_the_product_is_imported_and_is_afterwards() -> None:
    said = subprocess.run([sys.executable, "-c", COUNTED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["0", "True", "True"]
    assert gc.isenabled()
