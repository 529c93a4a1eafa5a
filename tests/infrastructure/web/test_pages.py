import gzip
import re
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from flask import Flask, abort, render_template_string, request
from flask.testing import FlaskClient
from flask_wtf.csrf import CSRFError

from infrastructure.web.errors import install_errors
from infrastructure.web.security import install_headers
from infrastructure.web.templating import Way, install_templates, spoken_number, tel
from tests.infrastructure.web.pages import read

SETTINGS = SimpleNamespace(
    authority_name="Westmarch County Council",
    service_name="Ask for help",
    product_name="Westmarch children’s front door",
    duty_line="01632 960 120",
    helpdesk_phone="01632 960 100",
    helpdesk_hours="Monday to Friday, 8:30am to 5pm",
    address="County Hall",
    brand_colour="#5b2a86",
    exit_url="https://weather.example/",
)
PUBLIC = """{% extends "base.html" %}{% block title %}Start{% endblock %}
{% block page %}<h1>Start</h1>{% endblock %}{% block side %}{{ what_side }}{% endblock %}"""
STAFF = """{% extends "staff.html" %}{% from "components/tag.html" import status, assignment_status %}
{% from "components/clock.html" import clock %}{% from "components/summary.html" import summary %}
{% from "components/icons.html" import channel %}{% from "components/steps.html" import steps, step %}
{% from "components/panels.html" import panel, sent_panel, section %}
{% block title %}Queue{% endblock %}
{% block page %}<h1>Queue</h1>{{ status("in_triage") }}{{ assignment_status("sent") }}{{ channel("web") }}
{{ clock("Decision", "Due in 3 h", "today 16:05", "soon", [("Received", "<b>Mon")]) }}
{{ summary([{"key": "Told", "value": "<i>yes", "href": "/x"}, {"key": "School", "missing": true, "href": "/y"}]) }}
{% call steps() %}{% call step("Now") %}<p>Sent</p>{% endcall %}{% endcall %}
{% call panel() %}{% call section("Consent", "consent") %}x{% endcall %}{% endcall %}
{{ sent_panel("Sent", "K7RM-4TXC") }}{% endblock %}"""
FAULTS = (400, 401, 403, 404, 405, 410, 413, 418, 429, 503)


def make_app(https: bool = False) -> Flask:
    app = Flask("pages", static_folder=None)
    app.config.update(SECRET_KEY="not a secret, a test", MAX_CONTENT_LENGTH=100)
    app.jinja_env.globals["csrf_token"] = lambda: "token"

    @app.get("/")
    def start() -> str:
        return render_template_string(PUBLIC, what_side=request.args.get("side", ""))

    @app.get("/staff")
    def staff() -> str:
        person = SimpleNamespace(is_authenticated=True, name="Grace", main_place=SimpleNamespace(team_name="Desk"))
        nav = [{"text": "Queue", "href": "/staff", "current": True}]
        return render_template_string(STAFF, current_user=person, staff_nav=nav)

    @app.post("/sign-out")
    def sign_out() -> str:
        return request.form.get("words", "")

    @app.get("/fault/<int:code>")
    def fault(code: int) -> str:
        abort(code, description="Callum Hartley, born 14 March 2017")

    @app.get("/stale")
    def stale() -> str:
        raise CSRFError("The CSRF token is invalid.")

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("Callum Hartley, born 14 March 2017")

    @app.get("/plain")
    def plain() -> str:
        return "no nonce here"

    install_templates(
        app,
        SETTINGS,
        home="start",
        staff_home="staff",
        sign_out="sign_out",
        footer=[Way("Privacy", "start"), Way("Not built yet", "nowhere")],
    )
    install_headers(app, https=https)
    install_errors(app)
    return app


@pytest.fixture
def client() -> FlaskClient:
    return make_app().test_client()


def policy(response: Any) -> dict[str, str]:
    parts = response.headers["Content-Security-Policy"].split("; ")
    return {part.split(" ", 1)[0]: part.split(" ", 1)[1] for part in parts}


@pytest.mark.parametrize("path", ["/", "/staff", "/fault/404", "/broken", "/plain", "/nowhere"])
def test_every_answer_lets_the_browser_load_from_our_own_origin_only(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    allowed = policy(response)
    nonce = re.search(r"'nonce-(\S+)'", allowed["script-src"])
    scripts = read(response.text).all("script")
    assert allowed["default-src"] == allowed["frame-ancestors"] == allowed["base-uri"] == "'none'"
    assert allowed["style-src"] == allowed["form-action"] == allowed["connect-src"] == allowed["font-src"] == "'self'"
    assert "unsafe" not in str(allowed)
    assert {script.attributes["nonce"] for script in scripts} == ({nonce[1]} if nonce else set())
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Cache-Control"] == "no-store"


def test_a_nonce_is_never_used_twice(client: FlaskClient) -> None:
    assert policy(client.get("/"))["script-src"] != policy(client.get("/"))["script-src"]


@pytest.mark.parametrize("https", [True, False])
def test_the_browser_is_told_to_insist_on_https_where_we_have_it(https: bool) -> None:
    assert ("Strict-Transport-Security" in make_app(https).test_client().get("/").headers) is https


@pytest.mark.rule("EV-10")
@pytest.mark.parametrize("path", [*(f"/fault/{code}" for code in FAULTS), "/stale", "/broken", "/nowhere"])
def test_every_error_page_tells_a_child_in_danger_whom_to_call(client: FlaskClient, path: str) -> None:
    page = read(client.get(path).text)
    assert {"tel:999", "tel:+441632960120"} <= {link.attributes["href"] for link in page.all("a")}
    assert len(page.all("h1")) == 1


@pytest.mark.parametrize("path", [*(f"/fault/{code}" for code in FAULTS), "/stale", "/broken"])
def test_an_error_page_says_what_to_do_and_nothing_of_the_fault(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == {"/stale": 400, "/broken": 500}.get(path) or int(path[-3:])
    for leak in ("Callum", "RuntimeError", "Traceback", "token", "invalid", "lease "):
        assert leak not in response.text
    assert re.search(r"say this number: <span[^>]*>[0-9a-f]{8}<", response.text)


def test_an_error_is_logged_with_the_number_on_the_page(client: FlaskClient) -> None:
    with structlog.testing.capture_logs() as logs:
        page = client.get("/broken").text
    assert [entry["event"] for entry in logs] == ["failed"]
    assert logs[0]["error_id"][:8] in page


def test_a_form_that_is_too_long_and_a_wrong_method_are_answered_in_words(client: FlaskClient) -> None:
    too_long = client.post("/sign-out", data={"words": "x" * 200})
    wrong = client.post("/")
    assert (too_long.status_code, wrong.status_code) == (413, 405)
    assert "Nothing was saved" in too_long.text
    assert "GET" in wrong.headers["Allow"]


@pytest.mark.rule("EV-10")
def test_when_even_the_error_page_breaks_a_bare_one_says_whom_to_call() -> None:
    app = make_app()

    @app.context_processor
    def breaks() -> dict[str, Any]:
        raise RuntimeError("the database is gone")

    response = app.test_client().get("/")
    assert response.status_code == 500
    assert "999" in response.text
    assert "01632 960 120" in response.text
    assert "database" not in response.text


def test_a_test_may_ask_to_see_the_fault_itself() -> None:
    app = make_app()
    app.config["PROPAGATE_EXCEPTIONS"] = True
    with pytest.raises(RuntimeError, match="Callum"):
        app.test_client().get("/broken")


def assets_of(client: FlaskClient, path: str) -> list[str]:
    page = read(client.get(path).text)
    linked = [e.attributes["href"] for e in page.all("link")]
    return linked + [e.attributes["src"] for e in page.all("script") if "src" in e.attributes]


def test_static_files_come_compressed_and_are_kept_for_a_year(client: FlaskClient) -> None:
    for address in assets_of(client, "/"):
        plain = client.get(address)
        packed = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert (plain.status_code, packed.status_code) == (200, 200)
        assert gzip.decompress(packed.data) == plain.data
        assert "immutable" in packed.headers["Cache-Control"]
        assert packed.headers["Vary"] == "Accept-Encoding"
        assert packed.headers["ETag"] != plain.headers["ETag"]
        again = client.get(address, headers={"If-None-Match": plain.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_a_static_file_of_another_release_is_not_kept(client: FlaskClient) -> None:
    address = re.sub(r"/static/\w+/", "/static/000000000000/", assets_of(client, "/")[0])
    assert client.get(address).headers["Cache-Control"] == "no-cache"
    assert client.get("/static/000000000000/../app.py").status_code == 404


@pytest.mark.rule("EV-9")
def test_the_first_visit_weighs_less_than_60_kilobytes(client: FlaskClient) -> None:
    weights = [len(client.get(a, headers={"Accept-Encoding": "gzip"}).data) + 600 for a in set(assets_of(client, "/"))]
    assert len(client.get("/").data) + sum(weights) < 45_000, "of 60 KB: a page's own questions take the rest"


def test_the_councils_colour_reaches_the_stylesheet_and_the_icon(client: FlaskClient) -> None:
    linked = assets_of(client, "/")
    css = next(client.get(a).text for a in linked if a.endswith("frontdoor.css"))
    icon = next(client.get(a).text for a in linked if a.endswith("icon.svg"))
    assert css.rindex("--govuk-brand-colour: #5b2a86") > css.index("--govuk-brand-colour: #0f4c55")
    assert "#5b2a86" in icon


def test_a_public_page_has_its_landmarks_its_way_out_and_no_dead_link(client: FlaskClient) -> None:
    page = read(client.get("/").text)
    links = [link.attributes["href"] for link in page.all("a")]
    assert page.one("title").text == "Start – Ask for help – Westmarch County Council"
    assert links[0] == "#" + page.one("main").attributes["id"], "the skip link is first"
    assert page.one("div", class_="govuk-exit-this-page").one("a").attributes["href"] == "https://weather.example/"
    assert len(page.all("h1")) == 1
    assert page.one("footer").one("a").text == "Privacy"
    assert "#" not in links
    assert "column-one-third" not in client.get("/").text
    assert "column-one-third" in client.get("/?side=more").text


def test_a_staff_page_says_who_where_and_lets_one_sign_out_by_a_post(client: FlaskClient) -> None:
    page = read(client.get("/staff").text)
    form = page.one("form")
    assert page.one("div", class_="fd-top__who").one("span").text == "Grace, Desk"
    assert (form.attributes["method"], form.attributes["action"]) == ("post", "/sign-out")
    assert form.one("input", name="csrf_token").attributes["value"] == "token"
    assert page.one("a", aria_current="page").text == "Queue"
    assert page.all("div", class_="govuk-exit-this-page") == []


def test_the_parts_of_a_page_say_their_words_and_escape_what_people_typed(client: FlaskClient) -> None:
    page = read(client.get("/staff").text)
    assert [tag.text for tag in page.all("strong", class_="govuk-tag")][:2] == ["In triage", "Not acknowledged"]
    assert page.one("div", class_="fd-clock").one("dd").text == "<b>Mon"
    assert page.one("dl", class_="govuk-summary-list").all("dd")[0].text == "<i>yes"
    assert [a.text for a in page.one("dl", class_="govuk-summary-list").all("a")] == ["Change told", "Add school"]
    assert page.one("ol", class_="fd-steps").one("strong").text == "Now"
    assert "Kilo 7 Romeo Mike, 4 Tango X-ray Charlie" in page.text


def test_numbers_are_rung_and_references_spelt() -> None:
    assert [tel(n) for n in ("01632 960 120", "999", "+44 7700 900 120")] == [
        "tel:+441632960120",
        "tel:999",
        "tel:+447700900120",
    ]
    assert spoken_number("K7RM-4TXC") == "Kilo 7 Romeo Mike, 4 Tango X-ray Charlie"
