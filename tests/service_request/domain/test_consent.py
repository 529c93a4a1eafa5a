"""Told, and agrees: the gate at the form, the gate at acceptance, the gate of the routes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_request.domain.consent import (
    Agrees,
    ContradictoryConsentError,
    FamilyNotToldError,
    NamesInPrincipleError,
    NoNamesError,
    NotToldOnRecordError,
    OverrideIncompleteError,
    PublicKind,
    RiskReasonMissingError,
    Told,
    ToldNotSaidError,
    WhoAgrees,
    check_agreement_fits,
    check_may_accept,
    check_may_send,
    check_override,
    may_route_early_help,
    told_for_public,
)

told = st.sampled_from(Told)
BLANKS = ["", "   ", "\n\t", "\u200b", "\u00a0", "-", "…"]


@pytest.mark.rule("GL-5")
def test_a_request_goes_when_the_family_is_told():
    check_may_send(Told.YES, named=True)


@pytest.mark.rule("GL-5")
@given(reason=st.text(), extra=st.frozensets(st.sampled_from([*Told, "serious_harm"])), named=st.booleans())
def test_not_yet_stops_the_form_whatever_else_is_said(reason, extra, named):
    with pytest.raises(FamilyNotToldError):
        check_may_send("not_yet", reason, extra, named=named)


@pytest.mark.rule("GL-5")
@pytest.mark.parametrize("reason", BLANKS)
def test_risk_without_a_reason_stops_the_form(reason):
    with pytest.raises(RiskReasonMissingError):
        check_may_send(Told.RISK, reason)


@pytest.mark.rule("GL-5")
def test_risk_with_a_reason_goes():
    check_may_send(Told.RISK, "Her partner reads the letters from school", named=True)


@pytest.mark.rule("GL-5")
@pytest.mark.rule("GL-6")
def test_a_discussion_without_names_goes_only_without_names():
    check_may_send(Told.IN_PRINCIPLE)
    with pytest.raises(NamesInPrincipleError):
        check_may_send(Told.IN_PRINCIPLE, named=True)


@pytest.mark.rule("GL-5")
@pytest.mark.parametrize("blank", [None, *BLANKS])
def test_a_blank_answer_is_never_taken_for_a_yes(blank):
    with pytest.raises(ToldNotSaidError):
        check_may_send(blank)


@pytest.mark.rule("GL-5")
@given(st.text())
def test_a_crafted_answer_does_not_open_the_gate(answer):
    if answer in {"yes", "in_principle"}:
        return
    with pytest.raises(FamilyNotToldError):
        check_may_send(answer, "a reason" if answer != "risk" else "")


@pytest.mark.rule("GL-5")
@pytest.mark.parametrize("inner", [Told.NOT_ESTABLISHED, Told.OVERRIDE, Told.NOT_YET])
def test_what_only_we_record_cannot_be_posted_nor_be_made_an_exception(inner):
    with pytest.raises(FamilyNotToldError):
        check_may_send(inner, "a reason", frozenset({inner.value}))


@pytest.mark.rule("GL-5")
def test_an_authority_may_add_an_exception_by_settings():
    check_may_send("investigation", extra_exceptions=frozenset({"investigation"}), named=True)
    with pytest.raises(FamilyNotToldError):
        check_may_send("investigation")


@pytest.mark.rule("GL-5")
def test_the_refusal_names_the_duty_line_and_says_that_the_draft_is_kept():
    assert "duty line" in FamilyNotToldError.sentence
    assert "draft is kept" in FamilyNotToldError.sentence


@pytest.mark.rule("GL-4")
@pytest.mark.parametrize("agrees", [Agrees.YES, Agrees.NO])
@pytest.mark.parametrize("told", [Told.NOT_YET, Told.RISK, Told.IN_PRINCIPLE])
def test_a_parent_who_was_not_told_cannot_have_been_asked(told, agrees):
    with pytest.raises(ContradictoryConsentError):
        check_agreement_fits(told, agrees, WhoAgrees.PARENT)
    check_agreement_fits(told, agrees, WhoAgrees.YOUNG_PERSON)
    check_agreement_fits(told, Agrees.NOT_ASKED, None)


@pytest.mark.rule("GL-7")
@given(told)
def test_a_referral_needs_yes_or_risk_on_record_or_an_override(told):
    may = told in {Told.YES, Told.RISK, Told.OVERRIDE}
    if may:
        check_may_accept(told, has_override=False, in_principle=False, anonymous=False)
    else:
        with pytest.raises(NotToldOnRecordError):
            check_may_accept(told, has_override=False, in_principle=False, anonymous=False)


@pytest.mark.rule("GL-7")
@given(st.none() | told | st.text())
def test_the_override_is_always_open_to_the_manager(told):
    check_may_accept(told, has_override=True, in_principle=False, anonymous=False)


@pytest.mark.rule("GL-6")
@given(told, st.booleans())
def test_a_child_without_a_name_can_only_be_a_contact(told, has_override):
    for in_principle, anonymous in ((True, False), (False, True), (True, True)):
        with pytest.raises(NoNamesError):
            check_may_accept(told, has_override=has_override, in_principle=in_principle, anonymous=anonymous)


@pytest.mark.rule("GL-7")
@pytest.mark.parametrize("blank", BLANKS)
def test_an_override_says_on_what_basis_and_why(blank):
    for basis, reason in ((blank, "At risk tonight"), ("vital_interests", blank)):
        with pytest.raises(OverrideIncompleteError):
            check_override(basis, reason)
    check_override("vital_interests", "At risk tonight")


@pytest.mark.rule("GL-12")
@pytest.mark.parametrize("agrees", [None, *Agrees])
def test_early_help_needs_agreement_or_the_managers_override(agrees):
    assert may_route_early_help(agrees, has_override=False) == (agrees == Agrees.YES)
    assert may_route_early_help(agrees, has_override=True)


@pytest.mark.rule("GL-16")
def test_a_family_asking_for_itself_knows_and_of_anyone_else_it_is_not_established():
    assert told_for_public(PublicKind.FAMILY) is Told.YES
    assert told_for_public(PublicKind.YOUNG_PERSON) is Told.YES
    assert told_for_public(PublicKind.SOMEONE_ELSE) is Told.NOT_ESTABLISHED
    assert told_for_public("forged") is Told.NOT_ESTABLISHED
