"""What was given to somebody of one request: its parts and no more, until its end (EV-5)."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from helpdesk.domain.assignments import WITH_TEAM
from helpdesk.domain.closures import NOT_TOLD_LABELS
from helpdesk.domain.sight_reasons import GIVING_LABELS
from helpdesk.services.on_record import list_decided
from helpdesk.web import saying
from helpdesk.web.blueprint import IS_GIVEN, READS, blueprint, me
from helpdesk.web.hand_back_words import hand_back_words
from helpdesk.web.sight_forms import PART_LABELS
from helpdesk.web.words import AGREES_LONG, OUTCOME_WORDS, TOLD_LONG
from infrastructure.database import db, utc_now
from infrastructure.files import file_size
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house
from infrastructure.web.guard import guarded
from service_request.domain.standing import KIND_LABELS
from service_request.services.sight.files import list_files
from service_request.services.sight.given import find_given_response, get_given, list_given
from service_request.services.sight.parts import list_consents, list_subjects
from service_request.services.sight.timeline import list_said
from service_request.services.sight.viewing import Part


@blueprint.get("/given")
@guarded(IS_GIVEN)
def given() -> ResponseReturnValue:
    """List what was given to this user or their teams, and log what was listed."""
    session, user, now = db.session(), me(), utc_now()
    rows = list_given(session, user)
    ids = [row.request_id for row in rows]
    log_access(session, Access.LIST, by=user.actor, now=now, ids=ids, wall=user.wall)
    return render_template(
        "helpdesk/given.html", rows=rows, opens=READS.admits(user), labels=GIVING_LABELS, part_labels=PART_LABELS
    )


@blueprint.get("/given/<uuid:grant_id>")
@guarded(IS_GIVEN)
def given_request(grant_id: UUID) -> ResponseReturnValue:
    """Show the parts of a request that were given, and log the look."""
    session, user, now = db.session(), me(), utc_now()
    facts = get_given(session, grant_id, user)
    response = find_given_response(session, grant_id, user)
    subjects = list_subjects(session, facts.request_id, user) if facts.shows(Part.IDENTITY) else []
    sections = []
    if response is not None:
        context = saying.context_of_given(current_house(), now)
        sections = saying.answered_only(saying.read_sections(response, context))
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=facts.request_id, wall=user.wall)
    said = list_said(session, facts.request_id, user) if facts.shows(Part.NOTES) else []
    referrer = facts.referrer.name if facts.referrer and facts.referrer.name else "the referrer"
    decided = list_decided(session, facts.request_id, user) if facts.shows(Part.DECISION) else []
    return render_template(
        "helpdesk/given_request.html",
        given=facts,
        subjects=subjects,
        labels={subject.id: subject.label for subject in subjects},
        sections=sections,
        consents=list_consents(session, facts.request_id, user) if facts.shows(Part.CONSENT) else [],
        decided=decided,
        files=list_files(session, facts.request_id, user) if facts.shows(Part.FILES) else [],
        file_size=file_size,
        fetch_file=lambda one: url_for("desk.fetch_file", request_id=facts.request_id, file_id=one),
        timeline=saying.timeline_of([], said, referrer, now, "all"),
        reasons=GIVING_LABELS,
        part_labels=PART_LABELS,
        decision_words={
            "kinds": KIND_LABELS,
            "hand_back": hand_back_words(session, decided),
            "with_team": WITH_TEAM,
            "outcome": OUTCOME_WORDS,
            "not_told": NOT_TOLD_LABELS,
            "may_send": False,
        },
        told_long=TOLD_LONG,
        agrees_long=AGREES_LONG,
        opens=READS.admits(user),
    )


@blueprint.post("/given/<uuid:grant_id>/printed")
@guarded(IS_GIVEN)
def given_printed(grant_id: UUID) -> ResponseReturnValue:
    """Log that what was given was printed; the page's script says so."""
    session, user = db.session(), me()
    given = get_given(session, grant_id, user)
    log_access(session, Access.PRINT, by=user.actor, now=utc_now(), request_id=given.request_id, wall=user.wall)
    return "", 204
