"""What each part of a mail is there for: words, a file, another mail, what a server reports."""

from __future__ import annotations

from enum import Enum, auto

from service_request.domain.mail.headers import decode_words
from service_request.domain.mail.structure import Part
from service_request.domain.mail.types import MailNote


class Role(Enum):
    """What a part is there for."""

    HOLDS_PARTS = auto()
    TEXT = auto()
    FILE = auto()
    NESTED = auto()
    REPORT = auto()
    RETURNED_HEADERS = auto()
    CALENDAR = auto()
    WINMAIL = auto()


_BY_TYPE = {
    "message/rfc822": Role.NESTED,
    "message/global": Role.NESTED,
    "message/news": Role.NESTED,
    "message/delivery-status": Role.REPORT,
    "message/global-delivery-status": Role.REPORT,
    "message/disposition-notification": Role.REPORT,
    "message/feedback-report": Role.REPORT,
    "text/rfc822-headers": Role.RETURNED_HEADERS,
    "message/rfc822-headers": Role.RETURNED_HEADERS,
    "message/global-headers": Role.RETURNED_HEADERS,
    "text/calendar": Role.CALENDAR,
    "application/ics": Role.CALENDAR,
    "application/ms-tnef": Role.WINMAIL,
    "application/vnd.ms-tnef": Role.WINMAIL,
}
_SIGNATURES = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
SEALED = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_SHOWN = {
    "text/plain",
    "text/html",
    "text/enriched",
    "text/richtext",
    "text/markdown",
    "text/x-markdown",
    "text/plain-text",
}


def role_of(part: Part, *, is_whole: bool) -> Role:
    """Tell what a part is there for; a text with a name, or called a file, is a file unless it is the whole mail."""
    if part.is_multipart:
        return Role.HOLDS_PARTS
    if role := _BY_TYPE.get(part.content_type):
        return role
    name = name_of(part).lower()
    if name in ("winmail.dat", "win.dat"):
        return Role.WINMAIL
    if not part.content_type.startswith("text/"):
        return Role.FILE
    if is_whole:
        return Role.TEXT
    if part.disposition.main == "attachment" or name:
        return Role.FILE
    return Role.TEXT if part.content_type in _SHOWN or not part.disposition.main else Role.FILE


def may_be_words(part: Part) -> bool:
    """Tell whether a file could be the mail's words all the same: a named text that nobody calls an attachment."""
    return part.content_type in _SHOWN and part.disposition.main != "attachment"


def name_of(part: Part) -> str:
    """Return the name that a part gives its file, as it stands; "" where it gives none."""
    return decode_words(part.disposition.get("filename") or part.type.get("name") or part.type.get("filename"))


def notes_of(part: Part) -> set[MailNote]:
    """Say what a part tells of how the mail was made."""
    kind = part.content_type
    if kind in SEALED:
        what = part.type.get("smime-type").lower()
        return {MailNote.SIGNED} if what == "signed-data" else set() if what == "certs-only" else {MailNote.ENCRYPTED}
    if kind in ("multipart/encrypted", "application/pgp-encrypted"):
        return {MailNote.ENCRYPTED}
    if kind in _SIGNATURES or kind == "multipart/signed":
        return {MailNote.SIGNED}
    return set()
