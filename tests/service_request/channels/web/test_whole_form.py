"""The whole form as a professional sees it, and what of it is on record once it is sent (GL-1, GL-2, GL-4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import utc_now
from service_request.models import Consent, FormResponse, Person, Relationship
from tests.answers import FULL_FORM, typed
from tests.service_request.channels.web.walking import Draft

PAGES = [key for key in FULL_FORM if not key.startswith("child.2")]
EXPECTED = utc_now().date() + timedelta(days=60)  # whenever the tests are run
UNBORN = {"birth": "unborn", "expected_on": [str(EXPECTED.day), str(EXPECTED.month), str(EXPECTED.year)]}


def fill(draft: Draft, **changes: dict[str, list[str]]) -> Draft:
    """Type Samina Rahman's form, page by page."""
    return draft.fill({**FULL_FORM, **changes})


def names_asked(draft: Draft, key: str) -> set[str]:
    assert draft.open(f"step/{key}").status_code == 200
    fields = (field for tag in ("input", "textarea", "select") for field in draft.person.page.all(tag))
    return {field.attributes["name"] for field in fields if "name" in field.attributes}


@pytest.mark.rule("GL-2")
@pytest.mark.parametrize(
    ("key", "guidance", "hint"),
    [
        ("child.1.who", "Where you honestly do not know, say so", "As you know it. One name is enough"),
        ("child.1.where", "The address decides which team takes this", "House, street and town"),
        (
            "child.1.needs",
            "so that the first person who meets the child comes prepared",
            "signs, pictures, hearing aids",
        ),
        ("child.1.views", "Use the child’s own words where you can", "Their wishes, and what worries them"),
        ("adult.1", "Parental responsibility is the legal right", "If it is not the children’s"),
        ("household", "A child you are also worried about belongs in this request", "Write none if there are none"),
        ("agencies", "We ask them only what we need to", "Besides your own"),
        ("concerns", "Keep fact and opinion apart", "What happened, when, and what you saw or were told"),
        ("background", "Nobody expects you to know all of it", "Earlier worries, moves, losses"),
        ("tried", "Your own agency’s help counts too", "Write nothing yet if so"),
        ("views", "Their own words matter", "Say who said what"),
        ("risks", "a person who must not know of the visit", ""),
        ("told", "good practice both expect families to know", "Families should hear it from you first"),
        ("agrees", "Being told and agreeing are two things", "Consent is seldom the right basis"),
        ("you", "We send the reference, and what was done", "A direct line or mobile is best"),
    ],
)
def test_guidance_stands_beside_the_question(draft: Draft, key: str, guidance: str, hint: str) -> None:
    draft.answer("told", {"told": "yes"})
    draft.open(f"step/{key}")
    words = draft.person.words.replace("'", "’")
    assert guidance in words
    assert hint in words


@pytest.mark.rule("GL-2")
def test_not_known_can_be_said_beside_what_a_professional_may_not_know(draft: Draft) -> None:
    draft.answer("told", {"told": "yes"})
    for key, names in {
        "child.1.who": ("name",),
        "child.1.where": ("school", "gp"),
        "child.1.needs": ("communication",),
        "child.1.views": ("child_view",),
        "adult.1": ("name",),
        "household": ("siblings",),
        "background": ("history", "capacity"),
        "tried": ("tried", "working_well", "needs_to_change"),
        "views": ("family_view",),
        "agrees": ("told_by", "told_on"),
    }.items():
        asked = names_asked(draft, key)
        assert {f"{name}_not_known" for name in names} <= asked, key


@pytest.mark.rule("GL-2")
@pytest.mark.storage
def test_all_that_was_asked_of_the_children_and_the_household_is_on_record(draft: Draft, session: Session) -> None:
    baby = {**typed(**UNBORN), "name": [""]}
    fill(draft, **{"child.3.who": baby, "child.3.where": typed(lives="same", gp="Vale Surgery")}).send()
    assert draft.person.h1 == "Request sent"
    callum, ryan, donna, unborn = sorted(
        session.scalars(select(Person)),
        key=lambda one: ("Callum", "Ryan", "Donna").index((one.name or "").split()[0]) if one.name else 9,
    )
    assert [one.name for one in (callum, ryan, donna, unborn)] == [
        "Callum Hartley", "Ryan Hartley", "Donna Hartley", None,
    ]  # fmt: skip
    said = callum.facts or {}
    assert {name: said.get(name) for name in ("birth_on", "sex", "ethnicity", "language", "interpreter")} == {
        "birth_on": "2017-03-14", "sex": "M", "ethnicity": "WBRI", "language": "en", "interpreter": "none",
    }  # fmt: skip
    assert (said["address"], said["postcode"]) == ("18 Tanners Row\nMillbrook", "WM4 2QT")
    assert (said["school"], said["gp"]) == ("Brookfield Primary School", "Teasel Vale Medical Centre")
    assert (list(said["needs"]), said["communication"], said["lives_with"]) == (["COMM"], "None", "Mother")
    born = unborn.facts or {}
    assert (born["unborn"], born["expected_on"], born.get("school")) == (True, EXPECTED.isoformat(), None)
    tie = session.scalars(select(Relationship)).one()
    assert (tie.from_person_id, tie.kind, tie.parental_responsibility, tie.same_household) == (
        donna.id, "mother", "yes", "yes",
    )  # fmt: skip


@pytest.mark.rule("GL-2")
def test_every_answer_is_kept_as_it_was_typed_with_the_version_that_asked(draft: Draft, session: Session) -> None:
    fill(draft).send()
    kept = session.scalars(select(FormResponse)).one()
    assert kept.form_version == "2026-11"
    for key in PAGES:
        said = {name: values for name, values in FULL_FORM[key].items() if any(values)}
        there = {name: [text.replace("\r\n", "\n") for text in (kept.answers or {})[key][name]] for name in said}
        assert there == said, key


@pytest.mark.rule("GL-4")
@pytest.mark.storage
def test_told_by_whom_to_whom_and_agreed_and_on_what_basis_are_on_record(draft: Draft, session: Session) -> None:
    agrees = {**FULL_FORM["agrees"], "who_told": ["mother", "father"], "agrees": ["no"], "agrees_who": ["both_parents"]}
    fill(draft, agrees=agrees).send()
    row = session.scalars(select(Consent)).one()
    assert (row.told, row.who_told, row.told_by, str(row.told_on)) == (
        "yes", "both_parents", "Samina Rahman", "2026-11-16",
    )  # fmt: skip
    assert (row.agrees, row.agrees_who, row.lawful_basis) == ("no", "both_parents", "public_task")


@pytest.mark.rule("GL-4")
def test_four_answers_are_offered_about_telling_the_family(draft: Draft) -> None:
    draft.open("step/told")
    radios = draft.person.page.all("input", type="radio")
    offered = [radio.attributes["value"] for radio in radios if radio.attributes["name"] == "told"]
    assert offered == ["yes", "not_yet", "risk", "in_principle"]
    assert "good practice both expect families to know who is talking about them" in draft.person.words


@pytest.mark.rule("GL-4")
@pytest.mark.rule("GL-5")
def test_under_risk_the_reason_and_the_lawful_basis_are_on_record(draft: Draft, session: Session) -> None:
    answers = {key: page for key, page in FULL_FORM.items() if key not in ("told", "agrees")}
    draft.fill({"told": {"told": "risk", "risk_reason": "He reads her letters."}})
    assert names_asked(draft, "agrees") - {"csrf_token", "then"} == {"lawful_basis"}
    draft.fill({"agrees": {"lawful_basis": "vital_interests"}, **answers}).send()
    row = session.scalars(select(Consent)).one()
    assert (row.told, row.reason, row.lawful_basis) == ("risk", "He reads her letters.", "vital_interests")
    assert (row.agrees, row.agrees_who) == ("not_asked", None)
