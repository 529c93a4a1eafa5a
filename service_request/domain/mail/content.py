"""What stands in a mail: its words, its files, what a server reports, gathered from its parts in one walk."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from service_request.domain.mail import structure
from service_request.domain.mail.addresses import sender_of
from service_request.domain.mail.attachments import attachment, files_of_winmail, said_by_calendar, taken_from_text
from service_request.domain.mail.bodies import TextReader, Words, between, chosen, joined
from service_request.domain.mail.charsets import decode, tidy
from service_request.domain.mail.headers import Headers, split_head
from service_request.domain.mail.limits import MAX_NESTED_LEVELS, MAX_PART_HEAD, MAX_SUBJECT, MAX_TEXT
from service_request.domain.mail.roles import SEALED, Role, may_be_words, name_of, notes_of, role_of
from service_request.domain.mail.sealed import signed_content
from service_request.domain.mail.structure import Part
from service_request.domain.mail.transfer import unpack
from service_request.domain.mail.types import Attachment, MailNote
from service_request.domain.mail.winmail import unpack_winmail

_LONGEST_REPORT = 100_000
_ARMOUR = re.compile(r"^-----BEGIN PGP (MESSAGE|SIGNED MESSAGE)-----", re.MULTILINE)
_MAILS = {"message/rfc822", "message/global", "message/news"}
_MOST_NESTED_READ = 20
_REPORTS = {"delivery-status", "disposition-notification", "feedback-report"}
_REPORT_BY_PART = {
    "message/delivery-status": "delivery-status",
    "message/global-delivery-status": "delivery-status",
    "message/disposition-notification": "disposition-notification",
    "message/feedback-report": "feedback-report",
}


@dataclass
class Content:
    """A mail's parts as what they are there for."""

    headers: Headers
    content_type: str
    report_type: str = ""
    text: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    report: str = ""
    returned: Headers = field(default_factory=Headers)
    notes: set[MailNote] = field(default_factory=set)


def read_content(data: bytes, *, level: int = 0) -> Content:
    """Read every part of a mail; of mails within it, their files, and their words where it has none of its own."""
    taken = structure.take_apart(data)
    root = taken.parts[0]
    content = Content(root.headers, root.content_type, _report_type(taken), notes=set(taken.notes))
    walk = _Walk(taken, content, level)
    walk.gather()
    content.text = walk.text()
    content.notes |= walk.reader.notes
    if armour := _ARMOUR.search(content.text):
        content.notes.add(MailNote.ENCRYPTED if armour[1] == "MESSAGE" else MailNote.SIGNED)
    return content


def _report_type(taken: structure.Structure) -> str:
    """Tell what a report is of: by what it says, or by the part that it holds."""
    root = taken.parts[0]
    if root.content_type != "multipart/report":
        return ""
    held = (_REPORT_BY_PART.get(taken.parts[child].content_type, "") for child in root.children)
    return root.type.get("report-type").strip().lower() or next(filter(None, held), "")


class _Walk:
    def __init__(self, taken: structure.Structure, content: Content, level: int) -> None:
        self.taken, self.content, self.level = taken, content, level
        self.reader = TextReader()
        self.roles = [role_of(part, is_whole=at == 0) for at, part in enumerate(taken.parts)]
        self.words: dict[int, Words] = {}
        self.instead: list[Words] = []  # read where nothing else says anything: named texts, invitations, mails within
        self.hidden: list[str] = []  # of a winmail.dat
        self.nested = 0

    def gather(self) -> None:
        numbers = {id(part): at for at, part in enumerate(self.taken.parts)}
        for part in self.taken.in_order():
            at = numbers[id(part)]
            self.content.notes |= notes_of(part)
            role = self.roles[at]
            if role is Role.HOLDS_PARTS:
                continue
            packed = self.taken.data[part.start : part.end]
            content, _ = unpack(packed, part.headers.text("content-transfer-encoding").partition(";")[0])
            self.take(role, at, part, content)

    def text(self) -> str:
        """Return the mail's words; where its texts say nothing, those that stand elsewhere in it."""
        texts = chosen(self.taken.parts, self.roles, self.words)
        said = joined(texts)
        if said:
            if not any(not each.is_html and each.text.strip() for each in texts):
                self.content.notes.add(MailNote.HTML_ONLY)
            return said[:MAX_TEXT]
        every = [each for each in self.words.values() if each not in texts]
        hidden = "\n\n".join(self.hidden).strip()
        said = hidden or joined(every) or joined(self.instead) or between(self.taken.data, self.taken.parts[0])
        return said[:MAX_TEXT]

    def take(self, role: Role, at: int, part: Part, content: bytes) -> None:
        if role is Role.TEXT:
            self.take_text(at, part, content)
        elif role is Role.NESTED:
            self.take_mail(part, content)
        elif role is Role.REPORT:
            read = tidy(decode(content[:_LONGEST_REPORT], part.type.get("charset"))[0])
            self.content.report = f"{self.content.report}\n{read}".strip()[:_LONGEST_REPORT]
        elif role is Role.RETURNED_HEADERS and self.content.report_type in _REPORTS:
            self.content.returned, _ = split_head(content, 0, len(content), longest=MAX_PART_HEAD)
        elif role is Role.WINMAIL:
            self.take_winmail(part, content)
        else:
            self.take_file(role, part, content)

    def take_text(self, at: int, part: Part, content: bytes) -> None:
        content, files = taken_from_text(content)
        if files:
            self.content.notes.add(MailNote.UUENCODED)
        for file in files:
            self.keep(decode(file.name)[0], "application/octet-stream", file.content)
        self.words[at] = self.reader.words(part, content)

    def take_file(self, role: Role, part: Part, content: bytes) -> None:
        if role is Role.CALENDAR:
            self.content.notes.add(MailNote.CALENDAR)
            self.instead.append(Words(lambda: said_by_calendar(content, part.type.get("charset"))))
            self.keep(name_of(part) or "invite.ics", part.content_type, content)
            return
        if part.content_type in SEALED and self.level < MAX_NESTED_LEVELS and (signed := signed_content(content)):
            self.take_signed(signed)
        if may_be_words(part):
            self.instead.append(self.reader.words(part, content))
        self.keep(name_of(part), part.content_type, content)

    def take_signed(self, signed: bytes) -> None:
        """Read the mail that an envelope holds which anybody may open."""
        inner = read_content(signed, level=self.level + 1)
        self.content.notes = self.content.notes - {MailNote.ENCRYPTED} | inner.notes | {MailNote.SIGNED}
        self.hidden.append(inner.text)
        self.content.attachments += inner.attachments

    def take_winmail(self, part: Part, content: bytes) -> None:
        found = unpack_winmail(content)
        if found is None:
            self.content.notes.add(MailNote.WINMAIL_LOCKED)
            self.keep(name_of(part) or "winmail.dat", part.content_type, content)
            return
        self.content.notes.add(MailNote.WINMAIL)
        self.hidden.append(tidy(found.text))
        self.content.attachments += files_of_winmail(found, number=len(self.content.attachments) + 1)

    def take_mail(self, part: Part, content: bytes) -> None:
        """Keep a mail within the mail as a file, with the files in it; of a report it is the one that came back."""
        if self.content.report_type in _REPORTS:
            self.content.returned, _ = split_head(content, 0, len(content), longest=MAX_PART_HEAD)
            return
        self.content.notes.add(MailNote.NESTED)
        if self.level >= MAX_NESTED_LEVELS or self.nested >= _MOST_NESTED_READ:
            self.content.notes.add(MailNote.TOO_DEEP)
            self.keep_mail(part, content, "")
            return
        self.nested += 1
        inner = read_content(content, level=self.level + 1)
        subject, sender = inner.headers.words("subject", MAX_SUBJECT), sender_of(inner.headers)
        self.keep_mail(part, content, subject)
        self.content.attachments += [file for file in inner.attachments if file.content_type not in _MAILS]
        said = f"From: {sender.name} <{sender.address}>\nSubject: {subject}\n\n{inner.text}"
        self.instead.append(Words(lambda: f"---------- Forwarded message ----------\n{said}"))

    def keep_mail(self, part: Part, content: bytes, subject: str) -> None:
        named = name_of(part) or (f"{subject[:60].replace('.', ' ').replace('/', '-')}.eml" if subject else "")
        self.keep(named, part.content_type, content, call="mail")

    def keep(self, name: str, content_type: str, content: bytes, *, call: str = "attachment") -> None:
        number = len(self.content.attachments) + 1
        self.content.attachments.append(attachment(name, content_type, content, number=number, call=call))
