"""What SENDIASS's pages call things: tasks, acts, states and messages of an enquiry (SE-1 to SE-5, SE-10)."""

from __future__ import annotations

from service_request.domain.states import RequestState
from service_request.models import ClockKind, LinkKind, TaskKind

# (title in the list, what comes here, what to do next)
INSIDE_TASK_WORDS: dict[TaskKind, tuple[str, str, str]] = {  # inside, no manager decides and nobody refers
    TaskKind.NEW_INFORMATION: (
        "New information",
        "A message to what was set aside.",
        "Read it. If it is an enquiry after all, take it back into the list.",
    ),
    TaskKind.DELIVERY_FAILED: (
        "Could not deliver",
        "A message that could not be delivered.",
        "Open it. Try another way that is safe, and log the attempt.",
    ),
    TaskKind.FILE: (
        "Files to ask for",
        "A file that is withheld, has a password, or is lost.",
        "Open the enquiry to see why. Ask whoever sent it for another copy.",
    ),
}
TASK_WORDS: dict[TaskKind, tuple[str, str, str]] = {
    TaskKind.DANGER: (
        "Danger words",
        "A message that says somebody may be in danger now.",
        "Open it now. If a child is in danger, ring 999 and the duty line yourself; no machine does.",
    ),
    TaskKind.WANTS_PERSON: (
        "Wants a person",
        "Somebody who asked for a person, or whom the questions could not follow.",
        "Open it, read what they said, and reply or ring.",
    ),
    TaskKind.ASKED_TO_STOP: (
        "Asked us to stop",
        "Somebody who wants no more messages there. Nothing goes there any more.",
        "Open it. If they left another safe way, use it; if not, it can be closed with that reason.",
    ),
    TaskKind.SPLIT: (
        "Two in one",
        "Messages that may be of two people, or about several children.",
        "Open it, and split it into two if they need two answers.",
    ),
    TaskKind.PROFESSIONAL: (
        "A professional wrote",
        "A message that was set aside by itself: a professional wrote it, and was told how a family reaches us.",
        "Read it, then select “Done”. If a family asks after all, restore it.",
    ),
    TaskKind.INTERPRETER: (
        "Another language",
        "Somebody who writes in another language than English.",
        "Open it, and book an interpreter before you reply or ring.",
    ),
    TaskKind.RECORD_ASKED: (
        "Asked for their record",
        "Somebody who wants what we hold about them. They must have it within a month.",
        "Make sure who asks, take out what is about others, and give it by a safe way.",
    ),
    TaskKind.UNROUTED: (
        "Came to an unknown number",
        "A message to a number or mailbox that belongs to no service.",
        "Read it, and make it a request or set it aside. Tell the administrator, who can name the number in settings.",
    ),
    TaskKind.MEDIA_FAILED: (
        "Picture not fetched",
        "A picture or file of a text that could not be fetched or kept.",
        "Ask whoever sent it to send it again, or to read it to you.",
    ),
}
# What an act of an enquiry was; {by} is who did it. Those that a request has too stand in timeline.py.
ACTS: dict[str, str] = {
    "take": "Taken by {by}",
    "reach": "{reached}",
    "attempt": "Attempt to reach them by {by}",
    "reply": "Reply sent by {by}",
    "ask": "Waiting for them, says {by}",
    "hear": "They wrote again{times}",
    "rise": "Level raised by {by}{level}",
    "signpost": "Signposted by {by}",
    "finish": "Finished by {by}, with the outcome in their words",
    "reopen": "Opened again by {by}{reason}",
    "answer": "An answer was understood",
    "change_facts": "Facts changed by {by}",
    "add_deadline": "Deadline added by {by}",
    "check_deadline": "Deadline checked by {by}",
    "correct_deadline": "Deadline corrected by {by}",
    "end_deadline": "Deadline ended by {by}",
    "danger": "Danger words: a named person was alerted",
    "alert_danger": "Danger was said: {told} alerted by name",
    "gather_danger": "Danger was said, as in many messages then: told of together with them, within minutes",
    "see_to_danger": "{by} said that they have seen to the danger",
    "wants_person": "They asked for a person",
    "ask_to_stop": "They asked us to stop",
    "ask_safe": "Asked by {by} whether it is safe to write there",
    "opt_out": "They opted out: nothing is sent there any more",
    "opt_in": "They opted in again",
    "unsafe": "They said it is not safe to reach them there",
    "safe": "They said it is safe to reach them there",
    "silence": "Automatic questions stopped",
    "send_evaluation": "Asked how it went",
    "keep_evaluation_back": "Not asked how it went: asked already, not safe, opted out, or no way to reach them",
    "answer_evaluation": "They said how it went, with their name",
    "decline_evaluation": "They asked us not to ask how it went",
    "split": "Split into two by {by}",
    "same_family": "Said to be the same family, by {by}",
    "not_same_family": "Said not to be the same family, by {by}",
    "interpreter": "Interpreter seen to by {by}",
    "open_held": "Made an enquiry by {by} out of what was held",
    "set_aside_held": "Set aside by {by}{reason}",
    "record_request": "They asked for their record, noted by {by}",
    "undo_family": "What was said about the same family was taken back by {by}",
    "keep_whole": "Said to be one enquiry by {by}",
    "fold_enquiry": "Folded by {by} into another enquiry of the same person",
    "unfold_enquiry": "Unfolded by {by}: it stands by itself again",
    "take_in_enquiry": "Another enquiry of the same person was folded into this one by {by}",
    "let_out_enquiry": "An enquiry that was folded into this one was unfolded by {by}",
}
WARNED: dict[str, str] = {
    ClockKind.FIRST_CONTACT: "SENDIASS warned: nobody has reached them yet",
    ClockKind.STATUTORY: "SENDIASS warned: a date that the law sets is near",
}
ESCALATED: dict[str, str] = {
    ClockKind.FIRST_CONTACT: "Not reached in 5 working days: next in line of SENDIASS told",
    ClockKind.STATUTORY: "A date that the law sets has come: next in line of SENDIASS told",
}
CLOCK_LABELS: dict[ClockKind, str] = {
    ClockKind.FIRST_CONTACT: "Reach them",
    ClockKind.STATUTORY: "Statutory deadline",
}
LINK_LABELS: dict[tuple[LinkKind, bool], str] = {  # how another belongs with this one; True: it is the later one
    (LinkKind.AFTER_CLOSED, True): "they wrote again after this was closed",
    (LinkKind.AFTER_CLOSED, False): "the one before, closed when they wrote again",
    (LinkKind.SPLIT_FROM, True): "split from this one",
    (LinkKind.SPLIT_FROM, False): "this was split from it; the messages are there",
    (LinkKind.SAME_ASK, True): "folded into this one; what they said there before is there",
    (LinkKind.SAME_ASK, False): "this was folded into it, which goes on",
}
STATE_TAGS: dict[RequestState, tuple[str, str]] = {  # words, and the colour of the tag (looks.md)
    RequestState.RECEIVED: ("Received", "blue"),
    RequestState.IN_TRIAGE: ("Received", "blue"),  # handed over while the helpdesk held it
    RequestState.AWAITING_INFORMATION: ("Waiting for them", "yellow"),
    RequestState.AWAITING_DECISION: ("Received", "blue"),
    RequestState.OPEN: ("Open", "teal"),
    RequestState.AWAITING_PERSON: ("Waiting for them", "yellow"),
    RequestState.SIGNPOSTED: ("Signposted", "grey"),
    RequestState.DECIDED: ("Open", "teal"),
    RequestState.CLOSED: ("Closed", "grey"),
    RequestState.SET_ASIDE: ("Set aside", "grey"),
    RequestState.FOLDED: ("Folded", "grey"),
}
DONE = {  # said at the top of the page after an act; "set_aside" and the like stand in words.py
    "take": "You have taken this. Automatic questions have stopped.",
    "danger_seen": "Recorded: you have seen to it. New danger words bring it back to the top.",
    "asked_safe": "On its way: the question whether it is safe to write there.",
    "safe": "Saved.",
    "replied": "Your reply is on its way. The promise to reach them ends when they answer.",
    "attempt": "The attempt is logged. The promise to reach them goes on.",
    "reached": "Logged: you reached them.",
    "held_opened": "This is an enquiry now. Its clock runs from when it reached us.",
    "held_set_aside": "Set aside. It is kept, and not counted as an enquiry.",
    "answer_saved": "The answer is saved.",
    "answer_given_up": "The answer is out of the lists.",
    "rise": "The level is raised.",
    "enquiry_finish": "Finished. When they write again, that opens a new enquiry, linked to this one.",
    "enquiry_close": "Closed. When they write again, that opens a new enquiry, linked to this one.",
    "signpost": "Signposted. What they write next still comes here. Close it when nothing more is owed.",
    "professional": "The words to pass on are on their way. It is set aside, and not counted as an enquiry.",
    "enquiry_aside": "Set aside. It is kept, not counted as an enquiry, and can be restored at any time.",
    "enquiry_reopen": "Open again, and with you. No new five days begin.",
    "enquiry_restore": "Restored. Its clocks go on as before.",
    "interpreter": "Saved: an interpreter is seen to.",
    "record": "Saved. A task says by when they must have their record.",
    "same_family": "Saved: the same family. Nothing was merged.",
    "not_same_family": "Saved: not the same family.",
    "undo_family": "Taken back. Look again at whether it is the same family.",
    "split": "There are two enquiries now. The second is yours.",
    "keep_whole": "Saved: it is one enquiry.",
    "enquiry_fold": "Folded. What they say next comes here, and the earlier of the two promises holds.",
    "enquiry_unfold": "Unfolded. It stands where it stood, with its own dates.",
    "deadline": "The dates are saved.",
    "facts": "Saved. What it said before stays on record.",
}
