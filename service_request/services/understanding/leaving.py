"""Who wants no more texts, by the carrier's own word or in plain ones, gets none, and a person hears of it (EV-2)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from infrastructure.trail import Actor, ActorKind, Stream, record
from service_request.domain.inbound_text import OptOut
from service_request.models import Silenced, TaskKind
from service_request.services.tasks import need_task
from service_request.services.understanding.conversations import silence
from service_request.services.understanding.sides import Moment, Text

ENQUIRER = Actor(ActorKind.REFERRER)


def words_for_carrier(at: Moment, texts: Sequence[Text]) -> dict[UUID, OptOut]:
    """Return which of these texts are words for the carrier, and opt the thread out or in as each says, in order.

    A whole message alone is one: "stop him hitting me" is a cry for help (S3). START and YES mean something to the
    carrier only where it had blocked them; otherwise they are what somebody says.
    """
    found: dict[UUID, OptOut] = {}
    for text in texts:
        if text.said.opt_out is OptOut.STOP:
            at.thread.opted_out_at = text.arrival.received_at
            silence(at.thread, Silenced.OPTED_OUT, at.now)
        elif text.said.opt_out is OptOut.START and at.thread.opted_out_at is not None:
            at.thread.opted_out_at = None
            if at.thread.silenced is Silenced.OPTED_OUT:
                at.thread.silenced = at.thread.silenced_at = None
        elif text.said.opt_out is not OptOut.HELP:
            continue
        assert text.said.opt_out is not None
        found[text.arrival.id] = text.said.opt_out
    return found


def tell_of_words(at: Moment, request_id: UUID, found: dict[UUID, OptOut]) -> None:
    """Record what the carrier did, and let a person find another way; the enquiry stays."""
    stream = Stream("request", request_id)
    for arrival_id, word in found.items():
        if word is OptOut.HELP:  # the carrier may answer it too, with neither 999 nor a reference (EV-2, EV-10)
            need_person(at, request_id, arrival_id, TaskKind.WANTS_PERSON)
            continue
        act = "opt_out" if word is OptOut.STOP else "opt_in"
        record(at.session, stream, act, by=ENQUIRER, now=at.now)
        if word is OptOut.STOP:
            need_person(at, request_id, arrival_id, TaskKind.ASKED_TO_STOP)


def need_person(at: Moment, request_id: UUID, about_id: UUID, kind: TaskKind) -> None:
    """Make a task on the thread's side of the wall, once for each thing it is about."""
    cause = f"{kind}:{about_id}"
    need_task(at.session, kind, cause=cause, request_id=request_id, about_id=about_id, now=at.now, wall=at.thread.wall)
