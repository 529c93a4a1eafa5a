"""How it went: six questions behind a link, and the yearly page of what was answered (SE-8)."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField

from infrastructure.database import db, utc_now
from infrastructure.identity.links import LinkRefusedError
from infrastructure.questions import PlainForm, choice
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.channels.web.blueprint import ANYONE_TO_SENDIASS, INSIDE_LINK_HOLDER, web
from service_request.channels.web.sendiass import about_sendiass
from service_request.pathways.sendiass.evaluation import Asked
from service_request.services.enquiries import evaluation_answers
from service_request.services.enquiries.evaluation_answers import Standing
from service_request.services.enquiries.results import read_results

WITH_NAME, WITHOUT_NAME = "with", "without"
NOTHING = "Select an answer to at least one question"


class NameForm(PlainForm):
    """Whether the answers stand with the enquiry; without a choice they stand with nobody (SE-8)."""

    name = RadioField(
        "May your answers stand with your enquiry?",
        description="If you do not choose, we keep them without your name.",
        choices=[
            choice(WITHOUT_NAME, "No, keep them without my name", hint="Then nobody can find out whose they are"),
            choice(WITH_NAME, "Yes, an adviser may see that they are mine"),
        ],
        validate_choice=False,
    )


@web.get("/how-it-went/<token>")
@guarded(INSIDE_LINK_HOLDER)
def evaluation(token: str) -> ResponseReturnValue:
    """Show the questions, or thanks to who has answered; a look uses nothing up (SE-8)."""
    return _page(token)


@web.post("/how-it-went/<token>")
@guarded(INSIDE_LINK_HOLDER, keeps_words=True)
def answer_evaluation(token: str) -> ResponseReturnValue:
    """Take the answers, once; each question can be left out."""
    if not csrf_holds():
        return _page(token, has_lapsed=True)
    answers = {name: request.form.get(name, "") for name in request.form}
    try:
        page = evaluation_answers.read_evaluation_page(db.session(), token=token, now=utc_now(), house=current_house())
        if page.standing is Standing.OPEN and not evaluation_answers.known(answers, page.questions):
            return _page(token, error=NOTHING)
        evaluation_answers.answer_evaluation(
            db.session(),
            token=token,
            answers=answers,
            with_name=request.form.get("name") == WITH_NAME,
            now=utc_now(),
            house=current_house(),
        )
    except LinkRefusedError:
        return _ended()
    return redirect(url_for("web.evaluation", token=token))


@web.post("/how-it-went/<token>/no")
@guarded(INSIDE_LINK_HOLDER)
def decline_evaluation(token: str) -> ResponseReturnValue:
    """Ask them no more (SE-8)."""
    try:
        evaluation_answers.decline_evaluation(db.session(), token=token, now=utc_now())
    except LinkRefusedError:
        return _ended()
    return redirect(url_for("web.evaluation", token=token))


@web.get("/sendiass/results")
@guarded(ANYONE_TO_SENDIASS)
def sendiass_results() -> ResponseReturnValue:
    """Show the results of the last year that is over (SE-8)."""
    return _results(None)


@web.get("/sendiass/results/<int:year>")
@guarded(ANYONE_TO_SENDIASS)
def sendiass_results_of(year: int) -> ResponseReturnValue:
    """Show the results of one year; one without enough answers is not there."""
    return _results(year)


def _results(year: int | None) -> ResponseReturnValue:
    house = current_house()
    results = read_results(db.session(), year, now=utc_now(), house=house)
    if results is None and year is not None:
        abort(404)
    return render_template(
        "web/sendiass/results.html",
        sendiass=about_sendiass(house),
        results=results,
        smallest=house.settings.results_smallest,
    )


def _page(token: str, *, has_lapsed: bool = False, error: str = "") -> ResponseReturnValue:
    house = current_house()
    try:
        page = evaluation_answers.read_evaluation_page(db.session(), token=token, now=utc_now(), house=house)
    except LinkRefusedError:
        return _ended()
    form = _form(page.questions)(request.form, meta=GOVUK)
    if error and page.questions:
        form[page.questions[0].code].errors = [error]
    return render_template(
        "web/sendiass/evaluation.html",
        sendiass=about_sendiass(house),
        page=page,
        form=form,
        name_form=NameForm(request.form, meta=GOVUK),
        token=token,
        has_lapsed=has_lapsed,
        has_errors=bool(error),
    )


def _ended() -> ResponseReturnValue:
    return render_template("web/sendiass/ended.html", sendiass=about_sendiass(current_house())), 404


def _form(questions: tuple[Asked, ...]) -> type[PlainForm]:
    """Return the form of these questions, which are data."""
    fields = {
        one.code: RadioField(one.say, choices=[choice(*answer) for answer in one.scale], validate_choice=False)
        for one in questions
    }
    return type("EvaluationForm", (PlainForm,), fields)
