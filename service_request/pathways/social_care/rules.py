"""What a multi-agency request may become: states, acts, and what a manager can decide (GL-8 to GL-12, GL-14)."""

from dataclasses import dataclass
from enum import StrEnum

from service_request.domain.errors import DomainError
from service_request.domain.lifecycle import Lifecycle
from service_request.domain.states import RequestState


class RequestAct(StrEnum):
    """What can be done to a request."""

    START = "start"
    ASK = "ask"
    ANSWER = "answer"
    GIVE_UP = "give_up"
    PASS = "pass"
    RETURN = "return"
    DECIDE = "decide"
    DECIDE_LAST = "decide_last"
    SUPERSEDE = "supersede"
    CLOSE = "close"
    SET_ASIDE = "set_aside"
    RESTORE = "restore"
    FOLD = "fold"
    UNFOLD = "unfold"
    WITHDRAW = "withdraw"
    SEND_ON = "send_on"  # the family says yes after the end: what was decided is done (GL-12)
    HAND_OVER = "hand_over"  # to SENDIASS, where it begins again (SE-5)


STATE_LABELS: dict[RequestState, str] = {
    RequestState.RECEIVED: "Received",
    RequestState.IN_TRIAGE: "In triage",
    RequestState.AWAITING_INFORMATION: "Waiting for referrer",
    RequestState.AWAITING_DECISION: "Waiting for decision",
    RequestState.DECIDED: "Decided",
    RequestState.CLOSED: "Closed",
    RequestState.SET_ASIDE: "Set aside",
    RequestState.FOLDED: "Folded",
}

# Open until decided: what can still be folded, set aside or withdrawn. A decided request has an outcome to send.
UNDECIDED = (
    RequestState.RECEIVED,
    RequestState.IN_TRIAGE,
    RequestState.AWAITING_INFORMATION,
    RequestState.AWAITING_DECISION,
)
OPEN = frozenset({*UNDECIDED, RequestState.DECIDED})

LIFECYCLE: Lifecycle[RequestState, RequestAct] = Lifecycle(
    {
        (RequestState.RECEIVED, RequestAct.START): RequestState.IN_TRIAGE,
        (RequestState.IN_TRIAGE, RequestAct.ASK): RequestState.AWAITING_INFORMATION,
        (RequestState.IN_TRIAGE, RequestAct.PASS): RequestState.AWAITING_DECISION,
        (RequestState.AWAITING_INFORMATION, RequestAct.ANSWER): RequestState.IN_TRIAGE,
        (RequestState.AWAITING_INFORMATION, RequestAct.GIVE_UP): RequestState.IN_TRIAGE,
        (RequestState.AWAITING_INFORMATION, RequestAct.PASS): RequestState.AWAITING_DECISION,
        (RequestState.AWAITING_DECISION, RequestAct.RETURN): RequestState.IN_TRIAGE,
        (RequestState.AWAITING_DECISION, RequestAct.DECIDE): RequestState.AWAITING_DECISION,
        (RequestState.AWAITING_DECISION, RequestAct.DECIDE_LAST): RequestState.DECIDED,
        (RequestState.DECIDED, RequestAct.SUPERSEDE): RequestState.DECIDED,
        (RequestState.CLOSED, RequestAct.SUPERSEDE): RequestState.DECIDED,
        (RequestState.CLOSED, RequestAct.SEND_ON): RequestState.DECIDED,
        (RequestState.DECIDED, RequestAct.CLOSE): RequestState.CLOSED,
        **{(state, RequestAct.SET_ASIDE): RequestState.SET_ASIDE for state in UNDECIDED},
        **{(state, RequestAct.FOLD): RequestState.FOLDED for state in UNDECIDED},
        **{(state, RequestAct.WITHDRAW): RequestState.CLOSED for state in UNDECIDED},
        **{(state, RequestAct.HAND_OVER): RequestState.RECEIVED for state in UNDECIDED},
    },
    back=frozenset({(RequestState.SET_ASIDE, RequestAct.RESTORE), (RequestState.FOLDED, RequestAct.UNFOLD)}),
)


class SetAsideReason(StrEnum):
    """Why the desk set something aside, to be counted (GL-8)."""

    JUNK = "junk"
    WRONG_NUMBER = "wrong_number"
    MACHINE = "machine"
    TEST = "test"


SET_ASIDE_LABELS: dict[SetAsideReason, str] = {
    SetAsideReason.JUNK: "Junk or advertising",
    SetAsideReason.WRONG_NUMBER: "Wrong number or meant for someone else",
    SetAsideReason.MACHINE: "Sent by a machine",
    SetAsideReason.TEST: "A test",
}


class Standing(StrEnum):
    """What a subject is after the decision."""

    CONTACT = "contact"
    REFERRAL = "referral"


class ReferralAction(StrEnum):
    """What an accepted subject gets (GL-10)."""

    INITIAL_ASSESSMENT = "initial_assessment"
    PROVIDE_INFORMATION = "provide_information"
    OTHER = "other"
    NONE = "none"


class ContactReason(StrEnum):
    """Why a subject stays a contact (GL-11)."""

    ANONYMOUS = "anonymous"
    SIGNPOST = "signpost"
    OPEN_CASE = "open_case"
    INFORMATION = "information"
    CRITERIA = "criteria"


STANDING_LABELS: dict[Standing, str] = {
    Standing.CONTACT: "Kept as a contact",
    Standing.REFERRAL: "Accepted as a referral",
}
ACTION_LABELS: dict[ReferralAction, str] = {
    ReferralAction.INITIAL_ASSESSMENT: "initial assessment",
    ReferralAction.PROVIDE_INFORMATION: "provide information",
    ReferralAction.OTHER: "other actions",
    ReferralAction.NONE: "no further action",
}
REASON_LABELS: dict[ContactReason, str] = {
    ContactReason.ANONYMOUS: "child stays anonymous",
    ContactReason.SIGNPOST: "signpost elsewhere",
    ContactReason.OPEN_CASE: "case already open",
    ContactReason.INFORMATION: "asks for information",
    ContactReason.CRITERIA: "criteria not met",
}


class LineIncompleteError(DomainError):
    """Refuse a line that is not one of the nine."""

    sentence = "Select a decision for each child"


@dataclass(frozen=True)
class LineChoice:
    """What a manager decides for one subject: a referral with an action, or a contact with a reason."""

    standing: Standing
    action: ReferralAction | None = None
    contact_reason: ContactReason | None = None

    def __post_init__(self) -> None:
        is_referral = self.standing is Standing.REFERRAL
        if is_referral != (self.action is not None) or is_referral == (self.contact_reason is not None):
            raise LineIncompleteError

    @property
    def code(self) -> str:
        """Return the value of this choice in a form: `referral-initial_assessment`, `contact-criteria`."""
        return f"{self.standing.value}-{(self.action or self.contact_reason or self.standing).value}"

    @property
    def label(self) -> str:
        """Return the choice in full, as it is read alone: "Referral: initial assessment"."""
        if self.action is not None:
            return f"Referral: {ACTION_LABELS[self.action]}"
        return f"Contact: {REASON_LABELS[self.contact_reason]}" if self.contact_reason is not None else ""

    @property
    def needs_destination(self) -> bool:
        """Tell whether somebody must be given this to do (GL-10, GL-12): a locality team needs agreement as well."""
        if self.action is not None:
            return self.action is not ReferralAction.NONE
        return self.contact_reason is ContactReason.CRITERIA

    @property
    def closes_at_once(self) -> bool:
        """Tell whether the referral that this makes ends with the decision."""
        return self.action is ReferralAction.NONE


LINE_CHOICES: tuple[LineChoice, ...] = (
    *(LineChoice(Standing.REFERRAL, action=action) for action in ReferralAction),
    *(LineChoice(Standing.CONTACT, contact_reason=reason) for reason in ContactReason),
)
_BY_CODE = {choice.code: choice for choice in LINE_CHOICES}


def line_choice(code: str) -> LineChoice:
    """Return the choice of this code, or raise LineIncompleteError."""
    try:
        return _BY_CODE[code]
    except KeyError:
        raise LineIncompleteError from None


class OutcomeOwedError(DomainError):
    """Refuse to close what somebody must still be told (GL-14)."""

    sentence = "The referrer has not been sent the outcome. Send it, or record why nobody can be told."


class WorkOpenError(DomainError):
    """Refuse to close what a team still has in hand."""

    sentence = (
        "A team still has this in hand, or gave it back and no other has it yet: see “With whom”. It can close when "
        "each part of the work has ended."
    )


def check_may_close(*, outcomes_owed: int, work_open: int) -> None:
    """Refuse to close while an outcome is owed or a referral or assignment is open (GL-14)."""
    if outcomes_owed:
        raise OutcomeOwedError
    if work_open:
        raise WorkOpenError
