"""What pages say of files that are added: why one is not taken, and what to do instead."""

from __future__ import annotations

from infrastructure.files.arriving import Refusal, RefusedFile
from infrastructure.files.kinds import IN_WORDS
from infrastructure.settings import Settings


def why_refused(one: RefusedFile, settings: Settings) -> str:
    """Return one line: the file by its name, what is wrong, and what to do."""
    name, way = f"“{one.name}”", other_way(settings)
    longest = limit_of(settings)
    return {
        Refusal.EMPTY: f"{name} is empty. Check it on your device, then add it again",
        Refusal.TOO_BIG: f"{name} is larger than {longest}. Make it smaller, or {way}",
        Refusal.WRONG_KIND: f"{name} is not a kind of file that we take. Add a {IN_WORDS}",
        Refusal.NOT_AS_NAMED: f"{name}: its content does not match its name. Save it again as what it is, then add it",
        Refusal.TOO_MANY: f"{name} was not added: a request has room for {settings.upload_most} files. For more, {way}",
        Refusal.DAY_IS_FULL: f"{name} was not added: today’s limit is reached. To send it today, {way}",
        Refusal.CUT_OFF: f"{name} did not arrive whole. Add it again",
        Refusal.NOT_STORED: f"{name} could not be stored. The rest of your request is safe. Try again later, or {way}",
    }[one.why]


def why_no_room(why: Refusal, settings: Settings) -> str:
    """Return one line that says why no file can be added now."""
    way = other_way(settings)
    if why is Refusal.DAY_IS_FULL:
        return f"Today’s limit for files from this device or place is reached. To send one today, {way}"
    return f"There are {settings.upload_most} files already. Remove one to add another, or {way}"


def why_post_refused(why: str, settings: Settings) -> str:
    """Return one line that says why nothing of a post was taken."""
    most = limit_of(settings)
    return {
        "lapsed": "This page was open for too long. Choose the files again, then select “Add files”",
        "too_big": f"That is too much at once. A file can be up to {most}. For more, {other_way(settings)}",
        "busy": "Many files are arriving just now. Wait a minute, then add yours again",
        "unreadable": "We could not read what your browser sent. Choose the files again",
    }[why]


def other_way(settings: Settings) -> str:
    """Return how a file that cannot be added reaches us all the same."""
    if settings.helpdesk_phone:
        return f"ring {settings.helpdesk_phone} and ask how to send it"
    return (
        f"bring it to {settings.address}" if settings.address else f"ring {settings.duty_line} and ask how to send it"
    )


def limit_of(settings: Settings) -> str:
    """Return how large one file may be: "10 MB"."""
    return f"{settings.upload_max_bytes / 1_000_000:g} MB"
