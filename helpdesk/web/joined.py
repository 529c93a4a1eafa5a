"""What belongs to a request beside itself: what it was folded into, what was folded in, what came after its end."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from helpdesk.services.agreement import waits_after_end
from infrastructure.identity.users import User
from service_request.domain.states import RequestState
from service_request.pathways.social_care.rules import UNDECIDED
from service_request.services.sight.desk import RequestFacts
from service_request.services.sight.folds import Joined, News, find_joined, list_folded_in, list_news

ENDED = (RequestState.CLOSED, RequestState.SET_ASIDE, RequestState.DECIDED)


@dataclass(frozen=True)
class Beside:
    """The other requests of one, and what waits to be read; each empty for most."""

    into: Joined | None = None
    folded_in: list[Joined] = field(default_factory=list)
    after: Joined | None = None
    news: list[News] = field(default_factory=list)
    may_open_anew: bool = False
    waits_for_yes: bool = False  # and the yes has come, after the end


def beside_of(session: Session, facts: RequestFacts, user: User) -> Beside:
    """Return what belongs to this request as this user sees it; for most requests nothing is asked."""
    news = list_news(session, facts.id, user) if facts.has_news and facts.state in ENDED else []
    waits = facts.after_id is not None and facts.state in UNDECIDED
    return Beside(
        into=find_joined(session, facts.folded_into_id, user),
        folded_in=list_folded_in(session, facts.id, user) if facts.has_folded else [],
        after=find_joined(session, facts.after_id, user) if waits else None,
        news=news,
        may_open_anew=facts.state in (RequestState.CLOSED, RequestState.SET_ASIDE),
        waits_for_yes=bool(news) and facts.state is RequestState.CLOSED and waits_after_end(session, facts.id),
    )
