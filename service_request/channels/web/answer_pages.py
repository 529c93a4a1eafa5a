"""The pages on which an answer is written and looked at before it is sent (GL-3, W12)."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from infrastructure.database import db
from infrastructure.web.fields import GOVUK
from service_request.asking.steps import Typed
from service_request.channels.web.answer_here import AnswerHere
from service_request.channels.web.asked import OwnWordsForm
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
from service_request.services.agencies import list_agency_names
from service_request.services.answer_written import OWN_WORDS, Answering


def posted_page(here: AnswerHere, key: str) -> Step | OwnWordsForm:
    """Bind a page to what was posted of it."""
    if key == OWN_WORDS:
        return OwnWordsForm(request.form, meta=GOVUK)
    page = here.page(key)
    own = page.own(request.form)
    form = bound_page(here, page, dict(own))
    form.changed = own.changed
    return form


def bound_page(here: AnswerHere, page: AskedPage, typed: Any) -> Step:
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


def page_again(
    here: AnswerHere, key: str, *, has_lapsed: bool = False, is_away: bool = False, validated: bool = False
) -> ResponseReturnValue:
    """Show a page again with all that was posted, and what is wrong or what to do first (W13)."""
    form = posted_page(here, key)
    if validated:
        form.validate()
    if isinstance(form, OwnWordsForm):
        return words_page(here, form, has_lapsed=has_lapsed, is_away=is_away)
    return step_page(here, here.page(key), form, has_lapsed=has_lapsed, is_away=is_away, was_changed=validated)


def step_page(
    here: AnswerHere,
    page: AskedPage,
    form: Step,
    *,
    has_lapsed: bool = False,
    is_away: bool = False,
    was_changed: bool = False,
) -> ResponseReturnValue:
    """Show one page of what is asked."""
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


def words_page(
    here: AnswerHere, form: OwnWordsForm, *, has_lapsed: bool = False, is_away: bool = False
) -> ResponseReturnValue:
    """Show the page of their own words."""
    return here.show(
        "answer_words",
        form=form,
        has_errors=bool(form.errors),
        has_lapsed=has_lapsed,
        is_away=is_away,
        asks_words=bool(here.asked.words) or not here.asked.pages,
    )


def check_page(here: AnswerHere, *, problem: str = "", is_refused: bool = False) -> ResponseReturnValue:
    """Show the whole answer as it will be sent, with what stops it."""
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
