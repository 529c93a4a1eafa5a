"""Requests outside the wall at every stage, and what hangs on them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import select

from helpdesk.domain.assignments import HandBackReason
from helpdesk.domain.investigations import InvestigationReason
from helpdesk.domain.saved_answers import AnswerKind
from helpdesk.domain.sight_reasons import Emergency, Giving, Restricting
from helpdesk.models import About, Assignment
from helpdesk.services import folding, investigations, restricting, triage
from helpdesk.services.agreement import record_consent
from helpdesk.services.assignments import acknowledge, hand_back
from helpdesk.services.break_glass import break_glass
from helpdesk.services.closing import close
from helpdesk.services.decide import decide
from helpdesk.services.saved_answers import add_answer
from helpdesk.services.telling import told_by_phone
from infrastructure.database import Wall, transaction, uuid7
from infrastructure.files.arriving import Arrived, arrive_from_bytes
from infrastructure.files.stores import store_of
from infrastructure.outbox import Letter, OutboxMessage, owe
from service_request.domain.consent import Agrees, Told
from service_request.domain.states import RequestState
from service_request.models import (
    Agency,
    FormResponse,
    LinkKind,
    Outcome,
    ReferrerKind,
    RequestLink,
    ServiceRequest,
    SightBar,
    Similarity,
    Subject,
    Task,
    TaskKind,
)
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.rules import ContactReason
from service_request.services import matching
from service_request.services.drafts import start_draft
from service_request.services.files.adding import Sender, add_to_draft, add_to_request
from service_request.services.send_form import answers_digest, send_form
from service_request.services.sight.viewing import Part
from service_request.services.sight.visible import get_request
from tests.answers import FULL_FORM, Answers, child_pages
from tests.architecture.stage.people import People
from tests.factories import (
    NOW,
    Child,
    accept,
    keep,
    make_decision,
    make_request,
    make_waiting,
)
from tests.made_files import PDF

OSIAN = Child("Osian Pugh", date(2016, 5, 9), "WM9 1AB")
TEACHER_ADDRESS = "s.rahman@brookfield.example"
ONE_CHILD: Answers = {
    **{key: page for key, page in FULL_FORM.items() if not key.startswith("child.")},
    **child_pages(1, "Nerys Vaughan", (1, 9, 2015)),
}


class AtTheDesk(People):
    """Requests, each made when it is first asked for."""

    @cached_property
    def device(self) -> str:
        return start_draft(
            self.session, kind=FormKind.FULL, device=None, now=NOW, house=self.house
        ).device  # an empty draft

    def draft(self, kind: FormKind = FormKind.FULL, answers: Answers = FULL_FORM) -> UUID:
        """Begin a draft with these answers on the holder's device."""
        return start_draft(self.session, kind=kind, device=self.device, answers=answers, now=NOW, house=self.house).id

    @cached_property
    def received(self) -> UUID:
        return make_request(self.session, area_id=self.county.teasel).id

    @cached_property
    def unproven(self) -> UUID:
        return make_request(self.session, area_id=self.county.teasel, referrer={"proof": None}).id

    @cached_property
    def claimed(self) -> UUID:
        return make_request(
            self.session,
            area_id=self.county.teasel,
            state=RequestState.IN_TRIAGE,
            assignee_id=self.county.officer.id,
        ).id

    @cached_property
    def aside(self) -> UUID:
        return make_request(
            self.session,
            area_id=self.county.teasel,
            state=RequestState.SET_ASIDE,
            before_set_aside=RequestState.RECEIVED,
            set_aside_reason="junk",
        ).id

    @cached_property
    def folded(self) -> UUID:
        """A request that was folded into the one that waits."""
        own = make_request(self.session, area_id=self.county.teasel).id
        same = {self.subject(own): self.subject(self.waiting)}
        by = {"by": self.county.officer, "now": NOW, "house": self.house}
        folding.fold(self.session, request_id=own, into_id=self.waiting, same=same, **by)
        return own

    def came_late(self) -> UUID:
        """A request that came after another had ended, and nobody has said what it is."""
        county = self.county
        ended = make_request(self.session, area_id=county.teasel, state=RequestState.CLOSED).id
        new = make_request(self.session, area_id=county.teasel).id
        with transaction(self.session):
            link = RequestLink(wall=Wall.OPEN, from_id=new, to_id=ended, kind=LinkKind.AFTER_CLOSED, at=NOW)
            self.session.add(link)
        return new

    @cached_property
    def late_form(self) -> tuple[UUID, UUID]:
        """A request that had ended, and a form that came for it since."""
        ended = make_request(self.session, area_id=self.county.teasel, state=RequestState.CLOSED).id
        form = FormResponse(
            wall=Wall.OPEN, request_id=ended, kind=FormKind.FULL, form_version="2026-11", answers=ONE_CHILD,
            by_kind="referrer", at=NOW,
        )  # fmt: skip
        with transaction(self.session):
            self.session.add(form)
            self.session.flush()
            form_id = form.id
        return ended, form_id

    @cached_property
    def late_yes(self) -> tuple[UUID, UUID]:
        """A request that was closed without the family's agreement, and the task that says that they agree now."""
        request_id = make_waiting(self.session, self.county, agrees=Agrees.NO).id
        self.decide(request_id, lambda one: keep(one, ContactReason.CRITERIA))
        given: dict[str, Any] = {"by": self.county.officer, "now": NOW}
        owed = self.one(select(Outcome.id).where(Outcome.request_id == request_id))
        told_by_phone(self.session, outcome_id=owed, words="Told.", **given)
        close(self.session, request_id=request_id, **given)
        said: dict[str, Any] = {"told": Told.YES, "agrees": Agrees.YES, "agrees_who": "parent", "house": self.house}
        record_consent(self.session, request_id=request_id, **said, **given)
        news = (Task.request_id == request_id, Task.kind == TaskKind.NEW_INFORMATION)
        return request_id, self.one(select(Task.id).where(*news))

    @cached_property
    def waiting(self) -> UUID:
        return make_waiting(self.session, self.county).id

    def decide(self, request_id: UUID, choose: Any = accept) -> UUID:
        """Decide a request as the manager for its area."""
        subjects = list(self.session.scalars(select(Subject.id).where(Subject.request_id == request_id)))
        decision = make_decision(*(choose(one) for one in subjects))
        decide(
            self.session, request_id=request_id, decision=decision, by=self.county.manager, now=NOW, house=self.house
        )
        return request_id

    @cached_property
    def decided(self) -> UUID:
        """A form sent by a proven teacher, decided, and made ready to go back."""
        _ = self.county
        draft, now = self.draft(answers=ONE_CHILD), NOW
        receipt = send_form(
            self.session,
            draft_id=draft,
            device=self.device,
            digest=answers_digest(ONE_CHILD),
            now=now,
            house=self.house,
        )
        self.work()
        with transaction(self.session):
            request = get_request(self.session, receipt.request_id, self.county.officer, lock=True)
            request.referrer.proof = "code"
        by = self.county.officer
        triage.pass_to_manager(self.session, request_id=receipt.request_id, by=by, now=now, house=self.house)
        self.decide(receipt.request_id)
        self.work()
        return receipt.request_id

    @cached_property
    def assignment(self) -> UUID:
        """What the assessment team was sent."""
        return self.one(select(Assignment.id).where(Assignment.request_id == self.decided))

    @cached_property
    def taken_on(self) -> UUID:
        acknowledge(
            self.session, assignment_id=self.assignment, by=self.county.social_worker, now=NOW, house=self.house
        )
        return self.assignment

    def arrived(self, name: str = "letter.pdf", content: bytes = PDF) -> Arrived:
        """Return a file that came whole."""
        store = store_of(self.house.settings)
        arrived = arrive_from_bytes(name, content, store, Wall.OPEN, longest=10_000_000)
        assert isinstance(arrived, Arrived)
        return arrived

    @cached_property
    def draft_file(self) -> tuple[UUID, UUID]:
        """A draft with a file in it."""
        draft = self.draft()
        sender = Sender(self.device, "127.0.0.1")
        added = add_to_draft(self.session, draft, arrived=self.arrived(), sender=sender, now=NOW, house=self.house)
        return draft, added

    @cached_property
    def file(self) -> tuple[UUID, UUID, UUID]:
        """A request with a file that was looked into, and the assignment whose team may fetch it too."""
        assignment_id = self.taken_on
        added = add_to_request(
            self.session, self.decided, arrived=self.arrived(), note="A letter", by=self.county.officer, now=NOW,
            house=self.house,
        )  # fmt: skip
        self.work()
        return self.decided, added, assignment_id

    @cached_property
    def to_close(self) -> UUID:
        """A decided request that only a task of the desk holds open."""
        request_id = make_waiting(self.session, self.county).id
        self.decide(request_id, lambda subject: keep(subject, ContactReason.CRITERIA))
        self.work()
        return request_id

    @cached_property
    def handed_back(self) -> UUID:
        """A decided request whose team gave it back."""
        hand_back(
            self.session,
            assignment_id=self.assignment,
            reason=HandBackReason.OTHER,
            words="Not ours to do.",
            by=self.county.social_worker,
            now=NOW,
            house=self.house,
        )
        return self.decided

    @cached_property
    def to_ring(self) -> UUID:
        """A decided request of somebody who must be rung."""
        who = {"kind": ReferrerKind.PUBLIC, "email": None, "safe": "unset"}
        return self.decide(make_waiting(self.session, self.county, referrer=who).id)

    @cached_property
    def owed(self) -> UUID:
        """The outcome that must be told by phone."""
        return self.one(select(Outcome.id).where(Outcome.request_id == self.to_ring))

    @cached_property
    def task(self) -> UUID:
        query = select(Task.id).where(Task.request_id == self.to_ring, Task.kind == TaskKind.CALL_BACK)
        return self.one(query)

    @cached_property
    def held(self) -> UUID:
        """A letter that the outgoing guard held back."""
        about, letter = self.received, Letter("assignment", "Request", "Callum Hartley is sent to your team.")
        with transaction(self.session):
            row_id = owe(self.session, letter, to=TEACHER_ADDRESS, cause=uuid7(), about=("request", about), now=NOW).id
        self.work()
        return row_id

    @cached_property
    def hint(self) -> tuple[UUID, UUID]:
        """A request with a child who was seen before, and the hint."""
        pair = [
            make_request(self.session, children=[OSIAN], area_id=self.county.teasel, matched=False).id for _ in "12"
        ]
        for person_id in matching.list_unmatched(self.session, NOW):
            matching.find_similar(self.session, person_id, now=NOW)
        hint_id = self.one(select(Similarity.id).where(Similarity.request_id.in_(pair)))
        return self.one(select(Similarity.request_id).where(Similarity.id == hint_id)), hint_id

    @cached_property
    def given(self) -> tuple[UUID, UUID]:
        """A request, and what a social worker was given of it."""
        request_id = make_request(self.session, area_id=self.county.teasel).id
        return request_id, restricting.give_sight(
            self.session,
            request_id=request_id,
            user_id=self.county.social_worker.id,
            parts=[Part.IDENTITY, Part.STORY],
            until=NOW + timedelta(days=1),
            reason=Giving.ADVICE,
            words="To ask what they think.",
            by=self.county.manager,
            now=NOW,
        )

    @cached_property
    def kept_to_few(self) -> tuple[UUID, UUID]:
        """A restricted request that the officer keeps, and the bar of her colleague."""
        request_id = make_waiting(self.session, self.county).id
        restricting.restrict(
            self.session,
            request_id=request_id,
            reason=Restricting.COLLEAGUES_FAMILY,
            words="His nephew.",
            keepers=[self.county.officer.id, self.county.manager.id],
            connected=self.county.officer_two.id,
            by=self.county.officer,
            now=NOW,
        )
        return request_id, self.one(select(SightBar.id).where(SightBar.request_id == request_id))

    @cached_property
    def glass(self) -> tuple[UUID, UUID]:
        """A request that the manager of another area opened in an emergency, and the task to look at it."""
        request_id = make_waiting(self.session, self.county).id
        typed = self.one(select(ServiceRequest.reference).where(ServiceRequest.id == request_id))
        break_glass(
            self.session,
            typed=typed,
            reason=Emergency.DANGER,
            words="The police rang.",
            by=self.county.manager_aldermoor,
            now=NOW,
            house=self.house,
        )
        return request_id, self.one(select(Task.id).where(Task.kind == TaskKind.GLASS_BROKEN))

    @cached_property
    def letter(self) -> UUID:
        """A message that went out."""
        query = select(OutboxMessage.id).where(OutboxMessage.about_id == self.decided)
        return self.one(query.order_by(OutboxMessage.id).limit(1))

    @cached_property
    def of_chosen_agency(self) -> UUID:
        """A request whose referrer chose an agency that nobody has rung yet."""
        request_id, officer = self.received, self.county.officer
        with transaction(self.session):
            agency = Agency(name="Teasel Vale Clinic", kind="health", source_code="3A")
            self.session.add(agency)
            self.session.flush()
            get_request(self.session, request_id, officer, lock=True).referrer.agency_id = agency.id
        return request_id

    @cached_property
    def investigation(self) -> UUID:
        """An export of the trail that the service manager asked for."""
        return investigations.ask(
            self.session,
            about=About.REQUEST,
            about_id=self.received,
            since=NOW.date(),
            until=NOW.date(),
            reason=InvestigationReason.AUDIT,
            by=self.county.service_manager,
            now=NOW,
        )

    @cached_property
    def answer(self) -> UUID:
        """Words that the children's desk sends often."""
        return add_answer(
            self.session, title="A letter", body="Keep it.", kind=AnswerKind.REPLY, by=self.county.manager, now=NOW
        )
