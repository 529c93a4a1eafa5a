"""What an enquiry may become (data-model.md, SE): states, acts, and why one is closed or set aside."""

from enum import StrEnum

from service_request.domain.lifecycle import Lifecycle
from service_request.domain.states import RequestState


class EnquiryAct(StrEnum):
    """What can be done to an enquiry."""

    TAKE = "take"
    SIGNPOST = "signpost"  # not eligible, out of area, or a professional who is told how the family reaches us
    REACH = "reach"  # a person of ours reached them: ends the 5-day clock
    ASK = "ask"
    HEAR = "hear"  # they wrote again
    RISE = "rise"
    FINISH = "finish"  # with the outcome in their own words
    CLOSE = "close"  # with a coded reason
    SET_ASIDE = "set_aside"
    RESTORE = "restore"
    REOPEN = "reopen"
    FOLD = "fold_enquiry"  # the same person asks twice: into the other one, undoably
    UNFOLD = "unfold_enquiry"


STATE_LABELS: dict[RequestState, str] = {
    RequestState.RECEIVED: "Received",
    RequestState.OPEN: "Open",
    RequestState.AWAITING_PERSON: "Waiting for them",
    RequestState.SIGNPOSTED: "Signposted",
    RequestState.CLOSED: "Closed",
    RequestState.SET_ASIDE: "Set aside",
    RequestState.FOLDED: "Folded",
}
LIVE = (RequestState.RECEIVED, RequestState.OPEN, RequestState.AWAITING_PERSON)
TAKES_MESSAGES = (*LIVE, RequestState.SIGNPOSTED)  # what is said next belongs to it; after that a new, linked enquiry

LIFECYCLE: Lifecycle[RequestState, EnquiryAct] = Lifecycle(
    {
        (RequestState.RECEIVED, EnquiryAct.TAKE): RequestState.OPEN,
        (RequestState.OPEN, EnquiryAct.TAKE): RequestState.OPEN,
        (RequestState.AWAITING_PERSON, EnquiryAct.TAKE): RequestState.AWAITING_PERSON,
        **{(state, EnquiryAct.REACH): RequestState.OPEN for state in LIVE},
        (RequestState.OPEN, EnquiryAct.ASK): RequestState.AWAITING_PERSON,
        (RequestState.AWAITING_PERSON, EnquiryAct.ASK): RequestState.AWAITING_PERSON,
        (RequestState.AWAITING_PERSON, EnquiryAct.HEAR): RequestState.OPEN,
        (RequestState.RECEIVED, EnquiryAct.HEAR): RequestState.RECEIVED,
        (RequestState.OPEN, EnquiryAct.HEAR): RequestState.OPEN,
        (RequestState.SIGNPOSTED, EnquiryAct.HEAR): RequestState.SIGNPOSTED,
        (RequestState.OPEN, EnquiryAct.RISE): RequestState.OPEN,
        (RequestState.AWAITING_PERSON, EnquiryAct.RISE): RequestState.AWAITING_PERSON,
        (RequestState.OPEN, EnquiryAct.FINISH): RequestState.CLOSED,
        (RequestState.AWAITING_PERSON, EnquiryAct.FINISH): RequestState.CLOSED,
        **{(state, EnquiryAct.SIGNPOST): RequestState.SIGNPOSTED for state in LIVE},
        **{(state, EnquiryAct.CLOSE): RequestState.CLOSED for state in (*LIVE, RequestState.SIGNPOSTED)},
        **{(state, EnquiryAct.SET_ASIDE): RequestState.SET_ASIDE for state in LIVE},
        **{(state, EnquiryAct.FOLD): RequestState.FOLDED for state in LIVE},
        (RequestState.CLOSED, EnquiryAct.REOPEN): RequestState.OPEN,
    },
    back=frozenset({(RequestState.SET_ASIDE, EnquiryAct.RESTORE), (RequestState.FOLDED, EnquiryAct.UNFOLD)}),
)


class CloseReason(StrEnum):
    """Why an enquiry ends without its outcome (SE-3), to be counted."""

    OPTED_OUT = "opted_out"
    NO_CONTACT_POINT = "no_contact_point"
    NOT_REACHED = "not_reached"  # three attempts on different days
    SIGNPOSTED = "signposted"


CLOSE_LABELS: dict[CloseReason, str] = {
    CloseReason.OPTED_OUT: "They asked us to stop",
    CloseReason.NO_CONTACT_POINT: "They left no way to reach them",
    CloseReason.NOT_REACHED: "Not reached in three attempts on different days",
    CloseReason.SIGNPOSTED: "Signposted, and nothing more is owed",
}


class ReopenReason(StrEnum):
    """Why an enquiry that had ended goes on, to be counted: it is the same matter, with no promise of its own."""

    BY_MISTAKE = "by_mistake"
    SAME_MATTER = "same_matter"
    NOT_SEEN = "not_seen"


REOPEN_LABELS: dict[ReopenReason, str] = {
    ReopenReason.BY_MISTAKE: "It was closed by mistake",
    ReopenReason.SAME_MATTER: "They need more help with the same matter",
    ReopenReason.NOT_SEEN: "A message of theirs was not seen before it was closed",
}


class NotAnEnquiry(StrEnum):
    """Why a message is kept and set aside, and not counted as an enquiry (SE-1)."""

    PROFESSIONAL = "professional"
    WRONG_NUMBER = "wrong_number"
    JUNK = "junk"
    MACHINE = "machine"
    TEST = "test"


NOT_AN_ENQUIRY_LABELS: dict[NotAnEnquiry, str] = {
    NotAnEnquiry.PROFESSIONAL: "A professional asked for a family",
    NotAnEnquiry.WRONG_NUMBER: "Wrong number or meant for someone else",
    NotAnEnquiry.JUNK: "Junk or advertising",
    NotAnEnquiry.MACHINE: "Sent by a machine",
    NotAnEnquiry.TEST: "A test",
}
