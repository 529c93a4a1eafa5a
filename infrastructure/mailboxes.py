"""Which mailboxes are read, for whom, and how each is reached: a setting, checked before the start."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

if TYPE_CHECKING:
    from infrastructure.settings import Settings

_ADDRESS = re.compile(r"[a-z0-9._-]+@[a-z0-9-]+(\.[a-z0-9-]+)+")
LARGEST_MAIL = 80_000_000  # bytes that are fetched or taken at all; keeping one costs nine times as much memory
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Mailbox(BaseModel):
    """One mailbox of ours. `pathway` is "social_care" or "sendiass", or "desk" for the general one of the helpdesk.

    It is read by IMAP where `host` is given, over TLS with a checked certificate; without one it is filled by
    `flask intake email`. `token_command` prints an OAuth2 token, and takes the place of a password. What was kept is
    moved to `done_folder`, or marked as read where that is empty. `ca_file` is a certificate of the authority's own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str
    pathway: Literal["social_care", "sendiass", "desk"]
    host: str = ""
    port: int = 993
    user: str = ""
    password: SecretStr = SecretStr("")
    token_command: str = ""
    folder: str = "INBOX"
    done_folder: str = ""
    ca_file: str = ""
    plain: bool = False  # without TLS: on this machine, in a demonstration only

    @property
    def command(self) -> list[str]:
        """Return the token command as it is run: no shell reads it."""
        return shlex.split(self.token_command)


@lru_cache(maxsize=4)  # asked for on each staff page
def read_mailboxes(text: str) -> tuple[Mailbox, ...]:
    """Return the mailboxes that the setting names; raise ValueError when it cannot be read."""
    if not text.strip():
        return ()
    found = json.loads(text)
    if not isinstance(found, list):
        raise ValueError("a list is needed")
    return tuple(Mailbox.model_validate(one) for one in found)


def say_if_read(boxes: Iterable[Mailbox], *pathways: str) -> str:
    """Return what a letter says of answering it: somebody reads the mailbox that it leaves from, or nobody does."""
    is_read = any(box.pathway in pathways for box in boxes)
    return "You can answer this email." if is_read else "This mailbox is not read."


def mail_faults(settings: Settings) -> Iterator[str]:
    """Name what stands against reading mail safely; a password is in no line."""
    name = "FRONTDOOR_MAILBOXES"
    try:
        boxes = settings.our_mailboxes
    except ValidationError as error:
        yield f"{name} has a wrong value for {', '.join(sorted({str(one['loc'][0]) for one in error.errors()}))}"
        return
    except ValueError:
        yield f'{name} must be a list in JSON: [{{"address": "help@council.example", "pathway": "social_care"}}]'
        return
    for address, count in Counter(box.address for box in boxes).items():
        if not _ADDRESS.fullmatch(address):
            yield f"{name} must give each address plainly and in small letters"
        if count > 1:
            yield f"{name} names {address} twice: on which side of the wall would it be?"
    read = Counter((box.host, box.port, box.user.lower(), box.folder.lower()) for box in boxes if box.host)
    if any(count > 1 for count in read.values()):
        yield f"{name} reads one folder of one account twice: each mail would be taken by either"
    for box in boxes:
        yield from _faults_of(box, settings)
    if settings.mail_timeout_seconds <= 0 or settings.mail_poll_seconds <= 0:
        yield "FRONTDOOR_MAIL_TIMEOUT_SECONDS and FRONTDOOR_MAIL_POLL_SECONDS must be more than nothing"
    for pathway, alert in (("sendiass", "sendiass_alert"), ("social_care", "duty_alert"), ("desk", "duty_alert")):
        if any(box.pathway == pathway for box in boxes) and not settings.listed(alert):
            yield f"FRONTDOOR_{alert.upper()} must name who hears at once of danger in a mail"


def _faults_of(box: Mailbox, settings: Settings) -> Iterator[str]:
    name = f"FRONTDOOR_MAILBOXES: {box.address}"
    if not box.host:
        return
    if not box.user or bool(box.password.get_secret_value()) == bool(box.token_command):
        yield f"{name} needs a user, and a password or a token command"
    if box.done_folder.lower() == box.folder.lower():
        yield f"{name} must move what is kept to another folder than the one that is read"
    here = urlsplit(f"//{box.host}").hostname in _LOOPBACK
    if box.plain and not (settings.demonstration and here):
        yield f"{name} may be read without TLS on this machine alone, in a demonstration"
