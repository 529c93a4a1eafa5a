"""What an attacker, a mail filter or bad luck would have a mail do: be lost, hide danger, flood somebody (EV-1, T9)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infrastructure.database import Wall, utc_now
from infrastructure.outbox import MessageState, OutboxMessage
from service_request.models import Arrival, Disposition, Mail, Referrer, Safe, ServiceRequest
from service_request.services.mail.tokens import with_token
from service_request.services.mail.understanding import understand_mail
from service_request.services.sight.held_arrivals import list_held_arrivals
from service_request.services.sight.mails import list_filed
from tests.factories import County
from tests.plugins.house import Mailbox
from tests.posting import CARE, DESK, PARENT, SENDIASS, WORRY, Post, bounce, write

HARM = "He hit my daughter again and he is outside the house right now."
BY_A_MACHINE = [
    {"X_Spam_Flag": "YES"},
    {"List_Id": "<news.elsewhere.example>"},
    {"Auto_Submitted": "auto-generated"},
    {"Return_Path": "<>", "References": "<1@elsewhere.example>"},
]


def alerts(post: Post) -> list[Wall]:
    return [row.wall for row in post.rows(OutboxMessage) if row.template == "danger_held"]


@pytest.mark.storage
@pytest.mark.rule("SE-10")
@pytest.mark.parametrize("said", BY_A_MACHINE)
@pytest.mark.parametrize("box", [DESK, SENDIASS])
def test_danger_in_what_was_taken_for_no_persons_alerts_and_waits_for_one(
    post: Post, county: County, box: str, said: dict[str, str]
) -> None:
    raw = write(HARM, to=box, **said)
    mail = post.take(raw, box)
    wall = Wall.SENDIASS if box == SENDIASS else Wall.OPEN
    (arrival,) = post.rows(Arrival)
    assert (arrival.disposition, arrival.reason, arrival.raw) == (Disposition.HELD, "danger_filed", raw)
    waits = [one.id for one in list_held_arrivals(post.session, county.officer)]
    assert waits == ([arrival.id] if wall is Wall.OPEN else [])
    assert (mail.request_id, set(alerts(post)), post.tasks(wall)) == (None, {wall}, ["unreadable"])
    assert post.owed() == []  # and still no machine is answered (T8)


@pytest.mark.rule("SE-10")
def test_who_is_away_and_says_whom_to_ring_in_an_emergency_alerts_nobody(post: Post) -> None:
    said = {"Auto_Submitted": "auto-replied", "References": "<1@westmarch.example>"}
    post.take(write("I am away. If a child is in immediate danger, or it is an emergency, call 999.", **said))
    assert (post.arrivals(), alerts(post), post.tasks()) == (["machine"], [], [])


@pytest.mark.rule("SE-10")
def test_a_newsletter_about_danger_alerts_nobody(post: Post) -> None:
    news = "Self-harm and knives: our training of November. " * 80
    post.take(write(news, List_Id="<news.elsewhere.example>"))
    assert (post.arrivals(), alerts(post), post.tasks()) == (["machine"], [], [])


@pytest.mark.rule("SE-10")
def test_danger_that_a_held_mail_passes_on_alerts(post: Post) -> None:
    below = "\n".join(f"> {line}" for line in ("He hit my daughter again.", "He is outside right now."))
    text = f"See below.\n\nOn Mon, 16 Nov 2026 at 10:00, Tom <tom@corrigan.example> wrote:\n{below}\n"
    post.take(write(text, to=SENDIASS, by="", subject="Re: Please help"), SENDIASS)
    assert post.arrivals() == ["held"] and set(alerts(post)) == {Wall.SENDIASS}


@pytest.mark.storage
@pytest.mark.rule("EV-1")
@pytest.mark.rule("EV-3")
@pytest.mark.parametrize("header", [b"X-Spam-Flag: YES\r\n", b"List-Id: <news.elsewhere.example>\r\n"])
def test_what_one_mailbox_took_for_junk_is_no_reason_to_lose_it_in_the_other(post: Post, header: bytes) -> None:
    raw = write(WORRY)
    post.take(header + raw, DESK)
    post.take(raw, CARE)
    post.take(b"Received: by another\r\n" + raw, CARE)
    filed, read, again = sorted(post.rows(Mail), key=lambda row: row.at)
    assert (filed.request_id, read.request_id, read.copy_of_id) == (None, post.request.id, None)
    assert (again.request_id, again.copy_of_id) == (post.request.id, read.arrival_id)
    assert len(post.owed()) == 1 and len(post.rows(Arrival)) == len(post.rows(Mail)) == 3


@pytest.mark.rule("EV-2")
@pytest.mark.threat("T8")
@pytest.mark.parametrize(
    "sender", ["nhs-noreply@shop.example", "school.no-reply@shop.example", "a+donotreply@shop.example", f"x+{DESK}"]
)
def test_nobody_is_thanked_at_an_address_that_no_one_reads(post: Post, sender: str) -> None:
    post.take(write(by=sender.replace(f"x+{DESK}", DESK.replace("@", "+abc@"))))
    assert post.rows(OutboxMessage) == [] and len(post.rows(ServiceRequest)) == 1


@pytest.mark.threat("T9")
@pytest.mark.parametrize("box", [DESK, SENDIASS])
def test_a_mailbox_is_not_flooded_under_its_many_names(post: Post, box: str) -> None:
    for number in range(12):
        post.keep(write(f"Mail {number}", by=f"victim+{number}@corrigan.example", subject=f"A{number}", to=box), box)
    post.work()
    assert len([row for row in post.rows(OutboxMessage) if row.to.startswith("victim")]) == 10


@pytest.mark.storage
@pytest.mark.rule("EV-2")
@pytest.mark.threat("E3")
def test_where_it_is_not_safe_to_write_nobody_hears_that_a_mail_was_too_large(post: Post, mailbox: Mailbox) -> None:
    post.take(write())
    (referrer,) = post.rows(Referrer)
    referrer.safe = Safe.NO
    post.session.commit()
    mailbox.clear()
    small = replace(post.house, settings=post.house.settings.model_copy(update={"mail_max_bytes": 4000}))
    kept = post.keep(write("Photographs") + b"x" * 4000)
    understand_mail(post.session, kept.id, now=utc_now(), house=small)
    post.work()
    assert post.owed()[-1].template == "mail_too_large" and mailbox.to(PARENT) == []


@pytest.mark.storage
@pytest.mark.threat("T7")
@pytest.mark.threat("F21")
def test_who_has_a_token_cannot_say_that_an_alert_to_staff_did_not_arrive(post: Post) -> None:
    post.take(write(HARM))
    alert = next(row for row in post.rows(OutboxMessage) if row.template == "danger_alert" and row.channel == "email")
    (thanks,) = post.owed()
    to = with_token(DESK, post.request.id, Wall.OPEN, post.house.settings)
    forged = bounce(alert, to=to).replace(str(alert.message_id).encode(), b"<guessed@elsewhere.example>")
    theirs = bounce(thanks, to=to).replace(str(thanks.message_id).encode(), b"<lost@elsewhere.example>")
    assert post.take(forged).outbox_id is None and post.take(theirs).outbox_id == thanks.id
    assert {row.id for row in post.rows(OutboxMessage) if row.state is MessageState.FAILED} == {thanks.id}


@pytest.mark.storage
@pytest.mark.rule("SE-5")
def test_who_is_away_tells_the_desk_of_no_mail_of_sendiass(post: Post, county: County) -> None:
    post.take(write(to=SENDIASS), SENDIASS)
    (answer,) = post.owed()
    away = {"subject": f"Automatic reply: {answer.body['subject']}", "Auto_Submitted": "auto-replied"}
    mail = post.take(write("I am away.", In_Reply_To=str(answer.message_id), **away), DESK)
    assert {mail.wall} == {Wall.SENDIASS} == {row.wall for row in post.rows(Arrival)}
    assert list_filed(post.session, county.officer) == [] and post.owed()[0].state is MessageState.SENT
    post.take(write())
    (ours,) = [row for row in post.owed() if row.wall is Wall.OPEN]
    mail = post.take(write("I am away.", In_Reply_To=str(ours.message_id), **away), DESK)
    assert (mail.wall, mail.request_id, mail.outbox_id) == (Wall.OPEN, None, None)
