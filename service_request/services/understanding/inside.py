"""A text to SENDIASS is an enquiry, inside the wall from its first byte (SE-1, SE-3, SE-5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.calendar import LONDON
from infrastructure.database import Wall
from infrastructure.house import House
from infrastructure.texting.numbers import as_dialled, can_be_answered
from infrastructure.trail import SYSTEM
from service_request.conversation.script import Script, facts, who_they_are
from service_request.conversation.state import Answers, Dialogue, Flag, Manner, Turn
from service_request.conversation.words import Words, read_words
from service_request.domain.clocks import first_contact_due
from service_request.domain.opening_hours import opens_at
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.models import (
    Channel,
    Conversation,
    Enquiry,
    ServiceRequest,
    Silenced,
    TaskKind,
)
from service_request.pathways.sendiass.rules import TAKES_MESSAGES, NotAnEnquiry
from service_request.pathways.sendiass.script import SENDIASS
from service_request.services.enquiries import evaluation_texts
from service_request.services.enquiries.opening import Opening, open_enquiry
from service_request.services.enquiries.reaching import heard_from
from service_request.services.enquiries.set_aside import put_professional_aside
from service_request.services.enquiries.telling_facts import apply_facts
from service_request.services.understanding.conversations import silence
from service_request.services.understanding.leaving import ENQUIRER, need_person
from service_request.services.understanding.sides import Moment, Text
from service_request.services.understanding.telling import tell_team

INSIDE = Wall.SENDIASS
SAME_MATTER = timedelta(hours=12)
CHANNELS: dict[Channel, Literal["sms", "whatsapp", "email"]] = {
    Channel.SMS: "sms",
    Channel.WHATSAPP: "whatsapp",
    Channel.EMAIL: "email",
}


@dataclass(frozen=True)
class Enquiries:
    """The pathway SE by text, and by mail."""

    script: Script = SENDIASS

    def takes(self, at: Moment, request: ServiceRequest) -> bool:
        """Tell whether it is open, or signposted and not closed: what is said next belongs to it.

        So does what a professional adds in the next hours to a message that was set aside: "thanks, I will tell them".
        """
        return request.state in TAKES_MESSAGES or _is_set_aside_just_now(at, request)

    def begin(self, at: Moment, texts: Sequence[Text]) -> ServiceRequest:
        """Open an enquiry with its clock from the first text on, linked to the one before (SE-3)."""
        thread = at.thread
        by_mail = thread.channel is Channel.EMAIL
        number = "" if by_mail else thread.counterpart or ""
        opening = Opening(
            channel=thread.channel,
            received_at=min(text.arrival.received_at for text in texts),
            by=ENQUIRER,
            phone=number if can_be_answered(number) else "",
            email=(thread.counterpart or "") if by_mail else "",
            safe=thread.safe,
            language=thread.language,
            follows=thread.request_id or thread.last_request_id,
        )
        request, enquiry = open_enquiry(at.session, opening, now=at.now, house=at.house)
        enquiry.waits_since = opening.received_at
        if opening.follows is not None:
            known = facts(who_they_are(self.script, self.knew(at, opening.follows, {})))
            apply_facts(at.session, request, enquiry, known, by=SYSTEM, now=at.now, house=at.house)
        return request

    def knew(self, at: Moment, earlier_id: UUID, said: Answers) -> Answers:
        """Return what the earlier enquiry knows, as a person may have corrected it."""
        query = select(Enquiry).where(Enquiry.wall == INSIDE, Enquiry.request_id == earlier_id)
        earlier = at.session.scalars(query).one_or_none()
        return {name: [value] for name, value in ((earlier.facts if earlier else None) or {}).items()}

    def hears_first(self, at: Moment, text: Text) -> bool:
        """Let an evaluation that is being asked take its answer; by mail it is a link."""
        if at.mail is not None:
            return False
        return evaluation_texts.hear(at.session, at.thread, text.arrival, text.said.body, now=at.now, house=at.house)

    def left(self, at: Moment) -> None:
        """Ask no evaluation either (SE-8)."""
        evaluation_texts.stop(at.session, at.thread, now=at.now)

    def manner(self, at: Moment, request: ServiceRequest) -> Manner:
        """Speak for SENDIASS: the promise is five working days from receipt, by its own calendar and hours (SE-7)."""
        settings, due = at.house.settings, first_contact_due(request.received_at, at.house.calendar)
        return Manner(
            channel=CHANNELS[at.thread.channel],
            service=settings.sendiass_name,
            reference=format_reference(request.reference),
            by_when=due.due_at,
            duty_line=settings.duty_line,
            phone=settings.sendiass_phone,
            write_to=address_of(at.thread),
            opens_at=opens_at(at.now, at.house.calendar, settings),
            today=at.now.astimezone(LONDON).date(),
            words=words_for(at.thread, at.house),
            all_at_once=at.thread.channel is Channel.EMAIL,
        )

    def go_on(self, at: Moment, request: ServiceRequest, texts: Sequence[Text], *, is_new: bool) -> None:
        """Note that they wrote again, which may mean that we reached them; once the engine is silent tell the team."""
        if is_new:
            return
        enquiry = enquiry_of(at.session, request)
        heard_at = max(text.arrival.received_at for text in texts)
        heard_from(at.session, request, enquiry, heard_at=heard_at, now=at.now, house=at.house)
        if request.state is RequestState.SET_ASIDE:
            need_person(at, request.id, request.id, TaskKind.NEW_INFORMATION)
        elif at.thread.silenced is not None:
            tell_team(at.session, request, now=at.now, house=at.house)

    def apply(self, at: Moment, request: ServiceRequest, turn: Turn, before: Dialogue, texts: Sequence[Text]) -> None:
        """Write what was answered beside what is known: what a person corrected stays unless they say it anew."""
        enquiry = enquiry_of(at.session, request)
        earlier, later = facts(before.answers), facts(turn.dialogue.answers)
        told = {name: value for name, value in later.items() if earlier.get(name) != value}
        if not (enquiry.facts or {}).get("story") and "story" not in told:
            told["story"] = "\n".join(text.said.body for text in texts if text.said.body.strip())
        apply_facts(at.session, request, enquiry, told, by=ENQUIRER, now=at.now, house=at.house)
        enquiry.wants_person = enquiry.wants_person or Flag.WANTS_PERSON in turn.flags
        enquiry.to_split = enquiry.to_split or Flag.TO_SPLIT in turn.flags
        if turn.language is not None and enquiry.language is None:
            enquiry.language, enquiry.needs_interpreter = turn.language, True
        is_danger = enquiry.danger_at is not None or Flag.DANGER in turn.flags  # nothing hides what tells of it (SE-10)
        was_ours = not self.script.is_not_ours(before.answers)
        if self.script.is_not_ours(turn.dialogue.answers) and was_ours and not is_danger:
            _set_aside(at, request)

    def mark_danger(self, at: Moment, request: ServiceRequest) -> None:
        """Put the enquiry first until somebody of SENDIASS has seen to it (SE-10)."""
        request.urgency = "danger"
        enquiry_of(at.session, request).danger_at = at.now


def words_for(thread: Conversation, house: House) -> Words:
    """Return the words of the thread's language, the authority's own where it has some."""
    folder = house.settings.words_dir
    return read_words(thread.language, Path(folder) if folder else None)


def address_of(thread: Conversation) -> str:
    """Return what they wrote to, as it is passed on to a family (SE-1)."""
    return as_dialled(thread.endpoint) if thread.channel in (Channel.SMS, Channel.WHATSAPP) else thread.endpoint


def enquiry_of(session: Session, request: ServiceRequest) -> Enquiry:
    """Return what is particular to an enquiry that is locked."""
    return session.scalars(select(Enquiry).where(Enquiry.wall == INSIDE, Enquiry.request_id == request.id)).one()


def _is_set_aside_just_now(at: Moment, request: ServiceRequest) -> bool:
    since = at.thread.silenced_at
    if request.state is not RequestState.SET_ASIDE or since is None:
        return False
    return request.set_aside_reason == NotAnEnquiry.PROFESSIONAL and at.now - since < SAME_MATTER


def _set_aside(at: Moment, request: ServiceRequest) -> None:
    """Keep what a professional wrote and count it as no enquiry; they were told how the family reaches us (SE-1)."""
    if put_professional_aside(at.session, request, now=at.now, house=at.house):
        silence(at.thread, Silenced.FINISHED, at.now)
