"""The first page, the fork about names, and the pages of information."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.service_request.channels.web.walking import Draft, Person

INFORMATION = ["/other-ways", "/who-sees", "/privacy", "/accessibility"]
FIRST_PAGES = ["/", "/names", "/saved", "/other-ways", "/who-sees", "/saved/link-sent", "/deleted"]


@pytest.mark.rule("EV-10")
@pytest.mark.parametrize("address", FIRST_PAGES)
def test_every_first_page_tells_999_and_the_duty_line(person: Person, address: str) -> None:
    person.open(address)
    links = {link.attributes["href"] for link in person.page.all("a")}
    assert {"tel:999", "tel:+441632960120"} <= links


@pytest.mark.rule("EV-10")
@pytest.mark.parametrize("who", ["public_family", "public_child", "public_worried"])
def test_999_stands_on_every_page_of_the_short_forms(person: Person, who: str) -> None:
    draft = person.begin_short(who)
    for page in ("", "check", "later", f"step/{person.address.rsplit('/', 1)[-1]}"):
        draft.open(page)
        assert "tel:999" in {link.attributes["href"] for link in person.page.all("a")}, page


def test_999_stands_before_the_lead_of_the_start_page(person: Person) -> None:
    person.open("/")
    assert person.words.index("call 999 now") < person.words.index("Who are you?")


def test_continuing_without_a_choice_says_what_to_select(person: Person) -> None:
    person.post("/", {})
    assert person.errors() == ["Select who you are"]
    assert person.title.startswith("Error: ")


def test_a_choice_never_offered_starts_nothing(person: Person) -> None:
    person.post("/", {"who": "call"})
    assert person.errors() == ["Select one of the choices shown"]
    assert person.address == "/"


@pytest.mark.rule("GL-6")
def test_a_professional_is_asked_about_names_before_any_page_that_asks_for_one(person: Person) -> None:
    person.post("/", {"who": "work"})
    assert person.address == "/names"
    asked = {field.attributes.get("name") for field in person.page.all("input")}
    assert asked == {"csrf_token", "names"}


@pytest.mark.rule("GL-6")
def test_without_names_no_page_asks_for_a_name_birth_date_address_or_school(person: Person) -> None:
    draft = person.begin(names=False)
    for key in ("child.1.band", "concerns", "tried"):
        assert draft.open(f"step/{key}").status_code == 200
        asked = {field.attributes["name"] for tag in ("input", "textarea", "select") for field in person.page.all(tag)}
        assert not asked & {"name", "birth_on", "address", "postcode", "school", "nhs_number", "upn"}, key
    for key in ("child.1.who", "child.1.where", "adult.1"):
        assert draft.open(f"step/{key}").status_code == 404


@pytest.mark.rule("GL-16")
@pytest.mark.parametrize("who", ["public_family", "public_child", "public_worried"])
def test_the_public_and_the_family_have_a_short_form_that_opens_at_once(person: Person, who: str) -> None:
    person.begin_short(who)
    assert person.address.endswith("/step/safety")


@pytest.mark.parametrize("address", INFORMATION)
def test_no_link_of_a_page_of_information_is_dead(person: Person, address: str) -> None:
    person.open(address)
    own = {link.attributes["href"] for link in person.page.all("a") if link.attributes["href"].startswith("/")}
    for href in own:
        assert person.client.get(href).status_code == 200, href


def test_privacy_says_how_long_this_installation_keeps_a_draft(person: Person, app: Flask) -> None:
    person.open("/privacy")
    assert f"deleted {app.extensions['house'].settings.draft_days} days after" in person.words


@pytest.mark.rule("EV-9")
@pytest.mark.parametrize("page", ["", "step/told", "step/child.1.who", "step/you", "check", "later", "email"])
def test_every_page_has_a_title_one_h1_and_a_way_out_that_needs_no_script(draft: Draft, page: str) -> None:
    draft.open(page)
    person = draft.person
    assert person.page.one("html").attributes["lang"] == "en"
    assert person.page.one("h1").text
    assert person.title.endswith("Westmarch County Council")
    leave = person.page.one("a", class_="govuk-exit-this-page__button")
    assert leave.attributes["href"].startswith("https://")
    assert all(form.attributes.get("method") == "post" for form in person.page.all("form"))


@pytest.mark.rule("EV-9")
def test_a_page_holds_nothing_from_another_origin(draft: Draft) -> None:
    draft.open("step/concerns")
    page = draft.person.page
    loaded = [tag.attributes[name] for tag in page.all() for name in ("src", "srcset") if name in tag.attributes]
    loaded += [link.attributes["href"] for link in page.all("link")]
    assert loaded
    assert all(address.startswith("/static/") for address in loaded)
