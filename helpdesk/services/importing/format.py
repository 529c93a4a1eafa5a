"""What one kind of table is: its columns, how its rows become ours, and how ours become rows again (A4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from helpdesk.domain.import_faults import Fault
from helpdesk.services.authority_rows import Changes
from helpdesk.services.importing.reading import Row
from infrastructure.identity.users import User

YES, NO = "yes", "no"


@dataclass
class Bringing:
    """One file under way: what it changed so far, and what is wrong with it; one fault, and none of it stands."""

    session: Session
    now: datetime
    by: User | None  # None: from the command line
    changes: Changes = field(default_factory=Changes)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, row: Row | None, column: str, code: str, about: str = "") -> None:
        """Name one thing that is wrong, and go on to the next."""
        self.faults.append(Fault(row.number if row else 0, column, code, about))

    def needs(self, row: Row, *columns: str) -> bool:
        """Tell whether these cells are filled in, and name those that are not."""
        missing = [column for column in columns if not row[column]]
        for column in missing:
            self.fault(row, column, "missing")
        return not missing

    def says_yes(self, row: Row, column: str) -> bool:
        """Return what a cell of yes or no says; an empty one says no."""
        said = row[column].lower()
        if said not in (YES, NO, ""):
            self.fault(row, column, "yes_no")
        return said == YES

    def is_new(self, row: Row, key: object, seen: set[object], column: str, code: str) -> bool:
        """Tell whether no earlier row had this key."""
        if key in seen:
            self.fault(row, column, code)
            return False
        seen.add(key)
        return True


@dataclass(frozen=True)
class Format:
    """A kind of table: `bring` makes the database hold its rows, `list_rows` gives them back as they are imported."""

    kind: str
    title: str
    hint: str  # what a row is
    columns: tuple[str, ...]
    bring: Callable[[Bringing, Sequence[Row]], None]
    list_rows: Callable[[Session, datetime], Iterable[Sequence[str]]]
    may_be_empty: bool = False
    keeps_other_lists: bool = False  # what the first column does not name stays as it is
