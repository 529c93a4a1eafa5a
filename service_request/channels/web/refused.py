"""What a page says when a draft or a link cannot be opened: what to do now, with the words that were typed."""

from __future__ import annotations

import re

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from infrastructure.identity.links import LinkRefusedError
from service_request.channels.web.blueprint import web
from service_request.services.refusals import DraftNotFoundError, DraftSentError, NotYoursError

NOT_WORDS = {"csrf_token", "then", "digest", "as_it_is"}
CODE = re.compile(r"[a-z0-9_-]{0,40}")  # what a choice or an id is posted as; a day is quickly typed again


@web.errorhandler(DraftNotFoundError)
def draft_not_found(error: DraftNotFoundError) -> ResponseReturnValue:
    """Say how to find the draft by email, and give back what was just typed (EV-1)."""
    return render_template("web/draft_not_found.html", words=words_typed()), 404


@web.errorhandler(NotYoursError)
def not_there(error: NotYoursError) -> ResponseReturnValue:
    """Say "not there" of what is not theirs as well, and give back what was just typed (EV-1)."""
    return render_template("web/not_there.html", words=words_typed()), 404


@web.errorhandler(DraftSentError)
def draft_sent(error: DraftSentError) -> ResponseReturnValue:
    """Say that the request went before this was saved, and give back what was just typed (EV-1, W12)."""
    receipt = url_for("web.sent", draft_id=(request.view_args or {})["draft_id"])
    words = words_typed()
    if not words:
        return redirect(receipt)
    return render_template("web/draft_sent.html", words=words, receipt=receipt), 409


@web.errorhandler(LinkRefusedError)
def link_refused(error: LinkRefusedError) -> ResponseReturnValue:
    """Say that a link has ended; one that never was looks the same."""
    return render_template("web/link_ended.html", words=words_typed()), 404


def words_typed() -> list[str]:
    """Return the texts that were just posted, so that nobody types them again; a choice is no text."""
    posted = (value for name, values in request.form.lists() if name not in NOT_WORDS for value in values)
    return [value for value in posted if CODE.fullmatch(value.strip()) is None]
