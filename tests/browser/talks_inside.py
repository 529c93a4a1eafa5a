"""Conversations with SENDIASS as its desk sees them: answered, in danger, not to be answered, and what is held."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from helpdesk.domain.saved_answers import AnswerKind
from helpdesk.services import triage
from helpdesk.services.enquiries import replying
from helpdesk.services.saved_answers import add_answer
from infrastructure.database import transaction
from infrastructure.outbox import MessageState, OutboxMessage
from service_request.models import Safe
from tests.browser.enquiries_inside import LONG
from tests.enquiring import hear, make_held, make_texted

FACTSHEET = "A permanent exclusion can be challenged. Keep the letter. You can speak at the governors’ meeting."


def make_talks_inside(m: Any) -> dict[str, UUID]:
    """Make them in the county of a scene, and return their ids by name."""
    by, session, house = {**m.by("nuala")}, m.session, m.house
    came = m.now - timedelta(hours=2)
    talk = make_texted(session, house, now=came, number="+447700900481", email="m.corrigan@homes.example")
    hear(session, talk, "8 sorry 9", now=came + timedelta(minutes=6), understood="age 9, corrected from 8")
    hear(session, talk, f"{LONG} {'w' * 90}", now=came + timedelta(minutes=7))
    for words, state in (("Keep the letter.", MessageState.HELD), ("We can ring you today.", MessageState.FAILED)):
        said = replying.reply(session, request_id=talk.id, words=words, **by)
        with transaction(session):
            row = session.get_one(OutboxMessage, said.outbox_id)
            row.state, row.next_at = state, None
    triage.add_note(session, request_id=talk.id, words="The head rang back.", **by)
    danger = make_texted(
        session, house, now=came, number="+447700900482", story="he says he will kill me tonight", facts={}
    )
    unsaid = make_texted(session, house, now=m.now - timedelta(days=9), number="+447700900483", safe=Safe.UNSET)
    unsafe = make_texted(session, house, now=came, number="+447700900484", safe=Safe.NO, facts={})
    held = make_held(session, "pls help ?? my girl", now=came)
    answer = add_answer(
        session, title="Challenging an exclusion", body=FACTSHEET, kind=AnswerKind.FACTSHEET, by=by["by"], now=m.now
    )
    desk_answer = add_answer(
        session, title="What happens next", body="A manager decides by {promise}. Your reference is {reference}.",
        kind=AnswerKind.REPLY, by=m.by("helen")["by"], now=m.now,
    )  # fmt: skip
    return {
        "answer": desk_answer, "talk": talk.id, "danger_inside": danger.id, "unsaid": unsaid.id, "unsafe": unsafe.id, "held_inside": held,
        "saved_answer": answer,
    }  # fmt: skip
