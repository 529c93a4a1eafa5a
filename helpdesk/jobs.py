"""The work of the worker: what is due, and what does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from helpdesk.services import agreement, chasing_closure, closing, held_back, watch
from helpdesk.services.trail_keeping import Anchoring, Checking
from infrastructure.database import Wall, transaction, utc_now
from infrastructure.house import House
from infrastructure.identity.attempts import Forgetting
from infrastructure.jobs import Job
from infrastructure.outbox import OutboxMessage
from infrastructure.outbox.deliver import Carrier, deliver, list_due
from infrastructure.outbox.senders import Sender
from infrastructure.trail import list_unsealed, seal_waiting
from service_request.models import (
    Arrival,
    ArrivalMedia,
    AskedFor,
    Clock,
    DeliveryReport,
    Draft,
    Evaluation,
    File,
    MailLook,
    Outcome,
    Person,
    ServiceRequest,
    Task,
    TaskKind,
)
from service_request.services import (
    alerting_together,
    asking,
    clocks,
    delivery,
    drafts,
    matching,
    media,
    reminding,
    reports,
    returned_form,
    tasks,
)
from service_request.services.enquiries import evaluations
from service_request.services.files import checking as files
from service_request.services.files.comparing import Comparing
from service_request.services.guarding import make_guard
from service_request.services.lock_order import lock_matter
from service_request.services.mail.answering import make_reached_at
from service_request.services.mail.fetching import Fetching
from service_request.services.mail.understanding import list_waiting as list_waiting_mails
from service_request.services.mail.understanding import understand_mail
from service_request.services.reconcile import Reconciling
from service_request.services.sight.addressed import why_not
from service_request.services.understanding.understand import list_kept, understand


def list_jobs(house: House, senders: Mapping[str, Sender], now: Callable[[], datetime] = utc_now) -> list[Job]:
    """Return every kind of work the worker does, each with its alert: a failure reaches a person.

    `now` is another clock than the real one where the demonstration's year is made.
    """
    carrier = Carrier(
        senders,
        make_guard(house.settings),
        held_back.held,
        closing.ended,
        delivery.late,
        why_not,
        reports.opted_out,
        lock_matter,
        make_reached_at(house.settings),
    )

    def run_understanding(session: Session, row_id: UUID) -> None:
        understand(session, row_id, now=now(), house=house)

    def run_mail(session: Session, row_id: UUID) -> None:
        understand_mail(session, row_id, now=now(), house=house)

    def run_delivery(session: Session, row_id: UUID) -> None:
        deliver(session, row_id, carrier, house.settings, now)

    def run_report(session: Session, row_id: UUID) -> None:
        reports.look_at_parked(session, row_id, now=now())

    def run_clock(session: Session, row_id: UUID) -> None:
        watch.act_on_clock(session, row_id, now=now(), house=house)

    def run_chase(session: Session, row_id: UUID) -> None:
        asking.chase(session, row_id, now=now(), house=house)

    def run_answer(session: Session, row_id: UUID) -> None:
        agreement.follow_answer(session, row_id, now=now(), house=house)

    def run_closure(session: Session, row_id: UUID) -> None:
        chasing_closure.chase_closure(session, row_id, now=now(), house=house)

    def run_matching(session: Session, row_id: UUID) -> None:
        matching.find_similar(session, row_id, now=now())

    def run_form(session: Session, row_id: UUID) -> None:
        returned_form.make_returned_form(session, row_id, now=now(), house=house)

    def run_lapse(session: Session, row_id: UUID) -> None:
        drafts.lapse(session, row_id, now=now(), house=house)

    def run_reminder(session: Session, row_id: UUID) -> None:
        reminding.remind(session, row_id, now=now(), house=house)

    anchoring, checking, comparing = Anchoring(house), Checking(house), Comparing(house)
    reconciling, fetching, forgetting = Reconciling(house), Fetching(house, now), Forgetting()

    def run_seal(session: Session, _: UUID) -> None:
        seal_waiting(session, now=now())

    def run_anchor(session: Session, _: UUID) -> None:
        anchoring.run(session, now=now())

    def run_check(session: Session, _: UUID) -> None:
        checking.run(session, now=now())

    def run_file_check(session: Session, row_id: UUID) -> None:
        files.check_file(session, row_id, now=now, house=house)

    def run_media(session: Session, row_id: UUID) -> None:
        media.fetch(session, row_id, now=now, house=house)

    def run_reconcile(session: Session, which: UUID) -> None:
        reconciling.run(session, which, now=now())

    def run_comparing(session: Session, _: UUID) -> None:
        comparing.run(session, now=now())

    def run_together(session: Session, row_id: UUID) -> None:
        alerting_together.tell_together(session, row_id, now=now(), house=house)

    def run_forgetting(session: Session, _: UUID) -> None:
        forgetting.run(session, now=now())

    def run_evaluation(session: Session, row_id: UUID) -> None:
        evaluations.act_on_evaluation(session, row_id, now=now(), house=house)

    return [
        Job(
            "understand",
            lambda session, now: list_kept(session, now, house.settings),
            run_understanding,
            alert,
            Arrival,
        ),
        Job("understand_mail", list_waiting_mails, run_mail, alert, Arrival),
        Job("deliver", lambda session, now: list_due(session, now=now), run_delivery, alert, OutboxMessage),
        Job("tell_together", alerting_together.list_gathered, run_together, alert, Task),
        Job("report", lambda session, now: reports.list_parked(session, now=now), run_report, alert, DeliveryReport),
        Job("evaluation", evaluations.list_due, run_evaluation, alert, Evaluation),
        Job("clock", clocks.list_due_clocks, run_clock, alert, Clock),
        Job("chase", asking.list_to_chase, run_chase, alert, AskedFor),
        Job("follow_answer", agreement.list_answered, run_answer, alert, ServiceRequest),
        Job("chase_closure", chasing_closure.list_to_close, run_closure, alert, Task),
        Job("match", matching.list_unmatched, run_matching, alert, Person),
        Job("returned_form", returned_form.list_wanted, run_form, alert, Outcome),
        Job("check_file", files.list_unchecked, run_file_check, alert, File),
        Job("fetch_media", media.list_waiting, run_media, alert, ArrivalMedia),
        Job("read_carrier", reconciling.list_due, run_reconcile, alert),
        Job("fetch_mail", fetching.list_due, fetching.run, alert, MailLook),
        Job("compare_files", comparing.list_due, run_comparing, alert),
        Job(
            "remind_draft",
            lambda session, now: reminding.list_lapsing(session, now, house),
            run_reminder,
            alert,
            Draft,
        ),
        Job("forget_attempts", forgetting.list_due, run_forgetting, alert),
        Job("lapse_draft", drafts.list_lapsed, run_lapse, alert, Draft),
        Job("seal", list_unsealed, run_seal, alert),
        Job("anchor", anchoring.list_due, run_anchor, alert),
        Job("check_trail", checking.list_due, run_check, alert),
    ]


def alert(session: Session, name: str, row_id: UUID, wall: Wall) -> None:
    """Make a task for the desk (inside the wall for SENDIASS) when a job failed, once for each row."""
    now: datetime = utc_now()
    with transaction(session):
        tasks.need_task(session, TaskKind.ALERT, cause=f"job:{name}:{row_id}", about_id=row_id, now=now, wall=wall)
