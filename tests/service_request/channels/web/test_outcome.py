"""The outcome behind link and code, and the link that follows a call (GL-1, GL-14, EV-6)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from infrastructure.database import transaction, utc_now
from infrastructure.house import House
from infrastructure.identity.links import make_link
from infrastructure.identity.models import LinkPurpose, SecretLink
from infrastructure.trail.events import SYSTEM
from service_request.models import Agency, AgencyDomain, Outcome, Referrer, ReferrerKind, ServiceRequest
from service_request.pathways.social_care.outcome import DecidedRow, Done, OutcomeWords
from service_request.pathways.social_care.rules import LineChoice, ReferralAction, Standing
from service_request.services.outcomes import owe_outcome
from tests.plugins.house import Mailbox
from tests.service_request.channels.web.walking import NAMED, TEACHER, Draft, Person

ADDRESS = TEACHER["email"]
Work = Callable[[], None]
DONE = "Passed to the referral and assessment team, Teasel Vale."
WHY = "Both children may be in need."


def decide(session: Session, house: House) -> None:
    """Owe the outcome of the only request there is, as the manager's decision would."""
    now = utc_now()
    words = OutcomeWords(
        rows=(DecidedRow(1, "Callum Hartley", LineChoice(Standing.REFERRAL, ReferralAction.INITIAL_ASSESSMENT)),),
        why=WHY,
        decided_at=now,
        decided_by="Helen Prosser",
        decided_by_title="referral and assessment manager",
        is_corrected=False,
        actions=(Done(now, DONE),),
    )
    with transaction(session):
        request = session.scalars(select(ServiceRequest).options(joinedload(ServiceRequest.referrer))).one()
        owe_outcome(session, request, words, decision_id=uuid4(), by=SYSTEM, now=now, house=house)


def set_proof(session: Session, proof: str | None) -> None:
    with transaction(session):
        session.execute(update(Referrer).values(proof=proof))


def link_in(mailbox: Mailbox, page: str, address: str = ADDRESS) -> str:
    """Return the path of the link to a page, from the latest mail that holds one."""
    for message in reversed(mailbox.to(address)):
        if found := re.search(rf"http://localhost(/{page}/\S+)", mailbox.words(message)):
            return found[1]
    raise AssertionError(f"no mail to {address} holds a link to {page}")


def code_in(mailbox: Mailbox, address: str = ADDRESS) -> str:
    codes = [found[1] for m in mailbox.to(address) if (found := re.search(r"Your code is (\d{6})", mailbox.words(m)))]
    return codes[-1]


@pytest.fixture
def link(draft: Draft, session: Session, house: House, mailbox: Mailbox, work: Work) -> str:
    """The link to the outcome of a proven professional's request, from the mail."""
    draft.fill(NAMED).send()
    set_proof(session, "code")
    decide(session, house)
    work()
    return link_in(mailbox, "outcome")


def open_with_code(person: Person, link: str, mailbox: Mailbox, work: Work) -> None:
    person.post(link)
    work()
    person.post(f"{link}/code", {"code": code_in(mailbox)})


@pytest.mark.rule("EV-6")
def test_the_link_alone_shows_the_reference_and_a_masked_address_and_nothing_more(link: str, stranger: Person) -> None:
    stranger.open(link)
    assert stranger.h1 == "The outcome of your request is ready"
    assert "s•••n@brookfield.example" in stranger.words
    for word in ("Callum", "Hartley", "referral", ADDRESS, DONE):
        assert word not in stranger.words
    assert stranger.open(f"{link}/form").request.path == link


@pytest.mark.rule("GL-14")
@pytest.mark.storage
def test_link_and_code_open_the_outcome_and_the_form_to_a_proven_professional(
    link: str, stranger: Person, mailbox: Mailbox, work: Work
) -> None:
    open_with_code(stranger, link, mailbox, work)
    assert stranger.h1 == "Accepted as a referral"
    for words in ("Callum Hartley", WHY, "Helen Prosser, referral and assessment manager", DONE):
        assert words in stranger.words
    file = next(one for one in stranger.page.all("a") if "with the actions recorded (PDF" in one.text)
    response = stranger.open(file.attributes["href"])
    assert response.mimetype == "application/pdf"
    assert response.data.startswith(b"%PDF-")
    assert "Callum" not in response.headers["Content-Disposition"]
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.rule("GL-14")
@pytest.mark.parametrize("proof", ["agency_domain", "phone"])
def test_a_known_agencys_domain_or_a_call_of_an_officer_lets_the_form_go_back_as_a_code_does(
    link: str, stranger: Person, session: Session, mailbox: Mailbox, work: Work, proof: str
) -> None:
    set_proof(session, proof)
    open_with_code(stranger, link, mailbox, work)
    assert "Callum Hartley" in stranger.words
    assert WHY in stranger.words
    assert stranger.open(f"{link}/form").data.startswith(b"%PDF-")


@pytest.mark.rule("GL-14")
def test_the_address_of_a_known_agency_is_proven_by_its_domain_and_that_of_another_is_not(
    person: Person, session: Session
) -> None:
    with transaction(session):
        agency = Agency(name="Brookfield Primary School", kind="school", source_code="2A")
        session.add(agency)
        session.flush()
        session.add(AgencyDomain(domain="brookfield.example", agency_id=agency.id))
    for email, proof in ((ADDRESS, "agency_domain"), ("s.rahman@notbrookfield.example", None)):
        person.begin().fill({**NAMED, "you": {**TEACHER, "email": email}}).send()
        assert person.h1 == "Request sent"
        assert session.scalars(select(Referrer.proof).order_by(Referrer.id.desc()).limit(1)).one() == proof


@pytest.mark.rule("GL-14")
@pytest.mark.parametrize("kind", [ReferrerKind.FAMILY, ReferrerKind.CHILD, ReferrerKind.PUBLIC])
def test_the_form_goes_back_to_nobody_but_a_professional_whatever_proves_the_address(
    draft: Draft, stranger: Person, session: Session, house: House, mailbox: Mailbox, work: Work, kind: ReferrerKind
) -> None:
    draft.fill(NAMED).send()
    with transaction(session):
        session.execute(update(Referrer).values(kind=kind, proof="code", safe="yes"))
    decide(session, house)
    with transaction(session):  # a form was made of it all the same
        session.execute(update(Outcome).values(pdf_wanted_at=utc_now()))
    work()
    link = link_in(mailbox, "outcome")
    open_with_code(stranger, link, mailbox, work)
    assert stranger.h1 == "What you told us was considered"
    assert "Callum" not in stranger.words
    response = stranger.open(f"{link}/form")
    assert response.request.path == link
    assert not response.data.startswith(b"%PDF-")


@pytest.mark.rule("GL-14")
@pytest.mark.threat("T6")
def test_an_address_that_nothing_proves_reads_what_was_done_and_no_more(
    link: str, stranger: Person, session: Session, mailbox: Mailbox, work: Work
) -> None:
    set_proof(session, None)
    open_with_code(stranger, link, mailbox, work)
    assert "Accepted as a referral" in stranger.words
    for words in ("Callum", "Hartley", WHY):
        assert words not in stranger.words
    assert "was not proven before you sent the request" in stranger.words
    assert stranger.open(f"{link}/form").request.path == link


@pytest.mark.rule("GL-14")
def test_a_form_not_made_yet_is_said_to_be_on_its_way(
    draft: Draft, stranger: Person, session: Session, house: House, mailbox: Mailbox, work: Work
) -> None:
    draft.fill(NAMED).send()
    set_proof(session, "code")
    with transaction(session):
        request_id = session.scalars(select(ServiceRequest.id)).one()
        token = _link(session, request_id)
    stranger.post(f"/outcome/{token}")
    work()
    decide(session, house)  # and the worker has not come round since
    stranger.post(f"/outcome/{token}/code", {"code": code_in(mailbox)})
    assert "The form is being prepared" in stranger.words


def _link(session: Session, request_id: UUID) -> str:
    return make_link(
        session, LinkPurpose.OUTCOME, about=("request", request_id), address=ADDRESS, now=utc_now(), days=28
    ).token


def test_a_code_opens_the_outcome_once(
    link: str, stranger: Person, person: Person, mailbox: Mailbox, work: Work
) -> None:
    open_with_code(stranger, link, mailbox, work)
    person.post(f"{link}/code", {"code": code_in(mailbox)})
    assert person.errors()
    assert "Callum" not in person.words


def test_a_wrong_code_is_told_plainly(link: str, stranger: Person, mailbox: Mailbox, work: Work) -> None:
    stranger.post(link)
    work()
    wrong = "000000" if code_in(mailbox) != "000000" else "000001"
    stranger.post(f"{link}/code", {"code": wrong})
    assert stranger.errors() == [
        "That is not the code we sent last, or it has run out. Check the email, or ask for a new code"
    ]
    stranger.post(f"{link}/code", {"code": code_in(mailbox)})
    assert stranger.h1 == "Accepted as a referral"


def test_too_many_codes_are_refused_with_what_to_do(link: str, stranger: Person) -> None:
    for _ in range(6):
        stranger.post(link)
    assert stranger.errors() == ["You have asked for too many codes. Wait an hour, then ask again"]


@pytest.mark.parametrize("token", ["x", "A" * 43, "..", "'; --"])
def test_a_guessed_link_and_one_that_ran_out_look_the_same(
    link: str, stranger: Person, session: Session, token: str
) -> None:
    assert stranger.open(f"/outcome/{token}").status_code == 404
    if token == "..":
        return  # a browser takes two dots for the page above
    guessed = stranger.words
    with transaction(session):
        session.execute(update(SecretLink).values(expires_at=utc_now() - timedelta(minutes=1)))
    for response in (stranger.open(link), stranger.post(link), stranger.post(f"{link}/code", {"code": "123456"})):
        assert response.status_code == 404
        assert stranger.h1 == "This link has ended"
    assert stranger.words == guessed


def test_reading_the_page_again_needs_no_new_code_but_another_browser_does(
    link: str, stranger: Person, person: Person, mailbox: Mailbox, work: Work
) -> None:
    open_with_code(stranger, link, mailbox, work)
    stranger.open(link)
    assert stranger.h1 == "Accepted as a referral"
    person.open(link)
    assert person.h1 == "The outcome of your request is ready"


@pytest.mark.rule("GL-14")
@pytest.mark.rule("GL-16")
@pytest.mark.storage
@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("public_family", "A social worker will speak with you"),
        ("public_worried", "We cannot tell you what was decided about another family"),
    ],
)
def test_the_public_and_families_are_told_that_they_were_heard_and_what_comes_next(
    person: Person, session: Session, house: House, mailbox: Mailbox, work: Work, who: str, said: str
) -> None:
    address = "asker@home.example"
    person.begin_short(who).fill(
        {"concerns": {"narrative": "Help with mornings"}, "reach": {"email": address, "safe": "yes"}}
    ).send()
    decide(session, house)
    work()
    link = link_in(mailbox, "outcome", address)
    person.post(link)
    work()
    person.post(f"{link}/code", {"code": code_in(mailbox, address)})
    assert person.h1 == "What you told us was considered"
    assert said in person.words
    for words in ("Callum", WHY, DONE, "PDF", "Helen Prosser"):
        assert words not in person.words
    assert "tel:999" in {one.attributes["href"] for one in person.page.all("a")}


@pytest.mark.rule("GL-1")
@pytest.mark.rule("EV-10")
def test_the_link_of_a_call_begins_the_form_that_completes_that_request(
    person: Person, session: Session, draft: Draft
) -> None:
    draft.fill(NAMED).send()  # stands for the call: any request that a link can be about
    with transaction(session):
        request_id = session.scalars(select(ServiceRequest.id)).one()
        token = make_link(
            session, LinkPurpose.COMPLETE, about=("request", request_id), address=ADDRESS, now=utc_now(), days=28
        ).token
    person.open(f"/complete/{token}")
    assert person.h1 == "Complete the request you rang us about"
    assert {"tel:999", "tel:+441632960120"} <= {one.attributes["href"] for one in person.page.all("a")}
    person.post(f"/complete/{token}")
    assert person.h1 == "Your request for service"
    assert person.address != draft.url()


def test_a_call_link_that_has_ended_says_so(person: Person) -> None:
    assert person.open("/complete/x").status_code == 404
    assert person.post("/complete/x").status_code == 404
    assert person.h1 == "This link has ended"
