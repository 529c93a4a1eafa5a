"""Mails of our own making, one for each class of trouble, each read as the file beside it says.

`<name>.eml` are the raw bytes; `<name>.json` says `class` (of the trouble), `trouble` (in words) and the fields of
`ParsedEmail` that matter. A text is given whole, or as `{"contains": [...], "lacks": [...], "starts": "..."}`; sets as
lists in any order; a file as `{"name", "content_type", "size", "sha256", "contains"}`, whichever of them matter; a time
in ISO form. Nobody's script makes a mail when the tests run.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service_request.channels.email import ParsedEmail, parse
from service_request.domain.mail.types import Attachment
from tests.mail.reading import assert_is_whole

CORPUS = Path(__file__).parent / "corpus"
MAILS = sorted(CORPUS.glob("*.eml"))
WRITTEN_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)  # every mail of the corpus is read as of this day
SAID = {field.name for field in fields(ParsedEmail)}


def expected(mail: Path) -> dict[str, Any]:
    return json.loads(mail.with_suffix(".json").read_text(encoding="utf-8"))


@pytest.mark.threat("E2")
@pytest.mark.threat("E4")
@pytest.mark.threat("E5")
@pytest.mark.threat("E6")
@pytest.mark.threat("E7")
@pytest.mark.threat("E8")
@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.stem)
def test_a_mail_is_read_as_the_file_beside_it_says(mail):
    said = expected(mail)
    trouble = said.pop("class"), said.pop("trouble")
    assert all(trouble), "say which trouble this mail stands for"
    assert set(said) <= SAID, f"no such field: {set(said) - SAID}"
    parsed = parse(mail.read_bytes(), now=WRITTEN_AT)
    wrong = {name: getattr(parsed, name) for name, value in said.items() if not matches(getattr(parsed, name), value)}
    assert not wrong, f"{trouble[1]}: {wrong}"
    assert_is_whole(parsed)


def test_the_corpus_stands_for_every_trouble():
    classes = {expected(mail)["class"] for mail in MAILS}
    assert len(MAILS) >= 60
    assert {
        "unknown charset",
        "lying charset",
        "missing From",
        "doubled From",
        "broken From",
        "broken boundary",
    } <= classes
    assert {"header broken across lines", "encoded words split wrongly", "NUL bytes", "raw 8-bit header"} <= classes
    assert {
        "HTML only (E6)",
        "winmail.dat (E5)",
        "S/MIME (E5)",
        "PGP (E5)",
        "calendar (E7)",
        "nested message",
    } <= classes
    assert {
        "uuencode",
        "a thousand levels (E4)",
        "header injection (E8)",
        "confusing From (E8)",
        "date (E2)",
    } <= classes


def test_each_mail_has_its_result_and_each_result_its_mail():
    assert {mail.stem for mail in MAILS} == {result.stem for result in CORPUS.glob("*.json")}
    assert {file.suffix for file in CORPUS.iterdir()} == {".eml", ".json"}


def matches(value: Any, said: Any) -> bool:
    """Tell whether what was read is what the file says, in the shape in which the file says it."""
    if isinstance(value, str):
        return matches_text(value, said)
    if isinstance(value, datetime):
        return said is not None and value == datetime.fromisoformat(said)
    if isinstance(value, frozenset):
        return {str(each) for each in value} == set(said)
    if isinstance(value, tuple) and said and isinstance(said[0], dict):
        return len(value) == len(said) and all(matches_file(*pair) for pair in zip(value, said, strict=True))
    if isinstance(value, tuple):
        return list(value) == said
    if hasattr(value, "__dataclass_fields__"):
        return said is not None and all(matches(getattr(value, name), each) for name, each in said.items())
    return value == said


def matches_text(value: str, said: Any) -> bool:
    if isinstance(said, str):
        return value == said
    return (
        set(said) <= {"contains", "lacks", "starts"}
        and all(words in value for words in said.get("contains", ()))
        and not any(words in value for words in said.get("lacks", ()))
        and value.startswith(said.get("starts", ""))
    )


def matches_file(file: Attachment, said: dict[str, Any]) -> bool:
    read = {
        "name": file.name,
        "content_type": file.content_type,
        "size": len(file.content),
        "sha256": hashlib.sha256(file.content).hexdigest(),
    }
    words = said.pop("contains", "").encode()
    return words in file.content and all(read[name] == each for name, each in said.items())
