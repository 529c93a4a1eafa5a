"""Why an act on an enquiry is refused, each with a sentence that says what to do (SE)."""

from service_request.domain.errors import DomainError


class LevelNotHigherError(DomainError):
    """Refuse a level that is not above the one reached: a level only rises (SE-4)."""

    sentence = "Select a level above the one it has: a level only rises"


class OutcomeMissingError(DomainError):
    """Refuse to leave a level without what came of it, in the words of the one who was helped (SE-4)."""

    sentence = "Enter what came of it so far, in their own words"


class NotReachedYetError(DomainError):
    """Refuse an outcome where nobody of ours has spoken with them (SE-3, SE-4)."""

    sentence = "Nobody has reached them yet. Log how you reached them first, or close it with a reason."


class AttemptsMissingError(DomainError):
    """Refuse to close as not reached before three attempts on different days (SE-3)."""

    def __init__(self, days: int, needed: int) -> None:
        tried = "on no day" if days == 0 else "on 1 day" if days == 1 else f"on {days} days"
        super().__init__(
            f"Attempts are logged {tried}. It takes {needed}, on different days, to close it as not reached."
        )


class ReachedError(DomainError):
    """Refuse to close as not reached what a person of ours has reached (SE-3)."""

    sentence = "They were reached, so it cannot be closed as not reached. Finish it with the outcome in their words."


class WayLeftError(DomainError):
    """Refuse to close for want of a way to reach them where there is one (SE-3)."""

    sentence = "They left a safe way to reach them. Use it, or select another reason."


class NotSignpostedError(DomainError):
    """Refuse to close as signposted what was not."""

    sentence = "Signpost them first: say where they can go"


class DeadlineUnknownError(DomainError):
    """Refuse a deadline for which no date was given and none can be worked out (SE-3)."""

    sentence = "Enter the date of the letter, or the date it sets"


class DeadlineEndedError(DomainError):
    """Refuse to change a deadline that has ended or was corrected meanwhile."""

    sentence = "That deadline has ended or was corrected meanwhile. Look at the dates on the enquiry."


class NothingChangedError(DomainError):
    """Refuse to save what is as it was."""

    sentence = "Nothing is different from what was there. Change an answer, or go back."


class NoHintError(DomainError):
    """Refuse to answer for two enquiries that share neither a number nor an address (EV-4)."""

    sentence = "These two share no number or address any more. Look at both again."


class NothingToSplitError(DomainError):
    """Refuse to split without the words that the new enquiry is about."""

    sentence = "Enter what the second enquiry is about"


class CannotWriteError(DomainError):
    """Refuse to write to somebody where no way is open, with what to do instead (EV-2)."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


class EnquiryOverError(DomainError):
    """Refuse to write about an enquiry that has ended."""

    sentence = "This enquiry has ended. If they write again, a new one begins that is linked to it."


class NotLiveError(DomainError):
    """Refuse to fold into what has ended: nobody would look at it any more (EV-1)."""

    sentence = "The other enquiry has ended. Open it again first, or leave this one as it is: it is linked to that one."


class FoldedAwayError(NotLiveError):
    """Refuse to fold into what is folded itself (EV-1)."""

    sentence = "The other enquiry is folded already. Unfold it first, or fold this one into the one that goes on."


class NotOnePersonError(DomainError):
    """Refuse to fold what two people may have asked: a reply to the one could reach the other (EV-2, EV-6)."""

    sentence = (
        "These two share no number or address, so a reply could reach somebody else. If one person asks by both, "
        "enter their number or address on both first. If they are two, answer each."
    )


class NotOneFamilyError(DomainError):
    """Refuse to fold what somebody said is of two families (EV-4)."""

    sentence = "Somebody said that these are not the same family. Take that back first, if it was wrong."


class SafeAtOneError(DomainError):
    """Refuse to fold where one of the two says that it is not safe to reach them, and the other does not (EV-2)."""

    sentence = (
        "One of the two says it is not safe to reach them there. Ask which way is safe and record it on both first."
    )


class FoldsOtherError(DomainError):
    """Refuse to fold or end what holds another enquiry: what was folded in would be lost from sight (EV-1)."""

    sentence = (
        "Another enquiry was folded into this one. Unfold that first, or fold the other one into this one instead."
    )


class FoldedEnquiryError(DomainError):
    """Refuse to put right what was folded: what is known stands on the enquiry that goes on (EV-2)."""

    sentence = "This was folded into another enquiry, which goes on. Record it there."


class FoldedEnquiriesError(DomainError):
    """Refuse to say that two enquiries are of two families while they are one by folding (EV-4)."""

    sentence = "These two enquiries are folded into one. Unfold them first."
