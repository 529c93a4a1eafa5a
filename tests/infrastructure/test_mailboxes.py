"""Which mailboxes are read is checked before the start: what is unsafe, or would fall on no side of the wall, is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infrastructure.settings import SettingsRefusedError
from tests.plugins.house import settings_for

BOX = {"address": "help@westmarch.example", "pathway": "desk"}
READ = {**BOX, "host": "imap.westmarch.example", "user": "help", "password": "secret"}


def faults_of(folder: Path, text: Any, **changes: Any) -> str:
    mailboxes = text if isinstance(text, str) else json.dumps(text)
    try:
        settings_for("sqlite://", folder, 25, mailboxes=mailboxes, **changes)
    except SettingsRefusedError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("text", ["", "[]", [BOX], [READ], [{**READ, "password": "", "token_command": "token now"}]])
def test_mailboxes_that_are_said_whole_are_taken(tmp_path: Path, text: Any) -> None:
    assert faults_of(tmp_path, text) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "must be a list in JSON"),
        ("{}", "must be a list in JSON"),
        ([{**BOX, "pathway": "other"}], "wrong value for pathway"),
        ([{**BOX, "pasword": "secret"}], "wrong value for pasword"),
        ([{**BOX, "address": "Help <help@westmarch.example>"}], "plainly"),
        ([BOX, {**BOX, "pathway": "sendiass"}], "twice"),
        ([{**READ, "user": ""}], "needs a user"),
        ([{**READ, "password": ""}], "a password or a token command"),
        ([{**READ, "token_command": "token"}], "a password or a token command"),
        ([{**READ, "plain": True}], "without TLS"),
        ([{**READ, "done_folder": "inbox"}], "another folder"),
        ([READ, {**READ, "address": "advice@westmarch.example", "pathway": "sendiass"}], "taken by either"),
    ],
)
def test_mailboxes_that_are_unsafe_refuse_the_start_and_no_password_is_said(
    tmp_path: Path, text: Any, said: str
) -> None:
    found = faults_of(tmp_path, text)
    assert said in found
    assert "secret" not in found


@pytest.mark.rule("SE-10")
@pytest.mark.parametrize(("pathway", "alert"), [("sendiass", "sendiass_alert"), ("desk", "duty_alert")])
def test_a_mailbox_needs_somebody_who_hears_of_danger(tmp_path: Path, pathway: str, alert: str) -> None:
    found = faults_of(tmp_path, [{**BOX, "pathway": pathway}], **{alert: ""})
    assert f"FRONTDOOR_{alert.upper()}" in found
