"""The service fails while somebody sends: they still hold every word, and send it again by one press (EV-1)."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from service_request.services import drafts
from tests.service_request.channels.web.walking import NAMED, NARRATIVE, Draft

pytestmark = pytest.mark.rule("EV-1")


def busy(*_: Any, **__: Any) -> Any:
    """Refuse as a database does that somebody else holds."""
    raise OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError("database is locked"))


def broken(*_: Any, **__: Any) -> Any:
    """Fail as nobody foresaw."""
    raise RuntimeError("a fault of ours")


@pytest.fixture(autouse=True)
def as_in_production(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer a fault with the page that people see."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)


def test_a_page_that_could_not_be_saved_comes_back_with_its_words(
    draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = draft.person
    typed = {"narrative": f'{NARRATIVE}\r\n"Second" <line>', "worries": ["neglect", "housing"]}
    with monkeypatch.context() as patched:
        patched.setattr(drafts, "save_step", busy)
        assert draft.answer("concerns", typed).status_code == 503
    assert NARRATIVE in person.words
    form = next(one for one in person.page.all("form") if one.attributes["action"].endswith("/step/concerns"))
    held = [(one.attributes["name"], one.attributes["value"]) for one in form.all("input")]
    again: dict[str, Any] = {name: [text for one, text in held if one == name] for name, _ in held}
    person.post(form.attributes["action"], again, token=False)
    draft.open("step/concerns")
    assert NARRATIVE in person.page.one("textarea", name="narrative").raw_text
    assert '"Second" <line>' in person.response.text.replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">")  # type: ignore[union-attr]


def test_a_fault_of_ours_while_a_page_is_saved_gives_its_words_back(
    draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(drafts, "save_step", broken)
        assert draft.answer("concerns", {"narrative": NARRATIVE}).status_code == 500
    assert NARRATIVE in draft.person.words
    form = next(one for one in draft.person.page.all("form") if one.attributes["action"].endswith("/step/concerns"))
    assert NARRATIVE in [one.attributes["value"] for one in form.all("input")]


def test_sending_that_failed_is_sent_again_by_one_press(draft: Draft, monkeypatch: pytest.MonkeyPatch) -> None:
    draft.fill(NAMED)
    person = draft.person
    from service_request.channels.web import check

    with monkeypatch.context() as patched:
        patched.setattr(check, "send_form", busy)
        assert draft.send().status_code == 503
    form = next(one for one in person.page.all("form") if one.attributes["action"].endswith("/send"))
    person.post(form.attributes["action"], {i.attributes["name"]: i.attributes["value"] for i in form.all("input")})
    assert person.address.endswith("/sent")


def test_a_password_is_never_given_back(app: Flask, draft: Draft, monkeypatch: pytest.MonkeyPatch) -> None:
    from infrastructure.identity import signing_in

    monkeypatch.setattr(signing_in, "sign_in", busy)
    typed = {"email": "g.oyelaran@westmarch.example", "password": "three-words-long"}
    assert draft.person.post("/staff/sign-in", typed).status_code == 503
    assert "three-words-long" not in draft.person.response.text  # type: ignore[union-attr]


def test_a_field_of_another_authority_breaks_no_page(draft: Draft) -> None:
    response = draft.answer("told", {"told": "yes", "exception_reason": "forged\x00"})
    assert response.status_code == 200
