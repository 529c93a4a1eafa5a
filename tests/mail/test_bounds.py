"""Whatever is sent: no error, and no more time and memory than docs/mail.md says."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from service_request.channels.email import parse
from service_request.domain.mail import parse as parser
from service_request.domain.mail.limits import MAX_MAIL
from service_request.domain.mail.types import MailKind, MailNote

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HEAD = b"From: nadia.karim@home.example\nTo: help@council.example\nSubject: A question\nMessage-ID: <n1@home.example>\n"
SECONDS = 5.0  # of the processor, for one mail; the largest takes two
MB = 1024 * 1024


def typed(content_type: bytes) -> bytes:
    return HEAD + b"Content-Type: " + content_type + b"\n"


MIXED = typed(b"multipart/mixed; boundary=x") + b"\n"
HTML = typed(b"text/html; charset=utf-8") + b"\n"
PACKED = HEAD + b"Content-Transfer-Encoding: base64\n\n"
WINMAIL = typed(b"application/ms-tnef") + b"\n" + bytes.fromhex("789f3e220000")
# Each was quadratic, or worse, in a parser that we looked at: the standard library's, libxml2's, tnefparse's, or ours.
TRAPS = {
    "lines that each may be a boundary": lambda: MIXED + b"--x1\n" * (MB // 3),
    "boundaries without parts": lambda: MIXED + b"--x\n" * (MB // 3),
    "a level in each part": lambda: MIXED + b"--x\nContent-Type: multipart/mixed; boundary=x1\n\n" * 40_000,
    "levels without end": lambda: (
        HEAD + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(5_000))
    ),
    "mails in mails": lambda: (HEAD + b"Content-Type: message/rfc822\n\n") * 5_000,
    "lines that continue a header": lambda: HEAD + b"X: y\n" + b" z\n" * (MB // 3) + b"\nwords",
    "lines that are no header": lambda: HEAD + b"zz\n" * (MB // 3) + b"X-Last: y\n\nwords",
    "encoded words without end": lambda: HEAD + b"Subject: " + b"=?utf-8?q?a" * 100_000 + b"\n\nwords",
    "heads of encoded words": lambda: b"Subject: " + b"=?" * 500_000 + b"\n\nwords",
    "comments in comments": lambda: b"From: " + b"(" * MB + b"\n\nwords",
    "brackets in brackets": lambda: b"From: " + b"<" * MB + b">" * MB + b"\n\nwords",
    "addresses": lambda: b"To: " + b"a@b," * MB + b"\n\nwords",
    "headers with addresses": lambda: (b"To: " + b"a@b," * 2_000 + b"\n") * 150 + b"\nwords",
    "parameters without end": lambda: typed(b"text/plain" + b'; a*0="x' * 50_000) + b"\nwords",
    "tags that nobody closes": lambda: HTML + b"<b>" * 60_000 + b"</i>" * 60_000 + b"words",
    "a quote in each tag": lambda: HTML + b'<a "' * 60_000,
    "comments that nobody closes": lambda: HTML + b"<!--" * 250_000,
    "tables in tables": lambda: HTML + b"<table><tr><td>" * 30_000,
    "a wide cell above many rows": lambda: HTML + b"<table><tr><td>" + b"w " * 200_000 + b"<tr><td>a" * 20_000,
    "huge numbers of letters": lambda: HTML + b"&#" + b"9" * MB + b";",
    "base64 of ends alone": lambda: PACKED + b"QQ=" * MB,
    "base64 of strange signs": lambda: PACKED + b"Q!" * (10 * MB),
    "uuencoded beginnings": lambda: HEAD + b"\n" + b"begin 644 a.txt\n" * 100_000,
    "uuencoded files": lambda: HEAD + b"\n" + b"begin 644 a.txt\n#0V%T\n`\nend\n" * 100_000,
    "a winmail.dat of small things": lambda: WINMAIL + (b"\x02\x02\x90\x06\x00" + b"\0" * 6) * 500_000,
    "a winmail.dat that counts too far": lambda: WINMAIL + b"\x01\x03\x90\x06\x00\x08\0\0\0" + b"\xff" * 8,
    "spaces before a line end": lambda: HEAD + b"\n" + (b" " * 9_000 + b"x\n") * 20,
    "lines that may quote": lambda: (
        HEAD + b"\n" + b"On Mon, 1 Jan 2026 at 10:00, A <a@b.example> wrote:\n> x\n" * 3_000
    ),
}


@pytest.mark.threat("F32")
@pytest.mark.parametrize("trap", TRAPS)
def test_a_mail_made_to_take_long_takes_no_longer_than_its_bound(trap):
    raw = TRAPS[trap]()
    began = time.process_time()
    parser.read_whole(raw, NOW)  # past the net: nothing is raised here either
    assert time.process_time() - began < SECONDS


@pytest.mark.threat("E3")
def test_a_mail_over_the_limit_has_its_headers_read_and_waits_for_a_person():
    parsed = parse(HEAD + b"\n" + b"words " * (MAX_MAIL // 6), now=NOW)
    assert (parsed.kind, parsed.notes) == (MailKind.UNREADABLE, {MailNote.TOO_LARGE})
    assert (parsed.sender, parsed.subject) == ("nadia.karim@home.example", "A question")
    assert (parsed.visible_text, parsed.attachments) == ("", ())


@pytest.mark.threat("E3")
def test_headers_larger_than_any_mail_are_refused_by_their_size():
    began = time.process_time()
    parsed = parse(HEAD + b"X-Long: " + b"y" * (MAX_MAIL * 2), now=NOW)
    assert time.process_time() - began < SECONDS
    assert (parsed.sender, parsed.kind) == ("nadia.karim@home.example", MailKind.UNREADABLE)


@pytest.mark.threat("E3")
def test_a_line_of_a_million_bytes_and_a_hundred_thousand_headers_are_read():
    headers = b"".join(b"X-Header-%d: value\n" % at for at in range(100_000))
    parsed = parse(headers + HEAD + b"\n" + b"a line " * 150_000 + b"\n", now=NOW)
    assert (parsed.sender, parsed.kind) == ("nadia.karim@home.example", MailKind.PERSON)
    assert parsed.visible_text.startswith("a line a line")
    assert parsed.notes == {MailNote.CUT_SHORT}


@pytest.mark.threat("E3")
def test_a_mail_of_fifty_megabytes_takes_little_more_memory_than_itself_and_its_files():
    said = in_a_process_of_its_own(
        """
import resource
from service_request.channels.email import parse
line = b"QUFB" * 19 + b"\\r\\n"
raw = (
    b"From: a@home.example\\nContent-Type: multipart/mixed; boundary=x\\n\\n--x\\n\\nwords\\n--x\\n"
    b"Content-Type: application/pdf; name=plan.pdf\\nContent-Transfer-Encoding: base64\\n\\n"
    + line * (50 * 1024 * 1024 // len(line) - 10) + b"--x--\\n"
)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
parsed = parse(raw)
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(parsed.kind, parsed.visible_text, len(parsed.attachments[0].content) // 2**20, grown // 1024 < 250)
"""
    )
    assert said == "person words 36 True"


def test_the_parser_is_imported_without_flask_and_without_a_database():
    said = in_a_process_of_its_own(
        """
import sys
from service_request.channels.email import parse
assert parse(b"From: a@home.example\\nContent-Type: text/html\\n\\n<p>words</p>").visible_text == "words"
print([name for name in sys.modules if name.split(".")[0] in {"flask", "sqlalchemy", "werkzeug", "lxml", "requests"}])
"""
    )
    assert said == "[]"


@pytest.mark.threat("F32")
@pytest.mark.parametrize("raised", [ValueError, RecursionError, MemoryError])
def test_a_mail_that_breaks_the_parser_is_held_with_what_its_headers_say(monkeypatch, raised):
    def breaks(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(parser, "read_content", breaks)
    parsed = parse(HEAD + b"\nwords", now=NOW)
    assert (parsed.kind, parsed.sender) == (MailKind.UNREADABLE, "nadia.karim@home.example")
    assert parsed.notes == {MailNote.BROKEN_STRUCTURE}
    monkeypatch.setattr(parser, "sender_of", breaks)
    assert parse(HEAD + b"\nwords", now=NOW).kind is MailKind.UNREADABLE


def in_a_process_of_its_own(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    ).stdout.strip()
