"""The senders: mail over SMTP by Flask-Mail, with a timeout and a checked certificate."""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import policy
from email.charset import QP, Charset
from email.errors import MessageError
from email.header import decode_header, make_header
from email.mime.text import MIMEText
from email.parser import BytesParser
from email.utils import getaddresses
from typing import Any, Protocol

from flask_mail import Connection, Mail, Message

from infrastructure.outbox.headers import Heading, extra_headers, in_ascii, is_address, known_ids
from infrastructure.outbox.models import Result
from infrastructure.settings import Settings


@dataclass(frozen=True)
class Parcel:
    """One message as the carrier needs it."""

    to: str
    subject: str
    text: str
    message_id: str
    file_names: tuple[str, ...] = ()  # of what is attached
    channel: str = "email"
    endpoint: str = ""  # of a text: which of our numbers it leaves from
    owed_at: datetime | None = None
    tries: int = 1
    unsure: tuple[datetime, ...] = ()  # when it was tried with an end that nobody knows (F23)
    known_ids: frozenset[str] = frozenset()  # what the carrier calls our other messages to the same address
    heading: Heading = field(default_factory=Heading)  # of a mail

    @property
    def was_unknown(self) -> bool:
        """Tell whether it may have left before: whoever sends it looks for it first."""
        return bool(self.unsure)


@dataclass(frozen=True)
class Sent:
    """What became of one try; `again_in` where the carrier says how long to wait (F22)."""

    result: Result
    code: str | None = None
    carrier_id: str | None = None
    again_in: timedelta | None = None


ALWAYS = frozenset("content-type mime-version content-transfer-encoding subject from to date message-id".split())
OPTED_OUT = "opted_out"  # the code where the receiver told the carrier to stop (F24)


class Sender(Protocol):
    """Hands a message to a carrier and tells what became of it."""

    def send(self, parcel: Parcel) -> Sent:
        """Send once; never raise."""
        ...


_ENDS_A_LINE = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]")


class _TimedConnection(Connection):
    """Flask-Mail's connection with a timeout shorter than the lease, and STARTTLS that checks the certificate."""

    def __init__(self, mail: Mail, settings: Settings) -> None:
        super().__init__(mail)
        self.settings = settings

    def configure_host(self) -> smtplib.SMTP:
        """Connect; refuse to go on in clear when TLS was asked for."""
        s = self.settings
        host = smtplib.SMTP(s.smtp_host, s.smtp_port, timeout=s.smtp_timeout_seconds)
        try:
            if s.smtp_starttls:
                host.starttls(context=ssl.create_default_context())
            if s.smtp_user:
                host.login(s.smtp_user, s.smtp_password.get_secret_value())
        except BaseException:
            host.close()
            raise
        return host


class _Written(Message):
    """Flask-Mail's message with a text that every server carries: in ASCII, with no line past 76 signs (RFC 2045)."""

    def _mimetext(self, text: str | None, subtype: str = "plain") -> MIMEText:
        charset = Charset("utf-8")
        charset.body_encoding = QP
        return MIMEText(text or "", subtype, charset)  # type: ignore[arg-type]  # a charset's name is not enough here


class MailSender:
    """Sends plain text over SMTP."""

    def __init__(self, mail: Mail, settings: Settings) -> None:
        self.mail, self.settings = mail, settings

    def send(self, parcel: Parcel) -> Sent:
        """Send one mail; a refusal for good is told from one that may pass."""
        sender = parcel.heading.sender or self.settings.mail_from
        message = _Written(
            subject=parcel.subject,
            recipients=[parcel.to],
            body=parcel.text,
            sender=sender,
            extra_headers=extra_headers(parcel.heading),
        )
        message.msgId = parcel.message_id
        try:
            if not is_address(parcel.to):
                return Sent(Result.PERMANENT, "address")
            if not is_as_meant(message.as_bytes(), parcel, sender):
                return Sent(Result.PERMANENT, "headers")
            with _TimedConnection(self.mail, self.settings) as connection:
                connection.send(message)
        except smtplib.SMTPRecipientsRefused as error:
            return _by_code(max((code for code, _ in error.recipients.values()), default=550))
        except smtplib.SMTPResponseException as error:
            return _by_code(error.smtp_code)
        except smtplib.SMTPNotSupportedError:
            return Sent(Result.TEMPORARY, "no_starttls")
        except smtplib.SMTPServerDisconnected:
            return Sent(Result.UNKNOWN, "disconnected")
        except ssl.SSLError:
            return Sent(Result.TEMPORARY, "certificate")
        except (OSError, smtplib.SMTPException) as error:
            return Sent(Result.UNKNOWN, type(error).__name__)
        except (UnicodeError, ValueError, MessageError):
            return Sent(Result.PERMANENT, "address")
        return Sent(Result.ACCEPTED, "250")


def _by_code(code: int) -> Sent:
    return Sent(Result.PERMANENT if 500 <= code < 600 else Result.TEMPORARY, str(code))


def is_as_meant(mail: bytes, parcel: Parcel, mail_from: str) -> bool:
    """Tell whether the mail, read again as its receiver will, has our headers once each and says in them what we meant.

    A line that an encoded word would begin anew is found by reading each value decoded (T12); its words are one plain
    text, those that were owed.
    """
    heading = parcel.heading
    parsed = BytesParser(policy=policy.SMTP).parsebytes(mail)
    extra = {name.lower(): value for name, value in extra_headers(heading).items()}
    names = [name.lower() for name in parsed.keys()]  # noqa: SIM118 - a name may stand there twice
    if sorted(names) != sorted(ALWAYS | set(extra)):
        return False
    if any(_ENDS_A_LINE.search(_decoded(str(value))) for value in parsed.values()):
        return False
    answers_to = extra.pop("reply-to", "")
    return (
        _addresses(parsed["To"]) == [in_ascii(parcel.to)]
        and _addresses(parsed["From"]) == _addresses_in(mail_from)
        and (not heading.sender or is_address(heading.sender))
        and (not answers_to or (_addresses(parsed["Reply-To"]) == [answers_to] and is_address(answers_to)))
        and str(parsed["Subject"]) == parcel.subject
        and _decoded(parcel.subject) == parcel.subject
        and str(parsed["Message-ID"]) == parcel.message_id
        and all(str(parsed[name]).split() == value.split() for name, value in extra.items())  # a long one is folded
        and known_ids([parcel.message_id]) == (parcel.message_id,)
        and known_ids(heading.references) == heading.references
        and (not heading.in_reply_to or known_ids([heading.in_reply_to]) == (heading.in_reply_to,))
        and parsed.get_content_type() == "text/plain"
        and _lines(str(parsed.get_content())) == _lines(parcel.text)
    )


def _lines(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text)


def _addresses(header: Any) -> list[str]:
    return [one.addr_spec for one in header.addresses]


def _addresses_in(text: str) -> list[str]:
    return [address for _, address in getaddresses([text])]


def _decoded(text: str) -> str:
    try:
        return str(make_header(decode_header(text)))
    except (MessageError, LookupError, UnicodeError, ValueError):
        return text
