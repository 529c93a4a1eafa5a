"""The carrier as a server on loopback, in threads of its own."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from demonstration.carrier.account import Account, Text
from demonstration.carrier.play import Play
from demonstration.carrier.rest import Rest
from demonstration.carrier.webhooks import post, report_of

LARGEST = 30_000_000
FORM = "application/x-www-form-urlencoded"
ON_ITS_WAY = ("sent", "delivered")


class Carrier:
    """A carrier that runs. `tells` posts reports by itself, as the demonstration wants it; a test posts its own."""

    def __init__(self, account: Account, *, public_url: str, port: int = 0, tells: bool = True) -> None:
        self.account, self.tells = account, tells
        self.server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self.server.daemon_threads = True
        self.rest = Rest(account, self._taken)
        self.play = Play(account, public_url, f"http://127.0.0.1:{self.port}")
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), name="carrier", daemon=True)
        self.thread.start()

    @property
    def port(self) -> int:
        """Return the port of this machine on which it listens."""
        return int(self.server.server_address[1])

    @property
    def address(self) -> str:
        """Return where it is reached."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """End it, and what hangs in it."""
        self.account.let_go.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def _taken(self, text: Text) -> None:
        if self.tells:
            threading.Thread(target=self._tell, args=(text,), daemon=True).start()

    def _tell(self, text: Text) -> None:
        for status in ON_ITS_WAY:
            with self.account.changing():
                text.status = status
            if text.callback:
                post(self.account, text.callback, report_of(self.account, text, status))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        carrier = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer("GET")

            def do_POST(self) -> None:
                self._answer("POST")

            def _answer(self, method: str) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST))
                kind = self.headers.get("Content-Type", "").partition(";")[0]
                is_form = kind == FORM
                form = dict(parse_qsl(body.decode(), keep_blank_values=True)) if is_form else {}
                authorization = self.headers.get("Authorization", "")
                answer: tuple[int, dict[str, str], Any] | None = None
                if parts.path.startswith("/play/"):
                    answer = carrier.play.answer(method, parts.path, parts.query, form, body, kind)
                if answer is None:
                    answer = carrier.rest.answer(method, parts.path, parts.query, form, authorization)
                self._write(*answer)

            def _write(self, status: int, headers: dict[str, str], said: Any) -> None:
                content = said if isinstance(said, bytes) else json.dumps(said).encode()
                try:
                    self.send_response(status)
                    for name, value in {"Content-Type": "application/json", **headers}.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:  # whoever asked is gone
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that it has above
                """Say nothing: a log of numbers and texts is nobody's."""

        return Handler


def start_carrier(folder: Path, *, account_sid: str, token: str, public_url: str, port: int = 0) -> Carrier:
    """Start the demonstration's carrier on a port of its own; what it has is kept in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return Carrier(Account(account_sid, token, folder=folder), public_url=public_url, port=port)
