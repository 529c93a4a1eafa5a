"""Whether the family knows: the page that stops, and a post that goes round it (GL-4, GL-5, W10)."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from infrastructure.database import utc_now
from infrastructure.house import House
from infrastructure.outbox.models import OutboxMessage
from service_request.domain.consent import FamilyNotToldError
from service_request.models import ServiceRequest
from service_request.services.drafts import save_step
from service_request.services.send_form import send_form
from tests.service_request.channels.web.walking import NAMED, NARRATIVE, Draft

RISK = {"told": "risk", "risk_reason": "His mother's partner reads the letters from school."}


def requests_kept(session: Session) -> int:
    session.rollback()
    return session.scalars(select(func.count()).select_from(ServiceRequest)).one()


@pytest.mark.rule("GL-5")
@pytest.mark.rule("EV-10")
def test_not_yet_stops_the_form_and_says_what_to_do(draft: Draft) -> None:
    draft.answer("told", {"told": "not_yet"})
    person = draft.person
    assert person.h1 == "Tell the family first, then come back"
    assert "We cannot take a request about a named family who has not been told" in person.words
    assert "They have a right to know who is talking about them" in person.words
    assert "Your answers are saved. Nothing has been sent." in person.words
    assert "Talk to a parent or carer" in person.words
    assert {"tel:999", "tel:+441632960120"} <= {link.attributes["href"] for link in person.page.all("a")}
    assert "takes your call whatever the answer" in person.words


@pytest.mark.rule("GL-5")
def test_the_stop_keeps_every_word_of_the_draft(draft: Draft, session: Session) -> None:
    draft.fill(NAMED)
    draft.answer("told", {"told": "not_yet"})
    draft.open("check")
    for words in (NARRATIVE, "Callum Hartley", "14 March 2017", "WM4 2QT", "s.rahman@brookfield.example"):
        assert words in draft.person.words
    draft.fill({"told": {"told": "yes"}}).send()
    assert draft.person.h1 == "Request sent"
    assert requests_kept(session) == 1


@pytest.mark.rule("GL-5")
def test_the_ways_on_from_the_stop_lead_to_the_question(draft: Draft) -> None:
    draft.answer("told", {"told": "not_yet"})
    ways = {link.text: link.attributes["href"] for link in draft.person.page.all("a")}
    for words in ("telling them may put a child at further risk", "you want to talk it through without names"):
        assert ways[words] == draft.url("step/told")


@pytest.mark.rule("GL-5")
def test_an_authority_that_adds_an_exception_shows_it_at_the_stop(make_app: object) -> None:
    from tests.service_request.channels.web.walking import Person

    app = make_app(told_exceptions="order=a court order forbids it")  # type: ignore[operator]
    with app.app_context():
        draft = Person(app.test_client()).begin()
        draft.answer("told", {"told": "not_yet"})
        assert "a court order forbids it" in draft.person.words
        draft.answer("told", {"told": "order"})
        assert draft.person.errors() == ["Enter why this exception holds"]


@pytest.mark.rule("GL-5")
@pytest.mark.storage
def test_a_form_cannot_be_sent_when_the_family_was_not_told_and_no_exception_holds(
    draft: Draft, session: Session
) -> None:
    draft.fill({**{key: typed for key, typed in NAMED.items() if key != "agrees"}, "told": {"told": "not_yet"}})
    draft.send()
    assert draft.person.h1 == "Check your answers"
    assert draft.person.errors() == [
        "Tell the family before you send this. Your draft is kept. If a child is in danger, ring the duty line now."
    ]
    assert requests_kept(session) == 0


@pytest.mark.rule("GL-5")
@pytest.mark.parametrize("typed", [{}, {"told": ["not_yet"]}, {"told": ["override"]}, {"told": ["risk"]}])
def test_a_crafted_post_past_the_gate_is_refused_and_half_stores_nothing(
    draft: Draft, session: Session, house: House, typed: dict[str, list[str]]
) -> None:
    draft.fill({key: value for key, value in NAMED.items() if key not in ("told", "agrees")})
    device = draft.person.client.get_cookie("device")
    assert device is not None
    save_step(
        session, draft.id, device=device.value, key="told", typed=typed, now=utc_now(), house=house
    )  # the draft edited by hand, round the page
    draft.send()
    assert draft.person.errors()
    assert requests_kept(session) == 0
    assert session.scalars(select(func.count()).select_from(OutboxMessage)).one() == 0


@pytest.mark.rule("GL-5")
@pytest.mark.parametrize("told", ["not_yet", "override", "risk", ""])
def test_the_service_refuses_though_every_check_of_the_form_is_gone(
    draft: Draft, session: Session, house: House, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    draft.fill({key: value for key, value in NAMED.items() if key not in ("told", "agrees")})
    device = draft.person.client.get_cookie("device")
    assert device is not None
    save_step(session, draft.id, device=device.value, key="told", typed={"told": [told]}, now=utc_now(), house=house)
    digest = draft.digest()
    monkeypatch.setattr("service_request.pathways.social_care.forms.problems", lambda *_: [])
    with pytest.raises(FamilyNotToldError):
        send_form(session, draft_id=draft.id, device=device.value, digest=digest, now=utc_now(), house=house)
    assert requests_kept(session) == 0


@pytest.mark.rule("GL-5")
def test_risk_needs_its_reason_and_then_opens_the_gate(draft: Draft, session: Session) -> None:
    draft.answer("told", {"told": "risk", "risk_reason": "  "})
    assert draft.person.errors() == ["Enter why telling the family may put the child at further risk"]
    answers = {key: value for key, value in NAMED.items() if key != "agrees"}
    draft.fill({**answers, "told": RISK}).send()
    assert draft.person.h1 == "Request sent"
    assert requests_kept(session) == 1


def test_w10_nothing_is_chosen_for_the_referrer(draft: Draft) -> None:
    draft.open("step/told")
    assert not [radio for radio in draft.person.page.all("input", type="radio") if "checked" in radio.attributes]


def test_the_reason_shows_without_script_beside_its_answer(draft: Draft) -> None:
    draft.open("step/told")
    assert draft.person.page.one("textarea", name="risk_reason")


def test_the_stop_leads_back_when_the_answer_is_another(draft: Draft) -> None:
    draft.answer("told", {"told": "yes"})
    draft.open("not-yet")
    assert draft.person.address == draft.url("step/told")
