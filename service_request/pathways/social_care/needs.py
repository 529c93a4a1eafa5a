"""What a route may ask for beside the decision: a worry of the request, or a need of the child (GL-10, GL-12)."""

from collections.abc import Iterable

from service_request.pathways.social_care.codes import DISABILITIES, NO_DISABILITY, WORRIES_ASKED

# In the order of the form, which is that in which they count where a child has several.
NEEDS: dict[str, str] = {
    **dict(WORRIES_ASKED),
    **{code: label for code, label in DISABILITIES if code != NO_DISABILITY},
}


def in_order(codes: Iterable[str]) -> tuple[str, ...]:
    """Return the needs among these codes, each once, in the order in which they count."""
    known = set(codes)
    return tuple(code for code in NEEDS if code in known)
