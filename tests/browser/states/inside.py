"""The pages inside SENDIASS's wall."""

from __future__ import annotations

from tests.browser.scene import LONG
from tests.browser.states.acting import (
    FEBRUARY,
    Look,
    lapsed,
    press,
)
from tests.browser.states.desk import AT
from tests.browser.visiting import Visitor


def share(visitor: Visitor) -> None:
    """Write a concern for the first of the teams, and share it."""
    visitor.page.locator('[name="team"]').first.check()
    press("Share this concern", urgency="urgent", concern=f"{LONG} is alone.", told="yes", reason="Harm.")(visitor)


SHARE = "/staff/enquiries/{enquiry}/share"
INSIDE = [
    Look("enquiries", "nuala", "/staff/enquiries", says="All open"),
    Look("enquiry", "nuala", "/staff/enquiries/{enquiry}"),
    Look("enquiry, from outside", "grace", AT % "enquiry", says="Page not found"),
    Look("request, from inside", "nuala", AT % "mine", says="Page not found"),
    Look("share", "nuala", SHARE, says="Share a safeguarding concern"),
    Look("share, empty", "nuala", SHARE, press("Share this concern"), errors=5),
    Look("share, why not told", "nuala", SHARE, press("Share this concern", told="risk", birth_on=FEBRUARY), errors=5),
    Look("shared", "nuala", SHARE, share),
    Look("hand over", "grace", AT % "to_hand_over" + "/hand-over", says="Hand over to SENDIASS"),
    Look("hand over, empty", "grace", AT % "to_hand_over" + "/hand-over", press("Continue"), errors=1),
    Look("hand over, kept", "grace", AT % "to_hand_over" + "/hand-over", press("Continue", sure="no")),
    Look("handed over", "grace", "/staff/handed-over?told=yes", says="Handed over to SENDIASS"),
    Look("handed over, nobody told", "grace", "/staff/handed-over?told=no", says="Handed over to SENDIASS"),
]
ACT = "/staff/enquiries/{reached_inside}/"
FOLD = "/staff/enquiries/{again_inside}/fold/{earlier_inside}"
CALLING = "/staff/enquiries/new"
DATE = ACT + "deadlines/{deadline_inside}"
SPLIT = {"story": "His sister has the same trouble.", "who": "same"}
ENQUIRIES = [
    Look("enquiry reached", "nuala", "/staff/enquiries/{reached_inside}"),
    Look("enquiry of before", "nuala", "/staff/enquiries/{earlier_inside}"),
    Look("enquiry, professional", "nuala", "/staff/enquiries/{outside_area}"),
    Look("enquiry set aside", "nuala", "/staff/enquiries/{aside_inside}"),
    Look("enquiry folded", "nuala", "/staff/enquiries/{folded_inside}"),
    Look("fold an enquiry", "nuala", FOLD, says="Fold into"),
    Look("fold an enquiry, empty", "nuala", FOLD, press("Fold"), errors=1),
    Look("fold an enquiry, refused", "nuala", ACT + "fold/{earlier_inside}", says="Nothing was changed", errors=1),
    Look("enquiry finished", "nuala", "/staff/enquiries/{finished_inside}"),
    Look("enquiry, open again", "nuala", "/staff/enquiries/{finished_inside}/reopen", says="Open again"),
    Look("enquiry, reopen empty", "nuala", "/staff/enquiries/{finished_inside}/reopen", press("Open again"), errors=1),
    Look("level", "nuala", ACT + "level", says="Raise the level"),
    Look("level, empty", "nuala", ACT + "level", press("Raise level"), errors=3),
    Look("finish", "nuala", ACT + "finish", says="Finish"),
    Look("finish, empty", "nuala", ACT + "finish", press("Finish enquiry"), errors=1),
    Look("close enquiry", "nuala", ACT + "close", says="Close without an outcome"),
    Look("close enquiry, reached", "nuala", ACT + "close", press("Close", reason="not_reached"), errors=0),
    Look("signpost", "nuala", ACT + "signpost", says="Signpost"),
    Look("signpost, empty", "nuala", ACT + "signpost", press("Signpost"), errors=3),
    Look("words to pass on", "nuala", ACT + "professional", says="Tell a professional"),
    Look("enquiry aside", "nuala", ACT + "set-aside", says="Set aside"),
    Look("enquiry aside, empty", "nuala", ACT + "set-aside", press("Set aside"), errors=1),
    Look("deadline, new", "nuala", ACT + "deadlines/new", says="Add a deadline"),
    Look("deadline, empty", "nuala", ACT + "deadlines/new", press("Add deadline"), errors=2),
    Look("deadline", "nuala", DATE, says="Correct a deadline"),
    Look("deadline, the same", "nuala", DATE, press("Correct deadline")),
    Look("facts", "nuala", ACT + "facts", says="Change what is known"),
    Look("facts, wrong", "nuala", ACT + "facts", press("Save changes", age="nine", phone="none"), errors=2),
    Look("facts, open too long", "nuala", ACT + "facts", lapsed("Save changes", age="10")),
    Look("split", "nuala", ACT + "split", says="Split into two"),
    Look("split, empty", "nuala", ACT + "split", press("Make the second enquiry"), errors=2),
    Look("split in two", "nuala", ACT + "split", press("Make the second enquiry", **SPLIT)),
    Look("enquiry call", "nuala", CALLING, says="Take a call"),
    Look("enquiry call, empty", "nuala", CALLING, press("Save call"), errors=1),
    Look("enquiry call, open too long", "nuala", CALLING, lapsed("Save call", story="She rang."), errors=1),
    Look("enquiry call, saved", "nuala", CALLING, press("Save call", story="She rang.", name="Ann"), says="Call saved"),
    Look("enquiry logged", "nuala", "/staff/enquiries/{earlier_inside}/logged", says="Call saved"),
    Look("enquiry act, from outside", "grace", ACT + "level", says="Page not found"),
]
TALK = "/staff/enquiries/{talk}"
TRY = TALK + "/attempt"
UNSAID = "/staff/enquiries/{unsaid}"
HELD = "/staff/enquiries/held/{held_inside}"
ANSWERS = "/staff/saved-answers"
LONG_REPLY = "Keep the letter. " * 20
TALKS = [
    Look("enquiries, deadlines", "nuala", "/staff/enquiries?view=deadline", says="Deadline first"),
    Look("enquiries, from professionals", "nuala", "/staff/enquiries?view=professional", says="From professionals"),
    Look("enquiries, mine", "nuala", "/staff/enquiries?view=mine", says="Mine"),
    Look("enquiries, closed", "nuala", "/staff/enquiries?view=closed", says="Closed"),
    Look("enquiry, talk", "nuala", TALK, says="Parent of a boy, 9"),
    Look("enquiry, taken over", "nuala", TALK, press("Send", words=" "), errors=1),
    Look("enquiry, counted", "nuala", TALK, press("Add it to the reply", words=LONG_REPLY)),
    Look("enquiry, open too long", "nuala", TALK, lapsed("Send", words="Keep it."), errors=1),
    Look("enquiry, in danger", "nuala", "/staff/enquiries/{danger_inside}"),
    Look("enquiry, not said whether safe", "nuala", UNSAID),
    Look("enquiry, asked whether safe", "nuala", UNSAID, press("Ask whether it is safe")),
    Look("enquiry, not safe", "nuala", "/staff/enquiries/{unsafe}"),
    Look("attempt", "nuala", TRY, says="Log an attempt"),
    Look("attempt, empty", "nuala", TRY, press("Save attempt"), errors=2),
    Look("attempt, not safe", "nuala", "/staff/enquiries/{unsafe}/attempt", says="Log an attempt"),
    Look("held inside", "nuala", "/staff/enquiries/held", says="Held"),
    Look("held inside, one", "nuala", HELD, says="Held"),
    Look("held inside, no reason", "nuala", HELD, press("Set aside"), errors=1),
    Look("saved answers", "nuala", ANSWERS, says="Saved answers"),
    Look("answers", "grace", "/staff/answers", says="Saved answers"),
    Look("answers of a manager", "helen", "/staff/answers", says="Saved answers"),
    Look("answer, new", "helen", "/staff/answers/new", press("Save answer"), errors=3),
    Look("answer", "helen", "/staff/answers/{answer}", says="Change"),
    Look("saved answer, new", "nuala", ANSWERS + "/new", press("Save answer"), errors=3),
    Look("saved answer", "nuala", ANSWERS + "/{saved_answer}", says="Change"),
]
