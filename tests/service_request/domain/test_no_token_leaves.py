"""Generated requests through every letter: no word of a field leaves, and none of them stops a letter (EV-6, T20)."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from infrastructure.outbox import Letter
from infrastructure.outbox.senders import Parcel
from infrastructure.web.letters import letter_writer, link_builder
from infrastructure.web.say_time import public_date, public_moment
from service_request.domain.bare_words import bare
from service_request.domain.identifying_words import COMMON, FIRST_NAMES
from service_request.domain.people import initials
from service_request.domain.references import format_reference, new_reference
from service_request.domain.unspeakable import Terms, catch, terms_of
from service_request.pathways.social_care.codes import WORRIES
from service_request.services.guarding import parts_of
from tests.architecture.test_letters import FACTS

HOW_MANY = 10_000 if os.environ.get("EFFORT") == "full" else 500
pytestmark = [pytest.mark.rule("EV-6"), pytest.mark.threat("T20")]

ABOUT_REQUESTS = {
    name: facts for name, facts in FACTS.items() if name != "anchor" and "words" not in facts
}  # that one tells of a seal, to nobody else; and what an adviser writes is theirs, and read whole by the guard
FIRST = sorted(FIRST_NAMES)
LAST = """Hartley Whitcombe Pugh Okoro Noor Marsh Dunn Brandt O'Neil Smith-Jones McDonald van_der_Berg Green Call Reference
Request Danger Service Team Open Read Time Form Link Page Child Decision Helpdesk Council Urgent Line Say Work Due Outcome
Szczepański Müller Bjørnstad Łukasiewicz Núñez D'Souza Nguyễn Ó_Briain Al-Hassan Ahmed Singh Kaur Li Wu Šimůnek Özdemir
Иванова Καραμανλής 王小明 محمد بن_علي ਸਿੰਘ Ekwueme Adébáyò""".split()
PLACES = (
    "Tanners Row,Millbrook Lane,May Street,Westmarch Road,Church View,Duty Close,Link Terrace,The Team House".split(",")
)
SCHOOLS = (
    "Brookfield Primary School,St Anne's Nursery,Westmarch High School,The Decision College,Open Door Academy".split(
        ","
    )
)
STORY = """He told us that {name} hits him when {other} drinks cider and vodka. Bruising on the clavicle, a cigarette burn,
and heroin in the kitchen at {place}. Ring his nan {third} on 07700 900{n:03}. Born {born:%d/%m/%Y}, NHS 999 {n:03} 4177."""


@dataclass(frozen=True)
class Made:
    """One generated request: what it may not say, and every token of every field."""

    terms: Terms
    tokens: frozenset[str]
    initials: str
    fields: tuple[str, ...]


def make(chance: random.Random) -> Made:
    people: list[tuple[str, dict[str, object]]] = []
    texts: list[str] = []
    for n in range(chance.randint(1, 5)):
        name = f"{chance.choice(FIRST).title()} {chance.choice(LAST).replace('_', ' ')}"
        born = date(1970, 1, 1) + timedelta(days=chance.randrange(20_000))
        facts: dict[str, object] = {
            "birth_on": born.isoformat(),
            "also_known": chance.choice(FIRST).title(),
            "address": f"{chance.randint(1, 99)} {chance.choice(PLACES)}",
            "postcode": f"WM{chance.randint(1, 20)} {chance.randint(1, 9)}{chance.choice('ABDEF')}{chance.choice('QRSTU')}",
            "school": chance.choice(SCHOOLS),
            "phone": f"07700 900{chance.randrange(1000):03}",
            "nhs_number": f"999{chance.randrange(10**7):07}",
            "needs_detail": "Epilepsy, and a peanut allergy.",
        }
        people.append((name, facts))
        texts += [name, *(str(value) for value in facts.values() if not re.fullmatch(r"[\d-]{10}", str(value)))]
        story = STORY.format(
            name=name.split()[0], other=chance.choice(FIRST).title(), third=chance.choice(LAST), born=born, n=n,
            place=chance.choice(PLACES),
        )  # fmt: skip
        texts.append(story)
    asked_by = f"{chance.choice(FIRST).title()} {chance.choice(LAST)}"
    worries = [label for _, label, _ in chance.sample(WORRIES, 3)]
    terms = terms_of(
        people,
        names=[asked_by],
        contacts=["01632 960355", "s.rahman@brookfield.example"],
        stories=texts,
        concerns=worries,
    )
    every = [*texts, asked_by, *worries]
    return Made(terms, tokens_of(" ".join(every)), ", ".join(initials(name) for name, _ in people), tuple(texts))


def tokens_of(text: str) -> frozenset[str]:
    """Return every run of three letters or digits and more, by no rule of the guard's own."""
    return frozenset(_counted(text))


def _counted(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W_]{3,}", bare(text)))


@pytest.fixture(scope="module")
def write() -> Any:
    from tests.plugins.house import ROOT, settings_for

    app = Flask("letters", root_path=str(ROOT))
    settings = settings_for("sqlite://", ROOT, 25)
    for rule, endpoint in (
        ("/outcome/<token>", "web.outcome"), ("/complete/<token>", "web.complete"), ("/saved/<token>", "web.found_drafts"),
        ("/mine/link/<token>", "web.mine"),
        ("/staff/requests/<uuid:request_id>", "desk.request_page"),
        ("/staff/assignments/<uuid:assignment_id>", "desk.assignment"),
    ):  # fmt: skip
        app.add_url_rule(rule, endpoint)
    return letter_writer(app, settings), link_builder(app, settings)


def letters(made: Made, chance: random.Random, write: Any) -> Iterator[tuple[Letter, Letter]]:
    """Write every letter about a request, and beside it the same letter about nobody."""
    pen, link = write
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * chance.randrange(35_000))
    token = "".join(chance.choices("ABCDEFabcdefXYZxyz0123456789-_", k=43))
    links = [
        link("web.outcome", token=token),
        link("desk.request_page", request_id=UUID(int=chance.getrandbits(128), version=4)),
    ]
    for name, facts in ABOUT_REQUESTS.items():
        said = {
            "reference": format_reference(new_reference()),
            "by_when": public_moment(at),
            "opens_at": chance.choice(["", public_moment(at)]),
            "link": chance.choice(links),
            "initials": made.initials,
            "promise": chance.choice("DAWR"),
            "told_as": chance.choice("RL"),
            "corrected": chance.choice(["", "yes"]),
            "decided": chance.choice(["", "yes"]),
            "last_day": public_date(at.date()),
            "days": "28",
            "minutes": "15",
            "count": str(chance.randint(2, 40)),
            "code": f"{chance.randrange(10**6):06}",
        }
        mine = {key: said[key] for key in facts}  # a fact that is new here needs a value above
        yield pen(name, **mine), pen(name, **(mine | {"initials": "X.Y."} if "initials" in facts else mine))


def test_no_token_of_any_field_leaves_in_any_letter_and_none_of_them_stops_one(write: Any) -> None:
    chance = random.Random(20261117)
    written = 0
    for _ in range(HOW_MANY):
        made = make(chance)
        for letter, of_nobody in letters(made, chance, write):
            written += 1
            more = _counted(f"{letter.subject}\n{letter.text}") - _counted(f"{of_nobody.subject}\n{of_nobody.text}")
            assert more.keys() & made.tokens == set(), (letter.template, more)
            parcel = Parcel("team@westmarch.example", letter.subject, letter.text, "<1@frontdoor>")
            body = {"subject": letter.subject, "text": letter.text, "own": letter.own}
            assert catch(parts_of(parcel, body), made.terms) == [], letter.template
    assert written == HOW_MANY * len(ABOUT_REQUESTS)


def test_a_letter_into_which_any_telling_token_slips_is_stopped(write: Any) -> None:
    """A guard that never stopped anything would pass the test above."""
    chance, (pen, link) = random.Random(7), write
    everyday = {bare(word) for word in COMMON}
    tried = 0
    for _ in range(HOW_MANY // 5):
        made = make(chance)
        for text in chance.sample(made.fields, 4):
            words = [word for word in re.findall(r"[^\W\d_]{4,}", text) if bare(word) not in everyday]
            if not words:
                continue
            word = chance.choice(words)
            tried += 1
            letter = pen(
                "assignment", reference="K7RM-4TXC", initials=f"C.H. {word}", by_when=public_moment(datetime.now(UTC)),
                link=link("desk.assignment", assignment_id=UUID(int=1)),
            )  # fmt: skip
            parcel = Parcel("team@westmarch.example", letter.subject, letter.text, "<1@frontdoor>")
            body = {"subject": letter.subject, "text": letter.text, "own": letter.own}
            assert catch(parts_of(parcel, body), made.terms), (word, text)
    assert tried > HOW_MANY // 2
