"""A page in one state, and what a visitor does to bring it there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from playwright.sync_api import FilePayload

from tests.browser.visiting import Visitor

Do = Callable[[Visitor], None]
FEBRUARY = ["31", "2", "2017"]


@dataclass(frozen=True)
class Look:
    """A page in one state. `says` begins its h1; `errors` is how many faults it lists at least."""

    name: str
    who: str
    address: str
    do: Do | None = None
    says: str = ""
    errors: int = 0


def press(button: str, **typed: str | Sequence[str]) -> Do:
    """Type something, or nothing, and press a button."""

    def act(visitor: Visitor) -> None:
        visitor.answer(**typed)
        visitor.press(button)
        visitor.page.wait_for_load_state()

    return act


def lapsed(button: str, **typed: str | Sequence[str]) -> Do:
    """Press a button of a page that was open for too long."""

    def act(visitor: Visitor) -> None:
        visitor.answer(**typed)
        visitor.context.clear_cookies(name="session")
        visitor.press(button)
        visitor.page.wait_for_load_state()

    return act


def save(**typed: str | Sequence[str]) -> Do:
    """Save a page of a form."""
    return press("Save and continue", **typed)


def choose_files(button: str, **typed: str | Sequence[str]) -> Do:
    """Choose two files that nobody takes, and press a button."""

    def act(visitor: Visitor) -> None:
        visitor.answer(**typed)
        bad = [("Film of the whole school trip to the coast.mov", b"moov"), ("IMG_1.jpg", b"<html>")]
        files: list[FilePayload] = [{"name": name, "mimeType": "", "buffer": content} for name, content in bad]
        visitor.page.locator("#files").set_input_files(files)
        visitor.press(button)
        visitor.page.wait_for_load_state()

    return act


def choose_table(table: str, content: str) -> Do:
    """Choose a table and its file, and try it."""

    def act(visitor: Visitor) -> None:
        visitor.answer(kind=table)
        file: FilePayload = {"name": f"{table}.csv", "mimeType": "text/csv", "buffer": content.encode()}
        visitor.page.locator("#files").set_input_files(file)
        visitor.press("Try the file")
        visitor.page.wait_for_load_state()

    return act


def sign_out_and(button: str, **typed: str | Sequence[str]) -> Do:
    """Press a button of a staff page when the session has run out."""

    def act(visitor: Visitor) -> None:
        kept = [cookie for cookie in visitor.context.cookies() if cookie["name"] == "staff"]
        visitor.context.clear_cookies(name="staff")
        visitor.answer(**typed)
        visitor.press(button)
        visitor.page.wait_for_load_state()
        visitor.context.add_cookies(kept)  # type: ignore[arg-type]

    return act
