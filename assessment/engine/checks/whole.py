"""What holds a questionnaire together: bands, signs, and how many kinds of firm it tells apart.

One generator per code; its docstring is that code's documentation.
"""

from itertools import pairwise
from math import prod

from assessment.engine.checks.subject import Subject, Wrong
from assessment.engine.questions import Depth, Kind
from assessment.engine.ranges import MOST_FIRMS, classes


def bands(it: Subject) -> Wrong:
    """The first band begins at 0, and each later one at a higher score."""
    starts = [band.at_least for band in it.questionnaire.bands]
    if not starts or starts[0] != 0 or any(before >= after for before, after in pairwise(starts)):
        yield "bands", f"the bands begin at {', '.join(map(str, starts)) or 'nothing'}"


def signs(it: Subject) -> Wrong:
    """Every sign is a scored question with a name and a limit; some reading fits whatever shows."""
    asked = it.questionnaire.signs
    if asked is None:
        return
    for question in asked.questions:
        if question not in asked.names or question not in asked.at_most:
            yield "signs", f"“{question}” needs a name and the best answer that still shows the sign"
        if not it.questionnaire.questions[question].scored:
            yield "signs", f"“{question}” is not scored, so it shows no sign"
    if asked.quick and it.questionnaire.questions[asked.quick].kind is not Kind.MULTIPLE:
        yield "signs", f"“{asked.quick}” asks for all signs at once, so it is a multiple question"
    if not any(reading.when is None and reading.at_least <= 0 for reading in asked.readings):
        yield "signs", "no reading fits a firm that shows no sign"


def too_many_firms(it: Subject) -> Wrong:
    """The facts leave so few kinds of firm apart that a range can try them all: at most 4,096."""
    count = prod(len(values) for values in classes(it.questionnaire, Depth.FULL).values())
    if count > MOST_FIRMS:
        yield "profile", f"conditions tell {count:,} kinds of firm apart; at most {MOST_FIRMS:,} can be tried"
