"""Mails nobody thought of: made from ours by chance, and grown towards what was never reached."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service_request.domain.mail import parse as parser
from tests.mail.reading import assert_is_whole

ROOT = Path(__file__).parents[2]
CORPUS, SEEDS = ROOT / "tests" / "mail" / "corpus", ROOT / "tests" / "fuzz" / "seeds"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MAILS = [mail.read_bytes()[:4_000] for mail in sorted(CORPUS.glob("*.eml"))]
IS_FULL = os.environ.get("EFFORT") == "full"

pieces = st.sampled_from(
    [line + b"\n" for mail in MAILS[:80] for line in mail.split(b"\n") if line]
    + [
        b"\n",
        b"\r",
        b"\0",
        b"--",
        b"=?utf-8?B?",
        b"?=",
        b"\xff\xfe",
        b'"',
        b"<",
        b">",
        b"(",
        b";",
        b":",
        b",",
        b"=",
        b"=3D",
    ]
    + [
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\n",
        b"Content-Type: message/rfc822\n\n",
        b"begin 644 a\n#0V%T\n",
    ]
)
shuffled = st.lists(st.one_of(pieces, st.binary(max_size=20)), max_size=40).map(b"".join)


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """Take two of our mails, cut and joined anywhere, with something strange between them."""
    one, other = draw(st.sampled_from(MAILS)), draw(st.sampled_from(MAILS))
    head, tail = one[: draw(st.integers(0, len(one)))], other[draw(st.integers(0, len(other))) :]
    return head + draw(st.one_of(st.just(b""), st.binary(max_size=10), pieces)) + tail


@pytest.mark.threat("F32")
@given(st.one_of(spoilt(), shuffled, st.binary(max_size=200)))
@example(b"")
@example(b"\n")
@example(b"From:")
def test_no_bytes_break_the_parser(raw):
    assert_is_whole(parser.read_whole(raw, NOW))


@pytest.mark.threat("F32")
@pytest.mark.parametrize("seed", sorted(SEEDS.iterdir()), ids=lambda seed: seed.name)
def test_what_once_broke_the_parser_is_read(seed):
    assert_is_whole(parser.read_whole(seed.read_bytes(), NOW))


@pytest.mark.threat("F32")
def test_bytes_that_grow_towards_new_code_break_nothing(tmp_path):
    seconds, runs = (120, -1) if IS_FULL else (3, 2_000)
    command = [sys.executable, "-m", "tests.fuzz.fuzz_parse", f"-max_total_time={seconds}", f"-runs={runs}", "-seed=5"]
    bounds = ["-max_len=20000", "-timeout=10", "-rss_limit_mb=1024", f"-artifact_prefix={tmp_path}/"]
    ran = subprocess.run(
        [*command, *bounds, str(tmp_path), str(SEEDS), *([str(CORPUS)] if IS_FULL else [])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=seconds + 120,
    )
    assert ran.returncode == 0, ran.stderr[-3_000:]
