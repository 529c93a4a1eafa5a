"""What can be wrong with a file that is imported, and what to do about it (A4)."""

from __future__ import annotations

from dataclasses import dataclass

# What stands in the file is not said again: whoever imports has it before them, and the report is kept.
WHAT_TO_DO: dict[str, str] = {
    "empty": "There is no row under the headings. Nothing would be left: add the rows that are to stand.",
    "not_text": "This is no text file. Save the table as “CSV UTF-8” and try again.",
    "not_csv": "The quotes do not fit together from here on. Save the table as “CSV UTF-8” again.",
    "too_large": "The file is too large. Import it in the kinds it consists of, or ask who runs this service.",
    "column_missing": "This column is missing. Add it to the first row; its cells may be empty.",
    "column_unknown": "No column of this name is known. Take it out, or correct its name.",
    "column_twice": "This column is there twice. Take one out.",
    "short": "This row has fewer cells than there are columns. Fill in what is missing, or take the row out.",
    "long": "This row has more cells than there are columns. A comma or semicolon may lack its quotes.",
    "formula": "This cell is a formula. Put its value there instead.",
    "missing": "Fill in this cell.",
    "yes_no": "Write yes or no.",
    "row_twice": "This row says the same as an earlier one. Take one of the two out.",
    "name_twice": "This name is in the file already. Take one of the two out.",
    "code_bad": "A code is small letters, digits and underscores, and begins with a letter.",
    "code_twice": "This code is in the file already. Take one of the two out.",
    "area_unknown": "There is no area of this code. Import it with the localities first, or correct it.",
    "area_differs": "An earlier row gives this area another name or default. Make them say the same.",
    "area_in_use": "This area is not in the file, but in use. Add it to the file, or first change what uses it.",
    "default_one": "One area, and only one, is the default, where a request without an address goes (GL-8).",
    "prefix_bad": "This is not the beginning of a postcode, like WM, WM4 or WM4 2.",
    "prefix_twice": "An earlier row gives this beginning of a postcode to another area. It can lie in one only.",
    "team_unknown": "There is no team of this name. Import it with the teams first, or correct it.",
    "team_closed": "This team takes no work now. Name one that does.",
    "team_no_destination": "A team of this kind is not sent children. Name an assessment, locality or provider team.",
    "team_kind": "Write one of the kinds of team.",
    "team_wall": "A team cannot come inside the wall of SENDIASS, or leave it. Make a new team.",
    "team_inside": "A team of SENDIASS is not changed from here. Take this row out: the team stays as it is.",
    "team_in_use": "This team is not in the file, but in use. Add it to the file, or first change what uses it.",
    "email_bad": "Write an email address, like team@council.example, or leave the cell empty.",
    "hours_bad": "Write hours like mon-fri 09:00-17:00; sat 10:00-12:00, or leave the cell empty for office hours.",
    "agency_kind": "Write one of the kinds of agency.",
    "agency_differs": "An earlier row gives this agency another kind. Make them say the same.",
    "domain_bad": "This is no mail domain, like school.example.",
    "domain_open": "Anybody can have an address there, so it proves no agency. Take it out.",
    "domain_twice": "An earlier row gives this mail domain to another agency. It can belong to one only.",
    "pathway_unknown": "Write the name of a pathway.",
    "standing_unknown": "Write referral or contact.",
    "option_unknown": "No decision of this standing has that name. Take one from the table as it stands: download it.",
    "option_no_team": "What is decided so is sent to no team. Take this row out.",
    "need_unknown": "Write the code of a worry or need, or leave the cell empty for any.",
    "tie": "An earlier row sends the same elsewhere. Name an area or need in one of them, or say yes under beside.",
    "reason_kind": "Write the name of a list of reasons.",
    "day_bad": "Write a day of the calendar like 2026-12-29 or 29/12/2026.",
    "day_hours_bad": "Write hours like 09:00-12:00, or leave the cell empty for the usual ones.",
    "day_hours_closed": "On a day that is not worked there are no hours. Empty this cell, or say yes under worked.",
    "moment_bad": "Write a day and a time like 2026-11-20 17:00.",
    "person_unknown": "Nobody with this address works here and sees requests. Correct it, or invite them first.",
    "turn_bad": "A turn ends after it begins, is 31 days at most, and is not over yet.",
}


@dataclass(frozen=True)
class Fault:
    """One thing wrong: in which row of the spreadsheet (0: in none), under which column, and what to do."""

    row: int
    column: str
    code: str
    about: str = ""  # what of our own it hangs on, or what may stand there: "2 routes"; never what stood in the file

    @property
    def words(self) -> str:
        """Return what to do about it."""
        return f"{WHAT_TO_DO[self.code]} ({self.about})" if self.about else WHAT_TO_DO[self.code]

    @property
    def place(self) -> str:
        """Return where it stands: "Row 3, prefix", or "The file" where it is in no row."""
        where = f"Row {self.row}" if self.row else "The file"
        return f"{where}, {self.column}" if self.column else where
