"""Whatever is done to requests, in whatever order, with processes that die between: what must hold does hold."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.lifecycle.by_mail import ByMail
from tests.lifecycle.town import Ground
from tests.plugins.house import Mailbox, Postgresql, Sqlite

EXAMPLES, STEPS = (200, 100) if os.environ.get("EFFORT") == "full" else (5, 40)


@pytest.mark.storage
@pytest.mark.fault
@pytest.mark.rule("GL-7")
@pytest.mark.rule("GL-14")
@pytest.mark.rule("EV-1")
@pytest.mark.rule("EV-3")
@pytest.mark.rule("EV-7")
def test_whatever_is_done_in_whatever_order_every_invariant_holds(
    app: Flask, database: Sqlite | Postgresql, mailbox: Mailbox, tmp_path: Path
) -> None:
    ground = Ground(app, database, mailbox, tmp_path)

    class Machine(ByMail):
        pass

    Machine.ground = ground
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            phases=[Phase.generate],  # a long walk is read faster than it is shortened
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        ),
    )
    tried = f"done {dict(ground.done)}, refused {dict(ground.refused)}, killed in {dict(ground.killed)}"
    assert len([name for name, count in ground.done.items() if count]) > 12, tried  # refused everywhere proves nothing
    assert ground.killed.total() > 5, tried
