"""An application with mailboxes: in this county people write mails as well."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from infrastructure.calendar import OfficeCalendar
from service_request.services.mail.reading import READER
from tests.plugins.house import Mailbox, Postgresql, Sqlite, settings_for
from tests.posting import OURS, SERVER


@pytest.fixture
def app(
    database: Sqlite | Postgresql, tmp_path: Path, smtp: tuple[Mailbox, int], mailbox: Mailbox, carrier: Any
) -> Iterator[Flask]:
    """The application with mailboxes, on the database that every example begins anew."""
    from app import create_app
    from infrastructure.database import KeyRings, db, use_keys

    settings = settings_for(database.fresh(), tmp_path, smtp[1], mailboxes=OURS, mail_server_name=SERVER)
    made = create_app(settings)
    house = made.extensions["house"]
    use_keys(KeyRings.from_settings(house.settings))
    house.office.kept = (time.monotonic(), OfficeCalendar())
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()
    READER.close()
