"""Saved answers: the words that advisers send often, kept by themselves."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.domain.saved_answers import KIND_LABELS, AnswerKind
from helpdesk.services.enquiries import saved_answers as service
from helpdesk.web.acts import STALE_PAGE
from helpdesk.web.blueprint import ADVISES, blueprint, me
from helpdesk.web.enquiry_talk_forms import SavedAnswerForm
from helpdesk.web.words import DONE_WORDS
from infrastructure.database import db, utc_now
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded


@blueprint.get("/saved-answers")
@guarded(ADVISES)
def saved_answers() -> ResponseReturnValue:
    """List the saved answers."""
    return render_template(
        "helpdesk/enquiry/saved_answers.html",
        answers=service.list_answers(db.session()),
        kinds=KIND_LABELS,
        done=DONE_WORDS.get(request.args.get("done", "")),
    )


@blueprint.route("/saved-answers/new", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def new_saved_answer() -> ResponseReturnValue:
    """Add a saved answer."""
    form = SavedAnswerForm(request.form if request.method == "POST" else None, meta=GOVUK)
    problem = ""
    if request.method == "POST":
        if not csrf_holds():
            problem = STALE_PAGE
        elif form.validate():
            service.add_answer(
                db.session(),
                title=form.title.data or "",
                body=form.body.data or "",
                kind=AnswerKind(form.kind.data),
                by=me(),
                now=utc_now(),
            )
            return redirect(url_for("desk.saved_answers", done="answer_saved"))
    page = render_template("helpdesk/enquiry/saved_answer.html", form=form, answer=None, problem=problem)
    return page, 400 if problem else 200


@blueprint.route("/saved-answers/<uuid:answer_id>", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def saved_answer(answer_id: UUID) -> ResponseReturnValue:
    """Change a saved answer."""
    answer = service.get_answer(db.session(), answer_id)
    form = SavedAnswerForm(
        request.form if request.method == "POST" else None,
        meta=GOVUK,
        data={"title": answer.title, "body": answer.body, "kind": answer.kind.value},
    )
    problem = ""
    if request.method == "POST":
        if not csrf_holds():
            problem = STALE_PAGE
        elif form.validate():
            service.change_answer(
                db.session(),
                answer_id=answer_id,
                title=form.title.data or "",
                body=form.body.data or "",
                kind=AnswerKind(form.kind.data),
                by=me(),
                now=utc_now(),
            )
            return redirect(url_for("desk.saved_answers", done="answer_saved"))
    page = render_template("helpdesk/enquiry/saved_answer.html", form=form, answer=answer, problem=problem)
    return page, 400 if problem else 200


@blueprint.post("/saved-answers/<uuid:answer_id>/give-up")
@guarded(ADVISES)
def give_up_saved_answer(answer_id: UUID) -> ResponseReturnValue:
    """Take a saved answer out of the lists."""
    service.give_up_answer(db.session(), answer_id=answer_id, by=me(), now=utc_now())
    return redirect(url_for("desk.saved_answers", done="answer_given_up"))
