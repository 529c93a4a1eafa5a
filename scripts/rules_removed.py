"""The rules that `make mutants` takes out, one at a time: where each stands, and what stands there then."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Removed:
    """A rule without which the product goes on: its words at one place, and what takes their place."""

    rule: str
    promise: str
    place: str
    words: str
    instead: str


REMOVED = (
    Removed(
        "GL-1",
        "The written form completes the request of the call",
        "service_request/services/completing.py",
        "    if draft.completes_id is not None:\n        return get_for_holder(session, draft.completes_id, lock=True)",
        "    if draft.completes_id is not None:\n        return None",
    ),
    Removed(
        "GL-3",
        "What is missing is known with the request",
        "service_request/services/send_form.py",
        'missing = [f"{gap.key}/{gap.field}" for gap in forms.gaps(kind, answers, context)]',
        "missing: list[str] = []",
    ),
    Removed(
        "GL-4",
        "A later answer of the family counts",
        "service_request/services/consents.py",
        ".order_by(Consent.at.desc(), Consent.id.desc())",
        ".order_by(Consent.at.asc(), Consent.id.asc())",
    ),
    Removed(
        "GL-5",
        "A family that was not told stops the form",
        "service_request/domain/consent.py",
        "    if told in set(Told) or told not in extra_exceptions:\n        raise FamilyNotToldError",
        "    return",
    ),
    Removed(
        "GL-6",
        "A child without a name stays a contact",
        "service_request/domain/consent.py",
        "    if in_principle or anonymous:\n        raise NoNamesError\n",
        "",
    ),
    Removed(
        "GL-7",
        "No referral of a family that was not told without an override",
        "service_request/domain/consent.py",
        "        raise NotToldOnRecordError\n",
        "        return\n",
    ),
    Removed(
        "GL-8",
        "A decision is due after 24 hours",
        "service_request/domain/clocks.py",
        "DECISION_TIME = timedelta(hours=24)",
        "DECISION_TIME = timedelta(hours=25)",
    ),
    Removed(
        "GL-9",
        "The clock ends when the last child is decided",
        "helpdesk/services/decide.py",
        '        end_clock(session, ("request", request.id), ClockKind.DECISION, ClockEnd.MET, now)\n',
        "",
    ),
    Removed(
        "GL-10",
        "No further action closes the referral at once",
        "service_request/pathways/social_care/rules.py",
        "return self.action is ReferralAction.NONE\n\n\nLINE_CHOICES",
        "return False\n\n\nLINE_CHOICES",
    ),
    Removed(
        "GL-11",
        "A contact has one of five reasons",
        "service_request/pathways/social_care/rules.py",
        "if is_referral != (self.action is not None) or is_referral == (self.contact_reason is not None):",
        "if is_referral != (self.action is not None):",
    ),
    Removed(
        "GL-12",
        "Early help waits for the family's agreement",
        "service_request/domain/consent.py",
        "return has_override or agrees == Agrees.YES",
        "return has_override or agrees != Agrees.NO",
    ),
    Removed(
        "GL-13",
        "A re-referral is counted over twelve months",
        "service_request/domain/standing.py",
        "RE_REFERRAL_WINDOW = relativedelta(months=12)",
        "RE_REFERRAL_WINDOW = relativedelta(months=11)",
    ),
    Removed(
        "GL-14",
        "Nothing closes while the outcome is owed",
        "service_request/pathways/social_care/rules.py",
        "    if outcomes_owed:\n        raise OutcomeOwedError\n",
        "",
    ),
    Removed(
        "GL-14",
        "The form goes back only to an address that is proven",
        "service_request/services/outcomes.py",
        "        return without_the_form(body)\n",
        "        return body\n",
    ),
    Removed(
        "GL-16",
        "A family that asks for itself counts as told",
        "service_request/domain/consent.py",
        "return Told.YES if kind in {PublicKind.FAMILY, PublicKind.YOUNG_PERSON} else Told.NOT_ESTABLISHED",
        "return Told.NOT_ESTABLISHED",
    ),
    Removed(
        "GL-17",
        "A team acknowledges by the same time of the next working day",
        "service_request/domain/clocks.py",
        "    due_at = calendar.same_time_after(at, days)\n    words =",
        "    due_at = calendar.same_time_after(at, days + 1)\n    words =",
    ),
    Removed(
        "GL-18",
        "A child is under 18 on the day of receipt",
        "service_request/domain/people.py",
        "ADULT_AT = 18  # GL-18",
        "ADULT_AT = 19",
    ),
    Removed(
        "EV-1",
        "A text that no code can read waits for a person",
        "service_request/services/understanding/understand.py",
        "            _hold(session, row, now, house)\n        if row.wall",
        "        if row.wall",
    ),
    Removed(
        "EV-2",
        "Nobody is written to after they said that it is not safe",
        "service_request/services/outcomes.py",
        '    if referrer.safe == "no" and not is_professional:\n        return Way(reason="unsafe")\n',
        "",
    ),
    Removed(
        "EV-3",
        "A form sent twice is one request",
        "service_request/services/send_form.py",
        "receipt = _again(session, draft, digest) or _send(",
        "receipt = _send(",
    ),
    Removed(
        "EV-4",
        "A hint that a child was seen before is answered first",
        "helpdesk/services/decide.py",
        "    if has_open(session, request.id, by):\n        raise MatchesOpenError\n",
        "",
    ),
    Removed(
        "EV-5",
        "Each event carries the digest of the one before",
        "infrastructure/trail/events.py",
        "prev=last.hash if last else GENESIS,",
        "prev=GENESIS,",
    ),
    Removed(
        "EV-7",
        "What comes back runs on with the due time it had",
        "helpdesk/services/triage.py",
        "        go_on(session, request)\n",
        "",
    ),
    Removed(
        "EV-10",
        "Danger that is said in a form alerts a person at once",
        "service_request/services/send_form.py",
        '    if request.urgency == "danger":\n        alert_danger(session, request, now=now, house=house)\n',
        "",
    ),
    Removed(
        "GL-3",
        "What was asked and not answered is chased",
        "service_request/services/asking.py",
        "        asked.next_chase_at = _next_after(asked, now, house)\n        again =",
        "        asked.next_chase_at = None\n        again =",
    ),
    Removed(
        "GL-9",
        "A decision that replaces another says why",
        "helpdesk/services/decide.py",
        "        raise WhyReplacedMissingError\n",
        "        pass\n",
    ),
    Removed(
        "GL-12",
        "A yes after the end sends nothing on by itself",
        "helpdesk/services/agreement.py",
        "    if request.state is RequestState.CLOSED:\n        return  # a person sends it on",
        "    if False:\n        return  # a person sends it on",
    ),
    Removed(
        "GL-12",
        "Nothing is passed on after the end without a yes",
        "helpdesk/services/after_closed.py",
        " or not waits_after_end(session, request.id):",
        ":",
    ),
    Removed(
        "GL-14",
        "Nobody is told together with what was told to nobody",
        "helpdesk/services/telling_folded.py",
        "return set() if way_to(referrer).reason else _reached(referrer)",
        "return _reached(referrer)",
    ),
    Removed(
        "EV-2",
        "What is unsafe at one of two is not folded into the other",
        "helpdesk/services/enquiries/folding.py",
        "        raise SafeAtOneError\n",
        "        pass\n",
    ),
    Removed(
        "EV-5",
        "What few see is not folded into what others see",
        "helpdesk/services/folding.py",
        "    check_same_sight(session, own, other)\n",
        "",
    ),
    Removed(
        "EV-7",
        "The survivor keeps the earliest due time",
        "helpdesk/services/folding.py",
        "            earliest, whose = clock, one\n",
        "            pass\n",
    ),
    Removed(
        "SE-3",
        "Of two enquiries that are one the earlier promise holds",
        "helpdesk/services/enquiries/folding.py",
        "    keep_earliest_due(session, other, now, kind=FIRST_CONTACT)\n    for thread",
        "    for thread",
    ),
    Removed(
        "SE-5",
        "What holds another request does not cross the wall with it",
        "helpdesk/services/handing_over.py",
        "        raise DangerFirstError\n    check_nothing_folded_in(session, request)\n",
        "        raise DangerFirstError\n",
    ),
    Removed(
        "SE-8",
        "How it went is asked once of two enquiries that are one",
        "service_request/services/enquiries/evaluations.py",
        '(ASKED_ALREADY if _was_asked(session, whole, row) else "")',
        '""',
    ),
    Removed(
        "GL-3",
        "A task whose question is open is not ticked off",
        "helpdesk/services/tasks.py",
        "            raise MatterOpenError(matter)\n",
        "            pass\n",
    ),
    Removed(
        "GL-8",
        "The last manager who can decide is not barred",
        "helpdesk/services/restricting.py",
        "        raise LastDeciderError([one.name for one in left])\n",
        "        return\n",
    ),
    Removed(
        "EV-10",
        "A flood does not ring for each of its messages",
        "service_request/services/alerting.py",
        "    return unseen >= ONE_BY_ONE and find_proof(session, request) not in PROVEN\n",
        "    return False\n",
    ),
    Removed(
        "EV-6",
        "A form from one's own list is closed with it",
        "service_request/services/completing.py",
        "        owner=held.address,\n",
        "",
    ),
)
