"""Measure how well mails are read, and write the figures into docs/mail.md: `python scripts/mail_figures.py`.

Beside ours stand the two libraries for quoted text that we might have used, over the same answers.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from service_request.domain.mail.visible import split  # noqa: E402
from tests.mail import forming  # noqa: E402
from tests.mail.measuring import Found, read_all, split_all  # noqa: E402

PAGE = ROOT / "docs" / "mail.md"
LANGUAGES = ["en", "pl", "cs", "es", "fr", "de"]  # those of ours that mail-parser-reply knows


def kinds() -> Iterator[str]:
    """The table of kinds."""
    machines, people = read_all(forming.machines()), read_all(forming.ordinary())
    yield "| mails | how many | known for what they are | the mail that came back told |"
    yield "| --- | --- | --- | --- |"
    known, told = machines.share(machines.wrong_kind), machines.share(machines.wrong_return)
    yield f"| bounces, delivery reports, automatic replies | {machines.mails} | {known:.1f} % | {told:.1f} % |"
    yield f"| ordinary mails | {people.mails} | {people.share(people.wrong_kind):.1f} % | |"


def quotes() -> Iterator[str]:
    """The table of visible words, ours beside the libraries'."""
    readings = {"ours": by_ours, "mail-parser-reply 1.36": by_mail_parser_reply, "quotequail 0.5.4": by_quotequail}
    yield "| reading | answers | every word of now visible | nothing of the quote visible |"
    yield "| --- | --- | --- | --- |"
    every = list(forming.answers())
    english = [mail for mail in every if "-en-" in mail.name]
    for language, mails in (("in 18 languages", every), ("in English alone", english)):
        for name, reading in readings.items():
            yield row(f"{name}, {language}", split_all(mails, reading))


def row(name: str, found: Found) -> str:
    kept, hidden = found.share(found.words_lost), found.share(found.quote_shown)
    return f"| {name} | {found.mails} | {kept:.1f} % | {hidden:.1f} % |"


def by_ours(text: str) -> str:
    """What we take to be written now."""
    return split(text, subject="Re: x").visible


def by_mail_parser_reply(text: str) -> str:
    """The newest reply as mail-parser-reply tells it, with every language that it has of ours."""
    from mailparser_reply import EmailReplyParser

    return EmailReplyParser(languages=LANGUAGES).parse_reply(text) or ""


def by_quotequail(text: str) -> str:
    """What quotequail would show at once."""
    import quotequail

    return "\n".join(part for is_shown, part in quotequail.quote(text) if is_shown)


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name, table in (("kinds", kinds()), ("quotes", quotes())):
        body = "\n".join(table)
        print(body, end="\n\n")
        pattern = re.compile(rf"<!-- {name} -->\n.*?<!-- end -->", re.DOTALL)
        page = pattern.sub(lambda _, n=name, b=body: f"<!-- {n} -->\n{b}\n<!-- end -->", page)  # type: ignore[misc]
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
