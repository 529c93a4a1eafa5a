"""Are these the keys of this database? Asked at every start: a lost or wrong key is a clear refusal, and never a new
empty database beside the old one."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import structlog
from cryptography.fernet import InvalidToken
from sqlalchemy import Engine, Table, inspect, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from infrastructure.database.base import Base, Entity
from infrastructure.database.columns import Digest, KeyedHash
from infrastructure.database.sealing import Sealed, Wall, digest, digests, keys_in_use, sealed_text, unseal
from infrastructure.database.transaction import transaction
from infrastructure.settings import Settings, SettingsRefusedError, split

log = structlog.get_logger("keys")

SAMPLE = "This value opens with the keys of this installation."
RINGS = {Wall.OPEN: "FRONTDOOR_OPEN_KEYS", Wall.SENDIASS: "FRONTDOOR_SENDIASS_KEYS"}
HASHES = {Wall.OPEN: "FRONTDOOR_HASH_KEY", Wall.SENDIASS: "FRONTDOOR_SENDIASS_HASH_KEY"}
MARKER = "known-database.json"


class KeyCheck(Entity):
    """What proves the keys of one side of the wall, written at the first start and sealed anew by each rotation."""

    __tablename__ = "key_check"

    wall: Mapped[Wall] = mapped_column(unique=True)
    sample_sealed: Mapped[bytes] = mapped_column()
    sample = sealed_text("sample_sealed")
    sample_hash: Mapped[str | bytes] = mapped_column(KeyedHash("key_check", of=lambda row: row.sample))
    newest: Mapped[str] = mapped_column()  # the fingerprint of the newest hash key
    newest_since: Mapped[datetime] = mapped_column()  # hashes of before may be of an older key


def fingerprint(key: str | bytes) -> str:
    """Return eight characters by which a key is known, and that tell nothing of it."""
    return sha256(b"fingerprint\0" + (key.encode() if isinstance(key, str) else key)).hexdigest()[:8]


def check_keys(engine: Engine, settings: Settings, *, now: datetime) -> bool:
    """Refuse the start on a wrong key or a database that is gone; False when the database cannot be asked now."""
    marker = settings.instance_dir / MARKER
    try:
        is_empty = _is_empty(engine)
        if is_empty:
            _refuse_if_known(marker)
            return True
        with Session(engine) as session:
            known = _check(session, settings, now)
    except OperationalError as error:
        log.warning("keys_not_checked", error=type(error).__name__)
        return False
    finally:
        engine.dispose()  # a process that is forked from this one opens its own
    if known is not None:
        _remember(marker, known)
    return True


def _is_empty(engine: Engine) -> bool:
    """Tell whether there is no database yet; a file that is not there is not made by asking."""
    if engine.dialect.name == "sqlite" and engine.url.database not in (None, "", ":memory:"):
        path = Path(str(engine.url.database))
        if not path.exists() or not path.stat().st_size:
            return True
    with engine.connect() as connection:
        return not inspect(connection).has_table("service_request")


def _refuse_if_known(marker: Path) -> None:
    if marker.exists():
        raise SettingsRefusedError(
            [
                "The database that FRONTDOOR_DATABASE_URL names is not there, or is empty, though this installation "
                f"has had one: {marker} says so. Put the database back, or mend the address. Only if all that was "
                "kept is to be forgotten, delete that file and start again"
            ]
        )


def _check(session: Session, settings: Settings, now: datetime) -> UUID | None:
    """Open what each side of the wall keeps for this; write it at the first start, if all there is opens."""
    if not inspect(session.connection()).has_table(KeyCheck.__tablename__):
        return None  # of an earlier version: the migration comes first
    rows = {row.wall: row for row in session.scalars(select(KeyCheck))}
    faults = [fault for wall in Wall for fault in _faults(session, wall, rows.get(wall))]
    if faults:
        raise SettingsRefusedError(faults)
    newest = {wall: fingerprint(keys_in_use().hash_keys[wall][0]) for wall in Wall}
    if any(wall not in rows or rows[wall].newest != newest[wall] for wall in Wall):
        try:
            _write(session, newest, now)
        except IntegrityError:  # another process of the same first start was a moment sooner: look at what it wrote
            session.rollback()
            return _check(session, settings, now)
    return session.scalars(select(KeyCheck.id).where(KeyCheck.wall == Wall.OPEN)).one()


def _write(session: Session, newest: dict[Wall, str], now: datetime) -> None:
    with transaction(session):
        rows = {row.wall: row for row in session.scalars(select(KeyCheck).with_for_update())}
        for wall in Wall:
            if (row := rows.get(wall)) is None:
                hashed = Digest(digest("key_check", SAMPLE, wall))
                values: dict[str, Any] = {"sample": SAMPLE, "sample_hash": hashed, "newest": newest[wall]}
                session.add(KeyCheck(wall=wall, newest_since=now, **values))
            elif row.newest != newest[wall]:
                row.newest, row.newest_since = newest[wall], now


def _faults(session: Session, wall: Wall, row: KeyCheck | None) -> list[str]:
    wrong = "opens nothing of what this database holds: put back the key that it was sealed with. No other will do"
    if row is None:
        return [] if all(_opens(wall, value) for value in _samples(session, wall)) else [f"{RINGS[wall]} {wrong}"]
    found = []
    if not _opens(wall, row.sample_sealed):
        found.append(f"{RINGS[wall]} {wrong}")
    if bytes(row.sample_hash) not in digests("key_check", SAMPLE, wall):  # type: ignore[arg-type]
        found.append(
            f"{HASHES[wall]} is not the key that this database was written with: with another, nothing in it is found. "
            "Put it back, behind a newer one if there is one"
        )
    return found


def _opens(wall: Wall, value: bytes) -> bool:
    try:
        unseal(wall, value)
    except InvalidToken:
        return False
    return True


def _samples(session: Session, wall: Wall) -> list[bytes]:
    """Return one sealed value of each table, the latest: a database of before has nothing else to be known by."""
    present = set(inspect(session.connection()).get_table_names())
    found: list[bytes] = []
    for mapper in Base.registry.mappers:
        table = cast(Table, mapper.local_table)
        sealed = [one.column for one in vars(mapper.class_).values() if isinstance(one, Sealed)]
        if mapper.class_ is KeyCheck or not sealed or table.name not in present:
            continue
        column = table.c[sealed[0]]
        query = select(column).where(column.is_not(None))
        if "wall" in table.c:
            query = query.where(table.c.wall == wall)
        elif wall is not Wall.OPEN:
            continue
        found += session.scalars(query.order_by(table.c.id.desc()).limit(1)).all()
    return found


def _remember(marker: Path, known: UUID) -> None:
    """Write down that there is a database, so that its absence is known for what it is."""
    said = json.dumps({"database": str(known)})
    try:
        if not marker.exists() or marker.read_text() != said:
            marker.parent.mkdir(parents=True, exist_ok=True)
            beside = marker.with_suffix(f".{known.hex[-6:]}.new")
            beside.write_text(said)
            beside.replace(marker)
    except OSError as error:
        log.warning("database_not_remembered", error=type(error).__name__)


def key_names(settings: Settings) -> dict[str, list[str]]:
    """Return the fingerprints of the keys of each setting, newest first."""
    texts = {
        RINGS[Wall.OPEN]: settings.open_keys,
        RINGS[Wall.SENDIASS]: settings.sendiass_keys,
        HASHES[Wall.OPEN]: settings.hash_key,
        HASHES[Wall.SENDIASS]: settings.sendiass_hash_key,
    }
    return {name: [fingerprint(key) for key in split(text.get_secret_value())] for name, text in texts.items()}
