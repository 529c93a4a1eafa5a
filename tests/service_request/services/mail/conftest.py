"""An installation with three mailboxes: the general desk, the children's desk, SENDIASS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories import NOW, County, make_county
from tests.plugins.house import Mailbox, Postgresql, Sqlite, _dispose, settings_for
from tests.posting import OURS, SERVER, Post


@pytest.fixture(scope="session")
def _apps_with_mail() -> dict[str, Flask]:
    return {}


@pytest.fixture
def app(
    database: Sqlite | Postgresql,
    _apps_with_mail: dict[str, Flask],
    tmp_path_factory: pytest.TempPathFactory,
    smtp: tuple[Mailbox, int],
    mailbox: Mailbox,
    carrier: Any,
) -> Iterator[Flask]:
    """The application with mailboxes, on a fresh database."""
    from app import create_app
    from infrastructure.database import KeyRings, db, use_keys

    url = database.fresh("post")
    made = _apps_with_mail.get(database.name)
    if made is None:
        settings = settings_for(url, tmp_path_factory.mktemp("post"), smtp[1], mailboxes=OURS, mail_server_name=SERVER)
        made = _apps_with_mail[database.name] = create_app(settings)
    use_keys(KeyRings.from_settings(made.extensions["house"].settings))
    with made.app_context():
        db.engine.dispose()
        yield made
        _dispose()


@pytest.fixture
def clock() -> Iterator[Any]:
    """Tuesday at nine, until somebody moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def county(session: Session) -> County:
    return make_county(session)


@pytest.fixture
def post(app: Flask, session: Session, clock: Any, county: County) -> Post:
    return Post(app, session, clock)
