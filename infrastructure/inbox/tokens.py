"""The token of an OAuth2 sign-in, by the authority's own command: run without a shell, in our time, logged nowhere."""

from __future__ import annotations

import os
import re
import signal
import subprocess  # nosec B404 - a command of the settings, with no shell and no argument of anybody's
from contextlib import suppress

SECONDS = 10.0
LONGEST = 20_000  # a token of Microsoft's has some 2,000 characters
_TOKEN = re.compile(r"[\x21-\x7e]+")


class TokenError(Exception):
    """The command gave no token; what it said instead is told to nobody."""


def get_token(command: list[str]) -> str:
    """Return what the command prints; it is handed none of our secrets, and ended with its children when it is slow."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDOOR_")}
    try:
        process = subprocess.Popen(  # nosec B603
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
    except OSError:
        raise TokenError from None
    with process:
        try:
            said, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            raise TokenError from None
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
    token = said[:LONGEST].decode("ascii", "replace").strip()
    if process.returncode != 0 or not _TOKEN.fullmatch(token):
        raise TokenError
    return token
