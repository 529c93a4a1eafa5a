"""Asking and answering, folding and unfolding: what changes a request besides its decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy.orm import Session

from helpdesk.services import asking, folding
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.links import make_link, open_for_holder
from infrastructure.identity.models import LinkPurpose, SecretLink
from service_request.domain.states import RequestState
from service_request.models import AskedFor, AskedState, Subject, Task, TaskKind
from service_request.pathways.social_care.rules import UNDECIDED
from service_request.services.answer_written import OWN_WORDS
from service_request.services.answering import open_answering, save_page, send_answer
from tests.lifecycle.machine import DIES, WHICH, WHO, Desk, while_any

ANSWER = "The surgery is Teasel Vale Medical Centre, and their aunt lives with them now."


def write_answer(
    session: Session, *, asked_id: UUID, address: str, page: str, now: datetime, house: House
) -> dict[str, Any]:
    """Open what was asked by a link and a code, and write the answer; return what Send is pressed with."""
    with transaction(session):
        about = ("asked", asked_id)
        token = make_link(session, LinkPurpose.ANSWER, about=about, address=address, now=now, days=28).token
        session.flush()
        link = session.query(SecretLink).filter(SecretLink.about_id == asked_id).order_by(SecretLink.id.desc()).first()
        assert link is not None
        browser = open_for_holder(session, link, settings=house.settings, now=now)
    held = {"token": token, "browser": browser, "now": now, "house": house}
    save_page(session, key=OWN_WORDS, typed={"words": [ANSWER]}, **held)
    if page:
        save_page(session, key=page, typed={"risks": ["no"]}, **held)
    return {"token": token, "browser": browser, "digest": open_answering(session, **held).digest}


class Changes(Desk):
    """The desk, and what changes its mind."""

    # Asked and answered.

    @while_any(RequestState.RECEIVED, RequestState.IN_TRIAGE)
    @rule(which=WHICH, who=WHO, fields=st.booleans(), dies=DIES)
    def ask(self, which: int, who: int, fields: bool, dies: str | None) -> None:
        row = self.one(which, RequestState.RECEIVED, RequestState.IN_TRIAGE)
        asks = {"fields": ["risks/risks"] if fields else [], "words": "Which surgery is it?", "by": self.officer(who)}
        self.act("ask", asking.ask, dies, request_id=row.id, **asks)

    def asked(self, *states: AskedState) -> list[Any]:
        """Return what was asked and stands so."""
        return [row for row in self.records.all(AskedFor) if row.state in states]

    def address_of(self, row: Any) -> str:
        """Return where a question went; nothing where its referrer is rung instead."""
        found: str | None = self.records.by_id[self.records.by_id[row.request_id].referrer_id].email
        return found or ""

    def written_to(self, *states: AskedState) -> list[Any]:
        """Return what was asked of somebody by mail, and stands so."""
        return [row for row in self.asked(*states) if self.address_of(row)]

    @precondition(lambda self: bool(self.written_to(AskedState.OPEN, AskedState.GIVEN_UP, AskedState.WITHDRAWN)))
    @rule(which=WHICH, fields=st.booleans(), dies=DIES)
    def answer(self, which: int, fields: bool, dies: str | None) -> None:
        """GL-3, EV-1: what they answer is taken, once, wherever the request stands by then."""
        open_first = self.written_to(AskedState.OPEN) or self.written_to(AskedState.GIVEN_UP, AskedState.WITHDRAWN)
        row = open_first[which % len(open_first)]
        page = "risks" if fields and "risks/risks" in row.fields else ""
        by = {"address": self.address_of(row), "now": self.town.now, "house": self.town.house}
        sent = write_answer(self.town.session, asked_id=row.id, page=page, **by)
        if dies:
            self.act("answer", send_answer, dies, **sent)
        self.act("answer", send_answer, None, must=True, **sent)
        before = self.records.trace()
        self.act("answer_again", send_answer, None, must=True, **sent)
        assert self.records.trace() == before, "an answer that is sent again is the same answer"
        assert self.records.by_id[row.id].state is AskedState.ANSWERED
        tasks = [task for task in self.records.all(Task) if task.kind is TaskKind.NEW_INFORMATION]
        assert [task for task in tasks if task.about_id == row.id and task.done_at is None], "somebody reads it"

    @precondition(lambda self: bool(self.asked(AskedState.OPEN)))
    @rule(which=WHICH, who=WHO, gives_up=st.booleans(), dies=DIES)
    def wait_no_more(self, which: int, who: int, gives_up: bool, dies: str | None) -> None:
        row = self.asked(AskedState.OPEN)[which % len(self.asked(AskedState.OPEN))]
        values = {"request_id": row.request_id, "asked_id": row.id, "by": self.officer(who)}
        if gives_up:
            self.act("give_up", asking.give_up, dies, reason="no_answer", **values)
        else:
            self.act("mark_answered", asking.mark_answered, dies, **values)

    # Folded and unfolded.

    @precondition(lambda self: len(self.requests([*UNDECIDED])) > 0 and len(self.requests()) > 1)
    @rule(which=WHICH, into=WHICH, who=WHO, dies=DIES)
    def fold(self, which: int, into: int, who: int, dies: str | None) -> None:
        """EV-4, EV-7: into any other that is open, decided or folded into already."""
        own = self.one(which, *UNDECIDED)
        others = [row for row in self.requests([*UNDECIDED, RequestState.DECIDED]) if row.id != own.id]
        other = (others or self.requests())[into % len(others or self.requests())]
        mine, theirs = (sorted(self.records.all(Subject, row.id), key=lambda one: one.number) for row in (own, other))
        same = {subject.id: theirs[place % len(theirs)].id for place, subject in enumerate(mine)}
        values = {"request_id": own.id, "into_id": other.id, "same": same, "by": self.officer(who)}
        self.act("fold", folding.fold, dies, why="The school sent it twice.", **values)

    @while_any(RequestState.FOLDED)
    @rule(which=WHICH, who=WHO, dies=DIES)
    def unfold(self, which: int, who: int, dies: str | None) -> None:
        row = self.one(which, RequestState.FOLDED)
        self.act("unfold", folding.unfold, dies, request_id=row.id, by=self.officer(who))
