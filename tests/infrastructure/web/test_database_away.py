"""A database that is busy or gone is said plainly, and what was typed is given back (F6, F10)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

import service_request.channels.web.start as page


@pytest.mark.storage
@pytest.mark.rule("EV-1")
def test_a_database_that_is_away_answers_503_and_nothing_typed_is_lost(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("BEGIN IMMEDIATE", None, Exception("database is locked"))

    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/").text)
    assert token
    monkeypatch.setattr(page, "start_draft", away)
    answer = client.post("/", data={"csrf_token": token[1], "who": "public_family"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert 'value="public_family"' in answer.text
    assert "999" in answer.text
    assert "locked" not in answer.text
