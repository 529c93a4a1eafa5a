"""A text to the children's desk is a request of the public from its first words, with all its rules (GL-16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from infrastructure.calendar import LONDON
from infrastructure.database import Wall
from infrastructure.texting.numbers import can_be_answered
from infrastructure.trail import Stream, record
from service_request.conversation.script import Script, by_step
from service_request.conversation.state import Answers, Dialogue, Manner, Turn
from service_request.domain.clocks import DecisionPromise, decision_due
from service_request.domain.references import format_reference
from service_request.models import LinkKind, RequestLink, ServiceRequest
from service_request.pathways.social_care import forms
from service_request.pathways.social_care.facts import facts as read_facts
from service_request.pathways.social_care.forms import FORM_VERSION, FormKind
from service_request.pathways.social_care.rules import OPEN, UNDECIDED
from service_request.pathways.social_care.script_public import PUBLIC, kind_of
from service_request.services import areas, recording
from service_request.services.completing import Form, add_what_is_told
from service_request.services.late_news import come_up, show_there_too
from service_request.services.send_form import context_for, receive
from service_request.services.sight.holder import list_subjects_for_holder
from service_request.services.sight.system import lock_survivor
from service_request.services.understanding.inside import CHANNELS, address_of, words_for
from service_request.services.understanding.leaving import ENQUIRER
from service_request.services.understanding.replying import TEXT
from service_request.services.understanding.sides import Moment, Text

Pages = dict[str, dict[str, list[str]]]


@dataclass(frozen=True)
class PublicTexts:
    """GL-16 by text: the short form, one question at a time."""

    script: Script = PUBLIC

    def takes(self, at: Moment, request: ServiceRequest) -> bool:
        """Tell whether it has not ended, nor the one it was folded into: what is said next belongs to it."""
        return lock_survivor(at.session, request).state in OPEN

    def begin(self, at: Moment, texts: Sequence[Text]) -> ServiceRequest:
        """Make a request of the first text: told not established, its promise running from receipt (GL-7, GL-8)."""
        story = "\n".join(text.said.body for text in texts if text.said.body.strip())
        answers = self._pages(at, {self.script.story.key: [story]} if story else {})
        kind, received_at = FormKind.PUBLIC_WORRIED, min(text.arrival.received_at for text in texts)
        context = context_for(at.session, kind, at.house, at.now)
        request = receive(
            at.session,
            read_facts(kind, answers, context),
            answers,
            kind=kind,
            form_version=FORM_VERSION,
            missing=_missing(kind, answers, at),
            channel=at.thread.channel,
            external_id=None,
            proven=(None, None),
            by=ENQUIRER,
            now=at.now,
            house=at.house,
            acknowledge=False,
            received_at=received_at,
        )
        at.session.flush()
        earlier = at.thread.request_id or at.thread.last_request_id
        if earlier is not None:
            link = RequestLink(wall=Wall.OPEN, from_id=request.id, to_id=earlier, kind=LinkKind.AFTER_CLOSED, at=at.now)
            at.session.add(link)
        return request

    def knew(self, at: Moment, earlier_id: UUID, said: Answers) -> Answers:
        """Return what they said of themselves in this thread."""
        return said

    def hears_first(self, at: Moment, text: Text) -> bool:
        """Nothing else is asked by text outside the wall."""
        return False

    def left(self, at: Moment) -> None:
        """Nothing else is asked by text outside the wall."""

    def manner(self, at: Moment, request: ServiceRequest) -> Manner:
        """Speak for the children's desk, which decides within its promise (GL-8)."""
        settings = at.house.settings
        promise = DecisionPromise(settings.decision_promise.value)
        return Manner(
            channel=CHANNELS[at.thread.channel],
            service=settings.authority_name,
            reference=format_reference(request.reference),
            by_when=decision_due(request.received_at, promise, at.house.calendar).due_at,
            duty_line=settings.duty_line,
            phone=settings.helpdesk_phone,
            write_to=address_of(at.thread),
            opens_at=None,  # the duty line is answered day and night, and every first reply has it
            today=at.now.astimezone(LONDON).date(),
            words=words_for(at.thread, at.house),
        )

    def go_on(self, at: Moment, request: ServiceRequest, texts: Sequence[Text], *, is_new: bool) -> None:
        """Note that they wrote again; once the engine is silent, or it is decided, somebody must read it."""
        if is_new:
            return
        record(at.session, Stream("request", request.id), "hear", by=ENQUIRER, now=at.now)
        if at.thread.silenced is not None or request.state not in UNDECIDED:
            last = texts[-1].arrival.id
            cause = f"texts:{last}"
            there = come_up(at.session, request, cause=cause, by=ENQUIRER, now=at.now)
            for text in texts:
                arrival, words = text.arrival, text.said.body
                show_there_too(
                    at.session, request, there, words, kind=TEXT, arrival_id=arrival.id, at=arrival.received_at
                )

    def apply(self, at: Moment, request: ServiceRequest, turn: Turn, before: Dialogue, texts: Sequence[Text]) -> None:
        """Let the answers complete the request, as a written form completes a call; a decided one stays as decided."""
        answers = turn.dialogue.answers
        if request.state not in UNDECIDED or (answers == before.answers and turn.dialogue.safe == before.safe):
            return
        kind, pages = kind_of(answers), self._pages(at, answers, safe=turn.dialogue.safe.value)
        context = context_for(at.session, kind, at.house, at.now)
        facts = read_facts(kind, pages, context)
        was_told = request.told
        known = list_subjects_for_holder(at.session, request.id)
        if len(known) == 1 and known[0].person is not None and facts.children:
            known[0].person.name = facts.children[0].name or known[0].person.name  # a correction is no second child
        form = Form(kind, FORM_VERSION, pages, _missing(kind, pages, at))
        add_what_is_told(at.session, request, facts, form, proven=(None, None), by=ENQUIRER, now=at.now)
        located = areas.locate(
            at.session,
            typed_postcodes=[*(child.postcode for child in facts.children), *pages.get("home", {}).get("postcode", [])],
            chosen=facts.area_code or "",
        )
        request.area_id, request.area_reason = located.area_id, located.reason
        if request.told != was_told:
            recording.record_consent(at.session, request.id, facts.consent, by=ENQUIRER, now=at.now)

    def mark_danger(self, at: Moment, request: ServiceRequest) -> None:
        """Put the request first in the queue, and the one that it was folded into (EV-10)."""
        request.urgency = lock_survivor(at.session, request).urgency = "danger"

    def _pages(self, at: Moment, answers: Answers, safe: str = "") -> Pages:
        """Return the answers as the short form would have been posted, with the number that they wrote from."""
        pages: Pages = {}
        for form, typed in by_step(self.script, answers).items():
            key = f"child.1.{form.slug}" if form.repeats == "child" else form.slug
            pages.setdefault(key, {}).update(typed)
        number = at.thread.counterpart or ""
        reach = pages.setdefault("reach", {})
        if can_be_answered(number):
            reach["phone"] = [number]
        safe = safe or at.thread.safe.value
        if safe in ("yes", "no"):
            reach["safe"] = [safe]
        return pages


def _missing(kind: FormKind, pages: Pages, at: Moment) -> list[str]:
    context = context_for(at.session, kind, at.house, at.now)
    return [f"{gap.key}/{gap.field}" for gap in forms.gaps(kind, pages, context)]
