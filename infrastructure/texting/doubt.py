"""A text of which nobody knows whether it left: at most one copy too many, and then a person (F23)."""

from __future__ import annotations

from datetime import datetime, timedelta

from infrastructure.outbox.models import Result
from infrastructure.outbox.senders import Parcel, Sent

SLACK = timedelta(minutes=5)  # between our clock and theirs, and until what they took stands in their list


def after_two(parcel: Parcel, now: datetime) -> Sent | None:
    """Return what becomes of a text that was sent twice, with ends that nobody knows, and is not found: no third copy.

    Their list may lag, so it is looked at once more; then a person hears that nobody knows whether it left.
    """
    if len(parcel.unsure) < 2:
        return None
    if now - parcel.unsure[-1] < SLACK:
        return Sent(Result.TEMPORARY, "not_found_yet", again_in=SLACK)
    return Sent(Result.PERMANENT, "in_doubt")


def never_left(error: BaseException | None) -> bool:
    """Tell whether nobody was there to take it: then there is no doubt that it did not leave."""
    from requests.exceptions import ConnectionError as NoConnection
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    reason = getattr(error.args[0], "reason", None) if isinstance(error, NoConnection) and error.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)
