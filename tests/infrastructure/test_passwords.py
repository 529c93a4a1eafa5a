"""Passwords are set behind a link that works once, and are hard to guess."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction, utc_now
from infrastructure.identity.models import Team, TeamKind, UserAccount
from infrastructure.identity.passwords import WeakPasswordError, check_password
from infrastructure.trail import Event

GOOD = "teasel-river-lantern"


@pytest.fixture
def link(app: Flask, session: Session) -> str:
    """The path that `flask people add` prints for somebody new."""
    with transaction(session):
        session.add(Team(wall=Wall.OPEN, name="Helpdesk", kind=TeamKind.DESK, open_from=utc_now()))
    arguments = [
        "people",
        "add",
        "--name",
        "Grace Oyelaran",
        "--email",
        "Grace@westmarch.example",
        "--team",
        "Helpdesk",
    ]
    result = app.test_cli_runner().invoke(args=[*arguments, "--role", "officer"])
    assert result.exit_code == 0, result.output
    found = re.search(r"http://localhost(/\S+)", result.output)
    assert found, result.output
    return found[1]


def token_on(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


@pytest.mark.storage
def test_an_invited_person_sets_a_password_once_and_signs_in(client: FlaskClient, session: Session, link: str) -> None:
    for _ in range(2):
        assert "grace@westmarch.example" in client.get(link).text
    csrf_token = token_on(client, link)
    assert client.post(link, data={"csrf_token": csrf_token, "password": GOOD}).status_code == 302
    assert client.get(link).status_code == 404
    path = "/staff/sign-in"
    fields = {"csrf_token": token_on(client, path), "email": "grace@westmarch.example", "password": GOOD}
    assert client.post(path, data=fields).status_code == 302
    assert client.get("/staff/", follow_redirects=True).status_code == 200
    acts = set(session.scalars(select(Event.act).where(Event.stream_kind == "user")))
    assert {"place_given", "set_password", "sign_in"} <= acts


@pytest.mark.storage
def test_a_weak_password_is_refused_with_what_to_do_and_the_link_stays_good(client: FlaskClient, link: str) -> None:
    answer = client.post(link, data={"csrf_token": token_on(client, link), "password": "short"})
    assert "12 characters or more" in answer.text
    assert client.get(link).status_code == 200


@pytest.mark.storage
def test_closing_an_account_ends_its_sessions_at_once(
    app: Flask, client: FlaskClient, session: Session, link: str
) -> None:
    client.post(link, data={"csrf_token": token_on(client, link), "password": GOOD})
    path = "/staff/sign-in"
    client.post(path, data={"csrf_token": token_on(client, path), "email": "grace@westmarch.example", "password": GOOD})
    app.test_cli_runner().invoke(args=["people", "end", "--email", "grace@westmarch.example"])
    assert "/sign-in" in client.get("/staff/").headers["Location"]
    assert session.scalars(select(UserAccount.disabled_at)).one() is not None


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "passwordpassword",
        "password123456789",
        "aaaaaaaaaaaaaaaa",
        "grace.oyelaran.1",
        "1234567890123",
        "x" * 201,
    ],
)
def test_an_easy_password_is_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        check_password(
            password, email="grace.oyelaran@westmarch.example" if "." not in password else "grace@westmarch.example"
        )


def test_three_words_do_well() -> None:
    check_password(GOOD, email="grace@westmarch.example")


@pytest.mark.rule("SE-5")
def test_nobody_is_given_places_on_both_sides_of_the_wall(app: Flask, session: Session, link: str) -> None:
    with transaction(session):
        session.add(Team(wall=Wall.SENDIASS, name="SENDIASS", kind=TeamKind.SENDIASS, open_from=utc_now()))
    add = ["people", "add", "--name", "Grace Oyelaran", "--email", "grace@westmarch.example", "--role", "member"]
    result = app.test_cli_runner().invoke(args=[*add, "--team", "SENDIASS"])
    assert result.exit_code == 1
    assert "Nobody has places on both sides" in result.output


@pytest.mark.storage
@pytest.mark.threat("T32")
def test_an_operator_prints_a_link_of_thirty_minutes_or_takes_a_second_step_away(
    app: Flask, client: FlaskClient, session: Session, link: str
) -> None:
    client.post(link, data={"csrf_token": token_on(client, link), "password": GOOD})
    with transaction(session):
        account = session.scalars(select(UserAccount)).one()
        account.totp, account.totp_since = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", utc_now()
    reset = ["people", "reset", "--email", "grace@westmarch.example"]
    printed = app.test_cli_runner().invoke(args=reset).output
    found = re.search(r"http://localhost(/\S+)", printed)
    assert found and client.get(found[1]).status_code == 200
    with time_machine.travel(utc_now() + timedelta(minutes=31)):
        assert client.get(found[1]).status_code == 404
    assert "sets an authenticator up anew" in app.test_cli_runner().invoke(args=[*reset, "--second-step"]).output
    session.expire_all()
    assert session.scalars(select(UserAccount.totp_since)).one() is None
    assert app.test_cli_runner().invoke(args=["people", "reset", "--email", "x@y.example"]).exit_code == 1
