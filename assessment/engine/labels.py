"""How far the first actions of a plan agree with what independent readers of the same cases would do first.

A regression figure, not an accuracy: the readers and the authored impacts have met.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assessment.engine.answers import read_sheet
from assessment.engine.assess import assess
from assessment.engine.loading import Scenario
from assessment.engine.questionnaire import Questionnaire

FIRST, EARLY = 5, 10


@dataclass(frozen=True, slots=True)
class Agreement:
    """Consensus picks found among the first five actions, how many could be found, and what came too early."""

    found: int
    possible: int
    missed: tuple[str, ...]
    too_early: tuple[str, ...]

    def __str__(self) -> str:
        early = (
            f"; too early: {', '.join(self.too_early)}" if self.too_early else "; nothing too early in the first ten"
        )
        return f"labelled cases: {self.found} of {self.possible} consensus picks in the first five{early}"


def agreement(questionnaire: Questionnaire, scenarios: Sequence[Scenario], labels: Mapping[str, Any]) -> Agreement:
    """Compare every scenario that has a labelled case of its code (`consensus` and `never_early_both`)."""
    found = possible = 0
    missed, early = [], []
    for scenario in scenarios:
        label = labels["cases"].get(scenario.case.code)
        if label is None:
            continue
        sheet = read_sheet(questionnaire, {"answers": scenario.answers, "depth": scenario.depth})
        codes = [_unsplit(action.code) for action in assess(questionnaire, sheet.answers, sheet.depth).plan]
        wanted = set(label["consensus"])
        hits = wanted & set(codes[:FIRST])
        found += len(hits)
        possible += min(FIRST, len(wanted))
        missed += [f"{scenario.case.code} {code}" for code in sorted(wanted - hits)]
        early += [f"{scenario.case.code} {code}" for code in codes[:EARLY] if code in label["never_early_both"]]
    return Agreement(found, possible, tuple(missed), tuple(early))


def _unsplit(code: str) -> str:
    """The code a split recommendation had when the cases were labelled: R-B4a was R-B4."""
    return re.sub(r"(?<=\d)[a-z]$", "", code)
