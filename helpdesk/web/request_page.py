"""Everything about one request on one page, with what can be done about it now (look 08)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.domain.assignments import WITH_TEAM
from helpdesk.domain.closures import NOT_TOLD_LABELS
from helpdesk.services.deciders import name_in_line
from helpdesk.services.lateness import may_say_why
from helpdesk.services.on_record import list_became, list_decided
from helpdesk.web import mail_words, saying
from helpdesk.web.asked import read_asked
from helpdesk.web.blueprint import ACTS, ANSWERS_FOR, DECIDES, READS, TAKES_CALLS, blueprint, me
from helpdesk.web.forms import NoteForm
from helpdesk.web.hand_back_words import hand_back_words
from helpdesk.web.household import agreed_for, rows_at_home, without_visiting
from helpdesk.web.joined import beside_of
from helpdesk.web.lateness import late_lines
from helpdesk.web.seen_before import seen_before
from helpdesk.web.set_aside import set_aside_words
from helpdesk.web.words import (
    AGREES_LONG,
    AREA_REASONS,
    CLOCK_LABELS,
    DONE_WORDS,
    KIND_OF_REFERRER,
    OUTCOME_WORDS,
    SAFE_WORDS,
    TOLD_LONG,
    WHO_LABELS,
)
from infrastructure.calendar import LONDON
from infrastructure.database import db, utc_now
from infrastructure.files import file_size
from infrastructure.identity.users import User
from infrastructure.outbox import MessageState
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import guarded
from service_request.domain.people import turned_18_waiting
from service_request.domain.standing import KIND_LABELS
from service_request.domain.states import RequestState
from service_request.models import Channel
from service_request.pathways.social_care.codes import LAWFUL_BASES, SCHOOL_YEARS, WORRY_TAGS, FormKind, label_of
from service_request.pathways.social_care.reading import ReadSection
from service_request.pathways.social_care.rules import OPEN, UNDECIDED
from service_request.services.sight.desk import RequestFacts, read_request
from service_request.services.sight.files import list_files
from service_request.services.sight.hints import list_hints
from service_request.services.sight.mails import list_mails_of
from service_request.services.sight.parts import list_consents, list_responses, list_subjects
from service_request.services.sight.timeline import Said, list_happenings, list_said

MAIL_KINDS = frozenset({"mail"})
SHOWS = ("all", "messages", "notes", "changes")
HAS_DECISIONS = (RequestState.AWAITING_DECISION, RequestState.IN_TRIAGE, RequestState.DECIDED, RequestState.CLOSED)


@dataclass(frozen=True)
class Button:
    """An act at the top of the page: a link to a page that asks more, or a post; one is the main one."""

    label: str
    endpoint: str
    is_post: bool = False
    is_main: bool = False


def buttons_for(facts: RequestFacts, user: User, *, is_over: bool = False) -> list[Button]:
    """Return the acts that the state allows and this user's role may do, the main one first.

    Closing is the main one where nothing of what was decided is still to be done (`is_over`).
    """
    if not ACTS.admits(user):
        return []
    decides, is_desk, state = DECIDES.admits(user), TAKES_CALLS.admits(user), facts.state
    found: list[Button] = [Button("Answer the referrer", "desk.withdrawal", is_main=True)] if facts.wants_back else []
    if state in UNDECIDED and state is not RequestState.AWAITING_DECISION:
        is_mine = facts.holder_id == user.id
        if facts.holder_id is None:
            found.append(Button("Claim", "desk.claim", is_post=True, is_main=True))
        found.append(Button("Pass to manager", "desk.pass_to_manager", is_post=True, is_main=not found))
        if facts.holder_id is not None:
            found.append(Button("Release" if is_mine else f"Release from {facts.holder}", "desk.release", is_post=True))
    if state is RequestState.AWAITING_DECISION and decides:
        found += [Button("Decide", "desk.decide", is_main=True), Button("Return to helpdesk", "desk.return_to_desk")]
    if state is RequestState.SET_ASIDE and is_desk:
        found.append(Button("Restore", "desk.restore", is_post=True, is_main=True))
    if state is RequestState.FOLDED:
        found.append(Button("Unfold", "desk.unfold", is_post=True, is_main=True))
    if state is RequestState.DECIDED:
        found.append(Button("Close", "desk.close", is_post=True, is_main=is_over and not decides))
    if state in (RequestState.DECIDED, RequestState.CLOSED) and decides:
        found.append(Button("Replace the decision", "desk.decide"))
    if state in (RequestState.RECEIVED, RequestState.IN_TRIAGE) and not facts.waits_since:
        found.append(Button("Ask the referrer", "desk.ask_referrer"))
    if state is not RequestState.SET_ASIDE:
        found.append(Button("Log a call", "desk.log_call"))
        if facts.referrer.email and state is not RequestState.FOLDED:
            found.append(Button("Write an email", "desk.write_mail"))
    if state in UNDECIDED:
        found.append(Button("Record checks", "desk.make_checks"))
        if facts.kind != FormKind.IN_PRINCIPLE:  # what follows a talk without names is a request of its own (GL-6)
            found.append(Button("Fold into another", "desk.fold"))
    if state in UNDECIDED and is_desk:
        if facts.channel is Channel.EMAIL and facts.kind == FormKind.CALL:
            found.append(Button("Make it a service request", "desk.write_down"))
            if facts.referrer.is_professional and facts.referrer.email:
                found.append(Button("Ask for the form", "desk.ask_form"))
        found.append(Button("Set aside", "desk.set_aside"))
        if not facts.referrer.is_professional and facts.glass_until is None:
            found.append(Button("Hand over to SENDIASS", "desk.hand_over"))
    return found


@blueprint.get("/requests/<uuid:request_id>")
@guarded(READS)
def request_page(request_id: UUID) -> ResponseReturnValue:
    """Show a request, and log the look."""
    return show(request_id)


def show(request_id: UUID, *, problem: str = "", note: NoteForm | None = None, status: int = 200) -> tuple[str, int]:
    """Render the page of a request; `problem` says why an act was refused, `note` keeps what was typed."""
    session, user, now, house = db.session(), me(), utc_now(), current_house()
    facts = read_request(session, request_id, user)
    subjects = list_subjects(session, request_id, user)
    consents = list_consents(session, request_id, user)
    responses = list_responses(session, request_id, user)
    hints = list_hints(session, request_id, user) if facts.hints else []
    decided = list_decided(session, request_id, user) if facts.state in HAS_DECISIONS else []
    became = list_became(session, request_id, user) if hints else {}
    late_at = max(now, facts.next_due_at or now)
    in_line = name_in_line(session, facts, facts.area_id, now, late_at=late_at) if facts.state in UNDECIDED else None
    happenings = list_happenings(session, request_id, user)
    said = list_said(session, request_id, user)
    files = list_files(session, request_id, user) if facts.has_files else []
    mails = list_mails_of(session, user, request_id) if any(_may_be_mail(one) for one in said) else []
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=request_id)
    context = saying.context_of(facts, house, now)
    sections = [_by_way(one, facts) for one in saying.read_sections(responses[0], context)] if responses else []
    missing = saying.missing_by_field(sections)
    asked = read_asked(facts, responses, missing.keys(), now)
    waits_for = {field for one in asked if one.asked.is_open for field in one.asked.fields}
    show_only = request.args.get("show", "all")
    referrer = facts.referrer.name or (facts.asked_by[0] if facts.asked_by else "the referrer")
    consent = next((one for one in consents if one.subject_id is None), None)
    form = note or NoteForm(meta=GOVUK)
    page = render_template(
        "helpdesk/request.html",
        request_=facts,
        subjects=subjects,
        labels={subject.id: subject.label for subject in subjects},
        consent=consent,
        agreed_for=agreed_for(responses[0], consent.agrees) if consent and not consent.by and responses else "",
        consents=consents,
        first_sections=[without_visiting(one) for one in sections if one.key in saying.READ_FIRST],
        rest=[one for one in sections if one.key not in (*saying.READ_FIRST, *saying.NOT_A_SECTION)],
        at_home=rows_at_home(sections, subjects),
        told_section=next((section for section in sections if section.key in saying.NOT_A_SECTION), None),
        earlier_forms=responses[1:],
        missing=[words for field, words in missing.items() if field not in waits_for],
        left_out=missing,
        missing_asked=len(waits_for & missing.keys()),
        asked=asked,
        hints=hints,
        beside=beside_of(session, facts, user),
        may_sort=TAKES_CALLS.admits(user),
        may_decide=DECIDES.admits(user),
        open_states=OPEN,
        undecided=UNDECIDED,
        files=files,
        mails=mails,
        fetch_file=lambda file_id: url_for("desk.fetch_file", request_id=request_id, file_id=file_id),
        file_size=file_size,
        seen={one.id: seen_before(one, became.get(one.id), now.astimezone(LONDON).date()) for one in hints},
        decided=decided,
        clocks=[saying.clock_words(clock, now, "Decided", in_line) for clock in facts.clocks],
        late=late_lines(session, request_id, facts.clocks, user, now),
        may_say_why=may_say_why(user) and facts.glass_until is None,
        timeline=saying.timeline_of(happenings, said, referrer, now, show_only),
        show=show_only if show_only in SHOWS else "all",
        shows=SHOWS,
        proof=saying.proof_words(facts.referrer, now),
        buttons=buttons_for(
            facts, user, is_over=all(line.is_over for one in decided for line in one.lines if line.is_current)
        ),
        may_act=ACTS.admits(user),
        may_see_looks=ANSWERS_FOR.admits(user),
        is_mine=facts.holder_id == user.id,
        form=form,
        problem=problem,
        done=DONE_WORDS.get(request.args.get("done", "")),
        back=url_for("desk.queue"),
        told_long=TOLD_LONG,
        agrees_long=AGREES_LONG,
        who_labels=WHO_LABELS,
        bases=dict(LAWFUL_BASES),
        area_reasons=AREA_REASONS,
        clock_labels=CLOCK_LABELS,
        kinds_of_referrer=KIND_OF_REFERRER,
        safe_words=SAFE_WORDS,
        worry_tags=[label_of(WORRY_TAGS, code) for code in facts.worries],
        school_years=dict(SCHOOL_YEARS),
        set_aside_words=set_aside_words(session, facts.set_aside_reason),
        decision_words=_decision_words(facts, user, hand_back_words(session, decided)),
        turned_18=lambda child: turned_18_waiting(
            child.birth_on, facts.received_at.astimezone(LONDON).date(), now.astimezone(LONDON).date()
        ),
    )
    return page, status


@blueprint.post("/requests/<uuid:request_id>/printed")
@guarded(READS)
def printed(request_id: UUID) -> ResponseReturnValue:
    """Log that a request was printed; the page's script says so."""
    user = me()
    read_request(db.session(), request_id, user)
    log_access(db.session(), Access.PRINT, by=user.actor, now=utc_now(), request_id=request_id)
    return "", 204


def _may_be_mail(said: Said) -> bool:
    """Tell whether mails belong to what was said: one of theirs, or one of ours that may have come back."""
    return said.kind in MAIL_KINDS or said.state is MessageState.FAILED


def _by_way(section: ReadSection, facts: RequestFacts) -> ReadSection:
    """Say of what was written down from a mail what it is: nobody called."""
    if facts.channel is not Channel.EMAIL or section.key != "call":
        return section
    rows = tuple(replace(row, label=mail_words.ROWS.get(row.field, row.label)) for row in section.rows)
    return replace(section, title=mail_words.SECTION, rows=rows)


def _decision_words(facts: RequestFacts, user: User, hand_back: dict[str, str]) -> dict[str, object]:
    return {
        "kinds": KIND_LABELS,
        "hand_back": hand_back,
        "with_team": WITH_TEAM,
        "outcome": OUTCOME_WORDS,
        "not_told": NOT_TOLD_LABELS,
        "may_send": ACTS.admits(user),
        "request_id": facts.id,
    }
