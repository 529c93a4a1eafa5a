"""The carrier of texts as tests use it: on loopback, for the whole run; each test finds it empty."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from demonstration.carrier.account import Account
from demonstration.carrier.server import Carrier
from tests.plugins.house import ACCOUNT, CARRIER_AT, KEYS


@pytest.fixture(scope="session")
def _carrier() -> Iterator[Carrier]:
    account = Account(ACCOUNT, KEYS["twilio_auth_token"])
    made = Carrier(account, public_url="http://localhost", port=urlsplit(CARRIER_AT).port or 0, tells=False)
    yield made
    made.stop()


@pytest.fixture
def carrier(_carrier: Carrier) -> Account:
    """What the carrier has: `sent`, `sent_to(number)`, `receive(...)`, `faults`, `blocked`; it posts nothing by itself.

    `webhooks.params_of` and `report_of` (demonstration/carrier) make what tests/texting.py delivers, signed.
    """
    _carrier.account.clear()
    return _carrier.account
