"""A mail that seems to belong elsewhere: two side by side, and a person says (T7)."""

from __future__ import annotations

import pytest

from infrastructure.database import Wall
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.models import Clock as Promise
from service_request.models import ClockEnd, File, LinkKind, Mail, RequestLink, ServiceRequest, Task, TaskKind
from tests.helpdesk.web.walking import Staff
from tests.made_files import PDF
from tests.plugins.house import Mailbox
from tests.posting import DESK, SENDIASS, Post, with_files, write

pytestmark = [pytest.mark.threat("T7"), pytest.mark.storage]
AUNT = "Her Aunt <aunt@elsewhere.example>"
WORDS = "I am her aunt. Please ring me."


def asked(post: Post, to: str = DESK) -> tuple[ServiceRequest, Mail]:
    """Return a request, and a mail of somebody else that names it."""
    first = post.take(write(to=to), to)
    named = post.session.get_one(ServiceRequest, first.request_id)
    reference = format_reference(named.reference)
    return named, post.take(write(WORDS, to=to, by=AUNT, subject=f"About {reference}"), to)


def test_both_stand_side_by_side_and_yes_joins(post: Post, officer: Staff, mailbox: Mailbox) -> None:
    named, mail = asked(post)
    own_id, before = mail.request_id, len(mailbox.messages)
    listed = officer.get("/staff/tasks/possible_match")
    assert f"/staff/mails/{mail.id}" in listed.html
    page = officer.get(f"/staff/mails/{mail.id}")
    assert WORDS in page.words and "Mairead Corrigan" in page.words and "out of school since September" in page.words
    answer = officer.post(f"/staff/mails/{mail.id}/match", belongs="yes")
    assert f"/staff/requests/{named.id}" in answer.location
    own = next(row for row in post.rows(ServiceRequest) if row.id == own_id)
    assert (own.state, own.folded_into_id) == (RequestState.FOLDED, named.id)
    assert {row.end for row in post.rows(Promise) if row.request_id == own_id} == {ClockEnd.FOLDED}
    assert [(row.from_id, row.to_id, row.kind) for row in post.rows(RequestLink)] == [
        (own_id, named.id, LinkKind.SAME_ASK)
    ]
    assert WORDS in officer.get(f"/staff/requests/{named.id}").words
    assert "May belong to another" not in officer.get("/staff/queue").words.replace("May belong to another 0", "")
    post.work()
    assert len(mailbox.messages) == before, "nobody is told"
    again = officer.post(f"/staff/mails/{mail.id}/match", belongs="no")
    assert again.status == 409 and "answered this already" in again.words


@pytest.mark.parametrize(("to", "tasks"), [(DESK, "/staff/tasks"), (SENDIASS, "/staff/enquiries/tasks")])
def test_whether_it_belongs_is_answered_and_not_ticked_off(
    post: Post, officer: Staff, adviser: Staff, to: str, tasks: str
) -> None:
    _, mail = asked(post, to)
    staff = officer if to == DESK else adviser
    (task,) = [row for row in post.rows(Task) if row.kind is TaskKind.POSSIBLE_MATCH]
    refused = staff.post(f"{tasks}/{task.id}/done", kind="possible_match")
    assert refused.status == 409 and "Read both, and say whether it belongs to that one." in refused.words
    assert "When you have answered" in refused.words
    staff.post(f"/staff/mails/{mail.id}/match", belongs="no")
    assert [row.done_at is not None for row in post.rows(Task) if row.id == task.id] == [True]


def test_no_stands_and_the_other_one_is_as_it_was(post: Post, officer: Staff) -> None:
    named, mail = asked(post)
    answer = officer.post(f"/staff/mails/{mail.id}/match", belongs="no")
    assert f"/staff/requests/{mail.request_id}" in answer.location
    assert WORDS not in officer.get(f"/staff/requests/{named.id}").words
    assert {row.state for row in post.rows(ServiceRequest)} == {RequestState.RECEIVED}
    assert "Does it belong" not in officer.get(f"/staff/mails/{mail.id}").words


@pytest.mark.rule("SE-5")
def test_inside_an_adviser_says_it_and_nothing_of_it_is_outside(post: Post, adviser: Staff, officer: Staff) -> None:
    named, mail = asked(post, SENDIASS)
    assert named.wall is Wall.SENDIASS
    assert officer.post(f"/staff/mails/{mail.id}/match", belongs="yes").status == 404
    page = adviser.get(f"/staff/mails/{mail.id}")
    assert "Does it belong to another enquiry?" in page.words
    adviser.post(f"/staff/mails/{mail.id}/match", belongs="yes")
    assert WORDS in adviser.get(f"/staff/enquiries/{named.id}").words
    assert [row.wall for row in post.rows(RequestLink)] == [Wall.SENDIASS]
    post.session.rollback()
    assert next(row for row in post.rows(Mail) if row.id == mail.id).possible_answer == "yes"


def test_who_may_not_see_the_other_one_is_told_nothing_of_it_and_cannot_answer(post: Post, officer: Staff) -> None:
    named, mail = asked(post)
    named = post.session.get_one(ServiceRequest, named.id)
    named.restricted = True
    post.session.commit()
    page = officer.get(f"/staff/mails/{mail.id}")
    assert "one that you may not open" in page.words and "Mairead Corrigan" not in page.words
    assert officer.post(f"/staff/mails/{mail.id}/match", belongs="yes").status == 404


@pytest.mark.rule("EV-1")
@pytest.mark.parametrize(("to", "is_filed"), [(DESK, True), (SENDIASS, False)])
def test_its_files_stand_where_it_belongs_those_that_are_not_taken_out_yet_as_well(
    post: Post, officer: Staff, adviser: Staff, to: str, is_filed: bool
) -> None:
    staff, kind = (officer, "requests") if to == DESK else (adviser, "enquiries")
    first = post.take(write(to=to), to)
    named = post.session.get_one(ServiceRequest, first.request_id)
    reference, named_id = format_reference(named.reference), named.id
    about = write(WORDS, to=to, by=AUNT, subject=f"About {reference}")
    mail = post.take(with_files(about, ("letter.pdf", PDF)), to)
    own_id, mail_id = mail.request_id, mail.id
    if is_filed:
        post.work()
    staff.post(f"/staff/mails/{mail_id}/match", belongs="yes")
    post.work()
    (file,) = post.rows(File)
    assert file.owner_id == named_id
    assert "letter.pdf" in staff.get(f"/staff/{kind}/{named_id}").words
    assert staff.get(f"/staff/{kind}/{named_id}/files/{file.id}").status == 200
    assert staff.get(f"/staff/{kind}/{own_id}/files/{file.id}").status == 404
