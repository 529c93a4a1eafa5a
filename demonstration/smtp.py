"""The demonstration's mail server: it takes every mail on loopback, keeps each as a file, and files ours by mailbox."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from demonstration.imap import MailStore
from demonstration.westmarch import FORGED, MAIL_SERVER

LARGEST = 60_000_000

# Two addresses behave as real ones do on a bad day, so that a failure can be seen as plainly as a success.
NO_SUCH_MAILBOX = frozenset({"jmarsh@mailbox.example"})
MAILBOX_FULL = frozenset({"attendance@larkfield.example"})


class MailKeeper:
    """Writes each mail whole into `folder`, under a name that its Message-ID gives: a mail sent twice is one file.

    What is for one of our mailboxes lies in `store` as well, where it is fetched by IMAP.
    """

    def __init__(self, folder: Path, store: MailStore | None = None) -> None:
        self.folder, self.store = folder, store
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        """Refuse the two addresses that show what a failure looks like; take every other."""
        if address.lower() in NO_SUCH_MAILBOX:
            return "550 5.1.1 no such mailbox"
        if address.lower() in MAILBOX_FULL:
            return "452 4.2.2 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer only once the mail is on the disk."""
        content = envelope.original_content or b""
        try:
            self.keep(content)
            self.deliver(content, envelope.mail_from or "", envelope.rcpt_tos)
        except OSError:
            return "451 4.3.0 could not keep the mail, try again"
        return "250 OK"

    def keep(self, content: bytes) -> Path:
        """Write one mail atomically: it is there whole, or not at all."""
        path = self.folder / f"{sha256(_message_id(content)).hexdigest()[:40]}.eml"
        part = path.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as file:
            file.write(f"X-Arrived: {datetime.now(UTC).isoformat()}\r\n".encode() + content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        return path

    def deliver(self, content: bytes, sender: str, recipients: list[str]) -> None:
        """Lay a mail into each of our mailboxes that it is for, with the headers that a mail server puts above it."""
        for address in recipients:
            box = self.store.find(address) if self.store is not None else None
            if box is not None and self.store is not None:
                self.store.put(box, _above(content, sender, address) + content)


def _above(content: bytes, sender: str, recipient: str) -> bytes:
    """Return what our server says of a mail; nobody is vouched for whom the demonstration's visitor only plays."""
    is_forged = FORGED.encode() in content.partition(b"\r\n\r\n")[0]
    domain = sender.rpartition("@")[2]
    lines = [
        f"Return-Path: <{sender}>",
        f"Delivered-To: {recipient}",
        f"Authentication-Results: {MAIL_SERVER}; dmarc={'fail' if is_forged else 'pass'} header.from={domain}",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _message_id(content: bytes) -> bytes:
    """Return the Message-ID as it stands in the header, or the whole mail when it has none."""
    header = content.partition(b"\r\n\r\n")[0]
    for line in header.split(b"\r\n"):
        if line.lower().startswith(b"message-id:"):
            return line.partition(b":")[2].strip()
    return content


def free_port() -> int:
    """Return a loopback port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_mail_server(keeper: MailKeeper) -> Controller:
    """Start the server on a loopback port of its own, in a thread of its own."""
    for tries_left in (2, 1, 0):
        controller = Controller(keeper, hostname="127.0.0.1", port=free_port(), data_size_limit=LARGEST)
        try:
            controller.start()
        except OSError:  # somebody took the port in between
            if not tries_left:
                raise
            continue
        return controller
    raise AssertionError("unreachable")
