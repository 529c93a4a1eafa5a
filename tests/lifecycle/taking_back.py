"""A referrer wants a request back: recorded at once, and a person says what becomes of it (GL-8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from helpdesk.services import withdrawals
from service_request.models import Task, TaskKind
from service_request.pathways.social_care.rules import UNDECIDED
from service_request.services.holding import Held
from service_request.services.withdrawing import Why, ask_to_withdraw
from tests.lifecycle.changes import Changes
from tests.lifecycle.forms_sent import ADDRESS
from tests.lifecycle.machine import DIES, WHICH, WHO, while_any


class TakingBack(Changes):
    """The desk, what changes its mind, and referrers who change theirs."""

    @while_any(*UNDECIDED)
    @rule(which=WHICH, dies=DIES)
    def want_it_back(self, which: int, dies: str | None) -> None:
        """GL-8: recorded at once, and nothing ends by it."""
        row = self.one(which, *UNDECIDED)
        held = Held(ADDRESS, uuid4(), False, self.town.now + timedelta(hours=1))
        why = Why("by_mistake", "", "Samina Rahman")
        before = row.state
        self.act("want_back", ask_to_withdraw, dies, request_id=row.id, why=why, held=held)
        assert self.records.by_id[row.id].state is before

    def wanted_back(self) -> list[Any]:
        """Return the tasks that say that somebody wants a request back."""
        return [
            row
            for row in self.records.all(Task)
            if row.kind is TaskKind.WITHDRAW_ASKED and row.done_at is None and row.request_id
        ]

    @precondition(lambda self: bool(self.wanted_back()))
    @rule(which=WHICH, who=WHO, goes_on=st.booleans(), dies=DIES)
    def say_what_becomes_of_it(self, which: int, who: int, goes_on: bool, dies: str | None) -> None:
        row = self.wanted_back()[which % len(self.wanted_back())]
        values = {"request_id": row.request_id, "by": self.officer(who)}
        if goes_on:
            self.act("go_on", withdrawals.go_on, dies, words="A child may be at risk.", **values)
        else:
            self.act("withdraw", withdrawals.let_it_go, dies, **values)
