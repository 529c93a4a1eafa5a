"""What a teacher who came back has done in the scene: changed what was sent, begun to, and asked for a request back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import select

from infrastructure.database import transaction
from infrastructure.identity.models import LinkPurpose
from service_request.models import Agency, Draft, DraftPart
from service_request.services.amending import begin_amending, send_changes
from service_request.services.drafts import open_draft, save_step
from service_request.services.holding import Held
from service_request.services.parts import ask_colleague
from service_request.services.send_form import answers_digest
from service_request.services.sight.visible import get_request
from service_request.services.withdrawing import Why, ask_to_withdraw
from tests.answers import FULL_FORM, Answers, child_pages

if TYPE_CHECKING:
    from tests.browser.scene import Making

TEACHER = "s.rahman@brookfield.example"
ALONE: Answers = {key: page for key, page in FULL_FORM.items() if not key.startswith("child.")}
WHY = Why("mistake", "He lives with his aunt since Monday.", "Samina Rahman")


def make_mine(m: Making) -> None:
    """Let the teacher come back to what was sent."""
    held = Held(TEACHER, uuid4(), False, m.now + timedelta(hours=1))
    by: dict[str, Any] = {"device": m.device, "now": m.now, "house": m.house}
    for number, name in enumerate(("asked_back", "to_change", "to_look_at", "changed_before"), 1):
        m.send({**ALONE, **child_pages(1, f"Edie Farrow-{number}", (9, 8, 2012))}, name=name, hours=2)
        with transaction(m.session):
            request = get_request(m.session, m.ids[f"{name}_request"], m.county.staff["grace"], lock=True)
            request.referrer.proof = "code"
    why = Why("family_asked", "The family moved away.", "Samina Rahman")
    ask_to_withdraw(m.session, request_id=m.ids["asked_back_request"], why=why, held=held, now=m.now, house=m.house)
    for name, what in (("changing", "to_change"), ("unchanged", "to_look_at"), ("changed", "changed_before")):
        m.ids[name] = begin_amending(m.session, request_id=m.ids[f"{what}_request"], held=held, **by).id
    for name in ("changing", "changed"):
        page = {"lives": ["address"], "address": ["Flat 2, 44 Upper Teasel Lane\nMillbrook"], "postcode": ["WM1 1AA"]}
        save_step(m.session, m.ids[name], key="child.1.where", typed=page, **by)
    digest = answers_digest(open_draft(m.session, m.ids["changed"], device=m.device, now=m.now).answers)
    send_changes(m.session, m.ids["changed"], digest=digest, why=WHY, **by)
    with transaction(m.session):
        agency = Agency(name="Northgate Dance School", kind="school", source_code="1A")
        m.session.add(agency)
        m.session.flush()
        request = get_request(m.session, m.ids["unproven_request"], m.county.staff["grace"], lock=True)
        request.referrer.agency_id = agency.id
    make_parts(m)


def make_parts(m: Making) -> None:
    """Let the teacher ask colleagues for parts of a draft, one of whom is done."""
    by: dict[str, Any] = {"device": m.device, "now": m.now, "house": m.house}
    m.draft({**ALONE, **child_pages(1, "Edie Farrow", (9, 8, 2012))}, name="shared")
    with transaction(m.session):
        draft = m.session.get_one(Draft, m.ids["shared"])
        draft.proven_email = draft.owner_hash = TEACHER
    for name in ("part_link", "part_done_link"):
        address = f"{name.replace('_', '-')}@brookfield.example"
        ask_colleague(m.session, m.ids["shared"], steps=["harm", "child.1.needs"], address=address, **by)
        part_id = m.session.scalars(select(DraftPart.id).order_by(DraftPart.id.desc()).limit(1)).one()
        m.session.rollback()
        m.link(LinkPurpose.PART, ("part", part_id), name)
        if name == "part_done_link":
            with transaction(m.session):
                m.session.get_one(DraftPart, part_id).done_at = m.now
