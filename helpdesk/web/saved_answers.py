"""Saved answers: the words that are sent often, kept by the advisers of SENDIASS and by the children's desk."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.domain.placeholders import PLACEHOLDERS
from helpdesk.domain.saved_answers import KIND_LABELS, AnswerKind
from helpdesk.services import saved_answers as service
from helpdesk.web.blueprint import ADVISES, KEEPS_ANSWERS, READS, blueprint, me
from helpdesk.web.enquiry_talk_forms import SavedAnswerForm
from helpdesk.web.saving import try_to_save
from helpdesk.web.words import DONE_WORDS
from infrastructure.database import db, utc_now
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import guarded


@dataclass(frozen=True)
class Side:
    """Where the pages of one side of the wall stand."""

    listed: str
    new: str
    one: str
    give_up: str


INSIDE = Side("desk.saved_answers", "desk.new_saved_answer", "desk.saved_answer", "desk.give_up_saved_answer")
OUTSIDE = Side("desk.answers", "desk.new_answer", "desk.answer", "desk.give_up_answer")


@blueprint.get("/saved-answers")
@guarded(ADVISES)
def saved_answers() -> ResponseReturnValue:
    """List SENDIASS's saved answers."""
    return _list(INSIDE, may_change=True)


@blueprint.route("/saved-answers/new", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def new_saved_answer() -> ResponseReturnValue:
    """Add a saved answer of SENDIASS's."""
    return _write(INSIDE, None)


@blueprint.route("/saved-answers/<uuid:answer_id>", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def saved_answer(answer_id: UUID) -> ResponseReturnValue:
    """Change a saved answer of SENDIASS's."""
    return _write(INSIDE, service.get_answer(db.session(), answer_id, me()))


@blueprint.post("/saved-answers/<uuid:answer_id>/give-up")
@guarded(ADVISES)
def give_up_saved_answer(answer_id: UUID) -> ResponseReturnValue:
    """Take a saved answer of SENDIASS's out of the lists."""
    return _give_up(INSIDE, answer_id)


@blueprint.get("/answers")
@guarded(READS)
def answers() -> ResponseReturnValue:
    """List the saved answers of the children's desk; its managers may change them."""
    return _list(OUTSIDE, may_change=KEEPS_ANSWERS.admits(me()))


@blueprint.route("/answers/new", methods=["GET", "POST"])
@guarded(KEEPS_ANSWERS, keeps_words=True)
def new_answer() -> ResponseReturnValue:
    """Add a saved answer for the children's desk."""
    return _write(OUTSIDE, None)


@blueprint.route("/answers/<uuid:answer_id>", methods=["GET", "POST"])
@guarded(KEEPS_ANSWERS, keeps_words=True)
def answer(answer_id: UUID) -> ResponseReturnValue:
    """Change a saved answer of the children's desk."""
    return _write(OUTSIDE, service.get_answer(db.session(), answer_id, me()))


@blueprint.post("/answers/<uuid:answer_id>/give-up")
@guarded(KEEPS_ANSWERS)
def give_up_answer(answer_id: UUID) -> ResponseReturnValue:
    """Take a saved answer of the children's desk out of the lists."""
    return _give_up(OUTSIDE, answer_id)


def _list(side: Side, *, may_change: bool) -> ResponseReturnValue:
    return render_template(
        "helpdesk/saved_answers.html",
        answers=service.list_answers(db.session(), me()),
        kinds=KIND_LABELS,
        side=side,
        may_change=may_change,
        done=DONE_WORDS.get(request.args.get("done", "")),
    )


def _write(side: Side, kept: service.Answer | None) -> ResponseReturnValue:
    """Show the words of an answer, or of a new one, and save them; what was typed is kept until it is saved."""
    values = {"title": kept.title, "body": kept.body, "kind": kept.kind.value} if kept else None
    form = SavedAnswerForm(request.form if request.method == "POST" else None, meta=GOVUK, data=values)

    def save() -> None:
        session, user, now = db.session(), me(), utc_now()
        title, body, kind = form.title.data or "", form.body.data or "", AnswerKind(form.kind.data)
        if kept is None:
            service.add_answer(session, title=title, body=body, kind=kind, by=user, now=now)
        else:
            service.change_answer(session, answer_id=kept.id, title=title, body=body, kind=kind, by=user, now=now)

    tried = try_to_save(form, save)
    if tried.is_saved:
        return redirect(url_for(side.listed, done="answer_saved"))
    page = render_template(
        "helpdesk/saved_answer.html",
        form=form,
        answer=kept,
        side=side,
        placeholders=PLACEHOLDERS,
        problem=tried.problem,
    )
    return page, tried.status


def _give_up(side: Side, answer_id: UUID) -> ResponseReturnValue:
    service.give_up_answer(db.session(), answer_id=answer_id, by=me(), now=utc_now())
    return redirect(url_for(side.listed, done="answer_given_up"))
