"""A teacher comes back on a phone, with the keyboard alone: answers what was asked, and sees what she sent (EV-9)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from helpdesk.services.asking import ask
from infrastructure.database import utc_now
from tests.browser.test_by_keyboard import Keyboard
from tests.browser.visiting import Visitor, code_in, link_in, mail_to
from tests.browser.westmarch import Inside, westmarch
from tests.lifecycle.forms_sent import fill, send
from tests.plugins.house import Mailbox
from tests.plugins.server import Installation

TEACHER = "s.rahman@brookfield.example"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Phone:
    """A narrow screen, and hands with a keyboard."""

    def __init__(self, teacher: Visitor, mailbox: Mailbox) -> None:
        self.teacher, self.mailbox, self.codes = teacher, mailbox, 0
        self.keyboard = Keyboard(teacher.page)

    def at(self, title: str) -> None:
        """Wait for a page, which must not scroll sideways."""
        expect(self.teacher.page.locator("h1")).to_have_text(title)
        assert self.teacher.page.evaluate(WIDER) <= 0, self.teacher.path

    def prove(self) -> None:
        """Ask for a code behind a link, and type it."""
        self.keyboard.press("Email me a code")
        self.at("Enter the code we emailed")
        self.codes += 1
        self.keyboard.answer("code", [code_in(mail_to(self.mailbox, TEACHER, about="Your code", count=self.codes))])


@pytest.fixture
def asked(installation: Installation, inside: Inside) -> str:
    """A request of the teacher's whose officer asks for one thing; return how it is asked."""
    words = "You left out whether there are risks for whoever visits. Are there any?"
    with westmarch(inside) as county:
        draft, digest = fill(county.session, "one child", now=utc_now(), house=county.house)
        receipt = send(county.session, draft=draft, digest=digest, now=utc_now(), house=county.house)
        given = {"fields": ["risks/risks"], "words": words, "by": county.staff["grace"]}
        ask(county.session, request_id=receipt.request_id, now=utc_now(), house=county.house, **given)
    return words


@pytest.mark.rule("EV-9")
@pytest.mark.rule("GL-3")
@pytest.mark.rule("EV-6")
def test_a_teacher_answers_and_finds_her_requests_with_the_keyboard_alone_on_a_phone(
    installation: Installation, asked: str, come: Callable[..., Visitor], mailbox: Mailbox
) -> None:
    installation.web()
    installation.worker(sweep_seconds=0.2)
    teacher = come(installation.address, width=375)
    phone = Phone(teacher, mailbox)
    teacher.open(link_in(mail_to(mailbox, TEACHER, about="something more")))
    phone.at("We need something more from you")
    assert asked not in teacher.words, "the link alone says nothing of what is asked"
    phone.prove()
    phone.keyboard.press("Continue")
    phone.at("We need something more from you")
    assert asked in teacher.words
    answer_it(phone)
    find_it_again(phone)


def answer_it(phone: Phone) -> None:
    """Answer the one question and add a word, check it, send it."""
    phone.keyboard.press("Start")
    phone.at("Is there a risk to staff who visit?")
    phone.keyboard.answer("risks", ["no"])
    phone.keyboard.press("Save and continue")
    phone.at("Your answer in your own words")
    phone.keyboard.answer("words", ["The dog is with their aunt now."])
    phone.keyboard.press("Save and continue")
    phone.at("Check your answer")
    assert "The dog is with their aunt now." in phone.teacher.words
    phone.keyboard.press("Send your answer")
    phone.at("Answer sent")


def find_it_again(phone: Phone) -> None:
    """Open her own requests by link and code, for the shift, and sign this device out again."""
    teacher = phone.teacher
    teacher.open("/mine")
    phone.at("Your requests")
    phone.keyboard.answer("email", [TEACHER])
    phone.keyboard.press("Email me a link")
    teacher.open(link_in(mail_to(phone.mailbox, TEACHER, about="Your requests")))
    phone.at("Open your requests")
    phone.prove()
    phone.keyboard.answer("remember", ["shift"])
    phone.keyboard.press("Continue")
    phone.at("Your requests")
    assert "C.H." in teacher.words and "Callum" not in teacher.words
    assert "This device knows you until" in teacher.words
    phone.keyboard.go_to("signing out", lambda at: at.get("text", "").strip() == "Sign out on this device")
    teacher.page.keyboard.press("Enter")  # to the same address, which knows nobody now
    expect(teacher.page.locator("main")).not_to_contain_text("C.H.")
    phone.at("Your requests")
    assert phone.keyboard.stops > 40
