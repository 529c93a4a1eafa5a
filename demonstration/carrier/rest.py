"""Twilio's REST API as far as the product asks: texts sent, listed and read; calls listed; files with a password."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

from demonstration.carrier.account import Account, Call, Text

LONGEST = 1_600
HANGS = 30.0
_BASE = re.compile(r"/2010-04-01/Accounts/(\w+)/(.+)")
Answer = tuple[int, dict[str, str], dict[str, Any] | bytes]


class Rest:
    """Answers one account's questions; `taken` is told of each text that was sent."""

    def __init__(self, account: Account, taken: Callable[[Text], None]) -> None:
        self.account, self.taken = account, taken

    def answer(self, method: str, path: str, query: str, form: dict[str, str], authorization: str) -> Answer:
        """Answer one question."""
        self.account.asked.append((method, path))
        if not self._is_known(authorization):
            return _error(401, 20003, "Authenticate")
        found = _BASE.fullmatch(path)
        if found is None or found[1] != self.account.sid:
            return _error(404, 20404, f"The requested resource {path} was not found")
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        if found[2] == "Messages.json":
            return self._send(form) if method == "POST" else self._texts(path, asked)
        if found[2] == "Calls.json":
            return self._calls(path, asked)
        if one := re.fullmatch(r"Messages/(\w+)\.json", found[2]):
            text = self.account.find(one[1])
            return (200, {}, self._shown(text)) if text else _error(404, 20404, "not found")
        if one := re.fullmatch(r"Messages/(\w+)/Media\.json", found[2]):
            text = self.account.find(one[1])
            return self._media(path, asked, text) if text else _error(404, 20404, "not found")
        if one := re.fullmatch(r"Messages/\w+/Media/(\w+)", found[2]):
            file = self.account.find_file(one[1])
            return (200, {"Content-Type": file[0]}, file[1]) if file else _error(404, 20404, "not found")
        return _error(404, 20404, "not found")

    def _is_known(self, authorization: str) -> bool:
        ours = base64.b64encode(f"{self.account.sid}:{self.account.token}".encode()).decode()
        return hmac.compare_digest(authorization.encode(), f"Basic {ours}".encode())

    def _send(self, form: dict[str, str]) -> Answer:
        sender, to, body = (form.get(name, "") for name in ("From", "To", "Body"))
        account = self.account
        fault = account.next_fault("429", "500", "500_after_sending", "hang", "not_listed")
        if fault == "429":
            return _error(429, 20429, "Too Many Requests", {"Retry-After": str(account.retry_after)})
        if fault == "500":
            return _error(500, 20500, "Internal Server Error")
        if (sender, to) in account.blocked:
            return _error(400, 21610, f"Attempt to send to unsubscribed recipient {to}: {body}")
        if not re.fullmatch(r"(whatsapp:)?\+\d{7,15}", to):
            return _error(400, 21211, f"The 'To' number {to} is not a valid phone number.")
        if not body or len(body) > LONGEST:
            return _error(400, 21617, f"The concatenated message body exceeds the 1600 character limit: {body}")
        text = account.send(sender, to, body, form.get("StatusCallback", ""))
        if fault == "not_listed":
            account.unlisted.add(text.sid)
        self.taken(text)
        if fault == "hang":
            account.let_go.wait(HANGS)
        if fault is not None:
            return _error(500, 20500, "Internal Server Error")
        return 201, {}, self._shown(text)

    def _texts(self, path: str, asked: dict[str, str]) -> Answer:
        if self.account.next_fault("503_in_list"):
            return _error(503, 20503, "Service Unavailable")

        def is_wanted(text: Text) -> bool:
            to, sender = asked.get("To", text.to), asked.get("From", text.sender)
            return (text.to, text.sender) == (to, sender) and _in_time(text.made_at, asked, "DateSent")

        return _page("messages", path, asked, [self._shown(one) for one in self.account.listed(is_wanted)])

    def _media(self, path: str, asked: dict[str, str], text: Text) -> Answer:
        at, of = format_datetime(text.made_at), {"account_sid": self.account.sid, "parent_sid": text.sid}
        rows = [
            {"sid": one.sid, "content_type": one.kind, "date_created": at, "date_updated": at, "uri": one.url, **of}
            for one in text.media
        ]
        return _page("media_list", path, asked, rows)

    def _calls(self, path: str, asked: dict[str, str]) -> Answer:
        def is_wanted(call: Call) -> bool:
            to, sender = asked.get("To", call.to), asked.get("From", call.sender)
            return (call.to, call.sender) == (to, sender) and _in_time(call.started_at, asked, "StartTime")

        with self.account.lock:
            found = [self._call(one) for one in reversed(self.account.calls) if is_wanted(one)]
        return _page("calls", path, asked, found)

    def _shown(self, text: Text) -> dict[str, Any]:
        uri = f"/2010-04-01/Accounts/{self.account.sid}/Messages/{text.sid}"
        made_at = format_datetime(text.made_at)
        return {
            "sid": text.sid, "account_sid": self.account.sid, "api_version": "2010-04-01", "body": text.body,
            "direction": text.direction, "from": text.sender, "to": text.to, "status": text.status,
            "num_media": str(len(text.media)), "num_segments": str(text.segments), "error_code": text.error_code,
            "error_message": None, "messaging_service_sid": None, "price": None, "price_unit": "GBP",
            "date_created": made_at, "date_sent": made_at, "date_updated": made_at, "uri": f"{uri}.json",
            "subresource_uris": {"media": f"{uri}/Media.json"},
        }  # fmt: skip

    def _call(self, call: Call) -> dict[str, Any]:
        at = format_datetime(call.started_at)
        return {
            "sid": call.sid, "account_sid": self.account.sid, "api_version": "2010-04-01", "from": call.sender,
            "to": call.to, "status": call.status, "direction": "outbound-dial" if call.parent else "inbound",
            "parent_call_sid": call.parent, "start_time": at, "end_time": at, "date_created": at, "date_updated": at,
            "duration": "10" if call.status == "completed" else None,
            "uri": f"/2010-04-01/Accounts/{self.account.sid}/Calls/{call.sid}.json",
        }  # fmt: skip


def _page(name: str, path: str, asked: dict[str, str], rows: list[dict[str, Any]]) -> Answer:
    size, number = min(int(asked.get("PageSize", "50")), 1000), int(asked.get("Page", "0"))

    def uri(page: int) -> str:
        return f"{path}?{urlencode({**asked, 'Page': page, 'PageSize': size})}"

    start = number * size
    return 200, {}, {
        name: rows[start : start + size], "page": number, "page_size": size, "start": start,
        "end": max(start, min(start + size, len(rows)) - 1), "uri": uri(number), "first_page_uri": uri(0),
        "next_page_uri": uri(number + 1) if start + size < len(rows) else None,
        "previous_page_uri": uri(number - 1) if number else None,
    }  # fmt: skip


def _in_time(at: datetime, asked: dict[str, str], name: str) -> bool:
    """Tell whether a moment is in what was asked for: a day, or a moment; the client writes either."""
    since, until, on = (asked.get(key) for key in (f"{name}>", f"{name}<", name))
    return (
        (since is None or at >= _moment(since))
        and (until is None or at <= _moment(until))
        and (on is None or at.date() == date.fromisoformat(on[:10]))
    )


def _moment(said: str) -> datetime:
    found = datetime.fromisoformat(said.replace("Z", "+00:00"))
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _error(status: int, code: int, words: str, headers: dict[str, str] | None = None) -> Answer:
    more_info = f"https://www.twilio.com/docs/errors/{code}"
    return status, headers or {}, {"code": code, "message": words, "status": status, "more_info": more_info}
