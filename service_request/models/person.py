"""People of a request, the subjects among them, and who was seen before."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from infrastructure.database import Entity, KeyedHash, Wall, sealed_json, sealed_text


class Person(Entity):
    """A child or an adult as one request describes them; everything personal is sealed."""

    __tablename__ = "person"
    __table_args__ = (Index(None, "wall", "request_id"), Index(None, "wall", "match_wanted_at"))

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    is_child: Mapped[bool] = mapped_column()
    name_sealed: Mapped[bytes | None] = mapped_column()
    name = sealed_text("name_sealed")
    facts_sealed: Mapped[bytes | None] = mapped_column()
    facts = sealed_json("facts_sealed")  # the rest of ChildFacts or AdultFacts, dates as ISO text
    nhs_hash: Mapped[str | bytes | None] = mapped_column(
        KeyedHash("nhs", of=lambda row: (row.facts or {}).get("nhs_number"))
    )
    upn_hash: Mapped[str | bytes | None] = mapped_column(KeyedHash("upn", of=lambda row: (row.facts or {}).get("upn")))
    match_wanted_at: Mapped[datetime | None] = mapped_column()  # None: looked for among earlier children, or not to be
    erased_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


class Subject(Entity):
    """One child of a request, perhaps unnamed or unborn: the unit of decision."""

    __tablename__ = "subject"
    __table_args__ = (UniqueConstraint("wall", "request_id", "number"),)

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    number: Mapped[int] = mapped_column()
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    person: Mapped[Person | None] = relationship(
        lazy="raise", primaryjoin="and_(Person.wall == Subject.wall, Person.id == foreign(Subject.person_id))"
    )
    label_sealed: Mapped[bytes | None] = mapped_column()
    label = sealed_text("label_sealed")  # "Ryan Hartley, 6", "Baby Whitcombe, due 9 Jan", "A child aged 5 to 9"
    is_anonymous: Mapped[bool] = mapped_column()  # no name given: can only be a contact (GL-6)
    folded_into_id: Mapped[UUID | None] = mapped_column()  # the subject that is this child in the request folded into
    restricted: Mapped[bool] = mapped_column(default=False)


class Relationship(Entity):
    """How an adult is related to a child."""

    __tablename__ = "relationship"
    __table_args__ = (Index(None, "wall", "request_id"),)

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    from_person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    to_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # None: all the children
    kind: Mapped[str] = mapped_column()
    parental_responsibility: Mapped[str] = mapped_column()  # yes | no | not_known
    same_household: Mapped[str] = mapped_column()  # yes | no | not_known


class Identity(Entity):
    """One child across requests, as confirmed by people (EV-4); it never crosses the wall."""

    __tablename__ = "identity"

    wall: Mapped[Wall] = mapped_column()
    made_at: Mapped[datetime] = mapped_column()


class IdentityLink(Entity):
    """A person of one request who is that child: confirmed by someone, and undone if wrong."""

    __tablename__ = "identity_link"
    __table_args__ = (
        Index(
            "uq_identity_link_live",
            "wall",
            "person_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index(None, "wall", "identity_id"),
    )

    wall: Mapped[Wall] = mapped_column(server_default="open")
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    identity_id: Mapped[UUID] = mapped_column(ForeignKey("identity.id"))
    identity: Mapped[Identity] = relationship(
        lazy="raise",
        primaryjoin="and_(Identity.wall == IdentityLink.wall, Identity.id == foreign(IdentityLink.identity_id))",
    )
    by_id: Mapped[UUID] = mapped_column()
    at: Mapped[datetime] = mapped_column()
    undone_at: Mapped[datetime | None] = mapped_column()


class MatchKey(Entity):
    """A keyed hash under which a child may be found again: always a pair, or a unique number."""

    __tablename__ = "match_key"
    __table_args__ = (Index(None, "wall", "kind", "key"), Index(None, "wall", "person_id"))

    wall: Mapped[Wall] = mapped_column()
    kind: Mapped[str] = mapped_column()
    key: Mapped[str | bytes] = mapped_column(KeyedHash("match"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))


class SimilarityState(StrEnum):
    """What a person said of a hint."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    SET_ASIDE = "set_aside"


class Similarity(Entity):
    """A hint that a child of a request was seen before; nothing is merged by it (EV-4)."""

    __tablename__ = "similarity"
    __table_args__ = (
        UniqueConstraint("wall", "person_id", "earlier_id"),
        Index(None, "wall", "earlier_id"),
        Index(None, "wall", "request_id", "state"),
    )

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    earlier_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    earlier_request_id: Mapped[UUID] = mapped_column()
    score: Mapped[int] = mapped_column()
    agrees: Mapped[list[str]] = mapped_column()  # reason codes
    differs: Mapped[list[str]] = mapped_column()
    state: Mapped[SimilarityState] = mapped_column()
    found_at: Mapped[datetime] = mapped_column()
    by_id: Mapped[UUID | None] = mapped_column()
    answered_at: Mapped[datetime | None] = mapped_column()
