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
SAID = [  # what people write that looks like what programs write
    "See you 3 March 2026 at 10:00", "My email is mary.x@home.example", "He said:", "From 9:30 to 10", "To: school",
    "Subject to change", "Sent: yesterday", "1. nine", "Date of birth: 3/3/2017", "Re: his plan", "From: mum", "- yes",
    "On Monday he hit his sister", "In March 2026 at 10:30 he fell", "Le 3 mars 2026 à 10:30 il était absent", "Thanks,",
    "W dniu 3 marca 2026 o 10:30 był w szkole", "Am 3. März 2026 um 10:30 war er krank", "the teacher wrote:", "Data: 3.3.2026",
    "School (office@oak.example) wrote: he must stay home", "P.S. he is deaf", "12/03/2026 10:30 the meeting:", "--- he hits",
    "Do: szkoły", "От него нет вестей", "Sent from my heart", "Jo <jo@oak.example> told me on 3 March 2026 at 10:30",
]  # fmt: skip
INTROS = [form["intro"] for form in read_form("quotes")]
MARKED = [form["intro"] for form in read_form("quotes") if form["way"] == "intro"]
SOME = st.lists(st.sampled_from(SAID), min_size=1, max_size=4, unique=True)
SUBJECTS = st.sampled_from(["", "Help", "Re: Help", "Fwd: Help", "Odp: Pomoc"])
TEXTS = st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=30)), max_size=25).map("\n".join)


@given(TEXTS, SUBJECTS)
def test_every_word_stands_in_one_of_the_two(text, subject):
    shown = split(text, subject=subject)
    assert Counter(f"{shown.visible}\n{shown.quoted}".split()) == Counter(text.split())


@given(SOME, st.sampled_from(MARKED), st.sampled_from(["\n", "\n\n"]), SOME)
def test_what_stands_right_above_or_below_a_marked_quote_is_visible(above, intro, gap, below):
    text = "\n".join(above) + gap + f"{intro}\n> asked\n> more\n" + "\n".join(below)
    visible = split(text, subject="Re: x").visible.split("\n")
    assert [line for line in visible if line] == above + below


@given(SOME, st.sampled_from(INTROS))
def test_what_stands_above_an_unmarked_quote_is_visible(above, intro):
    visible = split("\n".join(above) + f"\n\n{intro}\n\nasked\n", subject="Re: x").visible
    assert all(line in visible for line in above)


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
