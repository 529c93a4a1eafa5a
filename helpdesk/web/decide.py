"""The decision on one page, in the order of thought (look 09)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from helpdesk.services.checks import FOUND_LABELS, list_made
from helpdesk.services.decide import DECIDED
from helpdesk.services.decide import decide as save_decision
from helpdesk.services.deciding import Prepared, prepare
from helpdesk.services.decision_drafts import save_draft
from helpdesk.services.on_record import Decided, DecidedLine, list_decided
from helpdesk.web import saying
from helpdesk.web.acts import done
from helpdesk.web.blueprint import DECIDES, blueprint, me
from helpdesk.web.decide_form import DecideForm, make_form, typed_fields
from helpdesk.web.household import agreed_for
from helpdesk.web.saving import OPENED_LATELY, STALE_PAGE
from helpdesk.web.words import AGREES_LONG, DONE_WORDS, TOLD_LONG, WHO_LABELS
from infrastructure.database import db, utc_now
from infrastructure.house import House
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.domain.clocks import say_working_days
from service_request.domain.errors import DomainError
from service_request.domain.states import RequestState
from service_request.pathways.social_care.rules import LineChoice, Standing
from service_request.services.refusals import NotYoursError, StaleEditError
from service_request.services.sight.desk import ReferrerFacts, RequestFacts, read_request
from service_request.services.sight.folds import list_folded_in
from service_request.services.sight.hints import list_hints
from service_request.services.sight.parts import (
    ConsentFacts,
    SubjectFacts,
    list_consents,
    list_responses,
    list_subjects,
)
from service_request.services.sight.timeline import list_happenings

DECIDABLE = (RequestState.AWAITING_DECISION, RequestState.DECIDED, RequestState.CLOSED)
NOT_HERE = "Only the referral and assessment manager for this area can decide this request"
PARTS = (("information", "Information considered"), ("analysis", "Analysis"), ("reason", "Reason"))


@dataclass(frozen=True)
class Before:
    """What was read before anything was done with it."""

    facts: RequestFacts
    subjects: list[SubjectFacts]
    decided: list[Decided]
    prepared: Prepared
    now: datetime
    house: House

    @property
    def current(self) -> dict[UUID, DecidedLine]:
        """Return the standing line of each child that has one."""
        return {line.subject_id: line for one in self.decided for line in one.lines if line.is_current}

    @property
    def replaces(self) -> Decided | None:
        """Return the record that a whole new decision replaces; until each child has a line, there is none."""
        return self.decided[0] if self.decided and len(self.current) == len(self.subjects) else None


@blueprint.route("/requests/<uuid:request_id>/decide", methods=["GET", "POST"])
@guarded(DECIDES, keeps_words=True)
def decide(request_id: UUID) -> ResponseReturnValue:
    """Decide, keep a draft, or show the page with every word that was typed."""
    before = _read(request_id)
    if before.facts.state not in DECIDABLE and request.method == "GET":
        return redirect(url_for("desk.request_page", request_id=request_id))
    if request.method == "GET":
        form = _form(before, before.prepared.draft)
        form.version.data = str(before.facts.version)
        if before.replaces and not before.prepared.draft:  # nobody writes twice what was right; the reason is a new one
            form.information.data, form.analysis.data = before.replaces.information, before.replaces.analysis
        return _page(before, form)
    typed = typed_fields(request.form)
    form = _form(before, {**typed, "version": [request.form.get("version", "")]})
    if not csrf_holds():
        return _page(before, form, problem=STALE_PAGE, status=400)
    if request.form.get("act") == "draft":
        return _keep(before, typed)
    is_whole = form.validate()
    if not (form.check_lines() and is_whole):
        return _page(before, form)
    return _save(before, form)


def _read(request_id: UUID) -> Before:
    session, user, now, house = db.session(), me(), utc_now(), current_house()
    facts = read_request(session, request_id, user)
    return Before(
        facts,
        list_subjects(session, request_id, user),
        list_decided(session, request_id, user),
        prepare(session, request_id, user, now=now, calendar=house.calendar),
        now,
        house,
    )


def _form(before: Before, typed: dict[str, list[str]] | None) -> DecideForm:
    return make_form(before.subjects, before.prepared.proposals, before.current, typed, GOVUK)


def _keep(before: Before, typed: dict[str, list[str]]) -> ResponseReturnValue:
    save_draft(db.session(), request_id=before.facts.id, fields=typed, by=me(), now=before.now)
    if request.headers.get("X-Kept-By") == "script":
        return "", 204
    return redirect(url_for("desk.decide", request_id=before.facts.id, done="draft"))


def _save(before: Before, form: DecideForm) -> ResponseReturnValue:
    request_id = before.facts.id
    try:
        save_decision(
            db.session(),
            request_id=request_id,
            decision=form.decision(),
            version=form.written_on,
            by=me(),
            now=before.now,
            house=before.house,
        )
    except NotYoursError:
        raise
    except StaleEditError as stale:
        fresh = _read(request_id)
        form.version.data = str(fresh.facts.version)
        return _page(fresh, form, problem=stale.sentence, stale=stale, status=409)
    except DomainError as refusal:
        return _page(before, form, problem=refusal.sentence, status=409)
    is_whole = len(form.lines()) + len(before.current) >= len(before.subjects)
    return done(request_id, "decide" if is_whole else "part")


def _page(
    before: Before, form: DecideForm, *, problem: str = "", stale: StaleEditError | None = None, status: int = 200
) -> tuple[str, int]:
    session, user, now = db.session(), me(), before.now
    facts = before.facts
    consents = list_consents(session, facts.id, user)
    responses = list_responses(session, facts.id, user)
    hints = list_hints(session, facts.id, user) if facts.hints else []
    lately = list_happenings(session, facts.id, user)[:OPENED_LATELY] if stale else []
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=facts.id)
    context = saying.context_of(facts, before.house, now)
    sections = saying.read_sections(responses[0], context) if responses else []
    consent = next((one for one in consents if one.subject_id is None), None)
    if not before.prepared.may_decide:
        problem = problem or NOT_HERE
    page = render_template(
        "helpdesk/decide.html",
        request_=facts,
        subjects=before.subjects,
        proposals=before.prepared.proposals,
        current=before.current,
        replaces=before.replaces,
        form=form,
        problem=problem,
        done=DONE_WORDS.get(request.args.get("done", "")),
        draft_saved_at=before.prepared.draft_saved_at,
        clock=saying.clock_words(facts.decision_clock, now, "Decided") if facts.decision_clock else None,
        consent=consent,
        told_long=TOLD_LONG,
        agrees_long=AGREES_LONG,
        who_labels=WHO_LABELS,
        hints=hints,
        folded_in=list_folded_in(session, facts.id, user) if facts.has_folded else [],
        concerns=saying.narrative_and_views(sections),
        agreed_for=agreed_for(responses[0], consent.agrees) if consent and not consent.by and responses else "",
        missing=saying.missing_words(sections),
        checks=list_made(session, facts.id, user),
        found_labels=FOUND_LABELS,
        effects=effects_of(before, consents[0] if consents else None),
        stale_parts=_side_by_side(stale) if stale else [],
        theirs=saying.timeline_of(lately, [], "", now),
    )
    return page, status


def effects_of(before: Before, consent: ConsentFacts | None) -> list[str]:
    """Say what saving does, before the button is pressed."""
    count = len(before.subjects)
    who = "the child" if count == 1 else "both children" if count == 2 else "the last child"
    days = say_working_days(before.house.settings.acknowledge_working_days)
    said = [f"The clock ends for {who}." if count < 3 else f"The clock ends with {who}."]
    if before.current:
        said = ["The decision before this one is replaced, and stays on record. Teams that had work from it are told."]
    said += _sending(before.prepared.destinations, days)
    if consent is None or consent.agrees != "yes":
        said.append("Early help waits until the family agrees, unless you record an override.")
    said.append(_telling(before.facts.referrer, "corrected outcome" if before.facts.state in DECIDED else "outcome"))
    if before.facts.has_folded:
        said.append("Whoever asked by what was folded in is told too: professionals read the reason in your words.")
    return said


def _sending(destinations: Mapping[LineChoice, str | None], days: str) -> list[str]:
    """Name the team that each decision goes to now; no script is needed to know it."""
    by_team: dict[str | None, list[LineChoice]] = {}
    for one, team in destinations.items():
        by_team.setdefault(team, []).append(one)
    every = {one for one in destinations if one.standing is Standing.REFERRAL}
    said = []
    for team, choices in by_team.items():
        referrals = {one for one in choices if one.standing is Standing.REFERRAL}
        names = ["a referral"] if referrals == every and len(every) > 1 else [_in_quotes(one) for one in referrals]
        names += [_in_quotes(one) for one in choices if one not in referrals]
        what = " or ".join(sorted(names, key=lambda name: name != "a referral"))
        if team is None:
            said.append(f"No team is set up for {what}: the helpdesk gets a task to find one.")
        else:
            said.append(f"{what[:1].upper()}{what[1:]} goes to {team}.")
    if any(by_team):
        said.append(f"Each team is told by email: reference and initials only. They have {days} to acknowledge.")
    return said


def _in_quotes(one: LineChoice) -> str:
    return f"“{one.label}”"


def _telling(referrer: ReferrerFacts, what: str) -> str:
    name = Markup("<bdi>{}</bdi>").format(referrer.name or "The referrer")
    if not referrer.email and not referrer.phone:
        return "Nobody can be told: the referrer gave no way to reach them."
    if not referrer.is_professional and referrer.safe == "no":
        return "Nobody is told: it is not safe to reach the referrer."
    if referrer.email and (referrer.is_professional or referrer.safe == "yes"):
        return name + f" is emailed a link to the {what}."
    return Markup("The helpdesk gets a task to ring {}: we may not write to them.").format(name)


def _side_by_side(stale: StaleEditError) -> list[tuple[str, str, str]]:
    return [
        (label, stale.mine.get(part, ""), stale.theirs.get(part, ""))
        for part, label in PARTS
        if stale.theirs.get(part) or stale.mine.get(part)
    ]
