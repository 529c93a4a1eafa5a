"""The demonstration's mailboxes: an IMAP server (pymap) on loopback, over folders in which mail is kept on the disk."""

from __future__ import annotations

import asyncio
import mailbox
import os
import threading
import time
from argparse import ArgumentParser
from collections.abc import Iterable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from infrastructure.mailboxes import Mailbox

LONGEST_START = 20.0
ROUNDS = 1_000  # of a password that is drawn by chance, on this machine only


class MailStore:
    """One folder on the disk for each of our mailboxes, in the form that IMAP servers share (Maildir)."""

    def __init__(self, root: Path, boxes: Iterable[Mailbox]) -> None:
        self.root, self.boxes = root, tuple(boxes)
        root.mkdir(parents=True, exist_ok=True)
        for box in self.boxes:
            mailbox.Maildir(root / box.address, create=True)
        self._write("pymap-etc-passwd", [f"{box.user}:x::::{box.address}:" for box in self.boxes])
        self._write("pymap-etc-shadow", [f"{box.user}:{_hashed(box)}" for box in self.boxes])
        self._write("pymap-etc-group", [])

    def find(self, address: str) -> Mailbox | None:
        """Return the mailbox that a mail to this address lies in: what stands behind a plus is the sender's own."""
        local, _, domain = address.strip().lower().rpartition("@")
        plain = f"{local.partition('+')[0]}@{domain}"
        return next((box for box in self.boxes if box.address == plain), None)

    def put(self, box: Mailbox, raw: bytes, at: datetime | None = None) -> None:
        """Keep a mail whole, or not at all; `at`: when it came, in a story."""
        name = f"{time.time_ns()}.{uuid4().hex}.westmarch"
        folder = self.root / box.address
        part = folder / "tmp" / name
        with part.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        if at is not None:
            os.utime(part, (at.timestamp(), at.timestamp()))
        part.replace(folder / "new" / name)

    def _write(self, name: str, lines: list[str]) -> None:
        path = self.root / name
        path.touch(mode=0o600)
        path.write_text("".join(f"{line}\n" for line in lines))


def _hashed(box: Mailbox) -> str:
    from pysasl.hashing import BuiltinHash

    return BuiltinHash(rounds=ROUNDS).hash(box.password.get_secret_value())


class MailServer:
    """The IMAP server, in a thread of its own."""

    def __init__(self, store: MailStore, port: int) -> None:
        self.store, self.port = store, port
        self.loop = asyncio.new_event_loop()
        self.started, self.error = threading.Event(), ""
        self.stopping: asyncio.Event | None = None
        self.thread = threading.Thread(target=self._run, name="imap", daemon=True)
        self.thread.start()
        if not self.started.wait(LONGEST_START) or self.error:
            raise OSError(self.error or "the mail server did not start")

    def stop(self) -> None:
        """End it."""
        stopping = self.stopping
        if stopping is not None and self.thread.is_alive():
            self.loop.call_soon_threadsafe(stopping.set)
            self.thread.join()

    def _run(self) -> None:
        try:
            self.loop.run_until_complete(self._serve())
        except OSError as error:
            self.error = str(error)
        finally:
            self.loop.run_until_complete(hang_up(self.loop))
            self.loop.close()
            self.started.set()

    async def _serve(self) -> None:
        from pymap.backend.maildir import MaildirBackend
        from pymap.imap import IMAPService

        parser = ArgumentParser()
        parser.set_defaults(debug=False, passlib_cfg=None)
        IMAPService.add_arguments(parser)
        folders = parser.add_subparsers(dest="backend")
        MaildirBackend.add_subparser("maildir", folders)
        typed = ["--host", "127.0.0.1", "--port", str(self.port), "--no-tls", "maildir", str(self.store.root)]
        backend, config = await MaildirBackend.init(parser.parse_args(typed))
        config.apply_context()
        self.stopping = asyncio.Event()
        async with AsyncExitStack() as stack:
            await backend.start(stack)
            await IMAPService(backend, config).start(stack)
            self.started.set()
            await self.stopping.wait()


async def hang_up(loop: asyncio.AbstractEventLoop) -> None:
    """Let every line of a server go that ends in its own loop, so that nothing of it is left."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    await asyncio.sleep(0)  # lines that were let go are closed in the next turn
    await loop.shutdown_default_executor()
