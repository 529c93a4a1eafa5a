"""The settings of Westmarch County Council, a made-up authority."""

import json

MAIL_SERVER = "mail.westmarch.example"  # as it signs what it found out about a sender
FORGED = "X-Demonstration-Forged"  # the header of a mail that our mail server does not vouch for
MAILBOXES = {
    "help@westmarch.example": "desk",
    "children@westmarch.example": "social_care",
    "advice@westmarch-sendiass.example": "sendiass",
}

SETTINGS = {
    "authority_name": "Westmarch County Council",
    "product_name": "Westmarch children’s front door",
    "authority_code": "westmarch",
    "mail_from": "front-door@westmarch.example",
    "duty_line": "01632 960120",
    "helpdesk_phone": "01632 960100",
    "text_carrier": "twilio",
    "text_settle_seconds": "2",  # somebody watches the phone
    "text_numbers": "sms:+447700900180=sendiass,whatsapp:+447700900180=sendiass,sms:+447700900181=social_care",
    "twilio_account_sid": "AC" + "77" * 16,
    "sendiass_name": "Westmarch SENDIASS",
    "sendiass_phone": "01632 960140",
    "sendiass_alert": "danger@westmarch-sendiass.example",
    "sendiass_alert_phones": "+447700900190",
    "duty_alert": "duty@westmarch.example",
    "duty_alert_phones": "+447700900191",
    "school_holidays": "2026-10-26/2026-10-30,2026-12-21/2027-01-01,2027-02-15/2027-02-19,2027-03-26/2027-04-09",
    "mail_server_name": MAIL_SERVER,
    "mail_poll_seconds": "2",  # somebody watches the mailbox
    "address": "County Hall, Teasel Street, Millbrook WM1 1AA",
    "staff_idle_minutes": "240",  # an evening's walk through the demonstration needs no second sign-in
    "staff_session_hours": "12",
}


def mailboxes(port: int | None = None, password: str = "") -> str:  # nosec B107
    """Return the setting that names our mailboxes; without a port nobody reads them."""
    reached = {} if port is None else {"host": "127.0.0.1", "port": port, "password": password, "plain": True}
    return json.dumps(
        [
            {"address": address, "pathway": pathway, **reached, **({"user": address} if reached else {})}
            for address, pathway in MAILBOXES.items()
        ]
    )
