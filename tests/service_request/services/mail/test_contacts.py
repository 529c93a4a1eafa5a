"""A mail to the children's desk is a contact: kept, thanked once, its 24 hours running, told not established (GL-7)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from infrastructure.database import Wall, db, utc_now
from infrastructure.outbox import MessageState
from service_request.domain.consent import Told
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.models import Channel, Clock, ClockKind, FormResponse, Mail, ReferrerKind, ServiceRequest
from service_request.services.mail.completing import ask_for_form
from service_request.services.mail.understanding import understand_mail
from tests.factories import County
from tests.plugins.house import Mailbox
from tests.posting import CARE, DESK, PARENT, SENDIASS, SURGERY, WORRY, Post, write


@pytest.mark.storage
@pytest.mark.rule("GL-7")
@pytest.mark.rule("GL-8")
@pytest.mark.parametrize("box", [DESK, CARE])
def test_a_mail_is_a_contact_with_its_24_hours_from_receipt(post: Post, box: str) -> None:
    mail = post.take(write(to=box), box)
    request = post.request
    assert (request.wall, request.pathway, request.channel) == (Wall.OPEN, "social_care", Channel.EMAIL)
    assert (request.state, request.told) == (RequestState.RECEIVED, Told.NOT_ESTABLISHED)
    (clock,) = post.rows(Clock)
    assert (clock.kind, clock.due_at - mail.at) == (ClockKind.DECISION, timedelta(hours=24))
    assert (mail.request_id, mail.kind.value, mail.head["sender"]) == (request.id, "person", PARENT)
    (answers,) = post.rows(FormResponse)
    assert answers.answers["call"]["narrative"] == [f"School place\n\n{WORRY}"]
    assert post.arrivals() == ["request"]
    assert post.said()[0] == ("in", f"School place\n\n{WORRY}")


@pytest.mark.rule("EV-2")
@pytest.mark.rule("EV-6")
@pytest.mark.rule("EV-10")
def test_the_sender_is_thanked_once_with_the_reference_and_nothing_of_the_matter(post: Post, mailbox: Mailbox) -> None:
    raw = write()
    post.take(raw)
    post.keep(raw)
    post.work()
    (thanks,) = mailbox.to(PARENT)
    reference, words = format_reference(post.request.reference), mailbox.words(thanks)
    assert reference in str(thanks["Subject"]) and reference in words and "999" in words and "01632 960120" in words
    assert not any(word in f"{thanks['Subject']}{words}" for word in ("Tadhg", "chool", "Corrigan"))
    assert thanks["Auto-Submitted"] == "auto-replied"
    assert str(thanks["In-Reply-To"]) in raw.decode()
    assert str(thanks["Reply-To"]).startswith("help+")
    (row,) = post.owed()
    assert row.state is MessageState.SENT


@pytest.mark.rule("EV-2")
@pytest.mark.rule("EV-7")
@pytest.mark.parametrize(("hours_later", "is_said"), [(1, False), (12, True)])
def test_the_thanks_say_when_the_helpdesk_opens_while_it_is_closed(
    post: Post, mailbox: Mailbox, hours_later: int, is_said: bool
) -> None:
    post.wait(hours_later * 3600)
    post.take(write())
    (thanks,) = mailbox.to(PARENT)
    words = " ".join(mailbox.words(thanks).split())
    assert ("- The helpdesk is closed now. It opens at 8:30am on Wednesday 18 November." in words) is is_said


@pytest.mark.rule("GL-14")
@pytest.mark.threat("T6")
def test_who_writes_from_an_agency_is_a_professional_and_proven_by_nothing(post: Post) -> None:
    from infrastructure.database import transaction
    from service_request.models import Agency, AgencyDomain, Referrer

    with transaction(post.session):
        agency = Agency(name="Millbrook Surgery", kind="gp", source_code="3A")
        post.session.add(agency)
        post.session.flush()
        post.session.add(AgencyDomain(agency_id=agency.id, domain="millbrook-surgery.example"))
    post.take(write("Please see this family.", by="reception@millbrook-surgery.example"))
    (referrer,) = post.rows(Referrer)
    assert (referrer.kind, referrer.agency_name) == (ReferrerKind.PROFESSIONAL, "Millbrook Surgery")
    assert (referrer.proof, referrer.proven_at) == (None, None)
    assert post.request.told is Told.NOT_ESTABLISHED


@pytest.mark.storage
@pytest.mark.rule("EV-3")
def test_the_same_mail_to_two_of_our_mailboxes_is_one_request_thanked_once(post: Post, mailbox: Mailbox) -> None:
    raw = write(to=f"{DESK}, {CARE}")
    post.take(b"Received: from a by b\r\nDelivered-To: help@westmarch.example\r\n" + raw, DESK)
    copy = post.take(b"Received: from c by d\r\nDelivered-To: gateway@westmarch.example\r\n" + raw, CARE)
    assert len(post.rows(ServiceRequest)) == 1 and len(mailbox.to(PARENT)) == 1
    assert copy.copy_of_id is not None and copy.request_id == post.request.id
    assert post.arrivals() == ["request", "repeat"]
    assert len([said for said in post.said() if said[0] == "in"]) == 1


@pytest.mark.threat("E1")
def test_two_mails_that_share_a_name_are_two_and_that_is_said(post: Post) -> None:
    name = "<1@corrigan.example>"
    post.take(write("The first", Message_ID=name))
    second = post.take(write("The second", Message_ID=name))
    assert len(post.rows(ServiceRequest)) == 2 and "message_id_reused" in second.notes


@pytest.mark.storage
@pytest.mark.rule("EV-10")
def test_danger_in_a_mail_alerts_a_named_person_at_once(post: Post, mailbox: Mailbox) -> None:
    post.take(write("He is hitting her right now, come quickly"))
    assert post.request.urgency == "danger" and post.tasks() == ["danger"]
    (alert,) = mailbox.to("duty@westmarch.example")
    assert "hitting" not in mailbox.words(alert)


@pytest.mark.rule("EV-1")
def test_a_mail_without_a_sender_is_a_contact_all_the_same_and_answered_by_nobody(post: Post, mailbox: Mailbox) -> None:
    post.take(write(by=""))
    assert post.request.state is RequestState.RECEIVED and mailbox.messages == []
    assert [row.request_id for row in post.rows(Mail)] == [post.request.id]


@pytest.mark.rule("EV-10")
def test_our_own_words_of_danger_quoted_around_an_answer_alert_nobody(post: Post, mailbox: Mailbox) -> None:
    post.take(write())
    (thanks,) = post.owed()
    quoted = "\n".join(f"> {line}" for line in thanks.body["text"].splitlines())
    answer = f"He is at school now.\n{quoted}\nAnd tomorrow too.\n"
    post.take(write(answer, subject="Re: School place", In_Reply_To=thanks.message_id))
    post.take(write(answer, subject="Another"))
    assert "danger" not in post.tasks() and mailbox.to("duty@westmarch.example") == []


@pytest.mark.rule("EV-10")
@pytest.mark.rule("SE-10")
@pytest.mark.parametrize(
    ("box", "named"), [(DESK, "duty@westmarch.example"), (SENDIASS, "danger@westmarch-sendiass.example")]
)
@pytest.mark.parametrize("words", ["> I will kill you\n\nThis is what he wrote.", "See below.\n\n> I will kill you"])
def test_danger_in_what_a_first_mail_passes_on_alerts_a_named_person(
    post: Post, mailbox: Mailbox, words: str, box: str, named: str
) -> None:
    post.take(write(words, to=box), box)
    assert len(mailbox.to(named)) == 1 and post.request.urgency == "danger"


@pytest.mark.storage
@pytest.mark.rule("EV-10")
@pytest.mark.rule("SE-10")
@pytest.mark.parametrize(
    ("box", "named"), [(DESK, "duty@westmarch.example"), (SENDIASS, "danger@westmarch-sendiass.example")]
)
def test_danger_at_the_end_of_a_mail_that_is_longer_than_what_is_written_down_alerts_as_well(
    post: Post, mailbox: Mailbox, box: str, named: str
) -> None:
    long = "He was late for school on that day as well, and nobody rang us.\n" * 400
    post.take(write(f"{long}He is hitting her right now.", to=box), box)
    assert len(mailbox.to(named)) == 1 and post.request.urgency == "danger"


@pytest.mark.storage
@pytest.mark.rule("EV-10")
@pytest.mark.rule("SE-10")
@pytest.mark.parametrize(
    ("box", "named"), [(DESK, "duty@westmarch.example"), (SENDIASS, "danger@westmarch-sendiass.example")]
)
@pytest.mark.parametrize("subject", ["Fw: he says he will kill me tonight", "Re: he will kill me tonight"])
def test_danger_in_the_subject_of_a_first_mail_that_was_passed_on_alerts_a_named_person(
    post: Post, mailbox: Mailbox, subject: str, box: str, named: str
) -> None:
    post.take(write("Please see what he sent.", subject=subject, to=box), box)
    assert len(mailbox.to(named)) == 1 and post.request.urgency == "danger"


@pytest.mark.storage
@pytest.mark.rule("EV-3")
def test_two_copies_understood_at_the_same_moment_are_one_request(post: Post, app: Flask) -> None:
    raw = write(to=f"{DESK}, {CARE}")
    kept = [post.keep(b"Received: by one\r\n" + raw, DESK).id, post.keep(b"Received: by two\r\n" + raw, CARE).id]

    def understand(arrival_id: UUID) -> None:
        with app.app_context():
            understand_mail(db.session(), arrival_id, now=utc_now(), house=post.house)
            db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(understand, kept))
    assert sorted(post.arrivals()) == ["repeat", "request"] and len(post.rows(ServiceRequest)) == 1


@pytest.mark.rule("GL-1")
@pytest.mark.rule("GL-17")
def test_a_professional_who_answers_the_wish_for_the_form_by_mail_joins_and_the_form_is_still_awaited(
    post: Post, county: County
) -> None:
    post.take(write("Please see this family.", by=f"Reception <{SURGERY}>"))
    ask_for_form(post.session, post.request.id, by=county.officer, now=utc_now(), house=post.house)
    wish = post.owed(SURGERY)[-1]
    mail = post.take(write("The form is with this.", by=SURGERY, In_Reply_To=wish.message_id))
    assert mail.request_id == post.request.id and post.tasks() == ["new_information"]
    assert {clock.kind: clock.ended_at for clock in post.rows(Clock)} == {
        ClockKind.DECISION: None,
        ClockKind.WRITTEN_FORM: None,
    }
