"""A mail server of our own on loopback that does what a test tells it: it cuts, lies, forgets, refuses and hangs."""

from __future__ import annotations

import base64
import re
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from infrastructure.mailboxes import Mailbox

PATIENCE = 15.0
USER, PASSWORD = "help@westmarch.example", "a made-up pass phrase"
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TOKENS = re.compile(rb'"((?:[^"\\]|\\.)*)"|(\([^)]*\))|(\S+)')


@dataclass
class Stored:
    """One mail as the server holds it."""

    uid: int
    raw: bytes
    at: datetime = AT
    flags: set[str] = field(default_factory=set)


class Certificates:
    """An authority of our own, and a server's certificate for the names it is asked by."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.ca, self.server = folder / "ca.pem", folder / "server.pem"
        key, ca_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        root = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Westmarch test authority")])
        since, until = datetime(2020, 1, 1, tzinfo=UTC), datetime(2045, 1, 1, tzinfo=UTC)  # whatever a test says it is

        def signed(subject: x509.Name, public: Any, extension: Any) -> x509.Certificate:
            made = x509.CertificateBuilder(root, subject, public, x509.random_serial_number())
            made = made.not_valid_before(since).not_valid_after(until).add_extension(extension, critical=False)
            return made.sign(ca_key, hashes.SHA256())

        own = signed(root, ca_key.public_key(), x509.BasicConstraints(ca=True, path_length=None))
        leaf = signed(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]),
            key.public_key(),
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]),
        )
        pem = serialization.Encoding.PEM
        self.ca.write_bytes(own.public_bytes(pem))
        secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self.server.write_bytes(secret + leaf.public_bytes(pem))

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server)
        return context


def box_at(port: int, certificates: Certificates, /, **changes: Any) -> Mailbox:
    """Return the setting by which the mailbox of a server on this machine is read."""
    values: dict[str, Any] = {
        "address": USER,
        "pathway": "desk",
        "host": "localhost",
        "port": port,
        "user": USER,
        "password": PASSWORD,
        "ca_file": str(certificates.ca),
    }
    return Mailbox.model_validate({**values, **changes})


class ImapScript:
    """The mailbox, what to do wrong, and what was asked of it."""

    def __init__(self, certificates: Certificates) -> None:
        self.certificates = certificates
        self.sitting: set[threading.Thread] = set()
        self.clear()
        self._server = _Server(("127.0.0.1", 0), _Session)
        self._server.script = self
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def clear(self) -> None:
        """Forget everything, and do nothing wrong."""
        self.folders: dict[str, list[Stored]] = {"INBOX": []}
        self.uid_validity, self.uid_next = 7, 1
        self.capabilities = "IMAP4rev1 UIDPLUS MOVE AUTH=PLAIN AUTH=XOAUTH2"
        self.is_tls = True
        self.cut_after: int | None = None  # bytes of ours, then the line is dead
        self.greeting = b"* OK ready"
        self.refuses_sign_in = self.is_read_only = self.hangs = False
        self.withheld: set[int] = set()
        self.sizes: dict[int, int] = {}  # what it says instead
        self.vanish_before_fetch: set[int] = set()
        self.fetches: Callable[[int, Stored], bytes] = fetch_answer
        self.commands: list[str] = []
        self.sign_ins: list[bytes] = []
        self.written = 0  # bytes in the last sitting

    def put(self, raw: bytes, *, at: datetime = AT, seen: bool = False) -> int:
        """Deliver a mail; return its UID."""
        one = Stored(self.uid_next, raw, at, {"\\Seen"} if seen else set())
        self.folders["INBOX"].append(one)
        self.uid_next += 1
        return one.uid

    def box(self, **changes: Any) -> Mailbox:
        """Return the setting by which this mailbox is read."""
        return box_at(self.port, self.certificates, **changes)

    def raws(self, folder: str = "INBOX", *, unseen: bool = False) -> list[bytes]:
        """Return the mails of a folder."""
        return [one.raw for one in self.folders.get(folder, []) if not (unseen and "\\Seen" in one.flags)]

    def wait_for_all_to_leave(self) -> None:
        """Wait until each sitting has ended: none reaches into the next test."""
        for one in tuple(self.sitting):
            one.join(PATIENCE)
            assert not one.is_alive(), "somebody still sits at the mail server"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    block_on_close = False
    script: ImapScript

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up, and those that refuse our certificate, are what is tested."""


class _Cut(Exception):
    pass


class _Session(socketserver.BaseRequestHandler):
    """One sitting."""

    server: _Server

    def handle(self) -> None:
        self.script, self.folder = self.server.script, ""
        self.script.sitting.add(threading.current_thread())
        try:
            self._sit()
        finally:
            self.script.sitting.discard(threading.current_thread())

    def _sit(self) -> None:
        self.script.written = 0
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError, _Cut):
            line = self.request
            if self.script.is_tls:
                line = self.script.certificates.context().wrap_socket(self.request, server_side=True)
            with line:
                line.settimeout(10)
                self.line, self.file = line, line.makefile("rb")
                with self.file:
                    self._serve()

    def _serve(self) -> None:
        self._say(self.script.greeting)
        while not self.script.hangs and (asked := self.file.readline()):
            tag, _, rest = asked.strip().partition(b" ")
            words = [m[1] if m[1] is not None else m[2] or m[3] for m in TOKENS.finditer(rest)]
            name = words.pop(0).decode().upper()
            if name == "UID":
                name = f"UID_{words.pop(0).decode().upper()}"
            self.script.commands.append(f"{name} {b' '.join(words).decode()}" if name != "LOGIN" else name)
            self._say(tag + b" " + getattr(self, f"do_{name.lower()}", self._unknown)(words))
            if name == "LOGOUT":
                return
        if self.script.hangs:
            while self.file.read(1):  # until the client loses patience
                pass

    def _say(self, line: bytes) -> None:
        data, left = line + b"\r\n", self.script.cut_after
        if left is not None and self.script.written + len(data) > left:
            self.line.sendall(data[: max(0, left - self.script.written)])
            with suppress(OSError):
                self.line.shutdown(socket.SHUT_RDWR)
            raise _Cut
        self.script.written += len(data)
        self.line.sendall(data)

    def _unknown(self, words: list[bytes]) -> bytes:
        return b"BAD what?"

    def _chosen(self) -> list[Stored]:
        return self.script.folders[self.folder]

    def _among(self, numbers: bytes) -> list[tuple[int, Stored]]:
        listed = list(enumerate(self._chosen(), 1))
        wanted: set[int] = set()
        highest = max((one.uid for _, one in listed), default=0)
        for part in numbers.split(b","):
            first, _, last = part.partition(b":")
            begin = int(first)
            end = highest if last == b"*" else int(last or first)
            wanted |= set(range(min(begin, end), max(begin, end) + 1))
        return [(number, one) for number, one in listed if one.uid in wanted]

    def do_capability(self, words: list[bytes]) -> bytes:
        self._say(b"* CAPABILITY " + self.script.capabilities.encode())
        return b"OK done"

    def do_login(self, words: list[bytes]) -> bytes:
        self.script.sign_ins.append(b"\0".join(words))
        is_known = words == [USER.encode(), PASSWORD.encode()] and not self.script.refuses_sign_in
        return b"OK done" if is_known else b"NO [AUTHENTICATIONFAILED] no"

    def do_authenticate(self, words: list[bytes]) -> bytes:
        self._say(b"+ ")
        self.script.sign_ins.append(base64.b64decode(self.file.readline()))
        if self.script.refuses_sign_in:
            self._say(b"+ " + base64.b64encode(b'{"status":"400"}'))
            self.script.sign_ins.append(self.file.readline())
            return b"NO AUTHENTICATE failed"
        return b"OK done"

    def do_list(self, words: list[bytes]) -> bytes:
        if words[1].decode() in self.script.folders:
            self._say(b'* LIST () "/" "' + words[1] + b'"')
        return b"OK done"

    def do_create(self, words: list[bytes]) -> bytes:
        self.script.folders[words[0].decode()] = []
        return b"OK done"

    def do_select(self, words: list[bytes]) -> bytes:
        self.folder = words[0].decode()
        if self.folder not in self.script.folders:
            return b"NO no such folder"
        self._say(f"* {len(self._chosen())} EXISTS".encode())
        self._say(f"* OK [UIDVALIDITY {self.script.uid_validity}]".encode())
        self._say(f"* OK [UIDNEXT {self.script.uid_next}]".encode())
        return b"OK [READ-WRITE]"

    def do_uid_search(self, words: list[bytes]) -> bytes:
        what = words[0]
        found = self._chosen()
        if what == b"UNSEEN":
            found = [one for one in found if "\\Seen" not in one.flags]
        elif what == b"SINCE":
            since = datetime.strptime(words[1].decode() + " +0000", "%d-%b-%Y %z").date()
            found = [one for one in found if one.at.date() >= since]
        elif what == b"UID":
            found = [one for _, one in self._among(words[1])]
        self._say(b"* SEARCH " + b" ".join(b"%d" % one.uid for one in found))
        return b"OK done"

    def do_uid_fetch(self, words: list[bytes]) -> bytes:
        if b"BODY.PEEK[]" not in words[1]:
            for number, one in self._among(words[0]):
                size = self.script.sizes.get(one.uid, len(one.raw))
                self._say(f"* {number} FETCH (UID {one.uid} RFC822.SIZE {size})".encode())
            return b"OK done"
        uid = int(words[0])
        if uid in self.script.vanish_before_fetch:
            self.script.folders[self.folder] = [one for one in self._chosen() if one.uid != uid]
        if uid in self.script.withheld:
            return b"NO [SERVERBUG] cannot"
        for number, one in self._among(words[0]):
            self._say(self.script.fetches(number, one))
        return b"OK done"

    def do_uid_store(self, words: list[bytes]) -> bytes:
        if self.script.is_read_only:
            return b"NO read-only"
        for _, one in self._among(words[0]):
            one.flags |= set(words[2].decode().strip("()").split())
        return b"OK done"

    def do_uid_copy(self, words: list[bytes]) -> bytes:
        if self.script.is_read_only:
            return b"NO read-only"
        self.script.folders[words[1].decode()] += [Stored(one.uid, one.raw) for _, one in self._among(words[0])]
        return b"OK done"

    def do_uid_move(self, words: list[bytes]) -> bytes:
        if self.do_uid_copy(words) != b"OK done":
            return b"NO read-only"
        gone = {one.uid for _, one in self._among(words[0])}
        self.script.folders[self.folder] = [one for one in self._chosen() if one.uid not in gone]
        return b"OK done"

    def do_uid_expunge(self, words: list[bytes]) -> bytes:
        gone = {one.uid for _, one in self._among(words[0]) if "\\Deleted" in one.flags}
        self.script.folders[self.folder] = [one for one in self._chosen() if one.uid not in gone]
        return b"OK done"

    def do_expunge(self, words: list[bytes]) -> bytes:
        self.script.folders[self.folder] = [one for one in self._chosen() if "\\Deleted" not in one.flags]
        return b"OK done"

    def do_logout(self, words: list[bytes]) -> bytes:
        self._say(b"* BYE")
        return b"OK done"


def fetch_answer(number: int, one: Stored) -> bytes:
    """Return how a mail is handed over, as most servers do it."""
    at = one.at.strftime("%d-%b-%Y %H:%M:%S +0000")
    head = f'* {number} FETCH (UID {one.uid} INTERNALDATE "{at}" BODY[] {{{len(one.raw)}}}\r\n'
    return head.encode() + one.raw + b")"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A certificate for localhost that only its own authority vouches for."""
    return Certificates(tmp_path_factory.mktemp("certificates"), "localhost")


@pytest.fixture(scope="session")
def _imap_script(certificates: Certificates) -> Iterator[ImapScript]:
    made = ImapScript(certificates)
    yield made
    made.stop()


@pytest.fixture
def imap(_imap_script: ImapScript) -> Iterator[ImapScript]:
    """A mail server over TLS that does as it is told; each test finds it empty, well, and with nobody there."""
    _imap_script.clear()
    yield _imap_script
    _imap_script.wait_for_all_to_leave()
