"""Death by SIGKILL between any two steps of a text: every word is there, once, with one reply (EV-1, EV-3)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from demonstration.carrier.account import Account
from infrastructure.database import db
from infrastructure.trail import verify
from service_request.models import Arrival, Conversation, Enquiry, Message, ServiceRequest
from tests.faults.test_nothing_is_lost import close
from tests.plugins.house import run_python
from tests.plugins.server import Installation, environment_of
from tests.texting import FORM, MESSAGE, Params, sign, text

pytestmark = [pytest.mark.storage, pytest.mark.fault]
Inside = Callable[[], AbstractContextManager[Any]]
STORY = "school wont let my son in, dont know what to do"
POINTS = (
    "before_keep_commit", "after_keep_commit", "understand_opened", "understand_written", "understand_owed",
    "before_understand_commit", "after_understand_commit", "after_send",
)  # fmt: skip
# Twilio posts a text, and the worker does what is due, in one process that may die on the way.
POST_AND_WORK = """
from app import create_app
app = create_app()
for body, signature in TEXTS:
    headers = {"X-Twilio-Signature": signature}
    answer = app.test_client().post("/hooks/twilio/message", data=body, content_type=FORM, headers=headers)
    assert answer.status_code == 200, answer.text
app.extensions["worker"].run_all_due()
"""


@pytest.mark.rule("EV-1")
@pytest.mark.rule("EV-3")
@pytest.mark.rule("SE-1")
def test_a_text_whose_processes_die_anywhere_is_one_enquiry_with_one_reply(
    installation: Installation, inside: Inside, carrier: Account
) -> None:
    texts = {f"+4477009008{number:02}": point for number, point in enumerate(POINTS)}
    posted = {sender: text(STORY, From=sender) for sender in texts}
    for sender, point in texts.items():
        assert post_and_work(installation, posted[sender], failpoint=f"{point}:exit9") == -9, point
    assert post_and_work(installation, *posted.values()) == 0  # the carrier posts again, and a new worker goes on
    with inside():
        session = db.session()
        threads = {row.counterpart: row for row in session.scalars(select(Conversation))}
        for sender, point in texts.items():
            thread = threads[sender]
            said = session.scalars(select(Message).where(Message.conversation_id == thread.id)).all()
            assert sorted(one.direction.value for one in said) == ["in", "out"], point
            assert {one.body for one in said if one.arrival_id} == {STORY}
            assert {one.request_id for one in said} == {thread.request_id}
        for model in (Arrival, ServiceRequest, Enquiry, Conversation):
            assert len(session.scalars(select(model)).all()) == len(POINTS)
        assert list(verify(session)) == []
        close()
    replies = [len(carrier.sent_to(sender)) for sender in texts]
    assert max(replies) == min(replies) == 1  # the one that died after it was sent is looked for before it goes again


def post_and_work(installation: Installation, *posted: Params, **changes: Any) -> int:
    """Let a process of the product take texts and do what is due; return how it ended."""
    settings = installation.settings(**changes)
    signed = [(urlencode(params), sign(f"{settings.public_url}{MESSAGE}", params)) for params in posted]
    values = {"TEXTS": signed, "FORM": FORM}
    code = "\n".join(f"{name} = {value!r}" for name, value in values.items()) + POST_AND_WORK
    process = run_python(code, environment_of(settings))
    try:
        return process.wait(60)
    finally:
        if process.poll() is None:
            process.kill()
