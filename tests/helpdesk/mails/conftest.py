"""An installation with three mailboxes, and who reads their mail on each side of the wall."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from infrastructure.house import House
from infrastructure.identity.users import User
from tests.factories import County
from tests.helpdesk.web.walking import Staff
from tests.posting import Post
from tests.service_request.services.mail.conftest import _apps_with_mail, app, clock, post  # noqa: F401
from tests.wall.inside import make_adviser


@pytest.fixture
def officer(post: Post, session: Session, house: House, county: County) -> Staff:  # noqa: F811
    """Grace Oyelaran of the helpdesk."""
    return signed_in(post, county.officer)


@pytest.fixture
def adviser_user(session: Session, post: Post) -> User:  # noqa: F811
    """Nuala Byrne of SENDIASS."""
    return make_adviser(session)


@pytest.fixture
def adviser(post: Post, adviser_user: User) -> Staff:  # noqa: F811
    return signed_in(post, adviser_user)


def signed_in(post: Any, user: User) -> Staff:  # noqa: F811
    """Give somebody a browser with a live session."""
    from flask import current_app

    return Staff(current_app._get_current_object()).signed_in(post.session, post.house, user)  # type: ignore[attr-defined]
