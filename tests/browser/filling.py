"""A form filled in from its first page to its last, by whoever holds it, the way it leads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from tests.browser.visiting import Visitor

Answers = Mapping[str, Mapping[str, Sequence[str]]]


def answer_every_page(
    visitor: Visitor, answers: Answers, *, prove: Callable[[], None] | None = None, pictures: str = ""
) -> set[str]:
    """Follow a form wherever it leads until every page is answered, and return the pages; it ends before sending.

    The answers name a second child where there is one; the work address is proven by `prove`, or skipped.
    """
    answered: set[str] = set()
    for _ in range(80):
        place = visitor.path.split("?")[0].split("#")[0]
        if step := re.search(r"/step/([\w.]+)$", place):
            key = step[1]
            if pictures and key not in answered:
                visitor.picture(f"{pictures}-{key}")
            visitor.answer(**answers.get(key, {}))
            answered.add(key)
            visitor.press("Save and continue")
            assert visitor.errors() == [], (key, visitor.errors())
        elif place.endswith("/children"):
            another = "child.2.who" in answers and "child.2.who" not in answered
            if pictures:
                visitor.picture(f"{pictures}-children")
            visitor.press("Add another child" if another else "Continue")
        elif place.endswith("/adults"):
            visitor.press("Continue")
        elif place.endswith("/email"):
            if prove:
                prove()
            else:
                visitor.follow("Skip for now")
        elif place.endswith("/check") or answered >= set(answers):
            return answered
        else:  # the task list: open the first page that was not answered
            visitor.open(f"{place}/step/{next(key for key in answers if key not in answered)}")
    raise AssertionError(f"the form never ends; answered: {sorted(answered)}")
