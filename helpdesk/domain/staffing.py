"""Why an administrator's act on somebody's account is refused."""

from service_request.domain.errors import DomainError


class OwnAccountError(DomainError):
    """Nobody gives themselves a place, closes their own account or resets their own second step here."""

    sentence = "This is your own account. Ask another administrator to change it."


class OnOtherSideError(DomainError):
    """SE-5."""

    sentence = "This person works on the other side of the wall. Nobody has places on both sides."


class TeamUnknownError(DomainError):
    """The team is not open, or not on the administrator's side of the wall."""

    sentence = "Select a team from the list."


class PlaceHeldError(DomainError):
    """The place is held already."""

    sentence = "They hold this place already."


class PlaceEndedError(DomainError):
    """The place has ended meanwhile."""

    sentence = "This place has ended already. Check the list below."


class ClosedAccountError(DomainError):
    """A closed account gets neither a place nor a link."""

    sentence = "This account is closed. Open it again first."


class SignsInElsewhereError(DomainError):
    """Who signs in with the organisation's own sign-in has no password here."""

    sentence = "They sign in with your organisation's own sign-in. Their password is reset there."
