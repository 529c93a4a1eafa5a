"""The office calendar as data: hours of each weekday, days closed and opened (EV-7)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity


class OfficeHours(Entity):
    """From when to when the office works on one weekday (0: Monday); a weekday without a row is not worked."""

    __tablename__ = "office_hours"
    __table_args__ = (UniqueConstraint("weekday"),)

    weekday: Mapped[int] = mapped_column()
    opens: Mapped[str] = mapped_column()  # "09:00", by the clock on the wall
    closes: Mapped[str] = mapped_column()


class CalendarDay(Entity):
    """A day that is not as its weekday says: a bank holiday of our own, a closure, or a day worked after all."""

    __tablename__ = "calendar_day"
    __table_args__ = (UniqueConstraint("day"),)

    day: Mapped[date] = mapped_column(Date())
    is_worked: Mapped[bool] = mapped_column()
    name: Mapped[str] = mapped_column()
    by_id: Mapped[UUID | None] = mapped_column()
    at: Mapped[datetime] = mapped_column()
