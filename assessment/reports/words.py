"""The fixed words of a report: how long, how much, by whom, and the sentences that stand in every one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from assessment.engine.advice import Cost, Horizon, Who
from assessment.engine.questionnaire import Words
from assessment.engine.questions import Depth
from assessment.engine.result import Cover, Leaning

COSTS: Mapping[Cost, str] = {
    Cost.NONE: "No cost",
    Cost.LOW: "Low cost",
    Cost.MEDIUM: "Some cost",
    Cost.HIGH: "High cost",
    Cost.VERY_HIGH: "Very high cost",
}

WHO: Mapping[Who, str] = {
    Who.OWNER: "You",
    Who.STAFF: "Somebody in your office",
    Who.PROVIDER: "Your {helper}",
}

HORIZONS: Mapping[Horizon, str] = {
    Horizon.NOW: "This week",
    Horizon.MONTH: "Within 30 days",
    Horizon.QUARTER: "Within 90 days",
    Horizon.YEAR: "Within a year",
}

LEANINGS: Mapping[Leaning, str] = {
    Leaning.REPAIRS: "closer to repairs",
    Leaning.BETWEEN: "some of each",
    Leaning.PREVENTION: "closer to prevention",
}

COVERS: Mapping[Cover, str] = {
    Cover.YES: "Yes, by your answers",
    Cover.PARTLY: "In part",
    Cover.NOT_YET: "Not yet",
    Cover.FIND_OUT: "Find out first",
}

DEPTHS: Mapping[Depth, str] = {
    Depth.QUICK: "Quick check",
    Depth.STANDARD: "Standard check",
    Depth.FULL: "Full check",
}

MUCH_UNKNOWN = "You were not sure about much of it, so it may be better than it looks; find out first."

NEUTRAL = (
    "A flat monthly fee is not always the cheapest choice. A small firm with few problems may rightly stay as it is. "
    "Compare it with what the last twelve months really cost you."
)

SELF_REPORTED = (
    "This report rests on your own answers. Nobody has checked them. It is not an audit, not proof that a "
    "law or a contract is met, and not legal advice."
)

JUDGEMENT = (
    "How much each question weighs, and where a rule holds a score back, is judgement. It is the same for every firm, "
    "whoever runs this check."
)


def doer(who: Who, words: Words, helped: bool = True) -> str:
    """Who does an action; `helped` says whether they have somebody whom they pay for such work."""
    if who is Who.PROVIDER and not helped:
        return f"You, or {words.hired} you book"
    return WHO[who].format(helper=words.helper)


def hours(owner: float, it: float, work: str = Words().work, whose: str = "your") -> str:
    """The work of an action in words: "½ hour of yours, 2 hours of IT work"."""
    parts = []
    if owner:
        parts.append(f"{duration(owner)} of {whose} time")
    if it:
        parts.append(f"{duration(it)} of {work}")
    return ", ".join(parts) or "a few minutes"


def duration(length: float) -> str:
    """Hours as a person says them, to the nearest quarter below an hour and half above."""
    if length < 1:
        return f"{max(5, round(length * 60 / 5) * 5)} minutes"
    halves = round(length * 2)
    whole = halves // 2
    number = f"{whole}½" if halves % 2 else str(whole)
    return f"{number} hour" if number == "1" else f"{number} hours"


def day(on: date) -> str:
    """A date as it is written out: "22 November 2026"."""
    return f"{on.day} {on:%B %Y}"


def points(count: int) -> str:
    return f"{count} point" if count == 1 else f"{count} points"


def joined(parts: Iterable[str]) -> str:
    """A list as English says it: "a", "a and b", "a, b and c"."""
    words = list(parts)
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else ""


def with_stop(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?", "…")) else f"{sentence}."


def reaches(band: str, steps: Sequence[int]) -> str:
    """The sentence on a smallest set of steps that reaches the next band."""
    if len(steps) == 1:
        return f"Step {steps[0]} alone lifts you to “{band}”."
    numbers = joined(runs(steps))
    return f"Steps {numbers} together lift you to “{band}”. None of them can be left out."


def runs(numbers: Iterable[int]) -> Iterator[str]:
    """Ascending numbers with their runs drawn together: "1", "3 to 6", "8"."""
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        first, *rest = [number for _, number in run]
        yield f"{first} to {rest[-1]}" if len(rest) > 1 else ", ".join(map(str, [first, *rest]))
