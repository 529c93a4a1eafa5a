"""Safe, but not always: the condition is kept where an adviser sees it, and a doubt is no yes (EV-2)."""

from __future__ import annotations

import pytest

from service_request.conversation.state import Flag, SafeHere
from service_request.pathways.social_care.script_public import PUBLIC
from tests.talking import talk

STORY = "school won't let my son in, dont know what to do"


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("yes but only in the day", "only in the day"),
        ("yes but not after 6", "not after 6"),
        ("Yes, but please only text, dont ring", "please only text, dont ring"),
        ("yeah as long as its before 5pm", "as long as its before 5pm"),
        ("only in the day", "only in the day"),
        ("1 but not at weekends", "not at weekends"),
    ],
)
def test_a_yes_with_a_condition_is_safe_and_the_condition_is_kept_for_the_adviser(said, kept):
    talked = talk(STORY, said)
    assert talked.dialogue.safe is SafeHere.YES and Flag.SAFE in talked.flags
    assert talked.answer("reach") == kept
    assert talked.understood[-1].startswith("safe to write here: yes; best time and way: given")
    assert talk("the kids next door are left out all night", said, script=PUBLIC).answer("best_time") == kept


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize(
    "said",
    ["yes but he might see it", "yes but my husband checks it", "yes but she reads my phone after 6", "yeah only if he doesnt see"],
)  # fmt: skip
def test_a_yes_beside_which_somebody_reads_is_asked_again(said):
    talked = talk(STORY, said)
    assert talked.dialogue.safe is SafeHere.UNSET
    assert "is it safe to text you here?" in talked.replies[1]


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize("said", ["yes", "yes its fine", "yes pls its about my son"])
def test_a_plain_yes_has_no_condition(said):
    assert talk(STORY, said).answer("reach") is None
