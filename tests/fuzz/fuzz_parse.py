"""Feed the parser bytes that grow towards code no mail has reached yet. Run by tests/mail/test_fuzz.py, or by hand:

    python -m tests.fuzz.fuzz_parse -max_total_time=600 /tmp/found tests/fuzz/seeds tests/mail/corpus

What is found to break it is kept in seeds/ as a file, and read by the tests from then on.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import atheris

with atheris.instrument_imports(include=["service_request.domain.mail"]):
    from service_request.domain.mail import parse as parser

from tests.mail.reading import assert_is_whole

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def one_mail(data: bytes) -> None:
    """Read it past the net that catches what is raised, so that what would be caught is found; then as everybody does."""
    parser.read_whole(data, NOW)
    assert_is_whole(parser.parse(data, now=NOW))


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_mail)
    atheris.Fuzz()
