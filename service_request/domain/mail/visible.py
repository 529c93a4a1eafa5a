"""What the sender wrote now, told from what they quote: a word of theirs lost is worse than a quote too many."""

from __future__ import annotations

import json
import re
from pathlib import Path

from service_request.domain.mail import quoting, signing
from service_request.domain.mail.machine_words import ANSWERED_OR_PASSED_ON, PASSED_ON
from service_request.domain.mail.types import Split

MOST_LINES = 5_000  # past them nothing is told apart: it stays visible
ANSWERS_SAID_WITHIN = 400  # characters on top in which somebody says that their answers stand below

_ANSWERS_BELOW = re.compile(
    "|".join(json.loads(Path(__file__).with_name("quoting_words.json").read_text(encoding="utf-8"))["answers_below"]),
    re.IGNORECASE,
)
_FOOTER_OF_A_LIST = re.compile(
    r"\b(?:mailing list|unsubscribe|google groups)\b|https?://\S+/(?:listinfo|group)", re.IGNORECASE
)


def split(text: str, *, subject: str = "") -> Split:
    """The words of now and those of before; every word stands in one of the two, and never raises."""
    if PASSED_ON.match(subject[:200]):
        return Split(visible=text.strip())  # what was passed on is what they want us to read
    lines = text.split("\n")
    reading = _Reading(
        lines[:MOST_LINES], is_answer=not subject.strip() or bool(ANSWERED_OR_PASSED_ON.match(subject[:200]))
    )
    rest = "\n".join(lines[MOST_LINES:])
    visible = reading.words(of_now=True)
    if not visible and not rest.strip() and (reading.is_unmarked or not reading.holds_quotes):
        return Split(visible=text.strip())  # somebody may have answered in the quote, with nothing to tell it by
    return Split(visible=f"{visible}\n{rest}".strip(), quoted=reading.words(of_now=False))


class _Reading:
    """The lines of a mail, each told to be of now or not."""

    def __init__(self, lines: list[str], *, is_answer: bool) -> None:
        self.lines = lines
        self.is_answer = is_answer
        self.is_of_now = [True] * len(lines)
        self.holds_quotes = False
        self.is_unmarked = False  # a quote to the end, that no mark on its lines proves
        end = self._find_quotes()
        self._find_signatures(end)

    def words(self, *, of_now: bool) -> str:
        kept: list[str] = []
        for line, is_of_now in zip(self.lines, self.is_of_now, strict=True):
            if is_of_now == of_now:
                kept.append(line)
            elif kept and kept[-1].strip():
                kept.append("")  # what stood apart stays apart
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in kept)).strip("\n").strip()

    def _find_quotes(self) -> int:
        """Mark what is quoted; return where the forwarded mail begins, which stays visible, or the end."""
        marked = [quoting.is_marked(line) for line in self.lines]
        introduced = False
        at = 0
        while at < len(self.lines):
            line = self.lines[at]
            if quoting.is_groupwise(line) and self._rest_is_quoted(at, at + 1):
                return at
            if not marked[at]:
                if quoting.is_forwarding(line):
                    self._quote_marked(marked, at, introduced=introduced)
                    return at
                if found := quoting.attribution_at(self.lines, at):
                    begin, has_address = found
                    if self._is_marked_after(marked, at + 1):
                        introduced = True
                        self._quote(begin, at + 1)
                    elif (
                        has_address and not introduced and not any(marked[at:]) and self._rest_is_quoted(begin, at + 1)
                    ):
                        break
                elif (after := self._block_after(at)) is not None:
                    if self._is_marked_after(marked, after):
                        introduced = True
                        self._quote(at, after)
                        at = after
                        continue
                    if self._rest_is_quoted(at, after):
                        break
            at += 1
        self._quote_marked(marked, len(self.lines), introduced=introduced)
        return at

    def _block_after(self, at: int) -> int | None:
        """Where the quoted words begin, if a program's block of headers or its separator stands on this line."""
        line = self.lines[at]
        if quoting.is_separator(line) or quoting.is_rule(line):
            below = next(
                (here for here in range(at + 1, min(at + 4, len(self.lines))) if self.lines[here].strip()), None
            )
            after = quoting.block_at(self.lines, below) if below is not None else None
            return after if after is not None else (at + 1 if quoting.is_separator(line) else None)
        return quoting.block_at(self.lines, at, is_sure=self.is_answer)

    def _rest_is_quoted(self, begin: int, after: int) -> bool:
        """Quote all from here on, unless the writer says that their answers are below."""
        above = [line for line in self.lines[:begin] if line.strip() and not signing.is_device(line)]
        said = "\n".join(above)[:ANSWERS_SAID_WITHIN]
        if _ANSWERS_BELOW.search(said) or not any(line.strip() for line in self.lines[after:]):
            return False
        self.is_unmarked = True
        self._quote(begin, len(self.lines))
        return True

    def _is_marked_after(self, marked: list[bool], at: int) -> bool:
        for here in range(at, min(at + 4, len(self.lines))):
            if self.lines[here].strip():
                return marked[here]
        return False

    def _quote_marked(self, marked: list[bool], end: int, *, introduced: bool) -> None:
        """Lines with a mark are a quote in an answer; elsewhere a person may have drawn them as a list."""
        is_deep = any(quoting.is_marked_deep(line) for line in self.lines[:end])
        if not (introduced or is_deep or self.is_answer):
            return
        for at in range(end):
            if marked[at] and not self._is_escaped(marked, at):
                self._quote(at, at + 1)

    def _is_escaped(self, marked: list[bool], at: int) -> bool:
        """ ">From here on": old mailboxes put the mark before a line that begins with the word."""
        if not self.lines[at].startswith(">From "):
            return False
        return not any(marked[here] for here in (at - 1, at + 1) if 0 <= here < len(marked))

    def _quote(self, begin: int, end: int) -> None:
        self.holds_quotes = True
        self.is_of_now[begin:end] = [False] * (end - begin)

    def _find_signatures(self, end: int) -> None:
        """What programs and firms put below, in each stretch of what was written now."""
        at = 0
        while at < end:
            if not self.is_of_now[at]:
                at += 1
                continue
            stop = next((here for here in range(at, end) if not self.is_of_now[here]), end)
            self._find_signatures_within(at, stop)
            at = stop

    def _find_signatures_within(self, begin: int, end: int) -> None:
        at = begin
        while at < end:
            line = self.lines[at]
            until = signing.signature_end(self.lines, at, end)
            if until is None and quoting.is_rule(line) and self._is_footer_of_a_list(at, end):
                until = end
            if until is None and (signing.is_device(line) or (at < 6 and signing.is_outside_warning(line))):
                until = at + 1
            if until is None and line.strip() and (at == begin or not self.lines[at - 1].strip()):
                until = self._disclaimer_end(at, end)
            if until is None:
                at += 1
                continue
            self.is_of_now[at:until] = [False] * (until - at)
            at = until

    def _is_footer_of_a_list(self, at: int, end: int) -> bool:
        below = "\n".join(self.lines[at + 1 : min(at + 6, end)])
        return end - at < 10 and bool(_FOOTER_OF_A_LIST.search(below[:1000]))

    def _disclaimer_end(self, at: int, end: int) -> int | None:
        stop = next((here for here in range(at, end) if not self.lines[here].strip()), end)
        return stop if signing.is_disclaimer(" ".join(self.lines[at:stop])[:6_001]) else None
