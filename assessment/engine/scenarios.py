"""Scenarios run against a questionnaire: whole firms whose outcome is written down, and held."""

from collections.abc import Iterator, Sequence
from typing import Any

from assessment.engine.answers import Answer, read_sheet
from assessment.engine.assess import assess
from assessment.engine.loading import Scenario
from assessment.engine.measuring import short
from assessment.engine.problems import Problem
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.result import Certainty, Outcome

FIRST = 5
"""How many of the first actions a scenario names."""


def run_scenarios(questionnaire: Questionnaire, scenarios: Sequence[Scenario]) -> tuple[Problem, ...]:
    """Every scenario that comes to something else than it says: code `scenario`, at the line that says it."""
    return tuple(problem for scenario in scenarios for problem in _run(questionnaire, scenario))


def _run(questionnaire: Questionnaire, scenario: Scenario) -> Iterator[Problem]:
    case, wrong = scenario.case, False
    answers: dict[str, Answer] = {}
    for question, raw in case.answers.items():
        sheet = read_sheet(questionnaire, {"answers": {question: raw}}, scenario.at(("answers", question)))
        answers.update(sheet.answers)
        wrong = wrong or bool(sheet.problems)
        yield from sheet.problems
    if wrong:
        return
    got = _got(questionnaire, assess(questionnaire, answers, case.depth))
    for name, expected in case.expect.model_dump(exclude_none=True, exclude={"banks", "measures"}).items():
        if got[name] != expected:
            yield _differs(scenario, name, expected, got[name])
    for bank, score in case.expect.banks.items():
        if got["banks"].get(bank) != score:
            yield _differs(scenario, f"banks.{bank}", score, got["banks"].get(bank))
    for measure, said in case.expect.measures.items():
        if got["measures"].get(measure) != said:
            yield _differs(scenario, f"measures.{measure}", said, got["measures"].get(measure))


def _got(questionnaire: Questionnaire, outcome: Outcome) -> dict[str, Any]:
    confirmed = [f for f in outcome.findings if f.certainty is Certainty.CONFIRMED and f.severity == "critical"]
    return {
        "overall": outcome.overall and outcome.overall.score,
        "band": outcome.overall and outcome.overall.band,
        "banks": {bank.id: bank.score for bank in outcome.banks},
        "criticals": tuple(finding.rule for finding in confirmed),
        "signs": outcome.signs and outcome.signs.count,
        "first": tuple(action.id for action in outcome.plan[:FIRST]),
        "measures": {result.id: short(result) for result in outcome.measures},
    }


def _differs(scenario: Scenario, name: str, expected: Any, got: Any) -> Problem:
    message = f"{scenario.case.name}: {name} should be {_said(expected)}, and is {_said(got)}"
    return Problem("scenario", message, "", scenario.at(("expect", *name.split("."))))


def _said(value: Any) -> str:
    return ", ".join(value) or "none" if isinstance(value, tuple) else "nothing" if value is None else str(value)
