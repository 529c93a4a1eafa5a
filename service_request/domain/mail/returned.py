"""What a bounce or a delivery report says of the mail that it answers: RFC 3464 first, then the servers' own prose."""

from __future__ import annotations

import re
from collections.abc import Iterable

from service_request.domain.mail.types import Read, Returned

SCANNED = 20_000  # characters: what a server says stands at the top; the mail that came back follows
WORDS_KEPT = 500
RECIPIENTS_KEPT = 50
MESSAGE_IDS_KEPT = 10

_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:[ \t]*(.*)$")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,400}@[^<>\s]{1,255}>")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_REPLY_CODE = re.compile(r"(?<![\d.-])([45])(?:[0-5]\d)(?=[ -](?:#|\(|<|[45]\.\d|[A-Za-z'\"]))")
_MESSAGE_ID_LINE = re.compile(r"^[ \t>|]*(?:x-original-)?message[- ]id[ \t]*:[ \t]*(<[^<>\s]{3,600}>)", re.I | re.M)
# Where the mail that came back is pasted below the server's own words.
_COPY = re.compile(
    r"^[ \t]*(?:-{2,}.{0,80}(?:copy|original|returned|header|message|transcript of).{0,80}|"
    r"(?:received|return-path|x-[a-z-]{3,30})[ \t]*:[ \t].*|original message headers:.*|diagnostic information.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_FAILED = frozenset({"failed", "failure", "fail"})
_GAVE_BACK = ("message-id", "x-original-message-id", "original-message-id", "x-ms-exchange-parent-message-id")


def fields_of(report: str) -> list[tuple[str, str]]:
    """The fields of a machine-readable part, unfolded, names in lower case, in their order."""
    found: list[tuple[str, str]] = []
    for line in report[:SCANNED].splitlines():
        if line[:1] in (" ", "\t") and line.strip() and found:
            name, value = found[-1]
            found[-1] = (name, f"{value} {line.strip()}")
        elif matched := _FIELD.match(line):
            found.append((matched[1].lower(), matched[2].strip()))
    return found


def actions_of(report: str) -> frozenset[str]:
    """What a report says became of each recipient: "failed", "delayed", "delivered", "relayed", "expanded"."""
    words = (value.lower().split("(")[0].strip() for name, value in fields_of(report) if name == "action")
    return frozenset("failed" if word in _FAILED else word.split()[0] for word in words if word)


def returned_by(read: Read, *, failed: bool) -> Returned:
    """Gather what it says: which mail, which recipients, why, and whether anybody will try again (F21)."""
    fields = fields_of(read.report)
    own_words = _own_words(read.text)
    status = _status(fields, own_words)
    return Returned(
        message_ids=_message_ids(read, fields),
        recipients=_recipients(read, fields, own_words),
        status=status,
        is_permanent=failed and not (status.startswith("4") and "failed" not in actions_of(read.report)),
        words=_words(fields, own_words),
    )


def _own_words(text: str) -> str:
    head = text[:SCANNED]
    copy = _COPY.search(head)
    return head[: copy.start()] if copy and head[: copy.start()].strip() else head


def _message_ids(read: Read, fields: list[tuple[str, str]]) -> tuple[str, ...]:
    found: list[str] = []
    for name, value in (*read.returned_headers, *fields):
        if name in _GAVE_BACK:
            found += _MESSAGE_ID.findall(value)
    found += _MESSAGE_ID_LINE.findall(read.text[:SCANNED])
    for wanted in ("x-original-message-id", "in-reply-to", "references"):
        for name, value in read.headers:
            if name == wanted:
                found += reversed(_MESSAGE_ID.findall(value[:SCANNED]))
    for name, value in read.returned_headers:
        if name in ("in-reply-to", "references"):
            found += reversed(_MESSAGE_ID.findall(value[:SCANNED]))
    return tuple(dict.fromkeys(found))[:MESSAGE_IDS_KEPT]


def _recipients(read: Read, fields: list[tuple[str, str]], own_words: str) -> tuple[str, ...]:
    named: list[str] = []
    for block in re.split(r"\n[ \t]*\n", read.report[:SCANNED].replace("\r\n", "\n")):
        given = dict(reversed(fields_of(block)))
        if actions_of(block) <= {"failed"} or not actions_of(read.report) & {"failed"}:
            # The address that we wrote to stands in Original-Recipient, where a server gives both.
            named += _addresses(given.get("original-recipient", "")) or _addresses(given.get("final-recipient", ""))
    for wanted in ("x-failed-recipients", "x-actual-recipient"):
        named += [a for name, value in (*read.headers, *fields) if name == wanted for a in _addresses(value)]
    if not named:
        named = _named_in(read, own_words)
    return tuple(dict.fromkeys(named))[:RECIPIENTS_KEPT]


def _named_in(read: Read, own_words: str) -> list[str]:
    """The addresses in the words of a server, but for its own and whoever the report is for."""
    ours = {
        a for name, value in read.headers if name in ("to", "delivered-to", "from", "sender") for a in _addresses(value)
    }
    ours.add(read.sender.lower())
    domain = read.sender.rpartition("@")[2].lower()
    found = [a for a in _addresses(own_words) if a not in ours and not _is_daemon_of(a, domain)]
    if not found:
        found = [a for name, value in read.returned_headers if name == "to" for a in _addresses(value)]
    return found[:RECIPIENTS_KEPT]


def _is_daemon_of(address: str, domain: str) -> bool:
    name, _, host = address.partition("@")
    return name in ("postmaster", "mailer-daemon", "abuse", "helpdesk", "support") or (
        host == domain and "daemon" in name
    )


def _addresses(value: str) -> list[str]:
    return [found.strip(".'").lower() for found in _ADDRESS.findall(value) if not found.startswith("=")]


def _status(fields: Iterable[tuple[str, str]], own_words: str) -> str:
    statuses: list[str] = []
    for name, value in fields:
        if name in ("status", "diagnostic-code") and (matched := _STATUS.search(value)):
            statuses.append(matched[1])
    worst = sorted(statuses, key=lambda status: status[0], reverse=True)
    if worst:
        return worst[0]
    if matched := _STATUS.search(own_words):
        return matched[1]
    if code := _REPLY_CODE.search(own_words):
        return f"{code[1]}.0.0"
    return ""


def _words(fields: list[tuple[str, str]], own_words: str) -> str:
    for wanted in ("diagnostic-code", "x-display-name", "status"):
        for name, value in fields:
            if name == wanted and len(value) > len("5.1.1 "):
                said = re.sub(r"^\s*(?:smtp|x-[\w-]+|dns|unknown)\s*;\s*", "", value, flags=re.IGNORECASE)
                return " ".join(said.split())[:WORDS_KEPT]
    return " ".join(own_words.split())[:WORDS_KEPT]
