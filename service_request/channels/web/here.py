"""The draft that the device in front of us holds, and what every page about it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import abort, render_template, request, url_for

from infrastructure.calendar import LONDON
from infrastructure.database import db, utc_now
from infrastructure.files import file_size
from infrastructure.web.current import current_house, current_settings
from infrastructure.web.fields import GOVUK
from service_request.channels.web.device import this_device
from service_request.pathways.social_care.codes import PUBLIC_KINDS, WITH_FILES
from service_request.pathways.social_care.forms import (
    Answers,
    FormContext,
    FormKind,
    PlacedStep,
    Step,
    bind,
    bind_posted,
    find_step,
    of_kind,
)
from service_request.services.drafts import OpenDraft, open_draft
from service_request.services.send_form import context_for
from service_request.services.sight.held_files import HeldFile, list_files_of_draft

SERVICES = {FormKind.FULL: "Request for service", FormKind.IN_PRINCIPLE: "Talk it through without names"}


@dataclass(frozen=True)
class Here:
    """An open draft; `now` is the moment of this request. What is worked out of it is worked out once a page."""

    draft: OpenDraft
    now: datetime

    @cached_property
    def context(self) -> FormContext:
        """Return what the questions need to know; a page that asks none does not look for it."""
        return context_for(db.session(), self.draft.kind, current_house(), self.now)

    @property
    def draft_id(self) -> UUID:
        return self.draft.id

    def hold(self) -> UUID:
        """Return the draft that files are added to: the one that is open."""
        return self.draft.id

    @property
    def kind(self) -> FormKind:
        return self.draft.kind

    @cached_property
    def answers(self) -> Answers:
        """Return what this form asks, and nothing typed before a fork led away from it (GL-6)."""
        return of_kind(self.draft.kind, self.draft.answers)

    @property
    def is_public(self) -> bool:
        return self.kind in PUBLIC_KINDS

    @property
    def kept_until(self) -> date:
        """Return the last day, by the clock on the wall, on which the draft can be opened."""
        return self.draft.lapses_at.astimezone(LONDON).date()

    @property
    def is_sent(self) -> bool:
        return self.draft.sent_request_id is not None

    @property
    def takes_files(self) -> bool:
        """Tell whether files go with this form; a talk without names has none (GL-6)."""
        return self.kind in WITH_FILES

    @cached_property
    def files(self) -> list[HeldFile]:
        """Return the files of the draft; one without any is not asked about them."""
        if not self.draft.files or not self.takes_files:
            return []
        return list_files_of_draft(db.session(), self.draft.id)

    @property
    def files_to_see_to(self) -> bool:
        """Tell whether some file did not come as it should."""
        return any(one.is_refused for one in self.files)

    @property
    def service(self) -> str:
        """Return what the bar on top of the page calls this form."""
        return SERVICES.get(self.kind) or current_settings().service_name

    def step(self, key: str) -> PlacedStep:
        """Return the step of this key, or answer that there is no such page."""
        placed = find_step(self.kind, self.draft.answers, key)
        if placed is None:
            abort(404)
        return placed

    def bound(self, placed: PlacedStep) -> Step:
        """Return the step filled with what the draft keeps of it."""
        return bind(placed, self.draft.answers, self.context, meta=GOVUK)

    def posted(self, placed: PlacedStep) -> Step:
        """Return the step filled with what was just posted: its own fields only (W14)."""
        return bind_posted(placed, request.form, self.context, meta=GOVUK)

    def url(self, page: str, **values: Any) -> str:
        """Return the address of a page about this draft."""
        return url_for(f"web.{page}", draft_id=self.draft.id, **values)

    def show(self, template: str, **facts: Any) -> str:
        """Render a page about this draft, under the name of its service."""
        return render_template(f"web/{template}.html", here=self, service=self.service, file_size=file_size, **facts)


def open_here(draft_id: UUID) -> Here:
    """Open the draft on this device, or raise DraftNotFoundError: no other device can."""
    now = utc_now()
    return Here(open_draft(db.session(), draft_id, device=this_device(), now=now), now)
