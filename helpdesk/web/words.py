"""What the staff pages call things."""

from __future__ import annotations

from helpdesk.web import enquiry_words
from service_request.domain.consent import Agrees, Told
from service_request.models import ClockKind, OutcomeState, ReferrerKind, TaskKind
from service_request.services.sight.queue_views import View

TOLD_SHORT: dict[Told, str] = {
    Told.YES: "Told: yes",
    Told.NOT_YET: "Told: not yet",
    Told.RISK: "Not told: risk",
    Told.IN_PRINCIPLE: "No need to tell",
    Told.NOT_ESTABLISHED: "Told: not established",
    Told.OVERRIDE: "Told: overridden",
}
TOLD_LONG: dict[Told, tuple[str, str]] = {  # the answer, and what it means for a decision (GL-7)
    Told.YES: ("Yes.", "You can accept"),
    Told.NOT_YET: ("Not yet.", "To accept, record that they were told, or an override"),
    Told.RISK: ("No, telling them is a risk.", "You can accept"),
    Told.IN_PRINCIPLE: ("Talked through without names.", "A child without a name stays a contact"),
    Told.NOT_ESTABLISHED: ("Not established.", "To accept, record that they were told, or an override"),
    Told.OVERRIDE: ("Overridden by a manager.", "You can accept"),
}
AGREES_LONG: dict[Agrees, str] = {
    Agrees.YES: "Yes.",
    Agrees.NO: "No.",
    Agrees.NOT_ASKED: "Not asked.",
}
WHO_LABELS = {
    "parent": "A parent or carer",
    "both_parents": "Both parents",
    "young_person": "The young person",
}
VIEW_TITLES: dict[View, str] = {
    View.OPEN: "All open",
    View.MINE: "Mine",
    View.UNCLAIMED: "Unclaimed",
    View.TRIAGE: "In triage",
    View.WAITING: "Waiting for referrer",
    View.DECISION: "Waiting for decision",
    View.DECIDED: "Decided",
    View.CLOSED: "Closed",
    View.SET_ASIDE: "Set aside or folded",
}
REQUEST_VIEWS = (View.OPEN, View.MINE, View.UNCLAIMED, View.TRIAGE, View.WAITING, View.DECISION)
DONE_VIEWS = (View.DECIDED, View.CLOSED, View.SET_ASIDE)
VIEW_EMPTY: dict[View, str] = {
    View.OPEN: "Nothing is waiting. Each new request comes to this list.",
    View.MINE: "You hold no request. What you claim comes to this list.",
    View.UNCLAIMED: "Somebody holds every request. A new one comes here until it is claimed.",
    View.TRIAGE: "Nothing is in triage. A request comes here when somebody claims it.",
    View.WAITING: "No referrer was asked. A request comes here when you ask for what is missing, until it is answered.",
    View.DECISION: "Nothing waits for a decision. A request comes here when the helpdesk passes it to a manager.",
    View.DECIDED: "Nothing is here. A request comes to this list when every child has a decision, until it is closed.",
    View.CLOSED: "Nothing is closed yet. A request closes when the outcome was told and every team has finished.",
    View.SET_ASIDE: "Nothing is set aside or folded. Junk and wrong numbers come here, and can come back.",
}
CLOCK_LABELS: dict[ClockKind, str] = {
    ClockKind.DECISION: "Decision",
    ClockKind.ACKNOWLEDGE: "Acknowledge",
    ClockKind.WRITTEN_FORM: "Written form",
    ClockKind.ANSWER: "Answer",
    **enquiry_words.CLOCK_LABELS,
}
AREA_REASONS = {
    "postcode": "by the postcode",
    "chosen": "as the referrer chose it",
    "default": "no address given: the default area decides",
    "outside": "the address is outside every area: the default area decides",
}
KIND_OF_REFERRER: dict[ReferrerKind, str] = {
    ReferrerKind.PROFESSIONAL: "Professional",
    ReferrerKind.FAMILY: "Family, asking for themselves",
    ReferrerKind.CHILD: "Child or young person, asking for themselves",
    ReferrerKind.PUBLIC: "Member of the public",
    ReferrerKind.STAFF: "Member of staff",
}
OUTCOME_WORDS: dict[OutcomeState, str] = {
    OutcomeState.OWED: "on its way to the referrer",
    OutcomeState.SENT: "told to the referrer",
    OutcomeState.FAILED: "could not be delivered",
    OutcomeState.NOT_DELIVERABLE: "nobody can be told",
}
SAFE_WORDS = {
    "yes": "Safe to reach them there",
    "no": "Not safe to reach them there: write and ring nothing",
    "unset": "Nobody has said whether it is safe to reach them there",
}
# (title in the list, what comes here, what to do next)
# In the order in which the lists name them: what cannot wait stands first.
TASK_WORDS: dict[TaskKind, tuple[str, str, str]] = {
    **enquiry_words.TASK_WORDS,
    TaskKind.CALL_BACK: (
        "Call back",
        "Somebody who must be told by phone, since we may not write to them.",
        "Ring them, tell them what was decided, and record it.",
    ),
    TaskKind.DELIVERY_FAILED: (
        "Could not deliver",
        "An email that the other mail server refused.",
        "Check the address with the referrer. Tell them the outcome by phone, or record why nobody can be told.",
    ),
    TaskKind.HANDED_BACK: (
        "Handed back",
        "What a team gave back to the helpdesk.",
        "Read why it came back. Send it to another team, ask the manager for a new decision, or ring the team.",
    ),
    TaskKind.NOT_ACKNOWLEDGED: (
        "Not acknowledged",
        "What a team has not taken on in time.",
        "Ring the team. They can still acknowledge it.",
    ),
    TaskKind.UNREADABLE: (
        "Could not read",
        "A message that the system cannot understand.",
        "Read it, and make it a request or a message.",
    ),
    TaskKind.CHASE: (
        "Chase",
        "What a referrer was asked and has not answered after every reminder, a written form that has not followed a "
        "call, or a referral whose team has not said when it closed.",
        "Ring the referrer, then say on the request that it is answered, or go on without it. A team says on its own "
        "page when a referral closed.",
    ),
    TaskKind.ASK_AGREEMENT: (
        "Ask for agreement",
        "A family that must agree before a locality team or a provider can help.",
        "A professional was asked by email to seek it, and is reminded. Ring anybody else. Record the answer under "
        "Consent.",
    ),
    TaskKind.ASK_CAF: (
        "Ask for an assessment",
        "A professional who is asked to carry out a common assessment (CAF).",
        "They were asked by email and are reminded: their answer ends this. Ring them if the request shows no email.",
    ),
    TaskKind.NO_DESTINATION: (
        "Nowhere to send it",
        "A decision for which no team is set up.",
        "Find the team by phone, tell them, and tell the administrator to add the team.",
    ),
    TaskKind.PDF_FAILED: (
        "Form not made",
        "A form for the referrer that could not be made as a file.",
        "Tell the administrator. The referrer can read the outcome on the page.",
    ),
    TaskKind.NEW_INFORMATION: (
        "New information",
        "The referrer answered, changed or added something, or a form came for a request that is there already.",
        "Read it. If it is decided already and this changes anything, ask the manager to look at the decision again.",
    ),
    TaskKind.HELD_BACK: (
        "Held back",
        "A message that may say too much about a child or a family. It was stopped before it left.",
        "Read it. Send it as it is, or cancel it and tell them by another way. Until then its clocks go on.",
    ),
    TaskKind.FILE: (
        "Files to ask for",
        "A file that is withheld, has a password, or is lost.",
        "Open the request to see why. Ask whoever sent it for another copy. Do not ask them to email it.",
    ),
    TaskKind.SHARED: (
        "Shared by SENDIASS",
        "A concern about a child that SENDIASS shared with your team on purpose.",
        "Read it and act on it like any contact. What it says is all that SENDIASS can tell.",
    ),
    TaskKind.POSSIBLE_MATCH: (
        "May belong to another",
        "An email that names a reference in its subject. Nobody can tell by that alone whether it belongs there.",
        "Read both, and say whether it belongs to that one or stands by itself.",
    ),
    TaskKind.MAIL_DELAYED: (
        "Email is not coming in",
        "A mailbox of ours, or a mail in it, that cannot be read. Nothing is lost: it waits on the mail server.",
        "Tell the administrator at once. Until it is read again, read the mailbox itself for anything urgent.",
    ),
    TaskKind.GLASS_BROKEN: (
        "Opened in an emergency",
        "A request that somebody opened though it is not theirs to see, with a reason.",
        "Read the reason, ask them if you need to, and record whether it was right.",
    ),
    TaskKind.CONFIRM_AGENCY: (
        "Confirm the agency",
        "A referrer who chose an agency that we do not know by their address.",
        "Ring the agency on a number you know, and say on the request whether they work there.",
    ),
    TaskKind.WITHDRAW_ASKED: (
        "Wants to withdraw",
        "A referrer who wants to take a request back.",
        "Read why. Accept it, or go on with the request and say why.",
    ),
    TaskKind.WHY_LATE: (
        "Say why it was late",
        "A promise of ours that was broken.",
        "Say why, so that it can be counted and changed. The reason stays on the request.",
    ),
    TaskKind.ALERT: (
        "Look into",
        "Something the system could not do, such as mail that has waited for a quarter of an hour, or a trail that was "
        "altered.",
        "Tell the duty manager, the administrator and a service manager, who finds under Trail whether it was altered. "
        "Until mail goes out again, ring those who wait to hear from us.",
    ),
}
# What a page says at its top after something was done; the code comes with the redirect.
DONE_WORDS = {
    "why_late": "The reason is recorded.",
    "office_hours": "The hours are saved. They count for what begins from now on.",
    "office_day": "The day is saved. It counts for what begins from now on.",
    "office_day_out": "The day is as its weekday says again.",
    "turn_added": "They are on the rota.",
    "turn_ended": "The turn is taken out of the rota.",
    "claim": "You have claimed this request.",
    "release": "You no longer hold this request. It waits to be claimed.",
    "note": "Your note is saved.",
    "call": "Your call is logged.",
    "mail": "Your email is on its way.",
    "asked": "The referrer is asked. The time to decide runs on.",
    "answered": "It is answered. Nothing more is chased.",
    "gave_up": "It goes on without the answer. Nothing more is chased.",
    "mail_written_down": "It is a service request now. Its time to decide runs on.",
    "form_asked": "The link to the form is on its way. What they send completes this request.",
    "mail_opened": "It is taken up now. The time to answer runs from when it reached us.",
    "mail_kind": "What you said of this email is kept.",
    "mail_joined": "The email stands here now.",
    "mail_apart": "It stands by itself. The other one was told nothing.",
    "pass": "Passed to the manager. The clock goes on.",
    "return": "Returned to the helpdesk. The clock goes on.",
    "text_opened": "This is a request now. Its 24 hours run from when it reached us.",
    "text_set_aside": "Set aside. It is kept, and is no request.",
    "set_aside": "Set aside. It can be restored at any time.",
    "restore": "Restored. Its clock goes on as before.",
    "fold": "Folded into this request. It is decided for both, by the earlier of the two due times.",
    "unfold": "Unfolded. It stands where it stood, with its own clock.",
    "kept_apart": "It is a request of its own. Its clock goes on.",
    "added_late": "Added here. The manager is asked to look at the decision again.",
    "noted": "Noted. It is set aside, and can be restored at any time.",
    "sent_on_late": "Passed on, as was decided. It is open again until the team has ended its work.",
    "opened_anew": "This is a new request now. Its 24 hours run from when it reached us.",
    "agency": "What the agency said is saved.",
    "let_go": "Closed, as the referrer asked. We tell them.",
    "gone_on": "We go on with it. We tell the referrer, and not why.",
    "confirm": "The referrer is confirmed. The form can go back to this address.",
    "open_case": "Your check is saved.",
    "checks": "Your checks are saved. The manager sees them when deciding.",
    "consent": "The answer is saved beside the earlier ones.",
    "same": "Saved: the same child.",
    "not_same": "Saved: not the same child.",
    "undone": "The answer is taken back. Look again at whether this is the same child.",
    "decide": "The decision is saved.",
    "part": "The decision is saved for these children. The others still wait.",
    "draft": "Your draft is saved. Only you can see it.",
    "close": "This request is closed.",
    "acknowledge": "Acknowledged. The helpdesk sees that you have it.",
    "hand_back": "Handed back to the helpdesk.",
    "finish": "Saved as done. The referrer will see what you did.",
    "closed_referral": "The referral is closed.",
    "send": "Sent. The team is told by email.",
    "task": "Marked as done.",
    "released": "It is on its way.",
    "cancelled": "Cancelled. It will not be sent.",
    "restrict": "Only the people below see this request now.",
    "unrestrict": "Everybody sees this request again whose work shows it to them.",
    "bar": "They see nothing of this request any more.",
    "lift": "They see this request again as their role shows it.",
    "give": "Given. It is under “Given to you” on their pages.",
    "end_sight": "Ended. They see nothing of it any more.",
    "out_of_sight": "Saved. You do not see that request any more.",
    "glass_ended": "Ended. You do not see that request any more.",
    "reviewed": "Recorded.",
    "told": "Recorded: they were told by phone.",
    "shared": "Shared. The team has a new contact from SENDIASS; the timeline below says what they were told.",
    "cannot_tell": "Recorded: nobody can be told.",
    **enquiry_words.DONE,
}
