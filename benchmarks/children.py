"""Children to be recognised among many: their match keys are the product's own, computed one child by one."""

from __future__ import annotations

import hmac
import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from statistics import median
from uuid import UUID

from flask import Flask

from benchmarks import large
from benchmarks.installing import SECRETS, let_go
from benchmarks.measuring import Ratio, Row
from infrastructure.database import Wall, db, transaction, utc_now
from service_request.domain import names
from service_request.domain.matching import PersonFacts, match_keys
from service_request.models import Person
from service_request.services.matching import find_similar

A_STEP = 20_000
FIRST_NAMES = """
Callum Ryan Maisie Ella Oliver Amelia Noah Aisha Mohammed Zofia Leo Freya Arthur Isla Muhammad Ava George Ivy Harry Lily
Jack Mia Theo Florence Oscar Willow Henry Rosie Archie Sophia Jakub Zuzanna Ibrahim Fatima Yusuf Maryam Kai Erin Dylan
Niamh Rhys Carys Tomos Seren Connor Aoife Finn Orla Samuel Grace
""".split()
SURNAMES = """
Hartley Whitcombe Rahman Okafor Kowalska Nair Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson
Wright Thompson Evans Walker White Roberts Green Hall Wood Jackson Clarke Khan Ahmed Hussain Singh Begum Ali Murphy
Kelly Byrne Nowak Lewandowska Popescu Silva Santos Adeyemi Mensah Chowdhury Kaur Shah Malik Iqbal Cohen Levy
""".split()
ENDINGS = ("", "s", "son", "ton", "ley", "field", "worth", "man", "ham", "well")  # 500 surnames in all
INSERT = "INSERT INTO match_key (id, wall, kind, \"key\", person_id) VALUES (?4, 'open', ?1, ?2, ?3)"
_KEY = SECRETS["hash_key"].encode()


def made_up(chance: random.Random) -> PersonFacts:
    """Make a child up."""
    name = f"{chance.choice(FIRST_NAMES)} {chance.choice(SURNAMES)}{chance.choice(ENDINGS)}"
    born = date(2008, 12, 1) + timedelta(days=chance.randrange(18 * 365))
    letters = f"{chance.choice('ABDEFGH')}{chance.choice('ABDEFGH')}"
    postcode = f"WM{chance.randrange(1, 10)} {chance.randrange(1, 10)}{letters}"
    return PersonFacts(name=name, birth_on=born, postcode=postcode)


def add_keys(app: Flask, budget: large.Budget) -> None:
    """Give every child of a filled database the keys by which it may be found again."""
    for known in ("sound", "tokens"):  # a name is heard once, however many children bear it
        setattr(names, known, cache(getattr(names, known)))
    with app.app_context():
        path = str(db.engine.url.database)
        let_go()
    chance = random.Random(999)
    with large.quick_writer(path) as connection:
        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'match_key' AND sql IS NOT NULL"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f'DROP INDEX "{name}"')
        for first, last in budget.steps(A_STEP):
            connection.execute("BEGIN")
            connection.executemany(INSERT, _keys(chance, first, last))
            connection.execute("COMMIT")
        for _, statement in indexes:
            connection.execute(statement)


def _keys(chance: random.Random, first: int, last: int) -> Iterator[tuple[str, bytes, str, str]]:
    number = first * 100
    for child in range(first, last):
        person = large.person_id(child).hex
        for kind, text in match_keys(made_up(chance)):
            number += 1
            key = hmac.digest(_KEY, f"match\0{text}".encode(), "sha256")  # as `digest("match", text)` makes it
            yield kind, key, person, f"{number:032x}"


class Searches:
    """One database in which children are looked for, by turns with another."""

    def __init__(self, app: Flask, rows: int) -> None:
        self.app, self.rows, self.chance = app, rows, random.Random(7)
        self.rounds: list[float] = []

    def look_for(self, how_many: int) -> None:
        """Let the product look for new children, and keep the middle time."""
        took = []
        with self.app.app_context():
            for _ in range(how_many):
                person_id = self._new_child()
                began = time.perf_counter()
                find_similar(db.session(), person_id, now=utc_now())
                took.append(time.perf_counter() - began)
            let_go()
        self.rounds.append(median(took))

    def _new_child(self) -> UUID:
        facts, session = made_up(self.chance), db.session()
        with transaction(session):
            child = Person(
                wall=Wall.OPEN,
                request_id=large.request_id(self.chance.randrange(self.rows)),
                is_child=True,
                name=facts.name,
                facts={"birth_on": str(facts.birth_on), "postcode": facts.postcode},
                match_wanted_at=utc_now(),
            )
            session.add(child)
        return child.id


def measure_matches(few: Flask, few_rows: int, many: Flask, many_rows: int, *, rounds: int, a_round: int) -> Row:
    """Look for children among many and among few, by turns."""
    among_few, among_many = Searches(few, few_rows), Searches(many, many_rows)
    for number in range(rounds + 1):
        among_many.look_for(a_round)
        among_few.look_for(a_round)
        if not number:  # the first is to warm up
            among_few.rounds.clear()
            among_many.rounds.clear()
    ratio = Ratio(among_many.rounds, among_few.rounds)
    return Row(
        f"possible matches of a child at {many_rows:,} children beside {few_rows:,}",
        str(ratio),
        ratio.value,
        at_least=3,
        aim=1.5,
        note=f"{median(ratio.ours) * 1000:.1f} ms beside {median(ratio.theirs) * 1000:.1f} ms",
    )
