"""The whole job, as the five people who do it: on real processes, with the mails read from the mail server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import expect

from infrastructure.calendar import LONDON
from infrastructure.database import utc_now
from tests.answers import FULL_FORM
from tests.browser.filling import answer_every_page
from tests.browser.giving_away import nothing_was_given_away
from tests.browser.visiting import Visitor, code_in, link_in, mail_to, wait_for
from tests.browser.westmarch import PASSWORDS, Inside, westmarch
from tests.factories import Child
from tests.plugins.house import Mailbox
from tests.plugins.server import Installation
from tests.reading_pdf import tags_of, words_of

TEACHER, TEAM = "s.rahman@brookfield.example", "ra-vale@westmarch.example"
INFORMATION = "The form, a call to the teacher, and an earlier referral of this year."
ANALYSIS = "Hunger and lateness for two weeks. The older boy cares for the younger. No danger now."
REASON = "Both children may be in need. An assessment will look at what help their mother wants."
DONE = "Visited on Tuesday. A family support worker comes each morning."
REFERENCE = re.compile(r"\b[3-9A-Z]{4}-[3-9A-Z]{4}\b")
SAID_BY_HER = (
    "Both boys have come in hungry for two weeks", "Their grandmother died in August.", "I do the tea. It's all right.",
    "Breakfast club since 2 November.", "14 March 2017", "2 August 2020", "18 Tanners Row", "Donna Hartley",
)  # fmt: skip


@pytest.fixture
def served(installation: Installation, inside: Inside) -> Iterator[Installation]:
    """Westmarch with two web processes and a worker; Callum was here in spring, written with a slip."""
    with westmarch(inside) as county:
        accepted = utc_now() - timedelta(days=250)
        before = Child("Callum Hartly", date(2017, 3, 14))
        county.closed_referral([before], accepted=accepted, closed=accepted + timedelta(days=110))
    installation.web(log_level="INFO")
    installation.worker(log_level="INFO", sweep_seconds=0.2)
    return installation


def today() -> date:
    """Return the day by the clock on the wall."""
    return utc_now().astimezone(LONDON).date()


def parts_of(day: date) -> list[str]:
    """Return a date as it is typed: in three parts."""
    return [str(day.day), str(day.month), str(day.year)]


def tell_the_family(told_on: date) -> dict[str, dict[str, list[str]]]:
    """Return the teacher's answers; she told the family on this day, and leaves two questions for later."""
    answers = {key: dict(typed) for key, typed in FULL_FORM.items()}
    answers["agrees"]["told_on"] = parts_of(told_on)
    del answers["child.2.where"]["gp"]
    answers["child.2.views"] = {}
    answers["risks"] = {}
    answers["adult.1"]["safe_to_contact"] = ["yes"]
    return answers


@pytest.mark.rule("EV-2")
@pytest.mark.rule("EV-4")
@pytest.mark.rule("EV-6")
@pytest.mark.rule("EV-10")
@pytest.mark.rule("GL-2")
@pytest.mark.rule("GL-9")
@pytest.mark.rule("GL-10")
@pytest.mark.rule("GL-13")
@pytest.mark.rule("GL-14")
def test_five_people_do_the_whole_job(
    served: Installation, come: Callable[..., Visitor], mailbox: Mailbox, tmp_path: Path
) -> None:
    teacher = come(served.address)
    reference = the_teacher_asks(teacher, mailbox)
    officer = come(served.address)
    the_officer_sorts_it(officer, reference)
    manager = come(served.address)
    the_manager_decides(manager, reference)
    team = come(served.address)
    the_team_takes_it_on(team, mailbox, reference)
    the_teacher_is_told(teacher, mailbox, reference, tmp_path)
    the_officer_sees_it_done(officer, reference)
    nothing_was_given_away([teacher, officer, manager, team], mailbox, served)


def the_teacher_asks(teacher: Visitor, mailbox: Mailbox) -> str:
    """Fill in the form page by page, prove the address, see what is missing, send."""
    teacher.open("/")
    expect(teacher.page.locator(".fd-danger")).to_contain_text("999")
    expect(teacher.page.locator(".fd-danger")).to_contain_text("01632 960120")
    teacher.picture("01-start")
    teacher.choose("I work with children or families")
    teacher.press("Continue")
    teacher.picture("01b-names")
    teacher.choose("Yes, this is a request about named children")
    teacher.press("Continue")
    assert teacher.h1 == "Your request for service"
    assert "0 of 10 sections completed" in teacher.words
    teacher.picture("02-tasks-empty")
    answers = tell_the_family(today() - timedelta(days=1))
    teacher.press("Continue")
    answered = answer_every_page(teacher, answers, prove=lambda: type_the_code(teacher, mailbox), pictures="03")
    assert answered >= set(answers)
    assert "Work email address proven by code" in teacher.words
    teacher.picture("02-tasks")
    expect(teacher.page.locator("#check-status")).to_have_text("3 missing")
    teacher.follow("Check your answers and send")
    assert teacher.h1 == "Check your answers"
    missing = teacher.page.get_by_role("region", name="3 answers are missing").get_by_role("link").all_inner_texts()
    assert missing == ["Ryan Hartley: GP surgery", "What Ryan Hartley says", "Risks to visiting staff"]
    teacher.picture("05-check")
    teacher.follow("Risks to visiting staff")
    teacher.answer(risks="no")
    teacher.press("Save and continue")
    expect(teacher.page.get_by_role("region", name="2 answers are missing")).to_be_visible()
    teacher.press("Send request")
    expect(teacher.page.locator("h1")).to_have_text("Request sent")
    found = REFERENCE.search(teacher.words)
    assert found, teacher.words
    reference = found[0]
    assert "A manager decides for each child" in teacher.words
    teacher.picture("06-sent")
    acknowledged = mail_to(mailbox, TEACHER, about=reference)
    assert "999" in Mailbox.words(acknowledged)
    assert "A manager decides by" in Mailbox.words(acknowledged)
    return reference


def type_the_code(teacher: Visitor, mailbox: Mailbox) -> None:
    """Prove the work address by the code from the mail."""
    teacher.picture("03-email")
    teacher.press("Email me a code")
    teacher.answer(code=code_in(mail_to(mailbox, TEACHER, about="Your code")))
    teacher.picture("03-code")
    teacher.press("Continue")


def sign_in(visitor: Visitor, who: str) -> None:
    """Sign in on the page that asks for it."""
    assert visitor.h1 == "Sign in"
    email, password = PASSWORDS[who]
    visitor.answer(email=email, password=password)
    visitor.press("Sign in")


def the_officer_sorts_it(officer: Visitor, reference: str) -> None:
    """Claim it, note, ring the referrer, answer the hint, check for an open case, pass it on."""
    page = officer.page
    officer.open("/staff/")
    officer.picture("07-sign-in")
    sign_in(officer, "grace")
    row = page.locator("tr", has_text=reference)

    def has_hint() -> bool:
        officer.open("/staff/queue")
        return "Seen before: 1 to answer" in row.inner_text()

    wait_for(has_hint, "the hint of a child seen before")
    expect(row).to_contain_text(re.compile(r"23 h 5\d min"))
    expect(row).to_contain_text("Neglect")
    expect(row).to_contain_text("Told: yes")
    officer.picture("07-queue")
    row.get_by_role("link").click()
    expect(page.locator("h1")).to_contain_text("Callum Hartley")
    assert "GP surgery" in page.locator(".fd-missing").first.inner_text()
    officer.picture("08-request-new")
    officer.press("Claim")
    expect(page.get_by_role("status").first).to_contain_text("You have claimed this request")
    page.get_by_label("Add a note").fill("Rang the school nurse: she saw both boys last week.")
    officer.press("Save note")
    officer.press("Log a call")
    officer.picture("08-call")
    officer.choose("Yes")
    officer.answer(words="Samina Rahman: Ryan is with the same surgery.")
    officer.press("Save call")
    hint = page.locator(".fd-panel", has_text="Callum Hartly")
    expect(hint).to_contain_text("14 Mar 2017")
    hint.get_by_role("button", name=re.compile("^Same child")).click()
    expect(page.get_by_role("status").first).to_contain_text("the same child")
    officer.follow("Record what the case system says")
    officer.choose("No open case")
    officer.press("Save check")
    timeline = page.locator(".fd-timeline").inner_text()
    assert "she saw both boys" in timeline
    assert "same surgery" in timeline
    assert "Said to be the same child by Grace Oyelaran" in timeline
    officer.picture("08-request")
    officer.press("Pass to manager")
    expect(page.get_by_role("status").first).to_contain_text("Passed to the manager")
    assert "Waiting for decision" in officer.words


def the_manager_decides(manager: Visitor, reference: str) -> None:
    """Decide for each child: one a re-referral for assessment, one for other actions."""
    page = manager.page
    manager.open("/staff/")
    sign_in(manager, "helen")
    assert manager.h1 == "Waiting for decision"
    manager.picture("07-queue-manager")
    page.locator("tr", has_text=reference).get_by_role("link").click()
    manager.press("Decide")
    assert manager.h1.startswith("Decide: ")
    manager.press("Save decision")
    assert "Enter the reason" in " ".join(manager.errors()) or manager.errors()
    manager.picture("09-decision-errors")
    expect(page.get_by_label("Kind of referral for Callum Hartley")).to_have_value("re_referral")
    expect(page.get_by_label("Kind of referral for Ryan Hartley")).to_have_value("referral")
    manager.open(page.url)
    manager.answer(information=INFORMATION, analysis=ANALYSIS, reason=REASON)
    page.get_by_label("Decision for Callum Hartley").select_option(label="Referral: initial assessment")
    page.get_by_label("Decision for Ryan Hartley").select_option(label="Referral: other actions")
    effects = page.locator(".fd-section", has_text="When you save")
    expect(effects).to_contain_text("The clock ends for both children.")
    expect(effects).to_contain_text("Samina Rahman is emailed a link to the outcome.")
    manager.picture("09-decision")
    manager.press("Save decision")
    expect(page.get_by_role("status").first).to_contain_text("The decision is saved")
    decided = page.get_by_role("region", name="Decision", exact=True)
    expect(decided).to_contain_text("Re-referral")
    expect(decided).to_contain_text("Referral: other actions")
    manager.picture("09-decided")


def the_team_takes_it_on(team: Visitor, mailbox: Mailbox, reference: str) -> None:
    """Come from each mail, acknowledge, finish, and say when the referral closed."""
    mails = [mail_to(mailbox, TEAM, about=reference, count=count) for count in (1, 2)]
    assert sorted(initials_in(mail, reference) for mail in mails) == ["C.H.", "R.H."]
    for n, mail in enumerate(mails):
        team.open(link_in(mail))
        if n == 0:
            sign_in(team, "tom")
        name = team.h1
        assert ("Callum" in name) == (initials_in(mail, reference) == "C.H.")
        other = "Ryan Hartley" if "Callum" in name else "Callum Hartley"
        assert other not in team.words
        if n == 0:
            team.picture("11-assignment")
        team.press("Acknowledge")
        expect(team.page.get_by_role("status").first).to_contain_text("Acknowledged")
        if n == 0:
            team.picture("11-assignment-taken-on")
        team.page.get_by_label("What was done").fill(DONE)
        team.press("Save as done")
        expect(team.page.get_by_role("status").first).to_contain_text("Saved as done")
        team.choose("Help was given and has ended")
        team.answer(**{"close-closed_on": parts_of(today())})
        team.press("Close the referral")
        expect(team.page.get_by_role("status").first).to_contain_text("The referral is closed")
        if n == 0:
            team.picture("11-assignment-closed")
    team.follow("Done")
    team.picture("11-done")


def initials_in(mail: EmailMessage, reference: str) -> str:
    """Return the initials, having checked that the mail says nothing else of the matter."""
    found = re.search(rf"Request {reference} \(([A-Z.]+)\) is sent to your team\.", Mailbox.words(mail))
    assert found, Mailbox.words(mail)
    return found[1]


def the_teacher_is_told(teacher: Visitor, mailbox: Mailbox, reference: str, folder: Path) -> None:
    """Open the link, prove it by the code from the mail, read the outcome, keep the form."""
    link = link_in(mail_to(mailbox, TEACHER, about=f"{reference}: the outcome"))
    codes = len([mail for mail in mailbox.to(TEACHER) if "Your code" in str(mail["Subject"])])
    teacher.open(link)
    assert "Callum" not in teacher.words
    teacher.picture("10-link")
    teacher.press("Email me a code")
    teacher.answer(code=code_in(mail_to(mailbox, TEACHER, about="Your code", count=codes + 1)))
    teacher.press("Continue")

    def is_ready() -> bool:
        teacher.open(link)
        return teacher.page.get_by_role("link", name=re.compile("with the actions recorded")).count() == 1

    wait_for(is_ready, "the form returned")
    rows = teacher.page.locator("tbody tr").all_inner_texts()
    assert [row.split("\t") for row in rows] == [
        ["Callum Hartley, 9", "Accepted as a re-referral", "An initial assessment will be done."],
        ["Ryan Hartley, 6", "Accepted as a referral", "Other action will be taken."],
    ]
    assert REASON in teacher.words
    assert "Helen Prosser" in teacher.words
    assert DONE in teacher.words
    teacher.picture("10-outcome")
    with teacher.page.expect_download() as coming:
        teacher.page.get_by_role("link", name=re.compile("with the actions recorded")).click()
    assert coming.value.suggested_filename == f"request-{reference}.pdf"
    kept = folder / "form.pdf"
    coming.value.save_as(kept)
    the_form_says_the_same(kept.read_bytes(), teacher)


def the_form_says_the_same(pdf: bytes, teacher: Visitor) -> None:
    """Compare what the PDF says with what was decided, done and asked."""
    text = words_of(pdf)
    rows = [row.split("\t") for row in teacher.page.locator("tbody tr").all_inner_texts()]
    for cells in rows:
        assert " ".join(cells) in text
    for words in (teacher.h1, REASON, "Helen Prosser", DONE):
        assert words in text
    for _, action in actions_on(teacher):
        assert action in text, action
    for said in SAID_BY_HER:
        assert said in text, said
    assert "H1" in tags_of(pdf)
    assert pypdf.PdfReader(BytesIO(pdf)).trailer["/Root"]["/Lang"].startswith("en")


def actions_on(teacher: Visitor) -> list[tuple[str, str]]:
    """Return the actions taken, as the page lists them: when, and what."""
    items = teacher.page.locator(".fd-steps > li").all()
    return [(item.locator("strong").inner_text(), item.locator("p").inner_text()) for item in items]


def the_officer_sees_it_done(officer: Visitor, reference: str) -> None:
    """Find it closed: everything was told and done."""
    officer.open("/staff/queue?view=closed")
    expect(officer.page.locator("tr", has_text=reference)).to_contain_text("Closed")
    officer.page.locator("tr", has_text=reference).get_by_role("link").click()
    officer.picture("08-request-closed")
