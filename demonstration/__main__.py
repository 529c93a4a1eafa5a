"""What `make run` starts: the front door of a made-up county, whole, on this machine only."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from demonstration.people import STAFF
from demonstration.running import ROOT, Demonstration, StartRefusedError

DEFAULT_PORT = 8000


def main() -> int:
    """Run until told to stop, or run the command that was typed behind; say in plain words why not."""
    os.umask(0o077)  # what is made here is its owner's alone
    typed = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not typed.isdecimal() or not 0 < int(typed) < 65_536:
        print(f"PORT is {typed!r}. Give a number from 1 to 65535, like PORT={DEFAULT_PORT}.", file=sys.stderr)
        return 2
    root = Path(os.environ.get("FRONTDOOR_INSTANCE_DIR") or ROOT / "instance")
    one = Demonstration(root, int(typed))
    try:
        if len(sys.argv) > 1:
            return one.command(sys.argv[1:])
        one.listen_to_signals()
        return one.run(announcement(one.address))
    except StartRefusedError as refused:
        print(refused, file=sys.stderr)
        return 1


def announcement(address: str) -> str:
    """Return what a person needs to begin: where it is, and who they can be."""
    width = max(len(person.does) for person in STAFF)
    longest = max(len(person.email) for person in STAFF)
    who = [
        f"  {person.name:<17} {person.does:<{width}}  {person.email:<{longest}}  {person.password}"
        + (f", then the code at {address}/demo/sign-ins" if person.phone_key else "")
        for person in STAFF
    ]
    return "\n".join(
        [
            "",
            f"  Ask for help, as a referrer or a family:  {address}/",
            f"  Staff sign in:                            {address}/staff/",
            f"  Text it from a phone, as a mother:        {address}/demo/phone",
            f"  Write it a mail, as a mother or a GP:     {address}/demo/mail",
            f"  Every message that went out:              {address}/demo",
            "",
            *who,
            "",
            "  All people are made up. Nothing leaves this machine. Stop with Ctrl+C.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
