import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.files.glyphs import breakable, covered_by, printable, reads_from_right

FONTS = Path(__file__).parents[3] / "templates" / "pdf" / "fonts"


def shown(text: str) -> str:
    return printable(text, covered_by(FONTS))


@pytest.mark.parametrize(
    "text",
    [
        "Siân O’Brien-Núñez",
        "Łukasz Żółć",
        "Đặng Thị Hồng",
        "Ṣadé",
        "Οδυσσέας",
        "Олександр",
        "محمد الأمين",
        "گل‌پری پښتو کوردی ٹھاکر",
        "יעל",
        "李小龍",
        "さくら",
        "প্রিয়া",
        "ગુજરાતી",
        "ਪੰਜਾਬੀ",
        "தமிழ்",
        "አማርኛ",
        "हिन्दी",
        "สมชาย",
        "👩‍👩‍👧 😀 👍🏽 🇬🇧 1️⃣ ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "don't “quote” £5 €6 ½ — … • ✓ → ≥",
    ],
)
def test_a_name_in_any_script_we_ship_a_font_for_is_shown_as_it_was_typed(text: str) -> None:
    assert shown(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a\0b\x01", "a[U+0000]b[U+0001]"),
        ("\ue000", "[U+E000]"),
        ("\ud800", "[U+D800]"),
        ("\U00012000", "[U+12000]"),
        ("x\u05b0\u0ecd", "x[U+05B0][U+0ECD]"),
        ("a\tb\r\nc\u2028d", "a b\nc\nd"),
    ],
)
def test_what_no_font_can_show_is_written_out(text: str, written: str) -> None:
    assert shown(text) == written


def test_a_mark_that_turns_the_direction_of_a_line_is_left_out() -> None:
    assert shown("paid \u202e001\u202c pounds\u2066\u2069") == "paid 001 pounds"


@given(st.text())
def test_whatever_is_typed_no_character_is_lost_in_silence(text: str) -> None:
    left = shown(text)
    for character in unicodedata.normalize("NFC", text):
        if character.isalnum():
            assert character in left or f"[U+{ord(character):04X}]" in left


@given(st.text(), st.integers(1, 60))
def test_a_text_made_breakable_is_the_same_text(text: str, longest: int) -> None:
    assert breakable(text, longest).replace("\u200b", "") == text.replace("\u200b", "")


def test_a_run_without_a_space_can_be_broken_after_so_many_characters_and_never_inside_one() -> None:
    assert breakable("a" * 50, 20) == "\u200b".join(["a" * 20, "a" * 20, "a" * 10])
    assert breakable("e\u0301" * 3, 2) == "e\u0301e\u0301\u200be\u0301"
    assert breakable("a name of words that each are short", 20) == "a name of words that each are short"


@pytest.mark.parametrize(
    ("text", "from_right"),
    [("محمد and Ann", True), ("Ann and محمد", False), ("12 (محمد)", True), ("12", False), ("", False)],
)
def test_a_paragraph_reads_from_the_side_of_its_first_letter(text: str, from_right: bool) -> None:
    assert reads_from_right(text) is from_right


def test_the_fonts_are_found_with_their_characters() -> None:
    fonts = covered_by(FONTS)
    assert len(fonts) == len(list(FONTS.glob("*.ttf"))) >= 14
    assert all(len(font) > 90 for font in fonts)
    assert sum(path.stat().st_size for path in FONTS.iterdir()) < 6_000_000
