"""When something that did not arrive is tried again: the Standard Webhooks schedule, for webhooks and for mail."""

from collections.abc import Callable
from datetime import datetime, timedelta

WAITS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER = 0.2
LONGEST_WISH = timedelta(hours=24)


def next_try(attempts: int, now: datetime, after: timedelta | None, random: Callable[[], float]) -> datetime | None:
    """When to try after so many attempts; None is: given up. What the other side asked for is waited, up to a day."""
    if attempts >= len(WAITS):
        return None
    wait = WAITS[attempts] * (1 - JITTER + 2 * JITTER * random())
    return now + max(wait, min(after or timedelta(0), LONGEST_WISH))
