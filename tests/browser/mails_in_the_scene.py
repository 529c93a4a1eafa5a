"""Mails of a scene, on both sides of the wall: a contact, one that names it, what a machine wrote, one that is held."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from infrastructure.mailboxes import Mailbox
from service_request.models import Mail, ServiceRequest
from service_request.services.mail.keeping import keep_mail
from tests.browser.enquiries_inside import LONG
from tests.posting import DESK, SENDIASS, write

TO_DESK = Mailbox(address=DESK, pathway="desk")
TO_SENDIASS = Mailbox(address=SENDIASS, pathway="sendiass")
SURGERY = "Dr Anwen Pugh <a.pugh@st-hildas-surgery.example>"
REPLY = f"Please ring me.\n\nOn Tue, 17 Nov 2026 at 08:00, {LONG} wrote:\n> {'w' * 90}\n> How are you?\n"


def make_mails(m: Any) -> dict[str, UUID]:
    """Keep them and let the worker read them; return their ids by name."""

    def take(raw: bytes, box: Mailbox) -> Mail:
        kept = keep_mail(m.session, box, raw, received_at=m.now, now=m.now, house=m.house)
        m.work()
        found: Mail = m.session.scalars(select(Mail).where(Mail.arrival_id == kept.id)).one()
        return found

    away = {"subject": f"Away: {LONG}", "Auto_Submitted": "auto-replied"}
    contact = take(write(REPLY, by=SURGERY, subject=LONG), TO_DESK)
    named = select(ServiceRequest.reference).where(ServiceRequest.id == contact.request_id)
    reference = m.session.scalars(named).one()
    ids = {
        "mailed_request": contact.request_id,
        "mail": contact.id,
        "possible_mail": take(write(subject=f"About {reference}"), TO_DESK).id,
        "filed_mail": take(write(**away), TO_DESK).id,
        "enquiry_by_mail": take(write(to=SENDIASS), TO_SENDIASS).request_id,
        "filed_inside": take(write(to=SENDIASS, **away), TO_SENDIASS).id,
        "mail_held_inside": take(write(to=SENDIASS, by=""), TO_SENDIASS).arrival_id,
    }
    m.session.rollback()
    return ids
