"""Agencies: those that we know, and the mail domains that prove an address of theirs (GL-14)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpdesk.services.authority_file import AGENCY_KINDS, AgencySaid
from helpdesk.services.authority_rows import bring_agencies, bring_domains
from helpdesk.services.importing.format import Bringing, Format
from helpdesk.services.importing.reading import Row
from service_request.models import Agency, AgencyDomain

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
# Where anybody can have an address (the providers most used in the United Kingdom): such a domain proves no agency.
OPEN_TO_ALL = frozenset(
    "gmail.com googlemail.com outlook.com outlook.co.uk hotmail.com hotmail.co.uk live.com live.co.uk msn.com "
    "yahoo.com yahoo.co.uk ymail.com rocketmail.com icloud.com me.com mac.com aol.com aol.co.uk btinternet.com "
    "btopenworld.com sky.com virginmedia.com ntlworld.com talktalk.net tiscali.co.uk blueyonder.co.uk gmx.com "
    "gmx.co.uk mail.com proton.me protonmail.com zoho.com".split()
)


def _bring(doing: Bringing, rows: Sequence[Row]) -> None:
    session = doing.session
    said = _read(doing, rows)
    if doing.faults:
        return
    agencies = bring_agencies(session, said, doing.changes)
    session.flush()
    bring_domains(session, said, agencies, doing.changes)
    session.flush()
    for name in sorted(agencies.keys() - {one.name for one in said}):
        try:
            with session.begin_nested():
                session.delete(agencies[name])
                session.flush()
            doing.changes.ended += 1
        except IntegrityError:  # somebody of theirs asked for help once: the name stays, and proves nothing any more
            continue


def _read(doing: Bringing, rows: Sequence[Row]) -> list[AgencySaid]:
    kinds: dict[str, str] = {}
    owners: dict[str, str] = {}
    seen: set[object] = set()
    for row in rows:
        if not doing.needs(row, "name", "kind"):
            continue
        name, kind, domain = row["name"], row["kind"].lower(), row["domain"].lower()
        if kind not in AGENCY_KINDS:
            doing.fault(row, "kind", "agency_kind", ", ".join(sorted(AGENCY_KINDS)))
        elif kinds.setdefault(name, kind) != kind:
            doing.fault(row, "kind", "agency_differs")
        if doing.is_new(row, (name, domain), seen, "domain", "row_twice") and domain:
            if _DOMAIN.fullmatch(domain) is None:
                doing.fault(row, "domain", "domain_bad")
            elif domain in OPEN_TO_ALL:
                doing.fault(row, "domain", "domain_open")
            elif owners.setdefault(domain, name) != name:
                doing.fault(row, "domain", "domain_twice")
    if doing.faults:
        return []
    return [
        AgencySaid(name=name, kind=kind, domains=tuple(domain for domain, owner in owners.items() if owner == name))
        for name, kind in kinds.items()
    ]


def _list(session: Session, now: datetime) -> Iterator[Sequence[str]]:
    query = select(Agency.name, Agency.kind, AgencyDomain.domain)
    query = query.outerjoin(AgencyDomain, AgencyDomain.agency_id == Agency.id)
    for name, kind, domain in session.execute(query.order_by(Agency.name, AgencyDomain.domain)):
        yield (name, kind, domain or "")


AGENCIES = Format(
    "agencies",
    "Agencies",
    "One row for each mail domain of an agency; an agency without one has a row with an empty cell.",
    ("name", "kind", "domain"),
    _bring,
    _list,
)
