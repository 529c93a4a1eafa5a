"""SE-9: a number that is published is not small, and none that is hidden can be worked out."""

from __future__ import annotations

from itertools import product

import pytest

from service_request.domain.results import publish

pytestmark = [pytest.mark.rule("SE-8"), pytest.mark.rule("SE-9")]


def table(*counts: int) -> dict[str, int]:
    return {str(place): count for place, count in enumerate(counts)}


def shown(*counts: int, smallest: int = 5) -> list[int | None]:
    return list(publish(table(*counts), smallest).counts.values())


def test_large_numbers_are_shown_with_their_share() -> None:
    published = publish(table(12, 8, 20), 5)
    assert list(published.counts.values()) == [12, 8, 20]
    assert published.total == 40
    assert [published.percent(code) for code in published.counts] == [30, 20, 50]


def test_a_small_number_is_hidden_and_so_is_the_next_which_would_give_it_away() -> None:
    assert shown(30, 12, 7, 6, 2) == [30, 12, 7, None, None]


def test_two_small_numbers_hide_each_other() -> None:
    assert shown(30, 12, 7, 4, 2) == [30, 12, 7, None, None]


def test_nobody_is_hidden_like_somebody() -> None:
    assert shown(30, 12, 7, 1, 0) == [30, 12, None, None, None]


def test_fewer_answers_than_that_are_not_published_at_all() -> None:
    published = publish(table(4, 0), 5)
    assert published.total is None
    assert published.percent("0") is None
    assert list(published.counts.values()) == [None, None]


def test_a_hidden_number_has_no_share_either() -> None:
    assert publish(table(30, 2, 1), 5).percent("2") is None


@pytest.mark.parametrize(("answers", "smallest", "most"), [(2, 3, 16), (3, 3, 16), (3, 5, 22), (4, 3, 13), (5, 3, 11)])
def test_whoever_knows_the_rule_and_subtracts_finds_out_no_hidden_number(
    answers: int, smallest: int, most: int
) -> None:
    """Every table there is: what is published of it is also published of another, for each number that is hidden."""
    published: dict[tuple[int | None, ...], list[tuple[int, ...]]] = {}
    for counts in product(range(most + 1), repeat=answers):
        if sum(counts) <= most:
            page = publish(table(*counts), smallest)
            published.setdefault((page.total, *page.counts.values()), []).append(counts)
    for (_, *told), tables in published.items():
        for place, number in enumerate(told):
            assert number is None or number >= smallest
            if number is None:
                assert len({one[place] for one in tables}) > 1, (told, tables)
