"""One sitting with a mail server: a checked certificate, a sign-in that no log sees, answers that stay within bounds.

Imported where a mailbox is read and nowhere else: what it stands on is heavy.
"""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import imap_tools
from imap_tools.errors import ImapToolsError
from imap_tools.utils import encode_folder

from infrastructure.inbox.answers import Fetched, find_body, find_sizes, list_uids
from infrastructure.inbox.tokens import TokenError, get_token
from infrastructure.mailboxes import LARGEST_MAIL, Mailbox
from infrastructure.settings import Settings

AT_ONCE = 200  # mails whose sizes are asked in one question


class RefusedError(Exception):
    """A mailbox cannot be read; `code` is a word of ours, and nothing that the server said."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TooLargeError(imaplib.IMAP4.abort):
    """The server sends more than one mail may have."""


class _Bounded:
    """Reads no literal that is larger than a mail may be, whatever the server announces."""

    def read(self, size: int) -> bytes:
        if size > LARGEST_MAIL:
            raise TooLargeError("literal")
        data: bytes = super().read(size)  # type: ignore[misc]
        return data  # one that was cut has no line after it, which imaplib does not overlook


class _OverTls(_Bounded, imaplib.IMAP4_SSL):
    pass


class _Plain(_Bounded, imaplib.IMAP4):
    pass


class _Client(imap_tools.BaseMailBox):
    def __init__(self, box: Mailbox, seconds: float) -> None:
        self._box, self._seconds = box, seconds
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        box, seconds = self._box, self._seconds
        if box.plain:
            return _Plain(box.host, box.port, timeout=seconds)
        context = ssl.create_default_context(cafile=box.ca_file or None)
        return _OverTls(box.host, box.port, ssl_context=context, timeout=seconds)


class Connection:
    """A mailbox that is open, and a folder of it chosen."""

    def __init__(self, box: Mailbox, settings: Settings) -> None:
        self.box = box
        self.client = _open(box, settings)
        try:
            _sign_in(self.client, box)
            self.imap = self.client.client
            self.imap._get_capabilities()  # many say more of themselves after the sign-in
            self.uid_validity, self.uid_next = self._choose()
        except BaseException:
            self.cut()
            raise

    def search(self, criteria: str) -> set[int]:
        """Return the UIDs of the mails that match."""
        kind, data = self.imap.uid("SEARCH", criteria)
        if kind != "OK":
            raise RefusedError("search")
        return list_uids(data)

    def sizes(self, uids: list[int]) -> dict[int, int]:
        """Return how large each of these mails is; one that is gone is not among them."""
        found: dict[int, int] = {}
        for start in range(0, len(uids), AT_ONCE):
            kind, data = self.imap.uid("FETCH", _set(uids[start : start + AT_ONCE]), "(UID RFC822.SIZE)")
            if kind == "OK":
                found |= find_sizes(data)
        return found

    def fetch(self, uid: int) -> Fetched | None:
        """Return one mail whole, and unread as it was; None when it is gone. Raise RefusedError when it is withheld."""
        kind, data = self.imap.uid("FETCH", str(uid), "(UID INTERNALDATE BODY.PEEK[])")
        if kind != "OK":
            raise RefusedError("withheld")
        return find_body(data, uid)

    def mark(self, uid: int) -> None:
        """Move a kept mail away, or mark it as read; raise RefusedError when the server does neither."""
        folder = self.box.done_folder
        if not folder:
            self._ask("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")
        elif "MOVE" in self.imap.capabilities:
            self._ask("MOVE", str(uid), encode_folder(folder))
        else:
            self._ask("COPY", str(uid), encode_folder(folder))
            self._ask("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen \Deleted)")
            if "UIDPLUS" in self.imap.capabilities:
                self._ask("EXPUNGE", str(uid))  # this one alone, and nothing that a person put away
            else:
                self.imap.expunge()

    def leave(self) -> None:
        """Sign out, as far as the server lets us."""
        with suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
            self.client.logout()

    def cut(self) -> None:
        """Let go of the line without a word."""
        with suppress(OSError, imaplib.IMAP4.error):
            self.client.client.shutdown()

    def _choose(self) -> tuple[int, int]:
        folders = self.client.folder
        if self.box.done_folder and not folders.exists(self.box.done_folder):
            with suppress(ImapToolsError):  # it may be there and not shown; then moving says so
                folders.create(self.box.done_folder)
        try:
            folders.set(self.box.folder)
        except (ImapToolsError, imaplib.IMAP4.readonly):
            raise RefusedError("folder") from None
        return self._number("UIDVALIDITY"), self._number("UIDNEXT")

    def _number(self, name: str) -> int:
        _, data = self.imap.response(name)
        if data and data[0] is not None:
            return int(data[0])
        return self.client.folder.status(self.box.folder, [name]).get(name, 0)

    def _ask(self, command: str, *arguments: Any) -> None:
        try:
            kind, _ = self.imap.uid(command, *arguments)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            kind = "BAD"
        if kind != "OK":
            raise RefusedError("not_marked")


def _open(box: Mailbox, settings: Settings) -> _Client:
    try:
        return _Client(box, settings.mail_timeout_seconds)
    except ssl.SSLCertVerificationError:
        raise RefusedError("certificate") from None
    except ssl.SSLError:
        raise RefusedError("tls") from None
    except (OSError, EOFError, imaplib.IMAP4.abort):
        raise RefusedError("unreachable") from None
    except imaplib.IMAP4.error:
        raise RefusedError("protocol") from None


def _sign_in(client: _Client, box: Mailbox) -> None:
    """Prove who we are by token or password; what went wrong is told by one word, and nothing of either."""
    try:
        if box.token_command:
            _by_token(client.client, box.user, get_token(box.command))
        elif (secret := box.password.get_secret_value()).isascii() and box.user.isascii():
            client.login(box.user, secret, initial_folder=None)
        else:
            client.login_utf8(box.user, secret, initial_folder=None)
    except TokenError:
        raise RefusedError("token") from None
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, ImapToolsError):
        raise RefusedError("sign_in") from None


def _by_token(imap: imaplib.IMAP4, user: str, token: str) -> None:
    said = iter([f"user={user}\1auth=Bearer {token}\1\1".encode()])
    imap.authenticate("XOAUTH2", lambda _: next(said, b""))  # a refusal comes as a question: nothing is its answer


def _set(uids: Iterable[int]) -> str:
    return ",".join(map(str, uids))
