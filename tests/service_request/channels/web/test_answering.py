"""What we asked is answered behind link and code, in the form's own questions, by whoever the mailbox belongs to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from infrastructure.database import transaction, utc_now, uuid7
from infrastructure.house import House
from infrastructure.identity.models import LinkPurpose, SecretLink
from infrastructure.trail import Actor, ActorKind
from service_request.domain.states import RequestState
from service_request.models import (
    AskedFor,
    AskedKind,
    AskedState,
    File,
    FormResponse,
    Message,
    Referrer,
    ServiceRequest,
    Task,
    TaskKind,
)
from service_request.models import (
    Draft as DraftRow,
)
from service_request.models import (
    Person as PersonRow,
)
from service_request.services.asking import end_asked, owe_asking, owe_form_chases
from service_request.services.sight.holder import get_for_holder
from tests.made_files import PDF
from tests.plugins.house import Mailbox
from tests.service_request.channels.web.mailbox_holders import Returning
from tests.service_request.channels.web.test_outcome import (
    ADDRESS,
    Work,
    link_in,
    open_with_code,
    set_proof,
)
from tests.service_request.channels.web.walking import NAMED, Draft, Person

OFFICER = Actor(ActorKind.USER, uuid7())
FIELDS = ["child.1.where/gp", "background/history"]
WORDS = "Who is Callum's doctor, and how long has this gone on?"
pytestmark = pytest.mark.rule("GL-3")
Ask = Callable[..., str]


@pytest.fixture
def ask(draft: Draft, session: Session, house: House, mailbox: Mailbox, work: Work) -> Ask:
    """Ask a teacher about the request she sent; return the path of the link in her mail."""

    def ask_it(fields: list[str] = FIELDS, words: str = WORDS, **changes: Any) -> str:
        if session.scalars(select(ServiceRequest.id)).first() is None:
            draft.fill(NAMED).send()
        set_proof(session, changes.pop("proof", "code"))
        with transaction(session):
            request_id = session.scalars(select(ServiceRequest.id)).one()
            request = get_for_holder(session, request_id, lock=True)
            values: dict[str, Any] = {"kind": AskedKind.DETAILS, "by": OFFICER, "now": utc_now(), **changes}
            owe_asking(session, request, fields=fields, words=words, house=house, **values)
            request.state = RequestState.AWAITING_INFORMATION
        work()
        return link_in(mailbox, "answer")

    return ask_it


@pytest.fixture
def opened(ask: Ask, stranger: Person, mailbox: Mailbox, work: Work) -> str:
    """The link, opened by link and code on another device."""
    link = ask()
    open_with_code(stranger, link, mailbox, work)
    return link


def send(person: Person, link: str, **more: str) -> Any:
    person.open(f"{link}/check")
    digest = person.page.one("input", name="digest").attributes["value"]
    return person.post(f"{link}/send", {"digest": digest, **more})


def fresh(session: Session, model: Any, *where: Any) -> list[Any]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(model).where(*where)))


@pytest.mark.rule("EV-6")
def test_mail_and_link_say_nothing_of_the_matter(ask: Ask, stranger: Person, mailbox: Mailbox) -> None:
    link = ask()
    mail = next(one for one in mailbox.to(ADDRESS) if "something more" in str(one["Subject"]))
    stranger.open(link)
    assert stranger.h1 == "We need something more from you" and "s•••n@brookfield.example" in stranger.words
    for word in ("Callum", "Hartley", "doctor", "surgery", "history"):
        assert word not in stranger.words and word not in mailbox.words(mail) + str(mail["Subject"])
    for page in ("step/child.1.where", "step/answer", "check", "files", "sent"):
        assert stranger.open(f"{link}/{page}").request.path in (link, f"{link}/{page}")
        assert "doctor" not in stranger.words and "Callum" not in stranger.words


@pytest.mark.storage
def test_only_what_was_asked_is_asked_and_the_answer_completes_the_request(
    opened: str, stranger: Person, session: Session
) -> None:
    assert WORDS in stranger.words and "Where Callum Hartley lives" in stranger.words
    stranger.open(f"{opened}/step/child.1.where")
    names = {one.attributes["name"] for one in stranger.page.all("input")}
    assert names - {"csrf_token"} == {"gp", "gp_not_known"}
    assert stranger.open(f"{opened}/step/concerns").status_code == 404
    stranger.post(f"{opened}/step/child.1.where", {"gp": "Aldermoor Surgery", "postcode": "WM1 1AA"})
    assert stranger.address == f"{opened}/step/background"
    stranger.post(f"{opened}/step/background", {"history_not_known": "yes"})
    assert stranger.h1 == "Your answer in your own words"
    stranger.post(f"{opened}/step/answer", {"words": "Since the summer, I think.", "name": "Joan Pike"})
    assert stranger.h1 == "Check your answer"
    for words in ("Aldermoor Surgery", "Not known", "Since the summer, I think.", "Answered by Joan Pike"):
        assert words in stranger.words
    assert send(stranger, opened).status_code == 200
    assert stranger.h1 == "Answer sent"
    (request,), (asked,) = fresh(session, ServiceRequest), fresh(session, AskedFor)
    assert request.state is RequestState.IN_TRIAGE and not {*FIELDS} & {*request.missing}
    assert asked.state is AskedState.ANSWERED and asked.ended_by_id is None and asked.next_chase_at is None
    kept = fresh(session, FormResponse, FormResponse.id == asked.response_id)[0]
    assert kept.answers["child.1.where"]["gp"] == ["Aldermoor Surgery"]
    assert kept.answers["child.1.where"]["postcode"] == ["WM4 2QT"] and kept.supersedes_id is not None
    assert fresh(session, PersonRow, PersonRow.is_child.is_(True))[0].facts["gp"] == "Aldermoor Surgery"
    (said,) = fresh(session, Message, Message.kind == "answered")
    assert said.body == "Since the summer, I think.\n\nAnswered by: Joan Pike"
    assert [task.about_id for task in fresh(session, Task, Task.kind == TaskKind.NEW_INFORMATION)] == [asked.id]


@pytest.mark.parametrize("kind", [AskedKind.DETAILS, AskedKind.AGREEMENT, AskedKind.CAF])
def test_who_is_asked_because_of_what_was_decided_is_promised_no_decision(
    ask: Ask, stranger: Person, mailbox: Mailbox, work: Work, kind: AskedKind
) -> None:
    link = ask(kind=kind)
    mail = mailbox.words(next(one for one in mailbox.to(ADDRESS) if "something more" in str(one["Subject"])))
    open_with_code(stranger, link, mailbox, work)
    stranger.post(f"{link}/step/answer", {"words": "They say yes."})
    stranger.open(f"{link}/check")
    send(stranger, link)
    assert stranger.h1 == "Answer sent"
    is_undecided = kind is AskedKind.DETAILS
    assert ("A manager decides, with or without your answer." in mail) is is_undecided
    for words in (mail, stranger.words):
        assert ("a link to the outcome" in words) is is_undecided
        assert ("What our teams do is added to the page of the outcome." in words) is not is_undecided


@pytest.mark.rule("EV-3")
@pytest.mark.storage
def test_an_answer_sent_twice_is_one(opened: str, stranger: Person, session: Session) -> None:
    stranger.post(f"{opened}/step/child.1.where", {"gp": "Aldermoor Surgery"})
    stranger.open(f"{opened}/check")
    digest = stranger.page.one("input", name="digest").attributes["value"]
    for _ in range(2):
        assert stranger.post(f"{opened}/send", {"digest": digest}).status_code == 200
        assert stranger.h1 == "Answer sent"
    assert len(fresh(session, FormResponse)) == 2
    assert stranger.post(f"{opened}/step/child.1.where", {"gp": "Another"}).status_code == 409
    assert "Another" in stranger.words
    assert fresh(session, PersonRow, PersonRow.is_child.is_(True))[0].facts["gp"] == "Aldermoor Surgery"
    assert stranger.open(opened).request.path == f"{opened}/sent"


@pytest.mark.threat("W13")
def test_what_was_typed_is_there_again_on_another_device_and_after_the_code_ran_out(
    opened: str, stranger: Person, person: Person, mailbox: Mailbox, work: Work, session: Session
) -> None:
    stranger.post(f"{opened}/step/child.1.where", {"gp": "Aldermoor Surgery"})
    open_with_code(person, opened, mailbox, work)
    assert person.open(f"{opened}/step/child.1.where") and 'value="Aldermoor Surgery"' in person.response.text  # type: ignore[union-attr]
    with time_machine.travel(utc_now() + timedelta(minutes=20), tick=False):
        stranger.post(f"{opened}/step/background", {"history": "It began in June."})
        assert "It began in June." in stranger.words and "Everything you typed is still on this page" in stranger.words
        assert WORDS not in stranger.words and "Callum" not in stranger.words
        assert fresh(session, AskedFor)[0].state is AskedState.OPEN
        open_with_code(stranger, opened, mailbox, work)
        stranger.post(f"{opened}/step/background", {"history": "It began in June."})
        assert stranger.h1 == "Your answer in your own words"


def test_each_page_saved_keeps_it_open_a_while_more(opened: str, stranger: Person) -> None:
    for minutes in (10, 20, 30):
        with time_machine.travel(utc_now() + timedelta(minutes=minutes), tick=False):
            stranger.post(f"{opened}/step/child.1.where", {"gp": f"Surgery {minutes}"})
            assert stranger.address == f"{opened}/step/background", minutes


@pytest.mark.rule("GL-14")
def test_to_an_address_that_nothing_proves_no_word_of_the_form_goes_back(
    ask: Ask, stranger: Person, mailbox: Mailbox, work: Work, session: Session
) -> None:
    link = ask(["child.1.who/name", "concerns/narrative", "child.1.where/gp"], "Which surgery?", proof=None)
    open_with_code(stranger, link, mailbox, work)
    pages = [stranger.words]
    for page in ("step/child.1.who", "step/concerns", "step/child.1.where"):
        pages.append(stranger.open(f"{link}/{page}").text)
    stranger.post(f"{link}/step/child.1.where", {"gp": "Aldermoor Surgery"})
    pages.append(stranger.open(f"{link}/check").text)
    assert all("Callum" not in page and "hungry" not in page for page in pages)
    assert "Aldermoor Surgery" in pages[-1] and "Child 1" in pages[-1]
    send(stranger, link)
    (child,) = fresh(session, PersonRow, PersonRow.is_child.is_(True))
    assert (child.name, child.facts["gp"]) == ("Callum Hartley", "Aldermoor Surgery")


def test_to_a_proven_address_the_question_shows_what_was_answered_before(
    ask: Ask, stranger: Person, mailbox: Mailbox, work: Work
) -> None:
    link = ask(["concerns/narrative"], "Please say more.")
    open_with_code(stranger, link, mailbox, work)
    stranger.open(f"{link}/step/concerns")
    assert "Both boys have come in hungry" in stranger.page.one("textarea").text
    assert stranger.page.all("input", name="worries") == []


def test_a_wrong_answer_is_named_and_kept_and_not_sent_and_an_empty_page_stops_nobody(
    ask: Ask, stranger: Person, mailbox: Mailbox, work: Work, session: Session
) -> None:
    link = ask(["child.1.where/postcode", "background/history"])
    open_with_code(stranger, link, mailbox, work)
    stranger.post(f"{link}/step/child.1.where", {"postcode": "somewhere in Millbrook"})
    assert stranger.errors() and "somewhere in Millbrook" in stranger.response.text  # type: ignore[union-attr]
    send(stranger, link)
    assert len(stranger.errors()) == 1 and fresh(session, AskedFor)[0].state is AskedState.OPEN
    stranger.post(f"{link}/step/child.1.where", {"postcode": ""})
    stranger.post(f"{link}/step/background", {})
    assert stranger.h1 == "Your answer in your own words"
    stranger.post(f"{link}/step/answer", {})
    stranger.open(f"{link}/check")


def test_nothing_at_all_is_no_answer(opened: str, stranger: Person, session: Session) -> None:
    send(stranger, opened)
    assert stranger.errors() == ["Answer at least one question before you send"]
    assert fresh(session, AskedFor)[0].state is AskedState.OPEN


@pytest.mark.threat("W12")
def test_what_is_sent_is_what_was_shown(opened: str, stranger: Person, session: Session) -> None:
    stranger.post(f"{opened}/step/child.1.where", {"gp": "Aldermoor Surgery"})
    stranger.open(f"{opened}/check")
    digest = stranger.page.one("input", name="digest").attributes["value"]
    stranger.post(f"{opened}/step/child.1.where", {"gp": "Another Surgery"})
    stranger.post(f"{opened}/send", {"digest": digest})
    assert stranger.h1 == "Check your answer" and "Another Surgery" in stranger.words
    assert fresh(session, AskedFor)[0].state is AskedState.OPEN


@pytest.mark.rule("EV-1")
@pytest.mark.storage
@pytest.mark.parametrize("state", [AskedState.GIVEN_UP, AskedState.WITHDRAWN])
def test_an_answer_that_nobody_waits_for_any_more_is_taken_and_comes_up(
    opened: str, stranger: Person, session: Session, state: AskedState
) -> None:
    with transaction(session):
        request = get_for_holder(session, session.scalars(select(ServiceRequest.id)).one(), lock=True)
        end_asked(session, request, state=state, by=OFFICER, now=utc_now())
        request.state = RequestState.IN_TRIAGE
    stranger.open(opened)
    assert "You can still answer" in stranger.words
    stranger.post(f"{opened}/step/child.1.where", {"gp": "Aldermoor Surgery"})
    send(stranger, opened)
    assert stranger.h1 == "Answer sent"
    assert fresh(session, AskedFor)[0].state is AskedState.ANSWERED
    assert "child.1.where/gp" not in fresh(session, ServiceRequest)[0].missing
    assert len(fresh(session, Task, Task.kind == TaskKind.NEW_INFORMATION, Task.done_at.is_(None))) == 1


def test_files_go_with_the_answer(opened: str, stranger: Person, session: Session) -> None:
    token = stranger.token()
    data = {"csrf_token": token, "files": (BytesIO(PDF), "school report.pdf")}
    response = stranger.client.post(f"{opened}/files", data=data, follow_redirects=True)
    assert "school report.pdf" in response.text
    stranger.post(f"{opened}/files/{uuid7()}/remove")  # of another answer, or of nobody
    send(stranger, opened)
    (file,) = fresh(session, File)
    assert (file.owner_kind, file.owner_id) == ("request", fresh(session, ServiceRequest)[0].id)


@pytest.mark.rule("GL-4")
def test_what_was_told_is_asked_with_what_belongs_to_it(
    ask: Ask, stranger: Person, mailbox: Mailbox, work: Work, session: Session
) -> None:
    link = ask(["agrees/agrees"])
    open_with_code(stranger, link, mailbox, work)
    stranger.open(f"{link}/step/agrees")
    names = {one.attributes["name"] for one in stranger.page.all("input")}
    assert {"agrees", "agrees_who"} <= names and "lawful_basis" not in names


@pytest.mark.rule("GL-6")
def test_a_request_with_names_is_not_made_a_talk_without_them(
    ask: Ask, stranger: Person, mailbox: Mailbox, work: Work, session: Session
) -> None:
    link = ask(["told/told"])
    open_with_code(stranger, link, mailbox, work)
    stranger.open(f"{link}/step/told")
    assert "in_principle" not in {one.attributes.get("value") for one in stranger.page.all("input")}
    stranger.post(f"{link}/step/told", {"told": "in_principle"})
    stranger.post(f"{link}/step/answer", {"words": "Without names, please."})
    send(stranger, link)
    (request,) = fresh(session, ServiceRequest)
    assert (request.told, request.kind) == ("yes", "full")


@pytest.mark.rule("EV-10")
def test_danger_in_their_own_words_alerts_a_person(opened: str, stranger: Person, session: Session) -> None:
    stranger.post(f"{opened}/step/answer", {"words": "He says he will kill them tonight."})
    assert "Do not wait for an answer" in stranger.words
    send(stranger, opened)
    assert fresh(session, ServiceRequest)[0].urgency == "danger"
    assert len(fresh(session, Task, Task.kind == TaskKind.DANGER)) == 1


@pytest.mark.threat("T5")
def test_the_draft_of_an_answer_is_no_form_that_could_be_sent(opened: str, stranger: Person, session: Session) -> None:
    stranger.post(f"{opened}/step/child.1.where", {"gp": "Aldermoor Surgery"})
    (asked,) = fresh(session, AskedFor)
    assert stranger.open(f"/request/{asked.draft_id}/check").status_code in (200, 404)
    assert "Aldermoor" not in stranger.words and "Check your answers" not in stranger.words


class TestFromYourRequests:
    """Whoever proved the mailbox answers without another mail and code (GL-14)."""

    @pytest.fixture
    def held(self, ask: Ask, app: Flask, mailbox: Mailbox, work: Work, session: Session) -> tuple[Person, AskedFor]:
        ask()
        returning = Returning(app, mailbox, work)
        return returning.prove(returning.somebody()), fresh(session, AskedFor)[0]

    @pytest.mark.rule("GL-14")
    @pytest.mark.storage
    def test_the_question_opens_at_once(self, held: tuple[Person, AskedFor], mailbox: Mailbox) -> None:
        teacher, asked = held
        mailbox.clear()
        teacher.post(f"/mine/asked/{asked.id}")
        assert teacher.h1 == "We need something more from you" and WORDS in teacher.words
        assert mailbox.messages == []
        teacher.post(f"{teacher.address}/step/child.1.where", {"gp": "Aldermoor Surgery"})
        send(teacher, teacher.address.partition("/step")[0])
        assert teacher.h1 == "Answer sent"

    @pytest.mark.threat("T5")
    def test_to_another_mailbox_or_nobody_it_is_not_there(
        self, held: tuple[Person, AskedFor], stranger: Person, session: Session
    ) -> None:
        teacher, asked = held
        assert stranger.post(f"/mine/asked/{asked.id}").request.path == "/mine"
        with transaction(session):
            session.execute(update(Referrer).values(email_hash="nurse@millbrook-surgery.example"))
        assert teacher.post(f"/mine/asked/{asked.id}").status_code == 404
        assert teacher.post(f"/mine/asked/{uuid7()}").status_code == 404

    @pytest.mark.rule("GL-1")
    @pytest.mark.rule("EV-6")
    @pytest.mark.threat("T5")
    @pytest.mark.storage
    def test_the_written_form_begins_at_once_and_no_link_opens_it_without_a_code(
        self, draft: Draft, app: Flask, mailbox: Mailbox, work: Work, session: Session, house: House, stranger: Person
    ) -> None:
        draft.fill(NAMED).send()  # stands for the call: any request whose written form is asked for
        with transaction(session):
            request_id = session.scalars(select(ServiceRequest.id)).one()
            request = get_for_holder(session, request_id, lock=True)
            asked = owe_form_chases(session, request, by=OFFICER, now=utc_now(), house=house)
            assert asked is not None
            asked_id = asked.id
        returning = Returning(app, mailbox, work)
        teacher = returning.prove(returning.somebody())
        mailbox.clear()
        teacher.post(f"/mine/asked/{asked_id}")
        form = teacher.address
        assert teacher.h1 == "Your request for service" and form.startswith("/request/")
        assert mailbox.messages == []
        assert session.scalars(select(SecretLink).where(SecretLink.purpose == LinkPurpose.COMPLETE)).all() == []
        row = session.get_one(DraftRow, UUID(form.split("/")[2]))
        assert (row.completes_id, row.proven_email) == (request_id, ADDRESS)
        session.rollback()
        assert teacher.post(f"/mine/asked/{asked_id}").request.path == form  # the same form, and not another
        assert stranger.open(form).status_code == 404
        teacher.post("/mine/sign-out")
        assert teacher.open(form).status_code == 404
