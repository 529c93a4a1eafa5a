"""What is inside SENDIASS's wall, and what came by text or by mail."""

from __future__ import annotations

from functools import cached_property
from uuid import UUID

from sqlalchemy import select

from helpdesk.domain.saved_answers import AnswerKind
from helpdesk.services.enquiries import finishing, folding
from helpdesk.services.enquiries.attempts import log_attempt
from helpdesk.services.handing_over import hand_over
from helpdesk.services.saved_answers import add_answer
from infrastructure.database import Wall, transaction
from infrastructure.mailboxes import Mailbox
from service_request.domain.references import format_reference
from service_request.models import (
    Channel,
    Deadline,
    Enquiry,
    Mail,
    Safe,
    Task,
    TaskKind,
)
from service_request.pathways.sendiass.rules import CloseReason, NotAnEnquiry
from service_request.services.mail.keeping import keep_mail
from service_request.services.tasks import need_task
from tests.architecture.stage.desk import TEACHER_ADDRESS
from tests.architecture.stage.holding import Holding
from tests.enquirers import make_open_enquiry
from tests.enquiring import Texted, make_held, make_texted
from tests.evaluating import ALL_FIVES, make_asked, make_evaluation, make_results
from tests.factories import (
    NOW,
)
from tests.posting import DESK, SENDIASS
from tests.posting import write as write_post
from tests.wall.inside import keep_file, take

TO_DESK = Mailbox(address=DESK, pathway="desk")
TO_SENDIASS = Mailbox(address=SENDIASS, pathway="sendiass")


class Inside(Holding):
    """Enquiries, texts and mails, each made when it is first asked for."""

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
    def folded_inside(self) -> UUID:
        """What a mother asked twice, folded into the one that goes on."""
        _ = self.adviser_user
        both = [
            make_open_enquiry(self.session, self.house, phone="07700 900467", channel=Channel.PHONE) for _ in range(2)
        ]
        folding.fold(
            self.session, request_id=both[0], into_id=both[1], why="The same matter.", by=self.adviser_user,
            now=NOW, house=self.house,
        )  # fmt: skip
        return both[0]

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
    def inside_task(self) -> UUID:
        """What SENDIASS must look into."""
        request_id = self.enquiry
        with transaction(self.session):
            need_task(self.session, TaskKind.ALERT, cause="inside", request_id=request_id, now=NOW, wall=Wall.SENDIASS)
        return self.one(select(Task.id).where(Task.cause == "inside"))
