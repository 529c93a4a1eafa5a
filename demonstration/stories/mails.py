"""What came by email: a GP practice, a mother who writes to SENDIASS, an out-of-office reply (GL-7, SE-1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from uuid import UUID, uuid4

from sqlalchemy import select

from demonstration.clockwork import Story, World
from demonstration.papers import ATTENDANCE, letter
from demonstration.westmarch import MAIL_SERVER
from service_request.models import Arrival
from service_request.services.mail.keeping import find_box, keep_mail, wall_of

DESK, INSIDE = "children@westmarch.example", "advice@westmarch-sendiass.example"


def mail(
    w: World, sender: str, to: str, subject: str, words: str, *, paper: bool = False, is_away: bool = False
) -> UUID | None:
    """Keep a mail as the fetcher finds it in one of our mailboxes, and let it be understood; return its request."""
    written = EmailMessage(policy=policy.SMTP)
    domain = sender.rpartition("@")[2].rstrip(">")
    written["Authentication-Results"] = f"{MAIL_SERVER}; dmarc=pass header.from={domain}"
    written["From"], written["To"], written["Subject"] = sender, to, subject
    written["Date"], written["Message-ID"] = format_datetime(w.now), f"<{uuid4().hex}@{domain}>"
    if is_away:
        written["Auto-Submitted"] = "auto-replied"
    written.set_content(words)
    if paper:
        name, content = letter("attendance.pdf", ATTENDANCE)
        written.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    box = find_box(w.house.settings, to)
    if box is None:
        raise RuntimeError("the mail of a story came to no mailbox of ours")
    kept = keep_mail(w.session, box, bytes(written), received_at=w.now, now=w.now, house=w.house)
    w.work()
    query = select(Arrival.request_id).where(Arrival.wall == wall_of(box), Arrival.id == kept.id)
    request_id = w.session.scalars(query).one()
    w.session.rollback()
    return request_id


def a_practice_that_mails(w: World) -> Iterator[datetime]:
    """A practice nurse writes about a boy, with a list."""
    yield w.back(hours=3, minutes=25)
    mail(
        w,
        "Practice nurse Lowri Penn <l.penn@st-hildas-surgery.example>",
        DESK,
        "Boy of 7, missed appointments",
        "Hello\n\nA boy of 7 has missed four asthma reviews since June, and his school rang us about his breathing. "
        "His mother says that she cannot get here with the baby. I have not told her that I am writing to you.\n\n"
        "Lowri Penn\nPractice nurse, St Hilda's Surgery\n01632 960377",
        paper=True,
    )


def a_mother_who_mails_sendiass(w: World) -> Iterator[datetime]:
    """A mother asks about a plan, and is asked the rest in one mail."""
    yield w.back(hours=6, minutes=40)
    mail(
        w,
        "Bethan Mostyn <bethan.mostyn@mailbox.example>",
        INSIDE,
        "They said no to a plan",
        "My daughter is 6 and autistic. Yesterday I had a letter that says no to a plan for her. I would like to know "
        "what I can do. Please write, I cannot talk at work.\n\nBethan",
    )


def somebody_who_is_away(w: World) -> Iterator[datetime]:
    """A mail program answers for its owner: filed, and never answered."""
    yield w.back(hours=2, minutes=5)
    mail(
        w,
        "Joy Okoro <j.okoro@brookfield.example>",
        DESK,
        "Automatic reply: Request received",
        "I am away until Thursday. In an emergency ring the school office.",
        is_away=True,
    )


STORIES: list[Story] = [a_practice_that_mails, a_mother_who_mails_sendiass, somebody_who_is_away]
