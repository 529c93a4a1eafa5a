"""What we asked, answered by the holder of the link after the code, in the form's own questions (GL-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from infrastructure.database import db, utc_now
from infrastructure.files import file_size
from infrastructure.identity.models import LinkPurpose
from infrastructure.web.current import current_house, current_settings
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.asking.steps import Typed, within
from service_request.channels.web.asked import OwnWordsForm
from service_request.channels.web.behind_code import BehindCode
from service_request.channels.web.blueprint import LINK_HOLDER, MAILBOX_HOLDER, web
from service_request.channels.web.files import files_page, take_files
from service_request.channels.web.holding import held_here
from service_request.channels.web.layout import field_rows, heads_the_page
from service_request.channels.web.marking import mark_words
from service_request.domain.consent import Told
from service_request.domain.danger import danger_words
from service_request.domain.identifying import Found, find_identifying
from service_request.pathways.social_care.asked_pages import AskedPage, read_asked
from service_request.pathways.social_care.forms import (
    FormKind,
    Step,
    bind_posted,
    free_texts,
    names_found,
    page_title,
    step_values,
)
from service_request.services import answering as services
from service_request.services.agencies import list_agency_names
from service_request.services.answering import OWN_WORDS, Answering, NothingAnsweredError
from service_request.services.files import adding
from service_request.services.outside import NotProvenError
from service_request.services.refusals import AnswersChangedError, DraftSentError, NotYoursError
from service_request.services.send_form import NotReadyError
from service_request.services.sight.held_files import HeldFile, list_files_of_draft

BEHIND = BehindCode(LinkPurpose.ANSWER)
PAGES = {
    "tasks": "answer", "step": "answer_step", "save_step": "save_answer_step", "check": "answer_check",
    "send": "send_answer", "sent": "answer_sent", "files": "answer_files", "add_files": "add_answer_files",
    "remove_file": "remove_answer_file",
}  # fmt: skip


@dataclass(frozen=True)
class AnswerHere:
    """What was asked, open in this browser; `now` is the moment of this request."""

    token: str
    asked: Answering
    now: datetime
    service = "Answer our question"

    @property
    def draft_id(self) -> UUID:
        """Return the draft of the answer; before anything was saved there is none of this id."""
        return self.asked.draft_id or self.asked.asked_id

    def hold(self) -> UUID:
        """Return the draft of the answer for this browser to add to, begun where it is not yet."""
        return services.hold_draft(
            db.session(), token=self.token, browser=BEHIND.browser(), now=self.now, house=current_house()
        )

    @property
    def is_sent(self) -> bool:
        return self.asked.is_sent

    @property
    def takes_files(self) -> bool:
        return self.asked.takes_files

    @cached_property
    def files(self) -> list[HeldFile]:
        """Return the files of the answer; one without any is not asked about them."""
        if not self.asked.files or self.asked.draft_id is None:
            return []
        return list_files_of_draft(db.session(), self.asked.draft_id)

    @property
    def files_to_see_to(self) -> bool:
        """Tell whether some file did not come as it should."""
        return any(one.is_refused for one in self.files)

    def page(self, key: str) -> AskedPage:
        """Return the page of this key, or answer that it is not asked."""
        return next((one for one in self.asked.pages if one.key == key), None) or abort(404)

    def url(self, page: str, **values: Any) -> str:
        """Return the address of a page about this answer."""
        return url_for(f"web.{PAGES[page]}", token=self.token, **values)

    def after(self, key: str) -> str:
        """Return where a page leads on: to the next that has no answer yet, then to the check."""
        keys = [*(page.key for page in self.asked.pages), OWN_WORDS]
        later = keys[keys.index(key) + 1 :]
        left = [one for one in later if one not in self.asked.changed and not (one == OWN_WORDS and self.has_own)]
        return self.url("step", key=left[0]) if left else self.url("check")

    @property
    def has_own(self) -> bool:
        """Tell whether their own words were asked for once: the page may be left empty."""
        return OWN_WORDS in self.asked.typed

    def show(self, template: str, **facts: Any) -> str:
        """Render a page about this answer."""
        return render_template(f"web/{template}.html", here=self, service=self.service, file_size=file_size, **facts)


@web.get("/answer/<token>")
@guarded(LINK_HOLDER)
def answer(token: str) -> ResponseReturnValue:
    """Show what was asked to a browser that proved itself, and to any other only what the link is about."""
    try:
        here = _open(token)
    except NotProvenError:
        return BEHIND.link_page(token)
    if here.is_sent:
        return redirect(here.url("sent"))
    titles = {page.key: page_title(page.placed, here.asked.shown) for page in here.asked.pages}
    return here.show(
        "answer", titles=titles, own_words=OWN_WORDS, idle_minutes=current_settings().referrer_idle_minutes
    )


@web.post("/answer/<token>")
@guarded(LINK_HOLDER)
def ask_for_answer_code(token: str) -> ResponseReturnValue:
    """Send a code to the address that the link was sent to."""
    return BEHIND.ask(token)


@web.get("/answer/<token>/code")
@guarded(LINK_HOLDER)
def answer_code(token: str) -> ResponseReturnValue:
    """Ask for the code."""
    return BEHIND.code_page(token)


@web.post("/answer/<token>/code")
@guarded(LINK_HOLDER, keeps_words=True)
def take_answer_code(token: str) -> ResponseReturnValue:
    """Take the code, once; a wrong one is told plainly and counted."""
    return BEHIND.take(token)


@web.get("/answer/<token>/step/<key>")
@guarded(LINK_HOLDER)
def answer_step(token: str, key: str) -> ResponseReturnValue:
    """Show one page of what is asked, with what was typed on it."""
    try:
        here = _open(token)
    except NotProvenError:
        return redirect(url_for("web.answer", token=token))
    if here.is_sent:
        return redirect(here.url("sent"))
    if key == OWN_WORDS:
        own = {name: here.asked.own(name) for name in ("words", "name")}
        return _words_page(here, OwnWordsForm(data=own, meta=GOVUK))
    page = here.page(key)
    return _step_page(here, page, _bound(here, page, here.asked.typed.get(key)))


@web.post("/answer/<token>/step/<key>")
@guarded(LINK_HOLDER, keeps_words=True)
def save_answer_step(token: str, key: str) -> ResponseReturnValue:
    """Save a page as it was typed, then lead on, or say what is wrong; nothing typed is lost on the way (W13)."""
    try:
        here = _open(token)
        if not csrf_holds() and not here.is_sent:
            return _again(here, key, has_lapsed=True)
        here = _save(here, key)
    except DraftSentError:
        words = [text for name in request.form if name != "csrf_token" for text in request.form.getlist(name) if text]
        return _open(token).show("answer_sent", words=words), 409
    except NotProvenError:
        away = services.peek_page(db.session(), token=token, now=utc_now(), house=current_house())
        return _again(AnswerHere(token, away, utc_now()), key, is_away=True)
    form: Step | OwnWordsForm = _posted(here, key)
    is_later = request.form.get("then") == "later"
    if is_later or (form.validate() and not getattr(form, "changed", ())):
        return redirect(here.url("tasks") if is_later else here.after(key))
    if key != OWN_WORDS and not here.page(key).said(here.asked.typed.get(key, {})):
        return redirect(here.after(key))  # left empty: nobody has to know everything
    return _again(here, key, validated=True)


@web.get("/answer/<token>/check")
@guarded(LINK_HOLDER)
def answer_check(token: str) -> ResponseReturnValue:
    """Show the answer before it is sent (W12)."""
    try:
        here = _open(token)
    except NotProvenError:
        return redirect(url_for("web.answer", token=token))
    return redirect(here.url("sent")) if here.is_sent else _check_page(here)


@web.post("/answer/<token>/send")
@guarded(LINK_HOLDER, keeps_words=True)
def send_answer(token: str) -> ResponseReturnValue:
    """Send the answer, once: the same press again ends at the same page (EV-3)."""
    try:
        if not csrf_holds():
            return _check_page(_open(token), problem="This page was open for too long. Check it, then send it again.")
        services.send_answer(
            db.session(),
            token=token,
            browser=BEHIND.browser(),
            digest=request.form.get("digest", ""),
            now=utc_now(),
            house=current_house(),
        )
    except NotProvenError:
        return redirect(url_for("web.answer", token=token))
    except NotReadyError:
        return _check_page(_open(token), is_refused=True)
    except (AnswersChangedError, NothingAnsweredError) as refused:
        return _check_page(_open(token), problem=refused.sentence)
    return redirect(url_for("web.answer_sent", token=token))


@web.get("/answer/<token>/sent")
@guarded(LINK_HOLDER)
def answer_sent(token: str) -> ResponseReturnValue:
    """Say that the answer is here, and what happens next (EV-2)."""
    try:
        here = _open(token)
    except NotProvenError:
        return BEHIND.link_page(token)
    return here.show("answer_sent") if here.is_sent else redirect(here.url("tasks"))


@web.get("/answer/<token>/files")
@guarded(LINK_HOLDER)
def answer_files(token: str) -> ResponseReturnValue:
    """List what was added to the answer, with the means to add and to remove."""
    try:
        here = _with_files(token)
    except NotProvenError:
        return redirect(url_for("web.answer", token=token))
    return redirect(here.url("sent")) if here.is_sent else files_page(here)


@web.post("/answer/<token>/files")
@guarded(LINK_HOLDER, keeps_words=True)
def add_answer_files(token: str) -> ResponseReturnValue:
    """Take files with the answer as they stream, as with a form (U1)."""
    try:
        return take_files(lambda: _with_files(token), BEHIND.browser() or "")
    except NotProvenError:
        return redirect(url_for("web.answer", token=token))


@web.post("/answer/<token>/files/<uuid:file_id>/remove")
@guarded(LINK_HOLDER)
def remove_answer_file(token: str, file_id: UUID) -> ResponseReturnValue:
    """Take a file out of the answer."""
    try:
        here = _with_files(token)
    except NotProvenError:
        return redirect(url_for("web.answer", token=token))
    adding.remove_from_draft(
        db.session(), here.hold(), file_id, device=BEHIND.browser(), now=here.now, house=current_house()
    )
    return redirect(here.url("files"))


@web.post("/mine/asked/<uuid:asked_id>")
@guarded(MAILBOX_HOLDER)
def answer_mine(asked_id: UUID) -> ResponseReturnValue:
    """Open what was asked to whoever proved the address of its request on this browser."""
    held = held_here()
    if held is None:
        return redirect(url_for("web.your_requests"))
    try:
        way = services.open_for_mailbox(db.session(), asked_id, held=held, now=utc_now(), house=current_house())
    except NotYoursError:
        abort(404)
    if way.browser is None:
        return redirect(url_for("web.complete", token=way.token))
    return BEHIND.remember(redirect(url_for("web.answer", token=way.token)), way.browser)


def _open(token: str) -> AnswerHere:
    now = utc_now()
    asked = services.open_answering(db.session(), token=token, browser=BEHIND.browser(), now=now, house=current_house())
    return AnswerHere(token, asked, now)


def _with_files(token: str) -> AnswerHere:
    here = _open(token)
    if not here.takes_files:
        abort(404)
    return here


def _save(here: AnswerHere, key: str) -> AnswerHere:
    if key == OWN_WORDS:
        form = OwnWordsForm(request.form, meta=GOVUK)
        typed = {"words": [form.words.data or ""], "name": [form.name.data or ""]}
    else:
        page = here.page(key)
        typed = dict(within(page.placed.form_class, page.own(request.form), here.asked.context))
    saved = services.save_page(
        db.session(),
        token=here.token,
        browser=BEHIND.browser(),
        key=key,
        typed=typed,
        now=here.now,
        house=current_house(),
    )
    return AnswerHere(here.token, saved, here.now)


def _posted(here: AnswerHere, key: str) -> Step | OwnWordsForm:
    if key == OWN_WORDS:
        return OwnWordsForm(request.form, meta=GOVUK)
    page = here.page(key)
    own = page.own(request.form)
    form = _bound(here, page, dict(own))
    form.changed = own.changed
    return form


def _bound(here: AnswerHere, page: AskedPage, typed: Any) -> Step:
    """Bind a page to what was typed on its asked fields, beside what the form says on the others; keep the asked."""
    known = step_values(here.asked.shown if typed is None else here.asked.before, page.placed)
    values = Typed({name: one for name, one in known.items() if typed is None or name not in page.names})
    values.update({name: list(one) for name, one in (typed or {}).items()})
    return bind_posted(page.placed, values, here.asked.context, meta=GOVUK)


def _asked_only(form: Step, page: AskedPage) -> Step:
    """Take the questions out of a bound page that nobody asked: its checks have looked at them already."""
    for name in [field.short_name for field in form]:
        if name not in page.names:
            del form[name]
    return form


def _again(
    here: AnswerHere, key: str, *, has_lapsed: bool = False, is_away: bool = False, validated: bool = False
) -> ResponseReturnValue:
    form = _posted(here, key)
    if validated:
        form.validate()
    if isinstance(form, OwnWordsForm):
        return _words_page(here, form, has_lapsed=has_lapsed, is_away=is_away)
    return _step_page(here, here.page(key), form, has_lapsed=has_lapsed, is_away=is_away, was_changed=validated)


def _step_page(
    here: AnswerHere,
    page: AskedPage,
    form: Step,
    *,
    has_lapsed: bool = False,
    is_away: bool = False,
    was_changed: bool = False,
) -> ResponseReturnValue:
    form = _asked_only(form, page)
    if page.key == "told" and "told" in form and here.asked.form is FormKind.FULL:  # its names were told already (GL-6)
        told: Any = form["told"]
        told.choices = [one for one in told.choices if one.value != Told.IN_PRINCIPLE]
    return here.show(
        "answer_step",
        placed=page.placed,
        form=form,
        h1=page_title(page.placed, here.asked.shown),
        rows=field_rows(form),
        heading_in_question=heads_the_page(form),
        then="",
        has_errors=any(field.errors for field in form),
        has_lapsed=has_lapsed,
        is_away=is_away,
        cleaned=[form[name].label.text for name in form.changed if name in form] if was_changed else [],
        agencies=list_agency_names(db.session()) if "agency" in form else (),
        back_url=here.url("tasks"),
        back_words="Back to what we ask",
    )


def _words_page(
    here: AnswerHere, form: OwnWordsForm, *, has_lapsed: bool = False, is_away: bool = False
) -> ResponseReturnValue:
    return here.show(
        "answer_words",
        form=form,
        has_errors=bool(form.errors),
        has_lapsed=has_lapsed,
        is_away=is_away,
        asks_words=bool(here.asked.words) or not here.asked.pages,
    )


def _check_page(here: AnswerHere, *, problem: str = "", is_refused: bool = False) -> ResponseReturnValue:
    asked = here.asked
    wrong = [{"text": one.message, "href": here.url("step", key=one.key, _anchor=one.field)} for one in asked.problems]
    sections = read_asked(asked.form, asked.shown, asked.context, asked.pages, version=asked.form_version)
    texts = [text for *_, text in free_texts(asked.form, asked.changed)]
    return here.show(
        "answer_check",
        sections=sections,
        changed=asked.changed,
        digest=asked.digest,
        stopped=[{"text": problem}] if problem else wrong,
        has_errors=bool(problem) or (is_refused and bool(wrong)),
        own_words=OWN_WORDS,
        is_danger=any(danger_words(text) for text in [*texts, asked.own("words")]),
        marked=mark_words(_naming(asked)),
    )


def _naming(asked: Answering) -> list[tuple[str, str, str, str, list[Found]]]:
    """Return every text of an answer that may say who a talk without names is about (GL-6)."""
    if asked.form is not FormKind.IN_PRINCIPLE:
        return []
    words = asked.own("words")
    found = find_identifying(words)
    own = [(OWN_WORDS, "words", "In your own words", words, found)] if found else []
    return [*names_found(asked.form, asked.changed), *own]
