"""The acts of the trail and the messages, each as one plain line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from helpdesk.domain.closures import NOT_TOLD_LABELS, NotToldReason
from helpdesk.domain.sight_reasons import EMERGENCY_LABELS, Emergency
from helpdesk.web import enquiry_words
from helpdesk.web.set_aside import OF_ITSELF
from infrastructure.outbox.models import MessageState
from infrastructure.trail import ActorKind
from infrastructure.web.say_time import public_moment, staff_moment
from service_request.domain.standing import KIND_LABELS, ReferralKind
from service_request.domain.states import RequestState
from service_request.models import (
    AskedKind,
    AskedState,
    Channel,
    ClockKind,
    Direction,
    SimilarityState,
    TaskKind,
)
from service_request.pathways.sendiass.codes import LEVEL_LABELS, Level
from service_request.pathways.sendiass.rules import (
    CLOSE_LABELS,
    NOT_AN_ENQUIRY_LABELS,
    REOPEN_LABELS,
    CloseReason,
    NotAnEnquiry,
    ReopenReason,
)
from service_request.pathways.social_care.codes import FormKind, lower_first
from service_request.pathways.social_care.forms import plain_titles
from service_request.services.part_events import SENT_WITH
from service_request.services.sight.timeline import Happening, Said

CHANNELS: dict[str, str] = {
    Channel.WEB: "by web form",
    Channel.CHAT: "by chat",
    Channel.SMS: "by text",
    Channel.WHATSAPP: "by WhatsApp",
    Channel.PHONE: "by phone",
    Channel.VOICEMAIL: "by voicemail",
    Channel.EMAIL: "by email",
    Channel.IN_PERSON: "in person",
    Channel.API: "from another system",
    Channel.SHARE: "from SENDIASS, which shared a concern",
}
# What each act was; {by} is who did it.
ACTS: dict[str, str] = {
    "receive": "Received {channel}",
    "start": "Claimed by {by}",
    "claim": "Claimed by {by}",
    "release": "Released by {by}",
    "pass": "Passed to the manager by {by}",
    "return": "Returned to the helpdesk by {by}",
    "give_up": "Given up by {by}: in triage again",
    "owe_asking": "The referrer is to be asked for {asked}",
    "end_asked": "{asked_ended}",
    "resume_asked": "The referrer is asked for {asked} again",
    "chase": "The referrer was reminded of {asked}",
    "add_answers": "{added}",
    "sent_with_part": "{part}",
    "set_aside": "Set aside by {by}{reason}",
    "restore": "Restored by {by}",
    "confirm_referrer": "Referrer confirmed by phone by {by}",
    "chase_closure": "Team asked when the referral closed",
    "make_checks": "Checks recorded by {by}",
    "check_open_case": "Case system looked up by {by}: {found}",
    "consent": "Consent recorded by {by}",
    "record_consent": "Consent recorded by {by}",
    "begin_form": "The written form was begun by {by}, whose address was proven by code",
    "complete": "The written form came, and completes this request",
    "find_similar": "{alike}",
    "answer_similarity": "{same} by {by}",
    "decide": "Some children decided by {by}",
    "decide_last": "Decided by {by}",
    "supersede": "A new decision by {by} replaced the one before",
    "accept": "Accepted as a {kind} by {by}",
    "assign": "Sent to a team",
    "assignment_acknowledge": "Acknowledged by {by}",
    "assignment_finish": "Done, says {by}",
    "assignment_hand_back": "Handed back by {by}{reason}",
    "assignment_lapse": "Not acknowledged in time",
    "assignment_withdraw": "Taken back from the team",
    "close_referral": "Referral closed by {by}",
    "owe_outcome": "Outcome written for the referrer",
    "form_returned": "The form for the referrer is made",
    "form_returned_failed": "The form for the referrer could not be made",
    "form_returned_dropped": "The form is not made any more: what it said was erased",
    "add_files": "{files} added by {by}",
    "file_withheld": "A file is withheld",
    "file_cannot_scan": "A file has a password and cannot be checked",
    "file_missing": "A file is lost",
    "tell_outcome": "{telling}",
    "warn_clock": "{warned}",
    "escalate_clock": "{escalated}",
    "say_why_late": "Why it was late was recorded by {by}",
    "finish_task": "Task done by {by}: {task}",
    "hold_message": "A message was held back before it left: it may say too much",
    "release_message": "The message that was held back was read, and sent as it is, by {by}",
    "cancel_message": "The message that was held back was cancelled by {by}",
    "close": "Closed{closer}{reason}",
    "write_down": "Written down as a service request by {by}",
    "ask_form": "The sender was asked for the written form by {by}",
    "override": "Override recorded by {by}",
    "write_mail": "Email written by {by}",
    "open_mail": "{by} said that a person wrote the email, and took it up",
    "answer_match": "{belongs} by {by}",
    "join_mail": "An email was brought here by {by}",
    "hand_over": "Handed over to SENDIASS by {by}",
    "share": "Concern shared with a team outside by {by}",
    "fold": "Folded into another request about the same child by {by}",
    "unfold": "Unfolded by {by}: it stands by itself again, with its own clock",
    "take_in": "Another request about the same child was folded into this one by {by}",
    "let_out": "A request that was folded into this one was unfolded by {by}",
    "hear_folded": "Something came for a request that was folded into this one",
    "keep_apart": "Said to be a new request by {by}, though it came after another had ended",
    "add_late": "What came later was added here by {by}",
    "send_on": "The family agrees: passed on as was decided, and opened for it by {by}",
    "open_anew": "A new request was made of what came later, by {by}",
    "withdraw": "Closed by {by}, as the referrer asked",
    "ask_withdraw": "The referrer asked to take it back",
    "go_on": "{by} goes on with it, though the referrer wants it back",
    "confirm_agency": "The agency knows the referrer, says {by} after a call",
    "deny_agency": "The agency does not know the referrer, says {by} after a call",
    "restrict": "Restricted by {by}: only people who are named see it",
    "unrestrict": "Restriction ended by {by}",
    "bar": "{by} said that a colleague is connected with the family: they are barred",
    "lift_bar": "A colleague barred no longer, by {by}",
    "give_sight": "Somebody was given sight by {by}",
    "end_sight": "Sight that was given was ended by {by}",
    "break_glass": "Opened in an emergency by {by}{emergency}",
    "end_glass": "Emergency sight ended by {by}",
    "review_glass": "{verdict} by {by}",
    **enquiry_words.ACTS,
}
SENT_BACK: dict[tuple[str, str | None], str] = {  # an enquiry has acts of these names as well
    ("ask", RequestState.AWAITING_INFORMATION): "Sent back to the referrer by {by}",
    ("answer", RequestState.IN_TRIAGE): "{answered}: in triage again",
}
LOOK, HEARD = "find_similar", "hear"
RIGHT, NOT_RIGHT = "Said to have been opened rightly", "Said to have been opened wrongly"
SAME, NOT_SAME = "Said to be the same child", "Said not to be the same child"
BELONGS, STANDS_ALONE = "Said to belong to another request", "Said to stand by itself"
WARNED: dict[str, str] = {
    ClockKind.DECISION: "Manager warned that the time to decide is running out",
    ClockKind.ACKNOWLEDGE: "Team reminded to acknowledge",
    ClockKind.WRITTEN_FORM: "Warned that the written form has not come yet",
    ClockKind.ANSWER: "Told that the referrer has not answered",
    **enquiry_words.WARNED,
}
ESCALATED: dict[str, str] = {
    ClockKind.DECISION: "Not decided in time: next in line told",
    ClockKind.ACKNOWLEDGE: "Not acknowledged in time: next in line told",
    ClockKind.WRITTEN_FORM: "The written form has not come: a task for the helpdesk",
    ClockKind.ANSWER: "The referrer has not answered: a task for the helpdesk",
    **enquiry_words.ESCALATED,
}
ASKED: dict[str, str] = {
    AskedKind.DETAILS: "more about the request",
    AskedKind.AGREEMENT: "the family’s agreement",
    AskedKind.CAF: "a common assessment",
    AskedKind.WRITTEN_FORM: "the written form",
}
ENDED = (AskedState.ANSWERED, AskedState.GIVEN_UP)  # of what sent the request back: the request's own act says so
SHOWN_BY_A_MESSAGE = frozenset({"chase", "note", "write_mail", "contact_attempt", "return", "share", "change_facts"})
MAILS: dict[str, str] = {
    "reply": "text",
    "acknowledgement": "email: reference and what happens next",
    "call_received": "email: reference, and the link to the written form",
    "form_received": "email: the form was received",
    "form_wished": "email: the link to the written form",
    "asked": "email: the link to what we ask",
    "asked_again": "email: a reminder of what we asked",
    "form_wished_again": "email: a reminder of the written form",
    "outcome": "email: link to the outcome",
    "passed_on": "email: passed on to SENDIASS",
    "changes_received": "email: their changes came",
    "withdraw_asked": "email: what becomes of their wish to take it back",
    "withdraw_declined": "email: we go on with it",
    "mail": "email",
    "mail_link": "email: link to this message",
}
NOTES: dict[str, str] = {
    "note": "Note",
    "returned": "Returned to the helpdesk",
    "gave_up": "Why it goes on without an answer",
    "shared": "Concern shared with a team outside",
    "message_released": "Why a message that was held back was sent",
    "message_cancelled": "Told by another way than the message held back",
    "call_reached": "Call to the referrer",
    "call_not_reached": "Call to the referrer, not reached",
    "sight": "Who may see it",
    "glass": "Opened in an emergency",
    "facts_changed": "What is known was changed",
    "folded": "Why it is one request with another that came on another day",
}
STATES: dict[MessageState, str] = {
    MessageState.WAITING: "Waiting to be sent",
    MessageState.TRYING_AGAIN: "Trying again",
    MessageState.SENT: "Sent",
    MessageState.DELIVERED: "Delivered",
    MessageState.FAILED: "Failed",
    MessageState.HELD: "Held back: it may say too much",
    MessageState.CANCELLED: "Cancelled before it was sent",
}


def words_of_act(one: Happening) -> str:
    """Return an act in a line; an act nobody named yet is told by its code, never left out."""
    by_its_code = one.act.replace("_", " ").capitalize() + " by {by}"
    template = SENT_BACK.get((one.act, one.to_state)) or ACTS.get(one.act, by_its_code)
    return template.format(by=_who(one), **_facts(one))


def as_one_look(happenings: Sequence[Happening]) -> list[Happening]:
    """Return the acts with the looks for each child, one after the other, put into one (EV-4)."""
    kept: list[Happening] = []
    for one in happenings:
        if kept and one.act == kept[-1].act == LOOK:
            found = (kept[-1].facts.get("found") or 0) + (one.facts.get("found") or 0)
            kept[-1] = replace(kept[-1], facts={**kept[-1].facts, "found": found})
        else:
            kept.append(one)
    return kept


def as_heard_once(happenings: Sequence[Happening]) -> list[Happening]:
    """Return the acts, the latest first; what they wrote between two acts of ours is one line: each message is read."""
    kept: list[Happening] = []
    heard: int | None = None
    for one in happenings:
        if one.act == HEARD and heard is not None:
            kept[heard] = replace(kept[heard], facts={"times": kept[heard].facts.get("times", 1) + 1})
            continue
        heard = len(kept) if one.act == HEARD else None if one.actor_kind is ActorKind.USER else heard
        kept.append(one)
    return kept


def is_shown_by_a_message(one: Happening) -> bool:
    """Tell whether the words of this act stand in the timeline as a note or a call, or as another act of its moment."""
    kind, state = one.facts.get("kind"), one.facts.get("state")
    moved = one.act == "end_asked" and kind == AskedKind.DETAILS and state in ENDED
    asked = one.act == "owe_asking" and kind in (AskedKind.DETAILS, AskedKind.WRITTEN_FORM)
    return moved or asked or one.act in SHOWN_BY_A_MESSAGE


def words_of_message(one: Said, referrer: str, now: datetime) -> tuple[str, str]:
    """Return the head and the rest of a message's first line: ("To Samina Rahman", "email: ... Sent today 16:06")."""
    if one.direction is Direction.OUT:
        state = STATES.get(one.state, "") if one.state else ""
        if one.state is MessageState.SENT and one.sent_at:
            state = f"Sent {staff_moment(one.sent_at, now)}"
        return f"To {one.to or referrer}", f"{MAILS.get(one.kind, 'email')}. {state}".rstrip(". ")
    if one.direction is Direction.IN:
        return f"From {referrer}", ""
    head = NOTES.get(one.kind, one.kind.replace("_", " ").capitalize())
    return head, f"by {one.by or 'the system'}. Staff only, never sent"


def _who(one: Happening) -> str:
    if one.actor_kind is ActorKind.REFERRER:
        return "the referrer"
    return one.by or "the system"


def _facts(one: Happening) -> dict[str, str]:
    facts = one.facts
    return {
        "channel": CHANNELS.get(str(facts.get("channel", "")), ""),
        "reason": f": {lower_first(one.reason)}" if one.reason else _reason(facts),
        "found": {"none": "no open case", "open_elsewhere": "a case is open"}.get(str(facts.get("found")), "done"),
        "kind": KIND_LABELS[ReferralKind(facts["kind"])].lower() if facts.get("kind") in set(ReferralKind) else "",
        "same": SAME if one.to_state == SimilarityState.CONFIRMED else NOT_SAME,
        "warned": WARNED.get(str(facts.get("kind")), "Warned that the time is running out"),
        "escalated": ESCALATED.get(str(facts.get("kind")), "Told that the time has run out"),
        "belongs": BELONGS if facts.get("belongs") else STANDS_ALONE,
        "asked": ASKED.get(str(facts.get("kind")), "more"),
        "asked_ended": _asked_ended(one),
        "answered": "Answered by the referrer"
        if one.actor_kind is ActorKind.REFERRER
        else f"Said to be answered by {one.by}",
        "added": _added(one),
        "part": _part(facts) if one.act == SENT_WITH else "",
        "alike": _alike(facts.get("found")),
        "telling": _telling(one),
        "task": str(facts.get("kind", "")).replace("_", " ") if facts.get("kind") in set(TaskKind) else "",
        "times": f", {facts['times']} times" if facts.get("times") else "",
        "files": "1 file" if facts.get("count") == 1 else f"{facts.get('count')} files",
        "emergency": _emergency(facts.get("reason")),
        "verdict": RIGHT if facts.get("verdict") == "right" else NOT_RIGHT,
        "level": _level(facts.get("level")),
        "reached": "Reached: they answered" if one.actor_kind is ActorKind.REFERRER else f"Reached by {_who(one)}",
        "told": _people(facts.get("told")),
        "closer": "" if one.actor_kind is ActorKind.SYSTEM else f" by {one.by}",
    }


def _reason(facts: dict[str, Any]) -> str:
    code = facts.get("reason")
    if code in OF_ITSELF:
        return f": {OF_ITSELF[str(code)].lower()}"
    if code in set(NotAnEnquiry):
        return f": {NOT_AN_ENQUIRY_LABELS[NotAnEnquiry(str(code))].lower()}"
    if code in set(CloseReason):
        return f": {CLOSE_LABELS[CloseReason(str(code))].lower()}"
    if code in set(ReopenReason):
        return f": {REOPEN_LABELS[ReopenReason(str(code))].lower()}"
    return ""


def _level(code: Any) -> str:
    return f" to {LEVEL_LABELS[Level(str(code))].lower()}" if code in set(Level) else ""


def _people(told: Any) -> str:
    return "1 person" if told == 1 else f"{told or 0} people"


def _emergency(code: Any) -> str:
    return f": {EMERGENCY_LABELS[Emergency(str(code))].lower()}" if code in set(Emergency) else ""


def _alike(found: Any) -> str:
    said = "Looked for earlier requests about these children"
    if not found:
        return f"{said}: no child looks alike"
    return f"{said}: {found} child looks alike" if found == 1 else f"{said}: {found} children look alike"


def _asked_ended(one: Happening) -> str:
    asked = ASKED.get(str(one.facts.get("kind")), "more")
    said = {AskedState.ANSWERED: "is there", AskedState.GIVEN_UP: f"was given up by {_who(one)}"}
    state = one.facts.get("state")
    words = said[AskedState(str(state))] if state in said else "is not asked of the referrer any more"
    return f"{asked[:1].upper()}{asked[1:]} {words}"


def _added(one: Happening) -> str:
    count = len(one.facts.get("fields") or ())
    answers = "1 answer" if count == 1 else f"{count} answers"
    return f"{'Changed' if one.facts.get('why') == 'amend' else 'Added'} by {_who(one)}: {answers}"


def _part(facts: dict[str, Any]) -> str:
    """Say which pages of the form a colleague of the referrer was asked for, and what came of it (GL-14)."""
    titles = "; ".join(plain_titles(FormKind(facts["kind"]), facts["pages"]))
    asked_at, done_at, taken_back_at = (
        public_moment(datetime.fromisoformat(facts[name])) if facts.get(name) else ""
        for name in ("asked_at", "done_at", "taken_back_at")
    )
    ended = f"done {done_at}" if done_at else f"taken back {taken_back_at}" if taken_back_at else "not said to be done"
    return f"A colleague of the referrer was asked for a part of the form ({titles}), {asked_at}: {ended}"


def _telling(one: Happening) -> str:
    if one.to_state == "sent":
        return "Outcome told to the referrer" if not one.by else f"Outcome told by phone by {one.by}"
    if one.to_state == "failed":
        return "The email with the outcome could not be delivered"
    code = str(one.facts.get("reason") or "")
    why = NOT_TOLD_LABELS[NotToldReason(code)].lower() if code in set(NotToldReason) else "recorded"
    return f"Nobody can be told the outcome: {why}"
