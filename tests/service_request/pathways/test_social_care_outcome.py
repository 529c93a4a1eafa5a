"""What is said of a decision, and to whom (GL-10 to GL-14, GL-16)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service_request.domain.standing import ReferralKind
from service_request.pathways.social_care.outcome import (
    DecidedRow,
    Done,
    OutcomeWords,
    action_words,
    body_for_family,
    body_for_professional,
    body_for_public,
    headline,
    with_action,
    without_the_form,
)
from service_request.pathways.social_care.rules import LINE_CHOICES, LineChoice, line_choice

AT = datetime(2026, 11, 17, 14, 31, tzinfo=UTC)
ASSESS = "referral-initial_assessment"


def row(number: int = 1, code: str = ASSESS, kind: str = "referral", **changes: Any) -> DecidedRow:
    choice = line_choice(code)
    is_referral = choice.action is not None
    return DecidedRow(
        number, f"Callum Hartley {number}", choice, ReferralKind(kind) if is_referral else None, **changes
    )


def words(*rows: DecidedRow, **changes: Any) -> OutcomeWords:
    values: dict[str, Any] = {
        "rows": rows,
        "why": "Donna may need help.",
        "decided_at": AT,
        "decided_by": "Helen Prosser",
        "decided_by_title": "referral and assessment manager, Teasel Vale",
        "is_corrected": False,
        **changes,
    }
    return OutcomeWords(**values)


@pytest.mark.rule("GL-14")
@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((row(),), "Accepted as a referral"),
        ((row(kind="re_referral"),), "Accepted as a re-referral"),
        ((row(), row(2)), "Both children: accepted as referrals"),
        ((row(), row(2, kind="re_referral")), "Both children: accepted as referrals"),
        ((row(kind="re_referral"), row(2, kind="re_referral")), "Both children: accepted as re-referrals"),
        ((row(), row(2), row(3)), "All 3 children: accepted as referrals"),
        ((row(code="contact-criteria"),), "Kept as a contact"),
        ((row(code="contact-criteria"), row(2, "contact-signpost")), "Both children: kept as contacts"),
        ((row(), row(2, "contact-signpost")), "A different decision for each child"),
    ],
)
def test_the_decision_is_a_sentence(rows: tuple[DecidedRow, ...], said: str) -> None:
    assert headline(rows) == said


@pytest.mark.rule("GL-14")
def test_what_comes_next_is_said_once_where_it_is_the_same_for_all() -> None:
    assert body_for_professional(words(row(), row(2)))["lead"] == "An initial assessment will be done."
    assert body_for_professional(words(row(), row(2, "referral-other")))["lead"] == ""


@pytest.mark.parametrize("choice", LINE_CHOICES, ids=lambda choice: choice.code)
def test_every_choice_has_its_words_for_each_reader(choice: LineChoice) -> None:
    one = row(code=choice.code)
    assert action_words(one).endswith(".")
    (said,) = body_for_family(words(one))["next"]
    assert said.endswith((".", "!"))
    assert "please" not in (said + action_words(one)).lower()


@pytest.mark.rule("GL-12")
def test_what_is_asked_of_the_referrer_stands_with_the_child() -> None:
    said = action_words(row(code="contact-criteria", seek_agreement=True, carry_out_caf=True))
    assert "Ask the family whether they agree" in said
    assert "carry out a common assessment (CAF)" in said
    assert "locality team" in action_words(row(code="contact-criteria", with_locality=True))


@pytest.mark.rule("GL-16")
def test_a_family_is_told_what_comes_next_for_it_each_thing_once() -> None:
    body = body_for_family(words(row(), row(2), row(3, "contact-criteria", with_locality=True)))
    assert body["next"] == [
        "A social worker will speak with you about what help is needed.",
        "A local team will offer you early help. You can say yes or no.",
    ]
    assert "Callum" not in str(body)
    assert "Donna" not in str(body)


@pytest.mark.rule("GL-14")
def test_the_public_reads_nothing_that_tells_one_decision_from_another() -> None:
    bodies = [body_for_public(words(row(code=choice.code))) for choice in LINE_CHOICES]
    assert all(body == bodies[0] for body in bodies)


@pytest.mark.rule("GL-14")
def test_actions_stand_in_the_order_of_time_and_name_nobody_to_the_unproven() -> None:
    body = body_for_professional(words(row(), actions=(Done(AT, "Decided."),)))
    body = with_action(body, Done(AT + timedelta(hours=2), "Team: we rang Donna.", "Team finished its part."))
    body = with_action(body, Done(AT + timedelta(hours=1), "The team took it on."))
    assert [line[1] for line in body["actions"]] == ["Decided.", "The team took it on.", "Team: we rang Donna."]
    bare = without_the_form(body)
    assert [line[1] for line in bare["actions"]] == ["Decided.", "The team took it on.", "Team finished its part."]
    assert "Callum" not in str(bare)
    assert "Donna" not in str(bare)


@pytest.mark.rule("GL-14")
def test_the_unproven_do_not_learn_that_a_child_was_known_before() -> None:
    bare = without_the_form(body_for_professional(words(row(kind="re_referral"))))
    assert "re-referral" not in str(bare)
    assert "re_referral" not in str(bare)
