"""Times and codes are written and read as SQLAlchemy itself would, and what is neither is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import DateTime
from sqlalchemy.dialects import postgresql, sqlite

from infrastructure.database.columns import EnumText, UtcDateTime
from service_request.domain.states import RequestState

SQLITE, POSTGRESQL = sqlite.dialect(), postgresql.dialect()
IN_SUMMER = datetime(2026, 7, 1, 9, 5, 0, 120, timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    "moment", [IN_SUMMER, datetime(2026, 11, 17, tzinfo=UTC), datetime(999, 1, 2, 3, 4, tzinfo=UTC)]
)
def test_a_time_is_kept_by_sqlite_in_the_text_that_it_would_have_anyhow(moment: datetime) -> None:
    write: Any = UtcDateTime().bind_processor(SQLITE)
    read: Any = UtcDateTime().result_processor(SQLITE, None)
    plain: Any = DateTime().dialect_impl(SQLITE).bind_processor(SQLITE)
    assert write(moment) == plain(moment.astimezone(UTC).replace(tzinfo=None))
    assert read(write(moment)) == moment
    assert read(write(moment)).tzinfo is UTC
    assert (write(None), read(None)) == (None, None)


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL])
def test_a_time_without_its_zone_is_refused(dialect: Any) -> None:
    write: Any = UtcDateTime().dialect_impl(dialect).bind_processor(dialect)
    with pytest.raises(ValueError, match="zone"):
        write(datetime(2026, 11, 17))


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL])
def test_a_code_is_kept_by_its_value_and_read_as_its_member_and_no_other_is_taken(dialect: Any) -> None:
    kind = EnumText(RequestState)
    write, read = kind.bind_processor(dialect), kind.result_processor(dialect, None)
    assert (write(RequestState.FOLDED), write("folded"), write(None)) == ("folded", "folded", None)
    assert type(write(RequestState.FOLDED)) is str
    assert (read("folded"), read(None)) == (RequestState.FOLDED, None)
    for process in (write, read):
        with pytest.raises(ValueError, match="nonsense"):
            process("nonsense")
