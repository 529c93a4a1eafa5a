"""Keys: rotated while people work, known again at every start, and never guessed at."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import app as root
from app import create_app
from infrastructure.cli_keys import _lives_until
from infrastructure.database import (
    KeyRings,
    Wall,
    db,
    digest,
    rotating,
    transaction,
    use_keys,
    utc_now,
    uuid7,
)
from infrastructure.database.key_check import MARKER, KeyCheck, check_keys, fingerprint
from infrastructure.database.rotating import look, rotate
from infrastructure.identity.links import find_link, make_link
from infrastructure.identity.models import LinkPurpose, UserAccount
from infrastructure.outbox import Letter, OutboxMessage, owe
from infrastructure.settings import Settings
from infrastructure.trail import Event, verify
from service_request.models import MatchKey, Person, Referrer, ServiceRequest, Subject
from service_request.services import matching
from tests.factories import CALLUM, RYAN, Child, make_county, make_request, make_waiting
from tests.helpdesk.web.walking import Staff
from tests.plugins.house import KEYS, ROOT, Postgresql, Sqlite, settings_for
from tests.plugins.server import environment_of
from tests.service_request.channels.web.walking import NAMED
from tests.service_request.channels.web.walking import Person as Visitor

NEW = {
    "open_keys": Fernet.generate_key().decode(),
    "sendiass_keys": Fernet.generate_key().decode(),
    "hash_key": "n" * 48,
    "sendiass_hash_key": "m" * 48,
}
OLD = {**KEYS, "hash_key": "h" * 48, "sendiass_hash_key": "w" * 48}
BOTH = {name: f"{NEW[name]},{OLD[name]}" for name in NEW}
pytestmark = pytest.mark.storage


@pytest.fixture
def made(database: Sqlite | Postgresql, tmp_path: Path, smtp: Any, mailbox: Any) -> Iterator[Callable[..., Flask]]:
    """Make the application anew on one database, each time with the keys that are said."""
    url, apps = database.fresh("keys"), []

    def make(keys: dict[str, str]) -> Flask:
        apps.append(create_app(settings_for(url, tmp_path, smtp[1], **keys)))
        return apps[-1]

    yield make
    for one in apps:
        with one.app_context():
            db.session.remove()
            db.engine.dispose()


def user_named(ids: dict[str, UUID], name: str) -> Any:
    """Return somebody of the county as the walkers know them."""
    return type("Known", (), {"id": ids[name]})()


def fill(session: Session) -> list[UUID]:
    """Requests on both sides of the wall, each looked for among the others."""
    county = make_county(session)
    ids = [make_waiting(session, county, children=[child], matched=False).id for child in (CALLUM, RYAN, CALLUM)]
    ids.append(make_request(session, children=[Child("Osian Pugh")], wall=Wall.SENDIASS).id)
    for person_id in matching.list_unmatched(session, utc_now()):
        matching.find_similar(session, person_id, now=utc_now())
    with transaction(session):
        letter = Letter("acknowledgement", "Request", "We have it.")
        owe(session, letter, to="A@b.example", cause=ids[0], about=("request", ids[0]), now=utc_now())
    return ids


def counts(session: Session) -> tuple[dict[int, int], dict[int, int]]:
    """Return how many values and hashes each place of the rings made."""
    sealed: dict[int, int] = {}
    hashed: dict[int, int] = {}
    for tally in look(session):
        for found, said in ((tally.sealed, sealed), (tally.hashed, hashed)):
            for (_, place), count in found.items():
                said[place] = said.get(place, 0) + count
    return sealed, hashed


def test_rotation_makes_everything_anew_and_touches_nothing_else(made: Callable[..., Flask]) -> None:
    with made(OLD).app_context():
        session = db.session()
        ids = fill(session)
        before = {row.id: (row.version, row.state, row.headline) for row in session.scalars(select(ServiceRequest))}
        events = session.scalars(select(Event.hash)).all()
        keys = {bytes(key) for key in session.scalars(select(MatchKey.key))}
        session.rollback()
    app = made(BOTH)
    with app.app_context():
        session = db.session()
        assert counts(session)[0].keys() == {1}
        person_id = session.scalars(select(Person.id).where(Person.request_id == ids[0])).one()
        assert session.scalars(select(Referrer.id).where(Referrer.email_hash == "s.rahman@brookfield.example")).all()
        found = {row.earlier_request_id for row in session.scalars(select(matching.Similarity))}
        session.rollback()
        result = app.test_cli_runner().invoke(args=["keys", "rotate"])
        assert result.exit_code == 0, result.output
        assert f"key 2, {fingerprint(OLD['open_keys'])}: 0 values. Nothing that is stored needs it" in result.output
        assert "VALUES THAT NO KEY OPENS" not in result.output and "0 made anew" not in result.output
        session = db.session()
        assert counts(session) == ({0: counts(session)[0][0]}, {0: counts(session)[1][0]})
        again = app.test_cli_runner().invoke(args=["keys", "rotate"])
        assert again.exit_code == 0 and " 0 made anew." in again.output
    with made(NEW).app_context():
        session = db.session()
        sealed, hashed = counts(session)
        assert set(sealed) == {0} and set(hashed) == {0}
        after = {row.id: (row.version, row.state, row.headline) for row in session.scalars(select(ServiceRequest))}
        assert after == before
        assert session.scalars(select(Event.hash)).all() == events
        assert list(verify(session)) == []
        assert session.get_one(Person, person_id).name == "Callum Hartley"
        assert keys.isdisjoint({bytes(key) for key in session.scalars(select(MatchKey.key))})
        row = session.scalars(select(OutboxMessage).where(OutboxMessage.to_hash == "a@b.example")).one()
        assert row.key.endswith(digest("address", "a@b.example").hex()[:32])
        session.rollback()
        again_id = make_request(session, children=[CALLUM], matched=False).id
        for person_id in matching.list_unmatched(session, utc_now()):
            matching.find_similar(session, person_id, now=utc_now())
        hints = session.scalars(select(matching.Similarity).where(matching.Similarity.request_id == again_id)).all()
        assert {hint.earlier_request_id for hint in hints} >= {ids[0], ids[2]} and found


def test_what_was_written_with_an_older_hash_key_is_found_until_it_is_rotated(made: Callable[..., Flask]) -> None:
    with made(OLD).app_context():
        session = db.session()
        cause, now = uuid7(), utc_now()
        with transaction(session):
            link = make_link(
                session, LinkPurpose.OUTCOME, about=("request", uuid7()), address="a@b.example", now=now, days=9
            )
            first = owe(session, Letter("x", "y", "z"), to="a@b.example", cause=cause, about=("user", cause), now=now)
        key = first.key
    app = made(BOTH)
    with app.app_context():
        session = db.session()
        assert find_link(session, link.token, LinkPurpose.OUTCOME, now=now).id == link.id
        session.rollback()
        with pytest.raises(Exception, match=r"(?i)unique"), transaction(session):
            owe(session, Letter("x", "y", "z"), to="a@b.example", cause=cause, about=("user", cause), now=now)
            session.flush()
        assert session.scalars(select(OutboxMessage.key)).all() == [key]
        until = _lives_until(session, Wall.OPEN)
        assert until is not None and (until - now).days in (8, 9)
        said = app.test_cli_runner().invoke(args=["keys", "rotate"]).output
        assert f"may still need it until {until:%d %B %Y}" in said
        session.rollback()
        assert find_link(db.session(), link.token, LinkPurpose.OUTCOME, now=now).id == link.id
        assert db.session().scalars(select(OutboxMessage.key)).all() != [key]


def test_a_link_is_found_on_either_side_of_the_wall_under_every_key(made: Callable[..., Flask]) -> None:
    now = utc_now()
    with made(OLD).app_context():
        session, tokens = db.session(), []
        for wall in Wall:
            with transaction(session):
                about = ("request", uuid7())
                link = make_link(session, LinkPurpose.OUTCOME, about=about, address="a", now=now, days=1, wall=wall)
                tokens.append((wall, link.token))
    with made(BOTH).app_context():
        for wall, token in tokens:
            assert find_link(db.session(), token, LinkPurpose.OUTCOME, now=now).wall is wall
            assert _lives_until(db.session(), wall) is not None


def test_nothing_is_lost_when_people_work_while_the_keys_are_rotated(made: Callable[..., Flask]) -> None:
    old = made(OLD)
    with old.app_context():
        ids = fill(db.session())
        county = {row.name: row.id for row in db.session().scalars(select(UserAccount))}
    app = made(BOTH)
    stop, faults, sent, decided = threading.Event(), [], [], []

    def refer() -> None:
        with app.app_context():
            number = 0
            while not stop.is_set() or number < 2:
                number += 1
                typed = {**NAMED, "you": {**NAMED["you"], "email": f"s.{number}@brookfield.example"}}
                visitor = Visitor(app.test_client())
                draft = visitor.begin().fill(typed)
                draft.send()
                sent.append((draft.id, visitor.address))

    def work() -> None:
        with app.app_context():
            staff = Staff(app).signed_in(db.session(), app.extensions["house"], user_named(county, "Helen Prosser"))
            for request_id in ids[:3]:
                page = staff.get(f"/staff/requests/{request_id}")
                for n in range(6):
                    noted = staff.post(f"/staff/requests/{request_id}/note", words=f"Note {n} while keys turn.")
                    assert noted.status == 302, noted.words[:300]
                decided.append(page.status)

    def watched(what: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                what()
            except BaseException as error:
                faults.append(error)

        return run

    threads = [threading.Thread(target=watched(one)) for one in (refer, work)]
    for one in threads:
        one.start()
    try:
        with app.app_context():
            rounds = 0
            while rounds < 2 or threads[1].is_alive():
                rounds += 1
                assert app.test_cli_runner().invoke(args=["keys", "rotate"]).exit_code == 0
    finally:
        stop.set()
        for one in threads:
            one.join(60)
    assert faults == [] and len(sent) >= 2 and decided == [200] * 3
    assert all(address.endswith("/sent") for _, address in sent), sent
    with app.app_context():
        assert app.test_cli_runner().invoke(args=["keys", "rotate"]).exit_code == 0
    after = made(NEW)
    with after.app_context():
        session = db.session()
        sealed, hashed = counts(session)
        assert set(sealed) == {0} and set(hashed) == {0}
        assert session.query(ServiceRequest).count() == len(ids) + len(sent)
        assert list(verify(session)) == []
        staff = Staff(after).signed_in(session, after.extensions["house"], user_named(county, "Helen Prosser"))
        for request_id in ids[:3]:
            page = staff.get(f"/staff/requests/{request_id}")
            assert page.status == 200
            assert all(f"Note {n} while keys turn." in page.words for n in range(6))


def test_a_row_changed_between_the_reading_and_the_writing_keeps_what_was_written(
    made: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    with made(OLD).app_context():
        fill(db.session())
    with made(BOTH).app_context():
        session = db.session()
        real, met = rotating._write, []

        def change_first(one: Session, kept: Any, changes: Any) -> Any:
            if kept.model is Subject and not met:
                with transaction(one):
                    row = one.get_one(Subject, changes[0][0]["id"])
                    row.label = "Changed meanwhile"
                    met.append(row.id)
            return real(one, kept, changes)

        monkeypatch.setattr(rotating, "_write", change_first)
        tallies = {tally.table: tally for tally in rotate(session)}
        assert tallies["subject"].met == 1
        assert session.get_one(Subject, met[0], populate_existing=True).label == "Changed meanwhile"
        assert set(counts(session)[0]) == {0}


def test_a_value_that_no_key_opens_is_named_and_the_older_key_is_not_let_go(made: Callable[..., Flask]) -> None:
    with made(OLD).app_context():
        session = db.session()
        fill(session)
        row = session.scalars(select(Subject)).first()
        assert row is not None
        with transaction(session):
            stray = Fernet(Fernet.generate_key()).encrypt(b"x")
            session.execute(text("UPDATE subject SET label_sealed = :v WHERE number = 1"), {"v": stray})
    app = made(BOTH)
    with app.app_context():
        result = app.test_cli_runner().invoke(args=["keys", "rotate"])
        assert result.exit_code == 1 and "subject: 4 values that no key opens" in result.output
        assert db.session().scalars(select(KeyCheck)).all()
        assert any(tally.lost for tally in look(db.session()))
        older = [place for tally in look(db.session()) for _, place in [*tally.sealed, *tally.hashed] if place > 0]
        assert older, "the sample still asks for the older key"


# ---------------------------------------------------------------- the start


def start(
    settings: Settings, code: str = "from app import create_app; create_app()", **changes: str
) -> tuple[int, str]:
    """Start a process of the product with these keys; return its exit code and what it said."""
    environment = {
        **environment_of(settings),
        **{f"FRONTDOOR_{name.upper()}": value for name, value in changes.items()},
    }
    arguments = [sys.executable, "-c", code] if code.startswith("from ") else [sys.executable, "-m", *code.split()]
    done = subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def kept(made: Callable[..., Flask], tmp_path: Path) -> Settings:
    """The settings of an installation with something in its database."""
    app = made(OLD)
    with app.app_context():
        fill(db.session())
        settings: Settings = app.extensions["house"].settings
    made(OLD)
    return settings


@pytest.mark.parametrize("name", ["open_keys", "sendiass_keys", "hash_key", "sendiass_hash_key"])
def test_a_wrong_key_is_a_clear_refusal_to_start(name: str, kept: Settings) -> None:
    code, said = start(kept, **{name: NEW[name]})
    assert code != 0
    assert f"FRONTDOOR_{name.upper()} " in said and "ut it back" in said.replace("put back the key", "put it back")
    assert start(kept, **{name: f"{NEW[name]},{OLD[name]}"})[0] == 0


def test_the_web_server_the_worker_and_the_commands_refuse_alike(kept: Settings) -> None:
    for process in (
        "flask --app app worker",
        "flask --app app keys status",
        "gunicorn -b 127.0.0.1:0 app:create_app()",
    ):
        code, said = start(kept, process, open_keys=NEW["open_keys"])
        assert code != 0 and "FRONTDOOR_OPEN_KEYS opens nothing of what this database holds" in said, process


def test_a_wrong_key_is_noticed_in_a_database_of_before(kept: Settings) -> None:
    app = create_app(kept)
    with app.app_context(), transaction(db.session()):
        db.session().execute(text("DELETE FROM key_check"))
    code, said = start(kept, open_keys=NEW["open_keys"])
    assert code != 0 and "FRONTDOOR_OPEN_KEYS opens nothing" in said
    assert start(kept)[0] == 0


def test_a_database_that_is_gone_is_refused_and_never_made_anew(
    kept: Settings, database: Sqlite | Postgresql, tmp_path: Path
) -> None:
    marker = tmp_path / MARKER
    assert json.loads(marker.read_text()).keys() == {"database"}
    if isinstance(database, Sqlite):
        empty = f"sqlite:///{tmp_path / 'gone.sqlite'}"
    else:
        database.admin.execute("DROP DATABASE IF EXISTS gone")
        database.admin.execute("CREATE DATABASE gone")
        empty = database.url("gone")
    for process in ("from app import create_app; create_app()", "flask --app app db upgrade", "flask --app app worker"):
        code, said = start(kept, process, database_url=empty)
        assert code != 0 and "is not there, or is empty" in said and str(marker) in said, process
    assert not (tmp_path / "gone.sqlite").exists()
    marker.unlink()
    assert start(kept, "flask --app app db upgrade", database_url=empty)[0] == 0


def test_a_database_away_at_the_start_is_asked_before_anything_is_served(
    kept: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = check_keys
    monkeypatch.setattr(root, "check_keys", lambda *_, **__: False)
    wrong = kept.model_copy(update={"open_keys": type(kept.open_keys)(NEW["open_keys"])})
    made_app = create_app(wrong)
    monkeypatch.setattr(root, "check_keys", real)
    made_app.testing = False
    assert made_app.test_client().get("/").status_code == 500
    use_keys(KeyRings.from_settings(kept))


def test_processes_that_start_together_on_a_new_database_agree(kept: Settings) -> None:
    app = create_app(kept)
    with app.app_context(), transaction(db.session()):
        db.session().execute(text("DELETE FROM key_check"))
    environment = environment_of(kept)
    arguments = [sys.executable, "-c", "from app import create_app; create_app()"]
    started = [subprocess.Popen(arguments, cwd=ROOT, env=environment, stderr=subprocess.PIPE) for _ in range(4)]
    assert [(one.communicate(timeout=60)[1], one.returncode)[1] for one in started] == [0, 0, 0, 0]
    with app.app_context():
        assert len(db.session().scalars(select(KeyCheck)).all()) == 2
