"""What a mail says, once it is read: values only, so that whoever reads one needs neither Flask nor a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class MailKind(StrEnum):
    """What wrote a mail. All but `person` are filed and shown, never answered, never dropped; a click corrects it."""

    PERSON = "person"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"  # a mail of ours, or of somebody else, did not arrive
    DELIVERY_REPORT = "delivery_report"  # it arrived, was read, or waits
    MAILING_LIST = "mailing_list"
    JUNK = "junk"  # the receiving server said so; we never guess it from words
    UNREADABLE = "unreadable"


class MailNote(StrEnum):
    """What a person should know of how a mail was made, since it may not show."""

    TOO_LARGE = "too_large"  # only its headers were read
    BROKEN_STRUCTURE = "broken_structure"  # parts could not be told apart: the text is the best that could be read
    UNKNOWN_CHARSET = "unknown_charset"
    TOO_DEEP = "too_deep"  # parts inside parts past the limit, left out of the text and kept in the raw mail
    TOO_MANY_PARTS = "too_many_parts"
    ENCRYPTED = "encrypted"  # S/MIME or PGP: kept, to be opened by staff
    SIGNED = "signed"
    WINMAIL = "winmail"  # winmail.dat was unpacked
    WINMAIL_LOCKED = "winmail_locked"  # and this one could not be
    CALENDAR = "calendar"  # an invitation is with it
    NESTED = "nested"  # another mail is with it, as an attachment
    UUENCODED = "uuencoded"
    HTML_ONLY = "html_only"
    SENDER_UNCLEAR = "sender_unclear"  # no From that can be trusted to mean one address: never answered
    SENDER_DOUBLED = "sender_doubled"
    DATE_UNBELIEVABLE = "date_unbelievable"
    MESSAGE_ID_REUSED = "message_id_reused"  # another mail bears the same name, with other words (E1)
    FILES_LEFT_OUT = "files_left_out"  # more files, or larger ones, than are filed: they stand in the raw mail
    CUT_SHORT = "cut_short"  # a text past what one page may hold; the rest stands in the raw mail


@dataclass(frozen=True)
class Attachment:
    """One file that came with a mail; `name` is cleaned for showing and is no path."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Returned:
    """What a bounce or delivery report says of the mail it answers."""

    message_ids: tuple[str, ...] = ()  # of the mail that came back, most likely first: "<…@…>"
    recipients: tuple[str, ...] = ()  # who was not reached, in lower case
    status: str = ""  # RFC 3463: "5.1.1"; empty where none was given
    is_permanent: bool = False  # it will not be tried again
    words: str = ""  # what the other server says, for a person to read


@dataclass(frozen=True)
class ParsedEmail:
    """One mail as it was understood; what it could not understand it says in `notes`, and never raises.

    Addresses are in lower case without names. `visible_text` is what the sender wrote now, `quoted_text` what was
    quoted and signed below or between it, `full_text` all of it as it stood. Texts hold no NUL and use "\\n".
    """

    sender: str = ""  # "" where nobody can say
    sender_name: str = ""
    reply_to: str = ""  # where an answer may go: "" where none may
    recipients: tuple[str, ...] = ()  # To, Cc, Delivered-To, X-Original-To, Envelope-To: each once
    subject: str = ""
    sent_at: datetime | None = None  # aware UTC; None where missing or not believable (E2)
    message_id: str = ""  # "<…@…>", "" where it has none
    references: tuple[str, ...] = ()  # In-Reply-To first, then References from the newest back; each once
    visible_text: str = ""
    quoted_text: str = ""
    full_text: str = ""
    attachments: tuple[Attachment, ...] = ()
    kind: MailKind = MailKind.PERSON
    why: str = ""  # the code of the sign that gave the kind: "auto_submitted", "null_sender", "list_id", ...
    returned: Returned | None = None
    notes: frozenset[MailNote] = field(default_factory=frozenset)
    verdicts: tuple[
        str, ...
    ] = ()  # each Authentication-Results value whole, topmost first: the caller knows whose it trusts


@dataclass(frozen=True)
class Read:
    """A mail taken apart, before anybody asks what wrote it: what tells its kind reads this."""

    headers: tuple[tuple[str, str], ...] = ()  # names in lower case, values decoded, in their order, repeats kept
    content_type: str = ""  # of the whole mail, "multipart/report"
    report_type: str = ""  # "delivery-status", "disposition-notification"
    sender: str = ""
    subject: str = ""
    text: str = ""
    report: str = ""  # the text of its machine-readable part
    returned_headers: tuple[tuple[str, str], ...] = ()  # of the mail that came back with it


@dataclass(frozen=True)
class Classed:
    """What wrote a mail, by which sign, and what it says of another one."""

    kind: MailKind
    why: str = ""
    returned: Returned | None = None


@dataclass(frozen=True)
class Split:
    """The words of now, and what stood there before."""

    visible: str
    quoted: str = ""
