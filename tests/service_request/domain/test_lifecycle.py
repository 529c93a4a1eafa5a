"""The engine, and the tables that run on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.domain.assignments import (
    ASSIGNMENT_LABELS,
    ASSIGNMENT_LIFECYCLE,
    ENDED,
    HAND_BACK_LABELS,
    WITH_DESK,
    WITH_TEAM,
    AssignmentAct,
    AssignmentState,
    HandBackReason,
)
from service_request.domain.lifecycle import TransitionRefusedError
from service_request.domain.states import RequestState
from service_request.pathways.social_care.rules import (
    LIFECYCLE,
    STATE_LABELS,
    UNDECIDED,
    RequestAct,
)

S, A = RequestState, RequestAct
states, acts = st.sampled_from(sorted(STATE_LABELS)), st.sampled_from(RequestAct)

# Written out again from the data model, by hand, so that a change of the table is a change of two places.
REQUEST_WAYS = {
    S.RECEIVED: {A.START: S.IN_TRIAGE},
    S.IN_TRIAGE: {A.ASK: S.AWAITING_INFORMATION, A.PASS: S.AWAITING_DECISION},
    S.AWAITING_INFORMATION: {A.ANSWER: S.IN_TRIAGE, A.GIVE_UP: S.IN_TRIAGE, A.PASS: S.AWAITING_DECISION},
    S.AWAITING_DECISION: {A.RETURN: S.IN_TRIAGE, A.DECIDE: S.AWAITING_DECISION, A.DECIDE_LAST: S.DECIDED},
    S.DECIDED: {A.SUPERSEDE: S.DECIDED, A.CLOSE: S.CLOSED},
    S.CLOSED: {A.SUPERSEDE: S.DECIDED, A.SEND_ON: S.DECIDED},
    S.SET_ASIDE: {},
    S.FOLDED: {},
}
ANY_OPEN = {A.SET_ASIDE: S.SET_ASIDE, A.FOLD: S.FOLDED, A.WITHDRAW: S.CLOSED, A.HAND_OVER: S.RECEIVED}


@given(states, acts)
def test_a_request_moves_only_along_the_table(state, act):
    expected = (REQUEST_WAYS[state] | (ANY_OPEN if state in UNDECIDED else {})).get(act)
    if expected is None:
        with pytest.raises(TransitionRefusedError) as refusal:
            LIFECYCLE.next_state(state, act)
        assert (refusal.value.state, refusal.value.act) == (state, act)
    else:
        assert LIFECYCLE.next_state(state, act) is expected


@given(states, acts, st.none() | states)
def test_what_can_be_done_is_what_is_listed(state, act, before):
    try:
        LIFECYCLE.next_state(state, act, before=before)
    except TransitionRefusedError:
        return
    assert act in LIFECYCLE.acts_from(state)


@pytest.mark.rule("GL-8")
@pytest.mark.parametrize("before", UNDECIDED)
def test_setting_aside_is_undone_to_where_the_request_was(before):
    aside = LIFECYCLE.next_state(before, A.SET_ASIDE)
    assert LIFECYCLE.next_state(aside, A.RESTORE, before=before) is before


@pytest.mark.rule("EV-7")
@pytest.mark.parametrize("before", UNDECIDED)
def test_a_folded_request_comes_back_to_where_it_was(before):
    folded = LIFECYCLE.next_state(before, A.FOLD)
    assert LIFECYCLE.next_state(folded, A.UNFOLD, before=before) is before


@pytest.mark.parametrize("before", [None, S.DECIDED, S.CLOSED, S.SET_ASIDE, S.FOLDED])
def test_nothing_is_restored_to_a_state_it_cannot_have_come_from(before):
    with pytest.raises(TransitionRefusedError):
        LIFECYCLE.next_state(S.SET_ASIDE, A.RESTORE, before=before)


@given(st.lists(acts, max_size=30))
def test_no_path_closes_a_request_without_a_decision_or_a_withdrawal(path):
    state, before, done = S.RECEIVED, None, set()
    for act in path:
        try:
            after = LIFECYCLE.next_state(state, act, before=before)
        except TransitionRefusedError:
            continue
        before, state = state, after
        done.add(act)
    if state is S.CLOSED:
        assert done & {A.DECIDE_LAST, A.WITHDRAW}
    if state is S.DECIDED:
        assert done & {A.DECIDE_LAST, A.SUPERSEDE, A.SEND_ON}  # sent on is only what a standing line decided


def test_the_table_cannot_be_changed_at_run_time():
    with pytest.raises(TypeError):
        LIFECYCLE.table[S.RECEIVED, A.CLOSE] = S.CLOSED


def test_a_refusal_says_where_the_request_stands():
    with pytest.raises(TransitionRefusedError) as refusal:
        LIFECYCLE.next_state(S.CLOSED, A.GIVE_UP)
    assert "“closed”" in refusal.value.sentence
    assert "“give up”" in refusal.value.sentence


def test_every_state_and_reason_has_words_for_people():
    ways = LIFECYCLE.table.items()
    assert set(STATE_LABELS) == {state for (state, _), _ in ways} | {state for _, state in ways}
    assert set(ASSIGNMENT_LABELS) == set(AssignmentState)
    assert set(HAND_BACK_LABELS) == set(HandBackReason)


@pytest.mark.rule("GL-17")
def test_an_assignment_not_acknowledged_lapses_to_the_desk_and_may_still_be_taken_on_late():
    lapsed = ASSIGNMENT_LIFECYCLE.next_state(AssignmentState.SENT, AssignmentAct.LAPSE)
    assert lapsed in WITH_DESK
    assert ASSIGNMENT_LIFECYCLE.next_state(lapsed, AssignmentAct.ACKNOWLEDGE) is AssignmentState.ACCEPTED


@pytest.mark.parametrize("state", [AssignmentState.ACCEPTED, AssignmentState.DONE])
def test_an_acknowledged_assignment_never_lapses(state):
    with pytest.raises(TransitionRefusedError):
        ASSIGNMENT_LIFECYCLE.next_state(state, AssignmentAct.LAPSE)


@given(st.sampled_from(AssignmentState), st.sampled_from(AssignmentAct))
def test_an_assignment_that_ended_stays_ended(state, act):
    if state in ENDED:
        with pytest.raises(TransitionRefusedError):
            ASSIGNMENT_LIFECYCLE.next_state(state, act)
    else:
        assert ASSIGNMENT_LIFECYCLE.next_state(state, AssignmentAct.WITHDRAW) is AssignmentState.WITHDRAWN


def test_every_assignment_is_with_the_team_with_the_desk_or_ended():
    assert WITH_TEAM | WITH_DESK | ENDED == set(AssignmentState)
    assert not (WITH_TEAM & WITH_DESK or WITH_TEAM & ENDED or WITH_DESK & ENDED)
