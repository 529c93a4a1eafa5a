"""The outgoing guard: what may not be said does not leave, and somebody hears of it (EV-6, T20)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from infrastructure.database import Wall, db, transaction
from infrastructure.house import House
from infrastructure.outbox import Letter, MessageState, OutboxMessage, owe, owe_text
from infrastructure.outbox.senders import Parcel
from infrastructure.web.say_time import public_moment
from service_request.models import Channel, Person, ServiceRequest, Task, TaskKind
from service_request.services.enquiries.opening import Opening, open_enquiry
from service_request.services.guarding import is_secure, make_guard
from service_request.services.sight import outgoing
from service_request.services.sight.outgoing import UnknownMatterError
from tests.factories import NOW, Child, County, make_county, make_request
from tests.plugins.house import Mailbox

FACTS = {
    "birth_on": "2017-03-14",
    "address": "18 Tanners Row, Millbrook",
    "postcode": "WM4 2QT",
    "school": "Brookfield Primary School",
    "gp": "Teasel Vale Medical Centre",
    "also_known": "Cal",
    "phone": "07700 900312",
    "nhs_number": "9990004177",
}
TIMES = [
    public_moment(NOW.replace(month=month, day=day, hour=hour))
    for month in (4, 5, 8)
    for day in (1, 20)
    for hour in (0, 11)
]
TEAM = "team@westmarch.example"
TOKEN = "k3Jd0fj2kd9Qm-Callum-Hartley-aaaaaaaaaaaaaa"  # 43 characters of chance, as unlucky as can be
pytestmark = [pytest.mark.rule("EV-6"), pytest.mark.threat("T20")]

Guard = Callable[..., list[dict[str, str]]]


@pytest.fixture
def county(session: Session) -> County:
    return make_county(session)


@pytest.fixture
def request_(session: Session, county: County) -> ServiceRequest:
    """A request about Callum Hartley of Millbrook."""
    made = make_request(session, area_id=county.teasel)
    with transaction(session):
        person = session.scalars(select(Person).where(Person.request_id == made.id)).one()
        person.facts = FACTS
    return made


@pytest.fixture
def guard(session: Session, house: House) -> Guard:
    """Read a letter about a request as the worker does before it leaves."""
    read = make_guard(house.settings)

    def one(request: Any, letter: Letter, to: str = TEAM, files: tuple[str, ...] = ()) -> list[dict[str, str]]:
        row = OutboxMessage(
            wall=Wall.OPEN,
            template=letter.template,
            body={"subject": letter.subject, "text": letter.text, "own": letter.own},
            about_kind="request",
            about_id=request.id,
        )
        return read(session, row, Parcel(to, letter.subject, letter.text, "<1@frontdoor>", files))

    return one


def said(text: str, subject: str = "") -> Letter:
    """A letter of which nobody knows what its template says by itself."""
    return Letter("by_hand", subject, text)


SAYS_IT = [
    "Callum", "C. Hartley", "HARTLEY", "callum", "Hartley's", "for Cal", "18 Tanners Row", "Millbrook", "Brookfield",
    "Teasel Vale Medical", "07700900312", "07700 900 312", "+44 7700 900312", "wm4 2qt", "WM42QT", "999 000 4177",
    "999-000-4177", "born 2017", "born in March 2017, on the 14th: 14/3/17", "14.03.2017", "14 March 2017",
    "14th of Mar 2017", "the fourteenth of March, 2017", "March 14, 2017", "2017-03-14", "14032017", "Samina", "Rahman", "s.rahman@brookfield.example",
    "01632 960355",
]  # fmt: skip
HIDDEN = [
    "Ca\u00adllum", "Call\u200bum", "C\u0301allum", "Cállüm", "ＣＡＬＬＵＭ", "&#67;allum", "C&#x61;llum", "C%61llum",
    "callum_hartley", "CallumHartley", "Саllum", "ΗARTLEY", "callum.hartley", "Callum\u200bHartley", "H\u2060artley", "=?utf-8?q?C=61llum?=",
    "=?utf-8?b?Q2FsbHVt?=", "hart\u200dley", "%2543allum", "&amp;#67;allum", "/outcome/Callum", "x=1&child=Callum+Hartley",
]  # fmt: skip


@pytest.mark.storage
@pytest.mark.parametrize("words", SAYS_IT)
def test_a_letter_that_says_who_it_is_about_stays_here(words: str, guard: Guard, request_: Any) -> None:
    assert guard(request_, said(f"It is about {words}, by 9am."))


@pytest.mark.parametrize("words", HIDDEN)
def test_a_name_is_known_again_however_it_hides(words: str, guard: Guard, request_: Any) -> None:
    for letter in (
        said(f"It is about {words}."),
        said("", subject=f"Request: {words}"),
        said(f"http://x.example/{words}"),
    ):
        assert guard(request_, letter), letter


def test_a_birth_date_alone_or_another_day_is_told_apart(guard: Guard, request_: Any) -> None:
    assert guard(request_, said("14/03/2017"))[0]["telling"] == "birth"
    for other in ("14 April 2017", "15/03/2017", "in 2017", "114/03/20170", "9am on Saturday 14 March"):
        assert guard(request_, said(f"by {other}")) == [], other


def test_the_name_of_a_file_and_a_link_are_read_too(guard: Guard, request_: Any) -> None:
    found = guard(request_, said("https://x.example/?who=%43allum"), files=("form-Hartley.pdf",))
    assert {(one["where"], one["words"]) for one in found} == {
        ("text", "callum"), ("link", "callum"), ("file_name", "hartley"),
    }  # fmt: skip


def every_letter(house: House, by_when: str, initials: str = "C.H.") -> list[Letter]:
    """Return every letter of the product as it is really written."""
    link = house.link("web.outcome", token=TOKEN)
    page = house.link("desk.request_page", request_id=uuid4())
    said_of_it = {"reference": "K7RM-4TXC", "by_when": by_when}
    write = house.write
    return [
        write("acknowledgement", **said_of_it),
        write("acknowledgement_public", **said_of_it),
        write("form_received", **said_of_it),
        write("call_received", **said_of_it, link=house.link("web.complete", token=TOKEN)),
        write("assignment", **said_of_it, initials=initials, link=page),
        write("assignment_reminder", **said_of_it, link=page),
        write("assignment_withdrawn", reference="K7RM-4TXC", initials=initials, link=page),
        write("outcome_professional", reference="K7RM-4TXC", link=link, days="28", corrected=""),
        write("outcome_public", reference="K7RM-4TXC", link=link, days="28", corrected=""),
        write("code", code="140317", minutes="15"),
        write("find_drafts", link=house.link("web.found_drafts", token=TOKEN)),
        write("your_requests", link=house.link("web.mine", token=TOKEN)),
        *(write(name, **said_of_it, initials=initials, promise=promise, told_as="R", link=page)
          for name in ("clock_warning", "clock_escalation") for promise in "DAWR"),
    ]  # fmt: skip


def test_what_our_letters_say_of_it_may_leave(guard: Guard, request_: Any, house: House) -> None:
    for by_when in TIMES:
        for letter in every_letter(house, by_when):
            assert guard(request_, letter) == [], (letter.template, by_when)


def words_of_templates(house: House) -> list[str]:
    letters = every_letter(house, TIMES[3])
    return sorted({word for one in letters for word in one.text.replace("/", " ").split() if word.isalpha()})


def test_a_child_called_like_a_word_of_a_letter_silences_nothing_and_is_not_let_through(
    session: Session, guard: Guard, house: House, county: County
) -> None:
    names = [Child(f"{word.title()} {word.title()}", date(2016, 5, 20)) for word in words_of_templates(house)]
    names += [
        Child("Will May", None),
        Child("April Monday", None),
        Child("Call Green", None),
        Child("Staff Outcome", None),
    ]
    made = make_request(session, children=names)
    for letter in every_letter(house, TIMES[3]):
        assert guard(made, letter) == [], letter.template
    for name in ("Will", "May", "Call", "Green", "Monday", "Staff", "Reference"):
        if name != "Green":
            for letter in every_letter(house, TIMES[3], initials=f"for {name}"):
                put_in = "for" in letter.text and f"(for {name})" in letter.text
                assert bool(guard(made, letter)) is put_in, (letter.template, name)
        once_more = house.write("acknowledgement", reference="K7RM-4TXC", by_when=f"{TIMES[0]} {name}")
        assert guard(made, once_more), name
        unknown = house.write("acknowledgement", reference=name, by_when=TIMES[0])
        assert guard(made, unknown), name


def test_a_link_that_carries_more_than_an_id_is_read(guard: Guard, house: House, request_: Any) -> None:
    for link in (
        "http://localhost/outcome/Callum",
        f"{house.link('web.outcome', token=TOKEN)}?child=Hartley",
        f"http://elsewhere.example/outcome/{TOKEN}",
    ):
        letter = house.write("outcome_public", reference="K7RM-4TXC", link=link, days="28", corrected="")
        assert {one["where"] for one in guard(request_, letter)} == {"text", "link"}, link


def test_the_names_of_one_request_do_not_silence_another(session: Session, guard: Guard, request_: Any) -> None:
    other = make_request(session, children=[Child("Osian Pugh", date(2015, 2, 2))])
    assert guard(other, said("Callum")) == []


WORDS = st.text(st.characters(categories=["Lu", "Ll"]), min_size=3, max_size=12)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(first=WORDS, last=WORDS, before=WORDS, shout=st.booleans())
def test_no_name_of_three_letters_or_more_leaves_in_any_fact(
    first: str, last: str, before: str, shout: bool, session: Session, county: County, guard: Guard, house: House
) -> None:
    made = make_request(session, children=[Child(f"{first} {last}", None)])
    name = last.upper() if shout else last
    for fact in ("reference", "by_when"):
        facts = {"reference": "K7RM-4TXC", "by_when": TIMES[0], fact: f"{before} {name}, 9am"}
        assert guard(made, house.write("acknowledgement", **facts)), fact


def test_an_address_marked_secure_may_be_told_more_in_the_text_alone(
    session: Session, house: House, request_: Any
) -> None:
    changes = {"secure_domains": "secure.example, @nhs.example", "smtp_starttls": True}
    read = make_guard(house.settings.model_copy(update=changes))
    row = OutboxMessage(wall=Wall.OPEN, body={"subject": "", "text": ""}, about_kind="request", about_id=request_.id)
    text = Parcel("a@mail.secure.example", "Request", "Callum Hartley, 14 March 2017", "<1@f>")
    assert read(session, row, text) == []
    in_clear = make_guard(house.settings.model_copy(update={**changes, "smtp_starttls": False}))
    assert in_clear(session, row, text), "a secure address is one only over a line that is encrypted"
    for parcel in (
        Parcel("a@secure.example", "Callum", "", "<1@f>"),
        Parcel("a@nhs.example", "", "http://x.example/Callum", "<1@f>"),
        Parcel("a@secure.example", "", "", "<1@f>", ("Hartley.pdf",)),
        Parcel("a@notsecure.example", "", "Callum", "<1@f>"),
        Parcel("a@secure.example.evil.example", "", "Callum", "<1@f>"),
    ):
        assert read(session, row, parcel), parcel


def test_a_domain_is_secure_by_itself_or_by_one_above_it() -> None:
    domains = ("secure.example",)
    assert is_secure("A@Secure.Example", domains) and is_secure("a@b.secure.example.", domains)
    assert not is_secure("a@insecure.example", domains) and not is_secure("a@secure.example@evil.example", domains)
    assert not is_secure("", domains) and not is_secure("a@secure.example", ())


# ---------------------------------------------------------------- in the worker


def owe_one(session: Session, about: UUID, letter: Letter, wall: Wall = Wall.OPEN) -> UUID:
    with transaction(session):
        return owe(session, letter, to=TEAM, cause=uuid4(), about=("request", about), now=NOW, wall=wall).id


@pytest.mark.storage
def test_a_letter_held_back_is_never_sent_and_reaches_the_desk_and_a_manager(
    session: Session, county: County, request_: Any, mailbox: Mailbox, work: Callable[[], None]
) -> None:
    request_id = request_.id
    row_id = owe_one(session, request_id, Letter("assignment", "Request K7RM-4TXC", "Callum is sent to you.", {}))
    work()
    work()
    assert mailbox.to(TEAM) == []
    row = session.get_one(OutboxMessage, row_id, populate_existing=True)
    assert (row.state, row.next_at) == (MessageState.HELD, None)
    assert row.caught == [{"where": "text", "telling": "name", "words": "callum"}]
    assert b"callum" not in (row.caught_sealed or b"")
    tasks = session.scalars(select(Task).where(Task.kind == TaskKind.HELD_BACK)).all()
    assert {task.team_id for task in tasks} == {None, county.assessment}
    assert {(task.request_id, task.about_id) for task in tasks} == {(request_id, row_id)}


@pytest.mark.storage
def test_a_guard_that_cannot_read_the_terms_holds_the_letter_and_reaches_a_person(
    session: Session, house: House, county: County, request_: Any, mailbox: Mailbox, work: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def fails(inner: Session, *_: Any) -> None:
        inner.execute(text("SELECT nothing_like_it"))  # the database refuses, and with it the transaction

    monkeypatch.setattr(outgoing, "_of_request", fails)
    row_id = owe_one(session, request_.id, house.write("acknowledgement", reference="K7RM-4TXC", by_when=TIMES[0]))
    work()
    row = session.get_one(OutboxMessage, row_id, populate_existing=True)
    assert (row.state, row.caught) == (MessageState.HELD, [{"where": "", "telling": "unread", "words": ""}])
    assert mailbox.to(TEAM) == []
    assert session.scalars(select(Task.kind).where(Task.about_id == row_id)).all() == [TaskKind.HELD_BACK] * 2


@pytest.mark.storage
def test_a_letter_about_what_is_not_there_is_held_back(
    session: Session, county: County, mailbox: Mailbox, work: Callable[[], None]
) -> None:
    row_id = owe_one(session, uuid4(), said("We have it.", "Request K7RM-4TXC"))
    work()
    assert session.get_one(OutboxMessage, row_id, populate_existing=True).state is MessageState.HELD
    assert mailbox.messages == []
    (task,) = session.scalars(select(Task)).all()
    assert (task.kind, task.team_id, task.request_id) == (TaskKind.HELD_BACK, None, None)


@pytest.mark.rule("SE-5")
def test_terms_are_read_on_the_messages_own_side_of_the_wall(session: Session, request_: Any) -> None:
    inside = make_request(session, children=[Child("Osian Pugh", None)], wall=Wall.SENDIASS)
    with transaction(session):
        for person in session.scalars(select(Person).where(Person.request_id == inside.id)):
            assert person.wall in (Wall.OPEN, Wall.SENDIASS)
    about = {"kind": "request", "about_id": inside.id}
    assert outgoing.read_unspeakable(session, wall=Wall.SENDIASS, **about) is not None
    with pytest.raises(UnknownMatterError):
        outgoing.read_unspeakable(session, wall=Wall.OPEN, **about)
    with pytest.raises(UnknownMatterError):
        outgoing.read_unspeakable(session, wall=Wall.SENDIASS, kind="request", about_id=request_.id)


def test_the_guard_asks_the_database_six_times_at_most_however_much_was_said(
    session: Session, guard: Guard, county: County, house: House
) -> None:
    made = make_request(session, children=[Child(f"Child Number{n}", None) for n in range(20)])
    session.rollback()
    session.expire_all()
    sent: list[str] = []
    engine = db.engine

    def count(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        guard(made, said("Nothing of anybody."))
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len([one for one in sent if one.startswith("SELECT")]) <= 6


class TestAnEnquiry:
    """What an enquirer told stays out of texts; an adviser may speak of the matter, and name nobody."""

    @pytest.fixture
    def enquiry(self, session: Session, house: House) -> ServiceRequest:
        new = Opening(
            Channel.SMS, NOW, story="The tribunal letter about Tadhg Corrigan came today", phone="+447700900461",
            facts={"name": "Mairead", "birth_on": "2014-09-03", "postcode": "WM2 6TT", "place": "Wharf Lane"},
        )  # fmt: skip
        with transaction(session):
            return open_enquiry(session, new, now=NOW, house=house)[0]

    @pytest.mark.parametrize(
        ("words", "leaves"),
        [
            ("I can help with the tribunal and the letter. Can I ring you after 4pm?", True),
            ("I can help Tadhg with the letter.", False),
            ("Hello Mairead, I can help.", False),
            ("Is 3 September 2014 his birthday?", False),
            ("Do you still live in WM2 6TT?", False),
            ("Shall I ring you on 07700 900461?", False),
        ],
    )
    def test_an_adviser_may_speak_of_the_matter_and_name_nobody(
        self, session: Session, house: House, enquiry: ServiceRequest, words: str, leaves: bool
    ) -> None:
        row = self.owed(session, enquiry, "adviser_reply", words)
        parcel = Parcel(row.to or "", "", words, row.message_id)
        assert (make_guard(house.settings)(session, row, parcel) == []) is leaves

    def test_what_no_person_wrote_says_nothing_of_the_matter_either(
        self, session: Session, house: House, enquiry: ServiceRequest
    ) -> None:
        words = "I can help with the tribunal"
        row = self.owed(session, enquiry, "engine_reply", words)
        assert make_guard(house.settings)(session, row, Parcel(row.to or "", "", words, row.message_id)) != []

    def owed(self, session: Session, enquiry: ServiceRequest, template: str, words: str) -> OutboxMessage:
        with transaction(session):
            letter = Letter(template, "", words, {}, {"subject": [], "text": []})
            return owe_text(
                session, letter, channel="sms", endpoint="+447700900180", to="+447700900461", cause=uuid4(),
                about=("request", enquiry.id), now=NOW, wall=Wall.SENDIASS,
            )  # fmt: skip
