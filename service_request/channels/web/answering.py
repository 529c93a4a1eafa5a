"""What we asked, answered by the holder of the link after the code, in the form's own questions (GL-3)."""

from __future__ import annotations

from uuid import UUID

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from infrastructure.database import db, utc_now
from infrastructure.web.current import current_house, current_settings
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.asking.steps import within
from service_request.channels.web.answer_here import BEHIND, AnswerHere, open_here, open_with_files
from service_request.channels.web.answer_pages import (
    bound_page,
    check_page,
    page_again,
    posted_page,
    step_page,
    words_page,
)
from service_request.channels.web.asked import OwnWordsForm
from service_request.channels.web.blueprint import LINK_HOLDER, MAILBOX_HOLDER, web
from service_request.channels.web.device import remember_device, this_device
from service_request.channels.web.files import files_page, take_files
from service_request.channels.web.holding import held_here
from service_request.pathways.social_care.forms import (
    Step,
    page_title,
)
from service_request.services import answering as services
from service_request.services.answer_written import OWN_WORDS
from service_request.services.answering import NothingAnsweredError
from service_request.services.drafts import StartedDraft
from service_request.services.files import adding
from service_request.services.outside import NotProvenError
from service_request.services.refusals import AnswersChangedError, DraftSentError, NotYoursError
from service_request.services.send_form import NotReadyError


@web.get("/answer/<token>")
@guarded(LINK_HOLDER)
def answer(token: str) -> ResponseReturnValue:
    """Show what was asked to a browser that proved itself, and to any other only what the link is about."""
    try:
        here = open_here(token)
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
        here = open_here(token)
    except NotProvenError:
        return redirect(url_for("web.answer", token=token))
    if here.is_sent:
        return redirect(here.url("sent"))
    if key == OWN_WORDS:
        own = {name: here.asked.own(name) for name in ("words", "name")}
        return words_page(here, OwnWordsForm(data=own, meta=GOVUK))
    page = here.page(key)
    return step_page(here, page, bound_page(here, page, here.asked.typed.get(key)))


@web.post("/answer/<token>/step/<key>")
@guarded(LINK_HOLDER, keeps_words=True)
def save_answer_step(token: str, key: str) -> ResponseReturnValue:
    """Save a page as it was typed, then lead on, or say what is wrong; nothing typed is lost on the way (W13)."""
    try:
        here = open_here(token)
        if not csrf_holds() and not here.is_sent:
            return page_again(here, key, has_lapsed=True)
        here = _save(here, key)
    except DraftSentError:
        words = [text for name in request.form if name != "csrf_token" for text in request.form.getlist(name) if text]
        return open_here(token).show("answer_sent", words=words), 409
    except NotProvenError:
        away = services.peek_page(db.session(), token=token, now=utc_now(), house=current_house())
        return page_again(AnswerHere(token, away, utc_now()), key, is_away=True)
    form: Step | OwnWordsForm = posted_page(here, key)
    is_later = request.form.get("then") == "later"
    if is_later or (form.validate() and not getattr(form, "changed", ())):
        return redirect(here.url("tasks") if is_later else here.after(key))
    if key != OWN_WORDS and not here.page(key).said(here.asked.typed.get(key, {})):
        return redirect(here.after(key))  # left empty: nobody has to know everything
    return page_again(here, key, validated=True)


@web.get("/answer/<token>/check")
@guarded(LINK_HOLDER)
def answer_check(token: str) -> ResponseReturnValue:
    """Show the answer before it is sent (W12)."""
    try:
        here = open_here(token)
    except NotProvenError:
        return redirect(url_for("web.answer", token=token))
    return redirect(here.url("sent")) if here.is_sent else check_page(here)


@web.post("/answer/<token>/send")
@guarded(LINK_HOLDER, keeps_words=True)
def send_answer(token: str) -> ResponseReturnValue:
    """Send the answer, once: the same press again ends at the same page (EV-3)."""
    try:
        if not csrf_holds():
            return check_page(
                open_here(token), problem="This page was open for too long. Check it, then send it again."
            )
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
        return check_page(open_here(token), is_refused=True)
    except (AnswersChangedError, NothingAnsweredError) as refused:
        return check_page(open_here(token), problem=refused.sentence)
    return redirect(url_for("web.answer_sent", token=token))


@web.get("/answer/<token>/sent")
@guarded(LINK_HOLDER)
def answer_sent(token: str) -> ResponseReturnValue:
    """Say that the answer is here, and what happens next (EV-2)."""
    try:
        here = open_here(token)
    except NotProvenError:
        return BEHIND.link_page(token)
    return here.show("answer_sent") if here.is_sent else redirect(here.url("tasks"))


@web.get("/answer/<token>/files")
@guarded(LINK_HOLDER)
def answer_files(token: str) -> ResponseReturnValue:
    """List what was added to the answer, with the means to add and to remove."""
    try:
        here = open_with_files(token)
    except NotProvenError:
        return redirect(url_for("web.answer", token=token))
    return redirect(here.url("sent")) if here.is_sent else files_page(here)


@web.post("/answer/<token>/files")
@guarded(LINK_HOLDER, keeps_words=True)
def add_answer_files(token: str) -> ResponseReturnValue:
    """Take files with the answer as they stream, as with a form (U1)."""
    try:
        return take_files(lambda: open_with_files(token), BEHIND.browser() or "")
    except NotProvenError:
        return redirect(url_for("web.answer", token=token))


@web.post("/answer/<token>/files/<uuid:file_id>/remove")
@guarded(LINK_HOLDER)
def remove_answer_file(token: str, file_id: UUID) -> ResponseReturnValue:
    """Take a file out of the answer."""
    try:
        here = open_with_files(token)
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
        way = services.open_for_mailbox(
            db.session(), asked_id, held=held, device=this_device(), now=utc_now(), house=current_house()
        )
    except NotYoursError:
        abort(404)
    if isinstance(way, StartedDraft):
        return remember_device(redirect(url_for("web.tasks", draft_id=way.id)), way.device)
    return BEHIND.remember(redirect(url_for("web.answer", token=way.token)), way.browser)


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
