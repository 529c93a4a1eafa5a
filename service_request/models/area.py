"""Areas of the authority, found by postcode, and the teams that serve them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity


class Area(Entity):
    """A part of the authority with its own referral and assessment team; one is the default (GL-8)."""

    __tablename__ = "area"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column()
    is_default: Mapped[bool] = mapped_column(default=False)


class AreaPrefix(Entity):
    """The beginning of a postcode that lies in an area; the longest that fits wins."""

    __tablename__ = "area_prefix"

    prefix: Mapped[str] = mapped_column(unique=True)  # as service_request.domain.postcodes.prefixes() writes it
    area_id: Mapped[UUID] = mapped_column(ForeignKey("area.id"))


class AreaTeam(Entity):
    """A team that serves an area."""

    __tablename__ = "area_team"
    __table_args__ = (UniqueConstraint("area_id", "team_id"), Index(None, "team_id"))

    area_id: Mapped[UUID] = mapped_column(ForeignKey("area.id"))
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"))


class RoutingRule(Entity):
    """Where a decided subject goes: the most specific rule that fits wins (None fits any)."""

    __tablename__ = "routing_rule"
    __table_args__ = (Index(None, "pathway", "standing", "option"),)

    pathway: Mapped[str] = mapped_column()
    standing: Mapped[str] = mapped_column()  # referral | contact
    option: Mapped[str] = mapped_column()  # the referral's action or the contact's reason
    area_id: Mapped[UUID | None] = mapped_column(ForeignKey("area.id"))
    need: Mapped[str | None] = mapped_column()  # a worry of the request or a need of the child; None: any
    is_beside: Mapped[bool] = mapped_column(default=False, server_default=false())  # given beside the first team
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"))
    since: Mapped[datetime] = mapped_column()
    until: Mapped[datetime | None] = mapped_column()
