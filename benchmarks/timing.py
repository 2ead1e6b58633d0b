"""Repeated runs: the middle of what they took, and how far apart they lie."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median, quantiles
from time import perf_counter_ns, process_time_ns

ENOUGH = 4
"""From so many runs on, the spread is where the middle half of them lies; of fewer, where all of them lie."""


@dataclass(frozen=True, slots=True)
class Runs:
    """What each of several runs came to, in the order they were made."""

    each: tuple[float, ...]

    @classmethod
    def of(cls, *each: float) -> "Runs":
        return cls(each)

    @property
    def middle(self) -> float:
        return median(self.each)

    @property
    def spread(self) -> tuple[float, float]:
        if len(self.each) < ENOUGH:
            return min(self.each), max(self.each)
        low, _, high = quantiles(self.each, n=4, method="inclusive")
        return low, high

    def over(self, peer: "Runs") -> "Runs":
        """The ratio to a peer that was measured in turn with it, run by run."""
        return Runs(tuple(ours / theirs for ours, theirs in zip(self.each, peer.each, strict=True)))


def timed(run: Callable[[], object], times: int, unit: int, clock: Callable[[], int] = perf_counter_ns) -> Runs:
    """What runs take, after a warm-up of a tenth as many unless there is only one; a unit is so many nanoseconds."""
    for _ in range(times // 10 or times > 1):
        run()
    return Runs(tuple(_once(run, clock) / unit for _ in range(times)))


microseconds = partial(timed, unit=1_000)
milliseconds = partial(timed, unit=1_000_000)
cpu_milliseconds = partial(timed, unit=1_000_000, clock=process_time_ns)


def paired(first: Callable[[], object], second: Callable[[], object], times: int) -> tuple[Runs, Runs]:
    """Microseconds of two things run in turn, so that the machine's moods hit both alike."""
    taken = [(_once(first) / 1_000, _once(second) / 1_000) for _ in range(times + times // 10)]
    ours, theirs = zip(*taken[times // 10 :], strict=True)
    return Runs(ours), Runs(theirs)


def _once(run: Callable[[], object], clock: Callable[[], int] = perf_counter_ns) -> int:
    start = clock()
    run()
    return clock() - start
