"""Users, teams, memberships, sessions, secret links and counted attempts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from infrastructure.database import Entity, KeyedHash, Wall, sealed_text


class TeamKind(StrEnum):
    """What a team is for."""

    DESK = "desk"
    ASSESSMENT = "assessment"
    LOCALITY = "locality"
    SENDIASS = "sendiass"
    BROKERAGE = "brokerage"
    PROVIDER = "provider"
    COMMISSIONING = "commissioning"


class Role(StrEnum):
    """What a person does in a team."""

    OFFICER = "officer"
    MANAGER = "manager"
    MEMBER = "member"
    SERVICE_MANAGER = "service_manager"
    ADMINISTRATOR = "administrator"
    COMMISSIONER = "commissioner"


class UserAccount(Entity):
    """A member of staff."""

    __tablename__ = "user_account"

    name: Mapped[str] = mapped_column()
    email: Mapped[str] = mapped_column(unique=True)  # lower case
    password_hash: Mapped[str | None] = mapped_column()
    totp_sealed: Mapped[bytes | None] = mapped_column()
    totp = sealed_text("totp_sealed")
    totp_last_step: Mapped[int | None] = mapped_column()  # the step of the code used last: none is taken twice
    totp_since: Mapped[datetime | None] = mapped_column()  # when the secret was proven by a first code; None: not yet
    password_at: Mapped[datetime | None] = mapped_column()
    oidc_subject: Mapped[str | None] = mapped_column(unique=True)  # "issuer|subject" of the authority's own sign-in
    disabled_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


class Team(Entity):
    """A group of staff, with the side of the wall it works on."""

    __tablename__ = "team"

    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[TeamKind] = mapped_column()
    wall: Mapped[Wall] = mapped_column()
    email: Mapped[str | None] = mapped_column()  # the secure mailbox that is told of an assignment
    hours: Mapped[str | None] = mapped_column()  # "mon-fri 09:00-17:00; sat 10:00-12:00"; None: the office's own
    open_from: Mapped[datetime] = mapped_column()
    open_to: Mapped[datetime | None] = mapped_column()


class Membership(Entity):
    """A role held in a team for a time; ended, never deleted."""

    __tablename__ = "membership"
    __table_args__ = (Index(None, "user_id", "until"), Index(None, "team_id", "role", "until"))

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"))
    role: Mapped[Role] = mapped_column()
    since: Mapped[datetime] = mapped_column()
    until: Mapped[datetime | None] = mapped_column()
    user: Mapped[UserAccount] = relationship(lazy="raise")
    team: Mapped[Team] = relationship(lazy="raise")


class WebSession(Entity):
    """A session kept on the server; the browser holds its token, we its hash."""

    __tablename__ = "web_session"

    token: Mapped[str | bytes] = mapped_column(KeyedHash("session", until="ends_at"), unique=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    link_id: Mapped[UUID | None] = mapped_column()  # a person outside, proven by link and code
    how: Mapped[str] = mapped_column(default="", server_default="")  # password | totp | recovery | oidc | code
    is_pending: Mapped[bool] = mapped_column(default=False, server_default=false())  # the second factor is still owed
    is_remembered: Mapped[bool] = mapped_column(default=False, server_default=false())  # for a shift, if they wish
    device: Mapped[str | None] = mapped_column()  # "Firefox on Windows", for the list of one's own sessions
    started_at: Mapped[datetime] = mapped_column()
    seen_at: Mapped[datetime] = mapped_column()
    ends_at: Mapped[datetime] = mapped_column()


class RecoveryCode(Entity):
    """A code on paper that stands for the authenticator once, kept as a hash."""

    __tablename__ = "recovery_code"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    code_hash: Mapped[str] = mapped_column()  # Argon2id
    made_at: Mapped[datetime] = mapped_column()
    used_at: Mapped[datetime | None] = mapped_column()


class LinkPurpose(StrEnum):
    """What a secret link opens."""

    OUTCOME = "outcome"
    COMPLETE = "complete"  # the written form that follows an urgent call (GL-1)
    ANSWER = "answer"  # what the desk asked the referrer for (GL-3)
    PROVE = "prove"  # a work address, by code (GL-14)
    FIND_DRAFTS = "find_drafts"
    MINE = "mine"  # a referrer's own requests: drafts, sent, asked, outcomes
    PART = "part"  # a part of a draft, for a colleague of the same agency
    INVITATION = "invitation"
    RESET = "reset"
    MESSAGE = "message"  # what an officer wrote, behind a code (EV-6)
    RECEIPT = "receipt"  # of a form to SENDIASS, for a day: its reference stands in no address (T21, T27)


class SecretLink(Entity):
    """A secret in someone else's hands, kept as a hash, with the code that proves the address."""

    __tablename__ = "secret_link"
    __table_args__ = (Index(None, "wall", "about_kind", "about_id", "purpose"),)

    token: Mapped[str | bytes] = mapped_column(KeyedHash("link", until="expires_at"), unique=True)
    purpose: Mapped[LinkPurpose] = mapped_column()
    about_kind: Mapped[str] = mapped_column()
    about_id: Mapped[UUID] = mapped_column()
    address_sealed: Mapped[bytes | None] = mapped_column()
    address = sealed_text("address_sealed")
    wall: Mapped[Wall] = mapped_column(default=Wall.OPEN)
    expires_at: Mapped[datetime] = mapped_column()
    code: Mapped[str | bytes | None] = mapped_column(KeyedHash("code", until="code_expires_at"))
    code_expires_at: Mapped[datetime | None] = mapped_column()
    tries_left: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None] = mapped_column()


class AttemptCount(Entity):
    """How often something was tried in one window of time, by the hash of who tried it."""

    __tablename__ = "attempt_count"
    __table_args__ = (UniqueConstraint("key", "window_start"),)

    key: Mapped[str | bytes] = mapped_column(KeyedHash("attempt"))
    window_start: Mapped[datetime] = mapped_column()
    count: Mapped[int] = mapped_column()
