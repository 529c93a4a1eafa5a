"""What was set aside: why in words, and how much of it by reason and week (GL-8)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from helpdesk.services.after_closed import ADDED, NOTED
from helpdesk.web.blueprint import READS, blueprint, me
from infrastructure.calendar import LONDON
from infrastructure.database import db, utc_now
from infrastructure.web.guard import guarded
from service_request.models import ReasonKind
from service_request.services.reasons import label_reasons
from service_request.services.sight.set_aside import list_set_aside

WEEKS = 6
OF_ITSELF = {
    ADDED: "Came after the end: added to the earlier request",
    NOTED: "Came after the end: only noted",
    "machine_mail": "Machine mail, filed by itself",
}


@dataclass(frozen=True)
class Counted:
    """One reason: how much in each week, the latest first, and in all of them."""

    label: str
    weeks: tuple[int, ...]

    @property
    def total(self) -> int:
        """Return how much in all the weeks shown."""
        return sum(self.weeks)


@blueprint.get("/set-aside")
@guarded(READS)
def set_aside_counts() -> ResponseReturnValue:
    """Count what is set aside, by reason and week of receipt: it tells of nobody."""
    session, user, now = db.session(), me(), utc_now()
    mondays = _mondays(now)
    since = datetime.combine(mondays[-1], time.min, LONDON)
    labels = {**label_reasons(session, ReasonKind.SET_ASIDE), **OF_ITSELF}
    counts = Counter((one.reason, _monday(one.received_at)) for one in list_set_aside(session, user, since=since))
    reasons = [*labels, *sorted({reason for reason, _ in counts} - set(labels))]
    rows = [Counted(labels.get(one, one), tuple(counts[one, day] for day in mondays)) for one in reasons]
    sums = tuple(sum(row.weeks[n] for row in rows) for n in range(WEEKS))
    return render_template("helpdesk/set_aside.html", rows=rows, mondays=mondays, total=Counted("All", sums))


def set_aside_words(session: Session, code: str | None) -> str:
    """Return why something was set aside, in words; nothing where it was not."""
    if code is None:
        return ""
    return {**label_reasons(session, ReasonKind.SET_ASIDE), **OF_ITSELF}.get(code, code)


def _monday(at: datetime) -> date:
    day = at.astimezone(LONDON).date()
    return day - timedelta(days=day.weekday())


def _mondays(now: datetime) -> list[date]:
    return [_monday(now) - timedelta(weeks=n) for n in range(WEEKS)]
