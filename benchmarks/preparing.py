"""What is measured is prepared by the product's own services: drafts filled to the last answer, a signed-in officer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from benchmarks.installing import let_go
from infrastructure.database import db, utc_now
from infrastructure.identity.models import UserAccount
from infrastructure.identity.signing_in import start_session
from service_request.pathways.social_care.forms import FormKind
from service_request.services.drafts import start_draft
from tests.answers import FULL_FORM, Answers

OFFICER = "g.oyelaran@westmarch.example"


@dataclass(frozen=True)
class FilledDraft:
    """A multi-agency form with every page filled, and the secret of the device that holds it."""

    id: UUID
    device: str


def answers_of(number: int) -> Answers:
    """Return the answers of one of many referrers: one address each, since a flood to one address is held back (T9)."""
    return {**FULL_FORM, "you": {**FULL_FORM["you"], "email": [f"s.rahman.{number}@brookfield.example"]}}


def fill_drafts(app: Flask, how_many: int) -> list[FilledDraft]:
    """Make drafts that wait to be checked and sent."""
    made = []
    with app.app_context():
        house, session = app.extensions["house"], db.session()
        for number in range(how_many):
            draft = start_draft(
                session, kind=FormKind.FULL, device=None, answers=answers_of(number), now=utc_now(), house=house
            )
            made.append(FilledDraft(draft.id, draft.device))
        let_go()
    return made


class Insider:
    """A browser in this process, that holds one cookie of ours."""

    def __init__(self, app: Flask, cookie: str, value: str) -> None:
        settings = app.extensions["house"].settings
        self.app, self.address, self.client = app, settings.public_url, app.test_client()
        name = f"__Host-{cookie}" if settings.is_https else cookie
        self.client.set_cookie(name, value, domain=settings.trusted_hosts[0], secure=settings.is_https)

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        with self.app.app_context():  # of its own: Flask-Login keeps who it was in the context around
            return self.client.get(path, base_url=self.address)

    def post(self, path: str, fields: dict[str, str]) -> TestResponse:
        """Send a form."""
        with self.app.app_context():
            return self.client.post(path, data=fields, base_url=self.address)


def sign_in_officer(app: Flask) -> str:
    """Start a session for an officer of the helpdesk, and return its token."""
    with app.app_context():
        session = db.session()
        officer = session.scalars(
            select(UserAccount.id).where(UserAccount.email == "g.oyelaran@westmarch.example")
        ).one()
        settings = app.extensions["house"].settings
        token = start_session(session, user_id=officer, settings=settings, now=utc_now())
        let_go()
    return token
