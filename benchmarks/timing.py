"""Medians of repeated runs."""

from collections.abc import Callable
from statistics import median
from time import perf_counter_ns


def microseconds(run: Callable[[], object], times: int) -> float:
    """The median time of one run in microseconds, after a warm-up of a tenth as many."""
    for _ in range(max(1, times // 10)):
        run()
    taken = []
    for _ in range(times):
        start = perf_counter_ns()
        run()
        taken.append(perf_counter_ns() - start)
    return median(taken) / 1000


def paired(first: Callable[[], object], second: Callable[[], object], times: int) -> tuple[float, float]:
    """The medians of two things run in turn, so that the machine's moods hit both alike."""
    taken: tuple[list[int], list[int]] = ([], [])
    for n in range(times + times // 10):
        for run, into in zip((first, second), taken, strict=True):
            start = perf_counter_ns()
            run()
            if n >= times // 10:
                into.append(perf_counter_ns() - start)
    return median(taken[0]) / 1000, median(taken[1]) / 1000
