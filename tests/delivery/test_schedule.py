"""The schedule waits longer each time, scatters a little, honours what it is asked for, and ends."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.delivery.schedule import next_try

NOW = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
HOUR = 3600


def middle() -> float:
    return 0.5


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    list(enumerate([0, 5, 300, 1800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR])),
)
def test_the_waits_are_those_of_standard_webhooks(attempts: int, seconds: int) -> None:
    assert next_try(attempts, NOW, None, middle) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("after", [None, timedelta(seconds=1), timedelta(days=3)])
def test_after_ten_attempts_it_is_given_up_whatever_was_asked_for(after: timedelta | None) -> None:
    assert next_try(10, NOW, after, middle) is None
    assert next_try(11, NOW, after, middle) is None


@pytest.mark.parametrize(("draw", "share"), [(0.0, 0.8), (0.25, 0.9), (0.5, 1.0), (1.0, 1.2)])
def test_a_wait_is_scattered_by_a_fifth_either_way(draw: float, share: float) -> None:
    assert next_try(2, NOW, None, lambda: draw) == NOW + timedelta(seconds=300 * share)


@pytest.mark.parametrize(
    ("attempts", "after", "waited"),
    [
        (1, timedelta(minutes=10), timedelta(minutes=10)),
        (1, timedelta(seconds=1), timedelta(seconds=5)),
        (4, timedelta(minutes=10), timedelta(hours=2)),
        (1, timedelta(days=400), timedelta(hours=24)),
        (9, timedelta(days=400), timedelta(hours=24)),
        (1, timedelta(seconds=-30), timedelta(seconds=5)),
    ],
)
def test_what_the_other_side_asks_for_is_a_minimum_and_never_more_than_a_day(
    attempts: int, after: timedelta, waited: timedelta
) -> None:
    assert next_try(attempts, NOW, after, middle) == NOW + waited


@given(st.integers(0, 20), st.none() | st.timedeltas(), st.floats(0, 1))
def test_the_next_try_is_never_in_the_past_nor_later_than_a_day_and_a_fifth(
    attempts: int, after: timedelta | None, draw: float
) -> None:
    at = next_try(attempts, NOW, after, lambda: draw)
    assert (at is None) == (attempts >= 10)
    assert at is None or NOW <= at <= NOW + timedelta(hours=28, minutes=48)
