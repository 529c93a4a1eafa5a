"""A discussion without names (GL-6)."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from service_request.models import FormResponse, ServiceRequest, Subject
from service_request.models import Person as PersonRow
from tests.service_request.channels.web.walking import NAMED, WITHOUT_NAMES, Draft, Person

STORY = (
    "A boy in year 2 has come in without lunch. On Thursday Ryan told our cook that Mrs Hartley stays in bed. "
    "They moved to WM4 2QT in the spring. The number we hold, 07700 900312, is not answered."
)


@pytest.fixture
def talk(person: Person) -> Draft:
    return person.begin(names=False).fill(WITHOUT_NAMES)


def to_marked_words(draft: Draft) -> None:
    """Press send on the check page: words that may name someone are shown first."""
    draft.send()
    assert draft.person.address == draft.url("marked-words")


def marked(draft: Draft) -> list[str]:
    return [mark.children[0] for mark in draft.person.page.all("mark") if isinstance(mark.children[0], str)]


@pytest.mark.rule("GL-6")
@pytest.mark.storage
def test_a_discussion_without_names_is_sent_and_counts_no_names(talk: Draft, session: Session) -> None:
    talk.send()
    assert talk.person.h1 == "Request sent"
    request = session.scalars(select(ServiceRequest)).one()
    assert (request.kind, request.names_found) == ("in_principle", 0)
    assert [subject.is_anonymous for subject in session.scalars(select(Subject))] == [True]


@pytest.mark.rule("GL-6")
def test_words_that_may_name_someone_are_shown_back_marked_before_sending(talk: Draft, session: Session) -> None:
    talk.answer("concerns", {"narrative": STORY})
    to_marked_words(talk)
    assert talk.person.h1 == "4 words may say who this is about"
    assert marked(talk) == ["Ryan", "Mrs Hartley", "WM4 2QT", "07700 900312"]
    assert talk.person.page.one(class_="fd-quote").text.replace("1 told", " told").count("without lunch") == 1
    assert "we tell the manager that the words may name someone" in talk.person.words
    assert session.scalars(select(ServiceRequest)).one_or_none() is None


@pytest.mark.rule("GL-6")
@pytest.mark.storage
def test_marked_words_may_still_be_sent_and_are_counted_for_the_manager(talk: Draft, session: Session) -> None:
    talk.answer("concerns", {"narrative": STORY})
    to_marked_words(talk)
    fields = {box.attributes["name"]: box.attributes["value"] for box in talk.person.page.all("input", type="hidden")}
    talk.person.post(talk.url("send"), {**fields, "as_it_is": "yes"})
    assert talk.person.h1 == "Request sent"
    assert session.scalars(select(ServiceRequest.names_found)).one() == 4


def test_changing_what_was_written_is_the_main_act_and_leads_back_to_check(talk: Draft) -> None:
    talk.answer("concerns", {"narrative": STORY})
    to_marked_words(talk)
    buttons = [one for one in talk.person.page.all(class_="govuk-button") if "Exit" not in one.text]
    assert [button.text for button in buttons] == ["Change what I wrote", "Send as it is"]
    assert "govuk-button--secondary" in buttons[1].attributes["class"]
    assert buttons[0].attributes["href"] == talk.url("step/concerns?then=check")


@pytest.mark.rule("GL-6")
@pytest.mark.storage
def test_names_typed_before_the_fork_are_not_part_of_the_discussion(draft: Draft, session: Session) -> None:
    draft.fill(NAMED)
    draft.answer("told", {"told": "in_principle"})
    draft.open()
    assert draft.person.h1 == "Your discussion without names"
    assert "is not part of this discussion, and is not sent" in draft.person.words
    draft.open("check")
    assert "Callum" not in draft.person.words
    draft.fill({key: WITHOUT_NAMES[key] for key in ("child.1.band", "concerns", "you")}).send()
    assert draft.person.h1 == "Request sent"
    kept = session.scalars(select(FormResponse)).one()
    assert "Callum" not in str(kept.answers)
    assert [person.name for person in session.scalars(select(PersonRow))] == [None]


@pytest.mark.rule("GL-6")
def test_a_named_request_can_be_made_of_it_before_sending(talk: Draft) -> None:
    talk.answer("told", {"told": "yes"})
    talk.open()
    assert talk.person.h1 == "Your request for service"
    assert talk.open("step/child.1.who").status_code == 200


def test_a_named_draft_has_no_page_of_marked_words(draft: Draft) -> None:
    draft.fill(NAMED)
    draft.open("marked-words")
    assert draft.person.h1 == "Check your answers"


def test_w13_a_stale_page_of_marked_words_comes_back_with_its_words(talk: Draft, session: Session) -> None:
    talk.answer("concerns", {"narrative": STORY})
    talk.person.post(talk.url("send"), {"as_it_is": "yes", "csrf_token": "stale"}, token=False)
    assert talk.person.h1 == "4 words may say who this is about"
    assert "Everything you typed is still here" in talk.person.words
    assert session.scalars(select(ServiceRequest)).one_or_none() is None
