from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from jinja2 import PackageLoader, PrefixLoader
from werkzeug.datastructures import MultiDict
from wtforms import fields, validators

from infrastructure.questions import DateParts, PlainForm, choice
from infrastructure.web.fields import GOVUK, errors_of, questions
from tests.infrastructure.web.pages import Element, read


class Ask(PlainForm):
    told = fields.RadioField(
        "Does the family know?",
        choices=[
            choice("yes", "Yes"),
            choice("risk", "No, telling them is a risk", hint="We ask why", reveals="reason"),
            choice("in_principle", "Not by name", divider="or"),
        ],
        validators=[validators.InputRequired("Select whether the family knows")],
        render_kw={"heading": True},
    )
    reason = fields.TextAreaField("Why?", description="A sentence is enough", render_kw={"rows": 4})
    born = DateParts("Birth date", [validators.InputRequired("Enter a birth date")], noun="Birth date")
    needs = fields.SelectMultipleField(
        "Needs", choices=[choice("speech", "Speech"), choice("none", "None of these", exclusive=True)]
    )
    sure = fields.BooleanField("I am sure", [validators.InputRequired("Tick to say that you are sure")])
    school = fields.SelectField("School", choices=[choice("", "Select a school"), choice("b", "Brookfield")])
    email = fields.EmailField("Email address", description="Your work address", render_kw={"autocomplete": "email"})
    phone = fields.TelField("Telephone number")
    word = fields.PasswordField("Password", render_kw={"autocomplete": "new-password"})
    count = fields.TextAreaField("Story", render_kw={"count": 200})
    form_key = fields.HiddenField()


@pytest.fixture(autouse=True)
def app() -> Iterator[Flask]:
    app = Flask("fields")
    app.jinja_loader = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    with app.test_request_context():
        yield app


def asked(*posted: tuple[str, str]) -> Ask:
    form = Ask(MultiDict(posted), meta=GOVUK)
    form.validate()
    return form


def shown(form: Ask, *names: str) -> Element:
    return read(str(questions(form, *names)))


def shown_by(form: PlainForm) -> Element:
    return read(str(questions(form)))


def ids(page: Element) -> list[str]:
    return [element.attributes["id"] for element in page.all() if "id" in element.attributes]


@pytest.mark.parametrize("posted", [[], ["1"], ["1", "2"], ["1", "2", "2017", "4"], ["x"] * 9], ids=len)
def test_a_date_posted_in_any_number_of_parts_is_shown_back_and_never_a_fault(posted: list[str]) -> None:
    page = shown(asked(*(("born", value) for value in posted)), "born")
    assert [box.attributes["value"] for box in page.all("input")] == [*posted, "", "", ""][:3]


def test_a_group_of_date_inputs_carries_no_attribute_that_belongs_to_an_input() -> None:
    class Birth(PlainForm):
        born = DateParts("Birth date", render_kw={"autocomplete": "bday", "maxlength": 4})

    page = shown_by(Birth(meta=GOVUK))
    assert set(page.one("div", class_="govuk-date-input").attributes) == {"class", "id"}
    assert [box.attributes["autocomplete"] for box in page.all("input")] == ["bday-day", "bday-month", "bday-year"]


@pytest.mark.parametrize(
    "kind", [fields.RadioField, fields.SelectMultipleField, fields.SelectField, DateParts, fields.TextAreaField]
)
def test_a_field_with_an_id_of_its_own_is_found_by_its_error(kind: type[fields.Field]) -> None:
    class Named(PlainForm):
        told = kind(
            "Told?",
            [validators.InputRequired("Answer")],
            id="own",
            **({"choices": [choice("a", "A")]} if issubclass(kind, fields.SelectField) else {}),
        )

    form = Named(MultiDict(), meta=GOVUK)
    assert not form.validate()
    inputs = [box for box in shown_by(form).all() if box.name in ("input", "select", "textarea")]
    assert "#" + inputs[0].attributes["id"] == errors_of(form)[0]["href"]


@pytest.mark.rule("EV-9")
def test_each_error_links_to_an_input_that_is_on_the_page() -> None:
    form = asked(("born", "1"), ("born", ""), ("born", "2017"), ("needs", "forged"), ("school", "forged"))
    links = [error["href"] for error in errors_of(form)]
    inputs = {box.attributes.get("id") for kind in ("input", "select", "textarea") for box in shown(form).all(kind)}
    assert links == ["#told", "#born-month", "#needs", "#sure", "#school"]
    assert {link.removeprefix("#") for link in links} <= inputs


def test_a_question_without_a_hint_has_no_empty_hint_and_describes_itself_by_nothing() -> None:
    page = shown(Ask(meta=GOVUK))
    hints = [hint for hint in page.all("div", class_="govuk-hint") if not hint.text]
    assert hints == []
    described = " ".join(e.attributes.get("aria-describedby", "") for e in page.all()).split()
    assert set(described) <= set(ids(page))


def test_no_id_is_given_twice() -> None:
    page = shown(asked())
    assert len(ids(page)) == len(set(ids(page)))


def test_the_browser_is_never_left_to_say_that_an_answer_is_required() -> None:
    assert [e.name for e in shown(Ask(meta=GOVUK)).all() if "required" in e.attributes] == []


def test_what_a_class_declares_is_not_changed_by_showing_it() -> None:
    declared = {"hint": {"classes": "wide"}, "items": [{"label": {"classes": "bold"}}]}

    class Declares(PlainForm):
        told = fields.RadioField("Told?", choices=[choice("yes", "Yes")], render_kw={"params": declared})

    first, second = (str(questions(Declares(meta=GOVUK))) for _ in range(2))
    assert first == second
    assert declared == {"hint": {"classes": "wide"}, "items": [{"label": {"classes": "bold"}}]}


def test_a_choice_shows_its_hint_its_divider_and_the_question_it_reveals() -> None:
    page = shown(asked(("told", "risk")))
    group = page.one("div", class_="govuk-radios")
    risk = group.one("input", value="risk")
    revealed = group.one("div", id=risk.attributes["data-aria-controls"])
    assert "checked" in risk.attributes
    assert group.one("div", id=risk.attributes["aria-describedby"]).text == "We ask why"
    assert revealed.one("textarea").attributes["name"] == "reason"
    assert group.one("div", class_="govuk-radios__divider").text == "or"
    assert len(page.all("textarea", name="reason")) == 1, "a revealed question is asked once"


def test_a_heading_is_the_one_h1_and_the_legend_of_its_group() -> None:
    assert shown(Ask(meta=GOVUK)).one("h1").text == "Does the family know?"


def test_none_of_these_unticks_the_others() -> None:
    none = shown(Ask(meta=GOVUK), "needs").one("input", value="none")
    assert none.attributes["data-behaviour"] == "exclusive"


@pytest.mark.parametrize("where", ["reason", "count"])
def test_several_lines_are_shown_back_as_they_were_typed(where: str) -> None:
    typed = '\r\nFirst\r\n  second\r\n\r\n<b>"third"</b> &amp; {{ 7 * 7 }}'
    box = shown(asked(("told", "risk"), (where, typed))).one("textarea", name=where)
    assert box.raw_text.removeprefix("\n") == typed.replace("\r\n", "\n")


def test_hostile_text_comes_back_as_text() -> None:
    form = asked(("email", '"><script>alert(1)</script>'), ("sure", "<script>"), ("told", "<script>"))
    page = shown(form)
    assert page.all("script") == []
    assert page.one("input", id="email").attributes["value"] == '"><script>alert(1)</script>'


def test_a_password_is_never_sent_back() -> None:
    box = shown(asked(("word", "correct horse")), "word").one("input")
    assert "value" not in box.attributes
    assert box.attributes["autocomplete"] == "new-password"


def test_every_kind_of_field_has_the_type_that_a_phone_needs() -> None:
    page = shown(Ask(meta=GOVUK))
    kinds = {name: page.one("input", name=name).attributes["type"] for name in ("email", "phone", "form_key")}
    assert kinds == {"email": "email", "phone": "tel", "form_key": "hidden"}
    assert page.one("input", name="email").attributes["autocomplete"] == "email"
    assert {box.attributes["inputmode"] for box in page.all("input", name="born")} == {"numeric"}


def test_a_date_from_the_record_fills_its_three_boxes() -> None:
    page = read(str(questions(Ask(data={"born": date(2017, 3, 31)}, meta=GOVUK), "born")))
    assert [box.attributes["value"] for box in page.all("input")] == ["31", "3", "2017"]
