"""Commands for the keys: which are in use by what is stored, and make all of it anew with the newest."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import cast

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from infrastructure.database import KeyedHash, UtcDateTime, Wall, db, utc_now
from infrastructure.database.base import Base, first_id_at
from infrastructure.database.key_check import HASHES, RINGS, KeyCheck, check_keys, key_names
from infrastructure.database.rotating import NO_KEY, Rehash, Tally, look, rotate
from infrastructure.settings import Settings

keys = AppGroup("keys", help="The keys that seal and hash what is stored.")
FREE = "nothing that is stored needs it: take it out of the setting, then restart web and workers"


def register(app: Flask, *, rehash: Sequence[Rehash]) -> None:
    """Add the commands; `rehash` makes anew what is derived otherwise than from its own row."""
    app.extensions["rehash"] = tuple(rehash)
    app.cli.add_command(keys)


@keys.command("rotate")
def rotate_keys() -> None:
    """Seal and hash anew, with the newest keys, all that is stored; people may go on working. Repeat when cut off."""
    settings = _settings()
    check_keys(db.engine, settings, now=utc_now())
    tallies = [*_rotate(db.session())]
    for tally in tallies:
        if tally.anew or tally.met or tally.lost:
            met = f", {tally.met} changed by others meanwhile" if tally.met else ""
            lost = f", {tally.lost} VALUES THAT NO KEY OPENS" if tally.lost else ""
            click.echo(f"{tally.table}: {tally.rows} rows, {tally.anew} values made anew{met}{lost}")
    click.echo(f"{sum(tally.rows for tally in tallies)} rows read, {sum(tally.anew for tally in tallies)} made anew.")
    sys.exit(_say_status(db.session(), settings))


def _rotate(session: Session) -> Iterator[Tally]:
    for one in current_app.extensions["rehash"]:
        yield one(session)
    yield from rotate(session)


@keys.command("status")
def status() -> None:
    """Say for each key how much of what is stored needs it, and which may be taken out; exit 1 if something is lost."""
    sys.exit(_say_status(db.session(), _settings()))


def _say_status(session: Session, settings: Settings) -> int:
    sealed: Counter[tuple[Wall, int]] = Counter()
    hashed: Counter[tuple[Wall, int]] = Counter()
    for tally in look(session):
        sealed.update(tally.sealed)
        hashed.update(tally.hashed)
        if tally.lost:
            click.echo(f"{tally.table}: {tally.lost} values that no key opens. Put back the key that sealed them.")
    names = key_names(settings)
    for wall in Wall:
        _say_ring(RINGS[wall], names[RINGS[wall]], wall, sealed, "values")
        _say_hashes(session, names[HASHES[wall]], wall, hashed)
    return 1 if any(place == NO_KEY for _, place in sealed) else 0


def _say_ring(setting: str, names: list[str], wall: Wall, counts: Counter[tuple[Wall, int]], what: str) -> None:
    click.echo(setting)
    for place, name in enumerate(names):
        count, which = counts[wall, place], " (newest)" if place == 0 else ""
        click.echo(
            f"  key {place + 1}, {name}{which}: {count} {what}{'' if place == 0 or count else '. ' + _upper(FREE)}"
        )


def _say_hashes(session: Session, names: list[str], wall: Wall, counts: Counter[tuple[Wall, int]]) -> None:
    live_until = _lives_until(session, wall) if len(names) > 1 else None
    click.echo(HASHES[wall])
    for place, name in enumerate(names):
        count, which = counts[wall, place], " (newest)" if place == 0 else ""
        says = f"  key {place + 1}, {name}{which}: {count} hashes"
        if place and not count:
            says += (
                f". Links, sessions and drafts' devices may still need it until {live_until:%d %B %Y %H:%M} UTC; then "
                + FREE
                if live_until
                else f". {_upper(FREE)}"
            )
        click.echo(says)


def _lives_until(session: Session, wall: Wall) -> datetime | None:
    """Return until when something lives whose hash nobody can make anew, and that an older key may have made."""
    since = session.scalars(select(KeyCheck.newest_since).where(KeyCheck.wall == wall)).one_or_none()
    if since is None:
        return None
    before = first_id_at(since)
    ends = []
    for mapper in Base.registry.mappers:
        table = cast(Table, mapper.local_table)
        for column in table.c:
            if isinstance(column.type, KeyedHash) and column.type.until:
                until = table.c[column.type.until]
                query = select(func.max(until, type_=UtcDateTime())).where(column.is_not(None), table.c.id < before)
                if "wall" in table.c:
                    query = query.where(table.c.wall == wall)
                elif wall is not Wall.OPEN:
                    continue
                ends += [end for end in session.scalars(query) if end is not None]
    session.rollback()
    return max((end for end in ends if end > datetime.now(UTC)), default=None)


def _settings() -> Settings:
    return cast(Settings, current_app.extensions["house"].settings)


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
