"""A form that is saved, or why it is not: every page of the desk that keeps what somebody wrote does it this way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from wtforms.form import BaseForm

from infrastructure.web.guard import csrf_holds
from service_request.domain.errors import DomainError
from service_request.services.refusals import NotYoursError, StaleEditError

STALE_PAGE = "This page was open for too long. Check what you wrote, then press the button again."
OPENED_LATELY = 3  # how many of the last acts are laid beside what somebody wrote

View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True)
class Tried:
    """What came of a form: saved, or the sentence to show above what stands in it."""

    is_saved: bool = False
    problem: str = ""
    status: int = 200
    stale: StaleEditError | None = None  # somebody else was quicker


def try_to_save(form: BaseForm, save: Callable[[], object]) -> Tried:
    """Save a form that was sent and is whole; what is hidden from somebody stays hidden (NotYoursError)."""
    if request.method != "POST":
        return Tried()
    if not csrf_holds():
        return Tried(problem=STALE_PAGE, status=400)
    if not form.validate():
        return Tried()
    try:
        save()
    except NotYoursError:
        raise
    except StaleEditError as refusal:
        return Tried(problem=refusal.sentence, status=409, stale=refusal)
    except DomainError as refusal:
        return Tried(problem=refusal.sentence, status=409)
    return Tried(is_saved=True)


def on_refusal(again: Callable[[UUID, DomainError], ResponseReturnValue]) -> Callable[[View], View]:
    """Answer a press of a button that a rule refused with `again`; what is hidden from somebody stays hidden."""

    def wrap(view: View) -> View:
        @wraps(view)
        def shown(request_id: UUID, **more: UUID) -> ResponseReturnValue:
            try:
                return view(request_id, **more)
            except NotYoursError:
                raise
            except DomainError as refusal:
                return again(request_id, refusal)

        return shown

    return wrap
