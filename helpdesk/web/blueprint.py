"""The staff pages' blueprint, who may come in by which door, and what every page shows."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, current_app, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from infrastructure.database import Wall, db, utc_now
from infrastructure.identity.models import Role, TeamKind
from infrastructure.identity.users import User
from infrastructure.web.current import current_settings
from infrastructure.web.guard import Staff
from service_request.domain.references import format_reference
from service_request.services.mail.fetching import is_delayed
from service_request.services.refusals import NotYoursError

blueprint = Blueprint("desk", __name__, url_prefix="/staff")

_FRONT = frozenset({TeamKind.DESK, TeamKind.ASSESSMENT, TeamKind.COMMISSIONING})
READS = Staff(roles=frozenset({Role.OFFICER, Role.MANAGER, Role.SERVICE_MANAGER}), kinds=_FRONT)
ACTS = Staff(roles=frozenset({Role.OFFICER, Role.MANAGER}), kinds=frozenset({TeamKind.DESK, TeamKind.ASSESSMENT}))
TAKES_CALLS = Staff(roles=frozenset({Role.OFFICER, Role.MANAGER}), kinds=frozenset({TeamKind.DESK}))
DOES_TASKS = Staff(roles=frozenset({Role.OFFICER, Role.MANAGER, Role.SERVICE_MANAGER}), kinds=_FRONT)
DECIDES = Staff(roles=frozenset({Role.MANAGER}), kinds=frozenset({TeamKind.ASSESSMENT}))
RECEIVES = Staff(
    roles=frozenset({Role.MEMBER, Role.MANAGER}),
    kinds=frozenset({TeamKind.ASSESSMENT, TeamKind.LOCALITY, TeamKind.BROKERAGE, TeamKind.PROVIDER}),
)
IS_GIVEN = Staff(roles=frozenset({Role.OFFICER, Role.MANAGER, Role.MEMBER, Role.SERVICE_MANAGER}))
REVIEWS = Staff(roles=frozenset({Role.SERVICE_MANAGER}), kinds=_FRONT)
KEEPS_ANSWERS = Staff(roles=frozenset({Role.MANAGER, Role.SERVICE_MANAGER}), kinds=_FRONT)
ADVISES = Staff(kinds=frozenset({TeamKind.SENDIASS}))
ANSWERS_FOR = Staff(roles=frozenset({Role.MANAGER, Role.SERVICE_MANAGER}), kinds=_FRONT | {TeamKind.SENDIASS})
SAYS_WHY = Staff(roles=frozenset({Role.MEMBER, Role.MANAGER, Role.SERVICE_MANAGER}), kinds=_FRONT | {TeamKind.SENDIASS})
INVESTIGATES = Staff(roles=frozenset({Role.SERVICE_MANAGER}))
READS_HELD = Staff(
    roles=frozenset({Role.OFFICER, Role.MANAGER, Role.MEMBER}),
    kinds=frozenset({TeamKind.DESK, TeamKind.ASSESSMENT, TeamKind.SENDIASS}),
)
READS_MAIL = Staff(
    roles=frozenset({Role.OFFICER, Role.MANAGER, Role.MEMBER, Role.SERVICE_MANAGER}),
    kinds=_FRONT | {TeamKind.SENDIASS},
)
SORTS_MAIL = Staff(
    roles=frozenset({Role.OFFICER, Role.MANAGER, Role.MEMBER}), kinds=frozenset({TeamKind.DESK, TeamKind.SENDIASS})
)
ADMINISTERS = Staff(roles=frozenset({Role.ADMINISTRATOR}))
IMPORTS = Staff(roles=frozenset({Role.ADMINISTRATOR}), kinds=frozenset(TeamKind) - {TeamKind.SENDIASS})
PLANS = Staff(
    roles=frozenset({Role.MANAGER, Role.SERVICE_MANAGER, Role.ADMINISTRATOR}), kinds=_FRONT | {TeamKind.SENDIASS}
)
WORKS_HERE = Staff()

_OF_QUEUE = frozenset(
    {
        "queue", "request_page", "decide", "tasks", "held_back", "held_text", "who_sees", "break_glass", "review_glass",
        "mails", "mail", "write_down", "ask_form", "task_done",
    }
)  # fmt: skip
_OF_ENQUIRIES = frozenset(
    {
        "enquiries", "enquiry", "share_concern", "enquiry_level", "enquiry_finish", "enquiry_close", "enquiry_signpost",
        "enquiry_professional", "enquiry_set_aside", "enquiry_reopen", "enquiry_split", "enquiry_deadline_new",
        "enquiry_deadline", "enquiry_facts", "enquiry_fold", "mails", "mail",
    }
)  # fmt: skip
# (guard, label, endpoint, the endpoints under which it is the current place)
PLACES: tuple[tuple[Staff, str, str, frozenset[str]], ...] = (
    (
        READS,
        "Queue",
        "desk.queue",
        _OF_QUEUE,
    ),
    (TAKES_CALLS, "Take a call", "desk.take_call", frozenset({"take_call", "call_taken"})),
    (ADVISES, "Enquiries", "desk.enquiries", _OF_ENQUIRIES),
    (ADVISES, "Take a call", "desk.enquiry_call", frozenset({"enquiry_call", "enquiry_logged"})),
    (
        ADVISES,
        "Saved answers",
        "desk.saved_answers",
        frozenset({"saved_answers", "saved_answer", "new_saved_answer"}),
    ),
    (READS, "Saved answers", "desk.answers", frozenset({"answers", "answer", "new_answer"})),
    (RECEIVES, "Sent to us", "desk.sent_to_us", frozenset({"sent_to_us", "assignment"})),
    (RECEIVES, "Done", "desk.sent_done", frozenset({"sent_done"})),
    (RECEIVES, "Given to you", "desk.given", frozenset({"given", "given_request"})),
    (INVESTIGATES, "Trail", "desk.trail", frozenset({"trail", "ask_export", "export", "take_export", "answer_export"})),
    (ANSWERS_FOR, "Late", "desk.late", frozenset({"late", "why_late"})),
    (PLANS, "Rota", "desk.duty_rota", frozenset({"duty_rota", "new_turn"})),
    (ADMINISTERS, "Calendar", "desk.calendar", frozenset({"calendar", "calendar_hours", "calendar_day"})),
    (IMPORTS, "Tables", "desk.import_tables", frozenset({"import_tables", "import_run"})),
    (ADMINISTERS, "People and teams", "desk.people", frozenset({"people", "person", "change_person", "invite"})),
)


def me() -> User:
    """Return the signed-in member of staff, whom the guard has let in."""
    return cast(User, current_user._get_current_object())


def page_of(request_id: UUID, **more: Any) -> str:
    """Return the page of a request on the side of the wall where the one who looks stands."""
    endpoint = "desk.enquiry" if me().wall is Wall.SENDIASS else "desk.request_page"
    return url_for(endpoint, request_id=request_id, **more)


def home_of(user: User) -> str:
    """Return the first page of somebody's work."""
    if ACTS.admits(user) and DECIDES.admits(user) and not TAKES_CALLS.admits(user):
        return url_for("desk.queue", view="decision")
    for guard, endpoint in (
        (ADVISES, "desk.enquiries"),
        (READS, "desk.queue"),
        (RECEIVES, "desk.sent_to_us"),
        (ADMINISTERS, "desk.people"),
    ):
        if guard.admits(user):
            return url_for(endpoint)
    return url_for("desk.no_place")


@blueprint.context_processor
def _every_page() -> dict[str, Any]:
    """Give every staff page its bar, the moment it was made, and how a reference is written."""
    user = me() if current_user.is_authenticated else None
    here = (request.endpoint or "").removeprefix("desk.")
    return {
        "staff_nav": [
            {"text": label, "href": address, "current": here in places}
            for label, address, places in (_bar(user, request.root_path) if user else ())
        ],
        **(_of_the_session(user) if user else {}),
        "now": utc_now(),
        "ref": format_reference,
        "done_words": request.args.get("done", ""),
        "mail_is_delayed": _mail_is_delayed,
    }


@lru_cache(maxsize=256)
def _bar(user: User, _: str) -> tuple[tuple[str, str, frozenset[str]], ...]:
    """Put somebody's bar together once: a user is a value, with every place; the other is where we are served."""
    return tuple((label, url_for(endpoint), places) for guard, label, endpoint, places in PLACES if guard.admits(user))


def _of_the_session(user: User) -> dict[str, Any]:
    """Say where one's own sign-in is, and when this session ends, so that the page can warn in time."""
    if not WORKS_HERE.admits(user):
        return {}
    return {
        "own_sign_in_url": url_for("desk.own_sign_in"),
        "stay_url": url_for("desk.stay"),
        "idle_seconds": current_settings().staff_idle_minutes * 60,
        "session_ends_at": user.session_ends_at,
    }


def _mail_is_delayed() -> bool:
    """Tell whoever is signed in whether mail to their side of the wall comes in (F31)."""
    if not current_user.is_authenticated:
        return False
    return is_delayed(db.session(), current_settings(), me().wall, now=utc_now())


@blueprint.errorhandler(NotYoursError)
def _not_there(_: NotYoursError) -> Response:
    """Answer "not there" and "not yours" with the same page."""
    return cast(Response, current_app.handle_user_exception(NotFound()))
