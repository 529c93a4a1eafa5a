"""Every way in: its guard, what looking may write, and what a forged post may do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import create_app
from demonstration.carrier.account import Account
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.settings import read_settings
from infrastructure.web.errors import STALE
from infrastructure.web.guard import Everyone, Signed, Staff
from scripts.routes_page import PAGE, Route, list_routes, make_page
from service_request.models import DraftPart, Task, TaskKind
from service_request.pathways.social_care.codes import FormKind
from service_request.services.tasks import need_task
from tests.answers import FULL_FORM
from tests.architecture.stage import TEACHER_ADDRESS, Stage
from tests.evaluating import MOTHER
from tests.factories import NOW
from tests.helpdesk.web.signing_in import PASSWORD
from tests.made_files import PDF
from tests.plugins.house import Mailbox, settings_for

AGAIN = "write the page anew: make pages"
ONLY_LEADS_ON = {"desk.home", "desk.begin_own", "desk.back_from_own"}  # what a GET never answers with a page of its own


@pytest.fixture(autouse=True)
def tuesday_at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def stage(app: Flask, session: Session, house: House, work: Callable[[], None]) -> Stage:
    return Stage(app, session, house, work)


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[Route]:
    folder = tmp_path_factory.mktemp("routes")
    return list_routes(create_app(settings_for(f"sqlite:///{folder / 'none.sqlite'}", folder, 25)))


# ---------------------------------------------------------------- guards


def test_every_route_declares_its_guard(routes: list[Route]) -> None:
    assert [route.endpoint for route in routes if route.guard is None] == []
    assert len(routes) > 60


def test_whoever_lets_everyone_in_says_why_that_is_safe(routes: list[Route]) -> None:
    assert [r.endpoint for r in routes if isinstance(r.guard, Everyone) and len(r.guard.why.split()) < 4] == []


def test_a_staff_page_is_open_to_nobody_outside_but_on_the_way_in_and_out(routes: list[Route]) -> None:
    open_doors = {r.endpoint for r in routes if r.endpoint.startswith("desk.") and isinstance(r.guard, Everyone)}
    open_doors -= {"desk.begin_own", "desk.back_from_own"}  # to the authority's own sign-in, and back
    assert open_doors == {
        "desk.home",
        "desk.invitation",
        "desk.no_place",
        "desk.second",
        "desk.sign_in",
        "desk.sign_out",
    }
    assert not [r for r in routes if r.endpoint.startswith("web.") and isinstance(r.guard, Staff)]


def test_the_page_of_routes_is_that_of_the_application(app: Flask, routes: list[Route]) -> None:
    page = make_page(app)
    assert page.count("\n| `") == len(routes), "give the blueprint a section in scripts/routes_page.py"
    assert PAGE.read_text() == page, AGAIN


def test_nothing_but_a_demonstration_has_its_desk(tmp_path: Any, routes: list[Route]) -> None:
    real = settings_for(f"sqlite:///{tmp_path / 'none.sqlite'}", tmp_path, 25).model_dump()
    changes: dict[str, Any] = {
        "demonstration": False,
        "public_url": "https://ask.westmarch.example",
        "smtp_starttls": True,
    }
    changes |= {"scanner": "none", "files_dir": str(tmp_path), "twilio_api_base": ""}
    served = {route.endpoint for route in list_routes(create_app(read_settings(**{**real, **changes})))}
    assert served == {route.endpoint for route in routes if not route.endpoint.startswith("demonstration.")}


# ---------------------------------------------------------------- looking


def addresses(stage: Stage, app: Flask, route: Route) -> list[str]:
    """Return addresses of a GET route, with ids of things that are there."""
    adapter = app.url_map.bind("localhost")
    return [adapter.build(route.endpoint, values) for values in _values(stage, route)]


def _values(stage: Stage, route: Route) -> list[dict[str, Any]]:
    endpoint = route.endpoint
    if "<" not in route.path:
        return [{}]
    tokens = {
        "web.complete": lambda: stage.completing,
        "web.found_drafts": lambda: stage.finding,
        "web.message": lambda: stage.message[0],
        "web.mine": lambda: stage.mine[0],
        "web.mine_code": lambda: stage.mine[0],
        "web.part": lambda: stage.part[0],
        "web.part_code": lambda: stage.part[0],
        "web.message_code": lambda: stage.message[0],
        "desk.invitation": lambda: stage.invitation,
        "web.sendiass_asked": lambda: stage.receipt,
        "web.evaluation": lambda: stage.evaluation,
    }
    if "<int:year>" in route.path:
        return [{"year": stage.results_year}]
    if endpoint.startswith("web.answer") and "<token>" in route.path:
        return [{"token": stage.answering[0], **({"key": "child.1.where"} if "<key>" in route.path else {})}]
    if endpoint == "web.part_step":
        return [{"token": stage.part[0], "key": "concerns"}]
    if "<token>" in route.path:
        return [{"token": tokens.get(endpoint, lambda: stage.outcome[0])()}]
    if "draft_id" in route.path:
        drafts = [stage.full, stage.sent, stage.not_yet, stage.without_names, stage.asked, stage.changing, stage.shared]
        more: list[dict[str, Any]] = [{}]
        if "<key>" in route.path:
            drafts, more = [stage.full], [{"key": key} for key in FULL_FORM]
        elif "<what>" in route.path:
            more = [{"what": "child", "number": 1}, {"what": "adult", "number": 1}]
        return [{"draft_id": draft, **values} for draft in drafts for values in more]
    if endpoint == "desk.why_late":
        return [dict(zip(("request_id", "clock_id"), stage.broken, strict=True))]
    if endpoint == "desk.held_text":
        return [{"arrival_id": stage.held_outside}]
    if endpoint == "desk.held_enquiry":
        return [{"arrival_id": stage.held_inside}]
    if "mail_id" in route.path:
        return [{"mail_id": one.id} for one in (stage.mailed, stage.filed_mail, stage.possible_mail, stage.mail_inside)]
    if endpoint in ("desk.write_down", "desk.ask_form"):
        return [{"request_id": stage.mailed.request_id}]
    if endpoint == "desk.raw_held_mail":
        return [{"arrival_id": stage.held_mail.arrival_id}]
    if "answer_id" in route.path:
        return [{"answer_id": stage.saved_answer if "saved" in route.path else stage.answer}]
    if endpoint.startswith("desk.enquiry") or endpoint in ("desk.share_concern", "desk.log_attempt"):
        request_id = stage.enquiry
        if "other_id" in route.path:
            return [{"request_id": stage.reached_again, "other_id": stage.reached}]
        more_ids = {"file_id": stage.enquiry_file} if "file_id" in route.path else {}
        if "deadline_id" in route.path:
            return [{"request_id": stage.texted.id, "deadline_id": stage.inside_deadline}]
        texted = [] if more_ids else [{"request_id": stage.texted.id}]
        if endpoint in ("desk.enquiry", "desk.enquiry_facts", "desk.enquiry_level", "desk.enquiry_split"):
            texted += [{"request_id": one} for one in (stage.reached, stage.reached_again, stage.aside_inside)]
        return [{"request_id": request_id, **more_ids}, *texted]
    if "person_id" in route.path:
        return [{"person_id": stage.county.officer.id}]
    if "run_id" in route.path:
        return [{"run_id": stage.tried_import}]
    if "<table>" in route.path:
        return [{"table": "teams"}]
    if "investigation_id" in route.path:
        return [{"investigation_id": stage.investigation}]
    if endpoint == "desk.given_request":
        return [{"grant_id": stage.given[1]}]
    if endpoint == "desk.review_glass":
        return [{"task_id": stage.glass[1]}]
    if endpoint in ("desk.lift_bar", "desk.unrestrict"):
        return [dict(zip(("request_id", "bar_id"), stage.kept_to_few, strict=True))]
    if endpoint == "desk.hand_over":
        return [{"request_id": stage.family_call}]
    if endpoint == "desk.held_back":
        return [{"message_id": stage.held}]
    if "message_id" in route.path:
        return [{"message_id": stage.letter}]
    if "file_id" in route.path:
        request_id, file_id, assignment_id = stage.file
        return [{"request_id": request_id, "file_id": file_id, "assignment_id": assignment_id}]
    if "assignment_id" in route.path:
        return [{"assignment_id": stage.taken_on}]
    if "<kind>" in route.path:
        return [{"kind": kind} for kind in TaskKind]
    if "outcome_id" in route.path:
        return [{"request_id": stage.to_ring, "outcome_id": stage.owed}]
    if endpoint.startswith("web.") and "request_id" in route.path:
        return [{"request_id": one} for one in (stage.sent_by_teacher, stage.decided)]
    requests = [stage.received, stage.claimed, stage.waiting, stage.decided, stage.to_ring, stage.hint[0], stage.aside]
    if "asked_id" in route.path:
        return [{"request_id": stage.claimed, "asked_id": stage.asking}]
    if "subject_id" in route.path:
        return [{"request_id": one, "subject_id": stage.subject(one)} for one in requests]
    assert "request_id" in route.path, f"say here how to open {route.path}"
    return [{"request_id": one} for one in requests]


def test_a_look_writes_nothing_but_the_access_log_and_when_somebody_was_last_seen(
    stage: Stage, app: Flask, routes: list[Route]
) -> None:
    county = stage.county
    staff = [county.officer, county.manager, county.manager_aldermoor, county.service_manager]
    staff += [county.social_worker, county.locality_worker, county.administrator, stage.adviser_user]
    looking = [route for route in routes if "GET" in route.methods]
    places = {route.endpoint: addresses(stage, app, route) for route in looking}
    outside = {"nobody": stage.anyone, "a holder": stage.holder}
    inside = {"nobody": stage.anyone, **{user.name: stage.staff(user) for user in staff}}
    inside |= {"with a phone": stage.with_phone, "who owes a code": stage.pending}
    opened, looks = set(), set()
    for endpoint, found in places.items():
        visitors: dict[str, FlaskClient] = inside if endpoint.startswith("desk.") else outside
        for name, client in visitors.items():
            for address in found:
                visit = stage.visit(client, "GET", address)
                assert visit.changes == [], (name, address)
                assert visit.status < 500, (name, address)
                looks.update(statement.split(" (")[0] for statement in visit.written)
                if visit.status == 200:
                    opened.add(endpoint)
    assert set(places) - opened == ONLY_LEADS_ON
    assert any("access_log" in one for one in looks) and any("web_session" in one for one in looks)


def test_a_head_writes_no_more_than_a_get(stage: Stage) -> None:
    address = f"/staff/requests/{stage.received}"
    assert stage.visit(stage.officer, "HEAD", address).changes == []


# ---------------------------------------------------------------- forged posts

Act = tuple[FlaskClient, dict[str, Any], dict[str, Any]]  # whose browser, the address's values, what is posted

DECISION = {
    "information": "The form and a call with the school nurse.",
    "analysis": "Hunger and lateness for two weeks.",
    "reason": "An assessment will look at what help the family wants.",
    "same": "referral-initial_assessment",
}
CLOSED = {"close-closure": "help_given", "close-closed_on": ["17", "11", "2026"]}


def a_file() -> dict[str, Any]:
    """Return a letter as a form sends it."""
    return {"files": (BytesIO(PDF), "letter.pdf")}


def news(stage: Stage) -> UUID:
    """Make a task behind which nothing is open: it is done by saying so."""
    request_id = stage.received
    with transaction(stage.session):
        need_task(stage.session, TaskKind.NEW_INFORMATION, cause="news", request_id=request_id, now=NOW)
    return stage.one(select(Task.id).where(Task.cause == "news"))


POSTS: dict[str, Callable[[Stage], Act]] = {
    "web.start": lambda s: (s.anyone, {}, {"who": FormKind.PUBLIC_FAMILY.value}),
    "web.names": lambda s: (s.anyone, {}, {"names": "named"}),
    "web.ask_for_drafts": lambda s: (s.anyone, {}, {"email": TEACHER_ADDRESS} if s.proven else {}),
    "web.open_found": lambda s: (s.anyone, {"token": s.finding}, {}),
    "web.begin_completing": lambda s: (s.anyone, {"token": s.completing}, {}),
    "web.ask_for_code": lambda s: (s.anyone, {"token": s.outcome[0]}, {}),
    "web.take_outcome_code": lambda s: (s.anyone, {"token": s.outcome[0]}, {"code": "123456"}),
    "web.ask_for_message_code": lambda s: (s.anyone, {"token": s.message[0]}, {}),
    "web.take_message_code": lambda s: (s.anyone, {"token": s.message[0]}, {"code": "123456"}),
    "web.ask_for_answer_code": lambda s: (s.anyone, {"token": s.answering[0]}, {}),
    "web.take_answer_code": lambda s: (s.anyone, {"token": s.answering[0]}, {"code": "123456"}),
    "web.answer_mine": lambda s: (s.mailbox, {"asked_id": s.asking}, {}),
    "web.save_answer_step": lambda s: (
        s.holder, {"token": s.answering[0], "key": "child.1.where"}, {"gp": "Aldermoor Surgery"}
    ),
    "web.send_answer": lambda s: (s.holder, {"token": s.answering[0]}, {"digest": s.answer_digest}),
    "web.add_answer_files": lambda s: (s.holder, {"token": s.answering[0]}, a_file()),
    "web.remove_answer_file": lambda s: (
        s.answer_file[0], {"token": s.answer_file[1], "file_id": s.answer_file[2]}, {}
    ),
    "web.ask_for_mine": lambda s: (s.anyone, {}, {"email": TEACHER_ADDRESS} if s.proven else {}),
    "web.ask_for_mine_code": lambda s: (s.anyone, {"token": s.mine[0]}, {}),
    "web.take_mine_code": lambda s: (s.anyone, {"token": s.mine[0]}, {"code": "123456"}),
    "web.withdraw": lambda s: (
        s.mailbox, {"request_id": s.sent_by_teacher}, {"reason": "by_mistake", "words": "A slip.", "name": "Tom Ashe"}
    ),
    "web.amend": lambda s: (s.mailbox, {"request_id": s.sent_by_teacher}, {}),
    "web.changes": lambda s: (
        s.mailbox_and_device, {"draft_id": s.changing}, {
            "digest": s.changing_digest, "reason": "mistake", "words": "A slip.", "name": "Tom Ashe",
        }
    ),
    "desk.withdrawal": lambda s: (s.officer, {"request_id": s.asked_back}, {"answer": "close"}),
    "desk.confirm_agency": lambda s: (s.officer, {"request_id": s.of_chosen_agency}, {"rang": "rang", "theirs": "yes"}),
    "web.colleague": lambda s: (
        s.holder, {"draft_id": s.shared}, {"steps": ["concerns"], "email": "nurse@brookfield.example"}
    ),
    "web.end_part": lambda s: (s.holder, {"draft_id": s.shared}, {"part": str(s.one(select(DraftPart.id).order_by(DraftPart.id).limit(1)))}),
    "web.ask_for_part_code": lambda s: (s.anyone, {"token": s.part[0]}, {}),
    "web.take_part_code": lambda s: (s.anyone, {"token": s.part[0]}, {"code": "123456"}),
    "web.save_part_step": lambda s: (s.holder, {"token": s.part[0], "key": "concerns"}, {"narrative": "He is ill."}),
    "web.finish_part": lambda s: (s.holder, {"token": s.part[0]}, {}),
    "web.let_go": lambda s: (s.holder, {}, {}),
    "web.open_my_draft": lambda s: (s.mailbox, {}, {"draft": str(s.proven)}),
    "web.take_code": lambda s: (s.holder, {"draft_id": s.asked}, {"code": "123456"}),
    "web.send_code": lambda s: (s.holder, {"draft_id": s.full}, {"email": TEACHER_ADDRESS}),
    "web.save_step": lambda s: (s.holder, {"draft_id": s.full, "key": "told"}, {"told": "yes"}),
    "web.send": lambda s: (s.holder, {"draft_id": s.full}, {"digest": s.digest}),
    "web.add_files": lambda s: (s.holder, {"draft_id": s.full}, a_file()),
    "web.remove_file": lambda s: (s.holder, {"draft_id": s.draft_file[0], "file_id": s.draft_file[1]}, {}),
    "desk.keep_file": lambda s: (s.officer, {"request_id": s.received}, {**a_file(), "words": "A letter"}),
    "web.send_to_sendiass": lambda s: (s.anyone, {}, {"form_id": str(uuid4()), **MOTHER}),
    "web.answer_evaluation": lambda s: (s.anyone, {"token": s.evaluation}, {"reach": "4", "name": "without"}),
    "web.decline_evaluation": lambda s: (s.anyone, {"token": s.evaluation}, {}),
    "web.take_out": lambda s: (s.holder, {"draft_id": s.full, "what": "child", "number": 2}, {}),
    "web.throw_away": lambda s: (s.holder, {"draft_id": s.full}, {}),
    "demonstration.text": lambda s: (s.anyone, {}, {"body": "school wont let my son in"}),
    "demonstration.write": lambda s: (s.anyone, {}, {"subject": "School", "words": "They will not let him in."}),
    "desk.sign_in": lambda s: (s.anyone, {}, {"email": s.county.officer.email, "password": "wrong all the same"}),
    "desk.sign_out": lambda s: (s.officer, {}, {}),
    "desk.second": lambda s: (s.pending, {}, {"code": "000000"}),
    "desk.authenticator": lambda s: (s.with_phone, {}, s.new_phone()),
    "desk.own_password": lambda s: (
        s.with_phone,
        {},
        {"password": PASSWORD, "new_password": "four loud heather gates"},
    ),
    "desk.recovery_codes": lambda s: (s.with_phone, {}, {"password": PASSWORD}),
    "desk.end_sessions": lambda s: (s.with_phone, {}, {}),
    "desk.invite": lambda s: (s.administrator, {}, {
        "name": "Nora Field", "email": "n.field@westmarch.example", "team": str(s.county.desk), "role": "officer",
    }),
    "desk.change_person": lambda s: (s.administrator, {"person_id": s.county.officer.id}, {"act": "link"}),
    "desk.stay": lambda s: (s.officer, {}, {}),
    "desk.invitation": lambda s: (s.anyone, {"token": s.invitation}, {"password": "teasel saltby aldermoor"}),
    "desk.take_call": lambda s: (s.officer, {}, {"call_id": str(uuid4()), "narrative": "She is afraid."}),
    "desk.claim": lambda s: (s.officer, {"request_id": s.received}, {}),
    "desk.release": lambda s: (s.officer, {"request_id": s.claimed}, {}),
    "desk.pass_to_manager": lambda s: (s.officer, {"request_id": s.claimed}, {}),
    "desk.note": lambda s: (s.officer, {"request_id": s.received}, {"words": "Rang the school."}),
    "desk.log_call": lambda s: (s.officer, {"request_id": s.received}, {"reached": "yes", "words": "She will write."}),
    "desk.write_mail": lambda s: (
        s.officer, {"request_id": s.received}, {"to": TEACHER_ADDRESS, "words": "Ring us.", "way": "mail"}
    ),
    "desk.ask_referrer": lambda s: (s.officer, {"request_id": s.received}, {"words": "Which surgery?", "act": "send"}),
    "desk.mark_answered": lambda s: (s.officer, {"asked_id": s.asking, "request_id": s.claimed}, {}),
    "desk.give_up": lambda s: (
        s.officer, {"asked_id": s.asking, "request_id": s.claimed}, {"reason": "no_answer"}
    ),
    "desk.set_aside": lambda s: (s.officer, {"request_id": s.received}, {"reason": "junk"}),
    "desk.fold": lambda s: (
        s.officer, {"request_id": s.received, "into": s.reference(s.waiting)}, {"child_1": str(s.subject(s.waiting))}
    ),
    "desk.unfold": lambda s: (s.officer, {"request_id": s.folded}, {}),
    "desk.keep_apart": lambda s: (s.officer, {"request_id": s.came_late()}, {}),
    "desk.add_to_earlier": lambda s: (s.officer, {"request_id": s.came_late()}, {}),
    "desk.only_note": lambda s: (s.officer, {"request_id": s.came_late()}, {}),
    "desk.open_anew": lambda s: (s.officer, dict(zip(("request_id", "response_id"), s.late_form, strict=True)), {}),
    "desk.send_on_late": lambda s: (s.officer, dict(zip(("request_id", "task_id"), s.late_yes, strict=True)), {}),
    "desk.restore": lambda s: (s.officer, {"request_id": s.aside}, {}),
    "desk.return_to_desk": lambda s: (s.manager, {"request_id": s.waiting}, {"reason": "Ring the school nurse."}),
    "desk.open_case": lambda s: (s.officer, {"request_id": s.received}, {"found": "none"}),
    "desk.confirm_referrer": lambda s: (s.officer, {"request_id": s.unproven}, {"checked": ["rang", "knows"]}),
    "desk.record_consent": lambda s: (s.officer, {"request_id": s.received}, {"told": "yes", "agrees": "not_asked"}),
    "desk.answer_hint": lambda s: (s.officer, {"request_id": s.hint[0], "similarity_id": s.hint[1]}, {"same": "yes"}),
    "desk.decide": lambda s: (s.manager, {"request_id": s.waiting}, DECISION),
    "desk.close": lambda s: (s.officer, {"request_id": s.to_close}, {}),
    "desk.send_to_team": lambda s: (
        s.officer, {"request_id": s.handed_back, "subject_id": s.subject(s.decided)}, {"team": str(s.county.locality)}
    ),
    "desk.tell_outcome": lambda s: (
        s.officer, {"request_id": s.to_ring, "outcome_id": s.owed}, {"act": "told", "told-words": "Told her mother."}
    ),
    "desk.held_back": lambda s: (
        s.officer, {"message_id": s.held}, {"act": "cancel", "cancel-reason": "Rang the team."}
    ),
    "desk.restrict": lambda s: (s.officer, {"request_id": s.received}, {
        "reason": "known_here", "words": "A neighbour.", "keepers": [str(s.county.manager.id)],
    }),
    "desk.unrestrict": lambda s: (s.officer, {"request_id": s.kept_to_few[0]}, {"words": "It is over."}),
    "desk.bar": lambda s: (s.officer, {"request_id": s.received}, {
        "person": str(s.county.officer_two.id), "reason": "knows_them", "words": "A neighbour.",
    }),
    "desk.lift_bar": lambda s: (
        s.officer, {"request_id": s.kept_to_few[0], "bar_id": s.kept_to_few[1]}, {"words": "A mistake."}
    ),
    "desk.give_sight": lambda s: (s.manager, {"request_id": s.received}, {
        "whom": f"team:{s.county.locality}", "reason": "advice", "words": "To ask.", "parts": ["story"],
        "last_day": ["18", "11", "2026"],
    }),
    "desk.end_sight": lambda s: (s.manager, {"request_id": s.given[0], "grant_id": s.given[1]}, {}),
    "desk.break_glass": lambda s: (s.manager_aldermoor, {}, {
        "reference": s.reference(s.received), "reason": "danger", "words": "The police rang.",
    }),
    "desk.end_glass": lambda s: (s.manager_aldermoor, {"request_id": s.glass[0]}, {}),
    "desk.review_glass": lambda s: (s.service_manager, {"task_id": s.glass[1]}, {"verdict": "right"}),
    "desk.hand_over": lambda s: (s.officer, {"request_id": s.family_call}, {"sure": "yes"}),
    "desk.share_concern": lambda s: (s.adviser, {"request_id": s.enquiry}, {
        "share_id": str(uuid4()), "team": str(s.county.desk), "urgency": "urgent", "concern": "A boy is alone each evening.",
        "told": "yes", "reason": "He may come to harm.",
    }),
    "desk.take_enquiry": lambda s: (s.adviser, {"request_id": s.texted.id}, {}),
    "desk.see_to_danger": lambda s: (s.adviser, {"request_id": s.in_danger.id}, {}),
    "desk.ask_safe": lambda s: (s.adviser, {"request_id": s.unsaid.id}, {}),
    "desk.record_safe": lambda s: (s.adviser, {"request_id": s.unsaid.id}, {"safe": "yes"}),
    "desk.reply": lambda s: (s.adviser, {"request_id": s.texted.id}, {"act": "send", "words": "Keep the letter."}),
    "desk.enquiry_note": lambda s: (s.adviser, {"request_id": s.enquiry}, {"note-words": "Rang the governors."}),
    "desk.log_attempt": lambda s: (
        s.adviser, {"request_id": s.texted.id}, {"channel": "phone", "reached": "no", "words": ""}
    ),
    "desk.say_mail_kind": lambda s: (s.officer, {"mail_id": s.filed_mail.id}, {"kind": "person"}),
    "desk.answer_mail_match": lambda s: (s.officer, {"mail_id": s.possible_mail.id}, {"belongs": "no"}),
    "desk.write_down": lambda s: (s.officer, {"request_id": s.mailed.request_id}, {"narrative": "She is cold."}),
    "desk.ask_form": lambda s: (s.officer, {"request_id": s.mailed.request_id}, {"version": "1"}),
    "desk.held_text": lambda s: (s.officer, {"arrival_id": s.held_outside}, {"act": "set_aside", "reason": "junk"}),
    "desk.held_enquiry": lambda s: (s.adviser, {"arrival_id": s.held_inside}, {"act": "open"}),
    "desk.new_saved_answer": lambda s: (s.adviser, {}, {"title": "A letter", "kind": "reply", "body": "Keep it."}),
    "desk.saved_answer": lambda s: (
        s.adviser, {"answer_id": s.saved_answer}, {"title": "A letter", "kind": "factsheet", "body": "Keep it safe."}
    ),
    "desk.give_up_saved_answer": lambda s: (s.adviser, {"answer_id": s.saved_answer}, {}),
    "desk.new_answer": lambda s: (s.manager, {}, {"title": "A letter", "kind": "reply", "body": "Keep it."}),
    "desk.answer": lambda s: (
        s.manager, {"answer_id": s.answer}, {"title": "A letter", "kind": "factsheet", "body": "Keep it safe."}
    ),
    "desk.give_up_answer": lambda s: (s.manager, {"answer_id": s.answer}, {}),
    "desk.enquiry_call": lambda s: (s.adviser, {}, {"call_id": str(uuid4()), "channel": "phone", "story": "She rang."}),
    "desk.enquiry_level": lambda s: (s.adviser, {"request_id": s.reached}, {
        "level": "2", "reason": "A meeting at school.", "outcome": "I know my rights now.",
    }),
    "desk.enquiry_finish": lambda s: (s.adviser, {"request_id": s.reached}, {"outcome": "He is back at school."}),
    "desk.enquiry_close": lambda s: (s.adviser, {"request_id": s.texted.id}, {"reason": "opted_out"}),
    "desk.enquiry_signpost": lambda s: (s.adviser, {"request_id": s.texted.id}, {
        "reason": "out_of_area", "where": "The next county.", "told": "spoken",
    }),
    "desk.enquiry_professional": lambda s: (s.adviser, {"request_id": s.texted.id}, {"words": "They can ring us."}),
    "desk.enquiry_set_aside": lambda s: (s.adviser, {"request_id": s.texted.id}, {"reason": "wrong_number"}),
    "desk.enquiry_reopen": lambda s: (s.adviser, {"request_id": s.closed_inside}, {"reason": "by_mistake"}),
    "desk.enquiry_restore": lambda s: (s.adviser, {"request_id": s.aside_inside}, {}),
    "desk.enquiry_interpreter": lambda s: (s.adviser, {"request_id": s.reached}, {}),
    "desk.enquiry_record": lambda s: (s.adviser, {"request_id": s.texted.id}, {}),
    "desk.enquiry_family": lambda s: (
        s.adviser, {"request_id": s.reached, "other_id": s.reached_again}, {"same": "yes"}
    ),
    "desk.enquiry_fold": lambda s: (
        s.adviser, {"request_id": s.reached_again, "other_id": s.reached}, {"why": "She rang and texted about it."}
    ),
    "desk.enquiry_unfold": lambda s: (s.adviser, {"request_id": s.folded_inside}, {}),
    "desk.enquiry_split": lambda s: (s.adviser, {"request_id": s.reached}, {
        "split_id": str(uuid4()), "story": "Her sister waits too.", "who": "same",
    }),
    "desk.enquiry_keep_whole": lambda s: (s.adviser, {"request_id": s.reached}, {}),
    "desk.enquiry_deadline_new": lambda s: (s.adviser, {"request_id": s.texted.id}, {
        "kind": "appeal", "letter_on": ["2", "11", "2026"],
    }),
    "desk.enquiry_deadline": lambda s: (
        s.adviser, {"request_id": s.texted.id, "deadline_id": s.inside_deadline},
        {"kind": "exclusion", "letter_on": ["10", "11", "2026"]},
    ),
    "desk.enquiry_deadline_check": lambda s: (
        s.adviser, {"request_id": s.texted.id, "deadline_id": s.inside_deadline}, {}
    ),
    "desk.enquiry_deadline_end": lambda s: (
        s.adviser, {"request_id": s.texted.id, "deadline_id": s.inside_deadline}, {"end": "met"}
    ),
    "desk.enquiry_facts": lambda s: (s.adviser, {"request_id": s.texted.id}, {"age": "10", "enquirer": "parent"}),
    "desk.enquiry_task_done": lambda s: (s.adviser, {"task_id": s.inside_task}, {}),
    "desk.why_late": lambda s: (
        s.manager, {"request_id": s.broken[0], "clock_id": s.broken[1]}, {"reason": "overlooked"}
    ),
    "desk.calendar_hours": lambda s: (s.administrator, {}, {"hours": "mon-fri 08:30-16:30"}),
    "desk.calendar_day": lambda s: (
        s.administrator, {}, {"day": ["29", "12", "2026"], "how": "closed", "name": "Between the years"}
    ),
    "desk.take_out_day": lambda s: (s.administrator, {"day_id": s.own_day}, {}),
    "desk.make_checks": lambda s: (s.officer, {"request_id": s.claimed}, {"found_known": "no"}),
    "desk.import_tables": lambda s: (s.administrator, {}, {
        "kind": "agencies", "files": (BytesIO(b"name,kind,domain\nMoor School,school,moor.example\n"), "agencies.csv"),
    }),
    "desk.confirm_import": lambda s: (s.administrator, {"run_id": s.tried_import}, {}),
    "desk.new_turn": lambda s: (s.service_manager, {}, {
        "person": str(s.county.manager.id), "since": ["20", "11", "2026"], "starts": "17:00",
        "until": ["23", "11", "2026"], "ends": "09:00",
    }),
    "desk.end_turn": lambda s: (s.service_manager, {"turn_id": s.turn}, {}),
    "desk.task_done": lambda s: (s.officer, {"task_id": news(s)}, {"kind": "new_information"}),
    "desk.acknowledge": lambda s: (s.social_worker, {"assignment_id": s.assignment}, {}),
    "desk.hand_back": lambda s: (s.social_worker, {"assignment_id": s.assignment}, {"back-reason": "no_capacity"}),
    "desk.finish": lambda s: (s.social_worker, {"assignment_id": s.taken_on}, {"done-words": "Assessed and closed."}),
    "desk.close_referral": lambda s: (s.social_worker, {"assignment_id": s.taken_on}, CLOSED),
    "desk.ask_export": lambda s: (s.service_manager, {}, {
        "about": "person", "person": str(s.county.officer.id), "reason": "audit", "since": ["1", "11", "2026"],
        "until": ["17", "11", "2026"],
    }),
    "desk.answer_export": lambda s: (s.other_service_manager, {"investigation_id": s.investigation}, {"agrees": "no"}),
    "desk.take_export": lambda s: (s.service_manager, {"investigation_id": s.investigation}, {}),
    "desk.printed": lambda s: (s.officer, {"request_id": s.received}, {}),
    "desk.assignment_printed": lambda s: (s.social_worker, {"assignment_id": s.assignment}, {}),
    "desk.enquiry_printed": lambda s: (s.adviser, {"request_id": s.enquiry}, {}),
    "desk.given_printed": lambda s: (s.social_worker, {"grant_id": s.given[1]}, {}),
}  # fmt: skip
AT_THE_CARRIER = {"demonstration.text"}  # a text leaves a phone: the product has it when the carrier delivers it
AT_THE_MAIL_SERVER = {"demonstration.write"}  # and a mail when it is fetched
PRINTED = {name for name in POSTS if name.endswith("printed")}  # they write into the access log, and nothing else


def test_every_post_is_tried_with_and_without_its_token(routes: list[Route]) -> None:
    posting = {r.endpoint for r in routes if set(r.methods) - {"GET"} and not isinstance(r.guard, Signed)}
    assert posting == set(POSTS), "say in POSTS what a whole post of a new endpoint is"


def test_only_get_and_post_are_taken(routes: list[Route]) -> None:
    assert {method for route in routes for method in route.methods} == {"GET", "POST"}


@pytest.mark.parametrize("endpoint", POSTS)
def test_a_post_without_its_token_changes_nothing_and_with_it_does_the_act(
    endpoint: str, stage: Stage, app: Flask, routes: list[Route], carrier: Account, mailbox: Mailbox
) -> None:
    client, values, posted = POSTS[endpoint](stage)
    texts_before, mails_before = len(carrier.texts), len(mailbox.messages)
    address = app.url_map.bind("localhost").build(endpoint, values, method="POST")
    keeps_words = next(r.keeps_words for r in routes if r.endpoint == endpoint and "POST" in r.methods)

    for forged in ({}, {"csrf_token": "made by hand"}):
        posted = POSTS[endpoint](stage)[2] if "files" in posted else posted  # a stream is read once
        visit = stage.visit(client, "POST", address, {**posted, **forged})
        assert (visit.changes, len(carrier.texts)) == ([], texts_before), endpoint
        assert len(mailbox.messages) == mails_before, endpoint
        if keeps_words:
            assert visit.status in (200, 400)
            assert 'name="csrf_token"' in visit.response.text
        else:
            assert visit.status == 400
            assert STALE.title in visit.response.text

    posted = POSTS[endpoint](stage)[2] if "files" in posted else posted
    visit = stage.visit(client, "POST", address, {"csrf_token": _token(stage, client), **posted})
    if endpoint in AT_THE_CARRIER:
        assert [text.body for text in carrier.texts[texts_before:]] == [posted["body"]]
        return
    if endpoint in AT_THE_MAIL_SERVER:
        assert [str(mail["Subject"]) for mail in mailbox.messages[mails_before:]] == [posted["subject"]]
        return
    if endpoint == "desk.stay":  # the guard's own reading says that somebody was here, as on any page
        assert visit.status == 204
        return
    assert visit.written if endpoint in PRINTED else visit.changes, (endpoint, visit.status, visit.response.text[:3000])


def _token(stage: Stage, client: FlaskClient) -> str:
    page = stage.visit(client, "GET", "/").response.text
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
