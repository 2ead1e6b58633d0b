"""How much the first five actions of each labelled firm depend on the exact impacts and weights: `make ranking`.

Impacts and weights are judgement. So each is moved by up to ±10 %, independently, a thousand times, and the plan is
put in order again. What it comes to stands in `docs/ranking.md`, and a test holds it.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from assessment.engine.answers import Sheet, read_sheet
from assessment.engine.loading import Scenario, load, load_scenarios
from assessment.engine.plan import candidates
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.scoring import score

FOLDER, PAGE = Path("questions/it-health"), Path("docs/ranking.md")
DRAWS, SEED, FIRST = 1000, 2026, 5
BY = 10
"""By how many percent a value is moved at most, up or down."""

FINE = 1000
"""Weights are whole numbers, so all are written this many times as large, and moved in steps of one."""

OFTEN = Fraction(2, 3)
"""An action that is among the first five in fewer draws than this is looked at."""


@dataclass(frozen=True)
class Stays:
    """One action of one firm: its place as authored (0: behind the first five), and in how many draws it is early."""

    action: str
    place: int
    draws: int


@dataclass(frozen=True)
class Ranking:
    """One firm: the first five as authored, and the challengers that are among them in some draws, most often first."""

    firm: Scenario
    draws: int
    first: tuple[Stays, ...]
    challengers: tuple[Stays, ...]

    @property
    def shaky(self) -> tuple[Stays, ...]:
        """The actions that leave the first five in more than a third of the draws."""
        return tuple(one for one in self.first if one.draws < OFTEN * self.draws)


@cache
def questionnaire() -> Questionnaire:
    return load(FOLDER).or_refuse()


@cache
def firms() -> tuple[Scenario, ...]:
    """The labelled firms."""
    return tuple(one for one in load_scenarios(FOLDER)[0] if one.case.code)


def moved(whole: Questionnaire, random: Random) -> Questionnaire:
    """The same questionnaire with every impact and every weight moved a little.

    It is built without validation, as an impact may be a fraction here, and is told apart by a digest of its own:
    what the engine works out once per questionnaire, it keeps by that. Fields alone are copied, so that nothing
    that was worked out from the old values comes along.
    """
    parts = {name: getattr(whole, name) for name in Questionnaire.model_fields}
    new = Questionnaire.model_construct(**parts | {"banks": tuple(_bank(bank, random) for bank in whole.banks)})
    new.__dict__["digest"] = f"{random.getrandbits(256):064x}"
    return new


def _bank(bank: Any, random: Random) -> Any:
    questions = (one.model_copy(update={"weight": _weight(one.weight, random)}) for one in bank.questions)
    advice = (one.model_copy(update=_impacts(one, random)) for one in bank.recommendations)
    weight = _weight(bank.weight, random)
    return bank.model_copy(update={"weight": weight, "questions": tuple(questions), "recommendations": tuple(advice)})


def _weight(weight: int, random: Random) -> int:
    return weight * random.randint(FINE - FINE * BY // 100, FINE + FINE * BY // 100)


def _impacts(advice: Any, random: Random) -> dict[str, Any]:
    """The impact of a recommendation, and those that take its place under a condition, all moved alike."""
    by = Fraction(_weight(1, random), FINE)
    overrides = (
        one if one.impact is None else one.model_copy(update={"impact": one.impact * by}) for one in advice.overrides
    )
    return {"impact": advice.impact * by, "overrides": tuple(overrides)}


def first_of(whole: Questionnaire, sheet: Sheet) -> tuple[str, ...]:
    """The ids of the first actions, in order."""
    found = candidates(score(whole, sheet.answers, sheet.depth))
    return tuple(one.id for one in found[:FIRST])


def rankings(some: Iterable[Scenario], draws: int = DRAWS, seed: int = SEED) -> Iterator[Ranking]:
    """What becomes of the first five of these firms; each draw is the same for all of them."""
    random, wanted = Random(seed), tuple(some)
    sheets = [read_sheet(questionnaire(), {"answers": one.case.answers, "depth": one.case.depth}) for one in wanted]
    early: list[Counter[str]] = [Counter() for _ in wanted]
    for _ in range(draws):
        drawn = moved(questionnaire(), random)
        for counts, sheet in zip(early, sheets, strict=True):
            counts.update(first_of(drawn, sheet))
    for firm, counts, sheet in zip(wanted, early, sheets, strict=True):
        now = first_of(questionnaire(), sheet)
        first = tuple(Stays(action, place, counts[action]) for place, action in enumerate(now, 1))
        others = sorted(set(counts) - set(now), key=lambda action: (-counts[action], action))
        yield Ranking(firm, draws, first, tuple(Stays(action, 0, counts[action]) for action in others))


LOOKED_AT = {
    ("C2", "access.password-manager"): """The last of the five, with two actions within 5 % of it: backing up the cloud
and daily backups. All three are for this week, and all three readers of the case put the password manager among their
five, one of them backing up the cloud too. Which comes fifth and which seventh is a coin toss; it does not matter, as
the owner is asked to do them in the same week.""",
    (
        "C5",
        "training.call-back-rule",
    ): """Eight confirmed critical findings at once, all for this week, six of them within
10 % of each other. The five that come first are the five that all three readers name. What falls out is done in the
same week as what comes in; it does not matter.""",
    ("C5", "backups.daily-backups"): """It is fifth because it has to be done before a copy can be unplugged, one of the
eight critical ones, and moves with that. Where it falls out, so has what needs it. All three readers name it; that it
stands so early rests on being needed, not on its own impact. It does not matter, as both move together.""",
}
"""What was found about the actions that leave the first five in more than a third of the draws."""

HEAD = """# How robust the first five actions are

Impacts and weights are judgement, and nobody can tell an impact of 82 from one of 78. So `make ranking` moves every
impact and every weight (of questions and of banks), each on its own and evenly, by up to ±{by} %, puts the plan of each
labelled firm in order again, and does that {draws:,} times (seed {seed}). The table says in how many of these draws an
action is among the first five. It is made by `benchmarks/ranking.py` and held by a test: when an impact, a weight, a
condition or the order of the plan changes, make it anew and read it.

An action that is among the first five in fewer than two draws out of three is **looked at**; what was found stands
below the table.
"""


def page(found: Iterable[Ranking]) -> str:
    """`docs/ranking.md`: a table, and what was found about the actions that do not stay."""
    all_of = tuple(found)
    lines = [HEAD.format(by=BY, draws=all_of[0].draws, seed=SEED)]
    lines += ["| firm | place | action | among the first five |", "|---|---|---|---|"]
    for one in all_of:
        lines += [f"| {_row(one, action)} |" for action in (*one.first, *one.challengers) if _share(one, action)]
    lines += ["", "Challengers that are among the first five in fewer than one draw out of a hundred are left out.", ""]
    lines += ["## Looked at", ""]
    lines += [f"* **{code} `{action}`**. {_in_a_line(LOOKED_AT[code, action])}" for code, action in shaky(all_of)]
    return "\n".join(lines) + "\n"


def shaky(found: Iterable[Ranking]) -> list[tuple[str, str]]:
    """The code of the firm and the action, of all that are to be looked at."""
    return [(str(one.firm.case.code), stays.action) for one in found for stays in one.shaky]


def _in_a_line(text: str) -> str:
    return " ".join(text.split())


def _row(one: Ranking, stays: Stays) -> str:
    code = questionnaire().recommendations[stays.action].code
    share, looked_at = f"{_share(one, stays)} %", " · looked at" if stays in one.shaky else ""
    place = str(stays.place) if stays.place else "challenger"
    return f"{one.firm.case.code} | {place} | {code} `{stays.action}` | {share}{looked_at}"


def _share(one: Ranking, stays: Stays) -> int:
    return (200 * stays.draws + one.draws) // (2 * one.draws)


def main() -> None:
    """Draw, and write the page."""
    argparse.ArgumentParser(prog="benchmarks.ranking", description=__doc__).parse_args()
    PAGE.write_text(page(rankings(firms())), encoding="utf-8")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
