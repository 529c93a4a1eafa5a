"""A flood from one address gets 429; another address is served (T1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from flask import Flask

from tests.factories import NOW


@pytest.mark.storage
def test_a_flood_of_posts_from_one_address_is_slowed_and_another_address_is_served(
    make_app: Callable[..., Flask],
) -> None:
    client = make_app(posts_a_minute=5).test_client()
    answers = [client.post("/", environ_base={"REMOTE_ADDR": "127.0.0.2"}) for _ in range(8)]
    assert [answer.status_code for answer in answers].count(429) == 3
    assert "Wait a minute" in answers[-1].text
    assert "999" in answers[-1].text
    assert client.post("/", environ_base={"REMOTE_ADDR": "127.0.0.3"}).status_code == 200
    assert client.get("/", environ_base={"REMOTE_ADDR": "127.0.0.2"}).status_code == 200


def test_the_next_minute_is_served_again(make_app: Callable[..., Flask]) -> None:
    client = make_app(posts_a_minute=1).test_client()
    with time_machine.travel(NOW, tick=False) as clock:
        assert [client.post("/").status_code for _ in range(2)] == [200, 429]
        clock.shift(61)
        assert [client.post("/").status_code for _ in range(2)] == [200, 429]
