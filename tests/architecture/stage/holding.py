"""What a referrer holds: drafts, links and codes, and browsers that proved themselves."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.domain.mailing import MailWay
from helpdesk.services.mailing import write
from infrastructure.database import Wall, transaction, uuid7
from infrastructure.identity.links import make_link, open_for_holder
from infrastructure.identity.models import LinkPurpose, SecretLink
from service_request.models import (
    Agency,
    AgencyDomain,
    AskedKind,
    Draft,
    DraftPart,
)
from service_request.pathways.social_care.codes import FormKind
from service_request.services.amending import begin_amending
from service_request.services.answering import hold_draft, save_page
from service_request.services.asking import owe_asking
from service_request.services.drafts import open_draft, save_step
from service_request.services.files.adding import Sender, add_to_draft
from service_request.services.holding import Held
from service_request.services.parts import ask_colleague
from service_request.services.proving import ask_code
from service_request.services.send_form import answers_digest, send_form
from service_request.services.sight.visible import get_request
from service_request.services.withdrawing import Why, ask_to_withdraw
from tests.answers import FULL_FORM, Answers, typed
from tests.architecture.stage.desk import TEACHER_ADDRESS, AtTheDesk
from tests.factories import (
    NOW,
)

NOT_YET: Answers = {**FULL_FORM, "told": typed(told="not_yet")}
WITHOUT_NAMES: Answers = {
    "told": typed(told="in_principle"),
    "safety": typed(urgency="routine", already="no"),
    "child.1.band": typed(age_band="5_9"),
    "concerns": typed(narrative="Callum Hartley has come in without lunch for two weeks."),
    "you": FULL_FORM["you"],
}


class Holding(AtTheDesk):
    """Drafts and links, each made when it is first asked for."""

    @cached_property
    def holder(self) -> FlaskClient:
        """A browser that holds the drafts' device, and has proven itself for the outcome."""
        client = self.app.test_client()
        client.set_cookie("device", self.device, domain="localhost")
        client.set_cookie("outcome", self.outcome[1], domain="localhost")
        client.set_cookie("message", self.message[1], domain="localhost")
        client.set_cookie("mine", self.mine[1], domain="localhost")
        client.set_cookie("answer", self.answering[1], domain="localhost")
        client.set_cookie("part", self.part[1], domain="localhost")
        return client

    @cached_property
    def mailbox(self) -> FlaskClient:
        """A browser that proved the teacher's address, and holds no draft."""
        client = self.app.test_client()
        client.set_cookie("mine", self.mine[1], domain="localhost")
        return client

    @property
    def mailbox_and_device(self) -> FlaskClient:
        """The holder's own browser, which has proven the address as well."""
        return self.holder

    @cached_property
    def full(self) -> UUID:
        return self.draft()

    @cached_property
    def not_yet(self) -> UUID:
        return self.draft(answers=NOT_YET)

    @cached_property
    def without_names(self) -> UUID:
        _ = self.county
        return self.draft(FormKind.IN_PRINCIPLE, WITHOUT_NAMES)

    @cached_property
    def asked(self) -> UUID:
        """A draft whose holder waits for a code."""
        draft = self.draft()
        ask_code(self.session, draft, device=self.device, email=TEACHER_ADDRESS, now=NOW, house=self.house)
        return draft

    @cached_property
    def proven(self) -> UUID:
        """A draft that its address finds again."""
        draft = self.draft()
        with transaction(self.session):
            self.session.get_one(Draft, draft).owner_hash = TEACHER_ADDRESS
        return draft

    @property
    def digest(self) -> str:
        """What the check page of the full draft carries."""
        return answers_digest(FULL_FORM)

    @cached_property
    def sent(self) -> UUID:
        draft, _ = self.draft(), self.county
        send_form(self.session, draft_id=draft, device=self.device, digest=self.digest, now=NOW, house=self.house)
        return draft

    def link(self, purpose: LinkPurpose, about: tuple[str, UUID]) -> str:
        """Make a live link."""
        with transaction(self.session):
            return make_link(
                self.session, purpose, about=about, address=TEACHER_ADDRESS, now=NOW, days=1, wall=Wall.OPEN
            ).token

    @cached_property
    def outcome(self) -> tuple[str, str]:
        """A link to an outcome, and the token of a browser that proved itself for it."""
        return self._proven(self.link(LinkPurpose.OUTCOME, ("request", self.decided)))

    @cached_property
    def message(self) -> tuple[str, str]:
        """A link to what an officer wrote, and the token of a browser that proved itself for it."""
        by: dict[str, Any] = {"by": self.county.officer, "now": NOW, "house": self.house}
        write(self.session, request_id=self.decided, to=TEACHER_ADDRESS, words="Ring us.", way=MailWay.LINK, **by)
        return self._proven(self.link(LinkPurpose.MESSAGE, ("request", self.decided)))

    @cached_property
    def asking(self) -> UUID:
        """What the desk asks the referrer of a request that somebody claimed."""
        claimed = self.claimed
        with transaction(self.session):
            request = get_request(self.session, claimed, self.county.officer, lock=True)
            return owe_asking(
                self.session, request, kind=AskedKind.DETAILS, fields=["child.1.where/gp"], words="Which surgery?",
                by=self.county.officer.actor, now=NOW, house=self.house,
            ).id  # fmt: skip

    @cached_property
    def answering(self) -> tuple[str, str]:
        """A link to what is asked, and the token of a browser that proved itself for it."""
        return self._proven(self.link(LinkPurpose.ANSWER, ("asked", self.asking)))

    @cached_property
    def answer_digest(self) -> str:
        """What the check page of an answer carries."""
        token, browser = self.answering
        page = typed(gp="Aldermoor Surgery")
        values: dict[str, Any] = {"token": token, "browser": browser, "now": NOW, "house": self.house}
        return save_page(self.session, key="child.1.where", typed=page, **values).digest

    @cached_property
    def answer_file(self) -> tuple[FlaskClient, str, UUID]:
        """A browser that writes another answer, its link, and a file in it."""
        decided = self.decided
        with transaction(self.session):
            request = get_request(self.session, decided, self.county.officer, lock=True)
            asked_id = owe_asking(
                self.session, request, kind=AskedKind.CAF, fields=[], words=None, by=self.county.officer.actor, now=NOW,
                house=self.house,
            ).id  # fmt: skip
        token, browser = self._proven(self.link(LinkPurpose.ANSWER, ("asked", asked_id)))
        client = self.app.test_client()
        client.set_cookie("answer", browser, domain="localhost")
        draft = hold_draft(self.session, token=token, browser=browser, now=NOW, house=self.house)
        sender = Sender(browser, "127.0.0.1")
        added = add_to_draft(self.session, draft, arrived=self.arrived(), sender=sender, now=NOW, house=self.house)
        return client, token, added

    @cached_property
    def sent_by_teacher(self) -> UUID:
        """A request that came from the teacher's address, which was proven."""
        officer = self.county.officer
        request_id: UUID = self.one(select(Draft.sent_request_id).where(Draft.id == self.sent))
        with transaction(self.session):
            get_request(self.session, request_id, officer, lock=True).referrer.proof = "code"
        return request_id

    @cached_property
    def shared(self) -> UUID:
        """A draft of which a colleague at the same agency was asked for a part."""
        draft = self.draft()
        with transaction(self.session):
            agency = Agency(name="Brookfield Primary School", kind="school", source_code="1A")
            self.session.add(agency)
            self.session.flush()
            self.session.add(AgencyDomain(domain="brookfield.example", agency_id=agency.id))
            self.session.get_one(Draft, draft).proven_email = TEACHER_ADDRESS
        by: dict[str, Any] = {"device": self.device, "now": NOW, "house": self.house}
        ask_colleague(self.session, draft, steps=["concerns", "harm"], address="senco@brookfield.example", **by)
        return draft

    @cached_property
    def part(self) -> tuple[str, str]:
        """The link to a colleague's part, and the token of a browser that proved itself for it."""
        part_id = self.one(select(DraftPart.id).where(DraftPart.draft_id == self.shared))
        return self._proven(self.link(LinkPurpose.PART, ("part", part_id)))

    @property
    def teacher(self) -> Held:
        """Whoever proved the teacher's address."""
        return Held(TEACHER_ADDRESS, uuid7(), False, NOW + timedelta(hours=1))

    @cached_property
    def changing(self) -> UUID:
        """A draft in which the teacher has changed what was sent."""
        by: dict[str, Any] = {"device": self.device, "now": NOW, "house": self.house}
        begun = begin_amending(self.session, request_id=self.sent_by_teacher, held=self.teacher, **by)
        save_step(self.session, begun.id, key="concerns", typed={"narrative": ["They are ill now."]}, **by)
        return begun.id

    @property
    def changing_digest(self) -> str:
        """What the page of changes carries."""
        return answers_digest(open_draft(self.session, self.changing, device=self.device, now=NOW).answers)

    @cached_property
    def asked_back(self) -> UUID:
        """A request that its referrer wants to take back."""
        why = Why("by_mistake", "A slip.", "Tom Ashe")
        by: dict[str, Any] = {"held": self.teacher, "now": NOW, "house": self.house}
        ask_to_withdraw(self.session, request_id=self.sent_by_teacher, why=why, **by)
        return self.sent_by_teacher

    @cached_property
    def mine(self) -> tuple[str, str]:
        """A link to what came from the teacher's address, and the token of a browser that proved it."""
        return self._proven(self.link(LinkPurpose.MINE, ("address", uuid7())))

    def _proven(self, token: str) -> tuple[str, str]:
        with transaction(self.session):
            row = self.session.scalars(select(SecretLink).where(SecretLink.token == token)).one()
            return token, open_for_holder(self.session, row, settings=self.house.settings, now=NOW)

    @cached_property
    def invitation(self) -> str:
        return self.link(LinkPurpose.INVITATION, ("user", self.county.officer.id))

    @cached_property
    def completing(self) -> str:
        return self.link(LinkPurpose.COMPLETE, ("request", self.received))

    @cached_property
    def finding(self) -> str:
        return self.link(LinkPurpose.FIND_DRAFTS, ("draft", self.proven))
