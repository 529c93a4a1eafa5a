"""Documents for people, typeset from data: tagged, with a language and a title (PDF/UA-1)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from infrastructure.files.glyphs import breakable, covered_by, printable, reads_from_right

if TYPE_CHECKING:
    import typst

STANDARD: Final = "ua-1"  # ISO 14289-1: what a screen reader needs is there, or nothing is made
Paragraph = dict[str, Any]  # {"rtl": bool, "lines": [str, ...]}
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")


class NotTypesetError(RuntimeError):
    """A document could not be made; says nothing of what it holds."""


@dataclass(frozen=True, slots=True)
class Typeset:
    """A finished PDF."""

    pdf: bytes
    pages: int


@dataclass(frozen=True)
class Typesetter:
    """Lays data out by a template of ours, with the fonts beside it and no others: every machine makes the same.

    What people wrote is handed over as data and never as markup: it can't run, read a file or change the page.
    """

    folder: Path  # holds the templates, and the fonts in fonts/

    def words(self, text: str, *, unbroken: int = 45) -> list[Paragraph]:
        """Make a text ready to be laid out: paragraphs and lines as typed, nothing in it that no font can show.

        A run of more than `unbroken` characters without a space may be broken.
        """
        shown = breakable(printable(text, self._fonts), unbroken).strip("\n")
        return [
            {"rtl": reads_from_right(paragraph), "lines": paragraph.split("\n")}
            for paragraph in _BLANK_LINES.split(shown)
            if paragraph.strip()
        ]

    def line(self, text: str, *, unbroken: int = 45) -> str:
        """Make a text ready to stand on one line, such as a heading."""
        return breakable(" ".join(printable(text, self._fonts).split()), unbroken)

    def typeset(self, template: str, form: dict[str, Any], *, made_at: datetime | None) -> Typeset:
        """Lay `form` out by `template` (it reads `sys.inputs.form`, and marks the number of pages `<pages>`)."""
        import typst  # 7 MB, only where a document is made

        try:
            compiler = typst.Compiler(
                self.folder / template,
                root=self.folder,
                font_paths=self._typst_fonts,
                ignore_system_fonts=True,
                sys_inputs={"form": json.dumps(form, ensure_ascii=False)},
            )
            second = made_at.replace(microsecond=0) if made_at else None  # a PDF knows no smaller part of time
            pdf = compiler.compile(format="pdf", pdf_standards=STANDARD, timestamp=second)
            pages = json.loads(compiler.query("<pages>", field="value", one=True))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # a fault inside it (Rust's panic) is no Exception; and its words may quote the text
            raise NotTypesetError(template) from None
        assert isinstance(pdf, bytes)
        return Typeset(pdf, int(pages))

    @cached_property
    def _fonts(self) -> tuple[frozenset[int], ...]:
        return covered_by(self.folder / "fonts")

    @cached_property
    def _typst_fonts(self) -> typst.Fonts:
        import typst

        return typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(self.folder / "fonts")]
        )


def file_size(size: int) -> str:
    """Say how big a file is: "148 KB", "1.2 MB"."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} KB"
    return f"{size / 1_000_000:.1f} MB"
