"""The reply token: known on its own side of the wall, by nobody made up (T7)."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.database import Wall, uuid7
from infrastructure.settings import Settings
from service_request.services.mail.tokens import make_token, read_token, with_token
from tests.plugins.house import settings_for

SETTINGS = settings_for("sqlite://", Path("unused"), 25)
pytestmark = [pytest.mark.rule("EV-3"), pytest.mark.threat("T7")]


@given(st.uuids(), st.sampled_from(Wall))
def test_a_token_says_its_request_again(request_id: UUID, wall: Wall) -> None:
    token = make_token(request_id, wall, SETTINGS)
    address = with_token("help@westmarch.example", request_id, wall, SETTINGS)
    assert address == f"help+{token}@westmarch.example"
    assert read_token(token, wall, SETTINGS) == request_id
    assert read_token(address, wall, SETTINGS) == request_id
    assert read_token(f" {address.upper()} ", wall, SETTINGS) == request_id, "a mail server changed the case"


@given(st.uuids(), st.sampled_from(Wall))
def test_the_other_side_of_the_wall_does_not_know_it(request_id: UUID, wall: Wall) -> None:
    other = Wall.OPEN if wall is Wall.SENDIASS else Wall.SENDIASS
    assert read_token(make_token(request_id, wall, SETTINGS), other, SETTINGS) is None


def test_one_sign_changed_anywhere_and_it_is_nobody_s() -> None:
    token = make_token(uuid7(), Wall.OPEN, SETTINGS)
    for at, sign in enumerate(token):
        for other in set("abcdefghijklmnopqrstuvwxyz234567") - {sign}:
            assert read_token(token[:at] + other + token[at + 1 :], Wall.OPEN, SETTINGS) is None


def test_what_one_request_has_does_not_open_another() -> None:
    one, other = (make_token(uuid7(), Wall.OPEN, SETTINGS) for _ in range(2))
    for cut in range(1, len(one)):
        mixed = one[:cut] + other[cut:]
        assert mixed in (one, other) or read_token(mixed, Wall.OPEN, SETTINGS) is None


@given(st.text(max_size=120))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert read_token(text, Wall.OPEN, SETTINGS) is None


def test_a_token_of_an_older_key_is_known_until_the_key_is_gone() -> None:
    request_id = uuid7()
    token = make_token(request_id, Wall.SENDIASS, SETTINGS)
    turned = _with(sendiass_hash_key=f"{'n' * 48},{'w' * 48}")
    assert make_token(request_id, Wall.SENDIASS, turned) != token
    assert read_token(token, Wall.SENDIASS, turned) == request_id
    assert read_token(token, Wall.SENDIASS, _with(sendiass_hash_key="n" * 48)) is None


def test_what_stands_before_the_at_is_never_longer_than_mail_allows() -> None:
    for length in (1, 21, 22, 60):
        mailbox = "m" * length + "@westmarch.example"
        local = with_token(mailbox, uuid7(), Wall.OPEN, SETTINGS).partition("@")[0]
        assert len(local) <= 64
        assert ("+" in local) == (length <= 21)


def _with(**changes: str) -> Settings:
    return settings_for("sqlite://", Path("unused"), 25, **changes)
