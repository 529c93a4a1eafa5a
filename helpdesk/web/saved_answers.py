"""Saved answers: the words that advisers send often, kept by themselves."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.domain.saved_answers import KIND_LABELS, AnswerKind
from helpdesk.services.enquiries import saved_answers as service
from helpdesk.web.blueprint import ADVISES, blueprint, me
from helpdesk.web.enquiry_talk_forms import SavedAnswerForm
from helpdesk.web.saving import STALE_PAGE
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
    return _write(None)


@blueprint.route("/saved-answers/<uuid:answer_id>", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def saved_answer(answer_id: UUID) -> ResponseReturnValue:
    """Change a saved answer."""
    return _write(service.get_answer(db.session(), answer_id))


def _write(answer: service.Answer | None) -> ResponseReturnValue:
    """Show the words of an answer, or of a new one, and save them; what was typed is kept until it is saved."""
    kept = {"title": answer.title, "body": answer.body, "kind": answer.kind.value} if answer else None
    form = SavedAnswerForm(request.form if request.method == "POST" else None, meta=GOVUK, data=kept)
    problem = ""
    if request.method == "POST":
        if not csrf_holds():
            problem = STALE_PAGE
        elif form.validate():
            session, user, now = db.session(), me(), utc_now()
            title, body, kind = form.title.data or "", form.body.data or "", AnswerKind(form.kind.data)
            if answer is None:
                service.add_answer(session, title=title, body=body, kind=kind, by=user, now=now)
            else:
                service.change_answer(session, answer_id=answer.id, title=title, body=body, kind=kind, by=user, now=now)
            return redirect(url_for("desk.saved_answers", done="answer_saved"))
    page = render_template("helpdesk/enquiry/saved_answer.html", form=form, answer=answer, problem=problem)
    return page, 400 if problem else 200


@blueprint.post("/saved-answers/<uuid:answer_id>/give-up")
@guarded(ADVISES)
def give_up_saved_answer(answer_id: UUID) -> ResponseReturnValue:
    """Take a saved answer out of the lists."""
    service.give_up_answer(db.session(), answer_id=answer_id, by=me(), now=utc_now())
    return redirect(url_for("desk.saved_answers", done="answer_given_up"))
