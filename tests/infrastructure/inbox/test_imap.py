"""Mailboxes of a server that does what the test says: nothing is marked before it is kept, and nothing lost or taken twice."""

from __future__ import annotations

import os
import ssl
import sys
import time
import warnings
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.inbox import tokens
from infrastructure.inbox.answers import find_body, find_sizes, list_uids
from infrastructure.inbox.imap import IN_A_ROW, Look, Outcome, read_mailbox
from infrastructure.inbox.tokens import TokenError, get_token
from infrastructure.settings import Settings
from tests.plugins.house import settings_for
from tests.plugins.imap_script import AT, PASSWORD, USER, Certificates, ImapScript, Stored, fetch_answer

DONE = {"done_folder": "Done"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("settings")
    return settings_for("sqlite://", folder, 25, mail_timeout_seconds=0.5, lease_seconds=60)


class Kept:
    """What was kept, as often as it was handed over."""

    def __init__(self, fails: Iterable[bytes] = ()) -> None:
        self.mails: list[tuple[bytes, datetime | None]] = []
        self.fails = set(fails)

    def __call__(self, raw: bytes, received_at: datetime | None) -> None:
        if raw in self.fails:
            raise RuntimeError("the database is away")
        self.mails.append((raw, received_at))

    @property
    def raws(self) -> list[bytes]:
        return [raw for raw, _ in self.mails]


def mail(name: str, size: int = 0) -> bytes:
    head = f"Message-ID: <{name}@surgery.example>\r\nSubject: {name}\r\n\r\n".encode()
    return head + b"x" * max(0, size - len(head) - 2) + b"\r\n"


def look_of(outcome: Outcome, ok_at: datetime | None = AT) -> Look:
    return Look(outcome.uid_validity, outcome.last_uid, ok_at if outcome.is_whole else None, outcome.suspect)


@pytest.mark.rule("EV-1")
@pytest.mark.parametrize(
    ("capabilities", "changes"),
    [
        ("IMAP4rev1", {}),
        ("IMAP4rev1 MOVE", DONE),
        ("IMAP4rev1 UIDPLUS", DONE),
        ("IMAP4rev1", DONE),
    ],
)
def test_each_mail_is_kept_before_it_is_marked_or_moved(
    imap: ImapScript, settings: Settings, capabilities: str, changes: dict[str, str]
) -> None:
    imap.capabilities = capabilities
    raws = [mail("a"), mail("b") + bytes(range(256)), b""]
    for raw in raws:
        imap.put(raw)
    unmarked: list[bool] = []

    def keep(raw: bytes, received_at: datetime | None) -> None:
        unmarked.append(raw in imap.raws(unseen=True))
        kept(raw, received_at)

    kept = Kept()
    outcome = read_mailbox(imap.box(**changes), Look(), settings=settings, keep=keep)
    assert kept.mails == [(raw, AT) for raw in raws]
    assert unmarked == [True] * len(raws)
    assert (outcome.error, outcome.is_whole, outcome.taken, outcome.uid_validity, outcome.last_uid) == (
        "",
        True,
        3,
        7,
        3,
    )
    assert imap.raws(unseen=True) == []
    assert imap.raws("Done") == (raws if changes else [])
    assert (
        not any("EXPUNGE" in asked and "UID" not in asked for asked in imap.commands) or "UIDPLUS" not in capabilities
    )


@pytest.mark.rule("EV-1")
@pytest.mark.threat("F29")
def test_what_could_not_be_kept_stays_unmarked_and_the_next_is_taken(imap: ImapScript, settings: Settings) -> None:
    raws = [mail("a"), mail("b"), mail("c")]
    for raw in raws:
        imap.put(raw)
    first = read_mailbox(imap.box(), Look(7, 0, AT), settings=settings, keep=(kept := Kept(fails=[raws[1]])))
    assert (kept.raws, imap.raws(unseen=True)) == ([raws[0], raws[2]], [raws[1]])
    assert (first.error, first.is_listed, first.is_whole, first.last_uid) == ("not_kept", True, False, 1)
    imap.folders["INBOX"][1].flags.add("\\Seen")  # a person reads it in the meantime
    read_mailbox(imap.box(), look_of(first), settings=settings, keep=(later := Kept()))
    assert raws[1] in later.raws


def test_a_database_that_is_away_is_not_asked_for_each_mail(imap: ImapScript, settings: Settings) -> None:
    raws = [mail(str(number)) for number in range(IN_A_ROW * 2)]
    for raw in raws:
        imap.put(raw)
    outcome = read_mailbox(imap.box(), Look(), settings=settings, keep=Kept(fails=raws))
    assert (outcome.error, outcome.taken) == ("not_kept", 0)
    assert sum("BODY.PEEK" in asked for asked in imap.commands) == IN_A_ROW


def every_cut(of: int) -> Iterable[int]:
    """Return at which bytes the line is cut: at each one where there is time, otherwise at some of every stretch."""
    return range(of + 1) if os.environ.get("EFFORT") == "full" else range(0, of + 1, 37)


@pytest.mark.rule("EV-1")
@pytest.mark.rule("EV-3")
@pytest.mark.threat("F28")
@pytest.mark.parametrize("changes", [{}, DONE])
def test_a_line_cut_at_any_byte_loses_and_changes_nothing(
    imap: ImapScript, settings: Settings, changes: dict[str, str]
) -> None:
    imap.is_tls = False  # four thousand handshakes would show nothing more
    box = imap.box(plain=True, **changes)
    raws = [mail("large", 4096), mail("small")]

    def deliver() -> None:
        imap.folders = {"INBOX": []}
        imap.uid_next, imap.cut_after = 1, None
        for raw in raws:
            imap.put(raw)

    deliver()
    assert read_mailbox(box, Look(), settings=settings, keep=Kept()).is_whole
    whole = imap.written
    for cut_after in every_cut(whole):
        deliver()
        imap.cut_after = cut_after
        kept = Kept()
        broken = read_mailbox(box, Look(), settings=settings, keep=kept)
        assert set(kept.raws) <= set(raws), cut_after
        assert broken.error in ("disconnected", "unreachable", "protocol", "sign_in", "folder", "not_marked", ""), (
            cut_after
        )
        marked = [raw for raw in raws if raw not in imap.raws(unseen=True)]
        assert set(marked) <= set(kept.raws), cut_after
        imap.cut_after = None
        assert read_mailbox(box, look_of(broken), settings=settings, keep=kept).is_whole
        assert set(kept.raws) == set(raws), cut_after  # one of them perhaps twice: its hash is the same
        assert imap.raws(unseen=True) == []


@pytest.mark.rule("EV-1")
@pytest.mark.threat("F30")
def test_a_server_that_numbers_anew_hides_no_new_mail_behind_an_old_number(
    imap: ImapScript, settings: Settings
) -> None:
    for name in "abc":
        imap.put(mail(name))
    look = look_of(read_mailbox(imap.box(), Look(), settings=settings, keep=Kept()))
    for validity in (8, 7):  # it says so; or it is broken and does not
        imap.folders["INBOX"].clear()
        imap.uid_validity, imap.uid_next = validity, 1
        imap.put(raw := mail(f"new {validity}"))
        imap.folders["INBOX"][0].flags.add("\\Seen")  # and somebody looked at it first
        after = read_mailbox(imap.box(), look, settings=settings, keep=(kept := Kept()))
        assert kept.raws == [raw]
        assert (after.uid_validity, after.last_uid) == (validity, 1)
    read_mailbox(imap.box(), look_of(after), settings=settings, keep=(nothing := Kept()))
    assert nothing.raws == []


@pytest.mark.rule("EV-1")
def test_a_mail_that_a_person_read_first_is_taken_all_the_same(imap: ImapScript, settings: Settings) -> None:
    look = look_of(read_mailbox(imap.box(), Look(), settings=settings, keep=Kept()))
    imap.put(raw := mail("read on a phone"), seen=True)
    read_mailbox(imap.box(), look, settings=settings, keep=(kept := Kept()))
    assert kept.raws == [raw]


def test_what_people_had_read_before_the_first_look_is_left_to_them(imap: ImapScript, settings: Settings) -> None:
    imap.put(mail("last year"), at=AT - timedelta(days=300), seen=True)
    imap.put(raw := mail("unread"))
    outcome = read_mailbox(imap.box(), Look(), settings=settings, keep=(kept := Kept()))
    assert (kept.raws, outcome.last_uid) == ([raw], 2)
    read_mailbox(imap.box(), look_of(outcome), settings=settings, keep=(kept := Kept()))
    assert kept.raws == []


@pytest.mark.threat("F30")
def test_a_mail_that_is_gone_before_it_is_fetched_or_marked_stops_nothing(imap: ImapScript, settings: Settings) -> None:
    gone, stays = imap.put(mail("moved by a person")), mail("stays")
    imap.put(stays)
    imap.vanish_before_fetch = {gone}
    outcome = read_mailbox(imap.box(), Look(), settings=settings, keep=(kept := Kept()))
    assert (kept.raws, outcome.is_whole) == ([stays], True)


@pytest.mark.threat("F32")
def test_one_mail_that_the_server_withholds_holds_up_no_other(imap: ImapScript, settings: Settings) -> None:
    imap.withheld = {imap.put(mail("broken"))}
    imap.put(raw := mail("next"))
    outcome = read_mailbox(imap.box(), Look(7, 0, AT), settings=settings, keep=(kept := Kept()))
    assert (kept.raws, outcome.error) == ([raw], "withheld")
    assert mail("broken") in imap.raws(unseen=True)


@pytest.mark.threat("F32")
def test_a_mail_at_which_the_server_always_hangs_up_is_asked_for_last(imap: ImapScript, settings: Settings) -> None:
    poison = imap.put(mail("poison"))
    imap.put(raw := mail("next"))

    def dies(number: int, one: Stored) -> bytes:
        return b"?" if one.uid == poison else fetch_answer(number, one)

    imap.fetches = dies
    first = read_mailbox(imap.box(), Look(7, 0, AT), settings=settings, keep=Kept())
    assert (first.error, first.suspect) == ("disconnected", poison)
    second = read_mailbox(imap.box(), look_of(first), settings=settings, keep=(kept := Kept()))
    assert (second.error, kept.raws, second.last_uid) == ("disconnected", [raw], poison - 1)


@pytest.mark.threat("E3")
def test_a_mail_that_is_too_large_stays_and_is_named_and_a_server_that_lies_of_it_is_not_believed(
    imap: ImapScript, settings: Settings
) -> None:
    large, raw = imap.put(mail("large")), mail("next")
    imap.put(raw)
    imap.sizes = {large: 200_000_000}
    outcome = read_mailbox(imap.box(**DONE), Look(), settings=settings, keep=(kept := Kept()))
    assert (kept.raws, outcome.too_large, outcome.is_whole) == ([raw], (large,), True)
    assert imap.raws() == [mail("large")]
    imap.sizes = {}
    imap.fetches = lambda number, one: b"* 1 FETCH (UID %d BODY[] {99999999999999}\r\n" % one.uid
    assert read_mailbox(imap.box(**DONE), Look(), settings=settings, keep=Kept()).error == "disconnected"


@pytest.mark.parametrize("changes", [{}, DONE])
def test_a_mailbox_in_which_nothing_can_be_marked_is_kept_whole_and_said(
    imap: ImapScript, settings: Settings, changes: dict[str, str]
) -> None:
    raws = [mail(str(number)) for number in range(IN_A_ROW + 2)]
    for raw in raws:
        imap.put(raw)
    imap.is_read_only = True
    outcome = read_mailbox(imap.box(**changes), Look(), settings=settings, keep=(kept := Kept()))
    assert (kept.raws, outcome.error) == (raws, "not_marked")


def test_a_look_ends_in_time_and_the_next_goes_on(imap: ImapScript, tmp_path: Path) -> None:
    hurried = settings_for(
        "sqlite://",
        tmp_path,
        25,
        lease_seconds=5,
        smtp_timeout_seconds=1,
        scanner_timeout_seconds=1,
        mail_timeout_seconds=1,
    ).model_copy(update={"lease_seconds": 0})
    raws = [mail("a"), mail("b")]
    for raw in raws:
        imap.put(raw)
    outcome = read_mailbox(imap.box(), Look(7, 0, AT), settings=hurried, keep=(kept := Kept()))
    assert (outcome.error, outcome.is_listed, outcome.is_whole) == ("", True, False)
    assert (kept.raws, outcome.last_uid) == ([], 0)


@pytest.mark.threat("F31")
@pytest.mark.parametrize(
    ("script", "changes", "error"),
    [
        ({}, {"ca_file": ""}, "certificate"),
        ({}, {"host": "127.0.0.1"}, "certificate"),  # vouched for, under another name
        ({"is_tls": False}, {}, "tls"),  # plain, or with STARTTLS: nothing is said to it
        ({"refuses_sign_in": True}, {}, "sign_in"),
        ({"refuses_sign_in": True}, {"password": "", "token_command": "echo abc"}, "sign_in"),
        ({}, {"password": "", "token_command": "false"}, "token"),
        ({}, {"folder": "Nowhere"}, "folder"),
        ({"hangs": True}, {}, "unreachable"),
        ({"greeting": b"* BYE full"}, {}, "protocol"),
        ({"greeting": b"\xff\xfe"}, {}, "unreachable"),
        ({}, {"port": 1}, "unreachable"),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_said_by_one_word_and_nothing_is_taken(
    imap: ImapScript, settings: Settings, script: dict[str, object], changes: dict[str, object], error: str
) -> None:
    imap.put(mail("a"))
    for name, value in script.items():
        setattr(imap, name, value)
    outcome = read_mailbox(imap.box(**changes), Look(7, 1, AT), settings=settings, keep=(kept := Kept()))
    assert (outcome.error, kept.raws) == (error, [])
    assert (outcome.uid_validity, outcome.last_uid) == (7, 1)
    if error in ("certificate", "tls"):
        assert imap.sign_ins == []


def test_a_password_in_any_script_and_a_token_are_said_as_the_standards_have_it(
    imap: ImapScript, settings: Settings
) -> None:
    read_mailbox(imap.box(user="ü", password="wörter"), Look(), settings=settings, keep=Kept())
    by_token = imap.box(password="", token_command="echo  abc.def-123 ")
    read_mailbox(by_token, Look(), settings=settings, keep=Kept())
    assert imap.sign_ins == [
        "\0ü\0wörter".encode(),
        f"user={USER}\1auth=Bearer abc.def-123\1\1".encode(),
    ]
    imap.refuses_sign_in = True
    read_mailbox(by_token, Look(), settings=settings, keep=Kept())
    assert imap.sign_ins[-1] == b"\r\n"  # nothing is the answer to the server's reasons
    read_mailbox(imap.box(), Look(), settings=settings, keep=Kept())
    assert imap.sign_ins[-1] == f"{USER}\0{PASSWORD}".encode()


def test_an_old_kind_of_tls_is_refused(imap: ImapScript, settings: Settings, certificates: Certificates) -> None:
    class Old(Certificates):
        def __init__(self) -> None:
            pass

        def context(self) -> ssl.SSLContext:
            context = certificates.context()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.maximum_version = ssl.TLSVersion.TLSv1_1
            return context

    box, imap.certificates = imap.box(), Old()
    try:
        outcome = read_mailbox(box, Look(), settings=settings, keep=Kept())
    finally:
        imap.certificates = certificates
    assert outcome.error in ("tls", "unreachable")
    assert imap.sign_ins == []


def is_held(line: int) -> bool:
    """Tell whether any process still holds the other end."""
    try:
        return os.read(line, 1) != b""
    except BlockingIOError:
        return True


def test_a_token_command_is_handed_no_secret_of_ours_and_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FRONTDOOR_SECRET_KEY", "never")
    said = get_token([sys.executable, "-c", "import os; print(len([k for k in os.environ if 'FRONTDOOR' in k]))"])
    assert said == "0"
    monkeypatch.setattr(tokens, "SECONDS", 0.3)
    line, began = tmp_path / "line", time.monotonic()
    os.mkfifo(line)
    hearing = os.open(line, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(TokenError):
        get_token(["sh", "-c", f"exec 3>{line}; sleep 60 & sleep 60"])
    while is_held(hearing):
        assert time.monotonic() - began < 30, "the command and what it began have ended"
        time.sleep(0.01)
    os.close(hearing)
    for command in (
        ["/nowhere"],
        ["echo"],
        ["sh", "-c", "echo abc; exit 1"],
        ["printf", "two words"],
        ["printf", "a\\377"],
    ):
        with pytest.raises(TokenError):
            get_token(command)


@pytest.mark.parametrize(
    ("answer", "raw"),
    [
        ([(b"1 (UID 5 BODY[] {2}", b"hi"), b")"], b"hi"),
        ([(b"1 (BODY[] {2}", b"hi"), b" UID 5)"], b"hi"),
        ([b"9 (FLAGS (\\Seen))", (b"1 (BODY[] {2}", b"hi"), b" UID 5)", b"2 (UID 6 FLAGS ())"], b"hi"),
        ([(b"1 (UID 4 BODY[] {2}", b"no"), b")", (b"2 (UID 5 BODY[] {2}", b"hi"), b")"], b"hi"),
        ([(b"1 (BODY[] {12}", b" UID 5 BODY["), b" UID 4)"], None),  # what a mail says of itself is no answer
        ([b'1 (UID 5 BODY[] "h\\"i")'], b'h"i'),
        ([b'1 (UID 5 BODY[] "")'], b""),
        ([b"1 (UID 5 BODY[] NIL)"], b""),
        ([b"1 (UID 5 FLAGS ())"], None),
        ([None], None),
        ([], None),
    ],
)
def test_a_mail_is_found_in_whatever_form_a_server_answers(answer: list[object], raw: bytes | None) -> None:
    found = find_body(answer, 5)
    assert (found.raw if found else None) == raw


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        (b"23-Nov-2026 10:00:00 +0100", AT),
        (b" 3-Nov-2026 09:00:60 +0000", datetime(2026, 11, 3, 9, 0, 59, tzinfo=AT.tzinfo)),
        (b"23-Nov-2026 09:00:00 +9999", None),
        (b"31-Feb-2026 09:00:00 +0000", None),
        (b"yesterday", None),
    ],
)
@pytest.mark.rule("GL-8")
def test_the_servers_own_time_is_read_or_not_believed(said: bytes, moment: datetime | None) -> None:
    found = find_body([(b'1 (UID 5 INTERNALDATE "' + said + b'" BODY[] {1}', b"x"), b")"], 5)
    assert found is not None
    assert found.received_at == moment


pieces = st.one_of(st.binary(max_size=60), st.tuples(st.binary(max_size=60), st.binary(max_size=20)), st.none())


@given(st.lists(pieces, max_size=5))
def test_no_answer_of_a_server_is_too_strange(answer: list[bytes | tuple[bytes, bytes] | None]) -> None:
    find_body(answer, 5)
    find_sizes(answer)
    list_uids(part for part in answer if not isinstance(part, tuple))
