"""The senders: mail over SMTP by Flask-Mail, with a timeout and a checked certificate."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.parser import BytesParser
from typing import Protocol

from flask_mail import Connection, Mail, Message

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


class Sender(Protocol):
    """Hands a message to a carrier and tells what became of it."""

    def send(self, parcel: Parcel) -> tuple[Result, str | None]:
        """Send once; never raise."""
        ...


class _TimedConnection(Connection):
    """Flask-Mail's connection with a timeout shorter than the lease, and STARTTLS that checks the certificate."""

    def __init__(self, mail: Mail, settings: Settings) -> None:
        super().__init__(mail)
        self.settings = settings

    def configure_host(self) -> smtplib.SMTP:
        """Connect; refuse to go on in clear when TLS was asked for."""
        s = self.settings
        host = smtplib.SMTP(s.smtp_host, s.smtp_port, timeout=s.smtp_timeout_seconds)
        if s.smtp_starttls:
            host.starttls(context=ssl.create_default_context())
        if s.smtp_user:
            host.login(s.smtp_user, s.smtp_password.get_secret_value())
        return host


EXPECTED_HEADERS = frozenset(
    "content-type mime-version content-transfer-encoding subject from to date message-id auto-submitted "
    "x-auto-response-suppress".split()
)


class MailSender:
    """Sends plain text over SMTP."""

    def __init__(self, mail: Mail, settings: Settings) -> None:
        self.mail, self.settings = mail, settings

    def send(self, parcel: Parcel) -> tuple[Result, str | None]:
        """Send one mail; a refusal for good is told from one that may pass."""
        message = Message(
            subject=parcel.subject,
            recipients=[parcel.to],
            body=parcel.text,
            sender=self.settings.mail_from,
            extra_headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
        )
        message.msgId = parcel.message_id
        try:
            if not _has_only_our_headers(message):
                return Result.PERMANENT, "headers"
            with _TimedConnection(self.mail, self.settings) as connection:
                connection.send(message)
        except smtplib.SMTPRecipientsRefused as error:
            return _by_code(max((code for code, _ in error.recipients.values()), default=550))
        except smtplib.SMTPResponseException as error:
            return _by_code(error.smtp_code)
        except smtplib.SMTPNotSupportedError:
            return Result.TEMPORARY, "no_starttls"
        except smtplib.SMTPServerDisconnected:
            return Result.UNKNOWN, "disconnected"
        except ssl.SSLError:
            return Result.TEMPORARY, "certificate"
        except (OSError, smtplib.SMTPException) as error:
            return Result.UNKNOWN, type(error).__name__
        except (UnicodeError, ValueError, MessageError):
            return Result.PERMANENT, "address"
        return Result.ACCEPTED, "250"


def _by_code(code: int) -> tuple[Result, str]:
    return (Result.PERMANENT if 500 <= code < 600 else Result.TEMPORARY), str(code)


def _has_only_our_headers(message: Message) -> bool:
    """Tell whether the mail, read again as the receiver will, has no header that we did not write."""
    parsed = BytesParser(policy=policy.SMTP).parsebytes(message.as_bytes(), headersonly=True)
    return {name.lower() for name in parsed} <= EXPECTED_HEADERS
