"""Mails to requests wherever they stand, and parts of a form that a colleague fills in (EV-1, GL-1)."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.links import LinkRefusedError, make_link, open_for_holder
from infrastructure.identity.models import LinkPurpose, SecretLink
from infrastructure.trail import Event
from service_request.models import (
    Agency,
    AgencyDomain,
    Arrival,
    Disposition,
    DraftPart,
    FormResponse,
    LinkKind,
    Message,
    RequestLink,
    Task,
    TaskKind,
)
from service_request.pathways.social_care.rules import OPEN
from service_request.services.drafts import get_draft
from service_request.services.mail.keeping import find_box, keep_mail
from service_request.services.mail.tokens import with_token
from service_request.services.parts import ask_colleague, finish_part, save_part, take_back
from service_request.services.refusals import NotYoursError
from service_request.services.send_form import answers_digest
from tests.answers import FULL_FORM
from tests.lifecycle import forms_sent
from tests.lifecycle.coming_late import MOST_WITH_TEXTS, ComingLate
from tests.lifecycle.machine import DIES, MOST_REQUESTS, WHICH
from tests.posting import DESK, write

COLLEAGUE = "senco@brookfield.example"
PAGE = "concerns"


class ByMail(ComingLate):
    """The whole of it."""

    # Mails.

    def writers(self) -> list[Any]:
        """Return the requests whose referrer has an address to write from."""
        return [row for row in self.requests() if self.records.by_id[row.referrer_id].email]

    @precondition(lambda self: bool(self.writers()) and len(self.requests()) < MOST_WITH_TEXTS)
    @rule(which=WHICH, dies=DIES)
    def answer_by_mail(self, which: int, dies: str | None) -> None:
        """EV-1: an answer stands with its request, and comes up where it is folded; after the end it is a new one."""
        town, row = self.town, self.writers()[which % len(self.writers())]
        settings, words = town.house.settings, f"He is colder since {town.now:%H:%M:%S}."
        box, to = find_box(settings, DESK), with_token(DESK, row.id, Wall.OPEN, settings)
        raw = write(words, to=to, by=self.records.by_id[row.referrer_id].email, subject="Re: our letter")
        assert box is not None
        kept = {
            keep_mail(town.session, box, raw, received_at=None, now=town.now, house=town.house).id for _ in range(2)
        }
        assert len(kept) == 1, "a mail that is delivered again is one mail (EV-3)"
        there = self.last_of(row)
        was_open = there.state in OPEN
        town.wait(0.05, dies)
        (arrival,) = town.session.scalars(select(Arrival).where(Arrival.id.in_(kept)))
        said = [one.request_id for one in self.records.all(Message) if one.arrival_id == arrival.id]
        opened = arrival.disposition is Disposition.REQUEST
        town.session.rollback()
        self.ground.done["mail" if was_open else "mail after the end"] += 1
        if was_open:
            assert not opened and row.id in said, "it is a message of the request that it answers"
            news = [one for one in self.records.all(Task, there.id) if one.kind is TaskKind.NEW_INFORMATION]
            assert any(one.cause == f"mail:{arrival.id}" for one in news), "somebody reads it"
            assert there.id in said, "what came for a folded one is read where it is decided"
        else:
            assert opened and said, "nobody looks at what has ended"
            links = [one for one in self.records.all(RequestLink) if one.kind is LinkKind.AFTER_CLOSED]
            assert any((one.from_id, one.to_id) == (said[0], there.id) for one in links)

    def last_of(self, row: Any) -> Any:
        """Return the request that one was folded into in the end."""
        while row.folded_into_id is not None:
            row = self.records.by_id[row.folded_into_id]
        return row

    # A colleague's part.

    @precondition(lambda self: len(self.requests()) < MOST_REQUESTS)
    @rule(is_taken_back=st.booleans(), is_done=st.booleans(), dies=DIES)
    def send_with_a_colleague(self, is_taken_back: bool, is_done: bool, dies: str | None) -> None:
        """GL-14, EV-5: a colleague writes what they were asked for, as long as they are, and the trail says so."""
        town, before = self.town, len(self.requests())
        know_the_school(town.session)
        draft, _ = forms_sent.fill(town.session, "one child", now=town.now, house=town.house)
        asked = {"draft_id": draft.id, "device": draft.device, "steps": [PAGE], "address": COLLEAGUE}
        if dies:
            self.act("ask_part", ask_colleague, dies, **asked)
        self.act("ask_part", ask_colleague, None, must=True, **asked)
        part_id = last_part(town.session, draft.id)
        held = open_link(town.session, part_id, now=town.now, house=town.house)
        typed = deepcopy(FULL_FORM[PAGE])
        typed["narrative"] = [f"Written by the colleague at {town.now:%H:%M:%S}."]
        if dies:
            self.act("save_part", save_part, dies, key=PAGE, typed=typed, **held)
        self.act("save_part", save_part, None, must=True, key=PAGE, typed=typed, **held)
        with pytest.raises(NotYoursError):
            save_part(town.session, key="you", typed={}, now=town.now, house=town.house, **held)
        town.session.rollback()
        if is_done:
            self.act("finish_part", finish_part, dies, **held)
        if is_taken_back:
            back = {"draft_id": draft.id, "part_id": part_id, "device": draft.device}
            self.act("take_back_part", of_house_less(take_back), None, must=True, **back)
        written = get_draft(town.session, draft.id, draft.device, now=town.now).answers or {}
        assert written[PAGE] == typed
        digest = answers_digest(written)
        town.session.rollback()
        receipt = self.act("submit", forms_sent.send, None, must=True, draft=draft, digest=digest)
        self.sent.append((draft, digest, receipt.reference))
        assert len(self.requests()) == before + 1
        (form,) = self.records.all(FormResponse, receipt.request_id)
        assert form.answers[PAGE] == typed
        told = [one for one in self.records.all(Event, receipt.request_id) if one.act == "sent_with_part"]
        assert str(part_id) in [one.facts["part"] for one in told]
        with pytest.raises((NotYoursError, LinkRefusedError)):
            save_part(town.session, key=PAGE, typed=typed, now=town.now, house=town.house, **held)
        town.session.rollback()


def of_house_less(service: Any) -> Any:
    """Call a service that is handed no house."""
    return lambda session, house, **values: service(session, **values)


def know_the_school(session: Session) -> None:
    """Make the school an agency that is known by its mail domain, once."""
    with transaction(session):
        if session.scalars(select(AgencyDomain.id)).first() is None:
            agency = Agency(name="Brookfield Primary School", kind="school", source_code="1A")
            session.add(agency)
            session.flush()
            session.add(AgencyDomain(domain="brookfield.example", agency_id=agency.id))


def last_part(session: Session, draft_id: UUID) -> UUID:
    """Return the part that was asked for last."""
    query = select(DraftPart.id).where(DraftPart.draft_id == draft_id).order_by(DraftPart.id.desc()).limit(1)
    found = session.scalars(query).one()
    session.rollback()
    return found


def open_link(session: Session, part_id: UUID, *, now: Any, house: House) -> dict[str, str]:
    """Open a part by its link and a code, as the colleague does."""
    with transaction(session):
        about = ("part", part_id)
        token = make_link(session, LinkPurpose.PART, about=about, address=COLLEAGUE, now=now, days=28).token
        session.flush()
        query = select(SecretLink).where(SecretLink.about_id == part_id).order_by(SecretLink.id.desc()).limit(1)
        link = session.scalars(query).one()
        return {"token": token, "browser": open_for_holder(session, link, settings=house.settings, now=now)}
