"""The file in which an authority says who it is: areas, teams, agencies and where work goes (GL-8, GL-10)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from helpdesk.domain.team_hours import TeamHoursError, read_hours
from infrastructure.identity.models import TeamKind
from service_request.domain import postcodes
from service_request.pathways.social_care.needs import NEEDS
from service_request.pathways.social_care.rules import (
    ContactReason,
    LineChoice,
    ReferralAction,
    Standing,
)
from service_request.pathways.social_care.sources import AGENCY_LABELS

_SECTOR = re.compile(r"\d[A-Z]{0,2}")
AGENCY_KINDS = {code for code, _ in AGENCY_LABELS}
PATHWAY = "social_care"


class AuthorityFileError(Exception):
    """The file cannot be loaded: every fault in it is named at once, and nothing is changed."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(f"- {fault}" for fault in faults))


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, str_min_length=1)


class AreaSaid(_Said):
    """A part of the authority, found by how its postcodes begin."""

    code: str
    name: str
    default: bool = False
    prefixes: tuple[str, ...] = ()

    @field_validator("prefixes")
    @classmethod
    def _as_stored(cls, prefixes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(stored_prefix(text) for text in prefixes)


class TeamSaid(_Said):
    """A group of staff; `areas` are those it serves."""

    name: str
    kind: TeamKind
    email: str | None = None
    hours: str | None = None
    areas: tuple[str, ...] = ()

    @field_validator("hours")
    @classmethod
    def _readable(cls, hours: str | None) -> str | None:
        try:
            return hours if hours is None or read_hours(hours) else None
        except TeamHoursError as refusal:
            raise ValueError(refusal.sentence) from None


class AgencySaid(_Said):
    """An agency that we know, with the mail domains that are its own (GL-14)."""

    name: str
    kind: str
    domains: tuple[str, ...] = ()

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        if kind not in AGENCY_KINDS:
            raise ValueError(f"the kind of an agency is one of {', '.join(sorted(AGENCY_KINDS))}")
        return kind

    @field_validator("domains")
    @classmethod
    def _lower(cls, domains: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(domain.lower() for domain in domains)


class RouteSaid(_Said):
    """Where what was decided goes: these options, in this area (in any, when none is named), to this team."""

    standing: Standing
    options: tuple[str, ...]
    team: str
    area: str | None = None
    need: str | None = None  # a worry of the request or a need of the child
    beside: bool = False  # given beside the team that the other routes name
    pathway: str = PATHWAY

    @field_validator("need")
    @classmethod
    def _known(cls, need: str | None) -> str | None:
        if need is not None and need not in NEEDS:
            raise ValueError(f"a need is one of {', '.join(NEEDS)}")
        return need

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        for option in self.options:
            if not choice_of_option(self.standing, option).needs_destination:
                raise ValueError(f"{self.standing} {option} is sent to no team")
        return self


class Authority(_Said):
    """The whole file."""

    areas: tuple[AreaSaid, ...]
    teams: tuple[TeamSaid, ...]
    agencies: tuple[AgencySaid, ...] = ()
    routes: tuple[RouteSaid, ...] = ()

    def faults(self) -> list[str]:
        """Return what does not hold together between the parts."""
        areas, teams = [area.code for area in self.areas], [team.name for team in self.teams]
        found = []
        if sum(area.default for area in self.areas) != 1:
            found.append("one area, and only one, must say default = true (GL-8)")
        found += _twice("area", areas) + _twice("team", teams)
        found += _twice("agency", [agency.name for agency in self.agencies])
        found += _twice("prefix", [prefix for area in self.areas for prefix in area.prefixes])
        found += _twice("domain", [domain for agency in self.agencies for domain in agency.domains])
        found += [
            f"team {t.name}: there is no area {code}" for t in self.teams for code in t.areas if code not in areas
        ]
        for route in self.routes:
            if route.team not in teams:
                found.append(f"a route goes to {route.team}, and there is no such team")
            if route.area is not None and route.area not in areas:
                found.append(f"a route is for {route.area}, and there is no such area")
        keys = [
            f"{r.pathway} {r.standing} {option} {r.need or 'any need'} {r.area or 'any area'}"
            + (f" beside {r.team}" if r.beside else "")
            for r in self.routes
            for option in r.options
        ]
        return found + _twice("route", keys)


def stored_prefix(text: str) -> str:
    """Return the beginning of a postcode as the table of areas holds it, or raise ValueError."""
    outward, _, inward = text.upper().strip().partition(" ")
    known = postcodes.prefixes(outward)
    if inward and known and known[0] == outward and _SECTOR.fullmatch(inward):
        return f"{outward} {inward}"
    if not inward and known and known[0] == outward:
        return outward
    if not inward and re.fullmatch(r"[A-Z]{1,2}", outward):
        return outward
    raise ValueError(f"{text!r} is not the beginning of a postcode, like WM, WM4 or WM4 2")


def read_file(path: Path) -> Authority:
    """Read the file; raise AuthorityFileError naming every fault at once."""
    try:
        authority = Authority.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise AuthorityFileError([f"{_place(e['loc'])}: {e['msg']}" for e in error.errors()]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AuthorityFileError([f"{path.name} is no TOML: {error}"]) from None
    if faults := authority.faults():
        raise AuthorityFileError(faults)
    return authority


def choice_of_option(standing: Standing, option: str) -> LineChoice:
    """Return what is decided by this option of a standing, or raise ValueError with those there are."""
    try:
        if standing is Standing.REFERRAL:
            return LineChoice(standing, action=ReferralAction(option))
        return LineChoice(standing, contact_reason=ContactReason(option))
    except ValueError:
        known = ReferralAction if standing is Standing.REFERRAL else ContactReason
        raise ValueError(f"{standing} has no option {option!r}, only {', '.join(known)}") from None


def _twice(what: str, names: list[str]) -> list[str]:
    return [f"{what} {name} is named twice" for name in dict.fromkeys(names) if names.count(name) > 1]


def _place(parts: tuple[int | str, ...]) -> str:
    """Return where a fault stands, counted as people count: "areas 2, prefixes 1"."""
    words = ""
    for part in parts:
        words += f" {part + 1}" if isinstance(part, int) else f"{', ' if words else ''}{part}"
    return words
