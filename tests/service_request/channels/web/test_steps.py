"""Pages of questions: kept as typed, whatever is wrong with them (W1 to W10, W13, W14, W16)."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from infrastructure.database import utc_now
from infrastructure.house import House
from service_request.services.drafts import OpenDraft, open_draft
from tests.service_request.channels.web.walking import NAMED, Draft, Person, Posted

LONG = "a" * 400_000


def kept(draft: Draft, session: Session) -> OpenDraft:
    """Return what the server keeps of the draft."""
    device = draft.person.client.get_cookie("device")
    assert device is not None
    return open_draft(session, draft.id, device=device.value, now=utc_now())


def typed_in(draft: Draft, name: str) -> list[str]:
    """Return what stands in the boxes of this name on the page."""
    page = draft.person.page
    boxes = [box.attributes.get("value", "") for box in page.all("input", name=name)]
    return boxes + [area.raw_text for area in page.all("textarea", name=name)]


@pytest.mark.storage
def test_what_was_typed_stands_on_the_page_again(draft: Draft) -> None:
    draft.fill(NAMED)
    draft.open("step/child.1.who")
    assert typed_in(draft, "name") == ["Callum Hartley"]
    assert typed_in(draft, "birth_on") == ["14", "3", "2017"]
    draft.open("step/child.1.where")
    assert "18 Tanners Row\nMillbrook" in typed_in(draft, "address")[0]


@pytest.mark.rule("EV-1")
@pytest.mark.rule("EV-9")
def test_w1_empty_answers_are_listed_and_linked_and_the_others_kept(draft: Draft) -> None:
    draft.answer("you", {"role": "Teacher"})
    person = draft.person
    assert person.errors() == [
        "Enter your name",
        "Enter the name of your agency",
        "Select what kind of agency it is",
        "Enter your work email address",
    ]
    targets = [link.attributes["href"] for link in person.page.one(class_="govuk-error-summary__list").all("a")]
    assert all(person.page.all(id=target.removeprefix("#")) for target in targets)
    assert person.title.startswith("Error: Your details")
    assert typed_in(draft, "role") == ["Teacher"]
    draft.open("step/you")  # closed and opened again: it was saved though it was wrong
    assert typed_in(draft, "role") == ["Teacher"]


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (["31", "2", "2017"], "must be a real date"),
        (["1", "1", "2098"], "in the past"),
        (["1", "1", "1984"], "less than 18 years ago"),
        (["14", "", "2017"], "must include a month"),
        (["14", "3", "2017", "9", "9"], ""),
        (["14"], "must include"),
    ],
)
def test_w2_a_birth_date_that_cannot_be_says_what_to_enter(
    draft: Draft, parts: list[str], said: str, session: Session
) -> None:
    draft.answer("child.1.who", {"name": "Ryan", "birth": "born", "birth_on": parts})
    assert said in " ".join(draft.person.errors())
    assert bool(draft.person.errors()) is bool(said)
    assert kept(draft, session).answers["child.1.who"]["birth_on"] == parts[:3]


def test_w2_a_child_not_born_yet_needs_no_birth_date(draft: Draft) -> None:
    draft.answer("child.1.who", {"birth": "unborn", "expected_on": ["", "", ""]})
    assert not draft.person.errors()


@pytest.mark.parametrize(
    "name", ["A", "O'Neil", "🌈", "محمد", "Cher", "<script>alert(1)</script>", "{{ 7*7 }}", "'; DROP TABLE draft; --"]
)
def test_w3_w6_a_name_is_taken_and_shown_as_it_was_typed(draft: Draft, name: str) -> None:
    draft.answer("child.1.who", {"name": name, "birth": "born", "birth_on": ["14", "3", "2017"]})
    assert not draft.person.errors()
    draft.open("step/child.1.who")
    assert typed_in(draft, "name") == [name]
    draft.open("check")
    assert name in draft.person.words
    assert "<script>alert" not in draft.person.response.text  # type: ignore[union-attr]


def test_w4_a_narrative_of_400_000_characters_is_a_field_error_and_stays_on_the_page(draft: Draft) -> None:
    response = draft.answer("concerns", {"narrative": LONG})
    assert response.status_code == 200
    assert draft.person.errors() == ["This answer is 380,000 characters too long. Shorten it to 20,000 or fewer"]
    assert LONG in typed_in(draft, "narrative")[0]


def test_w4_a_body_past_every_limit_gets_a_page_that_says_what_to_do(draft: Draft, house: House) -> None:
    response = draft.answer("concerns", {"narrative": "a" * house.settings.max_body_bytes})
    assert response.status_code == 413
    assert "too long" in draft.person.h1


@pytest.mark.storage
def test_w5_nul_and_control_characters_are_taken_out_with_a_notice(draft: Draft, session: Session) -> None:
    draft.answer("concerns", {"narrative": "He is\x00 hungry\x07 every day"})
    assert "We took out characters" in draft.person.words
    assert kept(draft, session).answers["concerns"]["narrative"] == ["He is hungry every day"]
    draft.answer("concerns", {"narrative": "He is hungry every day"})
    assert "We took out characters" not in draft.person.words


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_w5_bytes_that_are_no_text_break_nothing_and_can_be_seen(draft: Draft, session: Session, kind: str) -> None:
    person = draft.person
    typed = {"csrf_token": person.token().encode(), "narrative": b"hungry \xff\xfe every day"}
    if kind.startswith("multipart"):
        part = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        body = b"".join(part % (name.encode(), value) for name, value in typed.items()) + b"--x--\r\n"
    else:
        body = b"narrative=hungry+%FF%FE+every+day&csrf_token=" + typed["csrf_token"]
    response = person.client.post(draft.url("step/concerns"), data=body, content_type=kind)
    assert response.status_code in (200, 302)
    assert kept(draft, session).answers["concerns"]["narrative"][0].startswith("hungry")


@pytest.mark.parametrize("postcode", ["WM4 2Q", "nowhere"])
def test_w7_a_postcode_that_is_none_says_what_to_enter(draft: Draft, postcode: str) -> None:
    draft.answer("child.1.where", {"lives": "address", "address": "18 Tanners Row", "postcode": postcode})
    assert draft.person.errors() == ["Enter a full postcode, like WM4 2QT, or leave it empty if you do not know it"]
    assert typed_in(draft, "postcode") == [postcode]


@pytest.mark.parametrize("answer", ["no_fixed", "not_known"])
def test_w7_no_fixed_address_is_an_answer(draft: Draft, answer: str) -> None:
    draft.answer("child.1.where", {"lives": answer})
    assert not draft.person.errors()


@pytest.mark.parametrize("phone", ["ring me", "123"])
def test_w8_a_phone_number_that_cannot_be_rung_is_kept_and_told(draft: Draft, phone: str) -> None:
    draft.answer("you", {**NAMED["you"], "phone": phone})
    assert draft.person.errors() == ["Enter a phone number, like 01632 960 001 or 07700 900 982"]
    assert typed_in(draft, "phone") == [phone]


@pytest.mark.parametrize(
    "email", ["a@b.example\r\nBcc: x@y.example", "a@b.example, c@d.example", "a" * 250 + "@b.example", "nobody"]
)
def test_w9_an_address_that_is_none_or_two_is_refused(draft: Draft, email: str) -> None:
    draft.answer("you", {**NAMED["you"], "email": email})
    assert draft.person.errors() == ["Enter an email address in the correct format, like name@example.com"]


@pytest.mark.rule("EV-1")
def test_w13_a_page_whose_token_ran_out_comes_back_filled_with_a_new_one(draft: Draft, session: Session) -> None:
    person = draft.person
    person.post(draft.url("step/concerns"), {"narrative": "Hungry for two weeks", "csrf_token": "stale"}, token=False)
    assert "so nothing was saved or sent" in person.words
    assert "concerns" not in kept(draft, session).answers
    assert "Hungry for two weeks" in typed_in(draft, "narrative")[0]
    token = person.page.one("input", name="csrf_token").attributes["value"]
    person.post(draft.url("step/concerns"), {"narrative": "Hungry for two weeks", "csrf_token": token}, token=False)
    assert kept(draft, session).answers["concerns"]["narrative"] == ["Hungry for two weeks"]


@pytest.mark.storage
def test_w14_forged_and_repeated_fields_are_never_bound(draft: Draft, session: Session) -> None:
    draft.answer(
        "safety", {"urgency": ["routine", "danger"], "already": "no", "status": "closed", "kind": "call", "told": "yes"}
    )
    assert draft.person.errors() == ["Select whether a child is in danger now"]  # of two answers neither is taken
    assert kept(draft, session).answers == {"safety": {"already": ["no"]}}
    assert kept(draft, session).kind == "full"


def test_w14_a_choice_that_was_never_offered_is_not_kept(draft: Draft, session: Session) -> None:
    draft.answer("told", {"told": "override"})
    assert draft.person.errors() == ["Select whether the family knows that you are asking for this"]
    assert kept(draft, session).answers["told"] == {"told": []}


@pytest.mark.parametrize("key", ["child.7.who", "nothing", "child.1.secret", "call"])
def test_a_step_that_the_form_does_not_have_is_no_page(draft: Draft, key: str) -> None:
    assert draft.open(f"step/{key}").status_code == 404
    assert draft.answer(key, {"name": "x"}).status_code == 404


@pytest.mark.rule("EV-10")
@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("safety", {"urgency": "danger", "already": "no"}),
        ("concerns", {"narrative": "His stepfather is strangling him right now"}),
    ],
)
def test_w16_danger_is_answered_with_999_first_and_is_saved(
    draft: Draft, session: Session, key: str, typed: Posted
) -> None:
    draft.answer(key, typed)
    assert draft.person.h1 == "Is a child in danger now?"
    assert "tel:999" in {link.attributes["href"] for link in draft.person.page.all("a")}
    assert key in kept(draft, session).answers


def test_danger_is_not_told_again_of_words_already_read(draft: Draft) -> None:
    words = {"narrative": "His stepfather is strangling him right now"}
    draft.answer("concerns", words)
    draft.answer("concerns", words)
    assert draft.person.h1 != "Is a child in danger now?"


@pytest.mark.rule("EV-1")
def test_save_and_finish_later_keeps_even_what_is_wrong(draft: Draft, session: Session) -> None:
    draft.answer("you", {"name": "Samina", "then": "later"})
    assert draft.person.h1 == "Your answers are saved"
    assert kept(draft, session).answers["you"]["name"] == ["Samina"]


def test_changing_from_check_your_answers_leads_back_there(draft: Draft) -> None:
    draft.fill(NAMED)
    draft.answer("concerns", {"narrative": "Hungry", "then": "check"})
    assert draft.person.h1 == "Check your answers"


def test_several_children_born_and_unborn_can_be_added_and_taken_out(draft: Draft, session: Session) -> None:
    draft.fill(NAMED)
    draft.answer("child.2.who", {"name": "Ryan Hartley", "birth": "born", "birth_on": ["2", "8", "2020"]})
    draft.answer("child.3.who", {"birth": "unborn", "expected_on": ["", "", ""]})
    draft.open("children")
    assert draft.person.h1 == "3 children in this request"
    assert "Unborn child" in draft.person.words
    draft.person.post(draft.url("remove/child/2"))
    assert draft.person.h1 == "2 children in this request"
    assert not [key for key in kept(draft, session).answers if key.startswith("child.2.")]
    assert draft.person.post(draft.url("remove/child/9")).status_code == 404
    assert draft.person.post(draft.url("remove/you/1")).status_code == 404


def test_the_inputs_about_the_person_typing_say_what_belongs_in_them(draft: Draft) -> None:
    draft.open("step/you")
    purposes = {box.attributes["name"]: box.attributes.get("autocomplete") for box in draft.person.page.all("input")}
    assert purposes["name"] == "name"
    assert purposes["email"] == "email"
    assert purposes["phone"] == "tel"
    draft.open("step/child.1.who")
    child = {box.attributes["name"]: box.attributes.get("autocomplete") for box in draft.person.page.all("input")}
    assert child["name"] == "off"  # a child's name is not the typist's own


@pytest.mark.rule("EV-6")
def test_no_title_or_address_names_anybody(draft: Draft) -> None:
    draft.fill(NAMED)
    for page in ("", "step/child.1.who", "step/child.1.where", "step/child.1.needs", "step/child.1.views", "children"):
        draft.open(page)
        assert "Callum" not in draft.person.title
        assert "Hartley" not in draft.person.title
        for link in draft.person.page.all("a"):
            assert "allum" not in link.attributes["href"]
    draft.open("remove/child/1")
    assert "Callum" not in draft.person.title


def test_another_person_sees_none_of_it(draft: Draft, stranger: Person) -> None:
    draft.fill(NAMED)
    for page in ("", "step/concerns", "check", "sent", "later", "email", "code", "children", "delete", "marked-words"):
        response = stranger.open(draft.url(page))
        assert response.status_code == 404, page
        assert "Callum" not in response.text


JUNK = st.text(alphabet=st.characters(codec="utf-8"), max_size=40)
FIELDS = (
    "name",
    "birth",
    "birth_on",
    "expected_on",
    "told",
    "risk_reason",
    "narrative",
    "email",
    "urgency",
    "area",
    "then",
)
KEYS = ("safety", "told", "child.1.who", "child.1.where", "child.1.needs", "adult.1", "concerns", "tried", "you")


@pytest.mark.rule("EV-1")
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    key=st.sampled_from(KEYS),
    typed=st.dictionaries(st.sampled_from(FIELDS), st.lists(JUNK, max_size=4), max_size=6),
)
def test_whatever_is_posted_no_page_breaks_and_every_page_opens_again(
    draft: Draft, key: str, typed: dict[str, list[str]]
) -> None:
    draft.answer("told", {"told": "yes"})
    draft.answer("child.1.who", {"name": "Callum Hartley", "birth": "born"})  # an unborn child has no page of needs
    assert draft.answer(key, typed).status_code == 200
    for page in ("", "check", f"step/{key}"):
        assert draft.open(page).status_code == 200
