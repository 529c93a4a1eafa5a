import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service_request.services.returned_content import (
    ReturnedAction,
    ReturnedChild,
    ReturnedForm,
    ReturnedRow,
    ReturnedSection,
    laid_out,
    typeset,
)
from tests.reading_pdf import opened, pages_of, plain, tags_of, words_of

HOSTILE = (
    '#import "x": y #read("/etc/passwd") $x^2$ *bold* _slanted_ `raw` = heading <label> @ref \\u{41} // gone /* gone */'
    " https://a.example ~ -- --- ' \" \\ [b] #{1+1} {{ 7*7 }} {% raw %} </w> %PDF /Type/Pages /Count 99"
)


def make_form(**changes: Any) -> ReturnedForm:
    form = ReturnedForm(
        authority="Westmarch County Council",
        brand_colour="#0f4c55",
        reference="K7RM-4TXC",
        received_at="Received at 4:05pm on Monday 16 November 2026",
        headline="Both children: accepted as referrals",
        lead="An initial assessment will be done.",
        children=(
            ReturnedChild("Callum Hartley, 9", "Accepted as a re-referral", "An initial assessment will be done."),
            ReturnedChild("Ryan Hartley, 6", "Accepted as a referral", "An initial assessment will be done."),
        ),
        reason="Both children may be in need.\n\nAn assessment will look at what must change.",
        decided="Helen Prosser, referral and assessment manager, at 2:31pm on Tuesday 17 November 2026",
        actions=(
            ReturnedAction("16 November 2026, 4:05pm", "Your request was received."),
            ReturnedAction("17 November 2026, 3:02pm", "The team took it on."),
        ),
        note="It names both children. Keep it in the child protection file.",
        sections=(
            ReturnedSection("Are the children safe now", (ReturnedRow("In danger now", "No"),)),
            ReturnedSection(
                "Callum Hartley",
                (
                    ReturnedRow("Name", "Callum Hartley"),
                    ReturnedRow("Date of birth", "14 March 2017"),
                    ReturnedRow("First language", "Not known"),
                    ReturnedRow("GP surgery", "", tag="Not answered"),
                ),
            ),
            ReturnedSection("Your concerns", (ReturnedRow("What is happening", "He came\nwithout a coat.\n\nTwice."),)),
        ),
        made_at=datetime(2026, 11, 17, 15, 2, tzinfo=UTC),
    )
    return replace(form, **changes)


def with_answer(text: str, **changes: Any) -> ReturnedForm:
    return make_form(sections=(ReturnedSection("Your concerns", (ReturnedRow("What is happening", text),)),), **changes)


@pytest.mark.rule("GL-14")
def test_the_pdf_says_the_decision_first_then_every_answer_of_the_form_and_nothing_else() -> None:
    form = make_form()
    said = ["Westmarch County Council Request K7RM-4TXC", form.received_at, form.headline, form.lead]
    said.append("Decision for each child Child Decision What follows")
    said += [f"{child.label} {child.decision} {child.action}" for child in form.children]
    said += ["Why", form.reason, form.decided, "What was done"]
    said += [f"{action.at} {action.what}" for action in form.actions]
    said += [form.note, "The form as it was sent"]
    for section in form.sections:
        said.append(section.title)
        said += [f"{row.label} {row.value or row.tag}" for row in section.rows]
    assert words_of(typeset(form).pdf) == plain(" ".join(said))


def test_each_page_says_what_it_is_and_which_of_how_many() -> None:
    made = typeset(with_answer("He came in without a coat again. " * 400))
    pages = pages_of(made.pdf)
    assert len(pages) == made.pages > 2
    for number, page in enumerate(pages, 1):
        assert f"K7RM-4TXC Official-sensitive: names children Page {number} of {made.pages}" in page
    assert all("Westmarch County Council Request K7RM-4TXC" in page for page in pages[1:])


@pytest.mark.rule("EV-9")
def test_the_pdf_is_tagged_with_a_language_a_title_and_the_mark_of_pdf_ua() -> None:
    made = typeset(make_form())
    root = opened(made.pdf).trailer["/Root"]
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data()
    assert opened(made.pdf).metadata.title == "Request K7RM-4TXC"


@pytest.mark.rule("EV-9")
def test_headings_and_tables_are_tagged_in_the_order_of_reading() -> None:
    tags = tags_of(typeset(make_form()).pdf)
    assert [tag for tag in tags if tag.startswith("H") and tag[1:].isdigit()] == [
        "H1",
        "H2",
        "H2",
        "H2",
        "H2",
        *["H3"] * 3,
    ]
    assert tags.count("Table") == 5
    assert tags.count("TH") == 3 + 2 * 4
    assert tags.count("TR") == 5 + 2 + 2 + 6
    assert tags.count("TD") == 2 * 3 + 2 * 2 + 6 * 2


@pytest.mark.rule("EV-6")
def test_no_name_stands_in_the_file_name_or_in_the_metadata() -> None:
    made = typeset(make_form())
    reader = opened(made.pdf)
    assert make_form().file_name == "request-K7RM-4TXC.pdf"
    said = f"{dict(reader.metadata or {})} {reader.trailer['/Root']['/Metadata'].get_object().get_data().decode()}"
    for name in ("Callum", "Hartley", "Prosser", "accepted"):
        assert name not in said
    assert (reader.metadata.author, reader.metadata.subject, reader.metadata.keywords) == (None, None, None)


def test_a_form_without_names_is_not_marked_as_naming_children() -> None:
    page = pages_of(typeset(make_form(names_children=False)).pdf)[0]
    assert "Official-sensitive Page 1 of" in page


@pytest.mark.parametrize(
    "name", ["Siân O’Brien-Núñez", "Zoë d'Arcy", "Łukasz Żółć", "Олександр", "李小龍", "👩‍👩‍👧 😀", "አማርኛ"]
)
def test_a_name_is_printed_as_it_was_typed(name: str) -> None:
    form = make_form(headline=f"{name}: accepted", children=(ReturnedChild(name, "Accepted"),))
    form = replace(form, sections=(ReturnedSection(name, (ReturnedRow(f"{name}: school", name),)),))
    assert words_of(typeset(form).pdf).count(name) == 5


def test_arabic_is_printed_letter_by_letter_and_reads_from_the_right() -> None:
    form = with_answer("محمد الأمين\n\nHe is called محمد at home.")
    words = words_of(typeset(form).pdf)
    assert words.count("محمد") == 2
    assert words.count("الأمين") == 1
    answer = laid_out(form)["sections"][0]["rows"][0]["value"]
    assert [paragraph["rtl"] for paragraph in answer] == [True, False]


@pytest.mark.parametrize("script", ["বাংলা", "ગુજરાતી", "ਪੰਜਾਬੀ", "தமிழ்", "हिन्दी", "สมชาย"])
def test_a_script_whose_letters_join_has_a_font(script: str) -> None:
    words = words_of(typeset(with_answer(script)).pdf)
    assert "[U+" not in words
    assert script[0] in words


def test_hostile_text_is_printed_and_does_nothing() -> None:
    child, line = ReturnedChild(HOSTILE, HOSTILE, HOSTILE), HOSTILE
    form = make_form(
        headline=line, lead=line, children=(child,), reason=line, decided=line, actions=(ReturnedAction(line, line),),
        note=line, sections=(ReturnedSection(line, (ReturnedRow(line, line),)),),
    )  # fmt: skip
    made = typeset(form)
    assert made.pages == len(opened(made.pdf).pages) < 10
    squeezed = "".join(words_of(made.pdf).split())
    assert squeezed.count("".join(HOSTILE.split())) == 9 + 3
    assert tags_of(made.pdf).count("H1") == 1
    assert not any("/Annots" in page for page in opened(made.pdf).pages)


def test_control_characters_and_letters_without_a_font_are_written_out() -> None:
    words = words_of(typeset(with_answer("a\0b\x1b[31m \ue000 \U00012000 \ud83d")).pdf)
    assert "a[U+0000]b[U+001B][31m [U+E000] [U+12000] [U+D83D]" in words


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_is_typed_a_pdf_is_made(name: str, text: str) -> None:
    form = with_answer(text, headline=f"{name} accepted", children=(ReturnedChild(name, text),), reason=text)
    assert typeset(form).pages >= 1


@pytest.mark.parametrize(
    "text", ["coat " * 4_000, "x" * 20_000, "a\n" * 10_000, "李" * 20_000, "\n\n".join("a" * 6_666)]
)
def test_an_answer_of_20_000_characters_flows_over_pages_and_none_is_lost(text: str) -> None:
    made = typeset(with_answer(text))
    assert made.pages > 3
    letter = text[0]
    shown = "".join(words_of(made.pdf).split())
    rest = "".join(words_of(typeset(with_answer("")).pdf).split())
    assert shown.count(letter) - rest.count(letter) == text.count(letter)


def test_no_text_leaves_the_page_however_long_a_name_without_a_space_is() -> None:
    name = "W" * 150
    form = make_form(
        headline=f"{name}: accepted",
        children=(ReturnedChild(name, name, name),),
        sections=(ReturnedSection(name, (ReturnedRow(f"{name}: school", name),)),),
    )
    right = 0.0

    def furthest(text: str, _matrix: Any, at: list[float], _font: Any, size: float) -> None:
        nonlocal right
        right = max(right, at[4] + 0.944 * size * len(text.strip()) if set(text.strip()) == {"W"} else 0)

    for page in opened(typeset(form).pdf).pages:
        page.extract_text(visitor_text=furthest)
    assert 200 < right <= 595.3 - 62


def test_a_form_of_400_000_characters_is_made_within_seconds() -> None:
    long = "He came in without a coat again, and nobody rang. " * 400
    sections = tuple(ReturnedSection(f"Part {n}", (ReturnedRow("What is happening", long),)) for n in range(20))
    began = time.perf_counter()
    made = typeset(make_form(sections=sections))
    assert time.perf_counter() - began < 5
    assert made.pages > 60
    assert words_of(made.pdf).count("nobody rang") == 20 * 400
