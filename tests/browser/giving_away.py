"""What may leave the house in no mail, address or log."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from tests.browser.visiting import Visitor
from tests.plugins.house import Mailbox
from tests.plugins.server import Installation

# What may be in no mail, address or log: names, birth dates in any writing, what worries anybody.
SECRETS = (
    "callum", "ryan", "hartley", "hartly", "donna", "samina", "14 march 2017", "14 mar 2017", "2017-03-14",
    "14/03/2017", "14/3/2017", "2 august 2020", "2020-08-02", "hungry", "breakfast", "grandmother", "the tea",
    "tanners", "07700", "lateness", "support worker",
)  # fmt: skip


def nothing_was_given_away(visitors: list[Visitor], mailbox: Mailbox, served: Installation) -> None:
    """Find no name, birth date or concern in a mail, in an address that anybody visited, or in a log."""
    assert len(mailbox.messages) >= 7
    said = {f"mail {mail['Subject']}": f"{mail['Subject']} {Mailbox.words(mail)}" for mail in mailbox.messages}
    visited = [unquote(urlsplit(url)._replace(netloc="").geturl()) for one in visitors for url in one.visited]
    said["addresses"] = "\n".join(visited)
    logs = served.logs()
    assert "worker_started" in logs
    said["logs"] = logs
    for where, words in said.items():
        for secret in SECRETS:
            assert secret not in words.lower(), f"{secret} in {where}"
