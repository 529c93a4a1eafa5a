"""A mail that cannot be read waits for a person, whole, and the next one is read (EV-1, F32)."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from infrastructure.database import Wall, utc_now
from service_request.domain.mail.types import MailKind
from service_request.models import Arrival, Mail, ServiceRequest
from service_request.services.mail.reading import CouldNotReadError, Reader
from service_request.services.mail.understanding import list_waiting, understand_mail
from service_request.services.sight.held_arrivals import get_held_arrival, list_held_arrivals
from service_request.services.sight.mails import find_mail_of
from tests.factories import County
from tests.plugins.house import Mailbox
from tests.posting import DESK, PARENT, SENDIASS, Post, with_files, write

LONG = 40.0  # to start the program on a busy machine
# Stands in for the parser: what a mail of that word does to it, nobody could have foreseen.
PROGRAM = """
import sys, time, types
import service_request.domain.mail.parse as real
parse = real.parse
def poisoned(raw):
    if b"DIES" in raw:
        import os
        os.abort()
    if b"RAISES" in raw:
        raise ValueError
    if b"HANGS" in raw:
        time.sleep(60)
    if b"EATS" in raw:
        return parse(b"x" * (2 << 30))
    if b"LOOPS" in raw:
        while True: pass
    return parse(raw)
real.parse = poisoned
from service_request.domain.mail.__main__ import limit_self, serve
limit_self()
serve(sys.stdin.buffer, sys.stdout.buffer)
"""


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader(seconds=LONG, program=[sys.executable, "-c", PROGRAM])
    yield made
    made.close()


@pytest.mark.storage
@pytest.mark.rule("EV-1")
@pytest.mark.threat("F32")
def test_a_poison_mail_is_held_whole_and_the_next_one_is_read(post: Post, county: County, reader: Reader) -> None:
    bad, good = write("it DIES of this"), write("and this is read")
    kept = post.keep(bad)
    post.keep(good)
    for arrival_id in list_waiting(post.session, utc_now()):
        understand_mail(post.session, arrival_id, now=utc_now(), house=post.house, reader=reader)
    assert post.arrivals() == ["held", "request"] and post.tasks() == ["unreadable"]
    (held,) = list_held_arrivals(post.session, county.officer)
    assert (held.id, held.reason) == (kept.id, "unreadable")
    assert get_held_arrival(post.session, held.id, county.officer).raw == bad
    mail = find_mail_of(post.session, held.id, county.officer)
    assert mail is not None
    assert (mail.kind, mail.why, mail.request_id) == (MailKind.UNREADABLE, "reader_died", None)
    post.work()
    assert post.arrivals() == ["held", "request"] and len(post.rows(ServiceRequest)) == 1


@pytest.mark.threat("F32")
@pytest.mark.parametrize("word", ["DIES", "RAISES", "HANGS", "EATS", "LOOPS"])
def test_whatever_a_mail_does_to_the_program_that_reads_it_ends_in_time(reader: Reader, word: str) -> None:
    assert reader.read(write("before")).mail.visible_text == "before"
    reader.seconds = 1.0 if word in ("HANGS", "LOOPS") else LONG
    began = time.monotonic()
    with pytest.raises(CouldNotReadError):
        reader.read(write(word))
    assert time.monotonic() - began < LONG / 2
    reader.seconds = LONG
    assert reader.read(write("after")).mail.visible_text == "after"


@pytest.mark.threat("F32")
@pytest.mark.parametrize("size", [10, 1_000_000])
def test_a_program_that_neither_listens_nor_answers_is_ended_in_time(size: int) -> None:
    reader = Reader(seconds=0.5, program=[sys.executable, "-c", "import time; time.sleep(60)"])
    began = time.monotonic()
    with pytest.raises(CouldNotReadError):
        reader.read(b"x" * size)
    assert time.monotonic() - began < LONG / 2
    assert reader._process is None


def test_a_program_that_went_by_itself_is_started_again() -> None:
    once = "import runpy, service_request.domain.mail.__main__ as m; m.IDLE_SECONDS = 0.2; import sys; m.serve(sys.stdin.buffer, sys.stdout.buffer)"
    reader = Reader(program=[sys.executable, "-c", once])
    assert reader.read(write("one")).mail.visible_text == "one"
    process = reader._process
    assert process is not None
    process.wait(timeout=10)
    assert reader.read(write("two")).mail.visible_text == "two"
    reader.close()


def test_the_program_gives_each_file_by_its_number_and_its_size_beforehand() -> None:
    reader = Reader()
    raw = with_files(write(), ("one.txt", b"first"), ("two.pdf", b"%PDF" + bytes(5000)))
    said = reader.read(raw)
    assert [one.name for one in said.mail.attachments] == ["one.txt", "two.pdf"] and said.sizes == (5, 5004)
    assert reader.read_file(raw, 1) == b"%PDF" + bytes(5000) and reader.read_file(raw, 2) is None
    reader.close()


@pytest.mark.storage
@pytest.mark.rule("EV-1")
@pytest.mark.threat("E3")
@pytest.mark.parametrize("box", [DESK, SENDIASS])
def test_a_mail_that_is_too_large_is_kept_held_and_its_sender_told_once(post: Post, mailbox: Mailbox, box: str) -> None:
    small = replace(post.house, settings=post.house.settings.model_copy(update={"mail_max_bytes": 4000}))
    raw = write("Photographs", to=box) + b"x" * 4000
    wall = Wall.SENDIASS if box == SENDIASS else Wall.OPEN
    kept = post.keep(raw, box)
    for _ in range(2):
        understand_mail(post.session, kept.id, now=utc_now(), house=small)
    post.keep(raw, box)
    post.work()
    (mail,) = post.rows(Mail)
    assert (mail.kind, mail.notes, mail.wall) == (MailKind.UNREADABLE, ["too_large"], wall)
    assert (mail.head["sender"], post.arrivals(), post.rows(ServiceRequest)) == (PARENT, ["held"], [])
    (told,) = mailbox.to(PARENT)
    assert "too large" in mailbox.words(told) and told["Auto-Submitted"] == "auto-replied"
    assert len(post.rows(Arrival)[0].raw) == len(raw)


@pytest.mark.threat("T8")
def test_a_machine_that_sends_too_much_is_filed_as_one(reader: Reader) -> None:
    raw = write("Away", Auto_Submitted="auto-replied")
    said = reader.read(raw + b"x" * 5000, most=4000)
    assert said.mail.kind is MailKind.AUTO_REPLY and said.mail.notes == {"too_large"}
