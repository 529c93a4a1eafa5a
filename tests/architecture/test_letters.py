"""Every letter: written by somebody, with all its parts, saying no more than it must, and 999 where it should."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from infrastructure.house import House
from service_request.services.mail.answering import NOT_ANSWERED

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "templates" / "messages" / "email"
PARTS = {"_danger"}
LINK = "http://localhost/outcome/k3Jd0fj2kd9Qm"
BY_WHEN = "9am on Wednesday 18 November"
OF_A_CHILD = {"reference": "K7RM-4TXC", "initials": "C.H.", "link": LINK}

# What each letter is made of, and nothing else: the outgoing guard reads these.
FACTS: dict[str, dict[str, str]] = {
    "anchor": {"day": "2026-11-17", "seq": "412", "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
    "acknowledgement": {"reference": "K7RM-4TXC", "by_when": BY_WHEN},
    "acknowledgement_public": {"reference": "K7RM-4TXC", "by_when": BY_WHEN},
    "assignment": {**OF_A_CHILD, "by_when": BY_WHEN},
    "assignment_reminder": {"reference": "K7RM-4TXC", "by_when": BY_WHEN, "link": LINK},
    "assignment_withdrawn": OF_A_CHILD,
    "close_asked": OF_A_CHILD,
    "asked": {"reference": "K7RM-4TXC", "link": LINK, "days": "28", "decided": "yes"},
    "asked_again": {"reference": "K7RM-4TXC", "link": LINK, "days": "28"},
    "call_received": {"reference": "K7RM-4TXC", "by_when": BY_WHEN, "link": LINK},
    "clock_escalation": {**OF_A_CHILD, "promise": "D", "told_as": "R", "by_when": BY_WHEN},
    "clock_warning": {**OF_A_CHILD, "promise": "D", "told_as": "R", "by_when": BY_WHEN},
    "concern_shared": {"reference": "K7RM-4TXC", "link": LINK},
    "code": {"code": "481516", "minutes": "15"},
    "danger_alert": {"reference": "K7RM-4TXC", "link": LINK},
    "danger_held": {"link": LINK},
    "danger_many": {"count": "12", "link": LINK},
    "adviser_reply_email": {"reference": "K7RM-4TXC", "words": "Keep the letter. We can ring you on any weekday, and it is free."},
    "engine_mail": {"reference": "K7RM-4TXC", "words": "We have your message. An adviser will reply by 5pm on Tuesday."},
    "engine_mail_first": {"reference": "K7RM-4TXC", "words": "We have it. If a child is in immediate danger, call 999 now. Duty line: 01632 960120."},
    "enquiry_due": {"reference": "K7RM-4TXC", "promise": "F", "by_when": BY_WHEN, "link": LINK},
    "enquiry_late": {"reference": "K7RM-4TXC", "promise": "F", "told_as": "R", "by_when": BY_WHEN, "link": LINK},
    "enquirer_wrote": {"reference": "K7RM-4TXC", "link": LINK},
    "enquiry_waits": {"reference": "K7RM-4TXC", "link": LINK},
    "evaluation": {"link": LINK, "days": "28"},
    "find_drafts": {"link": LINK},
    "form_wished": {"reference": "K7RM-4TXC", "by_when": BY_WHEN, "link": LINK},
    "form_received": {"reference": "K7RM-4TXC", "by_when": BY_WHEN},
    "form_wished_again": {"reference": "K7RM-4TXC", "link": LINK, "days": "28"},
    "invitation": {"link": LINK, "days": "7"},
    "password_reset": {"link": LINK, "minutes": "30"},
    "sign_in_changed": {},
    "glass_broken": {"reference": "K7RM-4TXC", "link": LINK},
    "mail_received": {"reference": "K7RM-4TXC", "by_when": BY_WHEN, "opens_at": BY_WHEN},
    "mail_received_public": {"reference": "K7RM-4TXC", "by_when": BY_WHEN, "opens_at": BY_WHEN},
    "mail_too_large": {},
    "message_received": {"reference": "K7RM-4TXC", "by_when": BY_WHEN},
    "message_link": {"reference": "K7RM-4TXC", "link": LINK, "days": "28"},
    "officer_reply": {"reference": "K7RM-4TXC", "words": "We have what we need for now. Ring us on any weekday, and ask for the duty officer."},
    "outcome_professional": {"reference": "K7RM-4TXC", "link": LINK, "days": "28", "corrected": "yes"},
    "outcome_public": {"reference": "K7RM-4TXC", "link": LINK, "days": "28", "corrected": "yes"},
    "passed_on": {"reference": "K7RM-4TXC"},
    "withdraw_asked": {"reference": "K7RM-4TXC", "link": LINK},
    "withdraw_declined": {"reference": "K7RM-4TXC", "link": LINK},
    "changes_received": {"reference": "K7RM-4TXC", "link": LINK},
    "part_of_form": {"link": LINK},
    "part_done": {"link": LINK},
    "draft_lapses": {"last_day": "20 November 2026", "link": LINK},
    "your_requests": {"link": LINK},
}  # fmt: skip
TO_STAFF = {
    name
    for name in FACTS
    if name.startswith(
        (
            "anchor",
            "assignment",
            "clock_",
            "close_",
            "concern_",
            "danger_",
            "enquir",
            "glass_",
            "invitation",
            "password_",
            "sign_in_",
        )
    )
}
SAYS_WHEN = {"assignment_reminder", "clock_warning"}  # to staff, who sort their mail by it: a time names nobody
NEVER = r"\b(contact us|please|invalid|click here|do not hesitate)\b"


def test_every_letter_is_known_here_with_its_facts() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} - PARTS == set(FACTS)


def test_every_letter_is_written_by_somebody() -> None:
    said = {
        node.value
        for room in ("helpdesk/services", "service_request/services", "infrastructure/identity")
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    by_rule = {f"{name}_public" for name in said if name == "acknowledgement"}  # acknowledging.py chooses by who asked
    assert set(FACTS) - said - by_rule == set()


@pytest.mark.parametrize("name", FACTS)
class TestALetter:
    def test_has_a_subject_and_a_body_and_signs_or_says_who_it_is_from(self, name: str, house: House) -> None:
        letter = house.write(name, **FACTS[name])
        assert letter.template == name and letter.facts == FACTS[name]
        assert 5 < len(letter.subject) <= 78
        assert "\n" not in letter.subject and "{" not in letter.subject + letter.text
        assert len(letter.text.split()) > 20
        assert house.settings.authority_name in letter.text

    @pytest.mark.rule("EV-6")
    def test_names_no_fact_in_its_subject_but_the_reference(self, name: str) -> None:
        first = (FOLDER / f"{name}.txt").read_text().split("\n", 1)[0]
        allowed = {"reference", "by_when"} if name in SAYS_WHEN else {"reference"}
        assert set(re.findall(r"\{\{\s*(\w+)", first)) <= allowed
        assert "{%" not in first

    def test_needs_each_of_its_facts_and_no_other(self, name: str, house: House) -> None:
        whole = house.write(name, **FACTS[name])
        for fact in FACTS[name]:
            less = {key: value for key, value in FACTS[name].items() if key != fact}
            try:
                assert house.write(name, **less).text != whole.text, f"{fact} is not said"
            except UndefinedError:
                continue
            pytest.fail(f"{name} goes out without its {fact}")

    @pytest.mark.rule("EV-10")
    def test_says_999_and_the_duty_line_to_everybody_outside(self, name: str, house: House) -> None:
        text = house.write(name, **FACTS[name]).text
        says_so = "If a child is in immediate danger, call 999 now." in text and house.settings.duty_line in text
        assert says_so or name in TO_STAFF

    @pytest.mark.rule("EV-6")
    def test_tells_of_nobody_by_itself(self, name: str) -> None:
        """A template takes the facts named above and what is said of the authority, and includes only its parts."""
        template = (FOLDER / f"{name}.txt").read_text()
        used = set(re.findall(r"\{\{\s*(\w+)", template)) | set(re.findall(r"\{%\s*(?:el)?if (\w+)", template))
        assert used - {"authority"} == set(FACTS[name])
        assert set(re.findall(r'include "messages/email/(\w+)\.txt"', template)) <= PARTS

    def test_is_plain_english(self, name: str, house: House) -> None:
        letter = house.write(name, **FACTS[name])
        found = re.findall(NEVER, f"{letter.subject}\n{letter.text}", flags=re.IGNORECASE)
        assert found == []
        assert max(len(line) for line in letter.text.split("\n") if "http" not in line) <= 160


@pytest.mark.rule("EV-2")
@pytest.mark.threat("T7")
def test_every_letter_about_a_request_to_somebody_outside_can_be_answered_and_no_other() -> None:
    before_any_request = {
        "code",
        "find_drafts",
        "your_requests",
        "draft_lapses",
        "part_of_form",
        "part_done",
        "evaluation",
    }  # an evaluation is answered on its page, without a name
    assert NOT_ANSWERED == TO_STAFF | before_any_request


@pytest.mark.parametrize("promise", "DAWR")
@pytest.mark.parametrize("name", ["clock_warning", "clock_escalation"])
def test_a_clock_says_which_promise_it_is(name: str, promise: str, house: House) -> None:
    text = house.write(name, **{**FACTS[name], "promise": promise}).text
    words = {"D": "the decision", "A": "an acknowledgement", "W": "the written form", "R": "an answer"}
    assert [word for word in words.values() if word in text] == [words[promise]]


@pytest.mark.parametrize("name", ["enquiry_due", "enquiry_late"])
def test_a_clock_of_an_enquiry_says_which_promise_it_is(name: str, house: House) -> None:
    texts = {promise: house.write(name, **{**FACTS[name], "promise": promise}).text for promise in "FS"}
    assert "the law sets" in texts["S"] and "the law sets" not in texts["F"]


def test_a_request_without_names_is_written_of_without_initials(house: House) -> None:
    for name in ("assignment", "assignment_withdrawn", "clock_warning", "clock_escalation"):
        assert "()" not in house.write(name, **{**FACTS[name], "initials": ""}).text
