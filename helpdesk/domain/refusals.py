"""Why an act of the desk is refused, each with a sentence that says what to do."""

from service_request.domain.errors import DomainError


class WordsMissingError(DomainError):
    """Refuse an act without its words."""

    sentence = "Enter what happened"


class TooLongError(DomainError):
    """Refuse words that are longer than can be kept."""

    def __init__(self, most: int) -> None:
        super().__init__(f"Shorten this to {most:,} characters or fewer")


class HeldByAnotherError(DomainError):
    """Refuse to claim what somebody else holds."""

    sentence = "Somebody else holds this. Release it first if it should be yours."


class NotHeldError(DomainError):
    """Refuse to send or to cancel a message for which somebody has said already what becomes of it."""

    sentence = "Somebody has dealt with this message already: read on its request what became of it"


class DeskOnlyError(DomainError):
    """Refuse an act that belongs to the helpdesk."""

    sentence = "Only the helpdesk can do this"


class PartlyDecidedError(DomainError):
    """Refuse to set aside what holds a decision: a team may have a child of it, and an outcome is owed."""

    sentence = "A decision was made for one of the children, so this cannot be set aside"


class ReferrerNotProfessionalError(DomainError):
    """Refuse to confirm somebody who asks for themselves: nothing is returned to them."""

    sentence = "Only a professional is confirmed by phone: nobody else gets the form back"


class MayNotDecideError(DomainError):
    """Refuse a decision by anybody but the manager for the area (GL-8)."""

    sentence = "Only the referral and assessment manager for this area can decide this request"


class MatchesOpenError(DomainError):
    """Refuse a decision while a hint that a child was seen before is not answered (EV-4)."""

    sentence = "Answer each “seen before” hint first: same child, or not the same"


class MatchingOwedError(DomainError):
    """Refuse a decision while earlier children are still being looked for (EV-4)."""

    sentence = "We are still looking for earlier requests about these children. Save again in a few seconds."


class SubjectUnknownError(DomainError):
    """Refuse lines that do not fit the children of the request."""

    sentence = "Select one decision for each child of this request"


class DecisionIncompleteError(DomainError):
    """Refuse a record without the information, the analysis or the reason (GL-9)."""


class KindNotConfirmedError(DomainError):
    """Refuse a referral whose kind nobody confirmed (GL-13)."""

    def __init__(self, label: str) -> None:
        super().__init__(f"Select whether this is a referral or a re-referral for {label}")


class WhyReplacedMissingError(DomainError):
    """Refuse to replace a decision without saying why."""

    sentence = "Enter why this decision replaces the one before"


class ChildUndecidedError(DomainError):
    """Refuse to replace a decision while a child named since has none: the outcome tells of every child (GL-14)."""

    sentence = "Select a decision for each child: one was named after the decision was made"


class NothingToReplaceError(DomainError):
    """Refuse a reason for replacing where nothing was decided."""

    sentence = "Nothing has been decided for these children yet, so there is no decision to replace"


class TeamClosedError(DomainError):
    """Refuse to send work to a team that takes none (A1)."""

    def __init__(self, team: str, instead: str | None) -> None:
        nearest = f" The nearest team that is open is {instead}." if instead else ""
        super().__init__(f"{team} takes no work now. Select another team.{nearest}")


class NothingToSendError(DomainError):
    """Refuse to send on what needs no team, or what a team already has."""

    sentence = "A team already has this, or no team is needed for it"


class ClosedOnWrongError(DomainError):
    """Refuse a closing date outside the life of the referral (GL-13)."""

    sentence = "Enter the date it closed: not before it was accepted, and not after today"


class NoReferralError(DomainError):
    """Refuse to close a referral where there is none."""

    sentence = "This is not a referral, so there is none to close"


class AgreementWithdrawnError(DomainError):
    """Refuse to go on with early help that the family does not agree to (GL-4, GL-12)."""

    sentence = "The family does not agree to early help now. Hand this back."


class NotAgreedError(DomainError):
    """Refuse to pass on early help that the family did not agree to (GL-12)."""

    sentence = "Record first that the family agrees to early help"


class OutcomeToldError(DomainError):
    """Refuse to settle an outcome that is settled."""

    sentence = "The outcome has been told already, or a reason is on record why nobody can be"


class NoAdviserError(DomainError):
    """Refuse to hand over to SENDIASS where it has no team (SE-5)."""

    sentence = "SENDIASS has no team here yet. Ask the administrator to add it."


class AlreadyDecidedError(DomainError):
    """Refuse to hand over what somebody has decided: an outcome is owed for it (SE-5)."""

    sentence = "A decision is on record, so this stays here. Tell the family how they can reach SENDIASS themselves."


class NotFromFamilyError(DomainError):
    """Refuse to hand over what a professional asked for: SENDIASS hears the family itself (SE-1)."""

    sentence = (
        "This comes from a professional. SENDIASS hears the family itself: tell the professional how they can get in "
        "touch."
    )


class DangerFirstError(DomainError):
    """Refuse to hand over what may be danger: it is decided here, at once (EV-10)."""

    sentence = (
        "A child may be in danger, so a manager decides this first. For what they ask of SENDIASS, "
        "log a second call and hand that over."
    )


class TeamGoneError(DomainError):
    """Refuse to share a concern with a team that takes none now (SE-5)."""

    sentence = "That team takes nothing now. Select another team."


class NotAskedBackError(DomainError):
    """Refuse to answer what the referrer did not ask, or what somebody answered before."""

    sentence = "Nobody asks to take this request back any more"


class AgencySettledError(DomainError):
    """Refuse to confirm an agency that is proven already, or that nobody chose."""

    sentence = "There is no agency here to confirm any more"


class NotLateNewsError(DomainError):
    """Refuse to say what late news is where nobody waits for it."""

    sentence = "Somebody has said already what this is"
