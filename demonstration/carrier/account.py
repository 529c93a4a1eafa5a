"""What the carrier knows of one account: texts both ways, calls, files, who opted out, and what is to go wrong next."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import uuid4

from infrastructure.texting.segments import count_segments

STOPS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
STARTS = frozenset({"START", "YES", "UNSTOP"})
KEPT = "carrier.json"

# What becomes of the next text that is sent: refused for now, taken and then an error said, an error and not taken,
# taken and never answered, or taken and not in the list for a while.
Fault = Literal["429", "500_after_sending", "500", "hang", "503_in_list", "not_listed"]


@dataclass
class Media:
    """A file that came with a text."""

    sid: str
    kind: str
    url: str


@dataclass
class Text:
    """One text, either way, as the carrier has it; `sender` and `to` carry "whatsapp:" where it is one."""

    sid: str
    sender: str
    to: str
    body: str
    status: str
    made_at: datetime
    direction: str = "outbound-api"
    callback: str = ""
    error_code: int | None = None
    media: list[Media] = field(default_factory=list)

    @property
    def segments(self) -> int:
        """Return how many parts it has."""
        return count_segments(self.body).count


@dataclass
class Call:
    """One call to a number of ours, or the leg by which it was put through to a telephone (`parent`)."""

    sid: str
    sender: str
    to: str
    status: str
    started_at: datetime
    parent: str | None = None


class Account:
    """One account, its state kept in a folder where one is given."""

    def __init__(self, sid: str, token: str, *, folder: Path | None = None) -> None:
        self.sid, self.token, self.folder = sid, token, folder
        self.lock = threading.RLock()
        self.let_go = threading.Event()  # ends what hangs
        self.asked: list[tuple[str, str]] = []  # method and path of each question, for tests
        self.clear()
        if folder is not None and (folder / KEPT).exists():
            self._load(json.loads((folder / KEPT).read_text()))

    def clear(self) -> None:
        """Forget everything: each test begins anew."""
        self.let_go.set()
        self.texts: list[Text] = []
        self.calls: list[Call] = []
        self.files: dict[str, tuple[str, bytes]] = {}
        self.blocked: set[tuple[str, str]] = set()  # (our number, theirs)
        self.faults: list[Fault] = []
        self.unlisted: set[str] = set()
        self.retry_after = 2
        self.asked.clear()
        self.let_go = threading.Event()

    @property
    def sent(self) -> list[Text]:
        """Return what went out to phones, the oldest first."""
        return [one for one in self.texts if one.direction == "outbound-api"]

    def sent_to(self, number: str) -> list[Text]:
        """Return what went out to one number, by either channel."""
        return [one for one in self.sent if one.to.removeprefix("whatsapp:") == number]

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the account for one change, and keep what came of it."""
        with self.lock:
            yield
            if self.folder is not None:
                self._save(self.folder)

    def next_fault(self, *which: Fault) -> Fault | None:
        """Take the next fault off the script, if it is one of these."""
        with self.lock:
            return self.faults.pop(0) if self.faults and self.faults[0] in which else None

    def send(self, sender: str, to: str, body: str, callback: str) -> Text:
        """Take a text from the product."""
        text = Text(f"SM{uuid4().hex}", sender, to, body, "queued", datetime.now(UTC), callback=callback)
        with self.changing():
            self.texts.append(text)
        return text

    def receive(
        self, sender: str, to: str, body: str, *, media: list[Media] | None = None, at: datetime | None = None
    ) -> Text:
        """Take a text from a phone; a word of the carrier's own opts its sender out or in."""
        sid = f"{'MM' if media else 'SM'}{uuid4().hex}"
        text = Text(sid, sender, to, body, "received", at or datetime.now(UTC), "inbound", media=media or [])
        word = body.strip().upper()
        with self.changing():
            self.texts.append(text)
            if word in STOPS:
                self.blocked.add((to, sender))
            elif word in STARTS:
                self.blocked.discard((to, sender))
        return text

    def forget(self, text: Text) -> None:
        """Take a text out of the lists again."""
        with self.changing():
            self.texts.remove(text)

    def ring(
        self, sender: str, to: str, *, status: str = "completed", at: datetime | None = None, parent: str | None = None
    ) -> Call:
        """Take a call, or put one through to a telephone."""
        call = Call(f"CA{uuid4().hex}", sender, to, status, at or datetime.now(UTC), parent)
        with self.changing():
            self.calls.append(call)
        return call

    def add_file(self, kind: str, content: bytes, address: str) -> Media:
        """Take a file that a phone sends; `address` is where this carrier is reached."""
        sid = f"ME{uuid4().hex}"
        path = f"/2010-04-01/Accounts/{self.sid}/Messages/MM{uuid4().hex}/Media/{sid}"
        with self.lock:
            self.files[sid] = (kind, content)
            if self.folder is not None:
                (self.folder / sid).write_bytes(content)
                (self.folder / f"{sid}.kind").write_text(kind)
        return Media(sid, kind, f"{address}{path}")

    def find_file(self, sid: str) -> tuple[str, bytes] | None:
        """Return the kind and the bytes of a file."""
        with self.lock:
            found = self.files.get(sid)
            if found is None and self.folder is not None and sid.isalnum() and (self.folder / sid).exists():
                found = ((self.folder / f"{sid}.kind").read_text(), (self.folder / sid).read_bytes())
        return found

    def find(self, sid: str) -> Text | None:
        """Return a text by its name."""
        with self.lock:
            return next((one for one in self.texts if one.sid == sid), None)

    def listed(self, is_wanted: Callable[[Text], bool]) -> list[Text]:
        """Return the texts that stand in the list, the latest first."""
        with self.lock:
            return [one for one in reversed(self.texts) if one.sid not in self.unlisted and is_wanted(one)]

    def _save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        told = {
            "texts": [asdict(one) for one in self.texts],
            "calls": [asdict(one) for one in self.calls],
            "blocked": sorted(self.blocked),
        }
        beside = (folder / KEPT).with_suffix(".new")
        beside.write_text(json.dumps(told, default=lambda moment: moment.isoformat()))
        beside.replace(folder / KEPT)

    def _load(self, told: dict[str, list[dict[str, object]]]) -> None:
        for one in told["texts"]:
            media = [Media(**each) for each in one.pop("media")]  # type: ignore[attr-defined]
            made_at = datetime.fromisoformat(str(one.pop("made_at")))
            self.texts.append(Text(**one, made_at=made_at, media=media))  # type: ignore[arg-type]
        for one in told["calls"]:
            started_at = datetime.fromisoformat(str(one.pop("started_at")))
            self.calls.append(Call(**one, started_at=started_at))  # type: ignore[arg-type]
        self.blocked = {(str(ours), str(theirs)) for ours, theirs in told["blocked"]}
