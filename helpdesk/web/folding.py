"""One request folded into another: which one, both side by side, child by child, and back again (EV-4, EV-7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, SelectField
from wtforms.validators import StopValidation

from helpdesk.services import folding
from helpdesk.web import saying
from helpdesk.web.acts import done, refused_on_page, written_on
from helpdesk.web.blueprint import ACTS, blueprint, me
from helpdesk.web.forms import OneOf, Versioned, words
from helpdesk.web.saving import try_to_save
from infrastructure.calendar import LONDON
from infrastructure.database import db, utc_now
from infrastructure.identity.users import User
from infrastructure.questions import choice
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import guarded
from service_request.domain.typed import REASON_MAX
from service_request.pathways.social_care.reading import ReadSection
from service_request.services.sight.desk import RequestFacts, read_request
from service_request.services.sight.folds import find_typed, list_alike, list_to_fold_into
from service_request.services.sight.parts import SubjectFacts, list_responses, list_subjects

NOT_FOUND = "Check the reference: you see no other request of that reference"


@dataclass(frozen=True)
class Side:
    """One of two requests, as much as somebody needs to see whether they are one."""

    facts: RequestFacts
    children: list[SubjectFacts]
    story: list[ReadSection]


class FoldForm(Versioned):
    """Which child is which, and why on another day; the children are added for two requests."""

    into_version = HiddenField()
    why = words(
        "Why are they one request, though they came on different days?",
        hint="Staff only.",
        most=REASON_MAX,
    )
    is_one_day = True

    def validate_why(self, field: Any) -> None:
        """Ask for a reason where they came on different days."""
        if not self.is_one_day and not (field.data or "").strip():
            raise StopValidation("Enter why they are one request all the same")

    @property
    def into_written_on(self) -> int | None:
        """Return the version of the other request that the page showed."""
        text = str(self.into_version.data or "")
        return int(text) if text.isdecimal() and len(text) < 10 else None


@blueprint.route("/requests/<uuid:request_id>/fold", methods=["GET", "POST"])
@guarded(ACTS, keeps_words=True)
def fold(request_id: UUID) -> ResponseReturnValue:
    """Choose the other request; then see both side by side, say which child is which, and fold."""
    session, user, now = db.session(), me(), utc_now()
    typed = request.args.get("into", "").strip()
    other = find_typed(session, typed, user)
    if other is None or other.id == request_id:
        return _choose(request_id, typed, user, now, NOT_FOUND if typed else "")
    if request.method == "GET" and (refused := folding.why_not(session, request_id, other.id, user)):
        return _choose(request_id, typed, user, now, refused)
    mine, theirs = (_side(one, user, now) for one in (request_id, other.id))
    form = _form(mine, theirs, list_alike(session, request_id, other.id, user))

    def save() -> None:
        same = {child.id: UUID(form[f"child_{child.number}"].data) for child in mine.children}
        folding.fold(
            session,
            request_id=request_id,
            into_id=other.id,
            same=same,
            why=form.why.data or "",
            version=form.written_on,
            into_version=form.into_written_on,
            by=user,
            now=now,
            house=current_house(),
        )

    tried = try_to_save(form, save)
    if tried.is_saved:
        return done(other.id, "fold")
    mine, theirs = (_side(one, user, now) for one in (request_id, other.id)) if tried.stale else (mine, theirs)
    if form.version.data is None or tried.stale is not None:
        form.version.data, form.into_version.data = str(mine.facts.version), str(theirs.facts.version)
    for one in (request_id, other.id):
        log_access(session, Access.VIEW, by=user.actor, now=now, request_id=one)
    page = render_template(
        "helpdesk/fold.html", form=form, sides=(mine, theirs), problem=tried.problem, effects=_effects(mine, theirs)
    )
    return page, tried.status


@blueprint.post("/requests/<uuid:request_id>/unfold")
@guarded(ACTS)
@refused_on_page
def unfold(request_id: UUID) -> ResponseReturnValue:
    """Let a folded request stand by itself again."""
    folding.unfold(
        db.session(), request_id=request_id, version=written_on(), by=me(), now=utc_now(), house=current_house()
    )
    return done(request_id, "unfold")


def _choose(request_id: UUID, typed: str, user: User, now: datetime, error: str) -> ResponseReturnValue:
    session = db.session()
    facts = read_request(session, request_id, user)
    candidates = list_to_fold_into(session, request_id, user)
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=request_id)
    page = render_template("helpdesk/fold_into.html", request_=facts, candidates=candidates, typed=typed, error=error)
    return page, 400 if error else 200


def _side(request_id: UUID, user: User, now: datetime) -> Side:
    session = db.session()
    facts = read_request(session, request_id, user)
    responses = list_responses(session, request_id, user)
    context = saying.context_of(facts, current_house(), now)
    sections = saying.read_sections(responses[0], context) if responses else []
    return Side(facts, list_subjects(session, request_id, user), saying.narrative_and_views(sections))


def _form(mine: Side, theirs: Side, alike: Mapping[UUID, UUID]) -> FoldForm:
    """Return the form for these children; who was said to be the same child is chosen already."""
    by_person = {child.person_id: child for child in theirs.children if child.person_id is not None}
    options = [choice("", "Select one"), *(choice(str(one.id), _named(one)) for one in theirs.children)]
    fields: dict[str, Any] = {"is_one_day": _is_one_day(mine.facts, theirs.facts)}
    for child in mine.children:
        their_person = alike.get(child.person_id) if child.person_id is not None else None
        known = by_person.get(their_person) if their_person is not None else None
        fields[f"child_{child.number}"] = SelectField(
            f"Which child of the other request is {_named(child)}?",
            [OneOf(f"Select which child {_named(child)} is")],
            choices=options,
            default=str(known.id) if known is not None else "",
            validate_choice=False,
        )
    form_class: type[FoldForm] = type("FoldFormForThese", (FoldForm,), fields)
    return form_class(request.form or None, meta=GOVUK)


def _named(child: SubjectFacts) -> str:
    return child.name or child.label


def _is_one_day(one: RequestFacts, other: RequestFacts) -> bool:
    return one.received_at.astimezone(LONDON).date() == other.received_at.astimezone(LONDON).date()


def _effects(mine: Side, theirs: Side) -> Sequence[str]:
    """Say what folding does, before the button is pressed."""
    own, other = mine.facts, theirs.facts
    dues = [one.next_due_at for one in (own, other) if one.next_due_at is not None]
    said = ["Its own clock ends. The other one is decided for both, by the earlier of the two due times."]
    if other.decided_at is not None or not dues:
        said = ["Its own clock ends: the other one is decided already."]
    address = (own.referrer.email or "").lower()
    if address and address == (other.referrer.email or "").lower():
        said.append("Whoever asked by both is told the outcome once.")
    else:
        said.append("Both who asked are told the outcome, each about what they asked, and neither reads the other.")
    said.append("What comes for it later shows on the other one as well.")
    said.append("It can be unfolded at any time: then it stands where it stood, with its own clock.")
    return said
