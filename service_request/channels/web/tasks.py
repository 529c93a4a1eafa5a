"""The task list, the children and adults of a request, and leaving it for later."""

from __future__ import annotations

from uuid import UUID

from flask import abort, redirect
from flask.typing import ResponseReturnValue

from infrastructure.database import db
from infrastructure.web.current import current_house
from infrastructure.web.guard import guarded
from service_request.channels.web.blueprint import DRAFT_HOLDER, web
from service_request.channels.web.device import this_device
from service_request.channels.web.here import Here, open_here
from service_request.channels.web.way_on import LISTS, after_list, email_given, email_is_proven, is_listed
from service_request.domain.consent import Told
from service_request.pathways.social_care.forms import (
    FormKind,
    PlacedStep,
    adult_label,
    can_add,
    child_label,
    next_number,
    numbers_of,
    steps_of,
    told_answer,
    typed_one,
)
from service_request.pathways.social_care.steps import Repeated
from service_request.pathways.social_care.tasks import TaskState, progress, task_list
from service_request.services import drafts, parts

WHAT: dict[str, Repeated] = {"child": "child", "adult": "adult"}


@web.get("/request/<uuid:draft_id>")
@guarded(DRAFT_HOLDER)
def tasks(draft_id: UUID) -> ResponseReturnValue:
    """Show how far the form is, what is missing, and where to go on (GL-3)."""
    here = open_here(draft_id)
    if here.is_sent:
        return redirect(here.url("sent"))
    groups = task_list(here.kind, here.answers, here.context)
    listed = [task for group in groups for task in group.tasks]
    onward = next((task.opens for task in listed if task.state is not TaskState.COMPLETED), None)
    may_have_asked = bool(here.draft.proven_email)
    asked = parts.list_parts(db.session(), draft_id, device=this_device(), now=here.now) if may_have_asked else []
    return here.show(
        "tasks",
        groups=groups,
        progress=progress(groups),
        missing=sum(task.missing for task in listed),
        to_correct=sum(task.to_correct for task in listed if task.state is not TaskState.NOT_STARTED),
        agency=typed_one(here.answers, "you", "agency"),
        onward=here.url("step", key=onward) if onward else here.url("check"),
        add_child=_address_of_next(here, "child"),
        children=len(numbers_of(here.answers, "child")),
        parts_waiting=sum(one.is_open for one in asked),
        parts_done=sum(one.done_at is not None for one in asked),
        left_behind=sorted(set(here.draft.answers) - set(here.answers)),
        email=email_given(here),
        is_proven=email_is_proven(here),
    )


@web.get("/request/<uuid:draft_id>/not-yet")
@guarded(DRAFT_HOLDER)
def not_yet(draft_id: UUID) -> ResponseReturnValue:
    """Say why the form stops here, what to do, and the urgent route that is open whatever the answer (GL-5)."""
    here = open_here(draft_id)
    if told_answer(here.answers) != Told.NOT_YET:
        return redirect(here.url("step", key="told"))
    return here.show("not_yet", exceptions=[label for _, label in here.context.extra_exceptions])


@web.get("/request/<uuid:draft_id>/later")
@guarded(DRAFT_HOLDER)
def later(draft_id: UUID) -> ResponseReturnValue:
    """Say that it is saved, until when, and how to find it again."""
    here = open_here(draft_id)
    return here.show("later", email=email_given(here), is_proven=email_is_proven(here))


@web.get("/request/<uuid:draft_id>/children")
@guarded(DRAFT_HOLDER)
def children(draft_id: UUID) -> ResponseReturnValue:
    """Show the children of the request, to add another, born or unborn, or take one out."""
    return _people(open_here(draft_id), "child")


@web.get("/request/<uuid:draft_id>/adults")
@guarded(DRAFT_HOLDER)
def adults(draft_id: UUID) -> ResponseReturnValue:
    """Show the adults of the request, to add another or take one out."""
    return _people(open_here(draft_id), "adult")


@web.get("/request/<uuid:draft_id>/remove/<what>/<int:number>")
@guarded(DRAFT_HOLDER)
def remove(draft_id: UUID, what: str, number: int) -> ResponseReturnValue:
    """Ask once more before a child or an adult is taken out of the draft."""
    here = open_here(draft_id)
    return here.show("remove", what=what, label=_label(here, _known(here, what, number), number), back=LISTS[what])


@web.post("/request/<uuid:draft_id>/remove/<what>/<int:number>")
@guarded(DRAFT_HOLDER)
def take_out(draft_id: UUID, what: str, number: int) -> ResponseReturnValue:
    """Take a child or an adult out of the draft, with everything typed about them."""
    here = open_here(draft_id)
    _known(here, what, number)
    drafts.remove_step_group(
        db.session(), draft_id, device=this_device(), prefix=f"{what}.{number}", now=here.now, house=current_house()
    )
    return redirect(here.url(LISTS[what]))


def _known(here: Here, what: str, number: int) -> Repeated:
    """Return what is to be taken out, or answer that there is no such page."""
    if what not in WHAT or number not in {placed.number for placed in _pages(here, WHAT[what])}:
        abort(404)
    return WHAT[what]


def _pages(here: Here, what: Repeated) -> list[PlacedStep]:
    steps = steps_of(here.kind, here.answers)
    return [placed for placed in steps if is_listed(placed) and placed.form_class.repeats == what]


def _people(here: Here, what: Repeated) -> ResponseReturnValue:
    first: dict[int, str] = {}
    for placed in _pages(here, what):
        first.setdefault(placed.number or 1, placed.key)
    return here.show(
        "people",
        what=what,
        people=[
            {
                "label": _label(here, what, number),
                "change": here.url("step", key=key),
                "remove": here.url("remove", what=what, number=number),
            }
            for number, key in first.items()
        ],
        add=_address_of_next(here, what),
        onward=after_list(here, what),
    )


def _label(here: Here, what: Repeated, number: int) -> str:
    return adult_label(here.answers, number) if what == "adult" else child_label(here.answers, number)


def _address_of_next(here: Here, what: Repeated) -> str | None:
    """Return the address of the first page about one more child or adult; None where no more fit."""
    pages = _pages(here, what)
    if not pages or here.kind is FormKind.PUBLIC_CHILD or not can_add(here.answers, what):
        return None
    number = next_number(here.answers, what)
    key = f"adult.{number}" if what == "adult" else f"child.{number}.{pages[0].form_class.slug}"
    return here.url("step", key=key)
