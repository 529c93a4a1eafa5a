"""The staff of Westmarch: who they are, what they do, and how they sign in to the demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

DESK = "Children's helpdesk"
ASSESSMENT = {
    "teasel_vale": "Referral and assessment, Teasel Vale",
    "saltby": "Referral and assessment, Saltby",
    "aldermoor": "Referral and assessment, Aldermoor",
}
SENDIASS = "SENDIASS Westmarch"
LOCALITY = {
    "teasel_vale": "Teasel Vale locality team",
    "saltby": "Saltby locality team",
    "aldermoor": "Aldermoor locality team",
}
PHONE_KEY = "WESTMARCHTEASELVALESALTBYALDERMO"  # 160 bits of nothing secret, in base 32


@dataclass(frozen=True)
class Person:
    """A member of staff. The password is no secret: it opens made-up records on this machine only."""

    name: str
    email: str
    team: str
    role: str
    does: str
    phone_key: str = ""  # of the authenticator on their phone; no secret either

    @property
    def first_name(self) -> str:
        """Return what the stories call them by."""
        return self.name.split()[0].lower()

    @property
    def password(self) -> str:
        """Return the password that the demonstration prints."""
        return f"{self.first_name}-front-door"

    def code_at(self, now: datetime) -> str:
        """Return what the phone shows at a moment."""
        import pyotp  # only here: nobody else has a phone, and most who start this never look

        return pyotp.TOTP(self.phone_key).at(now) if self.phone_key else ""


def _of(name: str, team: str, role: str, does: str, phone_key: str = "") -> Person:
    first, last = name.lower().split()
    return Person(name, f"{first[0]}.{last}@westmarch.example", team, role, does, phone_key)


STAFF: tuple[Person, ...] = (
    _of("Grace Oyelaran", DESK, "officer", "Helpdesk officer"),
    _of("Omar Reyes", DESK, "officer", "Helpdesk officer"),
    _of("Priya Nair", DESK, "manager", "Duty manager of the helpdesk"),
    _of("Ian Castell", DESK, "service_manager", "Service manager"),
    _of("Helen Prosser", ASSESSMENT["teasel_vale"], "manager", "Referral and assessment manager, Teasel Vale"),
    _of("Marcus Bell", ASSESSMENT["saltby"], "manager", "Referral and assessment manager, Saltby"),
    _of("Shirin Daneshvar", ASSESSMENT["aldermoor"], "manager", "Referral and assessment manager, Aldermoor"),
    _of("Tom Aldous", ASSESSMENT["teasel_vale"], "member", "Social worker, initial assessments, Teasel Vale"),
    _of("Bronwen Lacey", ASSESSMENT["saltby"], "member", "Social worker, initial assessments, Saltby"),
    _of("Kofi Mensah", ASSESSMENT["aldermoor"], "member", "Social worker, initial assessments, Aldermoor"),
    _of("Dev Anand", LOCALITY["teasel_vale"], "member", "Early help, Teasel Vale"),
    _of("Ruth Kershaw", LOCALITY["saltby"], "member", "Early help, Saltby"),
    _of("Agnes Tully", LOCALITY["aldermoor"], "member", "Early help, Aldermoor"),
    _of("Nuala Keane", SENDIASS, "member", "SENDIASS adviser, behind the wall"),
    _of("Marta Quinn", SENDIASS, "member", "SENDIASS adviser, behind the wall"),
    _of("Hana Lowther", SENDIASS, "manager", "SENDIASS manager, behind the wall"),
    _of("Neil Ashdown", DESK, "administrator", "Administrator"),
    _of("Wanda Achebe", DESK, "administrator", "Administrator, with an authenticator app", PHONE_KEY),
)
