"""What comes whenever it comes: texts, changes to what was sent, and what the desk says of what came too late (EV-1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import select

from helpdesk.services import after_closed
from helpdesk.services.route import send_to_team
from service_request.domain.states import RequestState
from service_request.models import (
    Arrival,
    Disposition,
    FormResponse,
    LinkKind,
    Message,
    RequestLink,
    Subject,
    Task,
    TaskKind,
)
from service_request.pathways.social_care.codes import FormKind
from service_request.services.amending import begin_amending, look_at_changes, send_changes
from service_request.services.drafts import save_step
from service_request.services.holding import Held
from service_request.services.send_form import answers_digest
from service_request.services.withdrawing import Why
from tests.lifecycle.forms_sent import ADDRESS
from tests.lifecycle.machine import DIES, WHICH, WHO, of_house, while_any
from tests.lifecycle.taking_back import TakingBack
from tests.plugins.house import SOCIAL_CARE_NUMBER
from tests.texting import deliver, text

WORRIES = ("the kids at number 12 are left out in the garden all night", "yes", "it happened again", "skip", "stop")
MOST_WITH_TEXTS = 6


class ComingLate(TakingBack):
    """What comes late, too."""

    @precondition(lambda self: len(self.requests()) < MOST_WITH_TEXTS)
    @rule(words=st.sampled_from(WORRIES), dies=DIES)
    def text(self, words: str, dies: str | None) -> None:
        """EV-1: a text is a request or a message of one, or waits for a person, whatever became of the one before."""
        sent = text(words, To=SOCIAL_CARE_NUMBER)
        for _ in range(2):  # the carrier tries again, and it is one text (EV-3)
            assert deliver(self.ground.app.test_client(), sent).status_code == 200
        self.ground.done["text"] += 1
        self.town.wait(0.05, dies)
        session = self.town.session
        told = {row.arrival_id for row in self.records.all(Message)}
        for arrival in session.scalars(select(Arrival).where(Arrival.endpoint != "form")):
            assert arrival.disposition is not Disposition.KEPT, "somebody or something has looked at it"
            assert arrival.id in told or arrival.disposition in (Disposition.HELD, Disposition.REPEAT)
        session.rollback()

    def amendable(self) -> list[Any]:
        """Return what came by the form from the teacher's proven address."""
        return [row for row in self.requests() if row.kind in (FormKind.FULL, FormKind.IN_PRINCIPLE)]

    @precondition(lambda self: bool(self.amendable()))
    @rule(which=WHICH, dies=DIES)
    def change_what_was_sent(self, which: int, dies: str | None) -> None:
        """GL-3, EV-1: taken wherever the request stands; the old answers stay."""
        row = self.amendable()[which % len(self.amendable())]
        town = self.town
        held = Held(ADDRESS, uuid4(), False, town.now + timedelta(hours=1))
        before = len(self.records.all(FormResponse, row.id))
        begun = self.act("begin_amending", begin_amending, None, request_id=row.id, held=held, device=None)
        if begun is None:
            return
        typed = {"narrative": [f"It is worse since {town.now:%H:%M:%S}."]}
        given = {"device": begun.device, "now": town.now}
        save_step(town.session, begun.id, key="concerns", typed=typed, house=town.house, **given)
        after = look_at_changes(town.session, begun.id, **given).after
        values = {
            "draft_id": begun.id,
            "device": begun.device,
            "digest": answers_digest(after),
            "why": Why("mistake", "", "Samina Rahman"),
        }
        town.session.rollback()
        if dies:
            self.act("amend", send_changes, dies, **values)
        self.act("amend", send_changes, None, must=True, **values)
        assert len(self.records.all(FormResponse, row.id)) == before + 1

    # What the desk says of what came too late.

    def unanswered(self) -> list[Any]:
        """Return the links from what came after an end to what had ended, of which nobody has said anything."""
        links = self.records.all(RequestLink)
        return [row for row in links if row.kind is LinkKind.AFTER_CLOSED and row.by_id is None]

    @precondition(lambda self: bool(self.unanswered()))
    @rule(which=WHICH, who=WHO, what=st.sampled_from(["keep_apart", "add_to_earlier", "only_note"]), dies=DIES)
    def say_what_late_news_is(self, which: int, who: int, what: str, dies: str | None) -> None:
        row = self.unanswered()[which % len(self.unanswered())]
        service = of_house(getattr(after_closed, what))
        self.act(what, service, dies, request_id=row.from_id, by=self.officer(who))

    def late_forms(self) -> list[Any]:
        """Return the answers that came when their request had closed."""
        ended = {row.id: row.closed_at for row in self.requests([RequestState.CLOSED])}
        return [
            row for row in self.records.all(FormResponse) if row.request_id in ended and row.at > ended[row.request_id]
        ]

    @precondition(lambda self: bool(self.late_forms()) and len(self.requests()) < MOST_WITH_TEXTS)
    @rule(which=WHICH, who=WHO, dies=DIES)
    def open_a_late_form_anew(self, which: int, who: int, dies: str | None) -> None:
        row = self.late_forms()[which % len(self.late_forms())]
        values = {"request_id": row.request_id, "response_id": row.id, "by": self.officer(who)}
        self.act("open_anew", after_closed.open_anew, dies, **values)

    def late_news(self) -> list[Any]:
        """Return what came for requests that had closed, and that nobody has seen to."""
        ended = {row.id for row in self.requests([RequestState.CLOSED])}
        kind = TaskKind.NEW_INFORMATION
        return [
            row
            for row in self.records.all(Task)
            if row.kind is kind and row.done_at is None and row.request_id in ended
        ]

    @precondition(lambda self: bool(self.late_news()))
    @rule(which=WHICH, who=WHO, dies=DIES)
    def pass_on_what_waited_for_a_yes(self, which: int, who: int, dies: str | None) -> None:
        """GL-12: refused where nothing waits for a yes that is there now."""
        row = self.late_news()[which % len(self.late_news())]
        values = {"request_id": row.request_id, "task_id": row.id, "by": self.officer(who)}
        self.act("send_on_late", after_closed.send_on, dies, **values)

    # Several teams for one child.

    @while_any(RequestState.DECIDED)
    @rule(which=WHICH, who=WHO, team=st.sampled_from(["assessment", "locality"]), dies=DIES)
    def send_beside(self, which: int, who: int, team: str, dies: str | None) -> None:
        rows = [one for row in self.requests([RequestState.DECIDED]) for one in self.records.all(Subject, row.id)]
        one = rows[which % len(rows)]
        values = {"team_id": getattr(self.town.county, team), "beside": True, "by": self.officer(who)}
        self.act("beside", send_to_team, dies, request_id=one.request_id, subject_id=one.id, **values)
