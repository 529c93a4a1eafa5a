"""Who walks through the public pages."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.service_request.channels.web.walking import Draft, Person


@pytest.fixture
def person(client: FlaskClient) -> Person:
    """Somebody at their own browser."""
    return Person(client)


@pytest.fixture
def stranger(app: Flask) -> Person:
    """Somebody else, at another browser."""
    return Person(app.test_client())


@pytest.fixture
def draft(person: Person) -> Draft:
    """A professional's request, just begun."""
    return person.begin()
