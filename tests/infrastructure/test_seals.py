"""Seals over acts and looks: what is altered, dropped, cut, swapped or written anew is found, and named (EV-5, T36)."""

from __future__ import annotations

import signal
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from infrastructure.database import db, transaction, uuid7
from infrastructure.trail import (
    SYSTEM,
    Access,
    AccessLog,
    AnchorLine,
    Event,
    Reading,
    Seal,
    SealKind,
    Stream,
    count_waiting,
    list_unsealed,
    log_access,
    record,
    seal_waiting,
    verify,
)
from infrastructure.trail.anchors import AnchorFile, add_line, find_head
from infrastructure.trail.events import GENESIS
from infrastructure.trail.reading import digest_of, hash_of_event, hash_of_seal, raw, read
from tests.infrastructure.tampering import Do, tamper
from tests.plugins.house import run_python
from tests.plugins.server import environment_of

NOW = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
STREAMS = 3


class Written:
    """A trail of three records: four acts and three looks each, under four seals."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.streams = [Stream("request", uuid7()) for _ in range(STREAMS)]
        for turn in range(2):
            now = NOW + timedelta(minutes=10 * turn)
            for stream in self.streams:
                self.write(stream, now)
            seal_waiting(session, now=now)

    def write(self, stream: Stream, now: datetime) -> None:
        with transaction(self.session):
            for n, act in enumerate(("receive", "claim")):
                at = now + timedelta(seconds=n)
                record(self.session, stream, act, by=SYSTEM, now=at, moved=("a", "b"), subject=uuid7(), found=n)
        log_access(self.session, Access.VIEW, by=SYSTEM, now=now, request_id=stream.id)
        ids = [one.id for one in self.streams]
        log_access(self.session, Access.LIST, by=SYSTEM, now=now, ids=ids, reason_code="audit")

    def faults(self, anchors: list[AnchorLine] | None = None) -> list[str]:
        self.session.rollback()
        self.session.expire_all()
        return [str(fault) for fault in verify(self.session, anchors or [])]

    def ids(self, model: Any, *where: Any) -> list[UUID]:
        found = list(self.session.scalars(select(model.id).where(*where).order_by(model.id)))
        self.session.rollback()
        return found


@pytest.fixture
def written(session: Session) -> Written:
    return Written(session)


def stored(key: UUID) -> Any:
    """Return an id as statements of our own compare it."""
    return key.hex if db.engine.dialect.name == "sqlite" else key


# ---------------------------------------------------------------- sealing


@pytest.mark.storage
@pytest.mark.rule("EV-5")
def test_a_minute_of_acts_and_looks_is_sealed_and_verifies(written: Written, session: Session) -> None:
    seals = session.scalars(select(Seal).order_by(Seal.seq)).all()
    assert [(seal.seq, seal.kind, seal.count) for seal in seals] == [
        (1, SealKind.EVENT, 6), (2, SealKind.ACCESS, 6), (3, SealKind.EVENT, 6), (4, SealKind.ACCESS, 6),
    ]  # fmt: skip
    assert [seal.prev for seal in seals] == [GENESIS, *(seal.hash for seal in seals[:-1])]
    assert set(seals[2].heads) == {f"request {one.id}" for one in written.streams}
    assert all(head[0] == 4 for head in seals[2].heads.values())
    assert count_waiting(session) == 0
    assert written.faults() == []


@pytest.mark.storage
def test_sealing_is_due_when_something_waits_and_the_last_seal_is_a_minute_old(
    written: Written, session: Session
) -> None:
    later = NOW + timedelta(minutes=20)
    assert list_unsealed(session, later) == []
    log_access(session, Access.VIEW, by=SYSTEM, now=later)
    assert len(list_unsealed(session, later)) == 1
    assert list_unsealed(session, NOW + timedelta(minutes=10, seconds=59)) == []
    assert seal_waiting(session, now=later) == 1
    assert list_unsealed(session, later + timedelta(hours=1)) == []
    assert seal_waiting(session, now=later) == 0


@pytest.mark.storage
@pytest.mark.rule("EV-5")
def test_a_large_backlog_is_sealed_in_batches(session: Session) -> None:
    stream = Stream("request", uuid7())
    with transaction(session):
        for n in range(25):
            record(session, stream, f"act_{n}", by=SYSTEM, now=NOW)
    assert seal_waiting(session, now=NOW, most=10) == 3
    assert list(session.scalars(select(Seal.count).order_by(Seal.seq))) == [10, 10, 5]
    assert list(verify(session)) == []


@pytest.mark.storage
@pytest.mark.rule("EV-5")
def test_a_row_that_was_committed_late_comes_under_the_next_seal(written: Written, session: Session) -> None:
    """Its id is older than those of rows that are sealed already."""
    late = AccessLog(
        id=UUID(int=written.ids(AccessLog)[0].int - 1), at=NOW, wall="open", actor_kind="system", act="view", ids=[]
    )
    with transaction(session):
        session.add(late)
    assert seal_waiting(session, now=NOW + timedelta(minutes=30)) == 1
    last = session.scalars(select(Seal).order_by(Seal.seq.desc()).limit(1)).one()
    assert list(last.rows) == [str(late.id)]
    assert written.faults() == []


@pytest.mark.storage
@pytest.mark.rule("EV-5")
def test_two_workers_at_once_make_no_fork(app: Flask, session: Session) -> None:
    streams = [Stream("request", uuid7()) for _ in range(40)]
    with transaction(session):
        for stream in streams:
            record(session, stream, "receive", by=SYSTEM, now=NOW)
    session.close()
    ready, errors = threading.Barrier(4), []

    def worker() -> None:
        with app.app_context():
            try:
                ready.wait()
                seal_waiting(db.session(), now=NOW, most=7)
            except Exception as error:
                errors.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    seal_waiting(session, now=NOW)
    seals = session.scalars(select(Seal).order_by(Seal.seq)).all()
    assert [seal.seq for seal in seals] == list(range(1, len(seals) + 1))
    assert sum(seal.count for seal in seals) == 40
    assert len({row for seal in seals for row in seal.rows}) == 40
    assert list(verify(session)) == []


@pytest.mark.storage
@pytest.mark.fault
@pytest.mark.rule("EV-5")
def test_a_worker_that_dies_while_it_seals_leaves_nothing_half_sealed(
    app: Flask, session: Session, written: Written
) -> None:
    log_access(session, Access.VIEW, by=SYSTEM, now=NOW)
    session.close()
    code = (
        "from datetime import datetime, UTC\n"
        "from app import create_app\n"
        "from infrastructure.database import db\n"
        "from infrastructure.trail import seal_waiting\n"
        "with create_app().app_context():\n"
        "    seal_waiting(db.session(), now=datetime(2026, 11, 17, 13, tzinfo=UTC))\n"
    )
    made = app.extensions["house"].settings.model_copy(update={"failpoint": "seal_made:exit9"})
    process = run_python(code, environment_of(made))
    assert process.wait(60) == -signal.SIGKILL
    assert count_waiting(session) == 1
    assert written.faults() == []
    assert seal_waiting(session, now=NOW + timedelta(hours=1)) == 1
    assert written.faults() == []


@pytest.mark.storage
@pytest.mark.rule("EV-5")
def test_an_act_costs_no_query_more_for_being_sealed_later(session: Session) -> None:
    """Sealing is the worker's: an act inserts its event, a look its row, and nothing else."""
    stream, sent = Stream("request", uuid7()), []
    with transaction(session):
        record(session, stream, "receive", by=SYSTEM, now=NOW, is_first=True)

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement.split()[0])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        with transaction(session):
            record(session, Stream("request", uuid7()), "receive", by=SYSTEM, now=NOW, is_first=True)
        log_access(session, Access.VIEW, by=SYSTEM, now=NOW, request_id=stream.id)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert [one for one in sent if one not in ("BEGIN", "COMMIT")] == ["INSERT", "INSERT"]


# ---------------------------------------------------------------- tampering, by hand


@pytest.mark.storage
@pytest.mark.rule("EV-5")
@pytest.mark.threat("T36")
def test_a_dropped_look_is_named_with_when_it_was_made(written: Written) -> None:
    gone = written.ids(AccessLog)[3]
    tamper(lambda do: do("DELETE FROM access_log WHERE id = :id", id=stored(gone)))
    assert [fault for fault in written.faults() if f"look {gone}, made on" in fault and "is gone; seal 2" in fault]


@pytest.mark.storage
@pytest.mark.rule("EV-5")
@pytest.mark.threat("T36")
def test_a_dropped_act_is_named_in_its_record(written: Written) -> None:
    stream = written.streams[1].id
    tamper(lambda do: do("DELETE FROM event WHERE stream_id = :id AND seq = 2", id=stored(stream)))
    faults = written.faults()
    assert f"request {stream} event 3: event 2 is missing before it" in faults
    assert f"request {stream} event 2: is gone or was altered; seal 1 was over it" in faults


@pytest.mark.storage
@pytest.mark.rule("EV-5")
@pytest.mark.threat("T36")
def test_the_cut_tail_of_a_record_is_named(written: Written) -> None:
    stream = written.streams[2].id
    tamper(lambda do: do("DELETE FROM event WHERE stream_id = :id AND seq > 2", id=stored(stream)))
    assert f"request {stream} event 4: is gone or was altered; seal 3 was over it" in written.faults()


@pytest.mark.storage
@pytest.mark.rule("EV-5")
@pytest.mark.threat("T36")
def test_the_cut_tail_of_the_looks_is_named(written: Written) -> None:
    tail = written.ids(AccessLog)[-2:]
    for one in tail:
        tamper(lambda do, one=one: do("DELETE FROM access_log WHERE id = :id", id=stored(one)))  # type: ignore[misc]
    faults = written.faults()
    assert all(any(f"look {one}" in fault and "is gone" in fault for fault in faults) for one in tail)


@pytest.mark.storage
@pytest.mark.rule("EV-5")
@pytest.mark.threat("T36")
@pytest.mark.parametrize("seq", [1, 2, 3, 4])
def test_a_dropped_seal_is_named_the_last_one_too(written: Written, session: Session, seq: int) -> None:
    gone = session.scalars(select(Seal.id).where(Seal.seq == seq)).one()
    session.rollback()
    tamper(lambda do: do("DELETE FROM seal WHERE seq = :seq", seq=seq))
    faults = written.faults()
    kind = "acts" if seq % 2 else "looks"
    assert any(f"6 {kind} say that they are under it" in fault and "is gone" in fault for fault in faults), faults
    assert any(str(gone) in fault or gone.hex in fault for fault in faults)
    assert seq == 4 or f"seal {seq + 1}: seal {seq} is missing before it" in faults


@pytest.mark.storage
@pytest.mark.rule("EV-5")
@pytest.mark.threat("T36")
def test_two_swapped_looks_are_both_named(written: Written) -> None:
    first, second = (written.ids(AccessLog, AccessLog.act == act)[0] for act in (Access.VIEW, Access.LIST))

    def swap(do: Do) -> None:
        other = UUID(int=0)
        for old, new in ((first, other), (second, first), (other, second)):
            do("UPDATE access_log SET id = :new WHERE id = :old", new=stored(new), old=stored(old))

    tamper(swap)
    faults = written.faults()
    assert all(any(f"look {one}" in fault and "altered" in fault for fault in faults) for one in (first, second))


@pytest.mark.storage
@pytest.mark.rule("EV-5")
@pytest.mark.threat("T36")
def test_two_swapped_acts_are_both_named(written: Written) -> None:
    stream = written.streams[0].id

    def swap(do: Do) -> None:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            do("UPDATE event SET seq = :new WHERE stream_id = :id AND seq = :old", new=new, old=old, id=stored(stream))

    tamper(swap)
    faults = written.faults()
    assert f"request {stream} event 2: was altered" in faults
    assert f"request {stream} event 3: was altered" in faults


@pytest.mark.storage
@pytest.mark.rule("EV-5")
@pytest.mark.threat("T36")
def test_a_look_put_under_an_old_seal_afterwards_is_named(written: Written, session: Session) -> None:
    log_access(session, Access.VIEW, by=SYSTEM, now=NOW)
    added = written.ids(AccessLog)[-1]
    tamper(
        lambda do: do(
            "UPDATE access_log SET seal_id = (SELECT id FROM seal WHERE seq = 2) WHERE id = :id", id=stored(added)
        )
    )
    assert any(f"look {added}" in fault and "was put under seal 2 afterwards" in fault for fault in written.faults())


@pytest.mark.storage
@pytest.mark.rule("EV-5")
@pytest.mark.threat("T36")
def test_a_look_taken_from_under_its_seal_to_be_sealed_anew_is_named(written: Written, session: Session) -> None:
    changed = written.ids(AccessLog)[0]
    tamper(lambda do: do("UPDATE access_log SET seal_id = NULL, act = 'search' WHERE id = :id", id=stored(changed)))
    seal_waiting(session, now=NOW + timedelta(hours=1))
    faults = written.faults()
    assert any(f"look {changed}" in fault and "was altered after it was sealed" in fault for fault in faults)
    assert any(f"look {changed}" in fault and "was taken from under seal 2" in fault for fault in faults)


@pytest.mark.storage
@pytest.mark.rule("EV-5")
def test_triggers_that_were_taken_off_are_named(written: Written) -> None:
    table = " ON seal" if db.engine.dialect.name == "postgresql" else ""
    db.session.remove()
    if table:
        with db.engine.begin() as connection:
            connection.execute(text(f"DROP TRIGGER seal_no_delete{table}"))
    else:
        raw_connection = sqlite3.connect(str(db.engine.url.database))
        raw_connection.execute("DROP TRIGGER seal_no_delete")
        raw_connection.close()
    assert "the table seal: the triggers that protect it are gone: run `flask db upgrade`" in written.faults()


# ---------------------------------------------------------------- written anew with the program's own code


def write_anew(written: Written, *, since: int) -> None:
    """Change an act, and make every chain and seal fit again, as somebody would who has our code and the database."""
    session = written.session
    stream = written.streams[0].id

    def change(do: Do) -> None:
        do("UPDATE event SET act = 'hidden' WHERE stream_id = :id AND seq = :seq", id=stored(stream), seq=since)

    tamper(change)
    prev, values = GENESIS, []
    rows = read(session, raw(session, Event).where(Event.stream_id == stream).order_by(Event.seq), Event)
    for row in rows:
        act = {**row.values, "prev": prev}
        prev = hash_of_event(act)
        values.append((row.values["id"], act["prev"], prev))
    session.rollback()

    def chain(do: Do) -> None:
        for key, before, digest in values:
            do("UPDATE event SET prev = :p, hash = :h WHERE id = :id", p=before, h=digest, id=stored(key))

    tamper(chain)
    again, prev = [], GENESIS
    for seal in session.scalars(select(Seal).order_by(Seal.seq)).all():
        model: Any = Event if seal.kind is SealKind.EVENT else AccessLog
        keys = [UUID(one) for one in seal.rows]
        found = read(session, raw(session, model).where(model.id.in_(keys)), model)
        heads = dict(seal.heads)
        for row in found:
            if model is Event and heads[f"request {row.values['stream_id']}"][0] == row.values["seq"]:
                heads[f"request {row.values['stream_id']}"] = [row.values["seq"], row.values["hash"]]
        said = {
            "id": seal.id, "seq": seal.seq, "kind": str(seal.kind), "at": seal.at, "count": seal.count,
            "rows": {row.id: digest_of(model, row.values) for row in found}, "heads": heads, "prev": prev,
        }  # fmt: skip
        prev = hash_of_seal(said)
        again.append(Seal(**{**said, "kind": seal.kind}, hash=prev))
    session.rollback()
    session.expunge_all()
    tamper(lambda do: do("DELETE FROM seal"))
    with transaction(session):
        session.add_all(again)


@pytest.mark.storage
@pytest.mark.rule("EV-5")
@pytest.mark.threat("T36")
def test_a_trail_written_anew_with_our_own_code_is_found_by_what_left_the_box(
    written: Written, session: Session, tmp_path: Path
) -> None:
    head = find_head(session)
    assert head is not None and (head.seq, head.events, head.looks) == (4, 12, 12)
    path = tmp_path / "anchors.jsonl"
    digests = {seal.seq: seal.hash for seal in session.scalars(select(Seal))}
    add_line(path, head.line(NOW, since={str(seq): digests[seq][:16] for seq in (1, 2, 3)}))
    assert written.faults(list(AnchorFile(path))) == []
    write_anew(written, since=3)
    assert written.faults() == [], "from inside it fits: that is what the anchors are for"
    faults = written.faults(list(AnchorFile(path)))
    assert [fault.split(":")[0] for fault in faults] == ["seal 3", "seal 4"]
    assert all("was written anew" in fault and "anchors.jsonl, line 1 (2026-11-17)" in fault for fault in faults)


@pytest.mark.storage
@pytest.mark.rule("EV-5")
@pytest.mark.threat("T36")
def test_a_tail_cut_whole_with_its_seals_is_found_by_what_left_the_box(written: Written, session: Session) -> None:
    anchor = AnchorLine(4, session.scalars(select(Seal.hash).where(Seal.seq == 4)).one(), "the mail of 2026-11-17")

    def cut(do: Do) -> None:
        for table in ("event", "access_log"):
            do(f"DELETE FROM {table} WHERE seal_id IN (SELECT id FROM seal WHERE seq > 2)")
        do("DELETE FROM seal WHERE seq > 2")

    tamper(cut)
    assert written.faults() == []
    assert written.faults([anchor]) == ["seal 4: is gone; it stands in the mail of 2026-11-17"]


@pytest.mark.rule("EV-5")
def test_an_anchor_is_read_from_the_file_from_saved_mails_and_from_our_own_log(tmp_path: Path) -> None:
    path = tmp_path / "saved.txt"
    path.write_text(
        "Subject: The day's anchor of the trail\n\n"
        f"> Seal 6: {'a' * 64}\n"
        '{"day":"2026-11-17","seq":7,"hash":"abc"}\n'
        "Keep this message.\n{not json}\n"
        '{"event": "trail_sealed", "seq": 8, "hash": "def", "timestamp": "2026-11-18T01:00:00Z"}\n'
        '{"event": "failed", "seq": 9}\n'
    )
    found = AnchorFile(path)
    assert [(one.seq, one.hash) for one in found] == [(6, "a" * 64), (7, "abc"), (8, "def")]
    assert found.count == 3


# ---------------------------------------------------------------- tampering, by chance

COLUMNS = {
    "event": ("id stream_kind stream_id seq at actor_kind act from_state to_state facts prev hash seal_id").split(),
    "access_log": "id at wall actor_kind act request_id ids reason_code seal_id".split(),
    "seal": "id seq kind at count rows heads prev hash".split(),
}


def change_a_byte(value: Any, where: int, by: int) -> Any:
    """Return the stored value with one byte, or the number, changed."""
    if isinstance(value, int):
        return value + 1 + by
    if value is None:
        return "x"
    spot = where % len(value)
    letter = chr((ord(value[spot]) - 32 + 1 + by % 94) % 95 + 32)
    return value[:spot] + letter + value[spot + 1 :]


@pytest.mark.rule("EV-5")
@pytest.mark.threat("T36")
@given(data=st.data())
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_one_changed_byte_anywhere_is_found_and_named(app: Flask, session: Session, data: st.DataObject) -> None:
    """SQLite keeps texts as they are written, so that any byte can be another; each is put back after."""
    if session.scalars(select(func.count()).select_from(Seal)).one() == 0:
        Written(session)
    session.rollback()
    table = data.draw(st.sampled_from(sorted(COLUMNS)))
    column = data.draw(st.sampled_from(COLUMNS[table]))
    row = data.draw(st.integers(0, 200))
    where, by = data.draw(st.integers(0, 400)), data.draw(st.integers(0, 93))
    kept: list[Any] = []

    def change(do: Do) -> None:
        rows = do(f'SELECT rowid, "{column}", id FROM {table} ORDER BY id')
        key, value, row_id = rows[row % len(rows)]
        kept.extend((key, value, row_id))
        do(f'UPDATE {table} SET "{column}" = :new WHERE rowid = :key', new=change_a_byte(value, where, by), key=key)

    try:
        tamper(change)
    except sqlite3.IntegrityError:
        reject()  # another row is called so
    session.expire_all()
    faults = [str(fault) for fault in verify(session)]
    key, value, row_id = kept
    tamper(lambda do: do(f'UPDATE {table} SET "{column}" = :old WHERE rowid = :key', old=value, key=key))
    assert faults, (table, column, value)
    name = str(UUID(row_id))
    if table == "seal":
        number = next(iter(session.scalars(select(Seal.seq).where(Seal.id == UUID(row_id)))))
        assert any(fault.startswith("seal ") for fault in faults), (number, faults)
    else:
        assert any(name in fault for fault in faults), (name, faults)
    session.rollback()
    assert [str(fault) for fault in verify(session)] == []


@pytest.mark.rule("EV-5")
@pytest.mark.threat("T36")
@given(data=st.data())
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_rows_dropped_are_each_named(app: Flask, session: Session, data: st.DataObject) -> None:
    if session.scalars(select(func.count()).select_from(Seal)).one() == 0:
        Written(session)
    session.rollback()
    model: Any = data.draw(st.sampled_from([Event, AccessLog]))
    ids = list(session.scalars(select(model.id).order_by(model.id)))
    gone = data.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=5, unique=True))
    session.rollback()
    table = model.__tablename__

    def drop(do: Do) -> list[Any]:
        kept = [do(f"SELECT * FROM {table} WHERE id = :id", id=one.hex)[0] for one in gone]
        for one in gone:
            do(f"DELETE FROM {table} WHERE id = :id", id=one.hex)
        return kept

    kept = tamper(drop)
    session.expire_all()
    faults = [str(fault) for fault in verify(session)]
    session.rollback()

    def put_back(do: Do) -> None:
        for row in kept:
            names = {f"v{n}": value for n, value in enumerate(row)}
            do(f"INSERT INTO {table} VALUES ({', '.join(f':{name}' for name in names)})", **names)

    tamper(put_back)
    assert all(any(str(one) in fault and "is gone" in fault for fault in faults) for one in gone)
    session.rollback()
    assert [str(fault) for fault in verify(session)] == []


# ---------------------------------------------------------------- reading


@pytest.mark.storage
def test_the_trail_is_read_in_slices_that_begin_where_the_last_one_ended(
    written: Written, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small slices find the same as large ones, the first row of a slice included."""
    module = import_module("infrastructure.trail.verify")  # its name in the package is the function's
    tamper(lambda do: do("UPDATE event SET act = 'x' WHERE seq = 3"))
    whole = sorted(written.faults())
    for name, size in (("SEALS_A_SLICE", 1), ("EVENTS_A_SLICE", 1), ("ROWS_AT_ONCE", 2)):
        monkeypatch.setattr(module, name, size)
    reading = Reading()
    assert sorted(str(fault) for fault in verify(session, reading=reading)) == whole
    assert dict(reading.read) == {"seals": 4, "acts": 12, "looks": 12, "anchors": 0}


@pytest.mark.storage
@pytest.mark.rule("EV-5")
@pytest.mark.threat("T36")
def test_the_command_says_in_plain_words_what_was_altered_and_ends_with_1(
    app: Flask, written: Written, session: Session, tmp_path: Path
) -> None:
    run = app.test_cli_runner().invoke
    head = find_head(session)
    assert head is not None
    path = tmp_path / "anchors.jsonl"
    add_line(path, head.line(NOW))
    session.rollback()
    whole = run(args=["trail", "verify", "--anchors", str(path)])
    assert whole.exit_code == 0, whole.output
    assert "1 seals compared with what left the box." in whole.output
    assert "12 acts, 12 looks and 4 seals read: nothing was altered." in whole.output
    gone = written.ids(AccessLog)[0]
    tamper(lambda do: do("DELETE FROM access_log WHERE id = :id", id=stored(gone)))
    altered = run(args=["trail", "verify"])
    assert altered.exit_code == 1
    assert f"look {gone}" in altered.output and "is gone; seal 2 was over it" in altered.output
    assert "Keep the database as it is, and compare it with a backup." in altered.output
    (tmp_path / "empty").write_text("nothing\n")
    assert run(args=["trail", "verify", "--anchors", str(tmp_path / "empty")]).exit_code == 1
