"""What a manager can decide for one child."""

import pytest

from service_request.pathways.social_care.rules import (
    LINE_CHOICES,
    SET_ASIDE_LABELS,
    STANDING_LABELS,
    ContactReason,
    LineChoice,
    LineIncompleteError,
    OutcomeOwedError,
    ReferralAction,
    SetAsideReason,
    Standing,
    WorkOpenError,
    check_may_close,
    line_choice,
)


@pytest.mark.rule("GL-10")
def test_a_referral_has_one_of_four_actions():
    labels = [c.label for c in LINE_CHOICES if c.standing is Standing.REFERRAL]
    assert labels == [
        "Referral: initial assessment",
        "Referral: provide information",
        "Referral: other actions",
        "Referral: no further action",
    ]


@pytest.mark.rule("GL-11")
def test_a_contact_has_one_of_five_reasons():
    labels = [c.label for c in LINE_CHOICES if c.standing is Standing.CONTACT]
    assert labels == [
        "Contact: child stays anonymous",
        "Contact: signpost elsewhere",
        "Contact: case already open",
        "Contact: asks for information",
        "Contact: criteria not met",
    ]


@pytest.mark.parametrize("choice", LINE_CHOICES, ids=lambda c: c.code)
def test_each_choice_is_found_again_by_its_code(choice):
    assert line_choice(choice.code) == choice


@pytest.mark.parametrize("code", ["", "referral", "contact", "referral-criteria", "contact-other", "closed"])
def test_a_forged_code_is_no_decision(code):
    with pytest.raises(LineIncompleteError):
        line_choice(code)


@pytest.mark.rule("GL-10")
@pytest.mark.rule("GL-11")
@pytest.mark.parametrize(
    ("standing", "action", "reason"),
    [
        (Standing.REFERRAL, None, None),
        (Standing.REFERRAL, None, ContactReason.CRITERIA),
        (Standing.REFERRAL, ReferralAction.OTHER, ContactReason.CRITERIA),
        (Standing.CONTACT, None, None),
        (Standing.CONTACT, ReferralAction.NONE, None),
        (Standing.CONTACT, ReferralAction.NONE, ContactReason.SIGNPOST),
    ],
)
def test_a_line_is_never_half_a_decision_nor_two(standing, action, reason):
    with pytest.raises(LineIncompleteError):
        LineChoice(standing, action, reason)


@pytest.mark.rule("GL-10")
@pytest.mark.rule("GL-11")
@pytest.mark.rule("GL-12")
def test_only_work_and_criteria_not_met_go_to_somebody():
    sent_on = {c.code for c in LINE_CHOICES if c.needs_destination}
    assert sent_on == {
        "referral-initial_assessment",
        "referral-provide_information",
        "referral-other",
        "contact-criteria",
    }
    assert [c.code for c in LINE_CHOICES if c.closes_at_once] == ["referral-none"]


@pytest.mark.rule("GL-14")
def test_a_request_does_not_close_while_the_outcome_is_owed_or_work_is_open():
    with pytest.raises(OutcomeOwedError):
        check_may_close(outcomes_owed=1, work_open=0)
    with pytest.raises(WorkOpenError):
        check_may_close(outcomes_owed=0, work_open=1)
    check_may_close(outcomes_owed=0, work_open=0)


def test_every_code_has_words_for_people():
    assert set(STANDING_LABELS) == set(Standing)
    assert set(SET_ASIDE_LABELS) == set(SetAsideReason)
