"""What a team is asked to do, and which parts of the form it needs for that (EV-5): no more is shown to it."""

from enum import StrEnum

from service_request.pathways.social_care.rules import LineChoice, ReferralAction


class Ask(StrEnum):
    """What a team is asked to do."""

    INITIAL_ASSESSMENT = "initial_assessment"
    PROVIDE_INFORMATION = "provide_information"
    OTHER = "other"
    EARLY_HELP = "early_help"


ASK_LABELS: dict[Ask, str] = {
    Ask.INITIAL_ASSESSMENT: "Do an initial assessment",
    Ask.PROVIDE_INFORMATION: "Provide information",
    Ask.OTHER: "Take the action that the decision names",
    Ask.EARLY_HELP: "Offer early help, and name a lead professional for an early help assessment",
}

# The names are those of the form's steps; "child" means the subject's own pages, never another child's.
_EVERYTHING = (
    "you", "told", "agrees", "child", "adult", "household", "home", "concerns", "harm", "background", "tried",
    "views", "agencies", "risks", "safety", "call", "reach",
)  # fmt: skip
_SCOPES: dict[Ask, tuple[str, ...]] = {
    Ask.INITIAL_ASSESSMENT: _EVERYTHING,
    Ask.OTHER: _EVERYTHING,
    Ask.EARLY_HELP: ("told", "agrees", "child", "adult", "household", "home", "concerns", "views", "risks", "call"),
    Ask.PROVIDE_INFORMATION: ("told", "agrees", "child", "adult", "home", "concerns", "call"),
}


def ask_of(choice: LineChoice) -> Ask:
    """Return what a decided line asks of its destination."""
    return Ask.EARLY_HELP if choice.action in (None, ReferralAction.NONE) else Ask(choice.action.value)


def sight_of(ask: Ask) -> list[str]:
    """Return the parts of the request that a team sees for this: of the form, and the files where it does all."""
    return [*_SCOPES[ask], "files"] if _SCOPES[ask] == _EVERYTHING else scope_of(ask)


def scope_of(ask: Ask) -> list[str]:
    """Return the parts of the form that a team needs for this."""
    return list(_SCOPES[ask])
