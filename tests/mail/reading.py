"""What holds of every mail that was read, whatever it was."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC
from typing import Any

from service_request.channels.email import ParsedEmail


def assert_is_whole(parsed: ParsedEmail) -> None:
    """Whatever the mail: text without NUL, CR or half characters; addresses in lower case; files with a name; times in UTC."""
    held = asdict(parsed)
    held["attachments"] = [(file.name, file.content_type) for file in parsed.attachments]
    for text in texts_in(held):
        assert "\0" not in text
        assert "\r" not in text
        text.encode("utf-8")
    for address in (parsed.sender, parsed.reply_to, *parsed.recipients):
        assert address == address.lower()
        assert not set(address) & set("<>\n ,;")
    assert "\n" not in parsed.subject + parsed.sender_name + parsed.message_id + "".join(parsed.references)
    assert all(file.name and "/" not in file.name and "\\" not in file.name for file in parsed.attachments)
    assert all(isinstance(file.content, bytes) for file in parsed.attachments)
    assert parsed.sent_at is None or parsed.sent_at.tzinfo is UTC
    assert len(set(parsed.recipients)) == len(parsed.recipients)
    assert len(set(parsed.references)) == len(parsed.references)


def texts_in(held: Any) -> list[str]:
    if isinstance(held, str):
        return [held]
    if isinstance(held, dict):
        held = list(held.values())
    if isinstance(held, list | tuple | set | frozenset):
        return [text for each in held for text in texts_in(each)]
    return []
