"""Answers that come after a form was sent: the old ones stay, and the record says what the new ones say."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.trail import Actor, ActorKind, Event
from service_request.domain.consent import Agrees, Told
from service_request.models import (
    AreaPrefix,
    Clock,
    Consent,
    FormResponse,
    Person,
    Relationship,
    ServiceRequest,
    Subject,
    Task,
    TaskKind,
)
from service_request.pathways.social_care.codes import FormKind
from service_request.services.adding_answers import add_answers
from service_request.services.drafts import start_draft
from service_request.services.send_form import answers_digest, send_form
from service_request.services.sight.holder import get_for_holder
from tests.answers import FULL_FORM, Answers, typed
from tests.factories import NOW, County, make_county
from tests.plugins.house import Mailbox

REFERRER = Actor(ActorKind.REFERRER)
LATER = NOW + timedelta(hours=3)
pytestmark = [pytest.mark.storage, pytest.mark.rule("GL-3")]
Add = Callable[..., FormResponse]


@pytest.fixture
def county(session: Session) -> County:
    return make_county(session)


@pytest.fixture
def sent(session: Session, house: House, county: County) -> Any:
    """Samina Rahman's request about two brothers, whose GP nobody named."""
    answers = deepcopy(FULL_FORM)
    del answers["child.1.where"]["gp"]
    draft = start_draft(session, kind=FormKind.FULL, device=None, answers=answers, now=NOW, house=house)
    digest = answers_digest(answers)
    return send_form(session, draft_id=draft.id, device=draft.device, digest=digest, now=NOW, house=house).request_id


@pytest.fixture
def add(session: Session, house: House, sent: Any) -> Add:
    """Add answers to it, as the referrer."""

    def add_them(changed: Answers, **more: Any) -> FormResponse:
        with transaction(session):
            request = get_for_holder(session, sent, lock=True)
            values: dict[str, Any] = {"why": "answer", "by": REFERRER, "now": LATER, **more}
            return add_answers(session, request, changed, house=house, **values)

    return add_them


def children(session: Session) -> list[tuple[str, str | None, dict[str, Any]]]:
    rows = session.execute(
        select(Subject, Person).join(Person, Person.id == Subject.person_id).order_by(Subject.number)
    )
    return [(subject.label or "", person.name, person.facts or {}) for subject, person in rows]


def test_what_was_missing_is_there_and_what_was_sent_before_stays(session: Session, sent: Any, add: Add) -> None:
    assert "child.1.where/gp" in session.get_one(ServiceRequest, sent).missing
    due_at = session.get_one(ServiceRequest, sent).next_due_at
    kept = add({"child.1.where": typed(gp="Aldermoor Surgery")}, words="I asked the mother", reason="left_out").id
    session.expire_all()
    request, row = session.get_one(ServiceRequest, sent), session.get_one(FormResponse, kept)
    first = session.scalars(select(FormResponse).where(FormResponse.id == row.supersedes_id)).one()
    assert "child.1.where/gp" not in request.missing
    assert "gp" not in first.answers["child.1.where"] and row.answers["child.1.where"]["gp"] == ["Aldermoor Surgery"]
    assert row.answers["concerns"] == first.answers["concerns"] and row.note == "I asked the mother"
    assert [facts.get("gp") for *_, facts in children(session)] == ["Aldermoor Surgery", "Teasel Vale Medical Centre"]
    assert request.next_due_at == due_at and session.scalars(select(Clock)).one().ended_at is None  # EV-7
    event = session.scalars(select(Event).where(Event.act == "add_answers")).one()
    assert event.facts["fields"] == ["child.1.where/gp"] and event.facts["reason"] == "left_out"
    assert "Aldermoor" not in str(event.facts)


def test_a_name_that_was_wrong_is_the_same_child_under_the_right_one(session: Session, sent: Any, add: Add) -> None:
    add({"child.2.who": typed(name="Rian Hartley-Moss", birth_on=(2, 8, 2019))})
    session.expire_all()
    assert [(label, name) for label, name, _ in children(session)] == [
        ("Callum Hartley, 9", "Callum Hartley"),
        ("Rian Hartley-Moss, 7", "Rian Hartley-Moss"),
    ]
    request = session.get_one(ServiceRequest, sent)
    assert request.headline["children"] == ["Callum Hartley, 9", "Rian Hartley-Moss, 7"]
    looked_for = session.scalars(select(Person).where(Person.match_wanted_at == LATER)).all()
    assert [person.name for person in looked_for] == ["Rian Hartley-Moss"]


def test_an_adult_is_described_again_and_a_new_one_is_added_once(session: Session, add: Add) -> None:
    add({"adult.1": typed(phone="07700 900 313"), "adult.2": typed(name="Karl Hartley", relationship="father")})
    add({"adult.1": typed(parental_responsibility="no")}, now=LATER + timedelta(minutes=1))
    session.expire_all()
    query = (
        select(Person, Relationship)
        .join(Relationship, Relationship.from_person_id == Person.id)
        .order_by(Relationship.kind.desc())
    )
    found = [
        (p.name, r.kind, r.parental_responsibility, (p.facts or {}).get("phone")) for p, r in session.execute(query)
    ]
    assert found == [
        ("Donna Hartley", "mother", "no", "07700 900 313"),
        ("Karl Hartley", "father", "not_known", None),
    ]


@pytest.mark.rule("GL-4")
def test_what_the_family_says_now_is_a_record_of_its_own(session: Session, sent: Any, add: Add) -> None:
    add({"child.1.where": typed(gp="Aldermoor Surgery")})
    assert len(session.scalars(select(Consent)).all()) == 1  # nothing about the family was said anew
    add({"agrees": typed(agrees="no", agrees_who="parent")}, now=LATER + timedelta(minutes=1))
    session.expire_all()
    rows = session.scalars(select(Consent).order_by(Consent.at)).all()
    assert [(row.told, row.agrees) for row in rows] == [(Told.YES, Agrees.YES), (Told.YES, Agrees.NO)]
    assert rows[1].told_by == "Samina Rahman"


@pytest.mark.rule("EV-10")
def test_danger_in_an_answer_alerts_a_person_by_name(
    session: Session, sent: Any, add: Add, mailbox: Mailbox, work: Callable[[], None]
) -> None:
    add({"child.1.where": typed(gp="Aldermoor Surgery")})
    assert session.get_one(ServiceRequest, sent).urgency == "routine"
    add({"harm": typed(said="He says he will kill them tonight.")}, now=LATER + timedelta(minutes=1))
    session.expire_all()
    assert session.get_one(ServiceRequest, sent).urgency == "danger"
    assert session.scalars(select(Task).where(Task.kind == TaskKind.DANGER)).one().request_id == sent
    work()
    assert len(mailbox.to("duty@westmarch.example")) == 1
    page = {"harm": typed(said="He says he will kill them tonight.", happened_where="At home")}
    add(page, now=LATER + timedelta(hours=2))  # what stood on that page already alarms nobody again
    work()
    assert len(mailbox.to("duty@westmarch.example")) == 1


@pytest.mark.rule("GL-8")
def test_an_address_that_comes_later_finds_the_area(session: Session, sent: Any, county: County, add: Add) -> None:
    with transaction(session):
        session.add(AreaPrefix(prefix="WM9", area_id=county.aldermoor))
    add({key: typed(postcode="WM9 1AA") for key in ("child.1.where", "child.2.where")})
    session.expire_all()
    assert session.get_one(ServiceRequest, sent).area_id == county.aldermoor
