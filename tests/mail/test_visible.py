"""What was written now and what was quoted: nothing is lost between them, whatever the lines are."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from service_request.domain.mail.classify import classify
from service_request.domain.mail.types import MailKind, Read
from service_request.domain.mail.visible import split
from tests.mail.forming import read_form

LINES = [
    "", " ", "Hello", "> quoted", "> > deeper", ">From here on", "-- ", "--", "----", "_" * 32, "PS one more thing",
    "On Mon, 23 Nov 2026 at 09:31, Help <desk@council.example> wrote:", "wrote:", "On Monday,", "He wrote:",
    "From: Help <desk@council.example>", "Sent: 23 November 2026 09:31", "To: Mary", "Subject: x", "Od: Jo", "Do: domu",
    "-----Original Message-----", "---------- Forwarded message ---------", "Begin forwarded message:",
    "Sent from my iPhone", "Sent from the hospital", ">>> Jo 23/11/2026 09:31 >>>", "see below in red", "من: أحمد",
    "Parents mailing list", "CAUTION: from outside, do not click", "confidential addressee delete notify the sender " * 5,
]  # fmt: skip
SUBJECTS = st.sampled_from(["", "Help", "Re: Help", "Fwd: Help", "Odp: Pomoc"])
TEXTS = st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=30)), max_size=25).map("\n".join)


@given(TEXTS, SUBJECTS)
def test_every_word_stands_in_one_of_the_two(text, subject):
    shown = split(text, subject=subject)
    assert Counter(f"{shown.visible}\n{shown.quoted}".split()) == Counter(text.split())


@given(TEXTS, SUBJECTS)
def test_a_text_alone_says_a_kind_and_never_raises(text, subject):
    assert classify(Read(sender="mary@home.example", subject=subject, text=text)).kind in MailKind


def test_an_answer_inside_the_quote_is_visible_in_every_program_that_marks_it():
    for form in read_form("quotes"):
        if form["way"] == "intro":
            shown = split(f"{form['intro']}\n> asked\n\nanswered\n\n> asked again\nand answered", subject="Re: x")
            assert shown.visible == "answered\n\nand answered", form["name"]


def test_what_only_quotes_says_nothing_now():
    shown = split(
        "On Mon, 23 Nov 2026 at 09:31, Help <desk@council.example> wrote:\n> How old is he?\n", subject="Re: x"
    )
    assert not shown.visible


def test_a_signature_that_talks_is_no_signature():
    text = "My answers\n--\nHe is nine years old and goes to Oak School, in year four.\n--\nMary"
    assert split(text, subject="Re: x").visible.count("Oak School") == 1
