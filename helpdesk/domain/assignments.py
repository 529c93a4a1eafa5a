"""What was routed to a team, from sent to its end (GL-12, GL-17)."""

from enum import StrEnum

from service_request.domain.lifecycle import Lifecycle


class AssignmentState(StrEnum):
    """Where an assignment stands."""

    SENT = "sent"
    ACCEPTED = "accepted"
    DONE = "done"
    LAPSED = "lapsed"
    HANDED_BACK = "handed_back"
    WITHDRAWN = "withdrawn"


class AssignmentAct(StrEnum):
    """What can be done to an assignment."""

    ACKNOWLEDGE = "acknowledge"
    FINISH = "finish"
    LAPSE = "lapse"
    HAND_BACK = "hand_back"
    WITHDRAW = "withdraw"


class HandBackReason(StrEnum):
    """Why a team gave an assignment back."""

    NOT_OUR_AREA = "not_our_area"
    NOT_OUR_WORK = "not_our_work"
    ALREADY_WORKING = "already_working"
    NO_CAPACITY = "no_capacity"
    OTHER = "other"


ASSIGNMENT_LABELS: dict[AssignmentState, str] = {
    AssignmentState.SENT: "Not acknowledged",
    AssignmentState.ACCEPTED: "Taken on",
    AssignmentState.DONE: "Done",
    AssignmentState.LAPSED: "Lapsed",
    AssignmentState.HANDED_BACK: "Handed back",
    AssignmentState.WITHDRAWN: "Withdrawn",
}
HAND_BACK_LABELS: dict[HandBackReason, str] = {
    HandBackReason.NOT_OUR_AREA: "Not in our area",
    HandBackReason.NOT_OUR_WORK: "Not work for our team",
    HandBackReason.ALREADY_WORKING: "We already work with this family",
    HandBackReason.NO_CAPACITY: "No capacity before it is needed",
    HandBackReason.OTHER: "Something else",
}

WITH_TEAM = frozenset({AssignmentState.SENT, AssignmentState.ACCEPTED})
WITH_DESK = frozenset({AssignmentState.LAPSED, AssignmentState.HANDED_BACK})  # the desk must route it, or withdraw it
ENDED = frozenset({AssignmentState.DONE, AssignmentState.WITHDRAWN})

# A late acknowledgement is still taken: better a team that has it than a desk that thinks nobody does.
ASSIGNMENT_LIFECYCLE: Lifecycle[AssignmentState, AssignmentAct] = Lifecycle(
    {
        (AssignmentState.SENT, AssignmentAct.ACKNOWLEDGE): AssignmentState.ACCEPTED,
        (AssignmentState.SENT, AssignmentAct.LAPSE): AssignmentState.LAPSED,
        (AssignmentState.SENT, AssignmentAct.HAND_BACK): AssignmentState.HANDED_BACK,
        (AssignmentState.SENT, AssignmentAct.WITHDRAW): AssignmentState.WITHDRAWN,
        (AssignmentState.ACCEPTED, AssignmentAct.FINISH): AssignmentState.DONE,
        (AssignmentState.ACCEPTED, AssignmentAct.HAND_BACK): AssignmentState.HANDED_BACK,
        (AssignmentState.ACCEPTED, AssignmentAct.WITHDRAW): AssignmentState.WITHDRAWN,
        (AssignmentState.LAPSED, AssignmentAct.ACKNOWLEDGE): AssignmentState.ACCEPTED,
        (AssignmentState.LAPSED, AssignmentAct.HAND_BACK): AssignmentState.HANDED_BACK,
        (AssignmentState.LAPSED, AssignmentAct.WITHDRAW): AssignmentState.WITHDRAWN,
        (AssignmentState.HANDED_BACK, AssignmentAct.WITHDRAW): AssignmentState.WITHDRAWN,
    }
)
