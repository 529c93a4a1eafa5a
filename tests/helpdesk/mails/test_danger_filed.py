"""A mail that was filed though it speaks of danger: its page says why it waits, and makes a request of it (SE-10)."""

from __future__ import annotations

import pytest

from service_request.models import Arrival, Mail
from tests.helpdesk.web.walking import Staff
from tests.posting import DESK, SENDIASS, Post, write

HARM = "He hit my daughter again and he is outside the house right now."


@pytest.mark.rule("SE-10")
@pytest.mark.parametrize(("box", "path"), [(DESK, "/staff/held"), (SENDIASS, "/staff/enquiries/held")])
def test_danger_that_was_filed_is_shown_and_made_a_request(
    post: Post, officer: Staff, adviser: Staff, box: str, path: str
) -> None:
    post.take(write(HARM, to=box, X_Spam_Flag="YES"), box)
    (arrival,) = post.rows(Arrival)
    mine, others = (officer, adviser) if box == DESK else (adviser, officer)
    assert others.get(f"{path}/{arrival.id}").status in (403, 404)
    page = mine.get(f"{path}/{arrival.id}")
    assert HARM in page.words and "what it says may mean danger" in page.words
    assert mine.post(f"{path}/{arrival.id}", act="open").status == 302
    assert post.rows(Mail)[0].request_id == post.request.id and post.request.urgency == "danger"


@pytest.mark.rule("EV-6")
def test_the_title_of_a_page_which_browsers_keep_says_no_subject(post: Post, officer: Staff) -> None:
    mail = post.take(write(subject="Tadhg Corrigan was excluded"))
    page = officer.get(f"/staff/mails/{mail.id}")
    assert "Tadhg Corrigan was excluded" in page.words and "Tadhg" not in page.title
