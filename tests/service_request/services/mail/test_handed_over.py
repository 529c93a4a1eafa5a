"""A contact by mail that is handed over is inside, whole: its raw mail, its words, its hashes; no sign leads to it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from helpdesk.services.handing_over import hand_over
from infrastructure.database import Wall, digest, utc_now
from infrastructure.identity.models import AttemptCount
from infrastructure.outbox import OutboxMessage
from service_request.models import Arrival, ArrivalMedia, File, Mail, ServiceRequest
from service_request.services.mail.acknowledging import CAPS
from service_request.services.mail.completing import complete_mailed, read_typed
from service_request.services.mail.tokens import with_token
from service_request.services.sight.mails import get_raw, list_filed, list_mails_of
from tests.factories import County
from tests.posting import CARE, DESK, PARENT, Post, bounce, with_files, write
from tests.wall.inside import make_adviser
from tests.wall.stolen import Thief

pytestmark = pytest.mark.rule("SE-5")
NAME = "<first@corrigan.example>"


def handed(post: Post, county: County) -> ServiceRequest:
    raw = with_files(write(Message_ID=NAME), ("letter.txt", b"Tadhg Corrigan is excluded"))
    post.take(raw, DESK)
    post.take(b"Received: by another way\r\n" + raw, CARE)
    typed = {**read_typed(post.session, post.request.id, county.officer), "caller": ["parent"]}
    complete_mailed(post.session, post.request.id, typed, by=county.officer, now=utc_now(), house=post.house)
    hand_over(post.session, request_id=post.request.id, by=county.officer, now=utc_now(), house=post.house)
    post.work()
    return post.request


@pytest.mark.storage
def test_every_row_of_a_mail_goes_inside_and_no_key_outside_opens_or_finds_it(post: Post, county: County) -> None:
    adviser = make_adviser(post.session)
    request = handed(post, county)
    for model in (Arrival, ArrivalMedia, File, Mail, OutboxMessage, ServiceRequest):
        assert {row.wall for row in post.rows(model)} == {Wall.SENDIASS}, model
    outside, inside = Thief(post.house.settings), Thief(post.house.settings, Wall.SENDIASS)
    assert not any(word in said for _, said in outside.read(post.session) for word in ("Tadhg", "Corrigan", NAME))
    assert outside.finds(post.session, PARENT) == [] == outside.finds(post.session, NAME)
    assert any(NAME in said for _, said in inside.read(post.session))
    (mail,) = list_mails_of(post.session, adviser, request.id)
    assert get_raw(post.session, mail.id, adviser)[1].find(b"Tadhg") > 0
    assert list_mails_of(post.session, county.officer, request.id) == [] == list_filed(post.session, county.officer)


def test_what_they_write_afterwards_joins_inside_and_is_a_contact_of_its_own_outside(
    post: Post, county: County
) -> None:
    make_adviser(post.session)
    request = handed(post, county)
    mailbox = "sendiass@westmarch-sendiass.example"
    to = with_token(mailbox, request.id, Wall.SENDIASS, post.house.settings)
    assert post.take(write("It got worse", to=to), mailbox).request_id == request.id
    outside = post.take(write("It got worse still", to=DESK, References=NAME), DESK)
    assert (outside.wall, outside.possible_id) == (Wall.OPEN, None) and outside.request_id != request.id


@pytest.mark.storage
def test_a_mail_that_was_asked_about_points_inside_no_more(post: Post, county: County) -> None:
    make_adviser(post.session)
    post.take(write(Message_ID=NAME))
    first = post.request
    mail = post.take(write("Is that about Tadhg?", by="aunt@elsewhere.example", References=NAME))
    assert mail.possible_id == first.id and post.tasks() == ["possible_match"]
    typed = {**read_typed(post.session, first.id, county.officer), "caller": ["parent"]}
    complete_mailed(post.session, first.id, typed, by=county.officer, now=utc_now(), house=post.house)
    hand_over(post.session, request_id=first.id, by=county.officer, now=utc_now(), house=post.house)
    left = next(row for row in post.rows(Mail) if row.id == mail.id)
    assert (left.wall, left.possible_id) == (Wall.OPEN, None)
    from service_request.models import Task

    assert [task.done_at is not None for task in post.rows(Task) if task.kind == "possible_match"] == [True]


def test_a_bounce_afterwards_is_inside_wherever_it_lands(post: Post, county: County) -> None:
    make_adviser(post.session)
    post.take(write())
    (thanks,) = post.owed()
    typed = {**read_typed(post.session, post.request.id, county.officer), "caller": ["parent"]}
    complete_mailed(post.session, post.request.id, typed, by=county.officer, now=utc_now(), house=post.house)
    hand_over(post.session, request_id=post.request.id, by=county.officer, now=utc_now(), house=post.house)
    post.wait(timedelta(minutes=1).total_seconds())
    mail = post.take(bounce(thanks, to=DESK), DESK)
    assert (mail.wall, mail.request_id) == (Wall.SENDIASS, post.request.id)
    assert post.rows(ServiceRequest)[0].wall is Wall.SENDIASS
    assert list_filed(post.session, county.officer) == []


def test_how_often_somebody_was_thanked_is_forgotten_outside_whatever_name_they_write_under(
    post: Post, county: County
) -> None:
    make_adviser(post.session)
    by = "mairead+school@corrigan.example"
    post.take(write(by=by))
    keys = {digest("attempt", f"{name}:mairead@corrigan.example") for name, *_ in CAPS}
    assert keys <= {row.key for row in post.rows(AttemptCount)}
    typed = {**read_typed(post.session, post.request.id, county.officer), "caller": ["parent"]}
    complete_mailed(post.session, post.request.id, typed, by=county.officer, now=utc_now(), house=post.house)
    hand_over(post.session, request_id=post.request.id, by=county.officer, now=utc_now(), house=post.house)
    assert not keys & {row.key for row in post.rows(AttemptCount)}
