"""Text is text: what would be a script, a template or a formula elsewhere comes out as it was typed (T10, T14).

Two hundred payloads go into every field of every form and of the desk, by HTTP; every page, mail and file that comes
out is read as a browser reads it. The second database gets each payload in other fields than the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import cycle, islice
from typing import Any

import pytest
import time_machine
from flask import Flask, Response, request, request_finished
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.house import House
from infrastructure.web.security import content_policy
from service_request.models import File
from tests.factories import NOW
from tests.marking import Marks
from tests.plugins.house import Mailbox
from tests.reading_pdf import words_of
from tests.test_secrets_of_people import Story

RUNS = "hit({n})"
TAGS = [
    "<script>{run}</script>", "<ScRiPt>{run}</sCrIpT>", "<script src=//evil.example/{n}.js></script>", "</script><script>{run}</script>",
    "<img src=x onerror={run}>", '<img src="x" onerror="{run}">', "<img/src=x/onerror={run}>", "<svg onload={run}>", "<svg/onload={run}>",
    "<svg><script>{run}</script></svg>", "<body onload={run}>", "<iframe src=javascript:{run}>", '<iframe srcdoc="<script>{run}</script>">',
    "<a href=javascript:{run}>x</a>", '<a href="java&#10;script:{run}">x</a>', "<form action=javascript:{run}><button>x</form>",
    "<input autofocus onfocus={run}>", "<textarea autofocus onfocus={run}>", "</textarea><script>{run}</script>", "<details open ontoggle={run}>",
    "<video><source onerror={run}></video>", "<audio src=x onerror={run}>", "<marquee onstart={run}>", "<math><mtext><script>{run}</script>",
    "<object data=javascript:{run}>", "<embed src=javascript:{run}>", "<link rel=stylesheet href=//evil.example/{n}.css>", "<style>@import'//evil.example/{n}'</style>",
    "<base href=//evil.example/>", "<meta http-equiv=refresh content='0;url=javascript:{run}'>", "<template><script>{run}</script></template>",
    "<noscript><p title='</noscript><img src=x onerror={run}>'>", "<!--><script>{run}</script>-->", "<![CDATA[<script>{run}</script>]]>",
    "<xss id=x tabindex=1 onfocus={run}></xss>", "<button formaction=javascript:{run}>x</button>", "<isindex action=javascript:{run}>",
    "<table background=javascript:{run}>", "<div style=width:expression({run})>", "<x onclick={run}>x",
]  # fmt: skip
BREAKS = [
    '"><script>{run}</script>', "'><script>{run}</script>", '" onmouseover="{run}', "' onmouseover='{run}", '" autofocus onfocus="{run}" x="',
    "` onmouseover=`{run}", '"/><svg onload={run}>', "javascript:{run}", "JaVaScRiPt:{run}", "data:text/html,<script>{run}</script>",
    "vbscript:{run}", "-->{run}<script>{run}</script>", "';{run};//", '";{run};//', "\\';{run};//", "${{{run}}}", "</title><script>{run}</script>",
    "</option></select><script>{run}</script>", "&lt;script&gt;{run}&lt;/script&gt;", "&#60;script&#62;{run}&#60;/script&#62;",
    "%3Cscript%3E{run}%3C/script%3E", "\\u003cscript\\u003e{run}\\u003c/script\\u003e", "+ADw-script+AD4-{run}+ADw-/script+AD4-", "<scr<script>ipt>{run}</scr</script>ipt>",
    "＜script＞{run}＜/script＞",
]  # fmt: skip
SHAPES = [*TAGS, *BREAKS]
ROUNDABOUT = ["{payload}", "x {payload} y", "{payload}{payload}", "\u202e{payload}"]
XSS = [
    f"xs{n}z "
    + wrapping.replace("{payload}", shape.replace("{run}", RUNS.replace("{n}", str(n))).replace("{n}", str(n)))
    for n, (shape, wrapping) in enumerate((s, w) for w in ROUNDABOUT for s in SHAPES)
]
# What a template engine, a formatter, a shell or a typesetter would make something of.
TEMPLATES = [
    "xq{{7*7}}z", "xq${7*7}z", "xq#{7*7}z", "xq<%= 7*7 %>z", "xq{%if 1%}49{%endif%}z", "xq%sz", "xq%(x)sz", "xq{x.__class__}z",
    "xq{0}z", "xq{{config}}z", "xq{{''.__class__.__mro__}}z", "xq#(7*7)z", "xq$7*7$z", "xq#let", "xq@{7*7}z", "xq*{7*7}z", "xq=7*7z",
]  # fmt: skip
TEXT = frozenset({"value", "aria-label", "title", "placeholder", "content"})  # attributes that nothing acts on
OURS = "document.body.className += ' js-enabled' + ('noModule' in HTMLScriptElement.prototype ? ' govuk-frontend-supported' : '');"
DONE = re.compile(r"xq49z|<Config|&lt;Config|<class|&lt;class")


def test_the_corpus_is_large_enough() -> None:
    assert len(set(XSS)) >= 200


@dataclass
class Hostile(Marks):
    """Gives each field the next payload; addresses and numbers stay what a form takes."""

    start: int = 0
    given: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        every = [*XSS, *TEMPLATES]
        one_of_each = [text for pair in zip(XSS, cycle(TEMPLATES), strict=False) for text in pair]
        self._payloads: Iterator[str] = islice(cycle(one_of_each), self.start % len(every), None)

    def name(self) -> str:
        return self._next()[:150]

    def text(self) -> str:
        return f"{self._next()} said Callum Hartley. {self._next()}"

    def _next(self) -> str:
        payload = next(self._payloads)
        self.given.add(payload)
        return payload


@dataclass
class Answer:
    """One page or file that came out."""

    path: str
    kind: str
    policy: str
    content: bytes

    @property
    def html(self) -> str:
        return self.content.decode()


@dataclass
class Told:
    """All that came out of one story."""

    given: set[str] = field(default_factory=set)
    answers: list[Answer] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)


_KEPT: dict[str, Told] = {}


@pytest.fixture
def told(app: Flask, database: Any, session: Session, house: House, mailbox: Mailbox, work: Callable[[], None]) -> Told:
    """Tell the story with payloads in every field, once on each database."""
    if database.name not in _KEPT:
        kept = Told()

        def note(_: Flask, response: Response, **__: Any) -> None:
            if response.mimetype == "text/html":
                policy = response.headers.get("Content-Security-Policy", "")
                kept.answers.append(Answer(request.path, response.mimetype, policy, response.get_data()))

        request_finished.connect(note, app)
        try:
            with time_machine.travel(NOW, tick=False):
                story = Story(app, session, house, mailbox, work)
                story.trace.marks = Hostile(start=101 if database.name == "postgresql" else 0)
                story.break_things = lambda: None  # type: ignore[method-assign]
                story.tell()
                kept.given = story.trace.marks.given
        finally:
            request_finished.disconnect(note, app)
        kept.files = [
            row.content for row in session.scalars(select(File).where(File.owner_kind == "outcome")) if row.content
        ]
        kept.mails = [f"{mail.items()} {Mailbox.words(mail)}" for mail in mailbox.messages]
        _KEPT[database.name] = kept
    return _KEPT[database.name]


class Reader(HTMLParser):
    """Reads a page as a browser does, and notes whatever could act."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.said: list[str] = []
        self.in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.said += values.values()
        self.in_script = tag == "script"
        if tag == "script" and not values.get("src", "").startswith("/static/") and set(values) != {"nonce"}:
            self.faults.append(f"script {values}")
        if tag in ("iframe", "object", "embed", "base", "marquee", "style", "math", "frame", "applet") or "xs" in tag:
            self.faults.append(f"tag {tag}")
        for name, value in values.items():
            if name.startswith("on") or name in ("style", "srcdoc") or re.search(r"xs\d|hit\(", name):
                self.faults.append(f"{tag} {name}={value[:60]}")
            scheme = re.sub(r"[\x00-\x20]", "", value).lower()
            if name in ("href", "src", "action", "formaction", "data", "background") and (
                scheme.startswith(("javascript:", "vbscript:", "//"))
                or (scheme.startswith("data:") and not scheme.startswith("data:image/"))
                or "evil.example" in scheme
            ):
                self.faults.append(f"{tag} {name}={value[:60]}")
            if "hit(" in value and name not in TEXT:
                self.faults.append(f"{tag} {name}={value[:60]}")
            if name == "http-equiv" and value.lower() == "refresh":
                self.faults.append(f"{tag} {values}")

    def handle_data(self, data: str) -> None:
        if self.in_script and data.strip() not in ("", OURS):
            self.faults.append(f"script says {data[:60]}")
        self.said.append(data)

    def handle_endtag(self, tag: str) -> None:
        self.in_script = False


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


@pytest.mark.storage
@pytest.mark.threat("T10")
def test_no_payload_in_any_field_becomes_anything_but_text_on_any_page(told: Told) -> None:
    pages = [one for one in told.answers if one.kind == "text/html"]
    assert len(pages) > 300 and len({one.path.split("/")[1] for one in pages}) >= 3
    assert len(told.given & set(XSS)) >= 200
    seen = set()
    for one in pages:
        reader = read(one.html)
        assert reader.faults == [], one.path
        seen |= set(re.findall(r"xs\d+z", " ".join(reader.said))) if one.path.startswith("/staff") else set()
    assert len(seen) >= 200, "each payload stood on some page of staff"


@pytest.mark.storage
@pytest.mark.threat("T10")
def test_the_policy_of_every_page_stays_whole(told: Told) -> None:
    for one in told.answers:
        nonce = re.search(r"'nonce-([\w-]{24})'", one.policy)
        assert one.policy == content_policy(nonce[1] if nonce else None), one.path


@pytest.mark.storage
@pytest.mark.threat("T14")
@pytest.mark.rule("EV-6")
def test_template_syntax_comes_out_as_it_was_typed_on_pages_and_in_files_and_in_no_mail(told: Told) -> None:
    staff = " ".join(
        " ".join(read(one.html).said)
        for one in told.answers
        if one.kind == "text/html" and one.path.startswith("/staff")
    )
    assert [one for one in TEMPLATES if one not in staff] == []
    files = ["".join(words_of(one).split()) for one in told.files]
    assert len(files) >= 2
    assert sum("".join(one.split()) in "".join(files) for one in TEMPLATES) >= 10
    for text in [*(one.html for one in told.answers if one.kind == "text/html"), *files, *told.mails]:
        assert not DONE.search(text)
    assert len(told.mails) > 20
    for mail in told.mails:
        assert not re.search(r"xq[^\w-]|xs\d+z |hit\(|Callum", mail)


def test_a_page_that_lets_one_through_is_noticed() -> None:
    """A reader that never found anything would pass the tests above."""
    for payload in TAGS[:26]:
        page = f"<p>{payload.replace('{run}', 'hit(1)').replace('{n}', '1')}</p>"
        assert read(page).faults, payload
    for attribute in ('" onmouseover="hit(1)', '" autofocus onfocus="hit(1)" x="'):
        assert read(f'<input value="{attribute}">').faults


@pytest.mark.threat("T14")
def test_what_an_authority_sets_is_text_as_well(make_app: Callable[..., Flask]) -> None:
    words = "xq{{7*7}}z <script>hit(1)</script> %s ${7*7} {x.__class__}"
    names = (
        "authority_name",
        "service_name",
        "product_name",
        "duty_line",
        "helpdesk_phone",
        "helpdesk_hours",
        "address",
    )
    app = make_app(**dict.fromkeys(names, words))
    for path in ("/", "/privacy", "/accessibility", "/other-ways", "/who-sees", "/staff/sign-in"):
        answer = app.test_client().get(path)
        reader = read(answer.text)
        assert reader.faults == [] and not DONE.search(answer.text), path
        assert answer.status_code == 404 or words in " ".join(reader.said), path
    with app.app_context():
        letter = app.extensions["house"].write(
            "acknowledgement", reference="K7RM-4TXC", by_when="9am on Friday 20 November"
        )
        assert letter.text.count(words) >= 3
