"""Real IMAP servers on loopback, over TLS: pymap always, Debian's Dovecot where it is installed."""

from __future__ import annotations

import asyncio
import imaplib
import os
import pwd
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from demonstration.imap import hang_up
from infrastructure.mailboxes import Mailbox
from tests.plugins.house import free_port
from tests.plugins.imap_script import PASSWORD, USER, Certificates, box_at

PATIENCE = 15.0
TOKEN_USER, TOKEN = "by-token@westmarch.example", "abc.def-123"  # signs in by XOAUTH2 to the same mailbox


class RealServer:
    """A mailbox on a server that is not ours; it is filled and looked at as any mail program would."""

    name = ""

    def __init__(self, certificates: Certificates) -> None:
        self.certificates, self.port = certificates, free_port()

    def box(self, **changes: Any) -> Mailbox:
        """Return the setting by which the mailbox is read."""
        return box_at(self.port, self.certificates, **changes)

    def client(self) -> imaplib.IMAP4_SSL:
        context = ssl.create_default_context(cafile=str(self.certificates.ca))
        made = imaplib.IMAP4_SSL("localhost", self.port, ssl_context=context, timeout=10)
        made.login(USER, PASSWORD)
        return made

    def clear(self) -> None:
        """Throw away every mail and folder."""
        with self.client() as client:
            client.delete("Done")
            count = client.select("INBOX")[1][0]
            if count != b"0":
                client.store("1:*", "+FLAGS", r"(\Deleted)")
                client.expunge()

    def put(self, *mails: tuple[bytes, datetime]) -> None:
        """Deliver mails, each at its time."""
        with self.client() as client:
            for raw, at in mails:
                kind, _ = client.append("INBOX", "", at, raw)
                assert kind == "OK"

    def raws(self, folder: str = "INBOX", *, what: str = "ALL") -> list[bytes]:
        """Return the mails of a folder."""
        with self.client() as client:
            if client.select(folder, readonly=True)[0] != "OK":
                return []
            numbers = client.search(None, what)[1][0].split()
            answers = [client.fetch(number.decode(), "(BODY.PEEK[])")[1][0] for number in numbers]
        return [answer[1] for answer in answers if isinstance(answer, tuple)]

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.client().logout()
                return
            except (OSError, imaplib.IMAP4.error):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def stop(self) -> None:
        """End it."""


class Pymap(RealServer):
    """pymap with its mailboxes in memory, in a thread of the test."""

    name = "pymap"

    def __init__(self, certificates: Certificates) -> None:
        super().__init__(certificates)
        self.loop = asyncio.new_event_loop()
        self.stopping = asyncio.Event()
        self.thread = threading.Thread(target=self._run, name="pymap", daemon=True)
        self.thread.start()
        self.wait()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.stopping.set)
        self.thread.join()

    def _run(self) -> None:
        self.loop.run_until_complete(self._serve())
        self.loop.run_until_complete(hang_up(self.loop))
        self.loop.close()

    async def _serve(self) -> None:
        from proxyprotocol.reader import ProxyProtocolReader
        from pymap.backend.dict import DictBackend
        from pymap.imap import IMAPServer, IMAPService

        parser = ArgumentParser()
        parser.set_defaults(debug=False, passlib_cfg=None)
        IMAPService.add_arguments(parser)
        DictBackend.add_subparser("dict", parser.add_subparsers(dest="backend"))
        typed = ["--no-tls", "dict", "--demo-user", USER, "--demo-password", PASSWORD]
        backend, config = await DictBackend.init(parser.parse_args(typed))
        config.apply_context()
        async with AsyncExitStack() as stack:
            await backend.start(stack)
            line = self.certificates.context()  # TLS from the first byte, which pymap by itself has not
            serve = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))
            server = await asyncio.start_server(serve, "localhost", self.port, ssl=line)
            async with server:
                await self.stopping.wait()


class Dovecot(RealServer):
    """Debian's Dovecot over a folder of its own, with one user and nothing of the machine's."""

    name = "dovecot"

    def __init__(self, certificates: Certificates) -> None:
        program = shutil.which("dovecot", path="/usr/sbin:/usr/bin:/usr/local/sbin")
        if program is None:
            pytest.skip("no Dovecot here: make mailserver installs it")
        super().__init__(certificates)
        # A folder of its own: mail is kept by another user than root, and pytest closes its own folders to others.
        self.folder = Path(tempfile.mkdtemp(prefix="front-door-dovecot-"))
        self.folder.chmod(0o755)
        me = pwd.getpwuid(os.getuid()).pw_name
        keeper = "nobody" if os.getuid() == 0 else me
        (self.folder / "mail").mkdir()
        if os.getuid() == 0:
            shutil.chown(self.folder / "mail", keeper)
        server = self.folder / "server.pem"
        shutil.copyfile(certificates.server, server)
        server.chmod(0o600)
        users = {USER: PASSWORD, TOKEN_USER: TOKEN}
        (self.folder / "users").write_text("".join(f"{user}:{{PLAIN}}{secret}\n" for user, secret in users.items()))
        (self.folder / "users").chmod(0o644)
        settings = self.folder / "dovecot.conf"
        settings.write_text(self._settings(me, keeper, server))
        self.process = subprocess.Popen(
            [program, "-F", "-c", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            self.wait()
        except BaseException:
            self.stop()
            raise

    def _settings(self, me: str, keeper: str, server: Path) -> str:
        own = "" if me == "root" else f"default_internal_user = {me}\ndefault_login_user = {me}\n"
        return f"""
{own}base_dir = {self.folder}/run
state_dir = {self.folder}/state
log_path = {self.folder}/log
protocols = imap
auth_failure_delay = 0
auth_mechanisms = plain xoauth2
listen = 127.0.0.1
ssl = required
ssl_cert = <{server}
ssl_key = <{server}
mail_location = maildir:{self.folder}/mail
mail_uid = {keeper}
mail_gid = {pwd.getpwnam(keeper).pw_gid}
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = passwd-file
  args = {self.folder}/users
}}
userdb {{
  driver = static
  args = home={self.folder}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {self.port}
  }}
}}
service anvil {{
  chroot =
}}
namespace inbox {{
  inbox = yes
}}
"""

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _real_servers(certificates: Certificates) -> Iterator[dict[str, RealServer]]:
    made: dict[str, RealServer] = {}
    yield made
    for one in made.values():
        one.stop()


@pytest.fixture(params=[Pymap, Dovecot], ids=lambda kind: kind.name)
def real_imap(
    request: pytest.FixtureRequest, _real_servers: dict[str, RealServer], certificates: Certificates
) -> RealServer:
    """An IMAP server that is not ours, with an empty mailbox."""
    kind: type[RealServer] = request.param
    if kind.name not in _real_servers:
        _real_servers[kind.name] = kind(certificates)
    _real_servers[kind.name].clear()
    return _real_servers[kind.name]
