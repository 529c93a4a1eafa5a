"""Who asked, and the agencies we know."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, KeyedHash, Wall, sealed_text
from service_request.domain.phones import plain_number


class ReferrerKind(StrEnum):
    """Who asks."""

    PROFESSIONAL = "professional"
    FAMILY = "family"
    CHILD = "child"
    PUBLIC = "public"
    STAFF = "staff"


class Agency(Entity):
    """A partner agency."""

    __tablename__ = "agency"

    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column()
    source_code: Mapped[str] = mapped_column()  # the CIN census code of its kind


class AgencyDomain(Entity):
    """A mail domain that belongs to a known agency (GL-14)."""

    __tablename__ = "agency_domain"

    domain: Mapped[str] = mapped_column(unique=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))


class Referrer(Entity):
    """The one who asked, as one request knows them."""

    __tablename__ = "referrer"
    __table_args__ = (Index(None, "wall", "email_hash"), Index(None, "wall", "phone_hash"))

    wall: Mapped[Wall] = mapped_column()
    kind: Mapped[ReferrerKind] = mapped_column()
    name_sealed: Mapped[bytes | None] = mapped_column()
    name = sealed_text("name_sealed")
    role_sealed: Mapped[bytes | None] = mapped_column()
    role = sealed_text("role_sealed")
    agency_name_sealed: Mapped[bytes | None] = mapped_column()
    agency_name = sealed_text("agency_name_sealed")
    agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"))
    source_code: Mapped[str | None] = mapped_column()
    email_sealed: Mapped[bytes | None] = mapped_column()
    email = sealed_text("email_sealed")
    email_hash: Mapped[str | bytes | None] = mapped_column(
        KeyedHash("address", of=lambda row: row.email and row.email.lower())
    )
    phone_sealed: Mapped[bytes | None] = mapped_column()
    phone = sealed_text("phone_sealed")
    phone_hash: Mapped[str | bytes | None] = mapped_column(  # inside the wall alone: the same number on another enquiry
        KeyedHash("address", of=lambda row: row.phone and (plain_number(row.phone) or None))
    )
    relationship_code: Mapped[str | None] = mapped_column()
    safe: Mapped[str] = mapped_column()  # unset | yes | no: may we write to them there (EV-2)
    agency_proof: Mapped[str | None] = mapped_column()  # domain | officer; None: chosen, and nobody confirmed it yet
    agency_confirmed_by_id: Mapped[UUID | None] = mapped_column()
    agency_confirmed_at: Mapped[datetime | None] = mapped_column()
    proof: Mapped[str | None] = mapped_column()  # code | agency_domain | phone: why the form may go back (GL-14)
    proven_at: Mapped[datetime | None] = mapped_column()
    proven_by_id: Mapped[UUID | None] = mapped_column()
