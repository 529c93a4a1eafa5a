"""What was asked, open in the browser of whoever holds the link and proved it (GL-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import abort, render_template, url_for

from infrastructure.database import db, utc_now
from infrastructure.files import file_size
from infrastructure.identity.models import LinkPurpose
from infrastructure.web.current import current_house
from service_request.channels.web.behind_code import BehindCode
from service_request.pathways.social_care.asked_pages import AskedPage
from service_request.services import answering as services
from service_request.services.answer_written import OWN_WORDS, Answering
from service_request.services.sight.held_files import HeldFile, list_files_of_draft

BEHIND = BehindCode(LinkPurpose.ANSWER)
PAGES = {
    "tasks": "answer", "step": "answer_step", "save_step": "save_answer_step", "check": "answer_check",
    "send": "send_answer", "sent": "answer_sent", "files": "answer_files", "add_files": "add_answer_files",
    "remove_file": "remove_answer_file",
}  # fmt: skip


@dataclass(frozen=True)
class AnswerHere:
    """What was asked, open in this browser; `now` is the moment of this request."""

    token: str
    asked: Answering
    now: datetime
    service = "Answer our question"

    @property
    def draft_id(self) -> UUID:
        """Return the draft of the answer; before anything was saved there is none of this id."""
        return self.asked.draft_id or self.asked.asked_id

    def hold(self) -> UUID:
        """Return the draft of the answer for this browser to add to, begun where it is not yet."""
        return services.hold_draft(
            db.session(), token=self.token, browser=BEHIND.browser(), now=self.now, house=current_house()
        )

    @property
    def is_sent(self) -> bool:
        return self.asked.is_sent

    @property
    def takes_files(self) -> bool:
        return self.asked.takes_files

    @cached_property
    def files(self) -> list[HeldFile]:
        """Return the files of the answer; one without any is not asked about them."""
        if not self.asked.files or self.asked.draft_id is None:
            return []
        return list_files_of_draft(db.session(), self.asked.draft_id)

    @property
    def files_to_see_to(self) -> bool:
        """Tell whether some file did not come as it should."""
        return any(one.is_refused for one in self.files)

    def page(self, key: str) -> AskedPage:
        """Return the page of this key, or answer that it is not asked."""
        return next((one for one in self.asked.pages if one.key == key), None) or abort(404)

    def url(self, page: str, **values: Any) -> str:
        """Return the address of a page about this answer."""
        return url_for(f"web.{PAGES[page]}", token=self.token, **values)

    def after(self, key: str) -> str:
        """Return where a page leads on: to the next that has no answer yet, then to the check."""
        keys = [*(page.key for page in self.asked.pages), OWN_WORDS]
        later = keys[keys.index(key) + 1 :]
        left = [one for one in later if one not in self.asked.changed and not (one == OWN_WORDS and self.has_own)]
        return self.url("step", key=left[0]) if left else self.url("check")

    @property
    def has_own(self) -> bool:
        """Tell whether their own words were asked for once: the page may be left empty."""
        return OWN_WORDS in self.asked.typed

    def show(self, template: str, **facts: Any) -> str:
        """Render a page about this answer."""
        return render_template(f"web/{template}.html", here=self, service=self.service, file_size=file_size, **facts)


def open_here(token: str) -> AnswerHere:
    """Open what a link asks in this browser; raise NotProvenError where it has to prove itself first."""
    now = utc_now()
    asked = services.open_answering(db.session(), token=token, browser=BEHIND.browser(), now=now, house=current_house())
    return AnswerHere(token, asked, now)


def open_with_files(token: str) -> AnswerHere:
    """Open it for its files, or answer that it has none."""
    here = open_here(token)
    if not here.takes_files:
        abort(404)
    return here
