"""The demonstration made once for the run, by its own code, with its own mail server."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app import create_app
from demonstration.carrier.server import Carrier
from demonstration.places import DATABASE, MAIL
from demonstration.seed import hurry, seed
from demonstration.smtp import MailKeeper, start_mail_server
from demonstration.westmarch import SETTINGS, mailboxes
from infrastructure.database import KeyRings, db, use_keys, utc_now
from infrastructure.settings import Settings
from tests.plugins.copies import make_folder
from tests.plugins.house import ROOT, settings_for


@dataclass(frozen=True)
class Westmarch:
    """A made demonstration: the application on it, its folder, when it was made, and all that was logged meanwhile."""

    app: Flask
    folder: Path
    now: datetime
    log: str


def settings_of(folder: Path, smtp_port: int) -> Settings:
    words = {name: value for name, value in SETTINGS.items() if not name.startswith(("staff_", "twilio_"))}
    words |= {"log_level": "INFO", "mailboxes": mailboxes()}
    return settings_for(f"sqlite:///{folder / DATABASE}", folder, smtp_port, **words)


def make(folder: Path, now: datetime) -> Westmarch:
    """Make the demonstration in a folder as `make run` does, up to this moment."""
    from flask_migrate import upgrade

    server = start_mail_server(MailKeeper(folder / MAIL))
    heard = io.StringIO()
    try:
        with contextlib.redirect_stderr(heard):
            app = create_app(settings_of(folder, server.port))
            hurry(app)
            with app.app_context():
                upgrade(directory=str(ROOT / "migrations"))
                seed(app, now=now)
                db.session.remove()
                db.engine.dispose()
    finally:
        server.stop()
    return Westmarch(app, folder, now, heard.getvalue())


@pytest.fixture(scope="session")
def made(_carrier: Carrier) -> Iterator[Westmarch]:
    folder = make_folder("westmarch")
    yield make(folder, utc_now())
    shutil.rmtree(folder)


@pytest.fixture
def westmarch(made: Westmarch) -> Iterator[Westmarch]:
    """The demonstration, inside its application's context and with its keys."""
    use_keys(KeyRings.from_settings(made.app.extensions["house"].settings))
    with made.app.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def session(westmarch: Westmarch) -> Session:
    return db.session()


@pytest.fixture
def remake(_carrier: Carrier) -> Iterator[Callable[[datetime], Westmarch]]:
    """Make another demonstration, as of another moment."""
    with contextlib.ExitStack() as stack:

        def remake_it(now: datetime) -> Westmarch:
            folder = make_folder("westmarch")
            stack.callback(shutil.rmtree, folder)
            one = make(folder, now)
            use_keys(KeyRings.from_settings(one.app.extensions["house"].settings))
            stack.enter_context(one.app.app_context())
            stack.callback(lambda: (db.session.remove(), db.engine.dispose()))
            return one

        yield remake_it
