"""What is asked where an adviser writes, rings or notes something of an enquiry, and for a saved answer (SE-3)."""

from __future__ import annotations

from wtforms import HiddenField

from helpdesk.domain.saved_answers import KIND_LABELS
from helpdesk.web.forms import Say, Versioned, one_line, one_of, words
from infrastructure.questions import PlainForm
from service_request.domain.typed import LINE_MAX, NOTE_MAX
from service_request.models import Channel

TRIED = (
    (Channel.PHONE, "Rang them"),
    (Channel.VOICEMAIL, "Left a voicemail"),
    (Channel.IN_PERSON, "Went to see them"),
)


class ReplyForm(Versioned):
    """What an adviser writes to an enquirer."""

    words = words("Reply", Say("Enter what you want to tell them"), rows=5)
    channel = HiddenField()


class AttemptForm(Versioned):
    """That somebody was rung or seen."""

    channel = one_of("What did you do?", TRIED, "Select what you did")
    reached = one_of(
        "Did you speak with them?",
        [("yes", "Yes, I reached them"), ("no", "No, nobody answered")],
        "Select whether you spoke with them",
        hint="Only this ends the promise of 5 working days.",
    )
    words = words("What was said?", hint="Staff only. It is never sent.", most=NOTE_MAX)


class SavedAnswerForm(PlainForm):
    """Words that are sent often."""

    title = one_line("Title", Say("Enter a title"), hint="Only staff see it", most=LINE_MAX)
    kind = one_of("What is it?", KIND_LABELS.items(), "Select what it is")
    body = words("Words", Say("Enter the words"), hint="No names, schools or birth dates.", rows=8, most=1600)
