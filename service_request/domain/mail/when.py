"""When a mail says that it was sent, if that can be believed (E2)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # a clock that lost its battery says 1970, 1980 or 1995
_AHEAD = timedelta(days=1)  # a wrong time zone is at most a day
_ON_ITS_WAY = timedelta(days=365)  # later than its date by more, it did not travel: the clock that wrote it is wrong
_LONGEST = 200


def sent_at(said: str, received: str, *, now: datetime) -> datetime | None:
    """Return the time that the Date header says, None where it says none or one that can't be."""
    moment = moment_of(said)
    arrived = moment_of(received.rpartition(";")[2]) or now
    if moment is None or not _EARLIEST <= moment <= now + _AHEAD:
        return None
    return None if arrived - moment > _ON_ITS_WAY and received else moment


def moment_of(said: str) -> datetime | None:
    """Read a date as RFC 5322 or ISO 8601 write it; no time zone is UTC."""
    said = said.strip()[:_LONGEST]
    try:
        if re.match(r"\d{4}-\d\d-\d\d", said):
            read = datetime.fromisoformat(said.replace(" +", "+").replace(" UTC", "+00:00"))
            return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
        parts = parsedate_tz(said)
        if parts is None:
            return None
        zone = timezone(timedelta(seconds=parts[9] or 0))
        return datetime(*parts[:5], min(parts[5], 59), tzinfo=zone).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
