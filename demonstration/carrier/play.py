"""The other end of the line: a phone that somebody plays, by plain questions on the same port."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from demonstration.carrier.account import Account, Media, Text
from demonstration.carrier.webhooks import MESSAGE, params_of, post

Answer = tuple[int, dict[str, str], dict[str, Any] | list[dict[str, Any]]]


class Play:
    """Texts from a phone to the product, by its very webhook at `public_url`."""

    def __init__(self, account: Account, public_url: str, address: str) -> None:
        self.account, self.url, self.address = account, f"{public_url}{MESSAGE}", address
        self.late: list[Text] = []

    def answer(self, method: str, path: str, query: str, form: dict[str, str], body: bytes, kind: str) -> Answer | None:
        """Answer one question of the phone; None where there is no such one."""
        if (method, path) == ("POST", "/play/texts"):
            return self._text(form)
        if (method, path) == ("POST", "/play/past"):
            return self._past(form)
        if (method, path) == ("POST", "/play/media"):
            return 201, {}, {"url": self.account.add_file(kind, body, self.address).url}
        if (method, path) == ("GET", "/play/thread"):
            asked = {name: values[0] for name, values in parse_qs(query).items()}
            return 200, {}, self._thread(asked.get("phone", ""), asked.get("number", ""), asked.get("channel", "sms"))
        return None

    def _text(self, form: dict[str, str]) -> Answer:
        again = self.account.find(form.get("again", ""))
        text = again or self.account.receive(
            form.get("From", ""), form.get("To", ""), form.get("Body", ""), media=_media(form)
        )
        if form.get("late") == "1":
            self.late.append(text)
            return 202, {}, _told(text, 0, 0.0)
        began = time.monotonic()
        is_forged = form.get("tamper") == "1"
        status = post(self.account, self.url, params_of(self.account, text), is_forged=is_forged)
        if is_forged:
            self.account.forget(text)  # it never came from us: our lists do not have it
        took = time.monotonic() - began
        while self.late:
            earlier = self.late.pop(0)
            post(self.account, self.url, params_of(self.account, earlier))
        return 200, {}, _told(text, status, took)

    def _past(self, form: dict[str, str]) -> Answer:
        """Put a text where a story has it in time: one that came, which we post nowhere, or one that went (`sid`)."""
        at = datetime.fromisoformat(form["At"])
        text = self.account.find(form.get("sid", ""))
        if text is None:
            text = self.account.receive(form.get("From", ""), form.get("To", ""), form.get("Body", ""), at=at)
        else:
            with self.account.changing():
                text.made_at, text.status = at, form.get("Status", text.status)
        return 200, {}, {"sid": text.sid}

    def _thread(self, phone: str, number: str, channel: str) -> list[dict[str, Any]]:
        before = "whatsapp:" if channel == "whatsapp" else ""
        both = {f"{before}{phone}", f"{before}{number}"}
        with self.account.lock:
            found = [one for one in self.account.texts if {one.sender, one.to} == both]
        return [
            {
                "sid": one.sid,
                "direction": "in" if one.direction == "inbound" else "out",
                "body": one.body,
                "at": one.made_at.isoformat(),
                "status": one.status,
                "media": [{"url": media.url, "kind": media.kind} for media in one.media],
            }
            for one in sorted(found, key=lambda one: one.made_at)
        ]


def _media(form: dict[str, str]) -> list[Media]:
    found: list[Media] = []
    while url := form.get(f"MediaUrl{len(found)}"):
        kind = form.get(f"MediaContentType{len(found)}", "application/octet-stream")
        found.append(Media(url.rpartition("/")[2], kind, url))
    return found


def _told(text: Text, status: int, took: float) -> dict[str, Any]:
    return {"sid": text.sid, "status": status, "at": datetime.now(UTC).isoformat(), "took_ms": round(took * 1000)}
