import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from flask import Flask, render_template_string
from playwright.sync_api import Browser, Page, expect
from werkzeug.datastructures import MultiDict
from werkzeug.serving import make_server
from wtforms import fields, validators

from infrastructure.questions import DateParts, PlainForm, choice
from infrastructure.web.errors import install_errors
from infrastructure.web.fields import GOVUK
from infrastructure.web.security import install_headers
from infrastructure.web.templating import Way, install_templates

SETTINGS = SimpleNamespace(
    authority_name="Westmarch County Council",
    service_name="Ask for help for a child or family",
    product_name="Westmarch children’s front door",
    duty_line="01632 960 120",
    helpdesk_phone="01632 960 100",
    helpdesk_hours="Monday to Friday, 8:30am to 5pm",
    address="County Hall, Teasel Street, Millbrook",
    brand_colour="#0f4c55",
    exit_url="https://weather.example/",
)
FORM = """{% extends "base.html" %}{% set has_errors = form.errors %}
{% from "components/errors.html" import error_summary %}{% from "components/danger.html" import danger %}
{% from "components/panels.html" import back_link, saved %}
{% block back %}{{ back_link("/form") }}{% endblock %}{% block title %}Does the family know?{% endblock %}
{% block page %}{{ error_summary(form) }}<form method="post" novalidate>{{ questions(form) }}
<button class="govuk-button">Save and continue</button></form>{% endblock %}
{% block side %}{% call saved("Your draft") %}<p class="govuk-body">Kept</p>{% endcall %}
{{ danger(short=true) }}{% endblock %}"""
QUEUE = """{% extends "staff.html" %}{% from "components/tag.html" import status, seen_before %}
{% from "components/clock.html" import clock %}{% from "components/icons.html" import channel %}
{% from "components/summary.html" import summary %}{% block title %}All open{% endblock %}
{% block views %}<h2 class="fd-h2">Requests</h2><ul class="fd-views"><li><a class="govuk-link" href="/queue"
aria-current="page"><span>All open</span><span class="fd-num">3</span></a></li></ul>{% endblock %}
{% block page %}<h1 class="govuk-heading-l">All open</h1>
<table class="govuk-table fd-queue fd-stack"><caption class="govuk-visually-hidden">Open requests</caption><tbody>
{% for n in (1, 2, 3) %}<tr class="govuk-table__row fd-edge-late"><td class="govuk-table__cell"><a class="govuk-link"
href="/queue?{{ n }}" id="row-{{ n }}">Child {{ n }}</a> {{ channel("web") }}</td>
<td class="govuk-table__cell">{{ status("in_triage") }} {{ seen_before(2) }}</td></tr>{% endfor %}</tbody></table>
{{ clock("Decision", "25 min late", "since 12:30", "late", [("Received", "Mon 12:30")]) }}
{{ summary([{"key": "Told", "value": "Yes", "href": "/x"}, {"key": "School", "missing": true, "href": "/y"}]) }}
{% endblock %}"""


class Told(PlainForm):
    told = fields.RadioField(
        "Does the family know?",
        choices=[choice("yes", "Yes"), choice("risk", "No, it is a risk", hint="Say why", reveals="reason")],
        validators=[validators.InputRequired("Select whether the family knows")],
        render_kw={"heading": True},
    )
    reason = fields.TextAreaField("Why?", [validators.InputRequired("Enter why")])
    born = DateParts("Birth date", noun="Birth date", description="For example, 31 3 2017")
    needs = fields.SelectMultipleField("Needs", choices=[choice("a", "Speech"), choice("b", "Sight", divider="or")])
    school = fields.SelectField("School", choices=[choice("b", "Brookfield")])
    sure = fields.BooleanField("I am sure", [validators.InputRequired("Tick to say that you are sure")])


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve a form with every kind of fault, a staff page and an error page."""
    app = Flask("look", static_folder=None)
    app.config["SECRET_KEY"] = "a test's"
    app.jinja_env.globals["csrf_token"] = lambda: "token"

    @app.get("/form")
    def form() -> str:
        return render_template_string(FORM, form=Told(meta=GOVUK))

    @app.get("/faults")
    def faults() -> str:
        half = [("told", "risk"), ("born", "31"), ("born", ""), ("born", "2017"), ("needs", "x"), ("school", "x")]
        shown = Told(MultiDict(half), meta=GOVUK)
        shown.validate()
        return render_template_string(FORM, form=shown)

    @app.get("/queue")
    def queue() -> str:
        person = SimpleNamespace(is_authenticated=True, name="Grace Oyelaran", main_place=None)
        nav = [{"text": "Queue", "href": "/queue", "current": True}, {"text": "Sent to us", "href": "/x"}]
        return render_template_string(QUEUE, current_user=person, staff_nav=nav, search_url="/queue")

    @app.post("/out")
    def out() -> str:
        return ""

    install_templates(app, SETTINGS, home="form", staff_home="queue", sign_out="out", footer=[Way("Privacy", "form")])
    install_headers(app, https=False)
    install_errors(app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.rule("EV-9")
@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("path", ["/form", "/faults", "/queue", "/nowhere"])
def test_every_kind_of_page_serves_everyone(
    page: Page, address: str, path: str, width: int, check: Callable[[Page], None]
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address + path)
    check(page)


@pytest.mark.rule("EV-9")
def test_every_link_of_the_error_summary_moves_the_cursor_to_what_it_speaks_of(page: Page, address: str) -> None:
    page.goto(address + "/faults")
    links = page.locator(".govuk-error-summary__list a")
    expect(links).to_have_count(5)
    landed = []
    for n in range(links.count()):
        links.nth(n).click()
        landed.append(page.evaluate("document.activeElement.id"))
    assert landed == ["reason", "born-month", "needs", "school", "sure"]


def test_the_error_summary_takes_the_focus_and_the_title_says_error(page: Page, address: str) -> None:
    page.goto(address + "/faults")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    assert page.title().startswith("Error: ")


def test_a_revealed_question_opens_with_its_choice(page: Page, address: str) -> None:
    page.goto(address + "/form")
    expect(page.get_by_label("Why?")).to_be_hidden()
    page.get_by_label("No, it is a risk").check()
    expect(page.get_by_label("Why?")).to_be_visible()


@pytest.mark.rule("EV-9")
def test_without_script_every_question_is_on_the_page(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "/form")
    expect(page.get_by_label("Why?")).to_be_visible()
    context.close()


def test_the_keyboard_reaches_the_skip_link_first_and_then_the_way_out(page: Page, address: str) -> None:
    page.goto(address + "/form")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Tab")
    assert "exit-this-page" in str(page.evaluate("document.activeElement.className"))
    page.goto(address + "/form")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"


def test_the_arrows_move_from_row_to_row_of_the_queue(page: Page, address: str) -> None:
    page.goto(address + "/queue")
    page.locator("#row-1").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    expect(page.locator("#row-2")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(address + "/queue?2")


@pytest.mark.rule("EV-9")
def test_in_forced_colours_the_late_edge_is_still_an_edge_and_others_are_none(page: Page, address: str) -> None:
    page.emulate_media(forced_colors="active")
    page.goto(address + "/queue")
    edge = "e => getComputedStyle(e).borderLeftColor"
    canvas = page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
    assert page.locator(".fd-edge-late td").first.evaluate(edge) != canvas


@pytest.mark.rule("EV-6")
def test_on_paper_no_link_says_its_address(page: Page, address: str) -> None:
    page.goto(address + "/queue")
    page.emulate_media(media="print")
    said = page.locator("main a").evaluate_all("all => all.map(e => getComputedStyle(e, '::after').content)")
    assert said
    assert set(said) <= {'""', "none", "normal"}


@pytest.mark.rule("EV-9")
def test_the_first_visit_takes_less_than_60_kilobytes_of_the_network(page: Page, address: str) -> None:
    taken: list[float] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: taken.append(event["encodedDataLength"]))
    page.goto(address + "/form", wait_until="networkidle")
    assert 0 < sum(taken) < 60_000
