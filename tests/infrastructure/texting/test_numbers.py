"""Our numbers by the settings; the numbers of others as far as they are numbers (S4, S7)."""

from __future__ import annotations

import pytest

from infrastructure.database import Wall
from infrastructure.house import House
from infrastructure.texting.numbers import can_be_answered, channel_of, endpoints, find_endpoint, plain_number
from tests.plugins.house import SENDIASS_NUMBER, SOCIAL_CARE_NUMBER


@pytest.mark.rule("SE-5")
def test_what_comes_to_a_number_of_sendiass_is_behind_the_wall(house: House) -> None:
    found = {(one.channel, one.number): (one.pathway, one.wall) for one in endpoints(house.settings)}
    assert found == {
        ("sms", SENDIASS_NUMBER): ("sendiass", Wall.SENDIASS),
        ("whatsapp", SENDIASS_NUMBER): ("sendiass", Wall.SENDIASS),
        ("sms", SOCIAL_CARE_NUMBER): ("social_care", Wall.OPEN),
    }


@pytest.mark.threat("S7")
def test_a_number_is_ours_by_its_channel_and_a_strange_one_is_nobodys(house: House) -> None:
    found = find_endpoint(house.settings, "whatsapp", f"whatsapp:{SENDIASS_NUMBER}")
    assert found is not None and found.wall is Wall.SENDIASS
    assert find_endpoint(house.settings, "whatsapp", f"whatsapp:{SOCIAL_CARE_NUMBER}") is None
    assert find_endpoint(house.settings, "sms", "+447700900999") is None


@pytest.mark.threat("S4")
@pytest.mark.parametrize(
    ("raw", "plain", "answered"),
    [
        ("+447700900123", "+447700900123", True),
        ("whatsapp:+447700900123", "+447700900123", True),
        (" 07700 900123 ", "+447700900123", True),
        ("+353 85 123 4567", "+353851234567", True),
        ("60777", "60777", False),
        ("NHSnoreply", "NHSnoreply", False),
        ("+266696687", "+266696687", False),
        ("+12", "+12", False),
        ("", "", False),
    ],
)
def test_a_sender_is_read_as_a_number_where_it_is_one_and_only_that_is_answered(
    raw: str, plain: str, answered: bool
) -> None:
    assert plain_number(raw) == plain
    assert can_be_answered(plain) is answered


def test_the_channel_stands_before_the_number() -> None:
    assert [channel_of(raw) for raw in ("whatsapp:+447700900123", "+447700900123", "WhatsApp:+44")] == [
        "whatsapp",
        "sms",
        "whatsapp",
    ]
