"""Where the databases of a run are, and one of PostgreSQL that many tests use: each finds it as it was migrated."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

MEMORY, ROOM = Path("/dev/shm"), 3 << 30
MOST = 100  # tests on one copy: what they delete stays in its files
CATALOGUE = (
    "pg_class pg_attribute pg_attrdef pg_constraint pg_index pg_trigger pg_event_trigger pg_proc pg_type pg_namespace"
    " pg_policy pg_rewrite pg_default_acl pg_extension pg_db_role_setting"
)
SHAPE = sql.SQL(" UNION ALL ").join(  # whatever is made, changed, granted or switched off is a new row of one of these
    sql.SQL("SELECT count(*), max(xmin::text::bigint) FROM {}").format(sql.Identifier(name))
    for name in CATALOGUE.split()
)


def make_folder(name: str) -> Path:
    """Make a folder for databases, in memory where there is room: no test cuts the power of the machine."""
    is_roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    return Path(tempfile.mkdtemp(prefix=f"front-door-{name}-", dir=MEMORY if is_roomy else None))


@contextmanager
def one_at_a_time(what: str) -> Iterator[None]:
    """Wait for the other processes of this user that do the same."""
    place = Path(tempfile.gettempdir()) / f"front-door-{what}-{os.getuid()}.lock"
    with place.open("a") as line:
        fcntl.flock(line, fcntl.LOCK_EX)
        yield


class FirstRows:
    """What the migrations leave: the shape, every table, and the few rows."""

    def __init__(self, migrated: psycopg.Connection) -> None:
        self.shape = migrated.execute(SHAPE).fetchall()
        listed = migrated.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        self.tables = [sql.Identifier(name) for (name,) in listed]
        assert not migrated.execute("SELECT FROM pg_sequences").fetchall(), "where each stands is to be kept as well"
        found = ((table, _copied(migrated, table)) for table in self.tables)
        self.rows = [(table, content) for table, content in found if content]
        self.empty = sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(table) for table in self.tables)


def _copied(migrated: psycopg.Connection, table: sql.Identifier) -> bytes:
    with migrated.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(table)) as copy:
        return b"".join(bytes(part) for part in copy)


class Copy:
    """One copy, and the connection by which it is emptied between two tests."""

    def __init__(self, uri: str, first: FirstRows) -> None:
        self.first, self.used = first, 1
        self.connection = psycopg.connect(uri, options="-c lock_timeout=10s")  # whom nothing ends is left to a new copy
        self.pid = self.connection.info.backend_pid

    def is_emptied(self) -> bool:
        """Take it back to its first rows; False where a test changed more than rows, or it was used often."""
        self.used += 1
        if self.used > MOST:
            return False
        try:
            with self.connection.transaction():
                if self.connection.execute(SHAPE).fetchall() != self.first.shape:
                    return False
                self._take_back()
        except psycopg.Error:
            return False
        return True

    def _take_back(self) -> None:
        self.connection.execute("SET LOCAL session_replication_role = replica")  # no trigger keeps a row here
        self.connection.execute(self.first.empty)
        for table, content in self.first.rows:
            with self.connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
                copy.write(content)

    def close(self) -> None:
        self.connection.close()
