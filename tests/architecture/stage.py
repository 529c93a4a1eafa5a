"""A small front door with something behind every address, each thing made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from helpdesk.domain.assignments import HandBackReason
from helpdesk.domain.investigations import InvestigationReason
from helpdesk.domain.mailing import MailWay
from helpdesk.domain.office import NewDay, NewTurn
from helpdesk.domain.saved_answers import AnswerKind
from helpdesk.domain.sight_reasons import Emergency, Giving, Restricting
from helpdesk.models import About, Assignment
from helpdesk.services import folding, investigations, restricting, triage
from helpdesk.services.assignments import acknowledge, hand_back
from helpdesk.services.break_glass import break_glass
from helpdesk.services.decide import decide
from helpdesk.services.enquiries import finishing
from helpdesk.services.enquiries.attempts import log_attempt
from helpdesk.services.handing_over import hand_over
from helpdesk.services.importing.formats import FORMATS
from helpdesk.services.importing.run import import_file
from helpdesk.services.mailing import write
from helpdesk.services.office_days import set_day
from helpdesk.services.rota import add_turn
from helpdesk.services.saved_answers import add_answer
from infrastructure.database import Wall, db, transaction, utc_now, uuid7
from infrastructure.files.arriving import Arrived, arrive_from_bytes
from infrastructure.files.stores import store_of
from infrastructure.house import House
from infrastructure.identity.links import make_link, open_for_holder
from infrastructure.identity.models import LinkPurpose, Role, SecretLink, Team, UserAccount
from infrastructure.identity.second_factor import offer
from infrastructure.identity.signing_in import hash_password, start_session
from infrastructure.identity.users import User
from infrastructure.mailboxes import Mailbox
from infrastructure.outbox import Letter, OutboxMessage, owe
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.models import (
    Agency,
    AgencyDomain,
    AskedKind,
    Channel,
    Clock,
    Deadline,
    Draft,
    DraftPart,
    Enquiry,
    FormResponse,
    LinkKind,
    Mail,
    Outcome,
    ReferrerKind,
    RequestLink,
    Safe,
    ServiceRequest,
    SightBar,
    Similarity,
    Subject,
    Task,
    TaskKind,
)
from service_request.pathways.sendiass.rules import CloseReason, NotAnEnquiry
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.rules import ContactReason
from service_request.services import matching
from service_request.services.amending import begin_amending
from service_request.services.answering import hold_draft, save_page
from service_request.services.asking import owe_asking
from service_request.services.drafts import open_draft, save_step, start_draft
from service_request.services.files.adding import Sender, add_to_draft, add_to_request
from service_request.services.holding import Held
from service_request.services.mail.keeping import keep_mail
from service_request.services.parts import ask_colleague
from service_request.services.proving import ask_code
from service_request.services.send_form import answers_digest, send_form
from service_request.services.sight.viewing import Part
from service_request.services.sight.visible import get_request
from service_request.services.tasks import need_task
from service_request.services.withdrawing import Why, ask_to_withdraw
from tests.answers import FULL_FORM, Answers, child_pages, typed
from tests.enquirers import make_open_enquiry
from tests.enquiring import Texted, make_held, make_texted
from tests.evaluating import ALL_FIVES, make_asked, make_evaluation, make_results
from tests.factories import (
    NOW,
    Child,
    County,
    accept,
    keep,
    make_county,
    make_decision,
    make_request,
    make_user,
    make_waiting,
)
from tests.helpdesk.web.signing_in import PASSWORD, SECRET, code_of
from tests.made_files import PDF
from tests.posting import DESK, SENDIASS
from tests.posting import write as write_post
from tests.wall.inside import keep_file, make_adviser, take

TO_DESK = Mailbox(address=DESK, pathway="desk")
TO_SENDIASS = Mailbox(address=SENDIASS, pathway="sendiass")
WRITES = ("INSERT", "UPDATE", "DELETE")
LOOKS = ("INSERT INTO access_log ", "UPDATE web_session SET seen_at=")
OSIAN = Child("Osian Pugh", date(2016, 5, 9), "WM9 1AB")
TEACHER_ADDRESS = "s.rahman@brookfield.example"
ONE_CHILD: Answers = {
    **{key: page for key, page in FULL_FORM.items() if not key.startswith("child.")},
    **child_pages(1, "Nerys Vaughan", (1, 9, 2015)),
}
NOT_YET: Answers = {**FULL_FORM, "told": typed(told="not_yet")}
WITHOUT_NAMES: Answers = {
    "told": typed(told="in_principle"),
    "safety": typed(urgency="routine", already="no"),
    "child.1.band": typed(age_band="5_9"),
    "concerns": typed(narrative="Callum Hartley has come in without lunch for two weeks."),
    "you": FULL_FORM["you"],
}


class Stage:
    """Everything that the addresses need, and the browsers of those who visit them."""

    def __init__(self, app: Flask, session: Session, house: House, work: Callable[[], None]) -> None:
        self.app, self.session, self.house, self.work = app, session, house, work

    # who is there

    @cached_property
    def county(self) -> County:
        return make_county(self.session)

    def staff(self, user: User) -> FlaskClient:
        """Return a browser with a live session of this user, last seen two minutes ago."""
        client = self.app.test_client()
        earlier = utc_now() - timedelta(minutes=2)
        token = start_session(self.session, user_id=user.id, settings=self.house.settings, now=earlier)
        client.set_cookie("staff", token, domain="localhost")
        return client

    @cached_property
    def anyone(self) -> FlaskClient:
        """A browser that holds nothing."""
        return self.app.test_client()

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

    @cached_property
    def officer(self) -> FlaskClient:
        return self.staff(self.county.officer)

    @cached_property
    def with_phone(self) -> FlaskClient:
        """Somebody with a password and an authenticator, signed in here and elsewhere."""
        user_id = self.county.officer_two.id
        with transaction(self.session):
            account = self.session.get_one(UserAccount, user_id)
            account.password_hash = hash_password(PASSWORD, self.house.settings)
            account.totp, account.totp_since = SECRET, NOW
        self.staff(self.county.officer_two)
        return self.staff(self.county.officer_two)

    @cached_property
    def pending(self) -> FlaskClient:
        """The same person's browser after the first step."""
        _ = self.with_phone
        begun: dict[str, Any] = {"user_id": self.county.officer_two.id, "settings": self.house.settings}
        token = start_session(self.session, **begun, now=utc_now(), is_pending=True)
        client = self.app.test_client()
        client.set_cookie("staff", token, domain="localhost")
        return client

    def new_phone(self) -> dict[str, str]:
        """Return what somebody posts who sets up another authenticator."""
        _ = self.with_phone
        secret, sealed = offer(self.county.officer_two.id, now=utc_now())
        return {"key": sealed, "code": code_of(secret), "password": PASSWORD}

    @cached_property
    def manager(self) -> FlaskClient:
        return self.staff(self.county.manager)

    @cached_property
    def administrator(self) -> FlaskClient:
        return self.staff(self.county.administrator)

    @cached_property
    def tried_import(self) -> UUID:
        """A file that an administrator tried, and did not import yet."""
        content = b"name,kind,domain\nMoor School,school,moor.example\n"
        by = self.county.administrator
        form = FORMATS["agencies"]
        return import_file(self.session, form, content, dry_run=True, by=by, now=utc_now(), house=self.house).id

    @cached_property
    def own_day(self) -> UUID:
        """A day that an administrator closed."""
        new = NewDay(date(2026, 12, 30), is_worked=False, name="Between the years")
        return set_day(self.session, new=new, by=self.county.administrator, now=utc_now(), house=self.house)

    @cached_property
    def broken(self) -> tuple[UUID, UUID]:
        """A request that was not decided in its 24 hours, and the clock."""
        received_at = utc_now() - timedelta(hours=30)
        request = make_waiting(self.session, self.county, received_at=received_at)
        query = select(Clock.id).where(Clock.request_id == request.id)
        return request.id, self.session.scalars(query).one()

    @cached_property
    def turn(self) -> UUID:
        """A turn of the rota that is to come."""
        since = utc_now() + timedelta(days=3)
        new = NewTurn(since, since + timedelta(hours=16))
        manager, by = self.county.manager, self.county.service_manager
        return add_turn(self.session, user_id=manager.id, area_id=None, new=new, by=by, now=utc_now())

    @cached_property
    def social_worker(self) -> FlaskClient:
        return self.staff(self.county.social_worker)

    @cached_property
    def adviser_user(self) -> User:
        return make_adviser(self.session)

    @cached_property
    def adviser(self) -> FlaskClient:
        """SENDIASS's adviser, inside the wall."""
        return self.staff(self.adviser_user)

    @cached_property
    def service_manager(self) -> FlaskClient:
        return self.staff(self.county.service_manager)

    @cached_property
    def other_service_manager(self) -> FlaskClient:
        desk = self.session.get_one(Team, self.county.desk)
        return self.staff(make_user(self.session, "Marian Locke", (desk, Role.SERVICE_MANAGER)))

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

    # drafts and links

    @cached_property
    def device(self) -> str:
        return start_draft(
            self.session, kind=FormKind.FULL, device=None, now=NOW, house=self.house
        ).device  # an empty draft

    def draft(self, kind: FormKind = FormKind.FULL, answers: Answers = FULL_FORM) -> UUID:
        """Begin a draft with these answers on the holder's device."""
        return start_draft(self.session, kind=kind, device=self.device, answers=answers, now=NOW, house=self.house).id

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

    # inside the wall

    @cached_property
    def family_call(self) -> UUID:
        """A mother's call, still with the helpdesk; SENDIASS is there to take it."""
        _ = self.adviser_user
        return take(self.session, self.county, self.house)

    @cached_property
    def enquiry(self) -> UUID:
        """A mother's call that was handed over, with a file that came with it."""
        request_id = take(self.session, self.county, self.house)
        _ = self.adviser_user
        self.enquiry_file = keep_file(self.session, request_id, self.county.officer, self.house)
        hand_over(self.session, request_id=request_id, by=self.county.officer, now=NOW, house=self.house)
        return request_id

    @cached_property
    def receipt(self) -> str:
        """The link to the receipt of a form that was sent to SENDIASS."""
        _ = self.adviser_user
        return make_asked(self.session, self.house, now=NOW)

    @cached_property
    def evaluation(self) -> str:
        """The link by which a mother is asked how it went."""
        _ = self.adviser_user
        return make_evaluation(self.session, self.house, now=NOW)

    @cached_property
    def results_year(self) -> int:
        """A year whose results can be published."""
        make_results(self.session, NOW.year - 1, [ALL_FIVES] * 6)
        return NOW.year - 1

    @cached_property
    def texted(self) -> Texted:
        """An enquiry that came by text, with a letter that sets a date."""
        _ = self.adviser_user
        return make_texted(self.session, self.house)

    @cached_property
    def in_danger(self) -> Texted:
        """An enquiry with danger words."""
        _ = self.adviser_user
        words = "he says he will kill me tonight"
        return make_texted(self.session, self.house, number="+447700900462", story=words, facts={})

    @cached_property
    def unsaid(self) -> Texted:
        """An enquiry of which nobody has said whether it is safe to answer."""
        _ = self.adviser_user
        return make_texted(self.session, self.house, number="+447700900463", safe=Safe.UNSET, facts={})

    @cached_property
    def inside_deadline(self) -> UUID:
        """The date that the letter of the enquiry by text sets."""
        return self.one(select(Deadline.id).where(Deadline.request_id == self.texted.id))

    @cached_property
    def reached(self) -> UUID:
        """An enquiry in Polish about two children, taken by the adviser who reached her."""
        made = make_texted(self.session, self.house, number="+447700900464", language="pl")
        with transaction(self.session):
            self.session.scalars(select(Enquiry).where(Enquiry.request_id == made.id)).one().to_split = True
        log_attempt(
            self.session, request_id=made.id, channel=Channel.PHONE, reached=True, by=self.adviser_user, now=NOW,
            house=self.house,
        )  # fmt: skip
        return made.id

    @cached_property
    def reached_again(self) -> UUID:
        """Another enquiry from the same number."""
        return make_open_enquiry(self.session, self.house, phone="07700 900464", channel=Channel.PHONE)

    @cached_property
    def aside_inside(self) -> UUID:
        """What turned out to be no enquiry."""
        request_id = make_open_enquiry(self.session, self.house)
        finishing.set_aside(
            self.session, request_id=request_id, reason=NotAnEnquiry.JUNK, by=self.adviser_user, now=NOW,
            house=self.house,
        )  # fmt: skip
        return request_id

    @cached_property
    def closed_inside(self) -> UUID:
        """What was closed, since they asked us to stop."""
        request_id = make_open_enquiry(self.session, self.house)
        finishing.close(
            self.session, request_id=request_id, reason=CloseReason.OPTED_OUT, by=self.adviser_user, now=NOW,
            house=self.house,
        )  # fmt: skip
        return request_id

    @cached_property
    def held_inside(self) -> UUID:
        """A text to SENDIASS's number that nothing could make sense of."""
        _ = self.adviser_user
        return make_held(self.session)

    @cached_property
    def held_outside(self) -> UUID:
        """A text to the council's number that nothing could make sense of."""
        return make_held(self.session, wall=Wall.OPEN)

    def posted(self, raw: bytes, box: Mailbox) -> Mail:
        """Keep a mail to one of our mailboxes, and let it be understood."""
        _ = self.county, self.adviser_user
        kept = keep_mail(self.session, box, raw, received_at=NOW, now=NOW, house=self.house)
        self.work()
        mail: Mail = self.one(select(Mail).where(Mail.arrival_id == kept.id))
        self.session.refresh(mail)
        self.session.expunge(mail)  # its ids are read long after the session of this moment is gone
        return mail

    @cached_property
    def mailed(self) -> Mail:
        """A contact by mail, of a teacher."""
        return self.posted(write_post(by=TEACHER_ADDRESS), TO_DESK)

    @cached_property
    def filed_mail(self) -> Mail:
        """What a machine wrote."""
        return self.posted(write_post(Auto_Submitted="auto-replied"), TO_DESK)

    @cached_property
    def possible_mail(self) -> Mail:
        """A mail of somebody that names the request of another."""
        assert self.mailed.request_id is not None
        said = format_reference(self.reference(self.mailed.request_id))
        return self.posted(write_post(subject=f"About {said}"), TO_DESK)

    @cached_property
    def mail_inside(self) -> Mail:
        """What a machine wrote to SENDIASS."""
        return self.posted(write_post(to=TO_SENDIASS.address, Auto_Submitted="auto-replied"), TO_SENDIASS)

    @cached_property
    def held_mail(self) -> Mail:
        """A mail to SENDIASS that does not say whom it is from."""
        return self.posted(write_post(to=TO_SENDIASS.address, by=""), TO_SENDIASS)

    @cached_property
    def saved_answer(self) -> UUID:
        """Words that advisers send often."""
        return add_answer(
            self.session, title="A letter", body="Keep it.", kind=AnswerKind.REPLY, by=self.adviser_user, now=NOW
        )

    @cached_property
    def answer(self) -> UUID:
        """Words that the children's desk sends often."""
        return add_answer(
            self.session, title="A letter", body="Keep it.", kind=AnswerKind.REPLY, by=self.county.manager, now=NOW
        )

    @cached_property
    def inside_task(self) -> UUID:
        """What SENDIASS must look into."""
        request_id = self.enquiry
        with transaction(self.session):
            need_task(self.session, TaskKind.ALERT, cause="inside", request_id=request_id, now=NOW, wall=Wall.SENDIASS)
        return self.one(select(Task.id).where(Task.cause == "inside"))

    # requests at every stage

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

    @property
    def mailbox_and_device(self) -> FlaskClient:
        """The holder's own browser, which has proven the address as well."""
        return self.holder

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

    # who sees what

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
    def manager_aldermoor(self) -> FlaskClient:
        return self.staff(self.county.manager_aldermoor)

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

    def reference(self, request_id: UUID) -> str:
        found: str = self.one(select(ServiceRequest.reference).where(ServiceRequest.id == request_id))
        return found

    def subject(self, request_id: UUID) -> UUID:
        return self.one(select(Subject.id).where(Subject.request_id == request_id))

    def one(self, query: Any) -> Any:
        """Read one value as another process would."""
        self.session.rollback()
        found = self.session.scalars(query).one()
        self.session.rollback()
        return found

    # visits

    def visit(self, client: FlaskClient, method: str, address: str, posted: dict[str, Any] | None = None) -> Visit:
        """Open an address as this browser; note every statement that writes."""
        for name in list(g):
            g.pop(name)
        with self.writes() as written:
            response = client.open(address, method=method, data=posted, buffered=True)
        return Visit(response, written)

    @contextmanager
    def writes(self) -> Iterator[list[str]]:
        """Collect the statements that write, whoever sends them."""
        written: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            if statement.lstrip().upper().startswith(WRITES):
                written.append(" ".join(statement.split()))

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield written
        finally:
            event.remove(db.engine, "before_cursor_execute", note)


class Visit:
    """What came back, and what was written."""

    def __init__(self, response: TestResponse, written: list[str]) -> None:
        self.response, self.written = response, written

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def changes(self) -> list[str]:
        """Return what was written beside the access log and the last-seen time of a session."""
        return [statement for statement in self.written if not statement.startswith(LOOKS)]
