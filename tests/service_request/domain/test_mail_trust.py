"""Who vouches for a sender, and when two mails are one: told by what a sender cannot choose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_request.domain.mail.sameness import same_of
from service_request.domain.mail.vouching import is_vouched

OURS, SENDER = "mx.westmarch.example", "reception@millbrook-surgery.example"


@pytest.mark.threat("T6")
@pytest.mark.threat("E9")
@pytest.mark.parametrize(
    ("verdicts", "is_so"),
    [
        (["mx.westmarch.example; dmarc=pass (p=none) header.from=millbrook-surgery.example"], True),
        (["MX.Westmarch.Example 1; spf=pass smtp.mailfrom=bounce@mail.millbrook-surgery.example"], True),
        (["mx.westmarch.example; dkim=pass header.d=millbrook-surgery.example header.s=s1"], True),
        (["mx.westmarch.example; dkim=pass header.i=@millbrook-surgery.example"], True),
        ([], False),
        (["mx.westmarch.example; dmarc=fail header.from=millbrook-surgery.example"], False),
        (["mx.westmarch.example; dkim=pass header.d=elsewhere.example"], False),
        (["mx.westmarch.example; spf=pass smtp.helo=millbrook-surgery.example"], False),
        (["mx.westmarch.example; dkim=pass (header.d=millbrook-surgery.example) header.d=x.example"], False),
        (["mx.westmarch.example; dmarc=pass header.from=notmillbrook-surgery.example"], False),
        (["mx.westmarch.example; dkim=pass header.d=example"], False),
        (["mx.elsewhere.example; dmarc=pass header.from=millbrook-surgery.example"], False),
        (  # the sender's own, beneath our server's
            [
                "mx.westmarch.example; dmarc=fail header.from=millbrook-surgery.example",
                "mx.westmarch.example; dmarc=pass header.from=millbrook-surgery.example",
            ],
            False,
        ),
    ],
)
def test_only_our_own_servers_topmost_verdict_about_the_senders_domain_counts(verdicts: list[str], is_so: bool) -> None:
    assert is_vouched(SENDER, verdicts, OURS) is is_so


@pytest.mark.threat("T6")
def test_nobody_is_vouched_for_where_no_server_of_ours_is_named() -> None:
    assert not is_vouched(SENDER, ["mx.westmarch.example; dmarc=pass header.from=millbrook-surgery.example"], "")


@given(st.lists(st.text(max_size=300), max_size=4), st.text(max_size=60))
def test_whatever_a_header_says_it_is_answered(verdicts: list[str], sender: str) -> None:
    assert is_vouched(sender, verdicts, OURS) in (True, False)


MAIL = (
    b"Message-ID: <1@a.example>\r\nFrom: a@a.example\r\nSubject: One\r\n two\r\nDate: Tue, 17 Nov 2026\r\n\r\nWords\r\n"
)


@pytest.mark.rule("EV-3")
def test_the_traces_of_servers_and_the_ends_of_lines_make_no_other_mail() -> None:
    traced = b"Received: by x\r\nDelivered-To: b@b.example\r\n" + MAIL
    assert same_of(traced) == same_of(MAIL) == same_of(MAIL.replace(b"\r\n", b"\n")) != ""


@pytest.mark.rule("EV-3")
@pytest.mark.threat("E1")
@pytest.mark.parametrize("change", [(b"Words", b"Other"), (b"One", b"Two"), (b"a@a", b"b@a"), (b"<1@", b"<2@")])
def test_what_the_sender_wrote_otherwise_is_another_mail(change: tuple[bytes, bytes]) -> None:
    assert same_of(MAIL.replace(*change)) != same_of(MAIL)


@pytest.mark.rule("EV-1")
def test_two_cries_for_help_in_the_same_words_with_no_name_and_no_date_are_two() -> None:
    assert same_of(b"From: a@a.example\r\n\r\nhelp me") == ""
    assert same_of(b"") == same_of(b"no header at all") == ""


@given(st.binary(max_size=2_000))
def test_any_bytes_have_an_answer(raw: bytes) -> None:
    assert len(same_of(raw)) in (0, 64)
