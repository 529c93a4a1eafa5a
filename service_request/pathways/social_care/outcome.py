"""What is said of a decision to the one who asked: to a professional in full, to others what comes next (GL-14)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service_request.domain.standing import ReferralKind
from service_request.pathways.social_care.rules import ContactReason, LineChoice, ReferralAction, Standing

ASSESS = "An initial assessment will be done."
ASK_FAMILY = "Ask the family whether they agree to another service beside it, and tell us when they do."
TAKEN_BACK = "Closed, as you asked"
TAKEN_BACK_LEAD = "You asked us to take this request back. A person read why, and closed it. Nobody works on it."


@dataclass(frozen=True)
class DecidedRow:
    """What was decided for one subject, and what became of it at once.

    `with_locality`: early help was passed on. `seek_agreement` and `carry_out_caf`: what the referrer is asked (GL-12).
    """

    number: int
    label: str
    choice: LineChoice
    kind: ReferralKind | None = None
    with_locality: bool = False
    seek_agreement: bool = False
    carry_out_caf: bool = False


@dataclass(frozen=True)
class Done:
    """One action taken. `plain` names nobody: it is read by those who may not have the form back."""

    at: datetime
    words: str
    plain: str = ""


@dataclass(frozen=True)
class OutcomeWords:
    """The whole outcome as kept: the page and the form returned take theirs from it."""

    rows: tuple[DecidedRow, ...]
    why: str
    decided_at: datetime
    decided_by: str
    decided_by_title: str
    is_corrected: bool
    actions: tuple[Done, ...] = field(default_factory=tuple)


def headline(rows: Sequence[DecidedRow]) -> str:
    """Return the decision as a sentence: "Both children: accepted as referrals"."""
    if not rows:
        return TAKEN_BACK
    standings = {row.choice.standing for row in rows}
    if len(standings) > 1:
        return "A different decision for each child"
    who = {1: "", 2: "Both children: "}.get(len(rows), f"All {len(rows)} children: ")
    if Standing.REFERRAL in standings:
        kinds = {row.kind for row in rows}
        words = "re-referral" if kinds == {ReferralKind.RE_REFERRAL} else "referral"
        said = f"accepted as a {words}" if len(rows) == 1 else f"accepted as {words}s"
    else:
        said = "kept as a contact" if len(rows) == 1 else "kept as contacts"
    return who + said if who else said[0].upper() + said[1:]


def lead(rows: Sequence[DecidedRow]) -> str:
    """Return what happens next when it is the same for every child, else nothing."""
    if not rows:
        return TAKEN_BACK_LEAD
    said = {action_words(row) for row in rows}
    return said.pop() if len(said) == 1 else ""


def decision_words(row: DecidedRow) -> str:
    """Return what a subject became."""
    if row.choice.standing is Standing.CONTACT:
        return "Kept as a contact"
    return "Accepted as a re-referral" if row.kind is ReferralKind.RE_REFERRAL else "Accepted as a referral"


_ACTIONS = {
    ReferralAction.INITIAL_ASSESSMENT: ASSESS,
    ReferralAction.PROVIDE_INFORMATION: "Information will be provided.",
    ReferralAction.OTHER: "Other action will be taken.",
    ReferralAction.NONE: "No further action will be taken.",
}
_REASONS = {
    ContactReason.ANONYMOUS: "The child stays anonymous. Send a named request if you become more worried.",
    ContactReason.SIGNPOST: "Another service can help better.",
    ContactReason.OPEN_CASE: "What you told us is passed to those who already work with this child.",
    ContactReason.INFORMATION: "What you asked is answered.",
    ContactReason.CRITERIA: "The criteria for social care are not met.",
}


def action_words(row: DecidedRow) -> str:
    """Return what is done for a subject, and what the referrer is asked to do."""
    if row.choice.action is not None:
        asks = f" {ASK_FAMILY}" if row.seek_agreement else ""
        return _ACTIONS[row.choice.action] + asks
    assert row.choice.contact_reason is not None
    said = [_REASONS[row.choice.contact_reason]]
    if row.with_locality:
        said.append("The locality team for the address is asked to offer early help.")
    if row.seek_agreement:
        said.append("Ask the family whether they agree to early help, and tell us when they do.")
    if row.carry_out_caf:
        said.append("We ask you to carry out a common assessment (CAF), since low risk may grow.")
    return " ".join(said)


_NEXT_FOR_FAMILY = {
    ReferralAction.INITIAL_ASSESSMENT: "A social worker will speak with you about what help is needed.",
    ReferralAction.PROVIDE_INFORMATION: "We will send you information that may help.",
    ReferralAction.OTHER: "A worker will speak with you about what happens next.",
    ReferralAction.NONE: "We do not plan to do more now. Tell us if things change.",
    ContactReason.ANONYMOUS: "You gave no name, so we cannot do more. You can ask again at any time.",
    ContactReason.SIGNPOST: "Another service can help better. Ring the helpdesk and we will tell you which.",
    ContactReason.OPEN_CASE: "What you told us is passed to the worker you already have.",
    ContactReason.INFORMATION: "Ring the helpdesk if you want to talk through the information you asked for.",
    ContactReason.CRITERIA: "A social worker is not needed now. Tell us if things change.",
}
_EARLY_HELP = "A local team will offer you early help. You can say yes or no."
_ASK_AGREEMENT = "We can offer you early help if you agree. Ring the helpdesk and say that you do."


def next_for_family(rows: Sequence[DecidedRow]) -> list[str]:
    """Return what happens next for a family that asked for itself, each thing once (GL-14, GL-16)."""
    said: list[str] = []
    for row in rows:
        option = row.choice.action or row.choice.contact_reason
        assert option is not None
        words = _NEXT_FOR_FAMILY[option]
        if row.choice.action is None:
            words = _EARLY_HELP if row.with_locality else _ASK_AGREEMENT if row.seek_agreement else words
        if words not in said:
            said.append(words)
    return said


NEXT_FOR_PUBLIC = (
    "We cannot tell you what was decided about another family.",
    "Tell us if you see or hear something new.",
)
CONSIDERED = "What you told us was considered"


def body_for_professional(words: OutcomeWords) -> dict[str, Any]:
    """Return all that was decided, for the page and for the form returned."""
    return {
        "h1": headline(words.rows),
        "lead": lead(words.rows),
        "rows": [
            {
                "number": row.number,
                "label": row.label,
                "decision": decision_words(row),
                "action": action_words(row),
                "code": row.choice.code,
                "kind": row.kind.value if row.kind else None,
            }
            for row in words.rows
        ],
        "why": words.why,
        "decided_at": words.decided_at.isoformat(),
        "decided_by": words.decided_by,
        "decided_by_title": words.decided_by_title,
        "is_corrected": words.is_corrected,
        "next": [],
        **_actions(words.actions),
    }


def body_for_family(words: OutcomeWords) -> dict[str, Any]:
    """Return that what they said was considered, and what happens next for them; nothing of anybody else."""
    return _heard(words, next_for_family(words.rows))


def body_for_public(words: OutcomeWords) -> dict[str, Any]:
    """Return that what they said was considered; a decision about another family is not theirs to read."""
    return _heard(words, list(NEXT_FOR_PUBLIC))


def _heard(words: OutcomeWords, what_next: list[str]) -> dict[str, Any]:
    return {
        "h1": CONSIDERED,
        "lead": "",
        "rows": [],
        "why": "",
        "decided_at": words.decided_at.isoformat(),
        "decided_by": "",
        "decided_by_title": "",
        "is_corrected": words.is_corrected,
        "next": what_next,
        **_actions(()),
    }


def _actions(actions: Sequence[Done]) -> dict[str, Any]:
    return {
        "actions": [[done.at.isoformat(), done.words] for done in actions],
        "actions_plain": [[done.at.isoformat(), done.plain or done.words] for done in actions],
    }


def with_action(body: dict[str, Any], done: Done) -> dict[str, Any]:
    """Return the body with one more action taken, in the order of time."""
    more = _actions((done,))
    return {
        **body,
        **{name: sorted([*body.get(name, []), *more[name]], key=lambda line: str(line[0])) for name in more},
    }


def without_the_form(body: dict[str, Any]) -> dict[str, Any]:
    """Return what was done and no more: for a professional whose address nothing proves (GL-14)."""
    rows = [{**row, "label": f"Child {row['number']}", "kind": None} for row in body.get("rows", [])]
    for row in rows:
        if row["code"].startswith(Standing.REFERRAL):
            row["decision"] = "Accepted as a referral"
    h1 = body["h1"].replace("re-referral", "referral")
    return {**body, "h1": h1, "rows": rows, "why": "", "actions": body.get("actions_plain", [])}
