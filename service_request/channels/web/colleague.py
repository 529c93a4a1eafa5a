"""A colleague of the same agency fills in a part of a form: asked by its holder, opened by link and code (GL-14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import EmailField, SelectMultipleField

from infrastructure.database import db, utc_now
from infrastructure.identity.attempts import TooManyAttemptsError
from infrastructure.identity.models import LinkPurpose
from infrastructure.questions import PlainForm, choice
from infrastructure.web.current import current_house, current_settings
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.asking.checks import Enter, email_address
from service_request.asking.steps import typed, within
from service_request.channels.web.asked import EMAIL_KEYBOARD
from service_request.channels.web.behind_code import BehindCode
from service_request.channels.web.blueprint import DRAFT_HOLDER, LINK_HOLDER, web
from service_request.channels.web.device import this_device
from service_request.channels.web.here import open_here
from service_request.channels.web.layout import field_rows, heads_the_page
from service_request.domain.errors import DomainError
from service_request.pathways.social_care.forms import Answers, PlacedStep, Step, bind, bind_posted, page_title
from service_request.services import parts
from service_request.services.outside import NotProvenError
from service_request.services.parts import PartPage
from service_request.services.refusals import NotYoursError
from service_request.services.send_form import context_for

BEHIND = BehindCode(LinkPurpose.PART)
TOO_MANY = "You have asked for too many parts. Wait an hour, then ask again"
PAGES = {"save_step": "save_part_step", "tasks": "part"}


class ColleagueForm(PlainForm):
    """Which pages a colleague is asked for, and where they are written to."""

    steps = SelectMultipleField("Which pages?", [Enter(parts.NoStepsError.sentence)], choices=[], validate_choice=False)
    email = EmailField(
        "Your colleague’s work email address",
        [Enter("Enter your colleague’s work email address"), email_address],
        description="At your own agency. They get a link and a code.",
        render_kw=EMAIL_KEYBOARD,
    )


@web.route("/request/<uuid:draft_id>/colleague", methods=["GET", "POST"])
@guarded(DRAFT_HOLDER, keeps_words=True)
def colleague(draft_id: UUID) -> ResponseReturnValue:
    """Ask a colleague for pages of the form, and show what was asked before."""
    here = open_here(draft_id)
    if here.is_public or here.draft.amends_id is not None:
        abort(404)
    if here.is_sent:
        return redirect(here.url("sent"))
    form = ColleagueForm(request.form, meta=GOVUK)
    given = parts.steps_to_give(here.kind, here.answers)
    form.steps.choices = [choice(placed.key, page_title(placed, here.answers)) for placed in given]
    problem, has_lapsed = "", False
    if request.method == "POST":
        has_lapsed = not csrf_holds()
        if not has_lapsed and form.validate():
            try:
                parts.ask_colleague(
                    db.session(),
                    draft_id,
                    device=this_device(),
                    steps=form.steps.data or [],
                    address=form.email.data or "",
                    now=here.now,
                    house=current_house(),
                )
            except NotYoursError:
                raise
            except TooManyAttemptsError:
                problem = TOO_MANY
            except DomainError as refused:
                problem = refused.sentence
            else:
                return redirect(here.url("colleague"))
    titles = {placed.key: page_title(placed, here.answers) for placed in given}
    return here.show(
        "colleague",
        form=form,
        parts=parts.list_parts(db.session(), draft_id, device=this_device(), now=here.now),
        titles=titles,
        problem=problem,
        has_errors=bool(problem or form.errors),
        has_lapsed=has_lapsed,
    )


@web.post("/request/<uuid:draft_id>/colleague/end")
@guarded(DRAFT_HOLDER)
def end_part(draft_id: UUID) -> ResponseReturnValue:
    """Take back what a colleague was asked for."""
    here = open_here(draft_id)
    try:
        part_id = UUID(request.form.get("part", ""))
    except ValueError:
        abort(404)
    parts.take_back(db.session(), draft_id, part_id, device=this_device(), now=here.now)
    return redirect(here.url("colleague"))


@dataclass(frozen=True)
class PartHere:
    """A part that is open in this browser."""

    token: str
    part: PartPage
    now: datetime
    service = "Fill in a part of a form"

    def url(self, page: str, **values: Any) -> str:
        """Return the address of a page about this part."""
        return url_for(f"web.{PAGES.get(page, page)}", token=self.token, **values)

    def step(self, key: str) -> PlacedStep:
        """Return a page of this part, or answer that there is none."""
        return self.part.step(key) or abort(404)

    @property
    def answers(self) -> Answers:
        """Return what stands on the pages of this part, and on no other."""
        return self.part.answers

    def show(self, template: str, **facts: Any) -> str:
        """Render a page about this part."""
        return render_template(f"web/{template}.html", here=self, service=self.service, **facts)


@web.get("/part/<token>")
@guarded(LINK_HOLDER)
def part(token: str) -> ResponseReturnValue:
    """Show the pages that a colleague was asked for to a browser that proved itself; to another, what it is about."""
    try:
        here = _open(token)
    except NotProvenError:
        return BEHIND.link_page(token)
    return here.show("part", idle_minutes=current_settings().referrer_idle_minutes)


@web.post("/part/<token>")
@guarded(LINK_HOLDER)
def ask_for_part_code(token: str) -> ResponseReturnValue:
    """Send a code to the address that the link was sent to."""
    return BEHIND.ask(token)


@web.get("/part/<token>/code")
@guarded(LINK_HOLDER)
def part_code(token: str) -> ResponseReturnValue:
    """Ask for the code."""
    return BEHIND.code_page(token)


@web.post("/part/<token>/code")
@guarded(LINK_HOLDER, keeps_words=True)
def take_part_code(token: str) -> ResponseReturnValue:
    """Take the code, once; a wrong one is told plainly and counted."""
    return BEHIND.take(token)


@web.get("/part/<token>/step/<key>")
@guarded(LINK_HOLDER)
def part_step(token: str, key: str) -> ResponseReturnValue:
    """Show one page of the part with what stands on it."""
    try:
        here = _open(token)
    except NotProvenError:
        return redirect(url_for("web.part", token=token))
    if here.part.done_at is not None:
        return redirect(here.url("part"))
    placed = here.step(key)
    return _page(here, placed, bind(placed, here.answers, _context(here), meta=GOVUK))


@web.post("/part/<token>/step/<key>")
@guarded(LINK_HOLDER, keeps_words=True)
def save_part_step(token: str, key: str) -> ResponseReturnValue:
    """Save a page as it was typed, then lead back to the list, or say what is wrong (W13, W14)."""
    try:
        here = _open(token)
    except NotProvenError:
        words = [text for name, texts in request.form.lists() if name != "csrf_token" for text in texts if text.strip()]
        return render_template("web/part_lapsed.html", token=token, words=words)
    placed = here.step(key)
    form = bind_posted(placed, request.form, _context(here), meta=GOVUK)
    if not csrf_holds():
        return _page(here, placed, form, has_lapsed=True)
    kept = dict(within(placed.form_class, typed(placed.form_class, request.form), _context(here)))
    parts.save_part(
        db.session(), token=token, browser=BEHIND.browser(), key=key, typed=kept, now=here.now, house=current_house()
    )
    if not form.validate() or form.changed:
        return _page(here, placed, form)
    return redirect(here.url("part"))


@web.post("/part/<token>/done")
@guarded(LINK_HOLDER)
def finish_part(token: str) -> ResponseReturnValue:
    """Say that the part is done."""
    try:
        parts.finish_part(db.session(), token=token, browser=BEHIND.browser(), now=utc_now(), house=current_house())
    except NotProvenError:
        return BEHIND.link_page(token)
    return redirect(url_for("web.part", token=token))


def _open(token: str) -> PartHere:
    now = utc_now()
    session, house = db.session(), current_house()
    return PartHere(token, parts.open_part(session, token=token, browser=BEHIND.browser(), now=now, house=house), now)


def _context(here: PartHere) -> Any:
    return context_for(db.session(), here.part.kind, current_house(), here.now)


def _page(here: PartHere, placed: PlacedStep, form: Step, *, has_lapsed: bool = False) -> ResponseReturnValue:
    return here.show(
        "step",
        placed=placed,
        form=form,
        h1=here.part.titles[placed.key],
        rows=field_rows(form),
        heading_in_question=heads_the_page(form),
        then="",
        has_errors=bool(form.errors),
        has_lapsed=has_lapsed,
        cleaned=[form[name].label.text for name in form.changed if name in form],
        agencies=(),
        back_url=here.url("part"),
        back_words="Back to your part",
        is_part=True,
    )
