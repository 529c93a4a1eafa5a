"""The one table of who sees which part of a request."""

from __future__ import annotations

from typing import Any

import pytest

from service_request.services.sight.viewing import SEES, STEPS, Part, Viewer, within

pytestmark = pytest.mark.rule("EV-5")


def test_every_kind_of_viewer_has_its_parts_and_those_who_only_run_things_have_none() -> None:
    assert set(SEES) == set(Viewer)
    assert SEES[Viewer.COMMISSIONER] == SEES[Viewer.ADMINISTRATOR] == SEES[Viewer.MEMBER] == frozenset()


def test_answers_are_cut_to_the_parts_and_a_call_goes_with_the_names_in_it() -> None:
    answers: Any = {"child.1.who": {}, "concerns": {}, "risks": {}, "you": {}, "call": {}, "background": {}}
    assert set(within(answers, frozenset({Part.STORY}))) == {"concerns"}
    assert set(within(answers, frozenset({Part.RISKS, Part.HISTORY}))) == {"risks", "background"}
    every = frozenset({Part.STORY, Part.IDENTITY, Part.REFERRER})
    assert set(within(answers, every)) == {"concerns", "child.1.who", "you", "call"}


def test_every_step_of_the_form_belongs_to_one_part() -> None:
    steps = [step for found in STEPS.values() for step in found]
    assert len(steps) == len(set(steps))
