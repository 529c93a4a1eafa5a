"""Mails on the desk's pages: what was filed, what a person says of it, and the mail itself as it came (EV-1)."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from infrastructure.identity.users import User
from infrastructure.trail import AccessLog, Event
from service_request.domain.mail.types import MailKind
from service_request.models import Channel, Disposition, Mail, ServiceRequest
from tests.factories import County
from tests.helpdesk.mails.conftest import signed_in
from tests.helpdesk.web.walking import Staff
from tests.plugins.house import Mailbox
from tests.posting import CARE, DESK, PARENT, SENDIASS, WORRY, Post, bounce, write

AWAY = {"subject": "I am away until Monday", "Auto_Submitted": "auto-replied"}


def only(post: Post) -> Mail:
    row: Mail
    (row,) = post.rows(Mail)
    return row


def download(staff: Staff, path: str) -> TestResponse:
    """Fetch what is no page, byte for byte, as whoever's browser it is."""
    staff.get("/staff/mails")
    return staff.client.get(path)


@pytest.mark.rule("EV-1")
@pytest.mark.storage
def test_a_filed_mail_that_a_person_wrote_becomes_a_request_from_when_it_came(
    post: Post, officer: Staff, mailbox: Mailbox, county: County
) -> None:
    post.take(write(**AWAY), DESK)
    assert post.rows(ServiceRequest) == [] and mailbox.to(PARENT) == []
    came = only(post).at
    listed = officer.get("/staff/mails")
    assert "I am away until Monday" in listed.words and "Automatic reply" in listed.words
    page = officer.get(f"/staff/mails/{only(post).id}")
    assert WORRY in page.words and "A person wrote this" in page.buttons
    post.wait(60)
    answer = officer.post(f"/staff/mails/{only(post).id}/kind", kind="person")
    request, mail = post.request, only(post)
    assert f"/staff/requests/{request.id}" in answer.location
    assert (request.channel, request.received_at, request.told) == (Channel.EMAIL, came, "not_established")
    assert (mail.kind, mail.first_kind, mail.kind_by_id) == (MailKind.PERSON, MailKind.AUTO_REPLY, county.officer.id)
    assert mail.request_id == request.id
    assert WORRY in officer.get(f"/staff/requests/{request.id}").words
    assert "Nothing is filed here" in officer.get("/staff/mails").words
    post.work()
    assert len(mailbox.to(PARENT)) == 1
    said = {(row.act, row.actor_id) for row in post.rows(Event)}
    assert {("say_kind", county.officer.id), ("open_mail", county.officer.id)} <= said
    again = officer.post(f"/staff/mails/{mail.id}/kind", kind="person")
    assert again.status == 302 and len(post.rows(ServiceRequest)) == 1


@pytest.mark.rule("SE-5")
@pytest.mark.storage
def test_what_was_filed_inside_is_made_an_enquiry_inside_and_the_desk_finds_nothing(
    post: Post, officer: Staff, adviser: Staff
) -> None:
    post.take(write(to=SENDIASS, **AWAY), SENDIASS)
    mail = only(post)
    for path in ("", "/raw"):
        assert officer.get(f"/staff/mails/{mail.id}{path}").status == 404
    assert officer.post(f"/staff/mails/{mail.id}/kind", kind="person").status == 404
    assert "I am away" not in officer.get("/staff/mails").words
    assert "I am away until Monday" in adviser.get("/staff/mails").words
    answer = adviser.post(f"/staff/mails/{mail.id}/kind", kind="person")
    assert f"/staff/enquiries/{post.request.id}" in answer.location
    assert post.request.wall.value == "sendiass" and WORRY in adviser.get(answer.location).words
    assert officer.get(f"/staff/mails/{mail.id}").status == 404


def test_what_a_machine_wrote_can_be_called_otherwise_and_back_and_is_no_request_by_that(
    post: Post, officer: Staff
) -> None:
    post.take(write(**AWAY), DESK)
    for kind in ("junk", "mailing_list", "auto_reply"):
        officer.post(f"/staff/mails/{only(post).id}/kind", kind=kind)
        assert (only(post).kind, only(post).first_kind) == (kind, MailKind.AUTO_REPLY)
        listed = officer.get(f"/staff/mails?kind={kind}").words
        assert "I am away until Monday" in listed and "Rows 1 to 1 of 1" in listed
    assert post.rows(ServiceRequest) == []
    assert officer.post(f"/staff/mails/{only(post).id}/kind", kind="unreadable").status == 400


def test_a_mail_that_opened_a_request_stays_with_it_whatever_wrote_it(post: Post, officer: Staff) -> None:
    mail = post.take(write(), DESK)
    officer.post(f"/staff/mails/{mail.id}/kind", kind="junk")
    assert (only(post).kind, only(post).request_id) == (MailKind.JUNK, post.request.id)
    page = officer.get(f"/staff/requests/{post.request.id}").words
    assert "Not from a person" in page and WORRY in page
    officer.post(f"/staff/mails/{mail.id}/kind", kind="person")
    assert only(post).kind is MailKind.PERSON and len(post.rows(ServiceRequest)) == 1


@pytest.mark.threat("F21")
def test_what_came_back_stands_on_the_page_of_its_request_with_what_the_other_server_says(
    post: Post, officer: Staff, mailbox: Mailbox
) -> None:
    post.take(write(), DESK)
    (thanks,) = post.owed()
    came_back = post.take(bounce(thanks, to=DESK), DESK)
    page = officer.get(f"/staff/requests/{post.request.id}")
    assert "Not from a person" in page.words and f"/staff/mails/{came_back.id}" in page.html
    shown = officer.get(f"/staff/mails/{came_back.id}")
    assert "Came back undelivered" in shown.words and "No, it has ended" in shown.words and PARENT in shown.words


@pytest.mark.rule("EV-5")
@pytest.mark.threat("T17")
def test_a_mail_is_handed_out_byte_for_byte_to_be_saved_and_the_look_is_logged(post: Post, officer: Staff) -> None:
    raw = write("<script>alert(1)</script>")
    mail = post.take(raw, DESK)
    answer = download(officer, f"/staff/mails/{mail.id}/raw")
    assert answer.data == raw
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert PARENT not in str(answer.headers)
    (look,) = [row for row in post.rows(AccessLog) if row.act == "export"]
    assert (look.request_id, look.ids) == (mail.request_id, [str(mail.id)])


def test_the_page_of_a_mail_says_whose_it_is_and_how_it_was_made_in_plain_words(post: Post, officer: Staff) -> None:
    quoted = "Please ring me.\n\nOn Tue, 17 Nov 2026 at 08:00, Grace wrote:\n> How are you?\n> Grace\n"
    mail = post.take(write(quoted, Reply_To="elsewhere@corrigan.example"), DESK)
    page = officer.get(f"/staff/mails/{mail.id}")
    assert "Sender not verified" in page.words and "Nothing here vouches for this one" in page.words
    assert "Show all of it" in page.words and "How are you?" in page.words
    assert "Mairead Corrigan" in page.words and DESK in page.words
    request = officer.get(f"/staff/requests/{mail.request_id}")
    assert "Show all of it" in request.words and f"/staff/mails/{mail.id}" in request.html


@pytest.mark.rule("EV-1")
@pytest.mark.storage
def test_a_mail_without_a_sender_that_can_be_told_waits_inside_and_an_adviser_makes_it_an_enquiry(
    post: Post, adviser: Staff, officer: Staff
) -> None:
    raw = write(to=SENDIASS, by="")
    kept = post.take(raw, SENDIASS)
    assert kept.request_id is None and "unreadable" in post.tasks(kept.wall)
    page = adviser.get(f"/staff/enquiries/held/{kept.arrival_id}")
    assert WORRY in page.words and "does not say plainly whom it is from" in page.words
    assert download(adviser, f"/staff/held-mails/{kept.arrival_id}/raw").data == raw
    assert download(officer, f"/staff/held-mails/{kept.arrival_id}/raw").status_code == 404
    answer = adviser.post(f"/staff/enquiries/held/{kept.arrival_id}", act="open")
    assert f"/staff/enquiries/{post.request.id}" in answer.location
    assert WORRY in adviser.get(answer.location).words
    assert post.arrivals() == [Disposition.REQUEST] and len(post.rows(Mail)) == 1
    assert adviser.get(f"/staff/enquiries/held/{kept.arrival_id}").status == 404


@pytest.mark.rule("EV-1")
@pytest.mark.parametrize("act", ["open", "set_aside"])
def test_what_could_not_be_read_is_downloaded_and_made_a_request_or_set_aside(
    post: Post, officer: Staff, act: str
) -> None:
    raw = b"\x00\x01\x02" * 20
    mail = post.take(raw, CARE)
    if mail.kind is not MailKind.UNREADABLE:
        pytest.fail("this was meant to be unreadable")
    page = officer.get(f"/staff/held/{mail.arrival_id}")
    assert "could not read it" in page.words and "Download it as it came" in page.words
    assert download(officer, f"/staff/held-mails/{mail.arrival_id}/raw").data == raw
    officer.post(f"/staff/held/{mail.arrival_id}", act=act, reason="junk")
    assert len(post.rows(ServiceRequest)) == (1 if act == "open" else 0)
    assert post.arrivals() == ["request" if act == "open" else "not_a_request"]
    assert officer.get(f"/staff/held/{mail.arrival_id}").status == 404


def test_only_the_desk_sorts_mail(post: Post, county: County) -> None:
    mail = post.take(write(**AWAY), DESK)
    for user in (county.manager, county.social_worker):
        someone = signed_in(post, user)
        assert someone.get(f"/staff/mails/{mail.id}").status in (403, 404)
        assert someone.post(f"/staff/mails/{mail.id}/kind", kind="person").status in (403, 404)
    assert post.rows(ServiceRequest) == []


def test_an_address_made_by_hand_shows_a_list_and_no_error(post: Post, officer: Staff, adviser_user: User) -> None:
    for typed in ("?kind=nonsense", "?page=-3", "?page=x", "?page=9999", "?kind=%00"):
        assert officer.get(f"/staff/mails{typed}").status == 200


@pytest.mark.rule("EV-1")
@pytest.mark.rule("SE-5")
@pytest.mark.storage
def test_how_much_is_filed_stands_beside_its_name_and_each_side_counts_its_own(
    post: Post, officer: Staff, adviser: Staff, county: County
) -> None:
    assert "Filed mail 0" in officer.get("/staff/queue").words
    for n in range(3):
        post.take(write(**AWAY, Message_ID=f"<{n}@home.example>"), DESK)
    post.take(write(**AWAY, Message_ID="<inside@home.example>"), SENDIASS)
    for page in ("/staff/queue", "/staff/tasks/chase"):
        assert "Filed mail 3" in officer.get(page).words
    for page in ("/staff/enquiries", "/staff/enquiries/held"):
        assert "Filed mail 1" in adviser.get(page).words
    assert "Filed mail 0" in signed_in(post, county.manager).get("/staff/queue").words
