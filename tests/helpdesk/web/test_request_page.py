"""One request on one page: what it shows, to whom, and the acts of the desk."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import AssignmentAct
from helpdesk.services import triage
from helpdesk.web.timeline import ACTS, SHOWN_BY_A_MESSAGE
from infrastructure.house import House
from infrastructure.trail import Access, AccessLog
from service_request.domain.consent import Told
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.models import Consent, Message, Referrer, ServiceRequest, Similarity, SimilarityState
from service_request.pathways.social_care.rules import RequestAct
from tests.answers import typed
from tests.factories import NOW, RYAN, County, make_request, make_waiting
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.conftest import Queries, SignIn
from tests.helpdesk.web.walking import Staff

Send = Callable[..., UUID]


def of(request_id: UUID, *rest: str) -> str:
    """Return the address of a request's page."""
    return "/".join(["/staff/requests", str(request_id), *rest])


@pytest.mark.rule("GL-2")
def test_the_page_reads_every_answer_back(officer: Staff, sent: Send) -> None:
    words = officer.get(of(sent())).words
    for one in (
        "Callum Hartley", "Ryan Hartley", "14 Mar 2017", "Brookfield Primary School", "Teasel Vale Medical Centre",
        "18 Tanners Row, Millbrook, WM4 2QT", "Both boys have come in hungry for two weeks",
        "Breakfast club since 2 November.",
        "Donna Hartley", "07700 900312", "Their grandmother died in August.", "I do the tea. It's all right.",
        "Public task: safeguarding children", "Due in 24 h", "Decision, Wed 09:00", "How this is worked out",
        "24 hours, nights and weekends count", "s.rahman@brookfield.example", "Received by web form",
    ):  # fmt: skip
        assert one in words or one.replace("24 h", "1 day") in words, one


def test_the_title_and_the_address_name_nobody(officer: Staff, sent: Send, ask: Ask) -> None:
    request_id = sent()
    page = officer.get(of(request_id))
    request = ask.one(ServiceRequest)
    assert page.title.startswith(format_reference(request.reference))
    for name in ("Callum", "Ryan", "Hartley"):
        assert name not in page.title
        assert name not in of(request_id)


@pytest.mark.rule("GL-3")
def test_what_is_missing_is_named_with_the_child_it_belongs_to(officer: Staff, sent: Send) -> None:
    where = typed(lives="same", lives_with="Mother", school="Brookfield Primary School", school_year="year_1")
    words = officer.get(of(sent({"child.2.where": where}))).words
    assert "Still missing:" in words
    assert "Ryan Hartley: GP surgery" in words


@pytest.mark.rule("EV-5")
def test_each_look_is_logged_and_the_page_says_who_has_looked(
    officer: Staff, manager: Staff, sent: Send, ask: Ask, county: County
) -> None:
    request_id = sent()
    assert "Who has looked: 0 people before you" in officer.get(of(request_id)).words
    assert "Who has looked: 1 person before you" in manager.get(of(request_id)).words
    looks = ask.all(AccessLog, AccessLog.act == Access.VIEW)
    assert {(look.actor_id, look.request_id) for look in looks} == {
        (county.officer.id, request_id),
        (county.manager.id, request_id),
    }
    assert len(looks) == 2
    words = manager.get(of(request_id, "looks")).words
    assert "Helen Prosser" in words
    assert "Grace Oyelaran" in words


@pytest.mark.rule("EV-5")
@pytest.mark.parametrize(
    "rest", ["", "looks", "decide", "call", "set-aside", "return", "open-case", "confirm-referrer", "consent"]
)
def test_a_request_that_is_not_yours_is_not_there(sign_in: SignIn, county: County, sent: Send, rest: str) -> None:
    request_id = sent()
    path = of(request_id, rest) if rest else of(request_id)
    for user in (county.manager_aldermoor, county.locality_worker, county.administrator, county.social_worker):
        page = sign_in(user).get(path)
        assert page.status == 404, (user.name, rest)
        assert "Hartley" not in page.html
    nobodys = of(uuid4(), rest) if rest else of(uuid4())
    assert sign_in(county.officer).get(nobodys).status == 404


def test_every_act_by_somebody_who_does_not_see_it_is_refused_and_changes_nothing(
    sign_in: SignIn, county: County, sent: Send, ask: Ask
) -> None:
    request_id = sent()
    before = ask.one(ServiceRequest).version
    for user in (county.manager_aldermoor, county.locality_worker, county.administrator):
        staff = sign_in(user)
        for act in ("claim", "release", "pass", "restore", "close", "note", "call", "set-aside", "return", "consent"):
            page = staff.post(of(request_id, act), token=staff_token(staff), words="x", reason="junk", reached="yes")
            assert page.status == 404, (user.name, act)
    assert ask.one(ServiceRequest).version == before
    assert ask.all(Message, Message.kind == "note") == []


def staff_token(staff: Staff) -> str:
    """Return a live token, whatever page this person may open."""
    return staff.token()


def test_a_service_manager_reads_and_changes_nothing(sign_in: SignIn, county: County, sent: Send) -> None:
    request_id = sent()
    staff = sign_in(county.service_manager)
    page = staff.get(of(request_id))
    assert page.status == 200
    assert [label for label in page.buttons if label] == []
    assert staff.post(of(request_id, "claim"), version="1").status == 404


def test_claim_note_call_and_pass(officer: Staff, sent: Send, ask: Ask, county: County) -> None:
    request_id = sent()
    page = officer.get(of(request_id))
    assert page.buttons[0] == "Claim"
    page = officer.follow(officer.post(of(request_id, "claim"), version=page.version))
    assert "You have claimed this request." in page.words
    assert "Claimed by Grace Oyelaran" in page.words
    assert page.buttons[0] == "Pass to manager"
    page = officer.follow(officer.post(of(request_id, "note"), words="Rang the nurse.\nWeights fine."))
    assert "Your note is saved." in page.words
    assert "Note , by Grace Oyelaran. Staff only, never sent Rang the nurse. Weights fine." in page.words
    page = officer.follow(officer.post(of(request_id, "call"), reached="yes", words="She will send dates."))
    assert "Call to the referrer , by Grace Oyelaran. Staff only, never sent She will send dates." in page.words
    page = officer.follow(officer.post(of(request_id, "pass"), version=page.version))
    assert "Passed to the manager. The clock goes on." in page.words
    assert ask.one(ServiceRequest).state is RequestState.AWAITING_DECISION


def test_an_empty_note_and_an_unsaid_call_say_what_to_enter(officer: Staff, sent: Send) -> None:
    request_id = sent()
    page = officer.post(of(request_id, "note"), words="   ")
    assert page.errors == ["Enter your note"]
    assert page.title.startswith("Error: ")
    assert officer.post(of(request_id, "call"), words="They were out.").errors == ["Select whether you spoke to them"]
    page = officer.post(of(request_id, "call"), reached="yes", words="")
    assert page.errors == ["Enter what was said"]


@pytest.mark.parametrize("act", ["note", "call"])
def test_every_word_typed_is_kept_when_it_cannot_be_saved(officer: Staff, sent: Send, act: str) -> None:
    words = "She said “it’s all right”.\r\n\r\n  <script>alert(1)</script> {{ 7*7 }} '; DROP TABLE\r\n" + "ü" * 6000
    page = officer.post(of(sent(), act), words=words, reached="yes")
    assert page.errors == ["Shorten this to 5,000 characters or fewer"]
    assert page.value("words").replace("\n", "") == words.replace("\r\n", "")
    assert "<script>alert" not in page.html


def test_somebody_elses_claim_is_told_in_words(sign_in: SignIn, county: County, officer: Staff, sent: Send) -> None:
    request_id = sent()
    version = officer.get(of(request_id)).version
    sign_in(county.officer_two).post(of(request_id, "claim"), version=version)
    page = officer.post(of(request_id, "claim"), version=version)
    assert page.status == 409
    assert page.errors[0].startswith("Somebody else changed this while you had it open.")
    assert "with Tom Birch" in page.words


@pytest.mark.rule("EV-7")
def test_a_stale_return_shows_what_happened_beside_what_was_written(
    manager: Staff, passed: UUID, session: Session, house: House, county: County
) -> None:
    version = manager.get(of(passed, "return")).version
    triage.record_open_case_check(
        session, request_id=passed, found=triage.OpenCase.NONE, by=county.officer, now=NOW, house=house
    )
    page = manager.post(of(passed, "return"), version=version, reason="Ask the school for dates.")
    assert page.status == 409
    assert "What happened meanwhile" in page.words
    assert "Case system looked up by Grace Oyelaran: no open case" in page.words
    assert page.words.count("Ask the school for dates.") == 2  # beside what happened, and still in the box
    page = manager.follow(manager.post(of(passed, "return"), version=page.version, reason=page.value("reason").strip()))
    assert "Returned to the helpdesk. The clock goes on." in page.words


@pytest.mark.rule("GL-8")
def test_setting_aside_needs_a_coded_reason_and_can_be_undone(officer: Staff, sent: Send, ask: Ask) -> None:
    request_id = sent()
    page = officer.post(of(request_id, "set-aside"), version="")
    assert page.errors == ["Select why this is not a request"]
    page = officer.follow(officer.post(of(request_id, "set-aside"), version=page.version, reason="test"))
    assert "Set aside : A test" in page.words
    assert page.buttons[0] == "Restore"
    page = officer.follow(officer.post(of(request_id, "restore"), version=page.version))
    assert "Restored. Its clock goes on as before." in page.words
    assert ask.one(ServiceRequest).state is RequestState.RECEIVED


@pytest.mark.rule("GL-4")
def test_a_later_answer_is_kept_beside_the_earlier_one(officer: Staff, county: County, sent: Send, ask: Ask) -> None:
    request_id = sent()
    page = officer.post(of(request_id, "consent"), told="risk", agrees="no", told_on=["31", "2", "2026"])
    assert page.errors == [
        "Enter why telling the family may put the child at further risk",
        "The date they were told must be a real date, for example 31 March 2017",
        "Select whose answer that is",
    ]
    page = officer.post(
        of(request_id, "consent"), version=page.version, told="yes", who_told="parent", agrees="no",
        agrees_who="parent", told_by="Samina Rahman", told_on=["16", "11", "2026"], lawful_basis="vital_interests",
    )  # fmt: skip
    page = officer.follow(page)
    assert "Earlier answers (1)" in page.words
    later, first = sorted(ask.all(Consent), key=lambda row: row.agrees.value)  # no, yes: both of the same moment
    assert (first.agrees, first.lawful_basis, later.agrees, later.lawful_basis) == (
        "yes", "public_task", "no", "vital_interests",
    )  # fmt: skip
    assert (later.told, later.who_told, later.told_by, later.agrees_who) == ("yes", "parent", "Samina Rahman", "parent")
    assert (later.told_on, later.by_id) == (date(2026, 11, 16), county.officer.id)


@pytest.mark.rule("GL-14")
def test_a_professional_is_confirmed_by_phone_only_when_both_were_checked(
    officer: Staff, session: Session, county: County, ask: Ask
) -> None:
    request = make_request(session, referrer={"proof": None})
    assert "Not proven." in officer.get(of(request.id)).words
    page = officer.post(of(request.id, "confirm-referrer"), version="", checked="rang")
    assert page.errors == ["Select both, or leave this referrer unconfirmed"]
    page = officer.post(of(request.id, "confirm-referrer"), version=page.version, checked=["rang", "knows"])
    assert "Confirmed by phone" in officer.follow(page).words
    assert ask.one(Referrer).proof == "phone"


@pytest.mark.rule("GL-13")
def test_the_check_of_the_case_system_says_who_made_it(officer: Staff, sent: Send) -> None:
    request_id = sent()
    page = officer.get(of(request_id, "open-case"))
    page = officer.follow(officer.post(of(request_id, "open-case"), version=page.version, found="open_elsewhere"))
    assert "A case is open already. Looked up by Grace Oyelaran" in page.words


@pytest.mark.rule("EV-4")
def test_a_child_seen_before_is_shown_with_what_agrees_and_is_answered_by_a_person(
    sign_in: SignIn, county: County, sent: Send, ask: Ask
) -> None:
    first = sent()
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        second, officer = sent(), sign_in(county.officer)
        assert "Seen before: 2 to answer" in officer.get("/staff/queue").words
        page = officer.get(of(second))
        assert "Seen before? 2 to answer" in page.words
        assert "Same: 14 Mar 2017" in page.words
        assert "score" not in page.words.lower()
        hints = ask.all(Similarity)
        officer.post(of(second, "hints", str(hints[0].id)), same="yes")
        page = officer.follow(officer.post(of(second, "hints", str(hints[1].id)), same="no"))
        assert "Saved: not the same child." in page.words
        assert {row.state for row in ask.all(Similarity)} == {SimilarityState.CONFIRMED, SimilarityState.SET_ASIDE}
        assert "Seen before?" not in officer.get(of(first)).words


def test_the_timeline_can_be_narrowed(officer: Staff, sent: Send) -> None:
    request_id = sent()
    officer.post(of(request_id, "note"), words="Rang the nurse.")
    shows = {
        "all": ("Rang the nurse.", "Received by web form", "To Samina Rahman"),
        "notes": ("Rang the nurse.",),
        "messages": ("To Samina Rahman",),
        "changes": ("Received by web form",),
    }
    for show, expected in shows.items():
        words = officer.get(of(request_id) + f"?show={show}").words.split(" Timeline ")[1]
        found = tuple(one for one in shows["all"] if one in words.split("How this is worked out")[0])
        assert found == expected, show


def test_every_act_on_the_trail_has_words() -> None:
    """Every code that any service records is told in words of its own."""
    root = Path(__file__).resolve().parents[3]
    codes: set[str] = {act.value for act in RequestAct} | {f"assignment_{act}" for act in AssignmentAct}
    for folder in ("helpdesk/services", "service_request/services"):
        for path in (root / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "record":
                    streams = {one.value for one in ast.walk(node.args[1]) if isinstance(one, ast.Constant)}
                    if streams - {"request"}:
                        continue
                    codes |= {one.value for one in ast.walk(node.args[2]) if isinstance(one, ast.Constant)}
    assert {"receive", "claim", "accept", "tell_outcome"} <= codes
    of_the_authority = {"load_authority", "set_day", "take_out_day", "office_hours"}  # not of a request's trail
    codes -= {"assignment_", *of_the_authority}
    assert {code for code in codes if code not in ACTS and code not in SHOWN_BY_A_MESSAGE} == set()


@pytest.mark.storage
def test_the_request_page_is_read_with_nine_queries(  # one for the names of who is warned
    sign_in: SignIn, sent: Send, county: County, queries: Queries
) -> None:
    request_id = sent()
    staff = sign_in(county.officer)
    staff.get(of(request_id))
    queries.statements.clear()
    assert staff.get(of(request_id)).status == 200
    assert len(queries.statements) == 9, queries.statements


@pytest.mark.storage
def test_the_request_page_with_everything_on_it_stays_within_twelve_queries(  # and one for what became of a child
    sign_in: SignIn, sent: Send, county: County, queries: Queries, session: Session, house: House
) -> None:
    sent()
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        request_id = sent()
        triage.pass_to_manager(session, request_id=request_id, by=county.officer, now=NOW, house=house)
        staff = sign_in(county.officer)
        staff.get(of(request_id))
        queries.statements.clear()
        assert staff.get(of(request_id)).status == 200
    assert len(queries.statements) == 12, queries.statements


@pytest.mark.rule("GL-6")
def test_a_request_without_names_shows_none_and_says_so(
    officer: Staff, manager: Staff, session: Session, county: County
) -> None:
    request = make_request(session, kind="in_principle", children=[RYAN], names_found=2)
    words: Any = officer.get(of(request.id)).words
    assert "No names" in words
    assert "2 words that may name somebody" in words
    waiting = make_waiting(session, county, kind="in_principle", told=Told.IN_PRINCIPLE, names_found=1)
    assert "1 word that may name somebody" in manager.get(of(waiting.id, "decide")).words


@pytest.mark.rule("EV-7")
def test_a_clock_is_shown_with_how_it_was_worked_out(officer: Staff, session: Session, county: County) -> None:
    request = make_request(session, area_id=county.teasel)
    assert (
        "How this is worked out Received Tue 17 Nov 08:00 Promise 24 hours, nights and weekends count "
        "Due Wed 18 Nov 08:00 Warns Wed 18 Nov 06:00"
    ) in officer.get(of(request.id)).words


@pytest.mark.rule("GL-18")
def test_a_child_who_turned_18_while_waiting_is_flagged(officer: Staff, session: Session, county: County) -> None:
    from tests.factories import Child

    request = make_request(
        session, children=[Child("Leon Marsh", date(2008, 11, 17))], received_at=NOW - timedelta(hours=20)
    )
    assert "Now 18: decide all the same" in officer.get(of(request.id)).words


@pytest.mark.rule("EV-5")
def test_printing_is_logged_for_those_who_may_see_it(
    officer: Staff, sign_in: SignIn, county: County, sent: Send, ask: Ask
) -> None:
    request_id = sent()
    assert officer.post(of(request_id, "printed")).status == 204
    assert sign_in(county.manager_aldermoor).post(of(request_id, "printed")).status == 404
    row = ask.one(AccessLog, AccessLog.act == Access.PRINT)
    assert (row.actor_id, row.request_id) == (county.officer.id, request_id)
