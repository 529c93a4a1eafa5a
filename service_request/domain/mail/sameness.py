"""When two mails are one that came by two ways: what the sender wrote, without the traces of the servers (EV-3)."""

from __future__ import annotations

import re
from hashlib import sha256

WRITTEN = (b"message-id", b"from", b"date", b"subject")  # what the sender's own program wrote
NAMED = frozenset({b"message-id", b"date"})  # without either, two mails with the same words may be two cries for help
MAX_HEAD = 1_000_000  # no further is looked for a header
_END = re.compile(rb"\r?\n\r?\n")
_SPACE = re.compile(rb"\s+")


def same_of(raw: bytes) -> str:
    """Return what two deliveries of one mail have in common, as a digest; "" where nothing tells one from another."""
    end = _END.search(raw, 0, MAX_HEAD)
    head, body = (raw[: end.start()], raw[end.end() :]) if end else (raw[:MAX_HEAD], b"")
    said = _headers(head)
    if not NAMED & said.keys():
        return ""
    made = sha256(b"\n".join(said.get(name, b"") for name in WRITTEN) + b"\n\n")
    made.update(body.replace(b"\r\n", b"\n").rstrip())
    return made.hexdigest()


def _headers(head: bytes) -> dict[bytes, bytes]:
    """Return the first of each header that the sender wrote, on one line, its spaces as one."""
    found: dict[bytes, bytes] = {}
    for line in re.sub(rb"\r?\n[ \t]+", b" ", head).splitlines():
        name, colon, value = line.partition(b":")
        if colon and (name := name.strip().lower()) in WRITTEN and name not in found and value.strip():
            found[name] = _SPACE.sub(b" ", value).strip()
    return found
