"""What was shown with a server of our own holds with two that are not: pymap and Dovecot, over TLS."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from infrastructure.inbox.imap import Look, read_mailbox
from infrastructure.settings import Settings
from tests.infrastructure.inbox.test_imap import Kept, look_of, mail
from tests.plugins.house import settings_for
from tests.plugins.imap_servers import TOKEN, TOKEN_USER, Dovecot, RealServer

AT = datetime(2024, 5, 6, 9, 0, tzinfo=UTC)  # Dovecot believes no time to come
RAWS = [mail("a"), mail("b", 100_000), mail("c") + "naïve, ünd\r\n".encode() + bytes(range(128, 256)) + b"\r\n"]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings_for("sqlite://", tmp_path_factory.mktemp("settings"), 25)


@pytest.mark.rule("EV-1")
@pytest.mark.rule("EV-3")
@pytest.mark.rule("GL-8")
@pytest.mark.parametrize("done_folder", ["", "Done"])
def test_each_mail_is_kept_as_it_is_with_the_servers_time_and_taken_away_once(
    real_imap: RealServer, settings: Settings, done_folder: str
) -> None:
    box, kept = real_imap.box(done_folder=done_folder), Kept()
    put = [(raw, AT + timedelta(minutes=place)) for place, raw in enumerate(RAWS)]
    real_imap.put(*put)
    outcome = read_mailbox(box, Look(), settings=settings, keep=kept)
    assert (outcome.error, outcome.is_whole, outcome.taken) == ("", True, len(RAWS))
    assert kept.mails == put
    assert real_imap.raws(what="UNSEEN") == []
    assert real_imap.raws("Done") == (RAWS if done_folder else [])
    real_imap.put((later := mail("later"), AT))
    again = read_mailbox(box, look_of(outcome), settings=settings, keep=kept)
    assert (again.error, kept.raws) == ("", [*RAWS, later])
    assert again.uid_validity == outcome.uid_validity


@pytest.mark.threat("F29")
def test_what_was_not_kept_waits_there_for_the_next_look(real_imap: RealServer, settings: Settings) -> None:
    real_imap.put(*((raw, AT) for raw in RAWS))
    first = read_mailbox(real_imap.box(), Look(), settings=settings, keep=(kept := Kept(fails=[RAWS[1]])))
    assert (first.error, kept.raws, real_imap.raws(what="UNSEEN")) == ("not_kept", [RAWS[0], RAWS[2]], [RAWS[1]])
    read_mailbox(real_imap.box(), look_of(first), settings=settings, keep=(later := Kept()))
    assert (later.raws, real_imap.raws(what="UNSEEN")) == ([RAWS[1]], [])


@pytest.mark.threat("F31")
@pytest.mark.parametrize(
    ("changes", "error"),
    [({"password": "wrong"}, "sign_in"), ({"ca_file": ""}, "certificate"), ({"folder": "Nowhere"}, "folder")],
)
def test_what_stands_against_reading_is_told_by_the_same_words(
    real_imap: RealServer, settings: Settings, changes: dict[str, str], error: str
) -> None:
    assert read_mailbox(real_imap.box(**changes), Look(), settings=settings, keep=Kept()).error == error


@pytest.mark.threat("F31")
@pytest.mark.parametrize("real_imap", [Dovecot], ids=["dovecot"], indirect=True)  # pymap knows no XOAUTH2
def test_a_token_signs_in_to_a_server_that_is_not_ours(real_imap: RealServer, settings: Settings) -> None:
    real_imap.put((RAWS[0], AT))
    said = {"user": TOKEN_USER, "password": ""}
    refused = read_mailbox(
        real_imap.box(**said, token_command="echo another"), Look(), settings=settings, keep=(none := Kept())
    )
    taken = read_mailbox(
        real_imap.box(**said, token_command=f"echo {TOKEN}"), Look(), settings=settings, keep=(kept := Kept())
    )
    assert (refused.error, none.raws, taken.error, kept.raws) == ("sign_in", [], "", [RAWS[0]])
