"""Make the demonstration: the authority from its file, its staff, and its year, all by the product's own services."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from demonstration.clockwork import World, tell
from demonstration.saved_answers import save_answers
from demonstration.staff import employ
from demonstration.stories import (
    calls,
    decided,
    enquiries,
    hartley,
    inside,
    mails,
    otherwise,
    past,
    past_public,
    promises,
    public,
    waiting,
)
from helpdesk.services.authority import load_authority
from helpdesk.services.authority_file import read_file
from infrastructure.database import db
from infrastructure.trail import seal_waiting

AUTHORITY = Path(__file__).with_name("westmarch.toml")
BEGAN = timedelta(days=450)  # before the oldest story

STORIES = [
    *hartley.STORIES,
    *past.STORIES,
    *past_public.STORIES,
    *decided.STORIES,
    *otherwise.STORIES,
    *calls.STORIES,
    *public.STORIES,
    *waiting.STORIES,
    *inside.STORIES,
    *enquiries.STORIES,
    *mails.STORIES,
    *promises.STORIES,
]


def seed(app: Flask, *, now: datetime) -> None:
    """Fill an empty, migrated database with Westmarch and its year up to `now`. The mail server must be there."""
    session = db.session()
    house = app.extensions["house"]
    load_authority(session, read_file(AUTHORITY), now=now - BEGAN)
    world = World(app, session, house, now=now)
    world.users = employ(session, settings=house.settings, now=now - BEGAN)
    save_answers(session, adviser=world.users["nuala"], manager=world.users["helen"], now=now - BEGAN)
    world.now = now - BEGAN
    tell(world, STORIES)
    seal_waiting(session, now=now)


def hurry(app: Flask) -> None:
    """Spare each commit its wait for the disk: what is being made is made anew when it is not finished."""

    def connected(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.close()

    with app.app_context():
        event.listen(db.engine, "connect", connected)
