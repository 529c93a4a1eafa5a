"""Files that arrive by a form: sealed while they stream, refused as soon as a rule says so, never clear on a disk."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Any

import flask
from flask import current_app, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData
from werkzeug.wsgi import get_input_stream

from infrastructure.database import Wall
from infrastructure.files.arriving import Arrival, Arrived, Refusal, RefusedFile
from infrastructure.files.stores import Store
from infrastructure.settings import Settings
from infrastructure.web.guard import token_holds

PART = 65_536
FORM_BYTES = 100_000  # what beside files a form of files may hold
PARTS_MOST = 200
TABLES: dict[str, int] = {}  # the endpoints that take a table, with how many bytes of it at most; never a person's file
RUN_BY_BYTES, RUN_BY_SECONDS = 64_000_000, 10.0  # of a refused body, so that the browser reads our answer


class UploadRefusedError(Exception):
    """Nothing of the post was taken. `why` is one of `lapsed`, `too_big`, `busy`, `unreadable`."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass
class Received:
    """What one post brought: its fields, the files that came whole, those refused, and whether its end never came."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[Arrived] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
    is_cut_off: bool = False


class Request(flask.Request):
    """A request whose files go nowhere unless a view receives them: no page leaves clear bytes in a temporary file."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        most = TABLES.get(self.endpoint or "", 0)
        return _InMemory(most) if most else _Nowhere()


class _Nowhere(BytesIO):
    def write(self, part: Any) -> int:
        return len(part)


class _InMemory(BytesIO):
    """A small table of the authority's own: a little more than may be read is kept, so that it shows as too large."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.room = most + 1

    def write(self, part: Any) -> int:
        taken = part[: max(self.room - self.tell(), 0)]
        super().write(taken)
        return len(part)


def install_uploads(app: flask.Flask, settings: Settings) -> None:
    """Take files only where a view receives them, a few at a time in each process."""
    app.request_class = Request
    app.extensions["uploads"] = threading.BoundedSemaphore(settings.uploads_at_once)


def receive_files(*, store: Store, wall: Wall, room: int, settings: Settings) -> Received:
    """Read a form with files as it streams; `room` is how many may still be taken.

    The token against forged posts stands before the files in the form: without it not a byte of a file is kept.
    Raise UploadRefusedError when nothing could be taken.
    """
    most = settings.upload_max_bytes * settings.upload_most + FORM_BYTES + PARTS_MOST * 1000
    at_once: threading.BoundedSemaphore = current_app.extensions["uploads"]
    if not at_once.acquire(blocking=False):
        let_run_by()
        raise UploadRefusedError("busy")
    try:
        if (request.content_length or 0) > most:
            let_run_by()
            raise UploadRefusedError("too_big")
        with _timed(settings):
            return _receive(store, wall, room, settings, most)
    finally:
        at_once.release()


def let_run_by() -> None:
    """Read on for a moment what is not taken, and drop it: a browser that is still sending does not read an answer."""
    source, end, left = request.environ["wsgi.input"], time.monotonic() + RUN_BY_SECONDS, RUN_BY_BYTES
    left = min(left, request.content_length or 0)
    with contextlib.suppress(OSError), _patience(2.0):
        while left > 0 and time.monotonic() < end:
            part = source.read(min(PART, left))
            if not part:
                return
            left -= len(part)


def _receive(store: Store, wall: Wall, room: int, settings: Settings, most: int) -> Received:
    boundary = request.mimetype_params.get("boundary", "").encode("latin-1", "replace")
    if request.mimetype != "multipart/form-data" or not boundary:
        raise UploadRefusedError("unreadable")
    reading = _Reading(store, wall, room, settings)
    decoder = MultipartDecoder(boundary, 4 * PART, max_parts=PARTS_MOST)
    source = get_input_stream(request.environ, max_content_length=most)
    deadline = time.monotonic() + settings.upload_seconds
    try:
        while True:
            part = source.read(PART)
            decoder.receive_data(part or None)
            if reading.take(decoder):
                break
            if time.monotonic() > deadline:
                raise TimeoutError
    except (ClientDisconnected, OSError):  # the line went down, or went quiet
        reading.cut_off()
    except UploadRefusedError:
        reading.drop()
        raise
    except RequestEntityTooLarge:
        reading.drop()
        raise UploadRefusedError("too_big") from None
    except (ValueError, UnicodeError):  # not multipart, or its end is missing
        if reading.now is None and not reading.got.files:
            reading.drop()
            raise UploadRefusedError("unreadable") from None
        reading.cut_off()
    except BaseException:
        reading.drop()
        raise
    if not reading.is_trusted:
        reading.drop()
        raise UploadRefusedError("lapsed")
    return reading.got


class _Reading:
    """The state of one form while it streams."""

    def __init__(self, store: Store, wall: Wall, room: int, settings: Settings) -> None:
        self.store, self.wall, self.room, self.settings = store, wall, room, settings
        self.got = Received()
        self.now: Arrival | None = None
        self.is_trusted = False
        self._name, self._text = "", bytearray()
        self._is_nameless = False
        self._field_bytes = 0

    def take(self, decoder: MultipartDecoder) -> bool:
        """Take what the decoder has; answer True at the end of the form."""
        while not isinstance(event := decoder.next_event(), NeedData):
            if isinstance(event, Epilogue):
                return True
            if isinstance(event, Field):
                self._name, self._text = event.name or "", bytearray()
            elif isinstance(event, File):
                self._begin(event.filename)
            elif isinstance(event, Data):
                self._data(event)
        return False

    def _begin(self, raw_name: str) -> None:
        if not self.is_trusted:
            raise UploadRefusedError("lapsed")
        self._name, self._is_nameless = "", not raw_name  # a field in which nothing was chosen has no name and no bytes
        self.now = Arrival(raw_name or "file", self.store, self.wall, longest=self.settings.upload_max_bytes)
        if len(self.got.files) >= self.room and not self._is_nameless:
            self.now.refuse(Refusal.TOO_MANY)

    def _data(self, event: Data) -> None:
        if self.now is not None:
            self.now.write(event.data)
            if not event.more_data:
                self._file_ended(self.now)
        else:
            self._field_bytes += len(event.data)
            if self._field_bytes > FORM_BYTES:
                raise UploadRefusedError("too_big")
            self._text += event.data
            if not event.more_data:
                self.got.fields[self._name] = self._text.decode("utf-8", "replace")
                if self._name == "csrf_token":
                    self.is_trusted = token_holds(self.got.fields[self._name])

    def _file_ended(self, arrival: Arrival) -> None:
        self.now = None
        ended = arrival.end()
        if self._is_nameless and not arrival.size:
            return
        if isinstance(ended, Arrived):
            self.got.files.append(ended)
        else:
            self.got.refused.append(ended)

    def cut_off(self) -> None:
        """Keep what came whole; name what did not."""
        self.got.is_cut_off = True
        if self.now is not None:
            self.now.refuse(Refusal.CUT_OFF)
            self.got.refused.append(RefusedFile(self.now.name, Refusal.CUT_OFF))
            self.now = None

    def drop(self) -> None:
        """Leave nothing of this form behind."""
        if self.now is not None:
            self.now.drop()
        for one in self.got.files:
            one.path.unlink(missing_ok=True)


@contextlib.contextmanager
def _timed(settings: Settings) -> Iterator[None]:
    with _patience(settings.upload_idle_seconds):
        yield


@contextlib.contextmanager
def _patience(seconds: float) -> Iterator[None]:
    """Give the line this long between two pieces; gunicorn itself would wait for ever."""
    line = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
    if line is None:
        yield
        return
    before = line.gettimeout()
    line.settimeout(seconds)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            line.settimeout(before)
