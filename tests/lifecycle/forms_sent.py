"""What people send at the door: a teacher's form, a parent's, a talk without names, a call that is logged."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.models import Draft
from service_request.pathways.social_care.codes import FormKind
from service_request.services.drafts import start_draft
from service_request.services.log_call import log_call
from service_request.services.send_form import Receipt, answers_digest, send_form
from tests.answers import FULL_FORM, Answers, typed

ADDRESS = "s.rahman@brookfield.example"
RISK = typed(told="risk", risk_reason="His mother's partner reads the letters from school.")


def full(children: int = 1, *, told: bool = True, agrees: str = "yes", outside: bool = False) -> Answers:
    """Return a teacher's form about one or two brothers."""
    answers = deepcopy(FULL_FORM)
    if children == 1:
        answers = {key: page for key, page in answers.items() if not key.startswith("child.2.")}
    if told:
        answers["agrees"]["agrees"] = [agrees]
    else:
        answers["told"], answers["agrees"] = RISK, typed(lawful_basis="public_task")
    if outside:
        answers["child.1.where"]["postcode"] = ["AB1 2CD"]
    return answers


FAMILY: Answers = {
    "concerns": typed(narrative="I can't cope since my mum died."),
    "reach": typed(name="Donna Hartley", email="donna@hartley.example", phone="07700 900312", safe="yes"),
}
WITHOUT_NAMES: Answers = {
    "safety": FULL_FORM["safety"],
    "told": typed(told="in_principle"),
    "child.1.band": typed(age_band="5_9"),
    "concerns": typed(narrative="A boy in year 2 has come in without lunch for two weeks."),
    "you": FULL_FORM["you"],
}
CALL = typed(
    narrative="Both boys have come in hungry.", caller="school", caller_name="Samina Rahman", email=ADDRESS,
    child_name="Callum Hartley",
)  # fmt: skip

SENT: dict[str, tuple[FormKind, Answers]] = {
    "two brothers": (FormKind.FULL, full(2)),
    "one child": (FormKind.FULL, full()),
    "no agreement": (FormKind.FULL, full(agrees="no")),
    "risk": (FormKind.FULL, full(2, told=False)),
    "from outside": (FormKind.FULL, full(outside=True)),
    "a family": (FormKind.PUBLIC_FAMILY, FAMILY),
    "without names": (FormKind.IN_PRINCIPLE, WITHOUT_NAMES),
}


def fill(session: Session, what: str, *, completes: UUID | None = None, now: datetime, house: House) -> tuple[Any, str]:
    """Fill in a form on a device, from an address proven by code; return the draft and what its check page showed."""
    kind, answers = SENT[what]
    draft = start_draft(
        session, kind=kind, device=None, completes=completes, answers=deepcopy(answers), now=now, house=house
    )
    if kind is FormKind.FULL:
        with transaction(session):
            row = session.get_one(Draft, draft.id)
            row.proven_email, row.proven_at = ADDRESS, now
    return draft, answers_digest(answers)


def send(session: Session, *, draft: Any, digest: str, now: datetime, house: House) -> Receipt:
    """Press Send on the check page."""
    return send_form(session, draft_id=draft.id, device=draft.device, digest=digest, now=now, house=house)


def call(session: Session, *, call_id: UUID, by: User, now: datetime, house: House) -> Receipt:
    """Save the page of a logged call."""
    return log_call(session, call_id=call_id, typed=CALL, by=by, now=now, house=house)
