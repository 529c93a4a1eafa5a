"""Drafts outlive the session, open on their own device only, and lapse when we said they would."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from infrastructure.database import transaction, utc_now, uuid7
from infrastructure.house import House
from infrastructure.identity.models import AttemptCount
from service_request.models import Draft
from service_request.pathways.social_care.forms import FormKind
from service_request.services.drafts import (
    ask_for_drafts,
    change_kind,
    delete_draft,
    open_draft,
    save_step,
    start_draft,
)
from service_request.services.proving import ask_code, prove_email
from service_request.services.refusals import DraftNotFoundError, DraftSentError
from tests.plugins.house import Mailbox

pytestmark = pytest.mark.storage
ADDRESS = "s.rahman@brookfield.example"


def proven_draft(session: Session, house: House, work: Callable[[], None], mailbox: Mailbox) -> tuple[UUID, str]:
    begun = start_draft(session, kind=FormKind.FULL, device=None, now=utc_now(), house=house)
    ask_code(session, begun.id, device=begun.device, email=ADDRESS, now=utc_now(), house=house)
    work()
    words = mailbox.words(mailbox.to(ADDRESS)[-1])
    code = words.split("Your code is ")[1][:6]
    assert prove_email(session, begun.id, device=begun.device, code=code, now=utc_now())
    return begun.id, begun.device


def test_a_draft_opens_on_its_own_device_only(session: Session, house: House) -> None:
    begun = start_draft(session, kind=FormKind.FULL, device=None, now=utc_now(), house=house)
    typed = {"name": ["Callum Hartley"]}
    save_step(session, begun.id, device=begun.device, key="child.1.who", typed=typed, now=utc_now(), house=house)
    assert open_draft(session, begun.id, device=begun.device, now=utc_now()).answers == {"child.1.who": typed}
    for device in (None, "", "guessed", begun.device[:-1]):
        with pytest.raises(DraftNotFoundError):
            open_draft(session, begun.id, device=device, now=utc_now())
    assert b"Callum" not in bytes(session.execute(text("SELECT answers_sealed FROM draft")).scalar_one())


def test_the_link_to_saved_drafts_is_sent_five_times_an_hour_at_most(
    session: Session, house: House, work: Callable[[], None], mailbox: Mailbox
) -> None:
    proven_draft(session, house, work, mailbox)
    mailbox.clear()
    for _ in range(8):
        ask_for_drafts(session, email=ADDRESS, now=utc_now(), house=house)
    work()
    assert len(mailbox.to(ADDRESS)) == 5


def test_a_stranger_who_asks_for_drafts_is_sent_nothing(
    session: Session, house: House, work: Callable[[], None], mailbox: Mailbox
) -> None:
    ask_for_drafts(session, email="nobody@brookfield.example", now=utc_now(), house=house)
    work()
    assert mailbox.messages == []
    assert session.scalars(select(AttemptCount.count)).all() == [1]  # a write all the same: time tells nothing (T22)


@pytest.mark.rule("EV-1")
def test_a_draft_lapses_when_we_said_and_each_save_lets_it_live_again(
    session: Session, house: House, work: Callable[[], None]
) -> None:
    assert house.settings.draft_days == 14
    past = utc_now() - timedelta(days=house.settings.draft_days + 1)
    old = start_draft(session, kind=FormKind.FULL, device=None, now=past, house=house)
    kept = start_draft(session, kind=FormKind.FULL, device=None, now=past + timedelta(days=2), house=house)
    held = open_draft(session, kept.id, device=kept.device, now=utc_now())
    assert held.lapses_at == past + timedelta(days=2 + house.settings.draft_days)
    saved = save_step(session, kept.id, device=kept.device, key="safety", typed={}, now=utc_now(), house=house)
    assert saved.lapses_at - saved.saved_at == timedelta(days=house.settings.draft_days)
    with pytest.raises(DraftNotFoundError):
        open_draft(session, old.id, device=old.device, now=utc_now())
    work()
    session.rollback()  # what was read before stays as it was, inside one reading
    assert list(session.scalars(select(Draft.id))) == [kept.id]


@pytest.mark.rule("EV-3")
def test_a_draft_that_was_sent_is_never_written_in_again(session: Session, house: House) -> None:
    now = utc_now()
    draft = start_draft(session, kind=FormKind.FULL, device=None, now=now, house=house)
    with transaction(session):
        session.get_one(Draft, draft.id).sent_request_id = uuid7()
    held = {"device": draft.device, "now": now}
    for change in (
        lambda: save_step(session, draft.id, key="safety", typed={"urgency": ["danger"]}, house=house, **held),
        lambda: change_kind(session, draft.id, kind=FormKind.IN_PRINCIPLE, house=house, **held),
    ):
        with pytest.raises(DraftSentError):
            change()
    kept = open_draft(session, draft.id, **held)
    assert (kept.answers, kept.kind) == ({}, FormKind.FULL)


def test_its_holder_may_throw_a_draft_away(session: Session, house: House) -> None:
    begun = start_draft(session, kind=FormKind.FULL, device=None, now=utc_now(), house=house)
    delete_draft(session, begun.id, device=begun.device, now=utc_now(), house=house)
    assert session.scalars(select(Draft)).all() == []


def test_a_code_is_used_once_and_five_wrong_tries_end_it(
    session: Session, house: House, work: Callable[[], None], mailbox: Mailbox
) -> None:
    begun = start_draft(session, kind=FormKind.FULL, device=None, now=utc_now(), house=house)
    ask_code(session, begun.id, device=begun.device, email=ADDRESS, now=utc_now(), house=house)
    work()
    code = mailbox.words(mailbox.to(ADDRESS)[-1]).split("Your code is ")[1][:6]
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert not prove_email(session, begun.id, device=begun.device, code=wrong, now=utc_now())
    assert not prove_email(session, begun.id, device=begun.device, code=code, now=utc_now())
