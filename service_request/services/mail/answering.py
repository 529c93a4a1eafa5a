"""Where a mail of ours leaves from, and where an answer comes to: both on its own side of the wall (SE-5)."""

from __future__ import annotations

from collections.abc import Callable

from infrastructure.database import Wall
from infrastructure.mailboxes import Mailbox
from infrastructure.outbox import OutboxMessage, Thread
from infrastructure.settings import Settings
from service_request.services.mail.tokens import with_token

# To staff, or about no request: an answer to one of these belongs to nobody's matter.
NOT_ANSWERED = frozenset(
    "anchor assignment assignment_reminder assignment_withdrawn clock_escalation clock_warning close_asked code "
    "concern_shared danger_alert danger_held danger_many enquirer_wrote enquiry_due enquiry_late enquiry_waits "
    "evaluation find_drafts draft_lapses glass_broken invitation part_of_form part_done your_requests password_reset "
    "sign_in_changed".split()
)
_PATHWAYS = {Wall.SENDIASS: ("sendiass",), Wall.OPEN: ("social_care", "desk")}


def make_reached_at(settings: Settings) -> Callable[[OutboxMessage], tuple[str, str]]:
    """Return what says, of a message, which mailbox of ours it leaves from and where an answer finds its request (T7).

    It leaves from the mailbox of its side, so that a bounce or an answer past the Reply-To never lands on the other
    (SE-5, F21). Both are empty where that side has no mailbox.
    """
    boxes = {wall: _on(wall, settings) for wall in Wall}

    def reached_at(row: OutboxMessage) -> tuple[str, str]:
        here = boxes[row.wall]
        thread = Thread.from_kept(row.thread)
        came_to = thread.mailbox if thread is not None else ""
        mailbox = came_to if came_to in here else next(iter(here), "")
        if not mailbox or row.about_kind != "request" or row.template in NOT_ANSWERED:
            return mailbox, ""
        return mailbox, with_token(mailbox, row.about_id, row.wall, settings)

    return reached_at


def _on(wall: Wall, settings: Settings) -> list[str]:
    """Return our mailboxes on one side of the wall, the one that a new mail leaves from first."""
    pathways = _PATHWAYS[wall]
    here: list[Mailbox] = [one for one in settings.our_mailboxes if one.pathway in pathways]
    return [one.address for one in sorted(here, key=lambda one: pathways.index(one.pathway))]
