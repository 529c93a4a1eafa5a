"""Why an act on a mail is refused, each with a sentence that says what to do."""

from service_request.domain.errors import DomainError


class PlacedMailError(DomainError):
    """Refuse to make a request of a mail that belongs to one."""

    sentence = "This email belongs to a request already: read it there"


class NoQuestionError(DomainError):
    """Refuse an answer to what nobody asks any more."""

    sentence = "Somebody has answered this already: read on the request what became of it"
