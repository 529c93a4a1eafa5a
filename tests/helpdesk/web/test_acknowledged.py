"""Everybody who asks is answered, once, by the way they used, with a reference and what happens next (EV-2, EV-10)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from uuid import uuid4

import pytest
from flask import Flask

from service_request.domain.references import format_reference
from service_request.models import Referrer, ServiceRequest
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.walking import Staff
from tests.plugins.house import Mailbox
from tests.service_request.channels.web.walking import NAMED, TEACHER, Person

MUM = "mum@home.example"
STORY = "Mum cannot get up and we are hungry."
CALL = {"urgency": "routine", "narrative": STORY, "told": "not_established", "child_name": "Leon Marsh"}
BY_WHEN = re.compile(r"- A manager decides (?:what to do )?by 9am on Wednesday 18 November")
Work = Callable[[], None]


@pytest.fixture
def person(app: Flask) -> Person:
    return Person(app.test_client())


def answered(mailbox: Mailbox, work: Work, to: str, ask: Ask) -> EmailMessage:
    """Return the only mail to somebody, which says what every first reply says and nothing of the matter."""
    work()
    work()
    (mail,) = mailbox.to(to)
    said = Mailbox.words(mail)
    reference = format_reference(ask.one(ServiceRequest).reference)
    assert reference in str(mail["Subject"])
    assert f"reference is {reference}" in said
    assert BY_WHEN.search(said), said
    assert "call 999 now" in said
    assert "01632 960120" in said
    assert mail["Auto-Submitted"] == "auto-generated"  # so that no machine answers us, nor we a machine
    for secret in ("Leon", "Marsh", "Callum", "Hartley", "hungry"):
        assert secret not in said + str(mail["Subject"])
    return mail


@pytest.mark.rule("EV-2")
@pytest.mark.rule("EV-10")
def test_a_professional_is_answered_once_at_the_work_address_which_counts_as_safe(
    person: Person, ask: Ask, mailbox: Mailbox, work: Work
) -> None:
    draft = person.begin().fill(NAMED)
    digest = draft.digest()
    for _ in range(2):
        draft.send(digest=digest)
    answered(mailbox, work, TEACHER["email"], ask)
    assert ask.one(Referrer).safe == "yes"


@pytest.mark.rule("EV-2")
@pytest.mark.rule("EV-10")
@pytest.mark.parametrize(("safe", "kept", "mails"), [("yes", "yes", 1), ("", "unset", 1), ("no", "no", 0)])
def test_a_family_is_answered_unless_it_said_that_it_is_not_safe(
    person: Person, ask: Ask, mailbox: Mailbox, work: Work, safe: str, kept: str, mails: int
) -> None:
    draft = person.begin_short("public_family")
    draft.fill({"concerns": {"narrative": STORY}, "reach": {"email": MUM, "safe": safe}}).send()
    assert ask.one(Referrer).safe == kept
    if mails:
        assert "only in the way you said is safe" in Mailbox.words(answered(mailbox, work, MUM, ask))
    work()
    assert len(mailbox.messages) == mails


@pytest.mark.rule("EV-2")
@pytest.mark.rule("EV-10")
@pytest.mark.parametrize(
    ("caller", "says"),
    [
        ({"caller": "school", "email": MUM}, "in the form behind this link"),
        ({"caller": "neighbour", "email": MUM, "safe": "yes"}, "A person reads it"),
        ({"caller": "parent", "email": MUM}, "A person reads it"),
        ({"caller": "parent", "email": MUM, "safe": "no"}, None),
        ({"caller": "neighbour"}, None),
    ],
)
def test_who_rings_is_answered_in_writing_where_that_is_safe(
    officer: Staff, ask: Ask, mailbox: Mailbox, work: Work, caller: Mapping[str, str], says: str | None
) -> None:
    call_id = str(uuid4())
    for _ in range(2):
        assert officer.post("/staff/take-call", **CALL, **caller, call_id=call_id).status == 302
    if says is not None:
        assert says in Mailbox.words(answered(mailbox, work, MUM, ask))
    work()
    assert len(mailbox.messages) == (says is not None)
