"""What was late and why: the list, the page that asks for it, and the lines beside the clocks (EV-7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import RadioField

from helpdesk.services.lateness import may_say_why, say_why
from helpdesk.web.blueprint import ANSWERS_FOR, SAYS_WHY, blueprint, me, page_of
from helpdesk.web.forms import OneOf, SayWhen, words
from helpdesk.web.saving import try_to_save
from helpdesk.web.words import CLOCK_LABELS, DONE_WORDS
from infrastructure.database import db, utc_now
from infrastructure.identity.users import User
from infrastructure.questions import PlainForm, choice
from infrastructure.trail import Access, log_access
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import guarded
from infrastructure.web.say_time import time_left
from service_request.domain.typed import REASON_MAX
from service_request.models import ClockEnd, ReasonKind
from service_request.services.breaches import OURS
from service_request.services.reasons import OTHER, label_reasons, list_reasons
from service_request.services.refusals import NotYoursError
from service_request.services.sight.broken import ROWS_A_PAGE, count_late, get_late, list_late, list_whys
from service_request.services.sight.desk import ClockFacts
from service_request.services.sight.visible import get_request

UNSAID = "unsaid"
PAGES = 1_000  # a number past any list, which every database can count to


class WhyForm(PlainForm):
    """Why a promise was broken."""

    reason = RadioField("Why was it late?", [OneOf("Select why it was late")], choices=[], validate_choice=False)
    words = words(
        "What happened?",
        SayWhen("reason", (OTHER,), "Enter what happened"),
        hint="Staff only. It stays on the request.",
        most=REASON_MAX,
    )

    def offer(self, reasons: Sequence[tuple[str, str]]) -> None:
        """Offer the reasons that the authority chose."""
        self.reason.choices = [choice(code, label) for code, label in reasons]


@dataclass(frozen=True)
class LateLine:
    """A broken promise beside the clocks: how late, and why, or that nobody has said it yet."""

    clock_id: UUID
    label: str
    late: str
    reason: str
    words: str
    by: str
    at: datetime | None


def late_lines(
    session: Session, request_id: UUID, clocks: Sequence[ClockFacts], user: User, now: datetime
) -> list[LateLine]:
    """Return what was late of a request with what was recorded; where nothing was, nothing is asked of the database."""
    late = [one for one in clocks if _was_late(one, now)]
    if not late:
        return []
    whys = list_whys(session, request_id, user)
    labels = label_reasons(session, ReasonKind.BREACH) if whys else {}
    found = []
    for one in late:
        why, by_how_much = whys.get(one.id), time_left(one.due_at, one.ended_at or now)
        label = CLOCK_LABELS[one.kind]
        if why is None:
            found.append(LateLine(one.id, label, by_how_much, "", "", "", None))
        else:
            reason = labels.get(why.code, why.code)
            found.append(LateLine(one.id, label, by_how_much, reason, why.words or "", why.by or "", why.at))
    return found


@blueprint.get("/late")
@guarded(ANSWERS_FOR)
def late() -> ResponseReturnValue:
    """List what was late and why, the latest first, and count it."""
    session, user, now = db.session(), me(), utc_now()
    page, unsaid = min(max(1, request.args.get("page", 1, type=int)), PAGES), request.args.get("show") == UNSAID
    rows = list_late(session, user, now=now, page=page, unsaid=unsaid)
    counts = count_late(session, user, now=now)
    labels = label_reasons(session, ReasonKind.BREACH)
    log_access(session, Access.LIST, by=user.actor, now=now, ids=[row.request_id for row in rows[:ROWS_A_PAGE]])
    return render_template(
        "helpdesk/late.html",
        rows=rows[:ROWS_A_PAGE],
        has_more=len(rows) > ROWS_A_PAGE,
        number=page,
        unsaid=unsaid,
        counts=sorted(((CLOCK_LABELS[kind], labels.get(code or "", ""), count) for kind, code, count in counts)),
        labels=labels,
        clock_labels=CLOCK_LABELS,
        page_of=page_of,
        may_say_why=may_say_why(user),
        time_left=time_left,
        done=DONE_WORDS.get(request.args.get("done", "")),
    )


@blueprint.route("/requests/<uuid:request_id>/clocks/<uuid:clock_id>/why", methods=["GET", "POST"])
@guarded(SAYS_WHY, keeps_words=True)
def why_late(request_id: UUID, clock_id: UUID) -> ResponseReturnValue:
    """Record why a promise was broken."""
    session, user, now = db.session(), me(), utc_now()
    get_request(session, request_id, user)
    if not may_say_why(user):
        raise NotYoursError
    broken = get_late(session, clock_id, user, now=now)
    form = WhyForm(request.form if request.method == "POST" else None, meta=GOVUK)
    form.offer(list_reasons(session, ReasonKind.BREACH))

    def save() -> None:
        reason, text = form.reason.data, form.words.data or ""
        say_why(session, request_id=request_id, clock_id=clock_id, reason=reason, words=text, by=user, now=now)

    tried = try_to_save(form, save)
    if tried.is_saved:
        return redirect(page_of(request_id, done="why_late"))
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=request_id, wall=user.wall)
    page = render_template(
        "helpdesk/why_late.html",
        form=form,
        problem=tried.problem,
        broken=broken,
        label=CLOCK_LABELS[broken.kind],
        late=time_left(broken.due_at, broken.ended_at or now),
        back=page_of(request_id),
    )
    return page, tried.status


def _was_late(clock: ClockFacts, now: datetime) -> bool:
    if clock.kind not in OURS or clock.due_at > now:
        return False
    return clock.ended_at is None or (clock.end is ClockEnd.MET and clock.ended_at > clock.due_at)
