"""What the desk asked back in the scene: one that waits, one that is being answered, one that was answered."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any
from uuid import UUID

from helpdesk.services import asking
from infrastructure.identity.models import LinkPurpose
from service_request.services.answering import save_page, send_answer
from tests.answers import FULL_FORM, typed

WORDS = (
    "Thank you for writing to us about the two boys.\n\n"
    "Which surgery is each of them with, and since when do you see them come in hungry?"
)
FIELDS = ["child.1.where/gp", "child.2.where/gp", "child.2.needs/needs", "background/history", "told/told"]


def ask_back(m: Any) -> dict[str, UUID]:
    """Ask about three requests, of which one is half answered and one answered; keep their links."""
    ids: dict[str, UUID] = {}
    for n, name in enumerate(("waits", "half", "answered")):
        answers = deepcopy(FULL_FORM)
        answers["background"] = {}
        request_id = m.send(answers, name=f"asked_{name}", hours=6 + n)
        asked = asking.ask(m.session, request_id=request_id, fields=FIELDS, words=WORDS, **m.by("grace"))
        ids[f"asked_{name}"], ids[f"asked_{name}_id"] = request_id, asked.id
        token = m.link(LinkPurpose.ANSWER, ("asked", asked.id), f"answer_{name}")
        if name == "waits":
            m.link(LinkPurpose.ANSWER, ("asked", asked.id), "answer_unread")
            continue
        values = {"token": token, "browser": m.proven_browser(token), "now": m.now, "house": m.house}
        save_page(m.session, key="child.1.where", typed=typed(gp="Aldermoor Surgery"), **values)
        said = typed(words="Since the half term, and most of all on Mondays.", name="Joan Pike")
        saved = save_page(m.session, key="answer", typed=said, **values)
        if name == "answered":
            send_answer(m.session, digest=saved.digest, **{**values, "now": m.now + timedelta(seconds=1)})
    return ids
