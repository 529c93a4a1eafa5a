"""Teachers who come back: a mailbox proven by link and code, on any browser."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask

from tests.plugins.house import Mailbox
from tests.service_request.channels.web.walking import TEACHER, Person

ADDRESS = TEACHER["email"]
Work = Callable[[], None]


def link_in(mailbox: Mailbox, page: str, address: str = ADDRESS) -> str:
    """Return the path of the latest link to a page that was mailed to an address."""
    for message in reversed(mailbox.to(address)):
        if found := re.search(rf"http://localhost(/{page}/\S+)", mailbox.words(message)):
            return found[1]
    raise AssertionError(f"no mail to {address} holds a link to {page}")


def code_in(mailbox: Mailbox, address: str = ADDRESS) -> str:
    """Return the code that was mailed last."""
    codes = [found[1] for m in mailbox.to(address) if (found := re.search(r"Your code is (\d{6})", mailbox.words(m)))]
    return codes[-1]


class Returning:
    """How somebody comes back: asks for the link, then the code, from the mail of a real server."""

    def __init__(self, app: Flask, mailbox: Mailbox, work: Work) -> None:
        self.app, self.mailbox, self.work = app, mailbox, work

    def somebody(self) -> Person:
        """Return somebody at a browser that holds nothing."""
        return Person(self.app.test_client())

    def ask(self, person: Person, address: str = ADDRESS) -> str:
        """Ask for a link and return it."""
        person.post("/mine", {"email": address})
        self.work()
        return link_in(self.mailbox, "mine/link", address)

    def prove(self, person: Person, address: str = ADDRESS, *, shift: bool = False) -> Person:
        """Prove an address on this browser."""
        link = self.ask(person, address)
        person.post(link)
        self.work()
        remember = {"remember": "shift"} if shift else {}
        person.post(f"{link}/code", {"code": code_in(self.mailbox, address), **remember})
        assert person.h1 == "Your requests", person.h1
        return person
