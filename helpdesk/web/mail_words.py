"""What the staff pages say of a mail."""

from __future__ import annotations

from service_request.domain.mail.types import MailKind, MailNote

KIND_WORDS: dict[MailKind, str] = {
    MailKind.PERSON: "Written by a person",
    MailKind.AUTO_REPLY: "Automatic reply",
    MailKind.BOUNCE: "Came back undelivered",
    MailKind.DELIVERY_REPORT: "Delivery or read receipt",
    MailKind.MAILING_LIST: "Mailing list",
    MailKind.JUNK: "Suspected junk",
    MailKind.UNREADABLE: "Could not be read",
}
KIND_PLURALS: dict[MailKind, str] = {
    MailKind.AUTO_REPLY: "Automatic replies",
    MailKind.BOUNCE: "Came back undelivered",
    MailKind.DELIVERY_REPORT: "Delivery and read receipts",
    MailKind.MAILING_LIST: "Mailing lists",
    MailKind.JUNK: "Suspected junk",
    MailKind.UNREADABLE: "Could not be read",
}
SAY_KIND: dict[MailKind, str] = {  # on a button; whether a mail can be read nobody says by hand
    MailKind.PERSON: "A person wrote this",
    MailKind.AUTO_REPLY: "It is an automatic reply",
    MailKind.BOUNCE: "It came back undelivered",
    MailKind.DELIVERY_REPORT: "It is a receipt",
    MailKind.MAILING_LIST: "It is a mailing list",
    MailKind.JUNK: "It is junk",
}
NOTE_WORDS: dict[str, str] = {
    MailNote.TOO_LARGE: "It is too large to be read here: only its head was read. Download it to see the rest.",
    MailNote.BROKEN_STRUCTURE: "It was not put together properly. What is shown is the best that could be read.",
    MailNote.UNKNOWN_CHARSET: "Some of its letters could not be told for certain.",
    MailNote.TOO_DEEP: "It holds more parts inside each other than are read here. The rest is in the download.",
    MailNote.TOO_MANY_PARTS: "It holds more parts than are read here. The rest is in the download.",
    MailNote.ENCRYPTED: "It is encrypted. Download it, and open it with the key that it was sent to.",
    MailNote.SIGNED: "It carries a signature, which nobody has checked.",
    MailNote.WINMAIL: "Its files came packed by Outlook (winmail.dat), and were unpacked.",
    MailNote.WINMAIL_LOCKED: "Its files came packed by Outlook (winmail.dat), and could not be unpacked.",
    MailNote.CALENDAR: "An invitation to a meeting is with it. Nobody has answered it.",
    MailNote.NESTED: "Another email is attached to it.",
    MailNote.UUENCODED: "Its files stood in the text, and were taken out of it.",
    MailNote.HTML_ONLY: "It came with formatting only, which is not shown. Nothing was fetched from elsewhere.",
    MailNote.SENDER_UNCLEAR: "Nobody can say whom it is from, so nothing answers it by itself.",
    MailNote.SENDER_DOUBLED: "It names more than one sender.",
    MailNote.DATE_UNBELIEVABLE: "The date that it gives cannot be right.",
    MailNote.CUT_SHORT: "It is longer than can be shown here. The rest is in the download.",
    MailNote.MESSAGE_ID_REUSED: "Another email bears the same number. They are kept as two.",
    MailNote.FILES_LEFT_OUT: "Some of its files are over the limits and were not filed. They are in the download.",
}
WHY_WORDS: dict[str, str] = {
    "auto_submitted": "Its head says that it was sent automatically.",
    "null_sender": "It was sent in a way that asks for no answer.",
    "automatic_subject": "Its subject is that of an automatic reply.",
    "automatic_words": "Its words are those of an automatic reply.",
    "delivery_status": "It carries another mail server’s report.",
    "delayed": "Another mail server says that it still tries.",
    "disposition": "It is a receipt that a mail program wrote.",
    "receipt": "It is a receipt that a mail program wrote.",
    "spam_confidence_level": "Our mail server marked it.",
    "spamd_result": "Our mail server marked it.",
    "spam_flag": "Our mail server marked it.",
    "spam_status": "Our mail server marked it.",
    "list_id": "It came by a list.",
    "list_unsubscribe": "It came by a list.",
}

# What an officer writes down of a call is written down of a mail too: the same questions, in the words of a mail.
SECTION = "The email"
ROWS: dict[str, str] = {
    "caller_name": "Who wrote",
    "caller": "They are",
    "narrative": "What they wrote",
    "told": "Family knows of it",
}
QUESTIONS: dict[str, tuple[str, str]] = {  # label, hint
    "narrative": ("What they wrote", "In their own words"),
    "caller_name": ("Their name", "Leave it empty if they did not say"),
    "caller": ("Who are they?", ""),
    "told": ("Does the family know of this email?", ""),
}
TOLD: dict[str, str] = {"yes": "Yes, a parent or carer knows, or they ask for their own family"}
