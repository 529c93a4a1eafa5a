"""Two people on one request, and one person on two devices: nobody's work or words are lost under the other's."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import expect

from infrastructure.database import db, transaction, utc_now
from service_request.models import Draft
from tests.browser.test_five_people import sign_in
from tests.browser.visiting import Visitor, link_in, mail_to
from tests.browser.westmarch import Inside, westmarch
from tests.faults.test_nothing_is_lost import filled_draft
from tests.plugins.house import Mailbox
from tests.plugins.server import Installation

TEACHER = "s.rahman@brookfield.example"
HIS_REASON = "Her partner reads every letter that comes from the school."
Come = Callable[..., Visitor]


@pytest.mark.rule("GL-4")
def test_two_officers_on_one_request_lose_neither_work_nor_words(
    installation: Installation, inside: Inside, come: Come
) -> None:
    with westmarch(inside) as county:
        request_id = county.request().id
    installation.web()
    grace, omar = (come(installation.address) for _ in range(2))
    for officer, name in ((grace, "grace"), (omar, "omar")):
        officer.open(f"/staff/requests/{request_id}")
        sign_in(officer, name)
        expect(officer.page.get_by_role("button", name="Claim", exact=True)).to_be_visible()
    grace.press("Claim")
    expect(grace.page.get_by_role("status").first).to_contain_text("You have claimed this request")
    omar.press("Claim")
    assert "Somebody else changed this while you had it open" in omar.words, omar.words[:600]
    assert "Grace Oyelaran" in omar.words, "who has it stands on his page now"
    both_record_an_answer(grace, omar, request_id)


def both_record_an_answer(grace: Visitor, omar: Visitor, request_id: UUID) -> None:
    """Open the same page, save one after the other: the second reads what happened, and has their own words still."""
    for officer in (grace, omar):
        officer.open(f"/staff/requests/{request_id}/consent")
    grace.answer(told="yes", agrees="no", agrees_who="parent")
    grace.press("Save answer")
    expect(grace.page.get_by_role("status").first).to_be_visible()
    omar.answer(told="risk", reason=HIS_REASON, agrees="not_asked")
    omar.press("Save answer")
    meanwhile = omar.page.locator(".fd-panel", has_text="What happened meanwhile")
    expect(meanwhile).to_contain_text("Grace Oyelaran")
    expect(omar.page.locator(".fd-panel", has_text="What you wrote")).to_contain_text(HIS_REASON)
    expect(omar.page.locator('[name="reason"]')).to_have_value(HIS_REASON)
    omar.picture("two-officers")
    omar.press("Save answer")
    expect(omar.page.get_by_role("status").first).to_be_visible()
    grace.open(f"/staff/requests/{request_id}")
    assert HIS_REASON in grace.words, "both answers stand on the request"


@pytest.mark.rule("EV-1")
@pytest.mark.rule("EV-3")
@pytest.mark.threat("T7")
def test_a_teacher_on_two_devices_loses_nothing_and_sends_once(
    installation: Installation, inside: Inside, come: Come, mailbox: Mailbox
) -> None:
    with westmarch(inside):
        pass
    draft_id, device = filled_draft(inside)
    with inside():
        with transaction(db.session()):
            row = db.session().get_one(Draft, draft_id)
            row.proven_email, row.proven_at, row.owner_hash = TEACHER, utc_now(), TEACHER
        db.session.remove()
        db.engine.dispose()
    installation.web()
    installation.worker(sweep_seconds=0.2)
    phone, laptop = come(installation.address, width=375), come(installation.address)
    phone.context.add_cookies([{"name": "device", "value": device, "url": installation.address}])
    phone.open(f"/request/{draft_id}/step/views")
    laptop.open(f"/request/{draft_id}")
    assert "Callum" not in laptop.words, "the address of a draft opens nothing on a device that does not hold it"
    open_by_mail(laptop, mailbox)
    laptop.open(f"/request/{draft_id}/step/background")
    laptop.answer(history="Their grandmother died in August. Donna's sister has gone back to Leeds.")
    laptop.press("Save and continue")
    phone.answer(family_view="She says yes to any help.")
    phone.press("Save and continue")
    for device_of_hers in (phone, laptop):
        device_of_hers.open(f"/request/{draft_id}/check")
        for words in ("gone back to Leeds", "She says yes to any help."):
            assert words in device_of_hers.words
    laptop.press("Send request")
    expect(laptop.page.locator("h1")).to_have_text("Request sent")
    phone.press("Send request")
    expect(phone.page.locator("h1")).to_have_text("Request sent")
    receipt = laptop.page.locator(".govuk-panel__body").inner_text()
    assert phone.page.locator(".govuk-panel__body").inner_text() == receipt


def open_by_mail(laptop: Visitor, mailbox: Mailbox) -> None:
    """Have the link to what was saved sent to the proven address, and open it there."""
    laptop.open("/saved")
    laptop.answer(email=TEACHER)
    laptop.press("Email me a link")
    laptop.open(link_in(mail_to(mailbox, TEACHER, about="saved")))
    laptop.press("Open it on this device")
    expect(laptop.page.locator("h1")).to_have_text("Your request for service")
