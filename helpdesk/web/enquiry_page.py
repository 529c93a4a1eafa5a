"""The page of one enquiry: the conversation, its clocks, what is known, and the box for a reply (look 12b)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import render_template, request, url_for

from helpdesk.domain.ways import SENTENCES, NoWay, Ways, ways_to
from helpdesk.services.enquiries.replying import mobile_of, number_for_texts
from helpdesk.services.lateness import may_say_why
from helpdesk.services.saved_answers import list_answers
from helpdesk.web import enquiry_saying as words
from helpdesk.web import saying
from helpdesk.web.blueprint import ANSWERS_FOR, me
from helpdesk.web.enquiry_panels import panels_of
from helpdesk.web.enquiry_talk_forms import ReplyForm
from helpdesk.web.enquiry_words import INSIDE_TASK_WORDS, STATE_TAGS
from helpdesk.web.forms import NoteForm
from helpdesk.web.lateness import late_lines
from helpdesk.web.queue_rows import capped
from helpdesk.web.words import DONE_WORDS, KIND_OF_REFERRER, SAFE_WORDS, TASK_WORDS
from infrastructure.database import Wall, db, utc_now
from infrastructure.files import file_size
from infrastructure.outbox import MessageState
from infrastructure.settings import Settings
from infrastructure.texting.segments import count_segments
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from service_request.models import Channel, ClockKind, TaskKind
from service_request.pathways.sendiass.codes import LEVEL_LABELS
from service_request.pathways.sendiass.deadlines import parse_holidays
from service_request.pathways.sendiass.rules import TAKES_MESSAGES
from service_request.services.enquiries.opening import KIND
from service_request.services.sight.conversations import ThreadFacts, list_spoken, list_threads
from service_request.services.sight.desk import RequestFacts, read_request
from service_request.services.sight.enquiries import EnquiryFacts, list_deadlines, list_tasks_of, read_enquiry
from service_request.services.sight.enquiry_queue import count_enquiries
from service_request.services.sight.files import list_files
from service_request.services.sight.held_arrivals import count_post
from service_request.services.sight.mails import list_mails_of
from service_request.services.sight.parts import list_responses, list_subjects
from service_request.services.sight.timeline import list_happenings, list_said

INSIDE = Wall.SENDIASS
NOTE = "note-"  # two boxes stand on this page
# by the banner, beside the message, and beneath the clocks
TOLD_ELSEWHERE = frozenset({TaskKind.DANGER, TaskKind.HELD_BACK, TaskKind.WHY_LATE})


@dataclass(frozen=True)
class Box:
    """The box for a reply: where it goes and what it costs, or why there is none."""

    ways: Ways
    label: str
    button: str
    hint: str
    texts: str
    is_text: bool
    refusal: str
    may_ask: bool
    may_say_safe: bool


def show(
    request_id: UUID,
    *,
    problem: str = "",
    reply: ReplyForm | None = None,
    note: NoteForm | None = None,
    status: int = 200,
) -> tuple[str, int]:
    """Render the page of an enquiry; `problem` says why an act was refused, the forms keep what was typed."""
    session, user, now, house = db.session(), me(), utc_now(), current_house()
    facts = read_request(session, request_id, user)
    enquiry = read_enquiry(session, request_id, user)
    spoken = list_spoken(session, request_id, user)
    threads = list_threads(session, request_id, user)
    happenings = list_happenings(session, request_id, user)
    deadlines = list_deadlines(session, request_id, user) if enquiry is not None else []
    tasks = list_tasks_of(session, request_id, user)
    answers = list_answers(session, user) if enquiry is not None else []
    handed_over = facts.kind != KIND
    responses = list_responses(session, request_id, user) if handed_over else []
    subjects = list_subjects(session, request_id, user) if handed_over else []
    said = list_said(session, request_id, user) if handed_over else []
    files = list_files(session, request_id, user) if facts.has_files else []
    by_mail = Channel.EMAIL in (facts.channel, *(one.channel for one in threads))
    came_back = any(one.state is MessageState.FAILED for one in spoken)
    mails = list_mails_of(session, user, request_id) if by_mail or came_back else []
    panels = panels_of(session, facts, enquiry, user=user, now=now, house=house)
    counts, post = count_enquiries(session, user), count_post(session, user)
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=request_id, wall=INSIDE)
    sections = saying.read_sections(responses[0], saying.context_of(facts, house, now)) if responses else []
    who = words.WHO[enquiry.enquirer] if enquiry is not None and not facts.children else facts.referrer.name or "They"
    today = words.local_day(now)
    holidays = parse_holidays(house.settings.school_holidays)
    first = words.running(facts.clocks, ClockKind.FIRST_CONTACT)
    ways = ways_of(facts, enquiry, threads, now, house.settings)
    form = reply or ReplyForm(meta=GOVUK)
    form.version.data = str(facts.version)
    may_reply = enquiry is not None and facts.state in TAKES_MESSAGES
    page = render_template(
        "helpdesk/enquiry.html",
        request_=facts,
        enquiry=enquiry,
        title=words.who_it_is(
            enquiry.enquirer if enquiry else None, enquiry.facts if enquiry else {}, facts.children, facts.asked_by
        ),
        state_tag=STATE_TAGS[facts.state],
        threads=threads,
        thread=threads[0] if threads else None,
        entries=words.conversation(spoken, happenings, who=who if who != words.NOT_KNOWN else "They", now=now),
        deadlines=[
            (one, words.deadline(one, today, house.calendar, holidays)) for one in deadlines if not one.ended_at
        ],
        deadline_names={code.value: short for code, (short, _) in words.DEADLINES.items()},
        first=words.first_contact(first, now, house.calendar) if first is not None else None,
        old_clocks=[saying.clock_words(one, now) for one in facts.clocks if one.kind not in INSIDE_CLOCKS],
        late=late_lines(session, request_id, facts.clocks, user, now),
        may_say_why=may_say_why(user),
        rows=words.rows_of(enquiry, today) if enquiry is not None else [],
        tasks=[one for one in tasks if one.kind not in TOLD_ELSEWHERE or enquiry is None],
        task_words={**TASK_WORDS, **INSIDE_TASK_WORDS},
        level_words=LEVEL_LABELS[enquiry.level]
        if enquiry is not None and enquiry.level
        else "Not begun: nobody took it",
        box=box_of(facts, enquiry, ways, form) if may_reply else None,
        form=form,
        note=note or NoteForm(meta=GOVUK, prefix=NOTE),
        answers=answers,
        sections=[one for one in sections if one.rows],
        subjects=subjects,
        files=files,
        mails=mails,
        file_size=file_size,
        fetch_file=lambda file_id: url_for("desk.enquiry_file", request_id=request_id, file_id=file_id),
        timeline=saying.timeline_of(happenings, said, facts.referrer.name or "the one who asked", now),
        kinds_of_referrer=KIND_OF_REFERRER,
        safe_words=SAFE_WORDS,
        may_see_looks=ANSWERS_FOR.admits(user),
        is_mine=facts.holder_id == user.id,
        counts=counts,
        held_count=post.held,
        filed_count=post.filed,
        capped=capped,
        number=words.number_words,
        view=None,
        problem=problem,
        done=DONE_WORDS.get(request.args.get("done", "")),
        **panels,
    )
    return page, status


INSIDE_CLOCKS = (ClockKind.FIRST_CONTACT, ClockKind.STATUTORY)


def ways_of(
    facts: RequestFacts, enquiry: EnquiryFacts | None, threads: Sequence[ThreadFacts], now: datetime, settings: Settings
) -> Ways:
    """Return by which ways the page offers to write."""
    return ways_to(
        safe=facts.referrer.safe,
        email=facts.referrer.email,
        phone=mobile_of(facts.referrer.phone),
        threads=[one for one in threads if one.is_open],
        text_from=number_for_texts(facts.wall, settings),
        is_waiting=enquiry is not None and enquiry.waits_since is not None,
        now=now,
    )


def box_of(facts: RequestFacts, enquiry: EnquiryFacts | None, ways: Ways, form: ReplyForm) -> Box:
    """Return the box for a reply, with what its text comes to."""
    way = next((one for one in ways.open if one.channel.value == form.channel.data), next(iter(ways.open), None))
    refused = ways.refused
    if way is None:
        return Box(
            ways,
            "",
            "",
            "",
            "",
            is_text=False,
            refusal=SENTENCES[refused or NoWay.NO_ADDRESS],
            may_ask=ways.to_ask is not None,
            may_say_safe=refused in (NoWay.NOT_SAID, NoWay.UNSAFE),
        )
    is_mixed = len({words.is_text(one.channel) for one in ways.open}) > 1
    is_text = is_mixed or words.is_text(way.channel)
    label, button = ("Reply", "Send") if len(ways.open) > 1 else words.way_words(way.channel)
    where = "a text or an email" if is_mixed else "a text" if is_text else "an email"
    return Box(
        ways,
        label,
        button,
        f"No names, schools or birth dates in {where}.",
        count_words(form.words.data or "") if is_text else "",
        is_text=is_text,
        refusal="",
        may_ask=False,
        may_say_safe=False,
    )


def count_words(text: str) -> str:
    """Say how many texts a reply comes to: "2 texts long, 216 of 306 characters."""
    counted = count_segments(text)
    length = "1 text" if counted.count == 1 else f"{counted.count} texts"
    return f"{length} long, {counted.units} of {counted.units + counted.room} characters."
