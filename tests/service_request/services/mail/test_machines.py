"""What no person wrote is filed and never answered; a bounce fails its message in sight (T8, F21)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from infrastructure.outbox import DeliveryAttempt, MessageState, OutboxMessage, Result
from service_request.domain.mail.types import MailKind
from service_request.models import Arrival, Mail, ServiceRequest
from service_request.services.sight.mails import get_raw, list_filed, list_mails_of
from tests.factories import County
from tests.plugins.house import Mailbox
from tests.posting import CARE, DESK, PARENT, SENDIASS, Post, bounce, write

AWAY = {"subject": "Automatic reply: your message", "Auto_Submitted": "auto-replied"}
LIST = {
    "List_Id": "<news.elsewhere.example>",
    "List_Unsubscribe": "<https://elsewhere.example/u>",
    "Precedence": "list",
}


@pytest.mark.rule("EV-2")
@pytest.mark.threat("T8")
@pytest.mark.threat("E7")
@pytest.mark.parametrize(("said", "kind"), [(AWAY, MailKind.AUTO_REPLY), (LIST, MailKind.MAILING_LIST)])
def test_a_machine_is_filed_and_shown_and_never_answered(
    post: Post, mailbox: Mailbox, county: County, said: dict[str, str], kind: MailKind
) -> None:
    raw = write("I am away until Monday." if said is AWAY else "Our news of November.", **said)
    mail = post.take(raw)
    assert (mail.kind, mail.request_id, post.arrivals()) == (kind, None, ["machine"])
    assert post.rows(ServiceRequest) == [] and post.rows(OutboxMessage) == [] and mailbox.messages == []
    officer = county.officer
    (shown,) = list_filed(post.session, officer, kind)
    assert (shown.id, shown.sender) == (mail.id, PARENT)
    assert get_raw(post.session, mail.id, officer) == (None, raw)


@pytest.mark.storage
@pytest.mark.threat("F21")
@pytest.mark.parametrize("box", [DESK, CARE])
def test_a_bounce_fails_the_message_that_came_back_and_somebody_hears_within_the_minute(
    post: Post, mailbox: Mailbox, county: County, box: str
) -> None:
    post.take(write())
    (thanks,) = post.owed()
    assert thanks.state is MessageState.SENT
    mailbox.clear()
    mail = post.take(bounce(thanks, to=box), box)
    assert (mail.kind, mail.request_id, mail.outbox_id) == (MailKind.BOUNCE, post.request.id, thanks.id)
    (thanks,) = post.owed()
    assert (thanks.state, thanks.next_at) == (MessageState.FAILED, None)
    tried = sorted(post.rows(DeliveryAttempt), key=lambda row: row.n)[-1]
    assert (tried.result, tried.code) == (Result.BOUNCED, "5.1.1")
    assert post.tasks() == ["delivery_failed"] and mailbox.messages == []
    shown = list_mails_of(post.session, county.officer, post.request.id)
    assert [one.kind for one in shown] == [MailKind.PERSON, MailKind.BOUNCE]


@pytest.mark.threat("F21")
def test_a_bounce_told_twice_fails_its_message_once(post: Post) -> None:
    post.take(write())
    (thanks,) = post.owed()
    post.take(bounce(thanks))
    post.take(bounce(thanks))
    assert [row.result for row in post.rows(DeliveryAttempt)].count(Result.BOUNCED) == 1
    assert post.tasks() == ["delivery_failed"]


@pytest.mark.storage
@pytest.mark.rule("SE-5")
@pytest.mark.threat("F21")
def test_a_bounce_of_sendiass_that_strays_to_the_desk_is_inside_from_then_on(post: Post, county: County) -> None:
    post.take(write(to=SENDIASS), SENDIASS)
    (answer,) = post.owed()
    mail = post.take(bounce(answer, to=DESK), DESK)
    assert {row.wall.value for row in post.rows(Mail)} == {"sendiass"} == {row.wall.value for row in post.rows(Arrival)}
    assert mail.request_id == post.request.id and post.owed()[0].state is MessageState.FAILED
    assert list_filed(post.session, county.officer) == []
    assert post.tasks() == []


@pytest.mark.threat("T8")
@pytest.mark.threat("E9")
@pytest.mark.parametrize("sender", [DESK, CARE, SENDIASS, "front-door@westmarch.example", "no-reply@shop.example"])
def test_nobody_is_thanked_at_an_address_of_ours_or_of_nobody(post: Post, mailbox: Mailbox, sender: str) -> None:
    post.take(write(by=sender))
    assert mailbox.messages == [] and len(post.rows(ServiceRequest)) == 1


@pytest.mark.rule("EV-2")
@pytest.mark.threat("T8")
def test_who_writes_too_often_is_kept_and_the_thanks_stop(post: Post) -> None:
    for number in range(12):
        post.keep(write(f"Mail {number}", subject=f"About {number}"))
    post.work()
    assert (len(post.rows(ServiceRequest)), len(post.owed())) == (12, 10)
    post.wait(timedelta(minutes=10).total_seconds())
    post.take(write("Mail 13", subject="About 13"))
    assert len(post.owed()) == 11
