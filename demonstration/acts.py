"""What the people of the stories do: each act is one call of the product's own service, at the moment it is."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from sqlalchemy import select

from demonstration.answers import Answers, Full, Page
from demonstration.clockwork import World
from demonstration.papers import Paper
from helpdesk.domain.assignments import HandBackReason
from helpdesk.domain.closures import Closure, NotToldReason, OpenCase
from helpdesk.domain.decision import NewDecision, NewLine, NewOverride
from helpdesk.models import Assignment
from helpdesk.services import (
    agreement,
    assignments,
    closing,
    decide,
    handing_over,
    proposing,
    route,
    tasks,
    telling,
    triage,
)
from infrastructure.database import Wall
from infrastructure.files.arriving import Arrived, arrive_from_bytes
from infrastructure.files.stores import store_of
from infrastructure.identity.models import Team
from infrastructure.outbox import OutboxMessage
from service_request.domain.consent import Agrees, Told, WhoAgrees
from service_request.models import Outcome, Similarity, SimilarityState, Task
from service_request.pathways.social_care.forms import FormKind
from service_request.pathways.social_care.rules import SetAsideReason, Standing, line_choice
from service_request.services import drafts, log_call, matching, proving, send_form
from service_request.services.files import adding
from service_request.services.sight.system import list_subjects
from service_request.services.sight.visible import get_request


def fill(world: World, kind: FormKind, answers: Answers, *, completes: UUID | None = None) -> drafts.StartedDraft:
    """Fill a form and leave it unsent."""
    return drafts.start_draft(
        world.session, kind=kind, device=None, completes=completes, answers=answers, now=world.now, house=world.house
    )


def prove(world: World, draft: drafts.StartedDraft, email: str) -> None:
    """Have a code sent to an address, read it in the mail, and type it."""
    proving.ask_code(world.session, draft.id, device=draft.device, email=email, now=world.now, house=world.house)
    world.work()
    query = select(OutboxMessage).where(OutboxMessage.about_id == draft.id, OutboxMessage.template == "code")
    code = world.session.scalars(query.order_by(OutboxMessage.id.desc()).limit(1)).one().body["facts"]["code"]
    world.tick(minutes=1)
    if not proving.prove_email(world.session, draft.id, device=draft.device, code=code, now=world.now):
        raise RuntimeError("the code from the mail was refused")
    world.tick(minutes=1)


def send(
    world: World,
    form: Full | Answers,
    kind: FormKind = FormKind.FULL,
    *,
    proven: str = "",
    files: Sequence[Paper] = (),
) -> UUID:
    """Fill a form, add files, check it and send it; `proven`: the address that its sender proves by code first."""
    answers = form.answers() if isinstance(form, Full) else form
    draft = fill(world, kind, answers)
    for paper in files:
        sender = adding.Sender(draft.device, "127.0.0.1")
        adding.add_to_draft(
            world.session, draft.id, arrived=_arrived(world, paper), sender=sender, now=world.now, house=world.house
        )
    return _send(world, draft, proven)


def add_file(world: World, request: UUID, by: str, paper: Paper, what: str) -> None:
    """Add a file that came by another way, and say what it is."""
    adding.add_to_request(
        world.session, request, arrived=_arrived(world, paper), note=what, by=world.user(by), now=world.now,
        house=world.house,
    )  # fmt: skip


def _arrived(world: World, paper: Paper) -> Arrived:
    settings = world.house.settings
    store = store_of(settings)
    arrived = arrive_from_bytes(*paper, store, Wall.OPEN, longest=settings.upload_max_bytes)
    if not isinstance(arrived, Arrived):
        raise RuntimeError(f"the file was refused: {arrived.why}")
    return arrived


def complete(world: World, call_id: UUID, form: Full) -> UUID:
    """Send the written form that follows a call, by the link that the caller was mailed (GL-1)."""
    return _send(world, fill(world, FormKind.FULL, form.answers(), completes=call_id), "")


def _send(world: World, draft: drafts.StartedDraft, proven: str) -> UUID:
    if proven:
        prove(world, draft, proven)
    kept = drafts.open_draft(world.session, draft.id, device=draft.device, now=world.now)
    receipt = send_form.send_form(
        world.session,
        draft_id=draft.id,
        device=draft.device,
        digest=send_form.answers_digest(kept.answers),
        now=world.now,
        house=world.house,
    )
    return receipt.request_id


def call(world: World, typed: Page, *, by: str) -> UUID:
    """Take a call and log it."""
    receipt = log_call.log_call(
        world.session, call_id=uuid4(), typed=typed, by=world.user(by), now=world.now, house=world.house
    )
    return receipt.request_id


def claim(world: World, request: UUID, by: str) -> None:
    """Take a request on."""
    triage.claim(world.session, request_id=request, by=world.user(by), now=world.now, house=world.house)


def note(world: World, request: UUID, by: str, words: str) -> None:
    """Write a note that is never sent."""
    triage.add_note(world.session, request_id=request, words=words, by=world.user(by), now=world.now, house=world.house)


def ring(world: World, request: UUID, by: str, words: str, *, reached: bool = True) -> None:
    """Ring the referrer, and log it."""
    triage.log_contact_attempt(
        world.session, request_id=request, reached=reached, words=words, by=world.user(by), now=world.now,
        house=world.house,
    )  # fmt: skip


def confirm_by_phone(world: World, request: UUID, by: str, words: str) -> None:
    """Ring the agency and confirm that the referrer is who they say."""
    triage.confirm_referrer_by_phone(
        world.session, request_id=request, words=words, by=world.user(by), now=world.now, house=world.house
    )


def check_open_case(world: World, request: UUID, by: str, found: OpenCase = OpenCase.NONE) -> None:
    """Look in the case system."""
    triage.record_open_case_check(
        world.session, request_id=request, found=found, by=world.user(by), now=world.now, house=world.house
    )


def hear_agreement(world: World, request: UUID, by: str) -> None:
    """Record that a parent, rung, agrees to a service."""
    agreement.record_consent(
        world.session, request_id=request, told=Told.YES, agrees=Agrees.YES, agrees_who=WhoAgrees.PARENT,
        by=world.user(by), now=world.now, house=world.house,
    )  # fmt: skip


def finish_tasks(world: World, request: UUID, by: str) -> None:
    """Mark as done all that the desk still has to do for a request."""
    query = select(Task.id).where(Task.request_id == request, Task.done_at.is_(None)).order_by(Task.id)
    for task_id in list(world.session.scalars(query)):
        tasks.finish_task(world.session, task_id=task_id, by=world.user(by), now=world.now)


def close(world: World, request: UUID, by: str) -> None:
    """Close a request by hand."""
    closing.close(world.session, request_id=request, by=world.user(by), now=world.now)


def pass_on(world: World, request: UUID, by: str) -> None:
    """Pass a request to the manager for its area."""
    triage.pass_to_manager(world.session, request_id=request, by=world.user(by), now=world.now, house=world.house)


def give_back(world: World, request: UUID, by: str, reason: str) -> None:
    """Return a request to the helpdesk."""
    triage.return_to_desk(
        world.session, request_id=request, reason=reason, by=world.user(by), now=world.now, house=world.house
    )


def set_aside(world: World, request: UUID, by: str, reason: SetAsideReason) -> None:
    """Set aside what is no request."""
    triage.set_aside(
        world.session, request_id=request, reason=reason, by=world.user(by), now=world.now, house=world.house
    )


def hand_over(world: World, request: UUID, by: str) -> None:
    """Hand over to SENDIASS what is theirs."""
    handing_over.hand_over(world.session, request_id=request, by=world.user(by), now=world.now, house=world.house)


def restore(world: World, request: UUID, by: str) -> None:
    """Bring back what was set aside."""
    triage.restore(world.session, request_id=request, by=world.user(by), now=world.now, house=world.house)


def answer_hints(world: World, request: UUID, by: str, *answers: bool) -> None:
    """Say of each child that looks like one seen before whether it is the same one."""
    query = select(Similarity.id).where(Similarity.request_id == request, Similarity.state == SimilarityState.OPEN)
    found = list(world.session.scalars(query.order_by(Similarity.id)))
    if len(found) != len(answers):
        raise RuntimeError(f"the story answers {len(answers)} hints, and there are {len(found)}")
    for similarity_id, same in zip(found, answers, strict=True):
        matching.answer_similarity(
            world.session, similarity_id=similarity_id, same=same, by=world.user(by), now=world.now
        )


def decides(
    world: World,
    request: UUID,
    by: str,
    *choices: str,
    information: str,
    analysis: str,
    reason: str,
    override: tuple[str, str] | None = None,
    why: str | None = None,
    ask_caf: bool = False,
) -> None:
    """Decide: one choice for all the children, or one each in their order ("referral-initial_assessment")."""
    session, user = world.session, world.user(by)
    row = get_request(session, request, user)
    proposed = proposing.proposals(session, row, on=world.today(), to=user)
    subjects = list_subjects(session, request)
    codes = choices * len(subjects) if len(choices) == 1 else choices
    lines = []
    for subject, code in zip(subjects, codes, strict=True):
        chosen = line_choice(code)
        kind = proposed[subject.id].kind if chosen.standing is Standing.REFERRAL else None
        lines.append(
            NewLine(subject.id, chosen.standing, chosen.action, chosen.contact_reason, kind=kind, ask_caf=ask_caf)
        )
    decision = NewDecision(
        information, analysis, reason, lines, NewOverride(*override) if override else None, why_superseded=why
    )
    decide.decide(session, request_id=request, decision=decision, by=user, now=world.now, house=world.house)


def assigned(world: World, request: UUID) -> list[UUID]:
    """Return what teams were given of a request, in order."""
    query = select(Assignment.id).where(Assignment.request_id == request).order_by(Assignment.id)
    return list(world.session.scalars(query))


def take_on(world: World, assignment: UUID, by: str) -> None:
    """Acknowledge what the team was given."""
    assignments.acknowledge(
        world.session, assignment_id=assignment, by=world.user(by), now=world.now, house=world.house
    )


def hand_back(world: World, assignment: UUID, by: str, reason: HandBackReason, words: str) -> None:
    """Hand back what the team was given."""
    assignments.hand_back(
        world.session, assignment_id=assignment, reason=reason, words=words, by=world.user(by), now=world.now,
        house=world.house,
    )  # fmt: skip


def send_to_team(world: World, request: UUID, by: str, team: str) -> None:
    """Send a decided child to another team."""
    session = world.session
    team_id = session.scalars(select(Team.id).where(Team.name == team)).one()
    query = select(Assignment.subject_id).where(Assignment.request_id == request).order_by(Assignment.id.desc())
    subject_id = session.scalars(query.limit(1)).one()
    route.send_to_team(
        session, request_id=request, subject_id=subject_id, team_id=team_id, by=world.user(by), now=world.now,
        house=world.house,
    )  # fmt: skip


def finish(world: World, assignment: UUID, by: str, words: str) -> None:
    """Say what the team has done."""
    assignments.finish(
        world.session, assignment_id=assignment, words=words, by=world.user(by), now=world.now, house=world.house
    )


def close_referral(world: World, assignment: UUID, by: str, closure: Closure) -> None:
    """Say that a referral closed, today."""
    assignments.close_referral(
        world.session, assignment_id=assignment, closure=closure, closed_on=world.today(), by=world.user(by),
        now=world.now, house=world.house,
    )  # fmt: skip


def tell_by_phone(world: World, request: UUID, by: str, words: str) -> None:
    """Tell the outcome by phone."""
    telling.told_by_phone(
        world.session, outcome_id=_outcome(world, request), words=words, by=world.user(by), now=world.now
    )


def cannot_tell(world: World, request: UUID, by: str, reason: NotToldReason) -> None:
    """Record why nobody can be told the outcome."""
    telling.not_deliverable(
        world.session, outcome_id=_outcome(world, request), reason=reason, by=world.user(by), now=world.now
    )


def _outcome(world: World, request: UUID) -> UUID:
    query = select(Outcome.id).where(Outcome.request_id == request).order_by(Outcome.owed_at.desc()).limit(1)
    return world.session.scalars(query).one()
